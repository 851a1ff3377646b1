"""The colours as the stylesheet writes them, judged as WCAG judges them."""

import re
from pathlib import Path

import pytest
from django.conf import settings

STYLESHEET = (Path(settings.STATICFILES_DIRS[0]) / "callwright.css").read_text()
TOKENS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", STYLESHEET)
}
GROUNDS = ("canvas", "sunken", "surface", "raised", "hover")
TEXT_ON_GROUND = [(ink, ground) for ink in ("ink", "ink-muted", "accent") for ground in GROUNDS]
TEXT = [
    *TEXT_ON_GROUND,
    *[("ink-faint", ground) for ground in GROUNDS[:4]],
    *[(kind, "surface") for kind in ("good", "warn", "bad", "info")],
    *[(kind, "canvas") for kind in ("good", "warn", "bad", "info")],
    *[(kind, f"{kind}-soft") for kind in ("good", "warn", "bad", "info", "accent")],
    *[("ink", f"{kind}-soft") for kind in ("good", "warn", "bad", "info", "accent")],
    *[("accent", f"{kind}-soft") for kind in ("good", "warn", "bad", "info")],
    *[("on-accent", fill) for fill in ("accent-fill", "accent-fill-hover", "bad-fill", "bad-fill-hover")],
]
LINES = [("line-strong", "surface"), ("ring", "surface"), ("ring", "canvas"), ("accent-fill", "surface")]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink: str, ground: str, theme: str) -> None:
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), LINES)
def test_edges_and_the_focus_ring_can_be_seen(line: str, ground: str, theme: str) -> None:
    assert contrast(TOKENS[line][theme], TOKENS[ground][theme]) >= 3


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_every_token_that_is_used_exists() -> None:
    written = set(re.findall(r"^\s*--([\w-]+):", STYLESHEET, flags=re.MULTILINE))
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLESHEET)) <= written

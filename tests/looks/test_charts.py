import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from config.looks import charts

NUMBERS = st.one_of(
    st.none(),
    st.floats(),
    st.integers(),
    st.sampled_from([0, 1, -1, 10**400, -(10**400), math.nan, math.inf, -math.inf, 1e308, 5e-324]),
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=20)
KINDS = st.sampled_from(["good", "warn", "bad", "info", "neutral", "no such kind"])
PAIRS = st.lists(st.one_of(st.tuples(WORDS, NUMBERS), st.tuples(WORDS, NUMBERS, KINDS)), max_size=30)
SVG = "{http://www.w3.org/2000/svg}"


def drawing(svg: str) -> ET.Element:
    """Parse it as strictly as XML does, and check what every drawing owes its reader."""
    root = ET.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own
    assert root.get("role") == "img"
    assert (root.get("aria-label") or "").strip()
    assert root[0].tag == f"{SVG}title"
    assert root[1].tag == f"{SVG}desc"
    assert (root[1].text or "").strip()
    for element in root.iter():
        for name, value in element.attrib.items():
            if name != "aria-label":
                assert not {"nan", "inf"} & set(value.lower().replace("%", " ").replace(",", " ").split()), value
            assert name != "style"
    return root


@given(st.lists(NUMBERS, max_size=50), WORDS)
def test_a_sparkline_is_well_formed_whatever_it_is_given(values: list[object], label: str) -> None:
    drawing(charts.sparkline(values, label=label or "Calls"))


@given(PAIRS, WORDS)
def test_bars_are_well_formed_and_stay_inside_their_frame(pairs: Sequence[Sequence[object]], label: str) -> None:
    for bar in drawing(charts.bars(pairs, label=label or "Calls")).iter(f"{SVG}rect"):
        assert 0 <= float(bar.attrib["height"].rstrip("%")) <= 100.001
        assert 0 <= float(bar.attrib["x"].rstrip("%")) <= 100


@given(PAIRS)
def test_parts_share_out_the_whole(pairs: Sequence[Sequence[object]]) -> None:
    parts = charts.parts_of(pairs)
    shares = sum(part.share for part in parts)
    assert shares == pytest.approx(1) or not any(part.value for part in parts)
    drawing(charts.donut(parts, label="Endings"))
    drawing(charts.stacked_bar(parts, label="Endings"))


@given(st.lists(st.one_of(st.booleans(), st.sampled_from(["open", "closed", "partly", "odd"])), max_size=40))
def test_a_day_always_has_twenty_four_hours(hours: list[object]) -> None:
    cells = list(drawing(charts.hours_strip(hours, label="Hours", now_hour=10)).iter(f"{SVG}rect"))
    assert len(cells) == 24


@given(PAIRS)
def test_the_longest_of_a_ranking_fills_its_line(pairs: Sequence[Sequence[object]]) -> None:
    rows = charts.ranked(pairs)
    widths = [float(width.rstrip("%")) for _, width in rows]
    assert all(0 <= width <= 100 for width in widths)
    assert not any(part.value for part, _ in rows) or max(widths) == pytest.approx(100)


def test_nothing_at_all_says_so() -> None:
    for svg in (
        charts.sparkline([], label="Calls"),
        charts.bars([], label="Calls"),
        charts.donut([], label="Calls"),
        charts.stacked_bar([], label="Calls"),
    ):
        assert drawing(svg).get("aria-label") == "Calls. No data yet."


def test_a_single_point_is_drawn_as_a_level_line() -> None:
    line = drawing(charts.sparkline([7], label="Calls")).find(f"{SVG}polyline")
    assert line is not None
    assert line.get("points") == "0.00,2.00 100.00,2.00"


def test_a_strip_of_hours_is_said_in_spans() -> None:
    hours = [8 <= hour < 12 or 13 <= hour < 20 for hour in range(24)]
    assert "Open 08:00 to 12:00 and 13:00 to 20:00. At 12:00, the hour it is there: closed." in charts.hours_strip(
        hours, label="New York", now_hour=12
    )


def test_labels_from_people_are_escaped() -> None:
    svg = charts.bars([("<script>alert(1)</script>", 3)], label='"><b>')
    assert "<script>" not in svg
    assert "<b>" not in svg


@pytest.mark.parametrize("tag", ["bars", "ranked", "donut", "stacked_bar"])
def test_each_chart_has_its_numbers_as_text_too(tag: str) -> None:
    html = Template(f"{{% {tag} pairs label='Calls' %}}").render(Context({"pairs": [("Monday", 1204), ("Sunday", 0)]}))
    assert "Monday" in html
    assert "1,204" in html

from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template

from tests.looks.markup import faults

FOLDER = Path(engines["django"].dirs[0])
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_no_inline_script_or_style(name: str) -> None:
    assert faults((FOLDER / name).read_text()) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p {}</style>",
        '<p style="color: red">',
        '<a onclick="go()">',
        '<a hx-on:click="go()">',
        '<a href="javascript:go()">',
        "<div hx-vals='js:{a: 1}'>",
        "<svg><rect style='fill: red'/></svg>",
    ],
)
def test_the_reader_finds_what_it_looks_for(html: str) -> None:
    assert faults(html)


def test_the_reader_lets_our_own_files_pass() -> None:
    assert faults('<script src="/static/callwright.js" defer></script><p class="muted">fine</p>') == []

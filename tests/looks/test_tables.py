from xml.etree import ElementTree as ET

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from config.looks.sorting import chosen_sort

ALLOWED = {"name": "user__name", "joined": "joined_at"}


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ("name", "user__name"),
        ("-name", "-user__name"),
        (None, "-joined_at"),
        ("", "-joined_at"),
        ("password", "-joined_at"),
        ("--name", "-joined_at"),
        ("user__password", "-joined_at"),
    ],
)
def test_only_what_the_page_offers_can_be_sorted_by(asked: str | None, order: str) -> None:
    assert chosen_sort(asked, allowed=ALLOWED, default="-joined") == order


def heading(query: str, tag: str = '{% sort_header "name" "Name" default="name" %}') -> ET.Element:
    page = Template(tag).render(Context({"request": RequestFactory().get(f"/people/{query}")}))
    return ET.fromstring(page)  # noqa: S314 - our own


def test_a_heading_says_its_order_and_a_click_turns_it_round() -> None:
    up, down, other = heading("?sort=name"), heading("?sort=-name"), heading("?sort=joined")
    assert (up.get("aria-sort"), up[0].get("href")) == ("ascending", "?sort=-name")
    assert (down.get("aria-sort"), down[0].get("href")) == ("descending", "?sort=name")
    assert (other.get("aria-sort"), other[0].get("href")) == (None, "?sort=name")


def test_sorting_keeps_the_filter_and_goes_back_to_the_first_page() -> None:
    assert heading("?role=OWNER&page=3")[0].get("href") == "?role=OWNER&sort=-name"


def pages(number: int, query: str = "?role=OWNER") -> str:
    page = Paginator(range(100), 25).get_page(number)
    context = Context({"request": RequestFactory().get(f"/people/{query}"), "page": page})
    return Template("{% pagination page %}").render(context)


def test_pages_are_counted_and_linked() -> None:
    html = pages(2)
    assert "Page 2 of 4" in html
    assert 'rel="prev" href="?role=OWNER&amp;page=1"' in html
    assert 'rel="next" href="?role=OWNER&amp;page=3"' in html


def test_the_first_page_has_no_page_before_it() -> None:
    assert 'rel="prev"' not in pages(1)


def test_a_single_page_needs_no_links() -> None:
    page = Paginator([1, 2], 25).get_page(1)
    assert Template("{% pagination page %}").render(Context({"page": page})).strip() == ""


@pytest.mark.parametrize("tag", ['{% icon "no such icon" %}', '{% badge "Word" "no such kind" %}'])
def test_a_misspelt_name_is_found_while_building(tag: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="There is no"):
        Template(tag).render(Context())

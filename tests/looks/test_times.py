from datetime import datetime, timedelta, timezone

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from config.looks import times
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=9), "just now"),
        (timedelta(seconds=59), "59 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=364), "12 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(minutes=-5), "in 5 minutes"),
    ],
)
def test_an_instant_is_told_from_now(apart: timedelta, words: str) -> None:
    assert times.relative(NOW - apart, now=NOW) == words


@given(st.datetimes(timezones=st.just(NOW.tzinfo)))
def test_any_instant_has_words(when: datetime) -> None:
    assert times.relative(when, now=NOW)


def test_the_exact_instant_is_told_in_utc() -> None:
    assert times.exact(NOW.astimezone(timezone(timedelta(hours=-5)))) == "3 Mar 2026, 15:30 UTC"


def test_a_page_shows_both() -> None:
    html = Template("{% relative_time when %}").render(Context({"when": NOW - timedelta(hours=2), "now": NOW}))
    assert html == ('<time datetime="2026-03-03T13:30:00+00:00" title="3 Mar 2026, 13:30 UTC">2 hours ago</time>')


def test_never_is_a_word() -> None:
    shown = Template("{% relative_time when %}, {% moment when empty='not yet' %}").render(Context({"when": None}))
    assert shown == "never, not yet"

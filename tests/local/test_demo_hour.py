from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.local.demo_hour import NEW_YORK, Reading, is_lawful, next_demo_hour, resumed, sentence

MOMENTS = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TUESDAY = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), TUESDAY),
        (TUESDAY, TUESDAY),
        (TUESDAY + timedelta(seconds=1), TUESDAY + timedelta(days=7)),
        (datetime(2026, 7, 5, 0, 0, tzinfo=UTC), datetime(2026, 7, 7, 14, 30, tzinfo=UTC)),  # summer time
        (datetime(2029, 12, 24, 0, 0, tzinfo=UTC), datetime(2030, 1, 8, 15, 30, tzinfo=UTC)),  # two Tuesdays off
    ],
)
def test_the_demo_starts_on_a_tuesday_at_half_past_ten_in_new_york(after: datetime, expected: datetime) -> None:
    assert next_demo_hour(after) == expected


@given(MOMENTS)
def test_a_demo_hour_is_never_past_and_always_lawful(after: datetime) -> None:
    hour = next_demo_hour(after)
    local = hour.astimezone(NEW_YORK)
    assert hour >= after
    assert (local.weekday(), local.hour, local.minute) == (1, 10, 30)
    assert is_lawful(hour)


@given(MOMENTS, st.lists(st.timedeltas(timedelta(0), timedelta(days=10)), max_size=6), st.sampled_from([1.0, 60.0]))
def test_the_clock_is_lawful_at_every_start_and_never_goes_back(
    first: datetime, pauses: list[timedelta], speed: float
) -> None:
    real, kept = first, resumed(None, real=first, speed=1)
    for pause in pauses:
        before, real = kept.at(real), real + pause
        kept = resumed(kept, real=real, speed=speed)
        assert kept.at(real) >= before
        assert is_lawful(kept.at(real))
        assert kept.speed == speed


def test_a_lawful_clock_goes_on_where_it_stood() -> None:
    kept = Reading(start=TUESDAY, anchor=datetime(2026, 11, 21, tzinfo=UTC))
    assert resumed(kept, real=kept.anchor + timedelta(hours=3), speed=1) == kept


def test_it_says_when_and_how_fast_it_is() -> None:
    kept = Reading(start=TUESDAY, anchor=TUESDAY, speed=60)
    assert sentence(kept, real=TUESDAY) == "Tuesday 24 November 2026, 10:30 in New York, running 60 times as fast"

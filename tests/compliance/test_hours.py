"""Open to the second, on every clock, on the nights when clocks change."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest
import pytz

from compliance import hours
from compliance.facts import Address, Place
from compliance.hours import HoursKey, Timetable
from compliance.numbers import place
from compliance.policy import NO_POLICY
from compliance.rulebook import windows
from tests.compliance.cast import BOOK, NUMBERS

CHAOS = bool(os.environ.get("CALLWRIGHT_CHAOS"))
ALL_ZONES = sorted({zone for jurisdiction in BOOK.jurisdictions.values() for zone in jurisdiction.zones})


def timetable_of(key: HoursKey) -> Timetable:
    return hours.timetable(key, policy=NO_POLICY, seller=None, rulebook=BOOK)


def federal(zone: str) -> Timetable:
    return timetable_of(HoursKey(zones=(zone,), jurisdictions=(), purpose="informational"))


def home_of(state: str) -> Place:
    number, code = NUMBERS[state]
    return place(number, address=Address(state=state, zip=code), confirmed_zone=None, rulebook=BOOK)


def instant(zone: str, text: str) -> datetime:
    """Local text to UTC by another library's tables."""
    return pytz.timezone(zone).localize(datetime.fromisoformat(text)).astimezone(UTC)


@pytest.mark.parametrize("state", sorted(NUMBERS))
def test_every_second_around_each_edge_is_judged_alike(state: str) -> None:
    """Two minutes either side of every opening and closing, in winter and in summer: one change, at the edge."""
    key = hours.key_for(home_of(state), purpose="marketing", policy=NO_POLICY, rulebook=BOOK)
    timetable = timetable_of(key)
    for day in (date(2026, 12, 8), date(2027, 7, 13), date(2027, 7, 10)):
        noon = datetime.combine(day, datetime.min.time(), tzinfo=UTC)
        for opens, closes in timetable.spans(noon, noon + timedelta(days=1)):
            for edge, before in ((opens, False), (closes, True)):
                if noon < edge < noon + timedelta(days=1):
                    for second in range(-120, 120):
                        open_now = not timetable.blocks(edge + timedelta(seconds=second))
                        assert open_now is (before if second < 0 else not before), (state, edge, second)


def transitions(zone: str) -> list[datetime]:
    table = pytz.timezone(zone)
    moments = [moment.replace(tzinfo=UTC) for moment in getattr(table, "_utc_transition_times", [])]
    return [
        moment for moment in moments if datetime(2026, 1, 1, tzinfo=UTC) < moment < datetime(2028, 1, 1, tzinfo=UTC)
    ]


@pytest.mark.parametrize("zone", ALL_ZONES)
def test_the_nights_of_clock_changes_are_kept_to_the_minute(zone: str) -> None:
    """Both years' changes, a day and a half either side, against another library's tables."""
    table, timetable = pytz.timezone(zone), federal(zone)
    nights = transitions(zone) or [datetime(2026, 3, 8, 10, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)]
    assert len(nights) in (2, 4)
    for night in nights:
        for minute in range(-36 * 60, 36 * 60, 1 if CHAOS else 3):
            at = night + timedelta(minutes=minute)
            local = at.astimezone(table)
            assert (not timetable.blocks(at)) is (8 <= local.hour < 21), (zone, at)


@pytest.mark.parametrize("zone", ALL_ZONES)
def test_spans_and_blocks_agree_around_clock_changes(zone: str) -> None:
    timetable = federal(zone)
    for night in transitions(zone):
        first, last = night - timedelta(days=2), night + timedelta(days=2)
        spans = timetable.spans(first, last)
        for minute in range(0, 4 * 1440, 7):
            at = first + timedelta(minutes=minute)
            assert (not timetable.blocks(at)) is any(start <= at < end for start, end in spans)


CHANGES = [
    # zone, the morning before and the morning of a change, each at eight: 23, 24 or 25 hours apart
    ("America/New_York", "2027-03-13 08:00", "2027-03-14 08:00", 23),
    ("America/New_York", "2026-10-31 08:00", "2026-11-01 08:00", 25),
    ("America/Denver", "2027-03-13 08:00", "2027-03-14 08:00", 23),  # the Navajo Nation keeps it
    ("America/Phoenix", "2027-03-13 08:00", "2027-03-14 08:00", 24),  # the rest of Arizona does not
    ("Pacific/Guam", "2027-03-13 08:00", "2027-03-14 08:00", 24),
    ("Pacific/Honolulu", "2026-10-31 08:00", "2026-11-01 08:00", 24),
    ("America/Adak", "2026-10-31 08:00", "2026-11-01 08:00", 25),
    ("America/Puerto_Rico", "2026-10-31 08:00", "2026-11-01 08:00", 24),
]


@pytest.mark.parametrize(("zone", "before", "after", "apart"), CHANGES)
def test_tomorrow_at_eight_is_not_always_a_day_away(zone: str, before: str, after: str, apart: int) -> None:
    timetable = federal(zone)
    evening = instant(zone, before) + timedelta(hours=14)

    opens = timetable.next_open(int(evening.timestamp()))
    assert opens == int(instant(zone, after).timestamp())
    assert opens - int(instant(zone, before).timestamp()) == apart * 3600


def test_a_number_of_the_navajo_area_code_waits_for_both_clocks_in_summer() -> None:
    arizona = place("+19285550123", address=Address(), confirmed_zone=None, rulebook=BOOK)
    timetable = timetable_of(hours.key_for(arizona, purpose="marketing", policy=NO_POLICY, rulebook=BOOK))

    day = instant("America/Phoenix", "2027-07-13 00:00")
    assert timetable.spans(day, day + timedelta(days=1)) == [
        (instant("America/Phoenix", "2027-07-13 08:00"), instant("America/Denver", "2027-07-13 21:00"))
    ]


def test_mississippi_counts_by_standard_time_all_year() -> None:
    timetable = timetable_of(hours.key_for(home_of("MS"), purpose="marketing", policy=NO_POLICY, rulebook=BOOK))

    winter, summer = (instant("America/Chicago", f"{day} 00:00") for day in ("2026-12-08", "2027-07-13"))
    assert timetable.spans(winter, winter + timedelta(days=1)) == [
        (instant("America/Chicago", "2026-12-08 08:00"), instant("America/Chicago", "2026-12-08 20:00"))
    ]
    assert timetable.spans(summer, summer + timedelta(days=1)) == [
        (instant("America/Chicago", "2027-07-13 09:00"), instant("America/Chicago", "2027-07-13 21:00"))
    ]


def test_guam_is_already_in_tomorrow() -> None:
    timetable = federal("Pacific/Guam")

    assert timetable.blocks(datetime(2026, 12, 1, 15, 30, tzinfo=UTC)), "half past one in the night of the second"
    assert not timetable.blocks(datetime(2026, 12, 1, 22, 0, tzinfo=UTC)), "eight in the morning of the second"


def test_ringing_does_not_cross_the_closing() -> None:
    timetable = federal("America/Chicago")
    closing = instant("America/Chicago", "2026-12-08 21:00")

    assert not timetable.blocks(closing - timedelta(seconds=61), ring=60)
    assert timetable.blocks(closing - timedelta(seconds=60), ring=60)
    assert timetable.next_open(int(closing.timestamp()) - 60, ring=60) == int(
        instant("America/Chicago", "2026-12-09 08:00").timestamp()
    )


def test_the_open_span_says_when_it_ends() -> None:
    timetable = federal("America/Chicago")

    assert timetable.closes_at(instant("America/Chicago", "2026-12-08 10:00")) == instant(
        "America/Chicago", "2026-12-08 21:00"
    )
    assert timetable.closes_at(instant("America/Chicago", "2026-12-08 07:59")) is None


def test_contacts_of_one_place_and_purpose_share_a_key() -> None:
    keys = {
        str(hours.key_for(home_of(state), purpose=purpose, policy=NO_POLICY, rulebook=BOOK))
        for state in NUMBERS
        for purpose in BOOK.purposes
    }

    assert len(keys) <= 2 * len(NUMBERS)
    for text in keys:
        assert str(HoursKey.parse(text)) == text


def test_hours_that_overlap_are_no_hours() -> None:
    assert windows(["09:00-12:00", "13:00-24:00"], "here") == ((32_400, 43_200), (46_800, 86_400))

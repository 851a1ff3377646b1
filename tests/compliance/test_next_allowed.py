"""The next lawful instant, against a second opinion that walks there minute by minute."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.compliance import oracle
from tests.compliance.cast import ADA, ask, at, like, of

EXAMPLES = 50_000 if os.environ.get("CALLWRIGHT_CHAOS") else 250
BEGINNING = datetime(2025, 11, 1, tzinfo=UTC)

# number, address → the zones and states they mean, written by hand
WHERE: list[tuple[str, dict[str, str] | None, tuple[str, ...], tuple[str, ...], str | None]] = [
    ("+13125550123", None, ("America/Chicago",), ("IL",), None),
    ("+12145550123", None, ("America/Chicago",), ("TX",), None),
    ("+14015550123", None, ("America/New_York",), ("RI",), None),
    ("+12155550123", None, ("America/New_York",), ("PA",), None),
    ("+15035550123", None, ("America/Los_Angeles",), ("OR",), None),
    ("+15415550123", None, ("America/Los_Angeles", "America/Boise"), ("OR",), None),
    ("+13055550123", None, ("America/New_York",), ("FL",), None),
    ("+18505550123", None, ("America/New_York", "America/Chicago"), ("FL",), None),
    ("+12705550123", None, ("America/Chicago", "America/Kentucky/Louisville"), ("KY",), None),
    ("+16015550123", None, ("America/Chicago",), ("MS",), None),
    ("+15045550123", None, ("America/Chicago",), ("LA",), None),
    ("+12515550123", None, ("America/Chicago",), ("AL",), None),
    ("+12055550123", {"state": "AL", "zip": "35203"}, ("America/Chicago",), ("AL",), "Jefferson"),
    ("+18015550123", None, ("America/Denver",), ("UT",), None),
    ("+12075550123", None, ("America/New_York",), ("ME",), None),
    ("+14025550123", None, ("America/Chicago",), ("NE",), None),
    ("+16055550123", None, ("America/Chicago", "America/Denver"), ("SD",), None),
    ("+19285550123", None, ("America/Phoenix", "America/Denver"), ("AZ",), None),
    ("+16715550123", None, ("Pacific/Guam",), ("GU",), None),
    ("+17875550123", None, ("America/Puerto_Rico",), ("PR",), None),
    ("+18085550123", None, ("Pacific/Honolulu",), ("HI",), None),
    ("+12135550123", {"zip": "02903"}, ("America/Los_Angeles", "America/New_York"), ("CA", "RI"), None),
    ("+14015550123", {"zip": "84111"}, ("America/New_York", "America/Denver"), ("RI", "UT"), None),
    ("+18085550123", {"zip": "19103"}, ("Pacific/Honolulu", "America/New_York"), ("HI", "PA"), None),
    ("+16175550123", None, ("America/New_York",), ("MA",), None),
]

minutes = st.integers(0, 780 * 1440).map(lambda minute: BEGINNING + timedelta(minutes=minute))
# Attempts lie close together and close to the instant, or no cap would ever be met.
before = st.integers(0, 9 * 1440).map(lambda minute: timedelta(minutes=minute))
soon = st.integers(0, 30 * 60).map(lambda minute: timedelta(minutes=minute))
caps = st.none() | st.tuples(st.integers(1, 4), st.sampled_from([1, 8, 24, 72]))


def text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    where=st.sampled_from(WHERE),
    purpose=st.sampled_from(["marketing", "marketing", "informational", "debt_collection"]),
    moment=minutes,
    tried=st.lists(before | soon, max_size=9),
    spoke=st.lists(before, max_size=1),
    cap=caps,
)
def test_the_next_lawful_instant_is_the_one_a_patient_walker_finds(
    where: Any, purpose: str, moment: datetime, tried: list[timedelta], spoke: list[timedelta], cap: Any
) -> None:
    number, address, zones, states, county = where
    attempts = tuple(moment - ago for ago in tried)
    talks = tuple(moment - ago for ago in spoke)
    person = oracle.Person(zones, states, purpose, attempts, talks, cap, county)
    said = at(
        like(
            ADA,
            number=number,
            address=address,
            purpose=purpose,
            consent__obtained_at="2020-01-01T00:00:00Z",
            attempt_history_utc=[text(past) for past in attempts]
            + [{"at": text(past), "outcome": "conversation"} for past in talks],
            context__platform_cap={"count": cap[0], "hours": cap[1]} if cap else None,
        ),
        moment,
    )

    answer = ask(said)

    assert (answer["decision"] == "allow") is oracle.allowed(person, moment), answer
    if answer["decision"] == "deny":
        found = oracle.next_allowed(person, moment, days=20)
        assert answer["next_allowed_utc"] == (text(found) if found else None), answer


WORN_IN_FLORIDA = ["2026-12-08T15:00:07Z", "2026-12-08T15:30:00Z", "2026-12-08T16:00:00Z"]
# Refused by time alone, each in another way.
AGAIN = [
    at(of("RI"), "2026-12-05T23:00:00Z"),
    at(of("PA"), "2026-11-26T00:00:00Z"),
    at(of("LA"), "2026-11-26T13:00:00Z"),
    at(of("UT"), "2026-07-24T18:00:00Z"),
    at(of("GU"), "2026-12-01T15:30:00Z"),
    at(like(of("FL"), attempt_history_utc=WORN_IN_FLORIDA), "2026-12-08T18:00:00Z"),
    at(like(of("OR"), attempt_history_utc=["2026-12-08T17:00:00.250000Z"] * 3), "2026-12-08T18:00:00Z"),
]


@pytest.mark.parametrize("person", AGAIN)
def test_the_promised_second_keeps_its_promise_and_the_one_before_does_not(person: dict[str, Any]) -> None:
    promised = datetime.fromisoformat(ask(person)["next_allowed_utc"])

    def then(moment: datetime) -> str:
        return str(ask(like(person, instant_utc=text(moment)))["decision"])

    assert then(promised) == "allow"
    assert then(promised - timedelta(seconds=1)) == "deny"


def test_time_alone_does_not_help_who_is_refused_for_more() -> None:
    night = at(of("TX"), "2026-12-08T06:00:00Z")

    assert ask(night)["next_allowed_utc"] == "2026-12-08T15:00:00Z"
    assert ask(like(night, dnc__internal__listed=True))["next_allowed_utc"] is None
    assert ask(like(night, dnc__national__snapshot_age_days=40))["next_allowed_utc"] is None


def test_no_instant_is_promised_when_the_facts_lapse_before_the_door_opens() -> None:
    saturday_night = at(of("RI"), "2026-12-06T02:00:00Z")

    assert ask(saturday_night)["next_allowed_utc"] == "2026-12-07T14:00:00Z"
    assert ask(like(saturday_night, rnd__queried_date="2026-11-05"))["next_allowed_utc"] is None
    assert ask(like(saturday_night, consent__revoked_at="2026-12-07T00:00:00Z"))["next_allowed_utc"] is None

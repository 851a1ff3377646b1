"""Every jurisdiction with a stricter rule, at the edges of it, with the paragraph that says so.

The table is written by hand from the statutes' citations and knows nothing of the rulebook's files.
"""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance import rules, screen
from tests.compliance.cast import ADA, BOOK, NUMBERS, ask, at, codes, lawful, like, of

TUESDAY, SATURDAY, SUNDAY = date(2026, 12, 8), date(2026, 12, 12), date(2026, 12, 13)  # no holidays anywhere
ZONES = {
    **dict.fromkeys(["AL", "IL", "LA", "MN", "OK", "TX", "NE", "SD"], "America/Chicago"),
    **dict.fromkeys(["CT", "FL", "MA", "MD", "ME", "PA", "RI", "NY"], "America/New_York"),
    **dict.fromkeys(["CA", "NV", "OR", "WA"], "America/Los_Angeles"),
    **dict.fromkeys(["NM", "UT", "WY"], "America/Denver"),
    "IN": "America/Indiana/Indianapolis",
    "KY": "America/Kentucky/Louisville",
    "MI": "America/Detroit",
    "MS": "America/Chicago",
    "PR": "America/Puerto_Rico",
}

# state, day, first and last lawful minute of a sales call, the code outside, the paragraph
HOURS = [
    ("AL", TUESDAY, "08:00", "20:00", "HOURS_STATE", "770-X-5-.17"),
    ("AL", SATURDAY, "08:00", "20:00", "HOURS_STATE", "770-X-5-.17"),
    ("CT", TUESDAY, "09:00", "20:00", "HOURS_STATE", "42-288a"),
    ("CT", SUNDAY, "09:00", "20:00", "HOURS_STATE", "42-288a"),
    ("FL", TUESDAY, "08:00", "20:00", "HOURS_STATE", "501.616"),
    ("FL", SUNDAY, "08:00", "20:00", "HOURS_STATE", "501.616"),
    ("KY", TUESDAY, "10:00", "21:00", "HOURS_STATE", "367.46955"),
    ("KY", SUNDAY, "10:00", "21:00", "HOURS_STATE", "367.46955"),
    ("LA", TUESDAY, "08:00", "20:00", "HOURS_STATE", "R-29617"),
    ("LA", SATURDAY, "08:00", "20:00", "HOURS_STATE", "R-29617"),
    ("MA", TUESDAY, "08:00", "20:00", "HOURS_STATE", "159C"),
    ("MA", SUNDAY, "08:00", "20:00", "HOURS_STATE", "159C"),
    ("MD", TUESDAY, "08:00", "20:00", "HOURS_STATE", "14-4502"),
    ("MD", SUNDAY, "08:00", "20:00", "HOURS_STATE", "14-4502"),
    ("MI", TUESDAY, "09:00", "21:00", "HOURS_STATE", "750.540e"),
    ("MI", SUNDAY, "09:00", "21:00", "HOURS_STATE", "750.540e"),
    ("MN", TUESDAY, "09:00", "21:00", "HOURS_STATE", "325E.30"),
    ("MN", SUNDAY, "09:00", "21:00", "HOURS_STATE", "325E.30"),
    ("MS", TUESDAY, "08:00", "20:00", "HOURS_STATE", "77-3-723"),
    ("MS", SATURDAY, "08:00", "20:00", "HOURS_STATE", "77-3-723"),
    ("NM", TUESDAY, "09:00", "21:00", "HOURS_STATE", "57-12-22"),
    ("NM", SUNDAY, "09:00", "21:00", "HOURS_STATE", "57-12-22"),
    ("NV", TUESDAY, "09:00", "20:00", "HOURS_STATE", "598.0918"),
    ("NV", SUNDAY, "09:00", "20:00", "HOURS_STATE", "598.0918"),
    ("OK", TUESDAY, "08:00", "20:00", "HOURS_STATE", "775C.4"),
    ("OK", SUNDAY, "08:00", "20:00", "HOURS_STATE", "775C.4"),
    ("OR", TUESDAY, "08:00", "20:00", "HOURS_STATE", "HB 3865"),
    ("OR", SUNDAY, "08:00", "20:00", "HOURS_STATE", "HB 3865"),
    ("PA", TUESDAY, "09:00", "19:00", "HOURS_STATE", "Act 47"),
    ("PA", SATURDAY, "09:00", "19:00", "HOURS_STATE", "Act 47"),
    ("PR", TUESDAY, "09:00", "21:00", "HOURS_STATE", "4033"),
    ("PR", SUNDAY, "09:00", "21:00", "HOURS_STATE", "4033"),
    ("RI", TUESDAY, "09:00", "18:00", "HOURS_STATE", "5-61-3.6"),
    ("RI", SATURDAY, "10:00", "17:00", "HOURS_STATE", "5-61-3.6"),
    ("SD", TUESDAY, "09:00", "21:00", "HOURS_STATE", "37-30A-3"),
    ("SD", SATURDAY, "09:00", "21:00", "HOURS_STATE", "37-30A-3"),
    ("TX", TUESDAY, "09:00", "21:00", "HOURS_STATE", "301.051"),
    ("TX", SUNDAY, "12:00", "21:00", "HOURS_STATE", "301.051"),
    ("UT", TUESDAY, "08:00", "21:00", "HOURS_STATE", "13-25a-103"),
    ("UT", SATURDAY, "08:00", "21:00", "HOURS_STATE", "13-25a-103"),
    ("CA", TUESDAY, "09:00", "21:00", "HOURS_STATE_AUTOMATED", "2872"),
    ("CA", SUNDAY, "09:00", "21:00", "HOURS_STATE_AUTOMATED", "2872"),
    ("IL", TUESDAY, "09:00", "21:00", "HOURS_STATE_AUTOMATED", "305/15"),
    ("IL", SUNDAY, "09:00", "21:00", "HOURS_STATE_AUTOMATED", "305/15"),
    ("IN", TUESDAY, "09:00", "20:00", "HOURS_STATE_AUTOMATED", "24-5-14-8"),
    ("IN", SUNDAY, "09:00", "20:00", "HOURS_STATE_AUTOMATED", "24-5-14-8"),
    ("ME", TUESDAY, "09:00", "17:00", "HOURS_STATE_AUTOMATED", "1498"),
    ("NE", TUESDAY, "08:00", "21:00", "HOURS_STATE_AUTOMATED", "86-248"),
    ("NE", SUNDAY, "13:00", "21:00", "HOURS_STATE_AUTOMATED", "86-248"),
]
_EDGES = [
    (state, day, edge, offset, code, paragraph)
    for state, day, opens, closes, code, paragraph in HOURS
    for edge, offset in ((opens, -1), (opens, 0), (closes, -1), (closes, 0))
]


def on(state: str, day: date, clock: str, seconds: int = 0) -> datetime:
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(ZONES[state]))
    return local.astimezone(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(("state", "day", "edge", "offset", "code", "paragraph"), _EDGES)
def test_a_sales_call_keeps_the_hours_of_the_state(
    state: str, day: date, edge: str, offset: int, code: str, paragraph: str
) -> None:
    answer = ask(at(one_clock(state), on(state, day, edge, offset)))

    opening = edge == next(row[2] for row in HOURS if row[0] == state and row[1] == day)
    lawful_second = (offset == 0) if opening else (offset == -1)
    if lawful_second:
        assert answer["reason_codes"] == []
    else:
        assert code in answer["reason_codes"]
        assert set(answer["reason_codes"]) <= {code, "HOURS_FEDERAL"}
        cited = [reason["citation"] for reason in answer["reasons"] if reason["code"] == code]
        assert cited
        assert all(paragraph in citation for citation in cited)


def one_clock(state: str) -> dict[str, object]:
    """Someone whose own word says which of the state's clocks is theirs."""
    return like(of(state), explicit_timezone=ZONES[state])


SUNDAYS = [
    ("AL", "770-X-5-.17"),
    ("LA", "R-29617"),
    ("MS", "77-3-723"),
    ("PA", "Act 47"),
    ("RI", "5-61-3.6"),
    ("SD", "37-30A-3"),
    ("UT", "13-25a-103"),
]


@pytest.mark.parametrize(("state", "paragraph"), SUNDAYS)
def test_some_states_rest_on_sundays(state: str, paragraph: str) -> None:
    answer = ask(at(one_clock(state), on(state, SUNDAY, "13:00")))

    assert answer["reason_codes"] == ["SUNDAY_BAN"]
    assert paragraph in answer["reasons"][0]["citation"]


@pytest.mark.parametrize("day", [SATURDAY, SUNDAY])
def test_maine_takes_automated_calls_on_weekdays_only(day: date) -> None:
    assert codes(at(of("ME"), on("ME", day, "12:00"))) == ["HOURS_STATE_AUTOMATED"]


HOLIDAYS = [
    ("AL", "2027-01-01", "770-X-5-.17"),  # New Year's Day
    ("AL", "2027-01-18", "770-X-5-.17"),  # third Monday of January
    ("AL", "2027-02-15", "770-X-5-.17"),  # Presidents' Day
    ("AL", "2027-04-26", "770-X-5-.17"),  # Confederate Memorial Day
    ("AL", "2027-06-07", "770-X-5-.17"),  # Jefferson Davis' Birthday
    ("AL", "2027-06-18", "770-X-5-.17"),  # Juneteenth on a Saturday, kept on Friday
    ("AL", "2027-06-19", "770-X-5-.17"),  # and on the day itself
    ("AL", "2027-07-05", "770-X-5-.17"),  # Independence Day on a Sunday, kept on Monday
    ("AL", "2026-11-26", "770-X-5-.17"),  # Thanksgiving
    ("AL", "2026-12-01", "770-X-5-.17"),  # Mrs. Rosa L. Parks Day, the strict way
    ("AL", "2021-12-31", "770-X-5-.17"),  # New Year's Day 2022 on a Saturday, kept in the old year
    ("LA", "2027-02-09", "R.S. 1:55"),  # Mardi Gras
    ("LA", "2027-03-26", "R.S. 1:55"),  # Good Friday
    ("LA", "2026-11-27", "R.S. 1:55"),  # Acadian Day, the strict way
    ("LA", "2026-11-03", "R.S. 1:55"),  # Election Day of an even year
    ("LA", "2026-08-31", "R.S. 1:55"),  # Huey P. Long Day on a Sunday, kept on Monday
    ("LA", "2027-01-08", "R.S. 1:55"),  # Battle of New Orleans
    ("PA", "2027-03-26", "2245(a)(10)"),  # Good Friday
    ("PA", "2027-06-14", "2245(a)(10)"),  # Flag Day
    ("PA", "2027-11-02", "2245(a)(10)"),  # Election Day, every year
    ("PA", "2027-02-12", "2245(a)(10)"),  # Lincoln's Birthday, the strict way
    ("PA", "2026-05-25", "2245(a)(10)"),  # Memorial Day, under the wording before Act 47
    ("RI", "2027-05-04", "25-1-1"),  # Rhode Island Independence Day
    ("RI", "2027-08-09", "25-1-1"),  # Victory Day
    ("RI", "2026-11-03", "25-1-1"),  # Election Day of an even year
    ("RI", "2027-06-21", "25-1-1"),  # Juneteenth on a Saturday, kept on Monday
    ("RI", "2027-12-27", "25-1-1"),  # Christmas on a Saturday, kept on Monday
    ("UT", "2026-07-24", "63G-1-301"),  # Pioneer Day
    ("UT", "2027-06-21", "63G-1-301"),  # Juneteenth on a Saturday, kept on the Monday after
    ("UT", "2026-06-15", "63G-1-301"),  # Juneteenth on a Friday, kept on the Monday before
    ("UT", "2027-07-05", "63G-1-301"),  # Independence Day on a Sunday, kept on Monday
]


@pytest.mark.parametrize(("state", "day", "paragraph"), HOLIDAYS)
def test_some_states_rest_on_holidays(state: str, day: str, paragraph: str) -> None:
    answer = ask(at(like(one_clock(state), consent__obtained_at="2020-01-01T00:00:00Z"), f"{day}T17:00:00Z"))

    assert "HOLIDAY_BAN" in answer["reason_codes"]
    assert set(answer["reason_codes"]) <= {"HOLIDAY_BAN", "SUNDAY_BAN"}
    assert paragraph in next(row["citation"] for row in answer["reasons"] if row["code"] == "HOLIDAY_BAN")


WORKDAYS = [
    ("UT", "2026-06-19"),  # Juneteenth 2026 is kept on Monday the fifteenth
    ("LA", "2027-11-02"),  # an odd year has no election day there
    ("RI", "2027-11-02"),
    ("AL", "2027-04-19"),
    ("RI", "2027-04-26"),
    ("MS", "2027-07-05"),  # repealed in 2024
    ("PA", "2027-07-05"),  # Pennsylvania moves no Sunday holiday
    ("TX", "2026-12-25"),
    ("FL", "2026-12-25"),
]


@pytest.mark.parametrize(("state", "day"), WORKDAYS)
def test_other_days_are_days_like_any(state: str, day: str) -> None:
    assert codes(at(one_clock(state), f"{day}T17:00:00Z")) == []


def test_mardi_gras_closes_two_counties_of_alabama() -> None:
    mobile = like(of("AL"), number="+12515550123", address={"state": "AL", "zip": "36602"})
    birmingham = of("AL")
    somewhere = like(of("AL"), address={"state": "AL", "zip": None})

    assert codes(at(mobile, "2027-02-09T17:00:00Z")) == ["HOLIDAY_BAN"]
    assert codes(at(birmingham, "2027-02-09T17:00:00Z")) == []
    assert codes(at(somewhere, "2027-02-09T17:00:00Z")) == ["HOLIDAY_BAN"], "an unknown county may be that county"
    assert codes(at(like(somewhere, address__county="Jefferson"), "2027-02-09T17:00:00Z")) == []
    assert codes(at(like(somewhere, address__county="Baldwin County"), "2027-02-09T17:00:00Z")) == ["HOLIDAY_BAN"]


def test_nebraska_gives_automated_calls_the_afternoon_of_a_holiday() -> None:
    assert codes(at(one_clock("NE"), on("NE", date(2026, 12, 25), "12:59"))) == ["HOURS_STATE_AUTOMATED"]
    assert codes(at(one_clock("NE"), on("NE", date(2026, 12, 25), "13:00"))) == []


def test_pennsylvania_changed_its_hours_on_18_october_2026() -> None:
    before = at(of("PA"), "2026-10-17T23:30:00Z")  # Saturday 19:30
    after = at(of("PA"), "2026-10-19T23:30:00Z")  # Monday 19:30
    sunday_before = at(of("PA"), "2026-10-11T16:00:00Z")
    sunday_after = at(of("PA"), "2026-10-18T16:00:00Z")

    assert codes(before) == []
    assert codes(after) == ["HOURS_STATE"]
    assert codes(sunday_before) == []
    assert codes(sunday_after) == ["SUNDAY_BAN"]


def test_oregon_changed_its_hours_and_its_cap_with_2026() -> None:
    person = like(of("OR"), explicit_timezone="America/Los_Angeles")
    tried = ["2025-12-31T20:00:00Z", "2025-12-31T21:00:00Z", "2025-12-31T22:00:00Z"]

    assert codes(at(person, "2026-01-01T04:30:00Z")) == [], "it is still 20:30 of the old year there"
    assert codes(at(person, "2026-01-03T04:30:00Z")) == ["HOURS_STATE"]
    assert codes(at(like(person, attempt_history_utc=tried), "2025-12-31T23:00:00Z")) == []
    assert codes(at(like(person, attempt_history_utc=tried), "2026-01-01T17:00:00Z")) == ["ATTEMPT_CAP"]


CAPS = [
    ("FL", 3, 24, "501.616"),
    ("OK", 3, 24, "775C.4"),
    ("MD", 3, 24, "14-4502"),
    ("OR", 3, 24, "HB 3865"),
    ("ME", 1, 8, "1498"),
]


@pytest.mark.parametrize(("state", "count", "hours", "paragraph"), CAPS)
def test_some_states_count_attempts(state: str, count: int, hours: int, paragraph: str) -> None:
    noon = on(state, TUESDAY, "12:00")
    first = noon - timedelta(hours=2)
    tried = [f"{first + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}" for minute in range(count)]
    person = like(of(state), attempt_history_utc=tried)

    answer = ask(at(person, noon))
    assert answer["reason_codes"] == ["ATTEMPT_CAP"]
    assert paragraph in answer["reasons"][0]["citation"]
    assert "ATTEMPT_CAP" not in codes(at(like(person, attempt_history_utc=tried[1:]), noon))
    leaves = first + timedelta(hours=hours)
    assert "ATTEMPT_CAP" in codes(at(person, leaves - timedelta(seconds=1)))
    assert "ATTEMPT_CAP" not in codes(at(person, leaves)), "an attempt exactly that long ago has left the window"


@pytest.mark.parametrize("state", [state for state, *_ in CAPS])
def test_where_attempts_are_counted_somebody_must_have_counted(state: str) -> None:
    assert "ATTEMPT_CAP" in codes(at(like(of(state), attempt_history_utc=None), on(state, TUESDAY, "12:00")))


def test_a_purchase_lifts_the_cap_of_oregon_for_eighteen_months() -> None:
    noon = on("OR", TUESDAY, "12:00")
    tried = [f"{noon - timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}" for hour in (1, 2, 3)]
    person = like(of("OR"), attempt_history_utc=tried)

    assert codes(at(like(person, ebr={"kind": "purchase", "last_event": "2025-06-08"}), noon)) == []
    assert codes(at(like(person, ebr={"kind": "purchase", "last_event": "2025-06-07"}), noon)) == ["ATTEMPT_CAP"]
    assert codes(at(like(person, ebr={"kind": "inquiry", "last_event": "2026-12-01"}), noon)) == ["ATTEMPT_CAP"]
    florida = like(of("FL"), attempt_history_utc=tried, ebr={"kind": "purchase", "last_event": "2026-12-01"})
    assert "ATTEMPT_CAP" in codes(at(florida, noon)), "no relationship lifts Florida's"


@pytest.mark.parametrize(
    ("state", "paragraph"), [("AK", "45.50.475"), ("DC", "34-1701"), ("WA", "80.36.400"), ("WY", "6-6-104")]
)
def test_some_states_bar_automated_sales_calls_whatever_was_signed(state: str, paragraph: str) -> None:
    answer = ask(at(of(state), "2026-12-08T20:00:00Z"))

    assert answer["reason_codes"] == ["STATE_AUTOMATED_BAN"]
    assert answer["next_allowed_utc"] is None
    assert paragraph in answer["reasons"][0]["citation"]
    assert codes(at(like(of(state), purpose="informational"), "2026-12-08T20:00:00Z")) == []


@pytest.mark.parametrize("state", ["CA", "IN", "MN", "MS", "MT", "ND"])
def test_where_a_prior_agreement_is_the_way_its_absence_bars_the_call(state: str) -> None:
    person = like(one_clock(state) if state in ZONES else of(state), consent__prior_agreement_for_automated_calls=False)

    assert codes(at(person, "2026-12-08T18:00:00Z")) == ["STATE_AUTOMATED_BAN"]


@pytest.mark.parametrize(("state", "paragraph"), [("LA", "844.31"), ("NY", "399-z")])
def test_some_states_stop_sales_calls_in_an_emergency(state: str, paragraph: str) -> None:
    answer = ask(at(like(of(state), context__emergency=True), "2026-12-08T18:00:00Z"))

    assert answer["reason_codes"] == ["EMERGENCY_BAN"]
    assert paragraph in answer["reasons"][0]["citation"]
    assert codes(at(like(of(state), context__emergency=True, purpose="informational"), "2026-12-08T18:00:00Z")) == []
    assert codes(at(like(ADA, context__emergency=True), "2026-12-08T18:00:00Z")) == [], "Illinois has no such law"


REGISTRIES = ["CO", "FL", "IN", "LA", "MA", "MO", "OK", "PA", "TN", "TX", "WY"]


@pytest.mark.parametrize("state", REGISTRIES)
def test_some_states_keep_a_list_of_their_own(state: str) -> None:
    person = at(of(state), "2026-12-08T18:00:00Z")

    stale = codes(like(person, dnc__state__snapshot_age_days=32))
    missing = codes(like(person, dnc__state=None))
    signed_by_nobody = codes(like(person, dnc__state__listed=True, consent__signed=False))
    assert "DNC_SNAPSHOT_STALE" in stale
    assert "DNC_SNAPSHOT_STALE" in missing
    assert "STATE_DNC" in signed_by_nobody
    assert "STATE_DNC" not in codes(like(person, dnc__state__listed=True)), "a complete written consent is permission"
    assert "DNC_SNAPSHOT_STALE" not in codes(like(person, dnc__state__snapshot_age_days=31))


@pytest.mark.parametrize("state", sorted(set(NUMBERS) - set(REGISTRIES)))
def test_elsewhere_no_state_list_is_asked_for(state: str) -> None:
    person = at(like(lawful(state), purpose="marketing"), "2026-12-08T18:00:00Z")

    assert "DNC_SNAPSHOT_STALE" not in codes(like(person, dnc__state=None))


@pytest.mark.parametrize("state", sorted(NUMBERS))
def test_a_sales_campaign_needs_the_seller_attested_in_each_state(state: str) -> None:
    person = at(like(of(state), context__operator_attested=False), "2026-12-08T18:00:00Z")

    assert "SELLER_NOT_REGISTERED" in codes(person)
    assert "SELLER_NOT_REGISTERED" not in codes(like(person, purpose="informational"))


@pytest.mark.parametrize(
    ("state", "paragraph"),
    [("AZ", "44-1278(B)(3)"), ("NJ", "56:8-130"), ("LA", "R-29617"), ("ME", "1498(2)"), ("NE", "86-244(3)")],
)
def test_some_states_bar_unsolicited_sales_calls_to_mobiles(state: str, paragraph: str) -> None:
    answer = ask(at(like(of(state), consent__type="none"), "2026-12-08T18:00:00Z"))

    assert "NO_CONSENT_PEWC" in answer["reason_codes"]
    assert any(paragraph in reason["citation"] for reason in answer["reasons"])


def test_puerto_rico_lets_it_ring_five_times_at_most() -> None:
    line = screen.Line.model_validate_json(json.dumps(of("PR")))

    assert rules.most_rings(screen.facts_of(line, BOOK), BOOK) == 5


@pytest.mark.parametrize("state", sorted(NUMBERS))
def test_a_reminder_keeps_federal_hours_and_no_others(state: str) -> None:
    """Informational calls skip state windows, Sundays, holidays and caps."""
    person = like(of(state), purpose="informational", attempt_history_utc=None)
    zone = ask(person)["candidate_timezones"][0]
    christmas_sunday = datetime(2022, 12, 25, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    assert codes(at(like(person, consent__obtained_at="2020-01-01T00:00:00Z"), christmas_sunday)) == []

"""The holiday grammar, and the days it means."""

from datetime import date

import holidays as other_calendar
import pytest

from compliance.holidays import date_of, easter

DATES = [
    ("fixed:07-04", 2026, "2026-07-04"),
    ("nth:01:mon:3", 2027, "2027-01-18"),
    ("nth:11:thu:4", 2026, "2026-11-26"),
    ("last:05:mon", 2027, "2027-05-31"),
    ("last:12:fri", 2027, "2027-12-31"),
    ("easter:-47", 2027, "2027-02-09"),
    ("easter:-2", 2026, "2026-04-03"),
    ("easter:+1", 2026, "2026-04-06"),
    ("election_day:all", 2027, "2027-11-02"),
    ("election_day:even", 2026, "2026-11-03"),
    ("election_day:all", 2022, "2022-11-08"),
    ("election_day:all", 2033, "2033-11-08"),  # November begins on a Tuesday: the one after the first Monday
    ("offset:thanksgiving:+1", 2026, "2026-11-27"),
    ("juneteenth_ut", 2023, "2023-06-19"),  # a Monday
    ("juneteenth_ut", 2029, "2029-06-18"),  # a Tuesday
    ("juneteenth_ut", 2024, "2024-06-17"),  # a Wednesday
    ("juneteenth_ut", 2025, "2025-06-16"),  # a Thursday
    ("juneteenth_ut", 2026, "2026-06-15"),  # a Friday
    ("juneteenth_ut", 2027, "2027-06-21"),  # a Saturday
    ("juneteenth_ut", 2022, "2022-06-20"),  # a Sunday
]


@pytest.mark.parametrize(("rule", "year", "day"), DATES)
def test_a_rule_names_a_day(rule: str, year: int, day: str) -> None:
    assert date_of(rule, year) == date.fromisoformat(day)


def test_an_odd_year_has_no_election_day_of_even_years() -> None:
    assert date_of("election_day:even", 2027) is None


def test_easter_agrees_with_another_calendar_for_a_century() -> None:
    fridays = other_calendar.country_holidays("US", subdiv="CT", years=range(2001, 2100))
    for year in range(2001, 2100):
        friday = date.fromordinal(easter(year).toordinal() - 2)
        assert "Good Friday" in fridays.get(friday, "")


@pytest.mark.parametrize(
    "rule", ["nth:01:mon:3", "nth:02:mon:3", "last:05:mon", "nth:09:mon:1", "nth:10:mon:2", "nth:11:thu:4"]
)
def test_federal_holidays_agree_with_another_calendar(rule: str) -> None:
    theirs = other_calendar.country_holidays("US", years=range(2020, 2041))

    assert all(date_of(rule, year) in theirs for year in range(2020, 2041))

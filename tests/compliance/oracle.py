"""A slow second opinion: reads the rulebook's files itself, walks minute by minute, imports nothing of `compliance`."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytz

RULES = Path(__file__).parents[2] / "compliance" / "rulebooks" / "us"
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Person:
    """Someone with a clean slate but for time: where they live, why they are called, how often they were."""

    zones: tuple[str, ...]
    states: tuple[str, ...]
    purpose: str
    tried: tuple[datetime, ...] = ()
    spoke: tuple[datetime, ...] = ()
    own_cap: tuple[int, int] | None = None
    county: str | None = None


def allowed(person: Person, at: datetime) -> bool:
    return in_hours(person, at) and not worn_out(person, at)


def next_allowed(person: Person, at: datetime, *, days: int) -> datetime | None:
    """The first whole minute from `at` on; None within so many days."""
    moment = at
    while moment < at + timedelta(days=days):
        if allowed(person, moment):
            return moment
        moment += MINUTE
    return None


def in_hours(person: Person, at: datetime) -> bool:
    for zone in person.zones:
        local = at.astimezone(pytz.timezone(zone))
        if not 8 <= local.hour < 21:
            return False
    if person.purpose != "marketing":
        return True
    return all(state_open(state, zone, person.county, at) for state in person.states for zone in person.zones)


def state_open(state: str, zone: str, county: str | None, at: datetime) -> bool:
    page = state_file(state)
    local = at.astimezone(pytz.timezone(page.get("clock", zone)))
    law = law_on(state, local.date())
    minute = local.hour * 60 + local.minute
    for name in ("calling_hours", "automated_hours"):
        if name in law and not any(inside(window, minute) for window in law[name][DAYS[local.weekday()]]):
            return False
    if "holidays" in law and closed(state, local.date(), county, "holidays"):
        return False
    if "automated_holidays" in law and closed(state, local.date(), county, "automated_holidays"):
        return any(inside(window, minute) for window in law["automated_holidays"]["hours"])
    return True


def inside(window: str, minute: int) -> bool:
    start, end = ((int(text[:2]) * 60 + int(text[3:])) for text in window.split("-"))
    return start <= minute < end


@lru_cache(maxsize=100)
def state_file(state: str) -> dict[str, Any]:
    return tomllib.loads((RULES / f"{state.lower()}.toml").read_text(encoding="utf-8"))


def law_on(state: str, day: date) -> dict[str, Any]:
    for law in state_file(state)["law"]:
        if law.get("from", date.min) <= day <= law.get("until", date.max):
            found: dict[str, Any] = law
            return found
    raise AssertionError(f"{state} says nothing about {day}")


@lru_cache(maxsize=10_000)
def closed(state: str, day: date, county: str | None, table: str) -> bool:
    for year in (day.year - 1, day.year, day.year + 1):
        content = law_on(state, day)[table]
        for holiday in content["days"]:
            if "counties" in holiday and county is not None and county not in holiday["counties"]:
                continue
            actual = holiday_date(holiday["rule"], year)
            if actual is None:
                continue
            kept = {actual}
            moved = content.get("observed", {}).get(DAYS[actual.weekday()])
            if moved == "fri":
                kept.add(actual - timedelta(days=1))
            elif moved == "mon":
                kept.add(actual + timedelta(days=7 - actual.weekday()))
            if day in kept:
                return True
    return False


def holiday_date(rule: str, year: int) -> date | None:  # noqa: PLR0911 - one line per kind of rule
    """Found by walking through the year, day by day."""
    kind, *parts = rule.split(":")
    every = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    year_days = [day for day in every if day.year == year]
    if kind == "fixed":
        return next((day for day in year_days if f"{day:%m-%d}" == parts[0]), None)
    if kind in ("nth", "last"):
        fitting = [day for day in year_days if day.month == int(parts[0]) and DAYS[day.weekday()] == parts[1]]
        return fitting[-1] if kind == "last" else fitting[int(parts[2]) - 1]
    if kind == "easter":
        return EASTER[year] + timedelta(days=int(parts[0]))
    if kind == "election_day":
        if parts[0] == "even" and year % 2:
            return None
        monday = next(day for day in year_days if day.month == 11 and day.weekday() == 0)
        return monday + timedelta(days=1)
    if kind == "offset":
        thursdays = [day for day in year_days if day.month == 11 and day.weekday() == 3]
        return thursdays[3] + timedelta(days=int(parts[1]))
    assert kind == "juneteenth_ut", rule
    nineteenth = date(year, 6, 19)
    step = -1 if nineteenth.weekday() < 5 else 1
    while nineteenth.weekday() != 0:
        nineteenth += timedelta(days=step)
    return nineteenth


# From an almanac.
EASTER = {
    2024: date(2024, 3, 31),
    2025: date(2025, 4, 20),
    2026: date(2026, 4, 5),
    2027: date(2027, 3, 28),
    2028: date(2028, 4, 16),
    2029: date(2029, 4, 1),
}


def worn_out(person: Person, at: datetime) -> bool:
    limits: list[tuple[int, int]] = [person.own_cap] if person.own_cap else []
    if person.purpose == "marketing":
        for state in person.states:
            for zone in person.zones:
                law = law_on(state, at.astimezone(pytz.timezone(zone)).date())
                limits += [
                    (law[cap]["count"], law[cap]["hours"])
                    for cap in ("attempt_cap", "automated_attempt_cap")
                    if cap in law
                ]
    if person.purpose == "debt_collection":
        limits.append((7, 168))
        limits += [(2, 168)] * ("MA" in person.states) + [(3, 168)] * ("WA" in person.states)
        if resting(person, at):
            return True
    tried = person.tried + person.spoke
    return any(sum(at - timedelta(hours=hours) < past <= at for past in tried) >= count for count, hours in limits)


def resting(person: Person, at: datetime) -> bool:
    for zone in person.zones:
        today = at.astimezone(pytz.timezone(zone)).date()
        for past in person.spoke:
            if past <= at and (today - past.astimezone(pytz.timezone(zone)).date()).days < 7:
                return True
    return False


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

"""Legal holidays: the small grammar in which the rulebook names days, and the days it means."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holiday:
    name: str
    rule: str
    strict_only: bool = False
    counties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holidays:
    days: tuple[Holiday, ...]
    observed: tuple[tuple[str, str], ...]  # ("sat", "fri"): a Saturday holiday is kept on Friday too
    citation: str

    def on(self, day: date) -> tuple[Holiday, ...]:
        """Holidays that close this day, as themselves or because they are observed on it."""
        return _calendar(self, day.year).get(day, ())


@lru_cache(maxsize=4096)
def _calendar(holidays: Holidays, year: int) -> dict[date, tuple[Holiday, ...]]:
    closed: dict[date, tuple[Holiday, ...]] = {}
    # A New Year's Day on Saturday is observed in the old year, so the neighbours are looked at too.
    for near in (year - 1, year, year + 1):
        for holiday in holidays.days:
            for day in _closes(holiday, near, dict(holidays.observed)):
                if day.year == year:
                    closed[day] = (*closed.get(day, ()), holiday)
    return closed


def _closes(holiday: Holiday, year: int, observed: dict[str, str]) -> list[date]:
    day = date_of(holiday.rule, year)
    if day is None:
        return []
    kept_on = observed.get(WEEKDAYS[day.weekday()])
    return [day] if kept_on is None else [day, _beside(day, kept_on)]


def _beside(day: date, weekday: str) -> date:
    step = -_DAY if weekday == "fri" else _DAY
    day += step
    while WEEKDAYS[day.weekday()] != weekday:
        day += step
    return day


def date_of(rule: str, year: int) -> date | None:  # noqa: PLR0911 - one line per kind of rule
    """The day a rule names in a year, or None when it names none in that year."""
    kind, _, rest = rule.partition(":")
    match kind:
        case "fixed":
            return date.fromisoformat(f"{year}-{rest}")
        case "nth":
            month, weekday, number = rest.split(":")
            return _nth(year, int(month), weekday, int(number))
        case "last":
            month, weekday = rest.split(":")
            return _last(year, int(month), weekday)
        case "easter":
            return easter(year) + int(rest) * _DAY
        case "election_day":
            return _nth(year, 11, "mon", 1) + _DAY if rest == "all" or year % 2 == 0 else None
        case "offset":
            name, _, days = rest.partition(":")
            assert name == "thanksgiving", rule
            return _nth(year, 11, "thu", 4) + int(days) * _DAY
        case "juneteenth_ut":
            return _juneteenth_in_utah(year)
        case _:
            raise ValueError(f"{rule!r} is not a holiday rule")


def _nth(year: int, month: int, weekday: str, number: int) -> date:
    first = date(year, month, 1)
    return first + ((WEEKDAYS.index(weekday) - first.weekday()) % 7 + 7 * (number - 1)) * _DAY


def _last(year: int, month: int, weekday: str) -> date:
    last = date(year + month // 12, month % 12 + 1, 1) - _DAY
    return last - ((last.weekday() - WEEKDAYS.index(weekday)) % 7) * _DAY


def _juneteenth_in_utah(year: int) -> date:
    """Utah Code 63G-1-301: the Monday before a 19 June from Tuesday to Friday, the Monday after a weekend one."""
    day = date(year, 6, 19)
    weekday = day.weekday()
    return day - weekday * _DAY if weekday < 5 else day + (7 - weekday) * _DAY


def easter(year: int) -> date:
    """Western Easter Sunday (the anonymous Gregorian computus)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    correction = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * correction + 114, 31)
    return date(year, month, day + 1)

"""Rolling windows: how often is too often, and when an attempt has left."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from compliance import zones


def frees_at(instants: Iterable[datetime], *, at: datetime, count: int, hours: int) -> datetime | None:
    """When the next attempt fits under the cap; None when it fits now.

    The window is half-open: an attempt exactly `hours` ago has left it.
    """
    window = timedelta(hours=hours)
    inside = sorted(instant for instant in instants if at - window < instant <= at)
    return inside[len(inside) - count] + window if len(inside) >= count else None


def rested_at(instants: Iterable[datetime], *, at: datetime, days: int, names: Iterable[str]) -> datetime | None:
    """When `days` days, the day of the last instant being day 1, have passed on every clock; None when they have."""
    past = [instant for instant in instants if instant <= at]
    if not past:
        return None
    last = max(past)
    rested = max(_midnight(last.astimezone(zones.zone(name)).date() + timedelta(days=days), name) for name in names)
    return rested if rested > at else None


def _midnight(day: date, name: str) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=zones.zone(name)).astimezone(UTC)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))

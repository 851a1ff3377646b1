"""Judge: an instant in words."""

from datetime import UTC, datetime, timedelta

_STEPS = (
    (timedelta(minutes=1), "second", timedelta(seconds=1)),
    (timedelta(hours=1), "minute", timedelta(minutes=1)),
    (timedelta(days=1), "hour", timedelta(hours=1)),
    (timedelta(days=30), "day", timedelta(days=1)),
    (timedelta(days=365), "month", timedelta(days=30)),
    (timedelta.max, "year", timedelta(days=365)),
)
A_MOMENT = timedelta(seconds=10)


def exact(when: datetime) -> str:
    at = when.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def relative(when: datetime, *, now: datetime) -> str:
    apart = abs(now - when)
    if apart < A_MOMENT:
        return "just now"
    _, unit, length = next(step for step in _STEPS if apart < step[0])
    count = apart // length
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if when <= now else f"in {words}"

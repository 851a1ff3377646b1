"""The one clock. Doorways read it and hand the time on as `now`; judges and actions never do.

An installation for practice may shift it: CLOCK_START (an instant), CLOCK_ANCHOR (the real moment, in
Unix seconds, at which it read that) and CLOCK_SPEED. All processes given the same three agree.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime


class BadClock(Exception):
    """CLOCK_START, CLOCK_ANCHOR or CLOCK_SPEED cannot be read."""


@dataclass(frozen=True)
class Clock:
    start: datetime
    anchor: datetime
    speed: float = 1.0

    def reading(self, *, real: datetime) -> datetime:
        return self.start + (real - self.anchor) * self.speed


def shifted_clock() -> Clock | None:
    """The practice clock this process was given, or None where time is what it is."""
    start, anchor = os.environ.get("CLOCK_START"), os.environ.get("CLOCK_ANCHOR")
    speed = os.environ.get("CLOCK_SPEED") or "1"
    if not start:
        return None
    if not anchor:
        raise BadClock("CLOCK_START is set without CLOCK_ANCHOR. Set both, or neither.")
    try:
        began = datetime.fromisoformat(start)
        clock = Clock(began.astimezone(UTC), datetime.fromtimestamp(float(anchor), UTC), float(speed))
    except ValueError as problem:
        raise BadClock(f"The practice clock cannot be read: {problem}.") from None
    if began.tzinfo is None or clock.speed <= 0:
        raise BadClock("CLOCK_START needs an offset such as +00:00, and CLOCK_SPEED must be above zero.")
    return clock


CLOCK = shifted_clock()


def real() -> datetime:
    """What the world's clocks say. For sessions, one-time codes and liveness; never for deciding about calls."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that reads it


def now() -> datetime:
    """The product's time, UTC: real, unless this installation practises on a shifted clock."""
    return CLOCK.reading(real=real()) if CLOCK else real()

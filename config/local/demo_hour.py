"""The practice clock of `make run`: it starts at a lawful hour, a Tuesday 10:30 in New York, and never goes back."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
OPENS, CLOSES = time(10, 30), time(17, 0)
TUESDAY, SATURDAY = 1, 5
# The days off that have a date of their own; the others fall on a Monday or a Thursday.
DAYS_OFF = {(1, 1), (6, 19), (7, 4), (11, 11), (12, 24), (12, 25), (12, 31)}


@dataclass(frozen=True)
class Reading:
    """The clock read `start` at the real moment `anchor`."""

    start: datetime
    anchor: datetime
    speed: float = 1.0

    def at(self, real: datetime) -> datetime:
        return max(self.start, self.start + (real - self.anchor) * self.speed)


def next_demo_hour(after: datetime) -> datetime:
    """The next Tuesday 10:30 in New York, holidays left out."""
    local = after.astimezone(NEW_YORK)
    day = local.date() + timedelta(days=(TUESDAY - local.weekday()) % 7)
    while True:
        hour = datetime.combine(day, OPENS, tzinfo=NEW_YORK)
        if hour >= local and (day.month, day.day) not in DAYS_OFF:
            return hour.astimezone(UTC)
        day += timedelta(days=7)


def resumed(kept: Reading | None, *, real: datetime, speed: float) -> Reading:
    """Go on from where the clock stood if that is a lawful hour, else at the next demo hour after it."""
    stands_at = kept.at(real) if kept else real
    if kept and kept.speed == speed and is_lawful(stands_at):
        return kept
    if kept and is_lawful(stands_at):
        return Reading(start=stands_at, anchor=real, speed=speed)
    return Reading(start=next_demo_hour(after=max(stands_at, real)), anchor=real, speed=speed)


def is_lawful(moment: datetime) -> bool:
    local = moment.astimezone(NEW_YORK)
    return local.weekday() < SATURDAY and OPENS <= local.time() < CLOSES


def sentence(reading: Reading, *, real: datetime) -> str:
    local = reading.at(real).astimezone(NEW_YORK)
    pace = "" if reading.speed == 1 else f", running {reading.speed:g} times as fast"
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M} in New York{pace}"

"""Judge: a day of lawful hours as people read it, hour by hour on one clock of the wall."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from compliance import zones
from compliance.facts import Facts
from compliance.hours import Clock, intersect, key_of, timetable
from compliance.rulebook import Rulebook, Window

HOUR, DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Strip:
    """One clock on one of its days. Each hour is open, partly or closed."""

    zone: str
    name: str
    local: datetime
    hours: tuple[str, ...]

    @property
    def said(self) -> str:
        return f"{self.local:%A %H:%M} {self.local.tzname()}"

    @property
    def now_hour(self) -> int:
        return self.local.hour


def strips(facts: Facts, rulebook: Rulebook) -> list[Strip]:
    """Every clock these facts are judged by, on its local day."""
    if facts.at is None:
        return []
    table = timetable(key_of(facts, rulebook), policy=facts.policy, seller=facts.seller, rulebook=rulebook)
    return [_strip(clock, facts.at.astimezone(clock.zone)) for clock in table.clocks]


def _strip(clock: Clock, local: datetime) -> Strip:
    return Strip(clock.name, place_of(clock.name), local, hours_of([clock], local.date()))


def hours_of(clocks: Iterable[Clock], day: date) -> tuple[str, ...]:
    """What all of these leave of one and the same local day."""
    left: list[Window] = [(0, DAY)]
    for clock in clocks:
        for closing in clock.closings:
            windows = closing.on(day.toordinal()).windows
            if windows is not None:
                left = intersect(left, windows)
    return tuple(_hour(left, hour * HOUR) for hour in range(24))


def _hour(windows: Iterable[Window], start: int) -> str:
    covered = sum(max(0, min(end, start + HOUR) - max(begin, start)) for begin, end in windows)
    return "open" if covered == HOUR else "partly" if covered else "closed"


def place_of(zone: str) -> str:
    """America/New_York is New York to whoever lives there; Etc/GMT+6 is six hours behind UTC."""
    place = zone.rpartition("/")[2].replace("_", " ")
    return place.replace("GMT+", "UTC-") if zone.startswith("Etc/") else place


def local_words(at: datetime, zone: str) -> str:
    local = at.astimezone(zones.zone(zone))
    return f"{local:%A} {local.day} {local:%B, %H:%M} in {place_of(zone)}"

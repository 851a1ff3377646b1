"""Time zones: read from the pinned tables, compared by what their clocks do rather than by name."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytz


class NoSuchZone(Exception):
    """The tables know no zone of this name."""


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """From the `tzdata` package, never from the machine: two machines must judge alike."""
    if name not in known():
        raise NoSuchZone(f"There is no time zone called {name!r}. Use an IANA name such as America/Chicago.")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as table:
        return ZoneInfo.from_file(table, key=name)


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1)
def tables_version() -> str:
    return files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text(encoding="utf-8").split("\n", 1)[0][2:].strip()


# Long enough for clock changes of every kind, near enough that zones merged decades ago count as one.
_FIRST, _WEEKS = datetime(2024, 1, 3, 12, tzinfo=UTC), 52 * 14


@lru_cache(maxsize=1024)
def _offsets(name: str) -> tuple[timedelta | None, ...]:
    clock = zone(name)
    return tuple((_FIRST + timedelta(weeks=week)).astimezone(clock).utcoffset() for week in range(_WEEKS))


@lru_cache(maxsize=16_384)
def same_clock(one: str, other: str) -> bool:
    return one == other or _offsets(one) == _offsets(other)


def named_as(name: str, names: Iterable[str]) -> str | None:
    """Of these names, the one whose clock shows the same time; None when no clock does."""
    choices = tuple(names)
    return name if name in choices else next((choice for choice in choices if same_clock(name, choice)), None)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Each clock once, under the first name it came with, in alphabetical order."""
    kept: list[str] = []
    for name in names:
        if named_as(name, kept) is None:
            kept.append(name)
    return tuple(sorted(kept))


@lru_cache(maxsize=256)
def of_regions(regions: tuple[str, ...]) -> frozenset[str]:
    """Every zone of these countries, older spellings included."""
    names = frozenset(name for region in regions for name in pytz.country_timezones.get(region, ()))
    elsewhere = frozenset(
        name for region in pytz.country_timezones if region not in regions for name in pytz.country_timezones[region]
    )
    return names | frozenset(old for old, new in _links().items() if new in names and old not in elsewhere)


@lru_cache(maxsize=1)
def _links() -> dict[str, str]:
    lines = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text(encoding="utf-8").splitlines()
    return {parts[2]: parts[1] for parts in map(str.split, lines) if parts and parts[0] == "L" and len(parts) == 3}

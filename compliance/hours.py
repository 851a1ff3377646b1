"""Lawful hours: when every clock and every law of a place lets a call begin.

Whatever closes the door (federal hours, a state's, those for automated calls, Sundays, holidays, the workspace's
own) is one `Closing`: a page of local windows per day. A timetable holds all closings of one hours key and answers
in instants.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from compliance import zones
from compliance.codes import Code
from compliance.facts import Facts, Place
from compliance.holidays import WEEKDAYS, Holiday, Holidays
from compliance.policy import CITATION, EVERYWHERE, WORKSPACE, OwnHoliday, OwnHours, Policy
from compliance.rulebook import Jurisdiction, Rulebook, Window

HORIZON_DAYS = 400
_DAYS_KEPT, _SPANS_KEPT = 4096, 64
_HOURS_CODES = (Code.HOURS_STATE, Code.HOURS_STATE_AUTOMATED, Code.SUNDAY_BAN, Code.HOLIDAY_BAN)
NOWHERE = "?"


@dataclass(frozen=True, slots=True)
class HoursKey:
    """All that open hours depend on: contacts with one key open and close together."""

    zones: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    purpose: str
    counties: tuple[str, ...] = ()  # "AL/Mobile" where a rule asks for a county, "AL/?" when it is not known

    def __str__(self) -> str:
        parts = (self.zones, self.jurisdictions, (self.purpose,), self.counties)
        return "|".join(",".join(part) for part in parts)

    @classmethod
    def parse(cls, text: str) -> "HoursKey":
        zones_, jurisdictions, purpose, counties = (tuple(filter(None, part.split(","))) for part in text.split("|"))
        return cls(zones=zones_, jurisdictions=jurisdictions, purpose=purpose[0], counties=counties)


@dataclass(frozen=True, slots=True)
class Day:
    """One closing on one day. `windows` None leaves the day alone."""

    windows: tuple[Window, ...] | None
    code: Code = Code.HOURS_FEDERAL
    citation: str = ""
    why: str = ""


OPEN = Day(None)


@dataclass(frozen=True, slots=True)
class Block:
    """One closing that stands in the way at an instant."""

    code: Code
    jurisdiction: str
    zone: str
    citation: str
    why: str


@dataclass(slots=True)
class Closing:
    jurisdiction: str
    page: Callable[[date], Day]
    _kept: dict[int, Day] = field(default_factory=dict)

    def on(self, ordinal: int) -> Day:
        day = self._kept.get(ordinal)
        if day is None:
            if len(self._kept) >= _DAYS_KEPT:
                self._kept.clear()
            day = self._kept[ordinal] = self.page(date.fromordinal(ordinal))
        return day


@dataclass(slots=True)
class Clock:
    """One zone and everything that is read on it."""

    name: str
    zone: ZoneInfo
    closings: tuple[Closing, ...]
    _kept: dict[int, tuple[Window, ...]] = field(default_factory=dict)

    def blocks(self, at: datetime, ring: int) -> Iterable[Block]:
        local = at.astimezone(self.zone)
        ordinal, second = local.toordinal(), local.hour * 3600 + local.minute * 60 + local.second
        for closing in self.closings:
            day = closing.on(ordinal)
            if day.windows is None or any(start <= second < end - ring for start, end in day.windows):
                continue
            yield Block(day.code, closing.jurisdiction, self.name, day.citation, day.why)

    def spans(self, ordinal: int) -> tuple[Window, ...]:
        """The open spans of one local day, in seconds since 1970."""
        spans = self._kept.get(ordinal)
        if spans is None:
            if len(self._kept) >= _SPANS_KEPT:
                self._kept.clear()
            spans = self._kept[ordinal] = self._spans(ordinal)
        return spans

    def _spans(self, ordinal: int) -> tuple[Window, ...]:
        open_windows: list[Window] = [(0, 86_400)]
        for closing in self.closings:
            windows = closing.on(ordinal).windows
            if windows is not None:
                open_windows = intersect(open_windows, windows)
        return tuple((self._instant(ordinal, start), self._instant(ordinal, end)) for start, end in open_windows)

    def _instant(self, ordinal: int, second: int) -> int:
        midnight = datetime.combine(date.fromordinal(ordinal), datetime.min.time())
        return int((midnight + timedelta(seconds=second)).replace(tzinfo=self.zone).timestamp())

    def next_open(self, instant: int, ring: int) -> int | None:
        first = datetime.fromtimestamp(instant, self.zone).toordinal()
        for ordinal in range(first, first + HORIZON_DAYS):
            for start, end in self.spans(ordinal):
                if instant < end - ring and start < end - ring:
                    return max(start, instant)
        return None


def intersect(one: Iterable[Window], other: Iterable[Window]) -> list[Window]:
    others = tuple(other)
    return [
        (max(start, begin), min(end, stop))
        for start, end in one
        for begin, stop in others
        if max(start, begin) < min(end, stop)
    ]


@dataclass(frozen=True, slots=True)
class Timetable:
    clocks: tuple[Clock, ...]

    def blocks(self, at: datetime, *, ring: int = 0) -> list[Block]:
        return [block for clock in self.clocks for block in clock.blocks(at, ring)]

    def next_open(self, instant: int, *, ring: int = 0) -> int | None:
        """The first second from `instant` on that is open on every clock; None within the horizon."""
        limit = instant + HORIZON_DAYS * 86_400
        while instant <= limit:
            latest = instant
            for clock in self.clocks:
                opens = clock.next_open(latest, ring)
                if opens is None:
                    return None
                latest = opens
            if latest == instant:
                return instant
            instant = latest
        return None

    def spans(self, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
        """Every open span between two instants, oldest first."""
        begin, end = int(first.timestamp()), int(last.timestamp())
        spans: list[Window] = [(begin, end)]
        for clock in self.clocks:
            days = range(first.astimezone(clock.zone).toordinal() - 1, last.astimezone(clock.zone).toordinal() + 2)
            spans = intersect(spans, [span for ordinal in days for span in clock.spans(ordinal)])
        return [(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(stop, UTC)) for start, stop in spans]

    def closes_at(self, at: datetime) -> datetime | None:
        """When the span open at this instant ends; None when none is open."""
        spans = self.spans(at, at + timedelta(days=2))
        return spans[0][1] if spans and spans[0][0] <= at else None


def key_of(facts: Facts, rulebook: Rulebook) -> HoursKey:
    return key_for(facts.place, purpose=facts.purpose or "marketing", policy=facts.policy, rulebook=rulebook)


@lru_cache(maxsize=16_384)
def key_for(place: Place, *, purpose: str, policy: Policy, rulebook: Rulebook) -> HoursKey:
    laws = [rulebook.jurisdictions[code] for code in place.jurisdictions]
    return HoursKey(
        zones=place.zones,
        jurisdictions=place.jurisdictions,
        purpose=_like(purpose, laws, rulebook),
        counties=tuple(
            f"{law.code}/{county}"
            for law in laws
            if _asks_for_county(law, policy)
            for county in _known_counties(law.code, place)
        ),
    )


def _like(purpose: str, laws: list[Jurisdiction], rulebook: Rulebook) -> str:
    """The first purpose that the same hours bind here, so that keys stay few."""
    bound = _bound(purpose, laws, rulebook)
    return next(name for name in rulebook.purposes if _bound(name, laws, rulebook) == bound)


def _bound(purpose: str, laws: list[Jurisdiction], rulebook: Rulebook) -> list[bool]:
    return [binds(code, purpose, law, rulebook) for law in laws for code in _HOURS_CODES]


def binds(code: Code, purpose: str, law: Jurisdiction, rulebook: Rulebook) -> bool:
    """Does this rule bind this purpose there? The jurisdiction's own word wins over the general table."""
    own = law.binds.get(code)
    return code in rulebook.purposes[purpose].binds if own is None else purpose in own


def _asks_for_county(law: Jurisdiction, policy: Policy) -> bool:
    return any(day.counties for version in law.laws if version.holidays for day in version.holidays.days) or any(
        holiday.county and holiday.jurisdiction == law.code for holiday in policy.holidays
    )


def _known_counties(code: str, place: Place) -> tuple[str, ...]:
    if place.home and code not in place.home:
        return ("elsewhere",)
    return place.counties if place.home and place.counties else (NOWHERE,)


@lru_cache(maxsize=4096)
def timetable(key: HoursKey, *, policy: Policy, seller: str | None, rulebook: Rulebook) -> Timetable:
    """The timetable of a key: made once, then asked for every contact that shares it."""
    everywhere = [_federal(rulebook), *_own_closings(key, policy)]
    read_on: dict[str, list[Closing]] = {name: list(everywhere) for name in key.zones}
    for code in key.jurisdictions:
        law = rulebook.jurisdictions[code]
        closings = [
            closing
            for code, closing in _state_closings(law, key.counties)
            if binds(code, key.purpose, law, rulebook) and policy.loosening(code, law.code, seller=seller) is None
        ]
        for name in (law.clock,) if law.clock else key.zones:
            read_on.setdefault(name, []).extend(closings)
    return Timetable(tuple(Clock(name, zones.zone(name), tuple(closings)) for name, closings in read_on.items()))


def _own_closings(key: HoursKey, policy: Policy) -> Iterable[Closing]:
    for own in policy.hours:
        if own.jurisdiction in (EVERYWHERE, *key.jurisdictions):
            yield _own_hours(own)
    for holiday in policy.holidays:
        if holiday.jurisdiction == EVERYWHERE or _in_area(holiday, key):
            yield _own_holiday(holiday)


def _in_area(holiday: OwnHoliday, key: HoursKey) -> bool:
    if holiday.jurisdiction not in key.jurisdictions:
        return False
    return holiday.county is None or _county_matches((holiday.county,), holiday.jurisdiction, key.counties)


@lru_cache(maxsize=64)
def _federal(rulebook: Rulebook) -> Closing:
    hours = rulebook.federal.hours

    def page(day: date) -> Day:
        windows = hours.week[day.weekday()]
        return Day(windows, Code.HOURS_FEDERAL, hours.citation, f"Calls may be made {said(windows)}")

    return Closing("US", page)


@lru_cache(maxsize=1024)
def _state_closings(law: Jurisdiction, counties: tuple[str, ...]) -> tuple[tuple[Code, Closing], ...]:
    """Shared by all timetables that ask the same of a state, and with them the pages already read."""
    return (
        (Code.HOURS_STATE, _calling_hours(law)),
        (Code.SUNDAY_BAN, _sundays(law)),
        (Code.HOURS_STATE_AUTOMATED, _automated_hours(law, counties)),
        (Code.HOLIDAY_BAN, _holidays(law, counties)),
    )


def _calling_hours(law: Jurisdiction) -> Closing:
    def page(day: date) -> Day:
        hours = law.law_on(day).calling_hours
        if hours is None or (day.weekday() == 6 and not hours.week[6]):
            return OPEN  # a closed Sunday is a Sunday ban, not a matter of hours
        windows = hours.week[day.weekday()]
        return Day(windows, Code.HOURS_STATE, hours.citation, f"{law.name} allows sales calls {said(windows)}")

    return Closing(law.code, page)


def _sundays(law: Jurisdiction) -> Closing:
    def page(day: date) -> Day:
        hours = law.law_on(day).calling_hours
        if hours is None or day.weekday() != 6 or hours.week[6]:
            return OPEN
        return Day((), Code.SUNDAY_BAN, hours.citation, f"{law.name} allows no sales calls on Sundays")

    return Closing(law.code, page)


def _automated_hours(law: Jurisdiction, counties: tuple[str, ...]) -> Closing:
    def page(day: date) -> Day:
        version = law.law_on(day)
        hours, on_holidays = version.automated_hours, version.automated_holidays
        if hours is None:
            return OPEN
        windows, citation = hours.week[day.weekday()], hours.citation
        if on_holidays is not None and _closing_holiday(on_holidays.holidays, day, law.code, counties):
            windows, citation = tuple(intersect(windows, on_holidays.windows)), on_holidays.holidays.citation
        return Day(windows, Code.HOURS_STATE_AUTOMATED, citation, f"{law.name} allows automated calls {said(windows)}")

    return Closing(law.code, page)


def _holidays(law: Jurisdiction, counties: tuple[str, ...]) -> Closing:
    def page(day: date) -> Day:
        holidays = law.law_on(day).holidays
        holiday = _closing_holiday(holidays, day, law.code, counties) if holidays else None
        if holidays is None or holiday is None:
            return OPEN
        return Day((), Code.HOLIDAY_BAN, holidays.citation, f"{law.name} allows no sales calls on {holiday.name}")

    return Closing(law.code, page)


def _closing_holiday(holidays: Holidays, day: date, code: str, counties: tuple[str, ...]) -> Holiday | None:
    return next((kept for kept in holidays.on(day) if _county_matches(kept.counties, code, counties)), None)


def _county_matches(wanted: tuple[str, ...], code: str, counties: tuple[str, ...]) -> bool:
    """A rule for some counties holds where the county is one of them, and where nobody knows the county."""
    if not wanted:
        return True
    known = {county.partition("/")[2].casefold() for county in counties if county.startswith(code + "/")}
    return NOWHERE in known or not known or bool(known & {county.casefold() for county in wanted})


def _own_hours(own: OwnHours) -> Closing:
    def page(day: date) -> Day:
        windows = own.week[day.weekday()]
        return Day(windows, Code.HOURS_STATE, CITATION, f"This workspace calls {said(windows)}")

    return Closing(WORKSPACE if own.jurisdiction == EVERYWHERE else own.jurisdiction, page)


def _own_holiday(holiday: OwnHoliday) -> Closing:
    def page(day: date) -> Day:
        if day != holiday.day:
            return OPEN
        return Day((), Code.HOLIDAY_BAN, CITATION, f"This workspace does not call on {holiday.name}")

    return Closing(WORKSPACE if holiday.jurisdiction == EVERYWHERE else holiday.jurisdiction, page)


def said(windows: Iterable[Window]) -> str:
    texts = [f"from {_clock_time(start)} to {_clock_time(end)}" for start, end in windows]
    return " and ".join(texts) or "at no time that day"


def _clock_time(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}"


def local_text(at: datetime, name: str) -> str:
    local = at.astimezone(zones.zone(name))
    return f"{WEEKDAYS[local.weekday()].title()} {local:%Y-%m-%d %H:%M:%S} {local.tzname()}"

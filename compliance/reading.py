"""Judge: the rulebook as a person reads it: who may be called when, on which days nobody, and what each law says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from compliance import hours
from compliance.codes import Code
from compliance.facts import Place
from compliance.holidays import WEEKDAYS, Holidays
from compliance.hours import Clock, said
from compliance.policy import Policy
from compliance.rulebook import Hours, Jurisdiction, Law, Rulebook
from compliance.strips import hours_of

FEDERAL = "US"
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Row:
    """One jurisdiction on one local day."""

    jurisdiction: Jurisdiction
    hours: tuple[str, ...]
    why: tuple[str, ...]  # what narrows the federal hours that day
    holiday: bool
    stricter: bool

    @property
    def closed(self) -> bool:
        return "open" not in self.hours and "partly" not in self.hours


def grid(day: date, *, purpose: str, policy: Policy, rulebook: Rulebook) -> list[Row]:
    named = sorted(rulebook.jurisdictions.values(), key=lambda each: each.name)
    return [_row(each, day, purpose=purpose, policy=policy, rulebook=rulebook) for each in named]


def _row(jurisdiction: Jurisdiction, day: date, *, purpose: str, policy: Policy, rulebook: Rulebook) -> Row:
    clock = _clock(jurisdiction, purpose=purpose, policy=policy, rulebook=rulebook)
    pages = [(closing.jurisdiction, closing.on(day.toordinal())) for closing in clock.closings]
    narrowing = [page for where, page in pages if where != FEDERAL and page.windows is not None]
    return Row(
        jurisdiction=jurisdiction,
        hours=hours_of([clock], day),
        why=tuple(dict.fromkeys(page.why for page in narrowing)),
        holiday=any(page.code is Code.HOLIDAY_BAN for page in narrowing),
        stricter=bool(narrowing),
    )


def _clock(jurisdiction: Jurisdiction, *, purpose: str, policy: Policy, rulebook: Rulebook) -> Clock:
    """Whatever its zones, the windows of a law are the same on each; one clock stands for all."""
    zone = jurisdiction.clock or jurisdiction.zones[0]
    place = Place(zones=(zone,), jurisdictions=(jurisdiction.code,))
    key = hours.key_for(place, purpose=purpose, policy=policy, rulebook=rulebook)
    [clock] = hours.timetable(key, policy=policy, seller=None, rulebook=rulebook).clocks
    return clock


# The calendar: days of a year on which somebody may not be called at all


@dataclass(frozen=True, slots=True)
class ClosedDay:
    day: date
    names: tuple[str, ...]
    where: tuple[str, ...]  # names of jurisdictions, or of the workspace


def closed_days(year: int, *, policy: Policy, rulebook: Rulebook) -> list[ClosedDay]:
    """Holidays that close a day to sales calls somewhere. Sundays are on the grid: they come every week."""
    found: dict[date, list[tuple[str, str]]] = {}
    for jurisdiction in sorted(rulebook.jurisdictions.values(), key=lambda each: each.name):
        for day, name in holidays_of(jurisdiction, year):
            found.setdefault(day, []).append((name, jurisdiction.name))
    for own in policy.holidays:
        if own.day.year == year:
            found.setdefault(own.day, []).append((own.name, "This workspace"))
    return [_closed_day(day, pairs) for day, pairs in sorted(found.items())]


def _closed_day(day: date, pairs: list[tuple[str, str]]) -> ClosedDay:
    names, where = (tuple(dict.fromkeys(pair[part] for pair in pairs)) for part in (0, 1))
    return ClosedDay(day, names, where)


def holidays_of(jurisdiction: Jurisdiction, year: int) -> list[tuple[date, str]]:
    days = (date(year, 1, 1) + timedelta(days=count) for count in range(366))
    return [
        (day, _holiday_name(kept, day))
        for day in days
        if day.year == year
        for kept in [jurisdiction.law_on(day).holidays]
        if kept is not None and kept.on(day)
    ]


def _holiday_name(kept: Holidays, day: date) -> str:
    return ", ".join(_with_counties(holiday.name, holiday.counties) for holiday in kept.on(day))


def _with_counties(name: str, counties: tuple[str, ...]) -> str:
    return f"{name} ({', '.join(counties)} only)" if counties else name


# One law, entry by entry


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    sentences: tuple[str, ...]
    citation: str
    confidence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """A law while it is in force."""

    since: date | None
    until: date | None
    entries: tuple[Entry, ...]
    current: bool


def wordings(jurisdiction: Jurisdiction, *, today: date) -> list[Wording]:
    """The newest first."""
    now = jurisdiction.law_on(today)
    told = [
        Wording(law.since, law.until, tuple(_entries(law, page, jurisdiction)), law is now)
        for law, page in zip(jurisdiction.laws, jurisdiction.page["law"], strict=True)
    ]
    return told[::-1]


_VOICE = {
    "federal_only": "The federal rules on artificial voices apply, and none beside them.",
    "time_and_rate_limits": "Artificial voices are limited to certain hours, and in how often they may call.",
    "disclosure": "Artificial voices are allowed with a disclosure.",
    "pewc": "Sales calls with an artificial voice need written consent.",
    "consent": "Sales calls with an artificial voice need consent.",
    "consent_or_live_operator": "Needs consent, or a live operator who introduces the recording.",
    "consent_or_natural_voice_intro": "Needs prior agreement, or a natural voice that introduces the recording.",
    "permit": "The seller needs a permit for sales calls with an artificial voice.",
    "ban": "Sales calls with an artificial voice are forbidden.",
    "ban_or_consent": "Sales calls with an artificial voice are refused: consent may not be enough.",
    "consent_insufficient": "Sales calls with an artificial voice are refused: consent is not enough.",
}
_REGISTRATION = {
    "required": "Sellers must register before they sell by telephone; a seller attests it here.",
    "conditional": "Some sellers must register; a seller attests that it did, or need not.",
    "unverified": "Whether sellers must register was not verified; a seller attests what counsel says.",
    "none_found": "No duty to register was found; an attestation is asked all the same.",
}


def _entries(law: Law, page: Mapping[str, Any], jurisdiction: Jurisdiction) -> Iterator[Entry]:
    for name, title in _TITLES.items():
        if name in page:
            yield _entry(title, _SAID[name](law, page[name]), page[name])
    registration = _REGISTRATION[law.seller_registration]
    yield Entry("Registration of sellers", (registration,), "; ".join(jurisdiction.citations), "")
    if law.reassigned_check_required:
        yield Entry("Reassigned numbers", ("The check is a duty here; no owner may waive it.",), "", "")


def _entry(title: str, sentences: tuple[str, ...], page: Mapping[str, Any]) -> Entry:
    return Entry(title, sentences, page.get("citation", ""), page.get("confidence", ""), page.get("note", ""))


_TITLES = {
    "calling_hours": "Hours of sales calls",
    "automated_hours": "Hours of automated calls",
    "automated_holidays": "Holidays and automated calls",
    "holidays": "Holidays without sales calls",
    "attempt_cap": "Attempts",
    "automated_attempt_cap": "Automated attempts",
    "debt_cap": "Calls about a debt",
    "automated_voice": "Artificial voice",
    "mobile_solicitation": "Mobile numbers",
    "registry": "Registry",
    "emergency_ban": "Emergencies",
    "ring_limits": "Ringing",
}
_PER = {
    "person": "to one person",
    "person_and_subject": "to one person on one subject",
    "person_and_debt": "to one person about one debt",
}


def _cap_said(cap: Mapping[str, Any]) -> str:
    lifted = cap.get("lifted_by_purchase_within_months")
    unless = f", unless the person bought something within {lifted} months" if lifted else ""
    return f"At most {cap['count']} in {cap['hours']} hours {_PER.get(cap.get('per', 'person'), '')}{unless}."


def _automated_holidays(law: Law, _: Mapping[str, Any]) -> tuple[str, ...]:
    assert law.automated_holidays is not None
    return (f"On holidays automated calls are allowed {said(law.automated_holidays.windows)}.",)


def _observed(holidays: Holidays | None) -> str:
    assert holidays is not None
    names = [_with_counties(day.name, day.counties) for day in holidays.days]
    moved = [f"a {_day(on)} holiday on {_day(kept)} too" for on, kept in holidays.observed]
    return f"{', '.join(names)}.{' Kept: ' + ', '.join(moved) + '.' if moved else ''}"


def _day(short: str) -> str:
    return NAMES[WEEKDAYS.index(short)]


def week_said(kept: Hours | None) -> tuple[str, ...]:
    """Monday to Friday from 09:00 to 20:00: neighbours with one timetable share a line."""
    assert kept is not None
    starts = [0, *(later for earlier, later in pairwise(range(7)) if kept.week[earlier] != kept.week[later]), 7]
    return tuple(f"{_span(first, last - 1)} {said(kept.week[first])}" for first, last in pairwise(starts))


def _span(first: int, last: int) -> str:
    return NAMES[first] if first == last else f"{NAMES[first]} to {NAMES[last]}"


_SAID: Mapping[str, Callable[[Law, Mapping[str, Any]], tuple[str, ...]]] = {
    "calling_hours": lambda law, _: week_said(law.calling_hours),
    "automated_hours": lambda law, _: week_said(law.automated_hours),
    "automated_holidays": _automated_holidays,
    "holidays": lambda law, _: (_observed(law.holidays),),
    "attempt_cap": lambda _, cap: (_cap_said(cap),),
    "automated_attempt_cap": lambda _, cap: (_cap_said(cap),),
    "debt_cap": lambda _, cap: (_cap_said(cap),),
    "automated_voice": lambda law, _: (_VOICE[law.automated_voice],),
    "mobile_solicitation": lambda *_: ("Unsolicited sales calls to mobile numbers are barred.",),
    "registry": lambda law, _: (
        f"Keeps its own do-not-call list; our copy may be {law.registry_max_age_days} days old at most.",
    ),
    "emergency_ban": lambda *_: ("No sales calls into an area under a declared emergency.",),
    "ring_limits": lambda law, _: (f"The telephone may ring {law.max_rings} times at most.",),
}


def clocks_said(jurisdiction: Jurisdiction) -> str:
    if jurisdiction.clock:
        return f"{jurisdiction.clock}, whatever the contact's own clock shows"
    return ", ".join(jurisdiction.zones)

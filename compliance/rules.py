"""May this number be called? One function per rule: facts in, refusals out, all of them at once."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from compliance import caps, consents, hours, numbers, zones
from compliance.codes import RANK, Code
from compliance.facts import ANYWHERE, Attempt, Consent, Facts, Listing
from compliance.policy import CITATION, EVERYWHERE, WORKSPACE, Emergency
from compliance.rulebook import Cap, Exemption, Jurisdiction, Law, Purpose, Rulebook

FEDERAL = "US"
_BLOCKING_LEVELS = frozenset({"ban", "ban_or_consent", "consent_insufficient"})
_CONSENT_LEVELS = frozenset({"pewc", "consent", "consent_or_live_operator", "consent_or_natural_voice_intro"})
_PRIOR_AGREEMENT_LEVELS = frozenset({"consent_or_live_operator", "consent_or_natural_voice_intro"})
_CONVERSATIONS = frozenset({"conversation", "answered"})
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason against the call. `lifts_at` is set when waiting alone takes it away."""

    code: Code
    jurisdiction: str | None
    zone: str | None
    citation: str
    text: str
    temporal: bool = False
    lifts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    refusals: tuple[Refusal, ...]
    next_allowed_at: datetime | None
    rulebook: str
    notes: tuple[str, ...] = ()

    @property
    def granted(self) -> bool:
        return not self.refusals

    @property
    def codes(self) -> tuple[Code, ...]:
        return tuple(dict.fromkeys(refusal.code for refusal in self.refusals))

    @property
    def blocked_by_time(self) -> bool:
        """Waiting may be enough. `next_allowed_at` is None all the same when other facts lapse before that."""
        return bool(self.refusals) and all(refusal.temporal for refusal in self.refusals)


class Case:
    """The facts of one call with what the rulebook says of its place, at one instant."""

    def __init__(self, facts: Facts, rulebook: Rulebook, at: datetime) -> None:
        self.facts, self.rulebook, self.at = facts, rulebook, at
        self.federal = rulebook.federal
        self.purpose: Purpose = rulebook.purposes[facts.purpose or "marketing"]
        self.place = facts.place
        self.laws = self._laws()
        self.consented = consents.carries(facts.consents, self.purpose.consent, purpose=self.purpose.name, at=at)
        self.timetable = hours.timetable(
            hours.key_of(facts, rulebook), policy=facts.policy, seller=facts.seller, rulebook=rulebook
        )

    def _laws(self) -> list[tuple[Jurisdiction, Law]]:
        """Every wording in force there, by the local date of every clock the contact may live by."""
        found: list[tuple[Jurisdiction, Law]] = []
        for code in self.place.jurisdictions:
            jurisdiction = self.rulebook.jurisdictions[code]
            if len(jurisdiction.laws) == 1:
                found.append((jurisdiction, jurisdiction.laws[0]))
            else:
                wordings = dict.fromkeys(jurisdiction.law_on(day) for day in self.local_dates)
                found += [(jurisdiction, law) for law in wordings]
        return found

    @cached_property
    def local_dates(self) -> list[date]:
        if not self.place.zones:
            return [self.at.date()]
        return [self.at.astimezone(zones.zone(name)).date() for name in self.place.zones]

    def binds(self, code: Code, jurisdiction: Jurisdiction) -> bool:
        if not hours.binds(code, self.purpose.name, jurisdiction, self.rulebook):
            return False
        loosened = self.facts.policy.loosened
        return not loosened or self.facts.policy.loosening(code, jurisdiction.code, seller=self.facts.seller) is None

    @cached_property
    def line_type(self) -> str:
        """What the line is as far as a recent carrier look-up says; mobile otherwise."""
        stated = self.facts.line_type
        if stated in (None, "unknown", "mobile"):
            return "mobile"
        assert stated is not None
        return stated if stated == "toll_free" or self.line_type_is_fresh else "mobile"

    @property
    def line_type_is_fresh(self) -> bool:
        checked = self.facts.line_type_checked_at
        limit = timedelta(days=self.federal.line_type_max_age_days)
        return (
            self.facts.line_type_source == "carrier_lookup"
            and checked is not None
            and self.at - limit <= checked <= self.at
        )

    @cached_property
    def exemption(self) -> Exemption | None:
        """What stands in for consent: declared by the operator, made for this purpose, on a landline."""
        declared = self.federal.exemptions.get(self.facts.exemption or "")
        if declared is None or declared.name not in self.purpose.exemptions or self.line_type != "landline":
            return None
        return declared

    @cached_property
    def exemption_frees_at(self) -> datetime | None:
        assert self.exemption is not None
        assert self.facts.attempts is not None
        instants = [attempt.at for attempt in self.facts.attempts]
        frees = [caps.frees_at(instants, at=self.at, count=cap.count, hours=cap.hours) for cap in self.exemption.caps]
        return max((instant for instant in frees if instant is not None), default=None)

    @property
    def exempt(self) -> bool:
        return self.exemption is not None and self.facts.attempts is not None and self.exemption_frees_at is None


# Gate 1: the number


def number(case: Case) -> Iterator[Refusal]:
    found = dict.fromkeys(case.place.number_codes)
    if case.facts.line_type == "toll_free":
        found |= dict.fromkeys((Code.NON_GEOGRAPHIC_NUMBER, Code.PROTECTED_LINE))
    for code in found:
        yield Refusal(code, FEDERAL, None, case.federal.protected_citation, _NUMBER_TEXTS[code])


_NUMBER_TEXTS = {
    Code.INVALID_NUMBER: "This is not a number that can be called. Correct it, with its country code.",
    Code.NON_GEOGRAPHIC_NUMBER: "This number belongs to no place, so no lawful hours can be found for it.",
    Code.PROTECTED_LINE: "Artificial voices may not call emergency lines or lines where a party is charged.",
}


# Gate 2: the jurisdiction

_UNKNOWN = "Rulebook: where no rules are known, nobody is called"


def unsupported(case: Case) -> Iterator[Refusal]:
    if case.place.unsupported is not None:
        yield Refusal(Code.UNSUPPORTED_JURISDICTION, None, None, _UNKNOWN, case.place.unsupported)


def seller_not_registered(case: Case) -> Iterator[Refusal]:
    attested = case.facts.attested
    if ANYWHERE in attested:
        return
    for jurisdiction, law in case.laws:
        if jurisdiction.code in attested or not case.binds(Code.SELLER_NOT_REGISTERED, jurisdiction):
            continue
        permit = law.automated_voice == "permit"
        yield Refusal(
            Code.SELLER_NOT_REGISTERED,
            jurisdiction.code,
            None,
            law.automated_voice_citation if permit else "; ".join(jurisdiction.citations),
            f"The seller has not attested its registration {'and permit ' if permit else ''}for {jurisdiction.name}.",
        )


def automated_ban(case: Case) -> Iterator[Refusal]:
    refused_agreement = any(consent.prior_agreement_for_automated_calls is False for consent in case.facts.consents)
    for jurisdiction, law in case.laws:
        level = law.automated_voice
        banned = level in _BLOCKING_LEVELS or (refused_agreement and level in _PRIOR_AGREEMENT_LEVELS)
        if banned and case.binds(Code.STATE_AUTOMATED_BAN, jurisdiction):
            why = "" if level in _BLOCKING_LEVELS else " without the person's prior agreement"
            yield Refusal(
                Code.STATE_AUTOMATED_BAN,
                jurisdiction.code,
                None,
                law.automated_voice_citation,
                f"{jurisdiction.name} does not allow sales calls with an artificial voice{why}.",
            )


def emergency(case: Case) -> Iterator[Refusal]:
    if case.facts.emergency is not False:
        for jurisdiction, law in case.laws:
            if law.emergency_citation is not None and case.binds(Code.EMERGENCY_BAN, jurisdiction):
                yield Refusal(
                    Code.EMERGENCY_BAN,
                    jurisdiction.code,
                    None,
                    law.emergency_citation,
                    f"{jurisdiction.name} stops sales calls into an area under a declared emergency.",
                )
    for own in case.facts.policy.emergencies:
        if _touches(own, case) and own.starts_at <= case.at and (own.ends_at is None or case.at < own.ends_at):
            yield _own_emergency(own)


def _touches(own: Emergency, case: Case) -> bool:
    if own.jurisdiction == EVERYWHERE:
        return Code.EMERGENCY_BAN in case.purpose.binds
    if own.jurisdiction not in case.place.jurisdictions:
        return False
    if not case.binds(Code.EMERGENCY_BAN, case.rulebook.jurisdictions[own.jurisdiction]):
        return False
    if own.county is None or not case.place.counties:
        return own.county is None or own.jurisdiction in case.place.home or not case.place.home
    return own.jurisdiction in case.place.home and own.county.casefold() in map(str.casefold, case.place.counties)


def _own_emergency(own: Emergency) -> Refusal:
    where = own.jurisdiction if own.county is None else f"{own.county}, {own.jurisdiction}"
    return Refusal(
        Code.EMERGENCY_BAN,
        own.jurisdiction,
        None,
        CITATION,
        f"Sales calls into {where} are stopped for {own.name}.",
        temporal=own.ends_at is not None,
        lifts_at=own.ends_at,
    )


# Gate 3: lists


def internal_list(case: Case) -> Iterator[Refusal]:
    entry = case.facts.internal
    if entry.listed is False or _released(case):
        return
    text = (
        "This person asked not to be called."
        if entry.listed
        else "Nobody looked whether this person asked not to be called."
    )
    yield Refusal(Code.INTERNAL_DNC, FEDERAL, None, case.federal.internal_list_citation, text)


def _released(case: Case) -> bool:
    entry = case.facts.internal
    return (
        entry.listed_at is not None
        and entry.released_by_consent_at is not None
        and entry.listed_at < entry.released_by_consent_at <= case.at
    )


def litigator_list(case: Case) -> Iterator[Refusal]:
    if case.facts.litigator is not False:
        text = (
            "This number is on a litigator list."
            if case.facts.litigator
            else "Nobody looked whether this number is on a litigator list."
        )
        yield Refusal(Code.LITIGATOR, None, None, CITATION, text)


# Gate 4: consent


def consent(case: Case) -> Iterator[Refusal]:
    given = consents.given(case.facts.consents, case.purpose.consent, purpose=case.purpose.name, at=case.at)
    if given or case.exemption is not None:
        return  # one taken back is the business of `revocation`
    if case.purpose.consent == consents.PEC:
        text = "There is no consent of this person to calls with an artificial voice on this number."
        yield Refusal(Code.NO_CONSENT_PEC, FEDERAL, None, case.federal.pec_citation, text)
        return
    lacks = consents.missing_from_pewc(case.facts.consents, purpose=case.purpose.name, at=case.at)
    text = (
        f"The written consent lacks {' and '.join(lacks)}."
        if lacks
        else "A sales call with an artificial voice needs this person's written consent, and there is none."
    )
    yield Refusal(Code.NO_CONSENT_PEWC, FEDERAL, None, case.federal.pewc_citation, text)
    yield from _state_consent(case)


def _state_consent(case: Case) -> Iterator[Refusal]:
    for jurisdiction, law in case.laws:
        if law.automated_voice in _CONSENT_LEVELS:
            text = f"{jurisdiction.name} asks for the person's consent to automated sales calls."
            yield Refusal(Code.NO_CONSENT_PEWC, jurisdiction.code, None, law.automated_voice_citation, text)
        if law.mobile_citation is not None and case.line_type != "landline":
            text = f"{jurisdiction.name} bars unsolicited sales calls to mobile numbers."
            yield Refusal(Code.NO_CONSENT_PEWC, jurisdiction.code, None, law.mobile_citation, text)


def revocation(case: Case) -> Iterator[Refusal]:
    taken_back: Consent | None = consents.revoked(
        case.facts.consents, case.purpose.consent, purpose=case.purpose.name, at=case.at
    )
    if taken_back is not None and taken_back.revoked_at is not None:
        text = f"The person took their consent back on {taken_back.revoked_at:%Y-%m-%d} and has not given it anew."
        yield Refusal(Code.CONSENT_REVOKED, FEDERAL, None, case.federal.revocation_citation, text)


# Gate 5: registries


def national_registry(case: Case) -> Iterator[Refusal]:
    if Code.NATIONAL_DNC not in case.purpose.binds:
        return
    federal = case.federal
    entry = case.facts.national
    if entry.listed and not _permitted(case):
        text = "The number is on the national do-not-call registry and no signed permission lifts that."
        yield Refusal(Code.NATIONAL_DNC, FEDERAL, None, federal.registry_citation, text)
    if _stale(entry, federal.registry_max_age_days):
        text = _stale_text("national", entry, federal.registry_max_age_days)
        yield Refusal(Code.DNC_SNAPSHOT_STALE, FEDERAL, None, federal.registry_freshness_citation, text)


def state_registries(case: Case) -> Iterator[Refusal]:
    kept = {entry.jurisdiction: entry for entry in case.facts.states}
    for jurisdiction, law in case.laws:
        entry = kept.pop(jurisdiction.code, kept.get(ANYWHERE, _UNASKED))
        if not case.binds(Code.STATE_DNC, jurisdiction):
            continue
        if entry.listed and not _permitted(case):
            text = f"The number is on the do-not-call list of {jurisdiction.name} and no signed permission lifts that."
            citation = law.registry_citation or "; ".join(jurisdiction.citations)
            yield Refusal(Code.STATE_DNC, jurisdiction.code, None, citation, text)
        if law.registry_citation is not None and _stale(entry, law.registry_max_age_days):
            text = _stale_text(jurisdiction.name, entry, law.registry_max_age_days)
            yield Refusal(Code.DNC_SNAPSHOT_STALE, jurisdiction.code, None, law.registry_citation, text)


_UNASKED = Listing()


def _permitted(case: Case) -> bool:
    return consents.permits_listed_number(case.facts.consents, purpose=case.purpose.name, at=case.at)


def _stale(entry: Listing, limit: int) -> bool:
    return entry.listed is None or entry.age_days is None or entry.age_days > limit


def _stale_text(name: str, entry: Listing, limit: int) -> str:
    if entry.age_days is None or entry.listed is None:
        return f"Nobody looked the number up in a dated copy of the {name} do-not-call list."
    return f"Our copy of the {name} do-not-call list is {entry.age_days:g} days old; it may be {limit} at most."


# Gate 6: reassigned numbers


def reassigned(case: Case) -> Iterator[Refusal]:
    answer = case.facts.reassignment
    citation = case.federal.reassigned_citation
    if answer.result == "yes":
        text = "The number was given up since the person was last known to have it."
        yield Refusal(Code.RND_REASSIGNED, FEDERAL, None, citation, text)
    elif _needs_answer(case):
        # Where an exemption will carry the call once its cap frees, so long and no longer does the answer matter.
        lifts = case.exemption_frees_at if case.exemption is not None and case.facts.attempts is not None else None
        yield from _unanswered(case, lifts)


def _needs_answer(case: Case) -> bool:
    if case.purpose.reassigned == "always":
        return True
    return case.consented and not case.exempt and not waived(case)


def waived(case: Case) -> bool:
    """An owner's waiver, where no state makes the check a duty."""
    return (
        case.facts.reassignment_waived is not None
        and case.purpose.reassigned != "always"
        and not any(law.reassigned_check_required for _, law in case.laws)
    )


def _unanswered(case: Case, lifts: datetime | None) -> Iterator[Refusal]:
    answer, limit = case.facts.reassignment, case.federal.reassigned_max_age_days
    citation = case.federal.reassigned_citation
    if answer.result != "no":
        text = (
            "The reassigned-numbers database cannot say whether the number changed hands."
            if answer.result
            else "Nobody asked the reassigned-numbers database about this number."
        )
        yield Refusal(Code.RND_NO_DATA, FEDERAL, None, citation, text, temporal=lifts is not None, lifts_at=lifts)
    elif answer.queried_on is None or not timedelta(0) <= case.at.date() - answer.queried_on <= timedelta(days=limit):
        text = f"The reassigned-numbers answer is not from the last {limit} days. Ask again."
        yield Refusal(Code.RND_STALE, FEDERAL, None, citation, text, temporal=lifts is not None, lifts_at=lifts)


# Gates 7 and 8: zones and hours


def unknown_zone(case: Case) -> Iterator[Refusal]:
    if not case.place.zones:
        text = " ".join(note for note in case.place.notes if "zone" in note or "time" in note)
        yield Refusal(
            Code.UNKNOWN_TIMEZONE,
            None,
            None,
            case.federal.hours.citation,
            text or "Nothing says what time it is where this person lives.",
        )


def outside_hours(case: Case) -> Iterator[Refusal]:
    for block in case.timetable.blocks(case.at, ring=case.facts.ring_seconds):
        local = case.at.astimezone(zones.zone(block.zone))
        text = f"{block.why}; there it is {local:%H:%M} on {local:%A} ({block.zone})."
        yield Refusal(block.code, block.jurisdiction, block.zone, block.citation, text, temporal=True)


# Gate 9: how often


def state_caps(case: Case) -> Iterator[Refusal]:
    for jurisdiction, law in case.laws:
        if law.caps and case.binds(Code.ATTEMPT_CAP, jurisdiction):
            for cap in law.caps:
                if not _lifted(cap, case):
                    yield from _over(cap, case, jurisdiction)


def _lifted(cap: Cap, case: Case) -> bool:
    months, tie = cap.lifted_by_purchase_within_months, case.facts.relationship
    if months is None or tie.kind != "purchase" or tie.last_event is None:
        return False
    return all(caps.months_before(day, months) <= tie.last_event <= day for day in case.local_dates)


def _over(cap: Cap, case: Case, jurisdiction: Jurisdiction) -> Iterator[Refusal]:
    if case.facts.attempts is None:
        yield _uncounted(Code.ATTEMPT_CAP, jurisdiction.code, cap.citation)
        return
    counted = [attempt.at for attempt in case.facts.attempts if _counts(attempt, cap, case)]
    frees = caps.frees_at(counted, at=case.at, count=cap.count, hours=cap.hours)
    if frees is not None:
        text = f"{jurisdiction.name} allows {_times(cap.count)} in {cap.hours} hours, and there were as many."
        yield Refusal(Code.ATTEMPT_CAP, jurisdiction.code, None, cap.citation, text, temporal=True, lifts_at=frees)


def _counts(attempt: Attempt, cap: Cap, case: Case) -> bool:
    """An attempt of which we do not know the subject or the debt counts for every subject and debt."""
    if cap.per == "person_and_subject":
        return attempt.subject is None or case.facts.subject is None or attempt.subject == case.facts.subject
    if cap.per == "person_and_debt":
        return attempt.debt is None or case.facts.debt is None or attempt.debt == case.facts.debt
    return True


def _uncounted(code: Code, jurisdiction: str, citation: str) -> Refusal:
    return Refusal(code, jurisdiction, None, citation, "Nobody counted how often this person was called.")


def _times(count: int) -> str:
    return "one attempt" if count == 1 else f"{count} attempts"


def workspace_caps(case: Case) -> Iterator[Refusal]:
    found = [(cap.count, cap.hours) for cap in case.facts.policy.caps if _own_cap_holds(cap.jurisdiction, case)]
    platform = case.facts.platform_cap
    if platform is not None:
        found.append((platform.count, platform.hours))
    for count, window in found:
        if case.facts.attempts is None:
            yield _uncounted(Code.ATTEMPT_CAP, WORKSPACE, CITATION)
            continue
        frees = caps.frees_at([attempt.at for attempt in case.facts.attempts], at=case.at, count=count, hours=window)
        if frees is not None:
            text = f"This workspace allows {_times(count)} in {window} hours, and there were as many."
            yield Refusal(Code.ATTEMPT_CAP, WORKSPACE, None, CITATION, text, temporal=True, lifts_at=frees)


def _own_cap_holds(jurisdiction: str, case: Case) -> bool:
    return jurisdiction == EVERYWHERE or jurisdiction in case.place.jurisdictions


def exemption_cap(case: Case) -> Iterator[Refusal]:
    if case.exemption is None or case.consented:
        return
    if case.facts.attempts is None:
        yield _uncounted(Code.EXEMPTION_CAP, FEDERAL, case.exemption.citation)
    elif case.exemption_frees_at is not None:
        allowed = " and ".join(f"{_times(cap.count)} in {cap.hours // 24} days" for cap in case.exemption.caps)
        text = f"Without consent this exemption allows {allowed}, and there were as many."
        yield Refusal(
            Code.EXEMPTION_CAP,
            FEDERAL,
            None,
            case.exemption.citation,
            text.replace("1 days", "one day"),
            temporal=True,
            lifts_at=case.exemption_frees_at,
        )


def debt_frequency(case: Case) -> Iterator[Refusal]:
    """Regulation F, and the states that count more strictly."""
    if Code.DEBT_FREQUENCY not in case.purpose.binds:
        return
    cap = case.federal.debt
    if case.facts.attempts is None:
        yield _uncounted(Code.DEBT_FREQUENCY, FEDERAL, cap.citation)
        return
    yield from _debt_over(cap, case, FEDERAL)
    for jurisdiction, law in case.laws:
        if law.debt_cap is not None:
            yield from _debt_over(law.debt_cap, case, jurisdiction.code)
    rested = caps.rested_at(
        [
            attempt.at
            for attempt in case.facts.attempts
            if _counts(attempt, cap, case) and (attempt.outcome or "").casefold() in _CONVERSATIONS
        ],
        at=case.at,
        days=case.federal.debt_rest_days,
        names=case.place.zones or ("Etc/UTC",),
    )
    if rested is not None:
        text = "They spoke about this debt within seven days, the day of the conversation being the first."
        yield Refusal(Code.DEBT_FREQUENCY, FEDERAL, None, cap.citation, text, temporal=True, lifts_at=rested)


def _debt_over(cap: Cap, case: Case, jurisdiction: str) -> Iterator[Refusal]:
    counted = [attempt.at for attempt in case.facts.attempts or () if _counts(attempt, cap, case)]
    frees = caps.frees_at(counted, at=case.at, count=cap.count, hours=cap.hours)
    if frees is not None:
        text = f"There were {len(counted)} calls about this debt, and {cap.count} in seven days are the most allowed."
        yield Refusal(Code.DEBT_FREQUENCY, jurisdiction, None, cap.citation, text, temporal=True, lifts_at=frees)


# Gate 10: the campaign


def abandon_rate(case: Case) -> Iterator[Refusal]:
    rate, most = case.facts.abandon_rate, case.federal.most_abandoned
    if rate is not None and rate > most and Code.ABANDON_RATE in case.purpose.binds:
        text = f"{rate:.2%} of answered calls were abandoned; {most:.0%} is the most allowed."
        yield Refusal(Code.ABANDON_RATE, FEDERAL, None, case.federal.abandon_citation, text)


def script(case: Case) -> Iterator[Refusal]:
    if case.facts.script_complete is not True:
        text = "The playbook must say who calls, that it is an artificial voice, and how to opt out."
        yield Refusal(Code.SCRIPT_INCOMPLETE, FEDERAL, None, case.federal.script_citation, text)


Rule = Callable[[Case], Iterator[Refusal]]

TIMELESS: tuple[Rule, ...] = (number, unsupported, internal_list, litigator_list, unknown_zone, abandon_rate, script)
TEMPORAL: tuple[Rule, ...] = (emergency, reassigned, state_caps, workspace_caps, exemption_cap, debt_frequency)
RULES: tuple[Rule, ...] = (
    number,
    unsupported,
    seller_not_registered,
    automated_ban,
    emergency,
    internal_list,
    litigator_list,
    consent,
    revocation,
    national_registry,
    state_registries,
    reassigned,
    unknown_zone,
    outside_hours,
    state_caps,
    workspace_caps,
    exemption_cap,
    debt_frequency,
    abandon_rate,
    script,
)


def judge(facts: Facts, rulebook: Rulebook) -> Verdict:
    """All reasons against this call at `facts.at`; if only time is one, also the first instant without any."""
    if facts.at is None:
        return Verdict(_without_instant(facts, rulebook), None, rulebook.version, facts.place.notes)
    case = Case(facts, rulebook, facts.at)
    found = refusals(case)
    waiting = bool(found) and all(refusal.temporal for refusal in found)
    return Verdict(found, _next_allowed(case) if waiting else None, rulebook.version, notes(case))


def refusals(case: Case) -> tuple[Refusal, ...]:
    found = [refusal for rule in RULES for refusal in rule(case)]
    found.sort(key=lambda refusal: RANK[refusal.code])
    return tuple(found)


def _without_instant(facts: Facts, rulebook: Rulebook) -> tuple[Refusal, ...]:
    case = Case(facts, rulebook, _some_day(rulebook))
    found = [refusal for rule in TIMELESS for refusal in rule(case)]
    text = "Nobody said at which instant the call would be made."
    found.append(Refusal(Code.HOURS_FEDERAL, FEDERAL, None, rulebook.federal.hours.citation, text))
    found.sort(key=lambda refusal: RANK[refusal.code])
    return tuple(found)


def _some_day(rulebook: Rulebook) -> datetime:
    return datetime.combine(rulebook.as_of, datetime.min.time(), tzinfo=UTC)


def next_allowed(facts: Facts, rulebook: Rulebook) -> datetime | None:
    return judge(facts, rulebook).next_allowed_at


def _next_allowed(case: Case) -> datetime | None:
    """Leap from door to door: each closed one says when it opens; where all are open, everything is judged anew."""
    facts, rulebook = case.facts, case.rulebook
    instant = math.ceil(case.at.timestamp())
    limit = instant + hours.HORIZON_DAYS * 86_400
    while instant <= limit:
        opens = case.timetable.next_open(instant, ring=facts.ring_seconds)
        if opens is None:
            return None
        at = datetime.fromtimestamp(opens, UTC)
        then = Case(facts, rulebook, at)
        waits = [refusal for rule in TEMPORAL for refusal in rule(then)]
        if not waits:
            return at if not refusals(then) else None
        lifts = [refusal.lifts_at for refusal in waits]
        if None in lifts:
            return None
        instant = max(_whole_second(lift) for lift in lifts if lift is not None)
        instant = min([instant, *_law_changes(then, opens)])
        if instant <= opens:
            return None  # a reason that lifts and stays would keep us here for ever
    return None


def _whole_second(at: datetime) -> int:
    return math.ceil((at - _EPOCH) / _SECOND)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _law_changes(case: Case, after: int) -> list[int]:
    """Local midnights at which another wording comes into force: a cap may end there before it frees."""
    found = []
    for _, law in case.laws:
        if law.until is not None:
            for name in case.place.zones:
                day = datetime.combine(law.until + timedelta(days=1), datetime.min.time(), tzinfo=zones.zone(name))
                found.append(int(day.timestamp()))
    return [instant for instant in found if instant > after]


def notes(case: Case) -> tuple[str, ...]:
    """What a reader should know beside the reasons."""
    facts = case.facts
    found = list(case.place.notes)
    if facts.purpose is None:
        found.append("No purpose was given: judged as marketing, the strictest.")
    if facts.line_type in ("landline", "voip") and not case.line_type_is_fresh:
        found.append("The line type is not from a recent carrier look-up: treated as mobile.")
    if facts.exemption is not None and case.exemption is None:
        found.append(
            "The exemption named does not stand in for consent here: another purpose, or not a known landline."
        )
    if facts.reassignment_waived is not None and waived(case):
        found.append(f"The reassigned-number check was waived: {facts.reassignment_waived}")
    if facts.attempts and any(attempt.at > case.at for attempt in facts.attempts):
        found.append("Some attempts lie after the instant judged; they do not count yet.")
    found += [
        f"{rule.by} set {rule.code} aside for {rule.jurisdiction}: {rule.reason}"
        for rule in facts.policy.loosened
        if rule.jurisdiction in case.place.jurisdictions and rule.seller in (None, facts.seller)
    ]
    return tuple(found)


def most_rings(facts: Facts, rulebook: Rulebook) -> int | None:
    """How often the telephone may ring there at most; None where no law says."""
    limits = [law.max_rings for _, law in Case(facts, rulebook, facts.at or _some_day(rulebook)).laws if law.max_rings]
    return min(limits, default=None)


def tables() -> str:
    """Which versions of the number plan and the zone rules a place was found with."""
    return f"phonenumbers {numbers.METADATA_VERSION}, tzdata {zones.tables_version().removeprefix('version ')}"

"""Judge: a verdict and its facts in words, gate by gate, for whoever has to answer for them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from compliance import consents, hours
from compliance.codes import GATE, Code
from compliance.facts import Consent, Facts, Listing
from compliance.policy import WORKSPACE
from compliance.rulebook import Jurisdiction, Law, Rulebook
from compliance.rules import FEDERAL

REGISTRIES, REASSIGNED = 5, 6
GATES = {
    1: ("Number", "A real number that belongs to a place; no emergency, toll-free or premium line."),
    2: ("Jurisdiction", "Its rules are known, and nothing there forbids this seller to call."),
    3: ("Do-not-call requests", "Nobody asked us not to call, and no litigator list names the number."),
    4: ("Consent", "The permission this purpose needs, or an exemption that stands in for it."),
    REGISTRIES: ("Registries", "On no registry that binds this call, and our copies are fresh."),
    REASSIGNED: ("Reassigned numbers", "The number still belongs to whoever gave the consent."),
    7: ("Time zone", "We know what time it is where this person may be."),
    8: ("Hours, Sundays, holidays", "Within the hours of every law, on every clock that may be theirs."),
    9: ("How often", "Below every cap, counted over all campaigns."),
    10: ("Script", "Says who calls, that the voice is artificial, and how to opt out."),
}
NOT_BOUND = {
    REGISTRIES: "Registries do not bind calls of this purpose.",
    REASSIGNED: "Not needed: this call relies on no consent, or an owner waived the check.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A refusal, stored or fresh, as a page shows it."""

    code: str
    where: str
    jurisdiction: str
    zone: str
    citation: str
    text: str
    lifts_at: datetime | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one gate came to."""

    number: int
    name: str
    text: str
    state: str  # good, bad, neutral
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """One thing that is known, or not."""

    label: str
    text: str
    state: str = "good"  # good, warn (not known), bad (speaks against the call), neutral


def reasons(refusals: Iterable[Mapping[str, Any]], rulebook: Rulebook | None) -> list[Reason]:
    """Refusals as clearances keep them."""
    return [
        Reason(
            code=refusal["code"],
            where=where(refusal["jurisdiction"], rulebook),
            jurisdiction=refusal["jurisdiction"] or "",
            zone=refusal["zone"] or "",
            citation=refusal["citation"],
            text=refusal["text"],
            lifts_at=datetime.fromisoformat(refusal["lifts_at"]) if refusal["lifts_at"] else None,
        )
        for refusal in refusals
    ]


def where(code: str | None, rulebook: Rulebook | None) -> str:
    if code == FEDERAL:
        return "Federal"
    if code == WORKSPACE:
        return "This workspace"
    jurisdiction = rulebook.jurisdictions.get(code or "") if rulebook else None
    return jurisdiction.name if jurisdiction else code or ""


def findings(against: Iterable[Reason], facts: Facts, rulebook: Rulebook) -> list[Finding]:
    by_gate: dict[int, dict[str, None]] = {}
    for reason in against:
        by_gate.setdefault(GATE[Code(reason.code)], {})[reason.code] = None
    return [
        _finding(number, name, text, tuple(by_gate.get(number, ())), bound=_binds(number, facts, rulebook))
        for number, (name, text) in GATES.items()
    ]


def _finding(number: int, name: str, text: str, against: tuple[str, ...], *, bound: bool) -> Finding:
    if against:
        return Finding(number, name, text, "bad", against)
    return Finding(number, name, text, "good") if bound else Finding(number, name, NOT_BOUND[number], "neutral")


def _binds(gate: int, facts: Facts, rulebook: Rulebook) -> bool:
    if gate == REGISTRIES:
        return _registries_bind(facts, rulebook)
    if gate == REASSIGNED:
        return facts.reassignment.result is not None or rulebook.purposes[_purpose(facts)].reassigned == "always"
    return True


def _registries_bind(facts: Facts, rulebook: Rulebook) -> bool:
    if Code.NATIONAL_DNC in rulebook.purposes[_purpose(facts)].binds:
        return True
    return any(hours.binds(Code.STATE_DNC, _purpose(facts), law, rulebook) for law in _laws(facts, rulebook))


def _purpose(facts: Facts) -> str:
    return facts.purpose or "marketing"


def _laws(facts: Facts, rulebook: Rulebook) -> list[Jurisdiction]:
    return [rulebook.jurisdictions[code] for code in facts.place.jurisdictions if code in rulebook.jurisdictions]


# What is known


def known(facts: Facts, rulebook: Rulebook) -> list[Known]:
    return [
        *_place(facts, rulebook),
        _own_list(facts),
        _litigator(facts),
        *_consents(facts),
        *_registries(facts, rulebook),
        _reassigned(facts, rulebook.federal.reassigned_max_age_days),
        *_attestation(facts, rulebook),
        _attempts(facts),
        _script(facts),
    ]


def _place(facts: Facts, rulebook: Rulebook) -> Iterator[Known]:
    names = [law.name for law in _laws(facts, rulebook)]
    yield Known("Laws of", ", ".join(names) or "Not known", "good" if names else "warn")
    yield Known("Clocks", ", ".join(facts.place.zones) or "Not known", "good" if facts.place.zones else "warn")
    if facts.line_type is None:
        yield Known("Line", "Never looked up: treated as mobile, the strictest", "neutral")
    else:
        yield Known("Line", facts.line_type.replace("_", " ").capitalize(), "neutral")


def _own_list(facts: Facts) -> Known:
    entry = facts.internal
    if entry.listed is None:
        return Known("Our suppressions", "Nobody looked", "warn")
    if not entry.listed:
        return Known("Our suppressions", "None stands against this call")
    since = f", since {entry.listed_at:%Y-%m-%d}" if entry.listed_at else ""
    return Known("Our suppressions", f"Asked not to be contacted{since}", "bad")


def _litigator(facts: Facts) -> Known:
    if facts.litigator is None:
        return Known("Litigator list", "Does not speak of this number", "warn")
    return Known("Litigator list", "Listed", "bad") if facts.litigator else Known("Litigator list", "Not listed")


_KINDS = {
    consents.PEWC: "Written consent to sales calls",
    consents.PEC: "Consent to calls that sell nothing",
    consents.DNC_PERMISSION: "Permission to call a registered number",
}


def _consents(facts: Facts) -> Iterator[Known]:
    if not facts.consents:
        yield Known("Consent", "None on file for this number and seller", "warn")
    for consent in facts.consents:
        yield _consent(consent)


def _consent(consent: Consent) -> Known:
    if consent.revoked_at is not None:
        return Known("Consent", f"Taken back on {consent.revoked_at:%Y-%m-%d}", "bad")
    kind = _KINDS.get(consent.kind, consent.kind)
    given = f", given {consent.obtained_at:%Y-%m-%d}" if consent.obtained_at else ""
    if consent.evidence_complete is not True:
        return Known("Consent", f"{kind}{given}; its evidence is not complete", "warn")
    return Known("Consent", f"{kind}{given}")


def _registries(facts: Facts, rulebook: Rulebook) -> Iterator[Known]:
    if not _registries_bind(facts, rulebook):
        return
    yield _listing("National registry", facts.national, rulebook.federal.registry_max_age_days)
    kept = {entry.jurisdiction: entry for entry in facts.states}
    for jurisdiction in _laws(facts, rulebook):
        law = _law_then(jurisdiction, facts)
        if law.registry_citation and hours.binds(Code.STATE_DNC, _purpose(facts), jurisdiction, rulebook):
            entry = kept.get(jurisdiction.code, Listing())
            yield _listing(f"Registry of {jurisdiction.name}", entry, law.registry_max_age_days)


def _law_then(jurisdiction: Jurisdiction, facts: Facts) -> Law:
    return jurisdiction.law_on(facts.at.date()) if facts.at else jurisdiction.laws[-1]


def _listing(label: str, entry: Listing, limit: int) -> Known:
    if entry.listed is None or entry.age_days is None:
        return Known(label, "No list in force speaks of this number", "warn")
    age = f"our copy is {entry.age_days:g} day{'' if entry.age_days == 1 else 's'} old"
    if entry.listed:
        return Known(label, f"Listed; {age}", "bad")
    return Known(label, f"Not listed; {age}", "warn" if entry.age_days > limit else "good")


def _reassigned(facts: Facts, limit: int) -> Known:
    answer = facts.reassignment
    label = "Reassigned numbers"
    if answer.result == "yes":
        return Known(label, "Given up since", "bad")
    if answer.result == "no" and answer.queried_on and facts.at:
        fresh = timedelta(0) <= facts.at.date() - answer.queried_on <= timedelta(days=limit)
        return Known(label, f"Still theirs, asked {answer.queried_on:%Y-%m-%d}", "good" if fresh else "warn")
    return Known(label, "The database cannot say" if answer.result else "Nobody asked", "warn")


def _attestation(facts: Facts, rulebook: Rulebook) -> Iterator[Known]:
    asked = [
        law for law in _laws(facts, rulebook) if hours.binds(Code.SELLER_NOT_REGISTERED, _purpose(facts), law, rulebook)
    ]
    for law in asked:
        held = law.code in facts.attested or "*" in facts.attested
        yield Known(f"Attestation for {law.name}", "Holds" if held else "None", "good" if held else "bad")


def _attempts(facts: Facts) -> Known:
    if facts.attempts is None or facts.at is None:
        return Known("Attempts", "Nobody counted", "warn")
    day = sum(facts.at - timedelta(days=1) < attempt.at <= facts.at for attempt in facts.attempts)
    return Known("Attempts", f"{day} in the last 24 hours, {len(facts.attempts)} in 31 days", "neutral")


def _script(facts: Facts) -> Known:
    if facts.script_complete:
        return Known("Playbook", "Says who calls, that the voice is artificial, and how to opt out")
    return Known("Playbook", "Not known to be complete", "warn")

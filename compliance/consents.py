"""Consents: which of them carry a call of a purpose at an instant, and which were taken back."""

from collections.abc import Iterable
from datetime import datetime

from compliance.facts import Consent

PEWC, PEC, DNC_PERMISSION = "pewc", "pec", "dnc_permission"
_EVERYTHING = (None, "all")
_PURPOSES = frozenset({"marketing", "informational", "survey", "health", "debt_collection", "political", "charity"})


def carries(consents: Iterable[Consent], needed: str, *, purpose: str, at: datetime) -> bool:
    return any(_good(consent, needed, purpose, at) and not _taken_back(consent, purpose, at) for consent in consents)


def given(consents: Iterable[Consent], needed: str, *, purpose: str, at: datetime) -> bool:
    """Was there ever one that would carry the call, taken back since or not?"""
    return any(_good(consent, needed, purpose, at) for consent in consents)


def revoked(consents: Iterable[Consent], needed: str, *, purpose: str, at: datetime) -> Consent | None:
    """A consent taken back for this purpose and never given anew. Only a later, complete consent gives it anew."""
    everything = tuple(consents)
    for consent in everything:
        taken_back = _taken_back(consent, purpose, at)
        if taken_back and not any(_anew(later, consent, needed, purpose=purpose, at=at) for later in everything):
            return consent
    return None


def permits_listed_number(consents: Iterable[Consent], *, purpose: str, at: datetime) -> bool:
    """A signed permission naming the seller lifts a registry entry; a complete written consent is one."""
    return any(
        (_is_permission(consent) or _is_pewc(consent))
        and _given(consent, at)
        and _covers(consent, purpose)
        and not _taken_back(consent, purpose, at)
        for consent in consents
    )


def missing_from_pewc(consents: Iterable[Consent], *, purpose: str, at: datetime) -> list[str]:
    """What the nearest written consent lacks, in words."""
    written = [consent for consent in consents if consent.kind == PEWC]
    if not written:
        return []
    lacks = [_lacks(consent, purpose, at) for consent in written]
    return min(lacks, key=len)


def _good(consent: Consent, needed: str, purpose: str, at: datetime) -> bool:
    fits = _is_pewc(consent) if needed == PEWC else _is_pec(consent)
    return fits and _given(consent, at) and _covers(consent, purpose)


def _is_pewc(consent: Consent) -> bool:
    return consent.kind == PEWC and all(getattr(consent, name) is True for name in _PEWC_PARTS)


def _is_pec(consent: Consent) -> bool:
    """The person gave this number for this kind of call; a written consent that lacks a formality still says so."""
    return (
        consent.kind in (PEC, PEWC)
        and consent.number_matches is True
        and consent.seller_named is not False
        and consent.evidence_complete is not False
    )


def _is_permission(consent: Consent) -> bool:
    parts = (consent.signed, consent.seller_named, consent.number_matches, consent.evidence_complete)
    return consent.kind == DNC_PERMISSION and all(part is True for part in parts)


_PEWC_PARTS = {
    "signed": "a signature",
    "seller_named": "the seller's name",
    "number_matches": "this number",
    "not_condition_of_purchase_disclosed": "the notice that agreeing is not a condition of purchase",
    "autodial_or_artificial_voice_disclosed": "the words about automated or artificial-voice calls",
    "evidence_complete": "complete evidence",
}


def _lacks(consent: Consent, purpose: str, at: datetime) -> list[str]:
    lacks = [words for name, words in _PEWC_PARTS.items() if getattr(consent, name) is not True]
    if not _given(consent, at):
        lacks.append("a date before the call")
    if not _covers(consent, purpose):
        lacks.append("this purpose")
    return lacks


def _given(consent: Consent, at: datetime) -> bool:
    return consent.obtained_at is not None and consent.obtained_at <= at


def _covers(consent: Consent, purpose: str) -> bool:
    """Beside a revocation the scope says what was revoked; without one, what the consent is for."""
    return consent.revoked_at is not None or consent.scope in _EVERYTHING or consent.scope == purpose


def _taken_back(consent: Consent, purpose: str, at: datetime) -> bool:
    if consent.revoked_at is None or consent.revoked_at > at:
        return False
    given_since = consent.obtained_at is not None and consent.obtained_at > consent.revoked_at
    narrower = consent.scope in _PURPOSES and consent.scope != purpose
    return not given_since and not narrower


def _anew(later: Consent, before: Consent, needed: str, *, purpose: str, at: datetime) -> bool:
    return (
        before.revoked_at is not None
        and later.obtained_at is not None
        and later.obtained_at > before.revoked_at
        and _good(later, needed, purpose, at)
        and not _taken_back(later, purpose, at)
    )

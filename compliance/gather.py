"""The facts of a batch of candidates, by a number of queries that does not depend on how many there are.

Called inside `in_workspace`, after the locks: every statement reads what was committed when it began.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from pydantic import TypeAdapter

from compliance import consents, facts, numbers, zones
from compliance.candidates import Candidate
from compliance.facts import Facts
from compliance.models import EVERYTHING, Attestation, Channel, Consent, Registry, Seller, Suppression, WorkspacePolicy
from compliance.policy import Policy
from compliance.registries import lookup
from compliance.registries.lookup import Question, Standing
from compliance.rulebook import Rulebook

# The longest window any cap may have.
COUNTED = timedelta(days=31)
_EVERYWHERE = (None, EVERYTHING)
RULES: TypeAdapter[Policy] = TypeAdapter(Policy)


class CannotClear(Exception):
    """The question itself is wrong, so there is nothing to judge."""


def own_rules(workspace_id: int) -> Policy:
    """What the workspace adds to the rulebook."""
    policy = WorkspacePolicy.objects.filter(workspace=workspace_id).first()
    return RULES.validate_python(policy.rules) if policy else Policy()


@dataclass(frozen=True, slots=True)
class House:
    """What is the same for every candidate of a workspace."""

    policy: WorkspacePolicy
    rules: Policy
    sellers: dict[int, Seller]
    attestations: dict[int, list[Attestation]]


def house(*, workspace_id: int, sellers: Iterable[int]) -> House:
    asked = set(sellers)
    policy = WorkspacePolicy.objects.filter(workspace=workspace_id).first() or WorkspacePolicy()
    attestations = defaultdict(list)
    for attestation in Attestation.objects.filter(workspace=workspace_id, seller__in=asked, withdrawn_at=None):
        attestations[attestation.seller_id].append(attestation)
    found = {seller.pk: seller for seller in Seller.objects.filter(workspace=workspace_id, pk__in=asked)}
    if missing := asked - set(found):
        raise CannotClear(f"This workspace has no seller {min(missing)}. Add the seller first.")
    return House(policy, RULES.validate_python(policy.rules), found, attestations)


def gather(
    candidates: Sequence[Candidate], *, house: House, workspace_id: int, rulebook: Rulebook, now: datetime
) -> list[Facts]:
    places = [
        numbers.place(
            candidate.number, address=candidate.address, confirmed_zone=candidate.confirmed_zone, rulebook=rulebook
        )
        for candidate in candidates
    ]
    sources = Sources(
        house=house,
        rulebook=rulebook,
        now=now,
        suppressions=Suppressions.of(candidates, workspace_id=workspace_id),
        permissions=Permissions.of(candidates, workspace_id=workspace_id),
        attempts=Attempts.of(candidates, workspace_id=workspace_id, now=now),
        registries=Registries.of(candidates, places, house=house, workspace_id=workspace_id),
    )
    answers = lookup.reassignments((candidate.number, sources.relied_on(candidate)) for candidate in candidates)
    return [
        sources.facts_of(candidate, place=place, answer=answer)
        for candidate, place, answer in zip(candidates, places, answers, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All that was read for a batch."""

    house: House
    rulebook: Rulebook
    now: datetime
    suppressions: "Suppressions"
    permissions: "Permissions"
    attempts: "Attempts"
    registries: "Registries"

    def relied_on(self, candidate: Candidate) -> date | None:
        """The day the consent this call relies on was given: the number must not have changed hands since."""
        needed = self.rulebook.purposes[candidate.purpose].consent
        carrying = [
            consent.obtained_at
            for consent in self.permissions.of_candidate(candidate)
            if consent.obtained_at and consents.carries([consent], needed, purpose=candidate.purpose, at=self.now)
        ]
        return max(carrying).date() if carrying else None

    def facts_of(self, candidate: Candidate, *, place: facts.Place, answer: lookup.Reassignment | None) -> Facts:
        seller, policy, now = self.house.sellers[candidate.seller_id], self.house.policy, self.now
        released_at = self.permissions.released_at(candidate, now=now)
        attestations = self.house.attestations.get(seller.pk, ())
        return Facts(
            number=candidate.number,
            at=now,
            purpose=candidate.purpose,
            place=place,
            address=candidate.address,
            confirmed_zone=candidate.confirmed_zone,
            line_type=candidate.line_type,
            line_type_source=candidate.line_type_source,
            line_type_checked_at=candidate.line_type_checked_at,
            person=candidate.person_key,
            seller=seller.key,
            consents=self.permissions.of_candidate(candidate),
            internal=self.suppressions.listing(candidate, released_at=released_at),
            litigator=self.registries.litigator(candidate.number, seller),
            national=self.registries.national(candidate.number, seller, now=now),
            states=self.registries.states(candidate.number, place, now=now),
            relationship=candidate.relationship,
            reassignment=_reassignment(answer),
            reassignment_waived=policy.reassigned_waiver or None,
            attempts=self.attempts.of_candidate(candidate),
            subject=candidate.subject,
            debt=candidate.debt,
            exemption=candidate.exemption,
            attested=attested(attestations, rulebook=self.rulebook, now=now),
            script_complete=candidate.script_complete,
            abandon_rate=candidate.abandon_rate,
            platform_cap=facts.PlatformCap(count=policy.platform_count, hours=policy.platform_hours),
            ring_seconds=policy.ring_seconds if candidate.channel == Channel.CALL else 0,
            policy=self.house.rules,
        )


def attested(attestations: Iterable[Attestation], *, rulebook: Rulebook, now: datetime) -> tuple[str, ...]:
    """The jurisdictions whose attestation holds on the local date there, by the clock that is furthest on."""
    holding = []
    for attestation in attestations:
        jurisdiction = rulebook.jurisdictions.get(attestation.jurisdiction)
        if jurisdiction and attestation.holds_on(
            max(now.astimezone(zones.zone(name)).date() for name in jurisdiction.zones)
        ):
            holding.append(attestation.jurisdiction)
    return tuple(sorted(holding))


def _reassignment(answer: lookup.Reassignment | None) -> facts.Reassignment:
    if answer is None:
        return facts.Reassignment()
    return facts.Reassignment(
        result=answer.result.lower(), queried_on=answer.queried_at.date(), asked_about=answer.date_asked
    )


def keys_of(candidates: Iterable[Candidate]) -> tuple[list[str], list[str]]:
    """Every number and every person of the batch, once."""
    asked = list(candidates)
    return sorted({each.number for each in asked}), sorted({each.person_key for each in asked} - {""})


# Our own do-not-call list

SUPPRESSIONS = """
SELECT suppression.id, suppression.number, suppression.person_key, suppression.covers, suppression.scope,
       suppression.channel, suppression.requested_at
FROM compliance_suppression AS suppression
WHERE suppression.workspace_id = %(workspace)s
  AND (suppression.number = ANY(%(numbers)s) OR suppression.person_key = ANY(%(persons)s))
  AND NOT EXISTS (SELECT 1 FROM compliance_suppressionlift AS lift WHERE lift.suppression_id = suppression.id)
"""


@dataclass(frozen=True, slots=True)
class Standstill:
    """One suppression in force, as far as judging needs it."""

    id: int
    number: str
    person_key: str
    covers: str
    scope: str
    channel: str
    requested_at: datetime

    def stops(self, *, number: str, person_key: str, purpose: str, channel: str) -> bool:
        covers = bool(self.number) and self.number == number
        if self.covers == Suppression.Covers.PERSON:
            covers = covers or self.person_key == person_key
        return covers and self.scope in (EVERYTHING, purpose) and self.channel in (Suppression.Channels.ALL, channel)


def standstills(*, workspace_id: int, numbers: Sequence[str], persons: Sequence[str]) -> list[Standstill]:
    with connection.cursor() as cursor:
        cursor.execute(SUPPRESSIONS, {"workspace": workspace_id, "numbers": list(numbers), "persons": list(persons)})
        return [Standstill(*row) for row in cursor.fetchall()]


class Suppressions:
    def __init__(self, found: Iterable[Standstill]) -> None:
        self._by_number: dict[str, list[Standstill]] = defaultdict(list)
        self._by_person: dict[str, list[Standstill]] = defaultdict(list)
        for standstill in found:
            self._by_number[standstill.number].append(standstill)
            self._by_person[standstill.person_key].append(standstill)

    @classmethod
    def of(cls, candidates: Iterable[Candidate], *, workspace_id: int) -> "Suppressions":
        asked, persons = keys_of(candidates)
        return cls(standstills(workspace_id=workspace_id, numbers=asked, persons=persons))

    def against(self, candidate: Candidate) -> list[Standstill]:
        near = [*self._by_number.get(candidate.number, ()), *self._by_person.get(candidate.person_key, ())]
        return [
            standstill
            for standstill in near
            if standstill.stops(
                number=candidate.number,
                person_key=candidate.person_key,
                purpose=candidate.purpose,
                channel=candidate.channel,
            )
        ]

    def listing(self, candidate: Candidate, *, released_at: datetime | None) -> facts.OwnListing:
        against = self.against(candidate)
        if not against:
            return facts.OwnListing(listed=False)
        return facts.OwnListing(
            listed=True,
            listed_at=max(standstill.requested_at for standstill in against),
            released_by_consent_at=released_at,
        )


# Consents


class Permissions:
    def __init__(self, rows: Iterable[Consent]) -> None:
        self._given: dict[str, list[Consent]] = defaultdict(list)
        self._revoked_numbers: dict[str, list[Consent]] = defaultdict(list)
        self._revoked_persons: dict[str, list[Consent]] = defaultdict(list)
        for row in rows:
            if row.entry == Consent.Entry.GIVEN:
                self._given[row.number].append(row)
            else:
                self._revoked_numbers[row.number].append(row)
                self._revoked_persons[row.person_key].append(row)

    @classmethod
    def of(cls, candidates: Iterable[Candidate], *, workspace_id: int) -> "Permissions":
        asked, persons = keys_of(candidates)
        rows = Consent.objects.filter(workspace=workspace_id).defer("evidence")
        # Two indexes, one statement; a UNION keeps the planner from reading everything for an OR.
        of_numbers = rows.filter(number__in=asked).order_by()
        of_persons = rows.filter(entry=Consent.Entry.REVOKED, person_key__in=persons).order_by()
        return cls(of_numbers.union(of_persons))

    def of_candidate(self, candidate: Candidate) -> tuple[facts.Consent, ...]:
        taken_back = self._taken_back(candidate)
        given = [_told(row, taken_back) for row in self._ours(candidate)]
        if taken_back:
            # Stands also where we never saw what was taken back: only a permission given later speaks again.
            given.append(_bare(max(taken_back, key=lambda row: row.at)))
        return tuple(given)

    def released_at(self, candidate: Candidate, *, now: datetime) -> datetime | None:
        """When a complete written consent was last given that may end an opt-out; no imported file ever does."""
        taken_back = self._taken_back(candidate)
        told = [_told(row, taken_back) for row in self._ours(candidate) if row.origin in _OF_THE_PERSON_THEMSELVES]
        complete = [
            consent.obtained_at
            for consent in told
            if consent.obtained_at and consents.carries([consent], consents.PEWC, purpose=candidate.purpose, at=now)
        ]
        return max(complete, default=None)

    def _ours(self, candidate: Candidate) -> list[Consent]:
        """Of this number, to this seller, and by this person where both sides know who it was."""
        return [
            row
            for row in self._given.get(candidate.number, ())
            if row.seller_id == candidate.seller_id
            and (not row.person_key or not candidate.person_key or row.person_key == candidate.person_key)
        ]

    def _taken_back(self, candidate: Candidate) -> list[Consent]:
        near = {
            row.pk: row
            for row in (
                *(self._revoked_numbers.get(candidate.number, ()) if candidate.number else ()),
                *(self._revoked_persons.get(candidate.person_key, ()) if candidate.person_key else ()),
            )
        }
        return [
            row
            for row in near.values()
            if row.seller_id in (None, candidate.seller_id) and row.scope in (*_EVERYWHERE, candidate.purpose)
        ]


_OF_THE_PERSON_THEMSELVES = frozenset({Consent.Origin.FORM, Consent.Origin.VOICE, Consent.Origin.PAPER})


def _told(row: Consent, taken_back: Iterable[Consent]) -> facts.Consent:
    """A permission as the judge hears it. What was taken back since, for this purpose, is said beside it."""
    since = min((each for each in taken_back if each.at >= row.at), key=lambda each: each.at, default=None)
    return facts.Consent(
        kind=row.kind.lower(),
        obtained_at=row.at,
        revoked_at=since.at if since else None,
        revocation_channel=since.channel if since else None,
        supersedes=str(row.supersedes_id) if row.supersedes_id else None,
        signed=row.signed,
        seller_named=row.names_seller,
        number_matches=True,
        not_condition_of_purchase_disclosed=row.says_not_a_condition,
        autodial_or_artificial_voice_disclosed=row.says_artificial_voice,
        evidence_complete=row.complete,
        prior_agreement_for_automated_calls=row.prior_agreement,
        scope=since.scope if since else row.scope,
    )


def _bare(row: Consent) -> facts.Consent:
    return facts.Consent(kind="none", revoked_at=row.at, revocation_channel=row.channel, scope=row.scope)


# Registries


class Registries:
    def __init__(self, standings: Iterable[Standing], loaded: set[tuple[str, str, str]]) -> None:
        self._found = {standing.question: standing for standing in standings}
        self._loaded = loaded

    @classmethod
    def of(
        cls, candidates: Sequence[Candidate], places: Sequence[facts.Place], *, house: House, workspace_id: int
    ) -> "Registries":
        loaded = set(
            Registry.objects.filter(workspace=workspace_id, current__isnull=False)
            .exclude(kind=Registry.Kind.REASSIGNED)
            .values_list("kind", "us_state", "seller_key")
        )
        questions = {
            Question(candidate.number, kind, state, key)
            for candidate, place in zip(candidates, places, strict=True)
            for kind, state, key in loaded
            if key in ("", house.sellers[candidate.seller_id].key) and (not state or state in place.jurisdictions)
        }
        return cls(lookup.standings(list(questions)) if questions else (), loaded)

    def national(self, number: str, seller: Seller, *, now: datetime) -> facts.Listing:
        # The seller's own subscription where there is one, else the workspace's.
        own = (Registry.Kind.NATIONAL, "", seller.key) in self._loaded
        question = Question(number, Registry.Kind.NATIONAL, "", seller.key if own else "")
        return self._listing(question, jurisdiction=facts.ANYWHERE, now=now)

    def states(self, number: str, place: facts.Place, *, now: datetime) -> tuple[facts.Listing, ...]:
        """Only of states whose list we hold: of the others nothing is known, which the judge reads as a refusal."""
        return tuple(
            self._listing(Question(number, Registry.Kind.STATE, state, ""), jurisdiction=state, now=now)
            for state in place.jurisdictions
            if (Registry.Kind.STATE, state, "") in self._loaded
        )

    def litigator(self, number: str, seller: Seller) -> bool | None:
        """These lists are optional: holding none, nobody is on it."""
        said = [
            self._found.get(Question(number, Registry.Kind.LITIGATOR, "", key))
            for kind, _, key in self._loaded
            if kind == Registry.Kind.LITIGATOR and key in ("", seller.key)
        ]
        if any(standing and standing.listed for standing in said):
            return True
        return False if all(standing and standing.known for standing in said) else None

    def _listing(self, question: Question, *, jurisdiction: str, now: datetime) -> facts.Listing:
        standing = self._found.get(question)
        if standing is None or not standing.known:
            return facts.Listing(jurisdiction=jurisdiction)
        age = standing.age_days(today=now.date())
        return facts.Listing(standing.listed, None if age is None else float(age), jurisdiction)


# Attempts: our own clearances, granted or used, of every campaign

ATTEMPTS = """
SELECT clearance.number, clearance.person_key, coalesce(clearance.used_at, clearance.judged_at) AS at,
       clearance.campaign_key, clearance.subject, clearance.caller_number, clearance.debt,
       EXISTS (SELECT 1 FROM compliance_conversation AS spoken WHERE spoken.clearance_id = clearance.id)
FROM compliance_clearance AS clearance
WHERE clearance.id IN (
    SELECT id FROM compliance_clearance
    WHERE workspace_id = %(workspace)s AND state IN ('GRANTED', 'USED') AND judged_at > %(since)s
      AND number = ANY(%(numbers)s)
    UNION
    SELECT id FROM compliance_clearance
    WHERE workspace_id = %(workspace)s AND state IN ('GRANTED', 'USED') AND judged_at > %(since)s
      AND person_key = ANY(%(persons)s)
)
ORDER BY 3
"""


class Attempts:
    def __init__(self) -> None:
        self._by_number: dict[str, list[tuple[int, facts.Attempt]]] = defaultdict(list)
        self._by_person: dict[str, list[tuple[int, facts.Attempt]]] = defaultdict(list)
        self._count = 0

    @classmethod
    def of(cls, candidates: Sequence[Candidate], *, workspace_id: int, now: datetime) -> "Attempts":
        asked, persons = keys_of(candidates)
        values: dict[str, Any] = {
            "workspace": workspace_id,
            "since": now - COUNTED,
            "numbers": asked,
            "persons": persons,
        }
        attempts = cls()
        with connection.cursor() as cursor:
            cursor.execute(ATTEMPTS, values)
            for number, person_key, at, *rest in cursor.fetchall():
                attempts.add(number, person_key, _attempt(at, *rest, now=now))
        return attempts

    def add(self, number: str, person_key: str, attempt: facts.Attempt) -> None:
        self._count += 1
        self._by_number[number].append((self._count, attempt))
        if person_key:
            self._by_person[person_key].append((self._count, attempt))

    def of_candidate(self, candidate: Candidate) -> tuple[facts.Attempt, ...]:
        near = dict(self._by_number.get(candidate.number, ()))
        near.update(self._by_person.get(candidate.person_key, ()))
        return tuple(near[position] for position in sorted(near))


def _attempt(at: datetime, *rest: Any, now: datetime) -> facts.Attempt:
    campaign, subject, caller_number, debt, spoken = rest
    return facts.Attempt(
        # Whoever held the locks before us may have read the clock after us: their attempt counts all the same.
        at=min(at, now),
        campaign=campaign,
        subject=subject or None,
        caller_number=caller_number or None,
        outcome="conversation" if spoken else None,
        debt=debt or None,
    )

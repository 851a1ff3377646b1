"""The verb `clear`: may these numbers be called now? Every answer is kept, and the granted ones are reservations.

Runs inside `in_workspace`, in the caller's transaction, so that what is cleared and what is queued for it are written
together. Call it once per transaction: the locks of one batch are taken in one fixed order, those of two are not.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from compliance import facts as told
from compliance import rulebook as rulebooks
from compliance import rules
from compliance.candidates import Candidate
from compliance.facts import Facts, to_json
from compliance.gather import Attempts, CannotClear, House, gather, house, keys_of, standstills
from compliance.inside import workspace_here
from compliance.models import Channel, Clearance
from compliance.rulebook import Rulebook
from compliance.rules import Refusal, Verdict

MOST_DIGITS = 32
MOST_AT_ONCE = 500  # each candidate takes two locks, and the server holds some thousands at most

_LOCK = "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS asked (key)"
# Lapsed here rather than passed over: whoever was about to use one finds it gone, whatever their clock says.
_LAPSE = """
UPDATE compliance_clearance SET state = 'LAPSED', lapsed_at = %(now)s WHERE id IN (
    SELECT id FROM compliance_clearance
    WHERE workspace_id = %(workspace)s AND state = 'GRANTED' AND expires_at <= %(now)s
      AND (number = ANY(%(numbers)s) OR person_key = ANY(%(persons)s))
    ORDER BY id FOR UPDATE
)
"""
_LAPSE_ALL = """
UPDATE compliance_clearance SET state = 'LAPSED', lapsed_at = %(now)s WHERE id IN (
    SELECT id FROM compliance_clearance
    WHERE workspace_id = %(workspace)s AND state = 'GRANTED' AND expires_at <= %(now)s
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
"""
_REPEAT = """
INSERT INTO compliance_refusalrepeat (workspace_id, clearance_id, count, last_at)
SELECT %(workspace)s, asked.id, asked.times, %(now)s
FROM unnest(%(ids)s::bigint[], %(times)s::int[]) AS asked (id, times)
ON CONFLICT (clearance_id) DO UPDATE
SET count = compliance_refusalrepeat.count + EXCLUDED.count,
    last_at = greatest(compliance_refusalrepeat.last_at, EXCLUDED.last_at)
"""


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate, what is known of it, and what the rules make of that."""

    candidate: Candidate
    facts: Facts
    verdict: Verdict


def clear(candidates: Sequence[Candidate], *, now: datetime, rulebook: Rulebook | None = None) -> list[Clearance]:
    """Answer for each candidate, in their order. A suppression committed before this is called is always seen."""
    if not candidates:
        return []
    workspace_id, book = _checked(candidates, rulebook)
    _lock(candidates, workspace_id=workspace_id)
    _lapse_expired_of(candidates, workspace_id=workspace_id, now=now)
    ours = house(workspace_id=workspace_id, sellers=[candidate.seller_id for candidate in candidates])
    considered = _consider(candidates, house=ours, workspace_id=workspace_id, rulebook=book, now=now)
    lasts = timedelta(seconds=ours.policy.clearance_seconds)
    answers = [_answer(each, workspace_id=workspace_id, lasts=lasts, now=now) for each in considered]
    return _write(answers, workspace_id=workspace_id, now=now)


def consider(candidates: Sequence[Candidate], *, now: datetime, rulebook: Rulebook | None = None) -> list[Considered]:
    """What `clear` would answer, with nothing reserved and nothing kept."""
    if not candidates:
        return []
    workspace_id, book = _checked(candidates, rulebook)
    ours = house(workspace_id=workspace_id, sellers=[candidate.seller_id for candidate in candidates])
    return _consider(candidates, house=ours, workspace_id=workspace_id, rulebook=book, now=now)


def lapse_expired(*, now: datetime, most: int = 1_000) -> int:
    """Give up what was granted and not used in time. What another process is using at this moment is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(_LAPSE_ALL, {"workspace": workspace_here(), "now": now, "most": most})
        lapsed: int = cursor.rowcount
    return lapsed


def suppressed(pairs: Iterable[tuple[str, str]], *, channel: str, purpose: str) -> set[tuple[str, str]]:
    """Of these (number, person key) pairs, those whom somebody may not contact so: for the last look, and for mail."""
    asked = list(pairs)
    found = standstills(
        workspace_id=workspace_here(),
        numbers=sorted({number for number, _ in asked} - {""}),
        persons=sorted({person_key for _, person_key in asked} - {""}),
    )
    return {
        (number, person_key)
        for number, person_key in asked
        if any(each.stops(number=number, person_key=person_key, purpose=purpose, channel=channel) for each in found)
    }


def _checked(candidates: Sequence[Candidate], rulebook: Rulebook | None) -> tuple[int, Rulebook]:
    book = rulebook or rulebooks.load()
    if len(candidates) > MOST_AT_ONCE:
        raise CannotClear(f"{len(candidates)} candidates are more than {MOST_AT_ONCE}. Ask in smaller batches.")
    for candidate in candidates:
        if candidate.purpose not in book.purposes:
            raise CannotClear(f"There is no purpose {candidate.purpose!r}. Choose from {', '.join(book.purposes)}.")
        if candidate.channel not in Channel.values:
            raise CannotClear(f"There is no channel {candidate.channel!r}. Choose from {', '.join(Channel.values)}.")
        if len(candidate.number) > MOST_DIGITS:
            raise CannotClear("A number is at most 32 characters long. Check the column it came from.")
        if not candidate.person_key or not candidate.campaign_key:
            raise CannotClear("A clearance is given to a person and a campaign. Name both keys.")
    return workspace_here(), book


def _lock(candidates: Iterable[Candidate], *, workspace_id: int) -> None:
    """Make everyone who asks about these numbers or persons wait their turn, in one order for all."""
    asked, persons = keys_of(candidates)
    names = [
        *(f"{workspace_id} number {number}" for number in asked),
        *(f"{workspace_id} person {key}" for key in persons),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted({_lock_key(name) for name in names})])


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def _lapse_expired_of(candidates: Iterable[Candidate], *, workspace_id: int, now: datetime) -> None:
    asked, persons = keys_of(candidates)
    with connection.cursor() as cursor:
        cursor.execute(_LAPSE, {"workspace": workspace_id, "now": now, "numbers": asked, "persons": persons})


def _consider(
    candidates: Sequence[Candidate], *, house: House, workspace_id: int, rulebook: Rulebook, now: datetime
) -> list[Considered]:
    """Judge in order: what is granted to one counts as an attempt for the next of the same person or number."""
    gathered = gather(candidates, house=house, workspace_id=workspace_id, rulebook=rulebook, now=now)
    granted, considered = Attempts(), []
    for candidate, facts in zip(candidates, gathered, strict=True):
        if before := granted.of_candidate(candidate):
            facts = replace(facts, attempts=(*(facts.attempts or ()), *before))  # noqa: PLW2901 - the same, completed
        verdict = rules.judge(facts, rulebook)
        if verdict.granted:
            granted.add(candidate.number, candidate.person_key, _attempt_of(candidate, now=now))
        considered.append(Considered(candidate, facts, verdict))
    return considered


def _attempt_of(candidate: Candidate, *, now: datetime) -> told.Attempt:
    return told.Attempt(
        at=now,
        campaign=candidate.campaign_key,
        subject=candidate.subject,
        caller_number=candidate.caller_number or None,
        debt=candidate.debt,
    )


def _answer(considered: Considered, *, workspace_id: int, lasts: timedelta, now: datetime) -> Clearance:
    candidate, verdict = considered.candidate, considered.verdict
    return Clearance(
        workspace_id=workspace_id,
        number=candidate.number,
        person_key=candidate.person_key,
        campaign_key=candidate.campaign_key,
        seller_id=candidate.seller_id,
        purpose=candidate.purpose,
        channel=candidate.channel,
        caller_number=candidate.caller_number,
        subject=candidate.subject or "",
        debt=candidate.debt or "",
        granted=verdict.granted,
        codes=[code.value for code in verdict.codes],
        refusals=told_refusals(verdict.refusals),
        notes=list(verdict.notes),
        facts=to_json(considered.facts),
        rulebook=verdict.rulebook,
        tables=rules.tables(),
        judged_at=now,
        next_allowed_at=verdict.next_allowed_at,
        expires_at=now + lasts if verdict.granted else None,
        sameness="" if verdict.granted else _sameness(considered, now=now),
        state=Clearance.State.GRANTED if verdict.granted else Clearance.State.REFUSED,
    )


def told_refusals(refusals: Iterable[Refusal]) -> list[dict[str, Any]]:
    return [
        {
            "code": refusal.code.value,
            "jurisdiction": refusal.jurisdiction,
            "zone": refusal.zone,
            "citation": refusal.citation,
            "text": refusal.text,
            "temporal": refusal.temporal,
            "lifts_at": refusal.lifts_at.isoformat() if refusal.lifts_at else None,
        }
        for refusal in refusals
    ]


def _sameness(considered: Considered, *, now: datetime) -> str:
    """What makes one refusal the same as the next: the candidate, the reasons, and the hours they hold for.

    A refusal that waiting lifts is the same until it lifts; one that waiting does not lift is kept once a day.
    """
    candidate, verdict = considered.candidate, considered.verdict
    until = verdict.next_allowed_at.isoformat() if verdict.next_allowed_at else now.date().isoformat()
    reasons = [(refusal.code.value, refusal.jurisdiction, refusal.zone) for refusal in verdict.refusals]
    parts = (
        candidate.number,
        candidate.person_key,
        candidate.campaign_key,
        candidate.seller_id,
        candidate.purpose,
        candidate.channel,
        verdict.rulebook,
        until,
        reasons,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _write(answers: list[Clearance], *, workspace_id: int, now: datetime) -> list[Clearance]:
    asked = [answer.sameness for answer in answers if answer.sameness]
    kept = {
        clearance.sameness: clearance
        for clearance in Clearance.objects.filter(workspace=workspace_id, sameness__in=asked)
    }
    repeats: dict[str, int] = {}
    fresh: list[Clearance] = []
    for answer in answers:
        if answer.sameness in kept:
            repeats[answer.sameness] = repeats.get(answer.sameness, 0) + 1
            continue
        fresh.append(answer)
        if answer.sameness:
            kept[answer.sameness] = answer
    Clearance.objects.bulk_create(fresh)
    if repeats:
        _note_repeats({kept[sameness].pk: times for sameness, times in repeats.items()}, workspace_id, now)
    return [kept.get(answer.sameness, answer) for answer in answers]


def _note_repeats(times: dict[int, int], workspace_id: int, now: datetime) -> None:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "now": now,
        "ids": list(times),
        "times": list(times.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REPEAT, values)

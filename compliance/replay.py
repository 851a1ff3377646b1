"""Replay: judge stored facts again.

Under the rulebook of the day the answer is the same, for as long as it is kept; under another one, the difference
shows what that one would have done.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from compliance import numbers, rulebook, rules
from compliance.clearing import told_refusals
from compliance.facts import Facts
from compliance.inside import workspace_here
from compliance.models import Clearance
from compliance.rulebook import Rulebook
from compliance.rules import Verdict

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """One clearance judged again."""

    clearance: Clearance
    verdict: Verdict

    @property
    def identical(self) -> bool:
        kept = self.clearance
        return (
            kept.granted == self.verdict.granted
            and kept.refusals == told_refusals(self.verdict.refusals)
            and kept.next_allowed_at == self.verdict.next_allowed_at
        )

    @property
    def same_answer(self) -> bool:
        """Granted stays granted and refused stays refused, for the same reasons, until the same moment."""
        return (
            self.clearance.codes == [code.value for code in self.verdict.codes]
            and self.clearance.next_allowed_at == self.verdict.next_allowed_at
        )

    @property
    def would_refuse(self) -> bool:
        return self.clearance.granted and not self.verdict.granted

    @property
    def would_grant(self) -> bool:
        return not self.clearance.granted and self.verdict.granted


@dataclass(slots=True)
class Difference:
    """What a period would have looked like. Rows in the order they were judged."""

    judged: int = 0
    would_refuse: list[Replayed] = field(default_factory=list)
    would_grant: list[Replayed] = field(default_factory=list)
    other_reasons: list[Replayed] = field(default_factory=list)
    rulebook_lost: list[Clearance] = field(default_factory=list)

    @property
    def none(self) -> bool:
        return not (self.would_refuse or self.would_grant or self.other_reasons or self.rulebook_lost)

    def note(self, replayed: Replayed, *, exactly: bool) -> None:
        self.judged += 1
        if replayed.would_refuse:
            self.would_refuse.append(replayed)
        elif replayed.would_grant:
            self.would_grant.append(replayed)
        elif not (replayed.identical if exactly else replayed.same_answer):
            self.other_reasons.append(replayed)


def replay_one(clearance: Clearance, *, under: Rulebook | None = None) -> Replayed:
    """Judge one clearance again, under its own rulebook or another. Raises UnknownRulebook where its own is lost."""
    facts = clearance.read_facts()
    if under is None or under.version == clearance.rulebook:
        return Replayed(clearance, rules.judge(facts, under or rulebook.load_version(clearance.rulebook)))
    return Replayed(clearance, rules.judge(_placed_anew(facts, under), under))


def replay(*, first: datetime, last: datetime, under: Rulebook | None = None) -> Difference:
    """Judge again what was judged from `first` on and before `last`. Under its own rulebook every word must agree."""
    difference = Difference()
    for clearance in _judged(first, last):
        try:
            difference.note(replay_one(clearance, under=under), exactly=under is None)
        except rulebook.UnknownRulebook:
            difference.judged += 1
            difference.rulebook_lost.append(clearance)
    return difference


def _placed_anew(facts: Facts, book: Rulebook) -> Facts:
    """Which laws and clocks a number may fall under is itself the rulebook's word."""
    place = numbers.place(facts.number, address=facts.address, confirmed_zone=facts.confirmed_zone, rulebook=book)
    return replace(facts, place=place)


def _judged(first: datetime, last: datetime) -> Iterator[Clearance]:
    """In small steps by key, so that no snapshot stays open over a long report."""
    period = Clearance.objects.filter(workspace=workspace_here(), judged_at__gte=first, judged_at__lt=last)
    after = 0
    while batch := list(period.filter(pk__gt=after).order_by("pk")[:ROWS_AT_ONCE]):
        yield from batch
        after = batch[-1].pk

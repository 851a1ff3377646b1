"""Verifying: the ledger is read again from the rows themselves, and the first one that differs is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection
from psycopg import Cursor

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.ledger.hashes import ENDED, JUDGED, NOTHING, hash_of
from compliance.ledger.heads import heads_file, heads_of
from compliance.ledger.rows import row, row_or_none
from compliance.models import LedgerEntry, LedgerSeal


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is not as it was sealed."""

    text: str
    sequence: int | None = None
    clearance_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    rows: int
    seals: int
    unsealed: int
    head: str
    fault: Fault | None

    @property
    def intact(self) -> bool:
        return self.fault is None


# By a range of ids rather than joined row by row: a batch took all there was between two.
_CONTENT_OF = {
    LedgerEntry.Kind.JUDGED: f"""
        SELECT clearance.id, clearance.id, {JUDGED} FROM compliance_clearance AS clearance
        WHERE clearance.workspace_id = %(workspace)s AND clearance.id BETWEEN %(lowest)s AND %(highest)s
    """,  # noqa: S608 - expressions of ours, values apart
    LedgerEntry.Kind.ENDED: f"""
        SELECT ended.id, ended.clearance_id, {ENDED} FROM compliance_clearanceend AS ended
        WHERE ended.workspace_id = %(workspace)s AND ended.id BETWEEN %(lowest)s AND %(highest)s
    """,  # noqa: S608 - likewise
}
_ENTRIES = """
SELECT sequence, row_id, hash FROM compliance_ledgerentry
WHERE workspace_id = %(workspace)s AND sequence BETWEEN %(first)s AND %(last)s AND kind = %(kind)s ORDER BY sequence
"""
_FOLDED = """
SELECT count(*), coalesce(string_agg(hash, ''::bytea ORDER BY sequence), ''::bytea)
FROM compliance_ledgerentry
WHERE workspace_id = %(workspace)s AND sequence BETWEEN %(first)s AND %(last)s
"""
_GAP = """
SELECT min(place) FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS place
WHERE NOT EXISTS (
    SELECT 1 FROM compliance_ledgerentry WHERE workspace_id = %(workspace)s AND sequence = place
)
"""
_COUNTS = """
SELECT (SELECT count(*) FROM compliance_clearance WHERE workspace_id = %(workspace)s AND id <= %(to_clearance)s),
       (SELECT count(*) FROM compliance_clearanceend WHERE workspace_id = %(workspace)s AND id <= %(to_end)s),
       count(*) FILTER (WHERE kind = 'JUDGED'), count(*) FILTER (WHERE kind = 'ENDED')
FROM compliance_ledgerentry WHERE workspace_id = %(workspace)s AND sequence <= %(last)s
"""
# A row that lies below the last seal's mark and is in no batch was put there later.
_SLIPPED_IN = """
SELECT 'clearance', clearance.id FROM compliance_clearance AS clearance
WHERE clearance.workspace_id = %(workspace)s AND clearance.id <= %(to_clearance)s
  AND NOT EXISTS (SELECT 1 FROM compliance_ledgerentry AS entry WHERE entry.workspace_id = %(workspace)s
                  AND entry.kind = 'JUDGED' AND entry.row_id = clearance.id)
UNION ALL
SELECT 'end', ended.clearance_id FROM compliance_clearanceend AS ended
WHERE ended.workspace_id = %(workspace)s AND ended.id <= %(to_end)s
  AND NOT EXISTS (SELECT 1 FROM compliance_ledgerentry AS entry WHERE entry.workspace_id = %(workspace)s
                  AND entry.kind = 'ENDED' AND entry.row_id = ended.id)
ORDER BY 2 LIMIT 1
"""
# The state on the clearance is a convenience; its end is what was sealed. They must say the same.
_CONTRADICTED = """
SELECT clearance.id FROM compliance_clearance AS clearance
LEFT JOIN compliance_clearanceend AS ended ON ended.clearance_id = clearance.id
WHERE clearance.workspace_id = %(workspace)s
  AND (CASE WHEN ended.id IS NOT NULL THEN ended.state WHEN clearance.granted THEN 'GRANTED' ELSE 'REFUSED' END,
       ended.at)
      IS DISTINCT FROM (clearance.state, coalesce(clearance.used_at, clearance.lapsed_at))
ORDER BY clearance.id LIMIT 1
"""
_STRAY = """
SELECT min(sequence) FROM compliance_ledgerentry WHERE workspace_id = %(workspace)s AND sequence > %(last)s
"""
_UNSEALED = """
SELECT (SELECT count(*) FROM compliance_clearance WHERE workspace_id = %(workspace)s AND id > %(to_clearance)s)
     + (SELECT count(*) FROM compliance_clearanceend WHERE workspace_id = %(workspace)s AND id > %(to_end)s)
"""


def verify(workspace: Workspace) -> Verified:
    """Read the whole ledger again. Names the first row that was changed, removed, moved or slipped in."""
    with in_workspace(workspace.pk):
        seals = list(LedgerSeal.objects.filter(workspace=workspace).order_by("position"))
        fault = next(_faults(workspace, seals), None)
        last = seals[-1] if seals else None
        [unsealed] = row(_UNSEALED, **_marks_of(last))
    return Verified(
        rows=sum(seal.row_count for seal in seals if seal.purged_at is None),
        seals=len(seals),
        unsealed=unsealed,
        head=bytes(last.hash).hex() if last else "",
        fault=fault,
    )


def _faults(workspace: Workspace, seals: list[LedgerSeal]) -> Iterator[Fault]:
    """In the order of the ledger, what says which row before what says only that something is wrong."""
    before: LedgerSeal | None = None
    for seal in seals:
        yield from _broken_link(before, seal)
        if seal.purged_at is None:
            yield from _wrong_rows(seal)
        before = seal
    yield from _missing_heads(workspace, seals)
    yield from _slipped_in(before)


def _broken_link(before: LedgerSeal | None, seal: LedgerSeal) -> Iterator[Fault]:
    expected = (before.position + 1, before.last_sequence + 1, bytes(before.hash)) if before else (1, 1, NOTHING)
    if (seal.position, seal.first_sequence) != expected[:2]:
        yield Fault(f"Row {expected[1]} is missing: the batch that began with it was removed.", expected[1])
    if bytes(seal.previous_hash) != expected[2]:
        yield Fault(f"Seal {seal.position} does not follow on the one before it: one of them was rewritten.")


def _wrong_rows(seal: LedgerSeal) -> Iterator[Fault]:
    bounds = {"first": seal.first_sequence, "last": seal.last_sequence}
    count, hashes = row(_FOLDED, **bounds)
    wrong = _first_wrong(seal)
    if count != seal.row_count:
        [gap] = row(_GAP, **bounds)
        if wrong and (gap is None or (wrong.sequence or 0) < gap):
            yield wrong
        yield Fault(f"Row {gap} of the ledger was removed.", gap)
    if wrong:
        yield wrong
    if hash_of(seal, bytes(hashes)) != bytes(seal.hash):
        rows = f"{seal.first_sequence} to {seal.last_sequence}"
        yield Fault(f"Seal {seal.position}, or the list of its rows {rows}, was rewritten.", seal.first_sequence)


def _first_wrong(seal: LedgerSeal) -> Fault | None:
    found = [fault for kind in LedgerEntry.Kind if (fault := _first_wrong_of(kind, seal))]
    return min(found, key=lambda fault: fault.sequence or 0, default=None)


def _first_wrong_of(kind: LedgerEntry.Kind, seal: LedgerSeal) -> Fault | None:
    """Hash each row anew, outside the database, from the bytes it holds now."""
    batch = {"workspace": seal.workspace_id, "first": seal.first_sequence, "last": seal.last_sequence}
    with Cursor(connection.connection) as cursor:
        entries = cursor.execute(_ENTRIES, {**batch, "kind": kind.value}, binary=True).fetchall()
        if not entries:
            return None
        ids = [row_id for _, row_id, _ in entries]
        between = {"workspace": seal.workspace_id, "lowest": min(ids), "highest": max(ids)}
        rows = cursor.execute(_CONTENT_OF[kind], between, binary=True).fetchall()
    contents = {row_id: (clearance_id, sha256(content).digest()) for row_id, clearance_id, content in rows}
    nothing = (None, None)
    wrong = (entry for entry in entries if contents.get(entry[1], nothing)[1] != entry[2])
    found = next(wrong, None)
    if found is None:
        return None
    sequence, row_id, _ = found
    clearance_id, there = contents.get(row_id, nothing)
    if kind == LedgerEntry.Kind.JUDGED:
        what = "was changed" if there else "was removed"
        return Fault(f"Row {sequence}: clearance {row_id} {what} after it was sealed.", sequence, row_id)
    what = f"of clearance {clearance_id} was changed" if there else f"{row_id} was removed"
    return Fault(f"Row {sequence}: the end {what} after it was sealed.", sequence, clearance_id)


def _missing_heads(workspace: Workspace, seals: list[LedgerSeal]) -> Iterator[Fault]:
    heads = heads_of(workspace)
    by_position = {seal.position: seal for seal in seals}
    for head in heads:
        seal = by_position.get(head["seal"])
        first = head["rows"][0]
        if seal is None:
            yield Fault(f"Row {first} is missing: seal {head['seal']} was kept outside and is no longer here.", first)
        elif bytes(seal.hash).hex() != head["hash"]:
            yield Fault(
                f"Seal {seal.position} is not the one kept outside: from row {first} on all may be false.", first
            )
    if seals and not heads:
        yield Fault(f"No head of this ledger is kept in {heads_file()}: a rewriting of all of it would not show.")


def _slipped_in(last: LedgerSeal | None) -> Iterator[Fault]:
    marks = _marks_of(last)
    # Every sealed row was found above, so one too many is one that was never sealed. Counting is what a planner who
    # knows nothing of fresh tables does well; the search for it is left for when there is something to find.
    clearances, ends, judged, ended = row(_COUNTS, last=last.last_sequence if last else 0, **marks)
    if (clearances, ends) != (judged, ended) and (found := row_or_none(_SLIPPED_IN, **marks)):
        what, clearance_id = found
        text = f"Clearance {clearance_id}" if what == "clearance" else f"An end of clearance {clearance_id}"
        yield Fault(
            f"{text} is in no batch, though it claims to be older than the last one: it was put in later.",
            None,
            clearance_id,
        )
    if found := row_or_none(_CONTRADICTED):
        [clearance_id] = found
        yield Fault(f"The state of clearance {clearance_id} was changed past the ledger.", None, clearance_id)
    [stray] = row(_STRAY, last=last.last_sequence if last else 0)
    if stray is not None:
        yield Fault(f"Row {stray} belongs to no seal: its batch was removed, or it was put in later.", stray)


def _marks_of(last: LedgerSeal | None) -> dict[str, int]:
    return {"to_clearance": last.last_clearance_id if last else 0, "to_end": last.last_end_id if last else 0}

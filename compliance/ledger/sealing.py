"""Sealing, off the hot path: whoever clears waits for none of this."""

from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.inside import workspace_here
from compliance.ledger.hashes import ENDED, JUDGED, NOTHING, hash_of
from compliance.ledger.heads import keep_heads
from compliance.ledger.rows import row
from compliance.models import LedgerSeal

ROWS_PER_SEAL = 10_000
WRITERS = 1818584167  # the lock of migrations/0011_clearing_walls.py, "ledg"
SEALER = "callwright ledger sealer"

_HIGHEST = """
SELECT coalesce((SELECT max(id) FROM compliance_clearance WHERE workspace_id = %(workspace)s), 0),
       coalesce((SELECT max(id) FROM compliance_clearanceend WHERE workspace_id = %(workspace)s), 0)
"""
_ENTER = """
INSERT INTO compliance_ledgerentry (workspace_id, sequence, kind, row_id, hash)
SELECT %(workspace)s, %(before)s + row_number() OVER (ORDER BY fresh.at_place, fresh.row_id),
       fresh.kind, fresh.row_id, fresh.hash
FROM (
    (SELECT 1 AS at_place, 'JUDGED' AS kind, clearance.id AS row_id, sha256({judged}) AS hash
     FROM compliance_clearance AS clearance
     WHERE clearance.workspace_id = %(workspace)s AND clearance.id > %(after_clearance)s
       AND clearance.id <= %(to_clearance)s
     ORDER BY clearance.id LIMIT %(most)s)
    UNION ALL
    (SELECT 2, 'ENDED', ended.id, sha256({ended})
     FROM compliance_clearanceend AS ended
     WHERE ended.workspace_id = %(workspace)s AND ended.id > %(after_end)s AND ended.id <= %(to_end)s
     ORDER BY ended.id LIMIT %(most)s)
) AS fresh
""".format(judged=JUDGED, ended=ENDED)  # noqa: S608, UP032 - expressions of ours, values apart
_ENTERED = """
SELECT count(*), min(sequence), max(sequence), string_agg(hash, ''::bytea ORDER BY sequence),
       max(row_id) FILTER (WHERE kind = 'JUDGED'), max(row_id) FILTER (WHERE kind = 'ENDED')
FROM compliance_ledgerentry WHERE workspace_id = %(workspace)s AND sequence > %(before)s
"""
_NEWEST = """
SELECT greatest(
    (SELECT max(coalesce(expires_at, judged_at)) FROM compliance_clearance
     WHERE workspace_id = %(workspace)s AND id > %(after_clearance)s AND id <= %(to_clearance)s),
    (SELECT max(at) FROM compliance_clearanceend
     WHERE workspace_id = %(workspace)s AND id > %(after_end)s AND id <= %(to_end)s)
)
"""


@dataclass(frozen=True, slots=True)
class Marks:
    """Up to where everything that was written is in the ledger, or may be taken into it."""

    clearance: int
    end: int


def seal(*, workspace: Workspace, now: datetime) -> int:
    """Seal all that was written since the last seal; returns how many rows. Safe to run twice, and at once."""
    sealed = 0
    with in_workspace(workspace.pk):
        if _sole_sealer() and (marks := _settled_marks()):
            while rows := _seal_batch(marks, now=now):
                sealed += rows
    keep_heads(workspace)
    return sealed


def _sole_sealer() -> bool:
    [alone] = row(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))", name=f"{SEALER} {workspace_here()}"
    )
    return bool(alone)


def _settled_marks() -> Marks | None:
    """The highest ids of which no lower one is still on its way; None when writers leave no gap in half a second."""
    slot = workspace_here() % 2147483647
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        patience = cursor.fetchone()[0]
        try:
            with transaction.atomic():
                cursor.execute("SET LOCAL lock_timeout = '500ms'")
                cursor.execute("SELECT pg_advisory_lock(%s, %s)", [WRITERS, slot])
        except OperationalError as problem:
            if isinstance(problem.__cause__, LockNotAvailable):
                return None
            raise
        try:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
            cursor.execute(_HIGHEST, {"workspace": workspace_here()})
            return Marks(*cursor.fetchone())
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [WRITERS, slot])


def _seal_batch(marks: Marks, *, now: datetime) -> int:
    last = LedgerSeal.objects.filter(workspace=workspace_here()).order_by("-position").first()
    before = last.last_sequence if last else 0
    since = {"after_clearance": last.last_clearance_id if last else 0, "after_end": last.last_end_id if last else 0}
    until = {"to_clearance": marks.clearance, "to_end": marks.end}
    with connection.cursor() as cursor:
        values = {"workspace": workspace_here(), "before": before, "most": ROWS_PER_SEAL // 2, **since, **until}
        cursor.execute(_ENTER, values)
    count, first_sequence, last_sequence, hashes, to_clearance, to_end = row(_ENTERED, before=before)
    if not count:
        return 0
    until = {"to_clearance": to_clearance or since["after_clearance"], "to_end": to_end or since["after_end"]}
    [newest_at] = row(_NEWEST, **since, **until)
    seal = LedgerSeal(
        workspace_id=workspace_here(),
        position=last.position + 1 if last else 1,
        first_sequence=first_sequence,
        last_sequence=last_sequence,
        row_count=count,
        last_clearance_id=until["to_clearance"],
        last_end_id=until["to_end"],
        newest_at=newest_at,
        previous_hash=bytes(last.hash) if last else NOTHING,
        sealed_at=now,
    )
    seal.hash = hash_of(seal, bytes(hashes))
    seal.save(force_insert=True)
    return int(count)

"""Purging: whole batches, long after their last use, and never under a legal hold. Their seals stay."""

from datetime import datetime

from django.db import connection

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.models import LedgerEntry, LedgerSeal, LegalHold

_PURGE = (
    "DELETE FROM compliance_refusalrepeat WHERE workspace_id = %(workspace)s AND clearance_id IN ({judged})",
    "DELETE FROM compliance_conversation WHERE workspace_id = %(workspace)s AND clearance_id IN ({judged})",
    "DELETE FROM compliance_clearanceend WHERE workspace_id = %(workspace)s AND id IN ({ended})",
    "DELETE FROM compliance_clearance WHERE workspace_id = %(workspace)s AND id IN ({judged})",
    "DELETE FROM compliance_ledgerentry WHERE workspace_id = %(workspace)s AND sequence BETWEEN %(first)s AND %(last)s",
)
_ROWS_OF = (
    "SELECT row_id FROM compliance_ledgerentry WHERE workspace_id = %(workspace)s AND kind = '{kind}'"
    " AND sequence BETWEEN %(first)s AND %(last)s"
)
KEPT_YEARS = 5


def purge(*, workspace: Workspace, now: datetime) -> int:
    """Let go of batches nobody has relied on for five years; returns how many. The database checks the same again."""
    purged = 0
    while _purge_oldest(workspace, now=now):
        purged += 1
    return purged


def _purge_oldest(workspace: Workspace, *, now: datetime) -> bool:
    with in_workspace(workspace.pk):
        if LegalHold.objects.filter(workspace=workspace, released_at=None).exists():
            return False
        kept = LedgerSeal.objects.filter(workspace=workspace, purged_at=None)
        oldest = kept.select_for_update().order_by("position").first()
        if oldest is None or _years_after(oldest.newest_at) > now:
            return False
        LedgerSeal.objects.filter(pk=oldest.pk).update(purged_at=now)
        kinds = {kind.name.lower(): _ROWS_OF.format(kind=kind) for kind in LedgerEntry.Kind}
        values: dict[str, int] = {
            "workspace": workspace.pk,
            "first": oldest.first_sequence,
            "last": oldest.last_sequence,
        }
        with connection.cursor() as cursor:
            for statement in _PURGE:
                cursor.execute(statement.format(**kinds), values)
        return True


def _years_after(at: datetime) -> datetime:
    try:
        return at.replace(year=at.year + KEPT_YEARS)
    except ValueError:  # 29 February
        return at.replace(year=at.year + KEPT_YEARS, month=3, day=1)

"""The audit log's one way in: `record`, called in the transaction of the deed."""

from datetime import datetime

from accounts.models import ApiKey, AuditEntry, User
from accounts.tenancy import CrossedWall, current_workspace_id


def record(
    verb: str,
    *,
    now: datetime,
    subject: object = "",
    user: User | None = None,
    api_key: ApiKey | None = None,
    **details: object,
) -> AuditEntry:
    """Write who did what. `verb` is noun.participle; details are ids and settings, never secrets."""
    workspace_id = current_workspace_id()
    if workspace_id is None:
        raise CrossedWall("audit entries are written inside a workspace")
    return AuditEntry.objects.create(
        workspace_id=workspace_id,
        at=now,
        user=user,
        api_key=api_key,
        verb=verb,
        subject=str(subject)[:200],
        details=details,
    )

"""The verbs of exports. They run inside `in_workspace`, in the transaction of the fact they tell of."""

from datetime import datetime

from accounts import audit
from accounts.models import ApiKey, User
from accounts.tenancy import CrossedWall, current_workspace_id
from exports.kinds import KINDS, TEST_REQUESTED
from exports.models import Event


def record_event(kind: str, payload: dict[str, object], *, now: datetime) -> Event:
    """Tell the world of a fact: kept if the caller's transaction commits, and only then."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is not a kind of event; exports/kinds.py lists them")
    workspace_id = current_workspace_id()
    if workspace_id is None:
        raise CrossedWall("events are recorded inside a workspace")
    return Event.objects.create(workspace_id=workspace_id, kind=kind, payload=payload, occurred_at=now)


def request_test_event(
    *, note: str | None, now: datetime, user: User | None = None, api_key: ApiKey | None = None
) -> Event:
    event = record_event(TEST_REQUESTED, {"note": note}, now=now)
    audit.record("test_event.requested", now=now, subject=event.code, user=user, api_key=api_key)
    return event

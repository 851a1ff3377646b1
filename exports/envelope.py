"""Judge: an event as the world reads it, the same from the API and on a page."""

from datetime import UTC, datetime
from typing import Any, TypedDict

from accounts.models import Workspace
from exports.models import Event


class Envelope(TypedDict):
    id: str
    type: str
    timestamp: str
    workspace: str
    practice: bool
    data: dict[str, Any]


def envelope(event: Event, *, workspace: Workspace) -> Envelope:
    return {
        "id": str(event.code),
        "type": event.kind,
        "timestamp": _utc(event.occurred_at),
        "workspace": workspace.code,
        "practice": workspace.is_practice,
        "data": event.payload,
    }


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")

"""Who may see what of exports. Call inside `in_workspace`."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.tenancy import current_workspace_id
from exports.models import Event


def access_events() -> QuerySet[Event]:
    return Event.objects.filter(workspace=current_workspace_id())


def access_event(code: UUID) -> Event:
    return get_object_or_404(access_events(), code=code)

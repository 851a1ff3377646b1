"""Who may see what of compliance. Call inside `in_workspace`."""

from django.db.models import Case, QuerySet, When
from django.shortcuts import get_object_or_404

from accounts.tenancy import current_workspace_id
from compliance.models import Registry, RegistrySnapshot

# The national one first, as the form that loads them names them
_IN_ORDER = Case(*(When(kind=kind, then=place) for place, kind in enumerate(Registry.Kind)))


def access_registries() -> QuerySet[Registry]:
    mine = Registry.objects.select_related("current", "current__loaded_by").filter(workspace=current_workspace_id())
    return mine.order_by(_IN_ORDER, "us_state", "seller_key")


def access_registry(registry_id: int) -> Registry:
    return get_object_or_404(access_registries(), pk=registry_id)


def access_registry_snapshots() -> QuerySet[RegistrySnapshot]:
    mine = RegistrySnapshot.objects.select_related("registry", "loaded_by")
    return mine.filter(workspace=current_workspace_id()).order_by("-pk")


def access_registry_snapshot(snapshot_id: int) -> RegistrySnapshot:
    return get_object_or_404(access_registry_snapshots(), pk=snapshot_id)

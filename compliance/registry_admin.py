"""The nouns of registries, for staff: to read and to search. Lists come in by the pages and the command alone."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from compliance.models import (
    LitigatorRow,
    ReassignedResult,
    Registry,
    RegistryBlock,
    RegistryPart,
    RegistrySnapshot,
)


@admin.register(Registry)
class RegistryAdmin(ReadOnlyAdmin[Registry]):
    list_display = ["pk", "kind", "us_state", "seller_key", "current"]
    list_display_links = ["pk", "kind"]
    list_filter = ["kind"]
    search_fields = ["us_state", "seller_key"]
    list_select_related = ["current__registry"]


@admin.register(RegistrySnapshot)
class RegistrySnapshotAdmin(ReadOnlyAdmin[RegistrySnapshot]):
    list_display = ["pk", "registry", "state", "content", "as_of", "numbers", "source", "loaded_by", "loaded_at"]
    list_filter = ["state", "content", "registry__kind"]
    search_fields = ["source", "file_hash", "san"]
    list_select_related = ["registry", "loaded_by"]
    date_hierarchy = "announced_at"
    exclude = ["coverage"]


@admin.register(RegistryBlock)
class RegistryBlockAdmin(ReadOnlyAdmin[RegistryBlock]):
    list_display = ["pk", "snapshot_id", "prefix"]
    search_fields = ["=prefix"]
    fields = ["workspace", "snapshot_id", "prefix"]
    readonly_fields = ["snapshot_id"]


@admin.register(LitigatorRow)
class LitigatorRowAdmin(ReadOnlyAdmin[LitigatorRow]):
    list_display = ["pk", "number", "snapshot_id"]
    search_fields = ["=number"]
    fields = ["workspace", "snapshot_id", "number", "raw"]
    readonly_fields = ["snapshot_id"]


@admin.register(ReassignedResult)
class ReassignedResultAdmin(ReadOnlyAdmin[ReassignedResult]):
    list_display = ["pk", "number", "date_asked", "result", "queried_at", "provider_ref"]
    list_filter = ["result"]
    search_fields = ["=number", "=provider_ref"]
    date_hierarchy = "queried_at"


@admin.register(RegistryPart)
class RegistryPartAdmin(ReadOnlyAdmin[RegistryPart]):
    list_display = ["pk", "snapshot_id", "position"]
    fields = ["workspace", "snapshot_id", "position"]
    readonly_fields = ["snapshot_id"]

"""Sellers, consents, suppressions and clearances, for staff: to read and to search. Verbs live on the pages."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from compliance.models import (
    Attestation,
    CallerNumber,
    Clearance,
    ClearanceEnd,
    Consent,
    Conversation,
    LedgerEntry,
    LedgerSeal,
    LegalHold,
    OpenHours,
    RefusalRepeat,
    Seller,
    Suppression,
    SuppressionLift,
    WorkspacePolicy,
)


@admin.register(Seller)
class SellerAdmin(ReadOnlyAdmin[Seller]):
    list_display = ["name", "key", "callback_number", "san", "added_at"]
    search_fields = ["name", "key", "san"]


@admin.register(Attestation)
class AttestationAdmin(ReadOnlyAdmin[Attestation]):
    list_display = ["seller", "jurisdiction", "reference", "until", "attested_by", "attested_at", "withdrawn_at"]
    list_filter = ["jurisdiction"]
    search_fields = ["seller__name", "reference"]
    list_select_related = ["seller", "attested_by"]


@admin.register(CallerNumber)
class CallerNumberAdmin(ReadOnlyAdmin[CallerNumber]):
    list_display = ["number", "seller", "level", "verified_at", "resting_until"]
    list_filter = ["level"]
    search_fields = ["number", "seller__name"]
    list_select_related = ["seller"]


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin[Consent]):
    list_display = ["number", "person_key", "entry", "kind", "seller", "scope", "at", "origin", "complete"]
    list_filter = ["entry", "kind", "origin"]
    search_fields = ["=number", "=person_key"]
    list_select_related = ["seller"]
    ordering = ["-pk"]


@admin.register(Suppression)
class SuppressionAdmin(ReadOnlyAdmin[Suppression]):
    list_display = ["number", "person_key", "covers", "scope", "channel", "how", "requested_at", "effective_at"]
    list_filter = ["how", "channel", "covers"]
    search_fields = ["=number", "=person_key"]
    ordering = ["-pk"]


@admin.register(SuppressionLift)
class SuppressionLiftAdmin(ReadOnlyAdmin[SuppressionLift]):
    list_display = ["suppression", "at", "by", "reason"]
    search_fields = ["reason", "=suppression__number"]
    list_select_related = ["suppression", "by"]
    ordering = ["-pk"]


@admin.register(Clearance)
class ClearanceAdmin(ReadOnlyAdmin[Clearance]):
    list_display = ["pk", "judged_at", "number", "campaign_key", "purpose", "channel", "state", "codes"]
    list_filter = ["state", "purpose", "channel"]
    search_fields = ["=number", "=person_key", "=campaign_key"]
    ordering = ["-pk"]


@admin.register(ClearanceEnd)
class ClearanceEndAdmin(ReadOnlyAdmin[ClearanceEnd]):
    list_display = ["clearance_id", "state", "at"]
    list_filter = ["state"]
    search_fields = ["=clearance__id"]
    ordering = ["-pk"]


@admin.register(RefusalRepeat)
class RefusalRepeatAdmin(ReadOnlyAdmin[RefusalRepeat]):
    list_display = ["clearance_id", "count", "last_at"]
    search_fields = ["=clearance__id"]
    ordering = ["-pk"]


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin[Conversation]):
    list_display = ["clearance_id", "at"]
    search_fields = ["=clearance__id"]
    ordering = ["-pk"]


@admin.register(LedgerSeal)
class LedgerSealAdmin(ReadOnlyAdmin[LedgerSeal]):
    list_display = ["position", "first_sequence", "last_sequence", "row_count", "sealed_at", "purged_at"]
    search_fields = ["=position"]
    date_hierarchy = "sealed_at"


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin[LedgerEntry]):
    list_display = ["sequence", "kind", "row_id"]
    list_filter = ["kind"]
    search_fields = ["=sequence", "=row_id"]


@admin.register(LegalHold)
class LegalHoldAdmin(ReadOnlyAdmin[LegalHold]):
    list_display = ["reason", "placed_by", "placed_at", "released_at"]
    search_fields = ["reason"]
    list_select_related = ["placed_by"]


@admin.register(WorkspacePolicy)
class WorkspacePolicyAdmin(ReadOnlyAdmin[WorkspacePolicy]):
    list_display = ["pk", "platform_count", "platform_hours", "clearance_seconds", "ring_seconds", "changed_at"]
    search_fields = ["reassigned_waiver"]


@admin.register(OpenHours)
class OpenHoursAdmin(ReadOnlyAdmin[OpenHours]):
    list_display = ["key", "opens_at", "closes_at", "refreshed_at"]
    search_fields = ["key"]
    ordering = ["key"]

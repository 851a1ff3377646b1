"""Who may see what of clearing: sellers, consents, suppressions, clearances. Call inside `in_workspace`."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.tenancy import current_workspace_id
from compliance.models import Attestation, CallerNumber, Clearance, Consent, Seller, Suppression


def access_sellers() -> QuerySet[Seller]:
    return Seller.objects.filter(workspace=current_workspace_id())


def access_seller(seller_id: int) -> Seller:
    return get_object_or_404(access_sellers(), pk=seller_id)


def access_attestation(attestation_id: int) -> Attestation:
    mine = Attestation.objects.select_related("seller").filter(workspace=current_workspace_id())
    return get_object_or_404(mine, pk=attestation_id)


def access_caller_number(caller_number_id: int) -> CallerNumber:
    mine = CallerNumber.objects.select_related("seller").filter(workspace=current_workspace_id())
    return get_object_or_404(mine, pk=caller_number_id)


def access_consents() -> QuerySet[Consent]:
    mine = Consent.objects.select_related("seller", "recorded_by", "api_key")
    return mine.filter(workspace=current_workspace_id())


def access_consent(consent_id: int) -> Consent:
    return get_object_or_404(access_consents(), pk=consent_id)


def access_suppressions() -> QuerySet[Suppression]:
    mine = Suppression.objects.select_related("by", "api_key", "lift__by")
    return mine.filter(workspace=current_workspace_id())


def access_suppression(suppression_id: int) -> Suppression:
    return get_object_or_404(access_suppressions(), pk=suppression_id)


def access_clearances() -> QuerySet[Clearance]:
    mine = Clearance.objects.select_related("repeat").defer("facts")
    return mine.filter(workspace=current_workspace_id())


def access_clearance(clearance_id: int) -> Clearance:
    mine = Clearance.objects.select_related("seller", "repeat").filter(workspace=current_workspace_id())
    return get_object_or_404(mine, pk=clearance_id)

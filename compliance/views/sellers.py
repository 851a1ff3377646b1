from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.actions import Refused
from accounts.doors import WorkspaceRequest, page, verb
from accounts.roles import Permission
from accounts.views.pages import form_page, posted
from compliance import access_clearing as access
from compliance import actions, rulebook
from compliance.forms import AttestForm, CallerNumberForm, SellerForm
from compliance.models import CallerNumber, Seller
from config import clock


@page()
def sellers(request: WorkspaceRequest) -> HttpResponse:
    held = Count("attestations", filter=Q(attestations__withdrawn_at=None), distinct=True)
    found = access.access_sellers().annotate(held=held, numbers=Count("caller_numbers", distinct=True))
    return render(request, "compliance/sellers.html", {"sellers": found, "now": clock.now()})


@page(Permission.ATTEST)
def add_seller(request: WorkspaceRequest) -> HttpResponse:
    form = SellerForm(posted(request))
    if form.is_valid():
        try:
            seller = actions.add_seller(**form.cleaned_data, by=request.user, now=clock.now())
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"{seller} is added. Attest the jurisdictions it may sell in.")
            return _to(request, seller)
    return form_page(request, "compliance/add_seller.html", form)


@page()
def seller(request: WorkspaceRequest, seller_id: int) -> HttpResponse:
    found, now = access.access_seller(seller_id), clock.now()
    book = rulebook.load()
    held = found.attestations.select_related("attested_by").filter(withdrawn_at=None)
    attestations = [
        (each, book.jurisdictions[each.jurisdiction].name, each.holds_on(now.date()))
        for each in held
        if each.jurisdiction in book.jurisdictions
    ]
    context = {
        "seller": found,
        "attestations": attestations,
        "jurisdictions": len(book.jurisdictions),
        "withdrawn": found.attestations.select_related("withdrawn_by").exclude(withdrawn_at=None),
        "caller_numbers": [(each, each.may_call(now=now)) for each in found.caller_numbers.all()],
        "now": now,
    }
    return render(request, "compliance/seller.html", context)


@page(Permission.ATTEST)
def attest(request: WorkspaceRequest, seller_id: int) -> HttpResponse:
    found = access.access_seller(seller_id)
    form = AttestForm(posted(request))
    if form.is_valid():
        try:
            attestation = actions.attest(found, **form.cleaned_data, by=request.user, now=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Attested: {attestation}.")
            return _to(request, found)
    return form_page(request, "compliance/attest.html", form, seller=found)


@verb(Permission.ATTEST)
def withdraw_attestation(request: WorkspaceRequest, attestation_id: int) -> HttpResponse:
    attestation = access.access_attestation(attestation_id)
    try:
        actions.withdraw_attestation(attestation, by=request.user, now=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Withdrawn: {attestation}. Sales calls there are refused from this moment.")
    return _to(request, attestation.seller)


@page(Permission.ATTEST)
def add_caller_number(request: WorkspaceRequest, seller_id: int) -> HttpResponse:
    found = access.access_seller(seller_id)
    form = CallerNumberForm(posted(request))
    if form.is_valid():
        said = form.cleaned_data
        level = CallerNumber.Level(said["level"])
        try:
            actions.add_caller_number(found, number=said["number"], level=level, by=request.user, now=clock.now())
        except Refused as refusal:
            form.add_error("number", str(refusal))
        else:
            messages.success(request, "Added. It calls nobody until it is verified.")
            return _to(request, found)
    return form_page(request, "compliance/add_caller_number.html", form, seller=found)


@verb(Permission.ATTEST)
def verify_caller_number(request: WorkspaceRequest, caller_number_id: int) -> HttpResponse:
    number = access.access_caller_number(caller_number_id)
    actions.verify_caller_number(number, by=request.user, now=clock.now())
    messages.success(request, f"{number} is verified for {number.seller}.")
    return _to(request, number.seller)


def _to(request: WorkspaceRequest, seller: Seller) -> HttpResponse:
    return redirect("seller", slug=request.workspace.slug, seller_id=seller.pk)

from dataclasses import fields

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.actions import Refused
from accounts.doors import WorkspaceRequest, page
from accounts.roles import Permission
from accounts.views.pages import form_page, posted
from compliance import access_clearing as access
from compliance import actions
from compliance.evidence import Evidence, missing
from compliance.forms import SAID, ConsentForm, RevokeForm, first_of
from compliance.models import Consent
from compliance.views.about import address, list_page, number_of
from config import clock


@page()
def consents(request: WorkspaceRequest) -> HttpResponse:
    return list_page(
        request,
        access.access_consents(),
        url_name="consents",
        template="compliance/consents.html",
        now=clock.now(),
        has_seller=access.access_sellers().exists(),
        record_url=address(request, "record_consent", number=number_of(request.GET.get("about", ""))),
    )


@page(Permission.RUN_CAMPAIGNS)
def record_consent(request: WorkspaceRequest) -> HttpResponse:
    sellers = access.access_sellers()
    first = {"seller": first_of(sellers), "number": number_of(request.GET.get("about", ""))}
    form = ConsentForm(posted(request), sellers=sellers, initial=first)
    if form.is_valid():
        seller = form.cleaned_data["seller"]
        try:
            consent = actions.record_consent(form.permission(), seller=seller, by=request.user, now=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Consent recorded. Each call judges anew whether it is good enough.")
            return redirect("consent", slug=request.workspace.slug, consent_id=consent.pk)
    return form_page(request, "compliance/record_consent.html", form)


@page()
def consent(request: WorkspaceRequest, consent_id: int) -> HttpResponse:
    found = access.access_consent(consent_id)
    lacks, taken_back = _lacks(found), _taken_back(found)
    context = {
        "consent": found,
        "lacks": lacks,
        "taken_back": taken_back,
        "said": [(label, getattr(found, name)) for name, label in SAID.items()],
        "evidence": [(name.replace("_", " ").capitalize(), value) for name, value in found.evidence.items()],
        "numbers_url": address(request, "consents", number=found.number) if found.number else "",
        "now": clock.now(),
    }
    return render(request, "compliance/consent.html", context)


def _lacks(found: Consent) -> list[str]:
    if found.entry == Consent.Entry.REVOKED:
        return []
    known = {each.name for each in fields(Evidence)}
    kept = Evidence(**{name: value for name, value in found.evidence.items() if name in known})
    return missing(found.kind, found.origin, kept)


def _taken_back(found: Consent) -> Consent | None:
    """A word since then that takes back what this one gave, as far as this number tells."""
    if found.entry == Consent.Entry.REVOKED:
        return None
    since = access.access_consents().filter(entry=Consent.Entry.REVOKED, number=found.number, at__gte=found.at)
    return next((each for each in since.order_by("at") if each.seller_id in (None, found.seller_id)), None)


@page(Permission.SUPPRESS)
def revoke_consent(request: WorkspaceRequest, consent_id: int) -> HttpResponse:
    found = access.access_consent(consent_id)
    form = RevokeForm(posted(request))
    if form.is_valid():
        said = form.cleaned_data
        try:
            taken_back = actions.revoke_consent(
                number=found.number,
                person_key=found.person_key,
                seller=found.seller,
                scope=said["scope"],
                channel=said["channel"],
                revoked_at=said["at"],
                by=request.user,
                now=clock.now(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Taken back. It holds from this moment, in every campaign.")
            return redirect("consent", slug=request.workspace.slug, consent_id=taken_back.pk)
    return form_page(request, "compliance/revoke_consent.html", form, consent=found)

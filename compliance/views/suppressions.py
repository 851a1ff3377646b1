from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.actions import Refused
from accounts.doors import WorkspaceRequest, page
from accounts.roles import Permission
from accounts.views.pages import form_page, posted
from compliance import access_clearing as access
from compliance import actions
from compliance.forms import LiftForm, SuppressForm, SuppressionListForm
from compliance.models import Suppression
from compliance.views.about import address, list_page, number_of
from config import clock


@page()
def suppressions(request: WorkspaceRequest) -> HttpResponse:
    add_url = address(request, "suppress", number=number_of(request.GET.get("about", "")))
    return list_page(
        request,
        access.access_suppressions(),
        url_name="suppressions",
        template="compliance/suppressions.html",
        now=clock.now(),
        add_url=add_url,
    )


@page(Permission.SUPPRESS)
def suppress(request: WorkspaceRequest) -> HttpResponse:
    form = SuppressForm(posted(request), initial={"number": number_of(request.GET.get("about", ""))})
    if form.is_valid():
        try:
            [suppression] = actions.suppress(form.opt_out(), by=request.user, now=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Suppressed. It holds in every campaign from this moment.")
            return redirect("suppression", slug=request.workspace.slug, suppression_id=suppression.pk)
    return form_page(request, "compliance/suppress.html", form)


@page(Permission.SUPPRESS)
def import_suppressions(request: WorkspaceRequest) -> HttpResponse:
    form = SuppressionListForm(posted(request), request.FILES or None)
    if not form.is_valid():
        return form_page(request, "compliance/import_suppressions.html", form)
    now, told = clock.now(), form.cleaned_data["list"]
    kept = [
        suppression
        # In one order for all, so that two lists brought at once wait for each other rather than lock for ever.
        for number in sorted(told.numbers)
        for suppression in actions.suppress(form.opt_out(number), by=request.user, now=now)
    ]
    added = sum(suppression.effective_at == now for suppression in kept)
    context = {"list": told, "added": added, "stood": len(kept) - added}
    return render(request, "compliance/imported_suppressions.html", context)


@page()
def suppression(request: WorkspaceRequest, suppression_id: int) -> HttpResponse:
    found = access.access_suppression(suppression_id)
    return render(request, "compliance/suppression.html", {"suppression": found, **_around(request, found)})


@page(Permission.LIFT)
def lift_suppression(request: WorkspaceRequest, suppression_id: int) -> HttpResponse:
    found = access.access_suppression(suppression_id)
    form = LiftForm(posted(request))
    if form.is_valid():
        try:
            actions.lift(found, reason=form.cleaned_data["reason"], by=request.user, now=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Lifted. Calls are judged on everything else again.")
            return redirect("suppression", slug=request.workspace.slug, suppression_id=found.pk)
    return form_page(request, "compliance/lift_suppression.html", form, suppression=found)


def _around(request: WorkspaceRequest, found: Suppression) -> dict[str, object]:
    same = Q(number=found.number) if found.number else Q()
    if found.person_key:
        same |= Q(person_key=found.person_key)
    others = access.access_suppressions().filter(same).exclude(pk=found.pk).order_by("-pk")
    return {
        "others": others[:20],
        "evidence": [(name.replace("_", " ").capitalize(), value) for name, value in found.evidence.items()],
        "decisions_url": address(request, "decisions", number=found.number) if found.number else "",
        "now": clock.now(),
    }

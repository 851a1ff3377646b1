"""The first page: the sign-in form, or the workspace one was in last."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import access, audit_log
from accounts.doors import LAST_WORKSPACE, WorkspaceRequest, page, public
from accounts.models import ApiKey, Membership
from accounts.roles import Permission
from accounts.views.sign_in import sign_in
from config import clock, health

RECENT = 8


@public
def home(request: HttpRequest) -> HttpResponseBase:
    if not request.user.is_authenticated:
        return sign_in(request)
    slugs = [membership.workspace.slug for membership in access.access_own_memberships(request.user)]
    if not slugs:
        return render(request, "home/no_workspace.html")
    last = request.session.get(LAST_WORKSPACE)
    return redirect("home_of_workspace", slug=last if last in slugs else slugs[0])


@page()
def home_of_workspace(request: WorkspaceRequest) -> HttpResponse:
    entries = audit_log.entries(workspace_id=request.workspace.pk)[:RECENT]
    context = {
        "steps": _next_steps(request),
        "lines": [{"entry": entry, "deed": audit_log.in_words(entry.verb)} for entry in entries],
        "now": clock.now(),
    }
    return render(request, "home/workspace.html", context)


@page()
def installation(request: WorkspaceRequest) -> HttpResponse:
    """Does everything behind the pages run? Fetched by itself, for a part that is away answers slowly."""
    findings = health.readiness(real=clock.real())
    troubles = [(name, finding.says) for name, finding in findings.items() if not finding.ok]
    return render(request, "home/_installation.html", {"troubles": troubles})


@dataclass(frozen=True)
class Step:
    title: str
    sentence: str
    button: str
    url: str
    icon: str


def _next_steps(request: WorkspaceRequest) -> list[Step]:
    """What this person could do here and has not done yet."""
    place = {"slug": request.workspace.slug}
    steps = []
    if not request.user.has_second_factor:
        steps.append(
            Step(
                "Add a second factor",
                "A code from your phone, so that a lost password alone lets nobody in.",
                "Set it up",
                reverse("second_factor_set_up"),
                "lock",
            )
        )
    if request.membership.allows(Permission.MANAGE_PEOPLE) and Membership.objects.count() == 1:
        steps.append(
            Step(
                "Invite a colleague",
                "Operators run campaigns, compliance keeps them lawful, auditors read along.",
                "Invite",
                reverse("invite", kwargs=place),
                "people",
            )
        )
    no_key = not ApiKey.objects.filter(revoked_at=None).exists()
    if request.membership.allows(Permission.MANAGE_KEYS) and no_key:
        steps.append(
            Step(
                "Create an API key",
                "Your CRM speaks to Callwright with a key of its own, which you can revoke at any time.",
                "Create a key",
                reverse("create_api_key", kwargs=place),
                "key",
            )
        )
    return steps

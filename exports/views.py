import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.api.paging import Page, page_of
from accounts.api.problems import Problem
from accounts.doors import WorkspaceRequest, page, verb
from accounts.roles import Permission
from config import clock
from exports import access, actions
from exports.envelope import envelope
from exports.kinds import KINDS
from exports.models import Event

ON_ONE_PAGE = 50


@page()
def events(request: WorkspaceRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    chosen = kind if kind in KINDS else ""
    try:
        found = _page(kind=chosen, cursor=request.GET.get("cursor", ""))
    except Problem:
        messages.info(request, "That page of the list is no longer there; this is the first one.")
        return redirect("events", slug=request.workspace.slug)
    context = {
        "events": found.items,
        "kinds": sorted(KINDS),
        "kind": chosen,
        "newest": _address(request, kind=chosen) if request.GET.get("cursor") else "",
        "older": _address(request, kind=chosen, cursor=found.next_cursor) if found.next_cursor else "",
    }
    return render(request, "exports/events.html", context)


@page()
def event(request: WorkspaceRequest, code: UUID) -> HttpResponse:
    found = access.access_event(code)
    text = json.dumps(envelope(found, workspace=request.workspace), indent=2, ensure_ascii=False)
    return render(request, "exports/event.html", {"event": found, "json": text, "meaning": KINDS.get(found.kind, "")})


@verb(Permission.RUN_CAMPAIGNS)
def send_test_event(request: WorkspaceRequest) -> HttpResponse:
    recorded = actions.request_test_event(note="Sent from the Events page", now=clock.now(), user=request.user)
    messages.success(request, "Test event recorded.")
    return redirect("event", slug=request.workspace.slug, code=recorded.code)


def _page(*, kind: str, cursor: str) -> Page[Event]:
    found = access.access_events().filter(**({"kind": kind} if kind else {}))
    return page_of(found, name=f"events page {kind}", limit=ON_ONE_PAGE, cursor=cursor)


def _address(request: WorkspaceRequest, **query: str) -> str:
    named = {name: value for name, value in query.items() if value}
    return reverse("events", kwargs={"slug": request.workspace.slug}, query=named)

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.doors import WorkspaceRequest, page, verb
from accounts.roles import Permission
from accounts.views.pages import form_page, posted
from compliance import access, registry_tasks
from compliance.models import Registry, RegistrySnapshot
from compliance.registries import lookup, parts
from compliance.registries.bits import areas_of
from compliance.registries.faults import CannotLoad
from compliance.registries.freshness import Freshness, freshness
from compliance.registries.offers import Offer, announce
from compliance.registry_forms import ChangesForm, FileForm, LoadForm, NumberForm
from config import clock

PER_PAGE = 25
DATED = {Registry.Kind.NATIONAL, Registry.Kind.STATE}  # the law gives these thirty-one days
CHANGEABLE = DATED


@dataclass(frozen=True)
class Line:
    """A registry as the list shows it."""

    registry: Registry
    freshness: Freshness | None
    under_way: RegistrySnapshot | None
    failed: RegistrySnapshot | None

    @property
    def expires(self) -> bool:
        return self.registry.kind in DATED


@page()
def registries(request: WorkspaceRequest) -> HttpResponse:
    return _registries(request, NumberForm())


@verb(Permission.SEE)
def check_number(request: WorkspaceRequest) -> HttpResponse:
    """By POST, so that the number stands in no address and no log."""
    form = NumberForm(request.POST)
    answers = _answers(form.cleaned_data["number"]) if form.is_valid() else None
    if request.headers.get("HX-Request"):
        return render(request, "compliance/registries/_checked.html", {"form": form, "answers": answers})
    return _registries(request, form, answers=answers)


def _registries(request: WorkspaceRequest, form: NumberForm, **more: object) -> HttpResponse:
    lines = _lines(access.access_registries(), today=clock.now().date())
    has_national = any(line.registry.kind == Registry.Kind.NATIONAL and line.registry.current for line in lines)
    context = {"lines": lines, "has_national": has_national, "form": form, **more}
    return render(request, "compliance/registries/registries.html", context)


def _lines(found: Iterable[Registry], *, today: date) -> list[Line]:
    newest: dict[int, RegistrySnapshot] = {}
    for snapshot in access.access_registry_snapshots().order_by("registry_id", "-pk").distinct("registry_id"):
        newest[snapshot.registry_id] = snapshot
    return [_line(registry, newest.get(registry.pk), today=today) for registry in found]


def _line(registry: Registry, newest: RegistrySnapshot | None, *, today: date) -> Line:
    as_of = registry.current.as_of if registry.current else None
    return Line(
        registry=registry,
        freshness=freshness(as_of, today=today) if as_of else None,
        under_way=newest if newest and newest.is_under_way else None,
        failed=newest if newest and newest.state == RegistrySnapshot.State.FAILED else None,
    )


def _answers(number: str) -> list[tuple[Registry, lookup.Standing]]:
    asked = list(access.access_registries().exclude(kind=Registry.Kind.REASSIGNED).filter(current__isnull=False))
    questions = [lookup.Question(number, each.kind, each.us_state, each.seller_key) for each in asked]
    return list(zip(asked, lookup.standings(questions), strict=True))


@page()
def registry(request: WorkspaceRequest, registry_id: int) -> HttpResponse:
    found = access.access_registry(registry_id)
    history = access.access_registry_snapshots().filter(registry=found)
    now = clock.now()
    context = {
        "registry": found,
        "line": _line(found, history.first(), today=now.date()),
        "page_obj": Paginator(history, PER_PAGE).get_page(request.GET.get("page")),
        "areas": _areas(found.current) if found.current else "",
        "may_change": found.kind in CHANGEABLE and found.current is not None,
        "now": now,
    }
    return render(request, "compliance/registries/registry.html", context)


def _areas(snapshot: RegistrySnapshot) -> str:
    return ", ".join(f"{area:03}" for area in sorted(areas_of(bytes(snapshot.coverage))))


@page()
def registry_progress(request: WorkspaceRequest, snapshot_id: int) -> HttpResponse:
    """The one part of a page that is asked for again and again; when the load has ended, the page itself is."""
    snapshot = access.access_registry_snapshot(snapshot_id)
    response = render(request, "compliance/registries/_progress.html", {"snapshot": snapshot})
    if not snapshot.is_under_way and request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"
    return response


@page(Permission.ATTEST)
def load_registry(request: WorkspaceRequest) -> HttpResponse:
    initial = {name: request.GET[name] for name in ("kind", "us_state") if name in request.GET}
    form = LoadForm(posted(request), request.FILES or None, initial=initial)
    if form.is_valid():
        snapshot = _take(request, form, form.full_offer())
        if snapshot:
            return redirect("registry", slug=request.workspace.slug, registry_id=snapshot.registry_id)
    return form_page(request, "compliance/registries/load.html", form)


@page(Permission.ATTEST)
def load_changes(request: WorkspaceRequest, registry_id: int) -> HttpResponse:
    found = access.access_registry(registry_id)
    if found.kind not in CHANGEABLE or found.current is None:
        raise Http404("There is no list here that a change list could change. Load a full list first.")
    form = ChangesForm(posted(request), request.FILES or None, initial={"base_id": found.current.pk})
    if form.is_valid() and _take(request, form, form.change_offer(found)):
        return redirect("registry", slug=request.workspace.slug, registry_id=found.pk)
    return form_page(request, "compliance/registries/load_changes.html", form, registry=found)


def _take(request: WorkspaceRequest, form: FileForm, offer: Offer) -> RegistrySnapshot | None:
    """Keep the file and ring for somebody to load it; or put into the form why it cannot be."""
    try:
        with transaction.atomic():
            snapshot = announce(offer, workspace=request.workspace, by=request.user, now=clock.now())
            parts.keep(snapshot, form.cleaned_data["file"].chunks())
    except CannotLoad as problem:
        form.add_error(None, str(problem))
        return None
    ring = registry_tasks.load_uploaded_registry.delay_on_commit  # type: ignore[attr-defined]  # DjangoTask's
    ring(workspace_id=request.workspace.pk, snapshot_id=snapshot.pk)
    return snapshot

import json
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.api.paging import Page, page_of
from accounts.api.problems import Problem
from accounts.doors import WorkspaceRequest, page
from accounts.views.pages import UNPROCESSABLE
from compliance import access_clearing as access
from compliance import numbers, rulebook, strips, telling, zones
from compliance.clearing import told_refusals
from compliance.facts import Address
from compliance.forms import CLOCKS, DecisionSearchForm, purpose_name
from compliance.models import Clearance, LedgerEntry, LedgerSeal
from compliance.replay import Replayed, replay_one
from compliance.rulebook import Rulebook
from compliance.views.about import number_of, sealed
from config import clock

ON_ONE_PAGE = 50
UTC_NAME = "Etc/UTC"
OUTCOMES: dict[str, dict[str, object]] = {
    "refused": {"granted": False},
    "granted": {"granted": True},
    "used": {"state": Clearance.State.USED},
    "lapsed": {"state": Clearance.State.LAPSED},
}


@page()
def decisions(request: WorkspaceRequest) -> HttpResponse:
    """A search comes by POST and leaves with its number sealed: it stands in no address and no log."""
    if request.method == "POST":
        form = DecisionSearchForm(request.POST)
        return redirect(_address(request, form.cleaned_data)) if form.is_valid() else _listed(request, form)
    number = number_of(request.GET.get("about", ""))
    return _listed(request, DecisionSearchForm({**request.GET.dict(), "number": number}))


def _listed(request: WorkspaceRequest, form: DecisionSearchForm) -> HttpResponse:
    if not form.is_valid():
        return render(request, "compliance/decisions.html", {"form": form}, status=UNPROCESSABLE)
    asked = form.cleaned_data
    days_of = _clock_of(asked["number"])
    try:
        found = _found(asked, days_of=days_of, cursor=request.GET.get("cursor", ""))
    except Problem:
        messages.info(request, "That page of the list is no longer there; this is the first one.")
        return redirect(_address(request, asked))
    context = {
        "form": form,
        "decisions": found.items,
        "filtered": any(asked.values()),
        "number": asked["number"],
        "ask_url": _ask_address(request, asked, days_of=days_of) if asked["number"] else "",
        "days_of": strips.place_of(days_of),
        "newest": _address(request, asked) if request.GET.get("cursor") else "",
        "older": _address(request, asked, cursor=found.next_cursor) if found.next_cursor else "",
        "now": clock.now(),
    }
    return render(request, "compliance/decisions.html", context)


def _clock_of(number: str) -> str:
    """Days are those of the person asked about, where the number tells; else the world's."""
    place = numbers.place(number or None, address=Address(), confirmed_zone=None, rulebook=rulebook.load())
    return place.zones[0] if place.zones else UTC_NAME


def _found(asked: dict[str, Any], *, days_of: str, cursor: str) -> Page[Clearance]:
    rows = _filtered(access.access_clearances(), asked, days_of=days_of)
    name = f"decisions {json.dumps(asked, default=str, sort_keys=True)}"
    return page_of(rows, name=name, limit=ON_ONE_PAGE, cursor=cursor)


def _filtered(rows: QuerySet[Clearance], asked: dict[str, Any], *, days_of: str) -> QuerySet[Clearance]:
    midnight = time(tzinfo=zones.zone(days_of))
    if asked["number"]:
        rows = rows.filter(number=asked["number"])
    if asked["campaign"]:
        rows = rows.filter(campaign_key=asked["campaign"])
    if asked["outcome"]:
        rows = rows.filter(**OUTCOMES[asked["outcome"]])
    if asked["code"]:
        rows = rows.filter(codes__contains=[asked["code"]])
    if asked["since"]:
        rows = rows.filter(judged_at__gte=datetime.combine(asked["since"], midnight))
    if asked["until"]:
        rows = rows.filter(judged_at__lt=datetime.combine(asked["until"] + timedelta(days=1), midnight))
    return rows


def _address(request: WorkspaceRequest, asked: dict[str, Any], **more: str) -> str:
    query = {name: str(value) for name, value in asked.items() if value and name != "number"}
    if asked["number"]:
        query["about"] = sealed(asked["number"])
    return reverse("decisions", kwargs={"slug": request.workspace.slug}, query={**query, **more})


def _ask_address(request: WorkspaceRequest, asked: dict[str, Any], *, days_of: str) -> str:
    query = {"about": sealed(asked["number"])}
    if day := asked["since"] or asked["until"]:
        known = days_of if days_of in dict(CLOCKS) else UTC_NAME
        noon = datetime.combine(day, time(12, tzinfo=zones.zone(days_of))).astimezone(zones.zone(known))
        query |= {"at": f"{noon:%Y-%m-%dT%H:%M}", "clock": known}
    return reverse("may_i_call", kwargs={"slug": request.workspace.slug}, query=query)


# One decision


@page()
def decision(request: WorkspaceRequest, clearance_id: int) -> HttpResponse:
    return _decision(request, access.access_clearance(clearance_id))


@page()
def replay_decision(request: WorkspaceRequest, clearance_id: int) -> HttpResponse:
    """Judge it again from its stored facts: by its own rulebook, and by the one in force."""
    clearance = access.access_clearance(clearance_id)
    return _decision(request, clearance, replays=_replays(clearance))


def _decision(request: WorkspaceRequest, clearance: Clearance, **more: object) -> HttpResponse:
    book = _book_of(clearance)
    facts = clearance.read_facts()
    readable = book or rulebook.load()
    against = telling.reasons(clearance.refusals, readable)
    about = sealed(clearance.number)
    place = {"slug": request.workspace.slug}
    context = {
        "clearance": clearance,
        "purpose": purpose_name(clearance.purpose),
        "reasons": against,
        "findings": telling.findings(against, facts, readable),
        "known": telling.known(facts, readable),
        "strips": strips.strips(facts, readable),
        "facts": json.loads(clearance.facts),
        "rulebook_lost": book is None,
        "in_force": clearance.rulebook == rulebook.load().version,
        "seal": _seal_of(clearance),
        "ask_url": reverse("may_i_call", kwargs=place, query={"about": about, "purpose": clearance.purpose}),
        "others_url": reverse("decisions", kwargs=place, query={"about": about}),
        "now": clock.now(),
        **more,
    }
    return render(request, "compliance/decision.html", context)


def _book_of(clearance: Clearance) -> Rulebook | None:
    try:
        return rulebook.load_version(clearance.rulebook)
    except rulebook.UnknownRulebook:
        return None


def _seal_of(clearance: Clearance) -> LedgerSeal | None:
    entry = LedgerEntry.objects.filter(
        workspace=clearance.workspace_id, kind=LedgerEntry.Kind.JUDGED, row_id=clearance.pk
    ).first()
    if entry is None:
        return None
    seals = LedgerSeal.objects.filter(workspace=clearance.workspace_id, first_sequence__lte=entry.sequence)
    return seals.order_by("-first_sequence").first()


def _replays(clearance: Clearance) -> list[dict[str, object]]:
    current = rulebook.load()
    own = _book_of(clearance)
    told = [_told("Under the rulebook of that day", replay_one(clearance), own) if own else None]
    if clearance.rulebook != current.version:
        told.append(_told("Under the rulebook in force", replay_one(clearance, under=current), current))
    return [each for each in told if each]


def _told(title: str, replayed: Replayed, book: Rulebook) -> dict[str, object]:
    return {
        "title": title,
        "replayed": replayed,
        "reasons": telling.reasons(told_refusals(replayed.verdict.refusals), book),
    }

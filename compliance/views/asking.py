from datetime import datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.urls import reverse

from accounts.doors import WorkspaceRequest, page
from accounts.views.pages import form_page
from compliance import access_clearing as access
from compliance import dry_run, hours, rulebook, strips, telling
from compliance.clearing import told_refusals
from compliance.dry_run import Answer
from compliance.forms import AskForm, first_of, purpose_name
from compliance.rulebook import Rulebook
from compliance.views.about import number_of, sealed
from config import clock

LATELY = 5
ASKED = ("purpose", "seller", "at", "clock", "state", "zip")


@page()
def may_i_call(request: WorkspaceRequest) -> HttpResponse:
    """By POST, so that the number stands in no address and no log; links from other pages carry it sealed."""
    now, book = clock.now(), rulebook.load()
    sellers = access.access_sellers()
    form = AskForm(_asked(request), sellers=sellers, initial={"seller": first_of(sellers), "purpose": "marketing"})
    answer = dry_run.ask(form.question(now=now), rulebook=book, now=now) if form.is_valid() else None
    shown: dict[str, Any] = _shown(request, answer, book, now=now) if answer else {}
    return form_page(request, "compliance/may_i_call.html", form, **shown)


def _asked(request: WorkspaceRequest) -> QueryDict | None:
    if request.method == "POST":
        return request.POST
    number = number_of(request.GET.get("about", ""))
    if not number:
        return None
    asked = request.GET.copy()
    asked["number"] = number
    asked.setdefault("purpose", "marketing")
    asked.setdefault("clock", "America/New_York")
    if only := first_of(access.access_sellers()):
        asked.setdefault("seller", str(only.pk))
    return asked


def _shown(request: WorkspaceRequest, answer: Answer, book: Rulebook, *, now: datetime) -> dict[str, Any]:
    facts, verdict, number = answer.facts, answer.verdict, answer.question.number
    clocks = strips.strips(facts, book)
    against = telling.reasons(told_refusals(verdict.refusals), book)
    opens = verdict.next_allowed_at or _opens(answer, book)
    decisions = reverse("decisions", kwargs={"slug": request.workspace.slug}, query={"about": sealed(number)})
    return {
        "answer": answer,
        "purpose": purpose_name(answer.question.purpose),
        "is_past": answer.question.at < now,
        "reasons": against,
        "findings": telling.findings(against, facts, book),
        "known": telling.known(facts, book),
        "strips": clocks,
        "opens": opens,
        "opens_local": [strips.local_words(opens, each.zone) for each in clocks] if opens else [],
        "decisions": access.access_clearances().filter(number=number)[:LATELY],
        "decisions_url": decisions,
        "now": now,
    }


def _opens(answer: Answer, book: Rulebook) -> datetime | None:
    """When the hours alone would let a call begin, where more than the hours stands against it."""
    if answer.verdict.granted or not answer.facts.place.zones:
        return None
    key = hours.key_of(answer.facts, book)
    table = hours.timetable(key, policy=answer.facts.policy, seller=answer.facts.seller, rulebook=book)
    instant = table.next_open(int(answer.question.at.timestamp()), ring=answer.facts.ring_seconds)
    return datetime.fromtimestamp(instant, answer.question.at.tzinfo) if instant else None

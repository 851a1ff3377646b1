from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.doors import WorkspaceRequest, page
from compliance import reading, rulebook, rules
from compliance.forms import CalendarForm, GridForm, purpose_name
from compliance.gather import house
from compliance.policy import Policy
from config import clock


@page()
def rulebook_grid(request: WorkspaceRequest) -> HttpResponse:
    """Who may be called when, on any date."""
    book, today = rulebook.load(), clock.now().date()
    form = GridForm({"day": today.isoformat(), "purpose": "marketing", **request.GET.dict()})
    context: dict[str, object] = {"form": form, "rulebook": book, "tables": rules.tables()}
    if form.is_valid():
        day, purpose = form.cleaned_data["day"], form.cleaned_data["purpose"]
        rows = reading.grid(day, purpose=purpose, policy=_policy(request), rulebook=book)
        context |= {
            "day": day,
            "purpose": purpose_name(purpose),
            "rows": rows,
            "closed": [row for row in rows if row.closed],
            "stricter": sum(row.stricter for row in rows),
            "day_before": date.fromordinal(day.toordinal() - 1),
            "day_after": date.fromordinal(day.toordinal() + 1),
        }
    return render(request, "compliance/rulebook.html", context, status=200 if form.is_valid() else 422)


@page()
def rulebook_calendar(request: WorkspaceRequest) -> HttpResponse:
    """The days of a year on which somebody may not be called at all."""
    book, today = rulebook.load(), clock.now().date()
    form = CalendarForm({"year": today.year, **request.GET.dict()})
    context: dict[str, object] = {"form": form, "rulebook": book, "today": today}
    if form.is_valid():
        year = form.cleaned_data["year"]
        days = reading.closed_days(year, policy=_policy(request), rulebook=book)
        context |= {"year": year, "days": days, "everywhere": len(book.jurisdictions)}
    return render(request, "compliance/rulebook_calendar.html", context, status=200 if form.is_valid() else 422)


@page()
def jurisdiction(request: WorkspaceRequest, jurisdiction: str) -> HttpResponse:
    book, today = rulebook.load(), clock.now().date()
    found = book.jurisdictions.get(jurisdiction.upper())
    if found is None:
        raise Http404("The rulebook knows no such jurisdiction.")
    context = {
        "jurisdiction": found,
        "wordings": reading.wordings(found, today=today),
        "holidays": reading.holidays_of(found, today.year),
        "clocks": reading.clocks_said(found),
        "year": today.year,
        "rulebook": book,
    }
    return render(request, "compliance/jurisdiction.html", context)


def _policy(request: WorkspaceRequest) -> Policy:
    return house(workspace_id=request.workspace.pk, sellers=[]).rules

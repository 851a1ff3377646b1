"""Numbers in addresses are sealed: what stands in an address stands in histories and in other people's logs."""

import json
from datetime import datetime
from typing import TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import sealing
from accounts.api.paging import page_of
from accounts.api.problems import Problem
from accounts.doors import WorkspaceRequest
from accounts.tenancy import current_workspace_id
from accounts.views.pages import UNPROCESSABLE
from compliance.forms import NumberSearchForm

Row = TypeVar("Row", bound=Model)
ON_ONE_PAGE = 50


def sealed(number: str) -> str:
    return sealing.seal(json.dumps([current_workspace_id(), number]))


def number_of(text: str) -> str:
    """The number behind a sealed one; nothing where it was not sealed here."""
    if not text:
        return ""
    try:
        workspace_id, number = json.loads(sealing.unseal(text))
    except (sealing.CannotUnseal, ValueError):
        return ""
    return str(number) if workspace_id == current_workspace_id() else ""


def list_page(
    request: WorkspaceRequest, rows: QuerySet[Row], *, url_name: str, template: str, now: datetime, **context: object
) -> HttpResponse:
    """A list that is searched by number. A search comes by POST, and is sent on with the number sealed."""
    if request.method == "POST":
        form = NumberSearchForm(request.POST)
        if form.is_valid():
            return redirect(address(request, url_name, number=form.cleaned_data["number"]))
        return render(request, template, {"form": form}, status=UNPROCESSABLE)
    number = number_of(request.GET.get("about", ""))
    try:
        found = _listed(request, rows.filter(number=number) if number else rows, url_name, number=number)
    except Problem:
        messages.info(request, "That page of the list is no longer there; this is the first one.")
        return redirect(address(request, url_name, number=number))
    form = NumberSearchForm(initial={"number": number})
    return render(request, template, {"form": form, "number": number, "now": now, **found, **context})


def _listed(request: WorkspaceRequest, rows: QuerySet[Row], url_name: str, *, number: str) -> dict[str, object]:
    cursor = request.GET.get("cursor", "")
    found = page_of(rows, name=f"{url_name} {number}", limit=ON_ONE_PAGE, cursor=cursor)
    return {
        "rows": found.items,
        "newest": address(request, url_name, number=number) if cursor else "",
        "older": address(request, url_name, number=number, cursor=found.next_cursor) if found.next_cursor else "",
    }


def address(request: WorkspaceRequest, url_name: str, *, number: str = "", **query: str) -> str:
    about = {"about": sealed(number)} if number else {}
    return reverse(url_name, kwargs={"slug": request.workspace.slug}, query={**about, **query})

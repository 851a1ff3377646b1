from collections.abc import Iterator

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from accounts import audit_log as log
from accounts.doors import WorkspaceRequest, page
from accounts.forms import AuditFilterForm
from accounts.models import AuditEntry
from accounts.views.pages import UNPROCESSABLE
from config import clock

PER_PAGE = 50


@page()
def audit_log(request: WorkspaceRequest) -> HttpResponse:
    workspace_id = request.workspace.pk
    form = AuditFilterForm(request.GET, people=log.people_seen(workspace_id), verbs=log.verbs_seen(workspace_id))
    if not form.is_valid():
        return render(request, "accounts/audit_log.html", {"form": form}, status=UNPROCESSABLE)
    found = list(log.entries(workspace_id=workspace_id, **form.cleaned_data)[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    context = {
        "form": form,
        "lines": [_line(entry) for entry in shown],
        "filtered": any(value for key, value in form.cleaned_data.items() if key != "before"),
        "newest": _query(request.GET, before=None) if form.cleaned_data["before"] else None,
        "older": _query(request.GET, before=shown[-1].pk) if len(found) > PER_PAGE else None,
        "now": clock.now(),
    }
    return render(request, "accounts/audit_log.html", context)


def _line(entry: AuditEntry) -> dict[str, object]:
    return {"entry": entry, "deed": log.in_words(entry.verb), "details": ", ".join(_details(entry))}


def _details(entry: AuditEntry) -> Iterator[str]:
    details = dict(entry.details)
    if "before" in details and "after" in details:
        yield f"{_value(details.pop('before'))} → {_value(details.pop('after'))}"
    for key, value in details.items():
        yield f"{key.replace('_', ' ')}: {_value(value)}"


def _value(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text.lower() if text.isupper() else text  # roles and kinds are written in capitals


def _query(query: QueryDict, *, before: int | None) -> str:
    changed = query.copy()
    changed.pop("before", None)
    if before:
        changed["before"] = str(before)
    return f"?{changed.urlencode()}"

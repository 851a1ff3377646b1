from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts import actions
from accounts.doors import PersonRequest, WorkspaceRequest, page, signed_in, verb
from accounts.forms import StartWorkspaceForm, WorkspaceNameForm
from accounts.models import Workspace
from accounts.roles import DESCRIPTIONS, SUMMARIES, Permission, Role, allows
from accounts.views.pages import form_page, posted
from config import clock


@signed_in
def workspaces(request: PersonRequest) -> HttpResponse:
    return render(request, "accounts/workspaces.html")


@signed_in
def start_workspace(request: PersonRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied("Only the people who run this installation start workspaces. Ask one of them.")
    form = StartWorkspaceForm(posted(request))
    if form.is_valid():
        kind = Workspace.Kind(form.cleaned_data["kind"])
        try:
            workspace = actions.start_workspace(
                name=form.cleaned_data["name"],
                kind=kind,
                owner=request.user,
                now=clock.now(),
                practice_clock=clock.CLOCK is not None,
            )
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{workspace.name} is ready.")
            return redirect("home_of_workspace", slug=workspace.slug)
    return form_page(request, "accounts/start_workspace.html", form)


@page()
def workspace_settings(request: WorkspaceRequest) -> HttpResponse:
    return _settings_page(request, WorkspaceNameForm(initial={"name": request.workspace.name}))


@verb(Permission.MANAGE_WORKSPACE)
def rename_workspace(request: WorkspaceRequest) -> HttpResponse:
    form = WorkspaceNameForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, form)
    name = form.cleaned_data["name"]
    actions.rename_workspace(request.workspace, name=name, by=request.user, now=clock.now())
    messages.success(request, f"The workspace is called {name} now.")
    return redirect("workspace_settings", slug=request.workspace.slug)


@verb(Permission.SEE)
def leave_workspace(request: WorkspaceRequest) -> HttpResponse:
    try:
        actions.remove_person(request.membership, by=request.user, now=clock.now())
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("workspace_settings", slug=request.workspace.slug)
    messages.success(request, f"You have left {request.workspace.name}.")
    return redirect("home")


def _settings_page(request: WorkspaceRequest, form: WorkspaceNameForm) -> HttpResponse:
    rows = [(sentence, [allows(role, permission) for role in Role]) for permission, sentence in DESCRIPTIONS.items()]
    roles = [(role.title(), SUMMARIES[role]) for role in Role]
    return form_page(request, "accounts/workspace_settings.html", form, roles=roles, rows=rows)

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts import access, actions, mail
from accounts.doors import WorkspaceRequest, page, verb
from accounts.forms import InviteForm, RoleForm
from accounts.models import Invitation, Membership
from accounts.roles import Permission, Role
from accounts.views.pages import form_page, posted
from config import clock

SORTS = {"name": "user__name", "role": "role", "joined": "joined_at"}
PER_PAGE = 50


@page()
def people(request: WorkspaceRequest) -> HttpResponse:
    members = Membership.objects.select_related("user").order_by(_chosen_sort(request), "id")
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related("invited_by")
    real = clock.real()
    context = {
        "page_obj": Paginator(members, PER_PAGE).get_page(request.GET.get("page")),
        "invitations": [(invitation, invitation.is_open(real=real)) for invitation in waiting.order_by("-id")],
        "now": clock.now(),
    }
    return render(request, "accounts/people.html", context)


def _chosen_sort(request: WorkspaceRequest) -> str:
    wanted = request.GET.get("sort", "name")
    column = SORTS.get(wanted.removeprefix("-"), SORTS["name"])
    return f"-{column}" if wanted.startswith("-") else column


@page(Permission.MANAGE_PEOPLE)
def invite(request: WorkspaceRequest) -> HttpResponse:
    form = InviteForm(posted(request))
    if form.is_valid():
        try:
            invitation, token = actions.invite(
                workspace=request.workspace,
                email=form.cleaned_data["email"],
                role=Role(form.cleaned_data["role"]),
                by=request.user,
                now=clock.now(),
                real=clock.real(),
            )
        except actions.Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            _send_once_committed(request, invitation, token=token)
            return _back_to_people(request)
    return form_page(request, "accounts/invite.html", form)


@verb(Permission.MANAGE_PEOPLE)
def resend_invitation(request: WorkspaceRequest, invitation_id: int) -> HttpResponse:
    invitation = access.access_invitation(invitation_id)
    try:
        token = actions.resend_invitation(invitation, by=request.user, now=clock.now(), real=clock.real())
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        invitation.refresh_from_db()
        _send_once_committed(request, invitation, token=token)
    return _back_to_people(request)


def _send_once_committed(request: WorkspaceRequest, invitation: Invitation, *, token: str) -> None:
    letter = mail.invitation_letter(invitation, workspace=request.workspace, token=token)

    def send() -> None:
        try:
            mail.send(letter)
        except mail.NotSent:
            messages.error(
                request,
                f"The invitation for {invitation.email} is kept, but the mail could not be sent. Check EMAIL_URL,"
                " then send it again.",
            )
        else:
            messages.success(request, f"An invitation is on its way to {invitation.email}.")

    transaction.on_commit(send)


@verb(Permission.MANAGE_PEOPLE)
def withdraw_invitation(request: WorkspaceRequest, invitation_id: int) -> HttpResponse:
    invitation = access.access_invitation(invitation_id)
    try:
        actions.withdraw_invitation(invitation, by=request.user, now=clock.now())
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The invitation for {invitation.email} is withdrawn; its link no longer opens.")
    return _back_to_people(request)


@page(Permission.MANAGE_PEOPLE)
def change_role(request: WorkspaceRequest, membership_id: int) -> HttpResponse:
    """One colleague: their role, and the way out."""
    membership = access.access_colleague(membership_id)
    form = RoleForm(posted(request), initial={"role": membership.role})
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            actions.change_role(membership, role=role, by=request.user, now=clock.now())
        except actions.Refused as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(request, f"{membership.user} is {_with_article(role)} now.")
            return _back_to_people(request)
    return form_page(request, "accounts/colleague.html", form, colleague=membership)


@verb(Permission.MANAGE_PEOPLE)
def remove_person(request: WorkspaceRequest, membership_id: int) -> HttpResponse:
    membership = access.access_colleague(membership_id)
    try:
        actions.remove_person(membership, by=request.user, now=clock.now())
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return _back_to_people(request)
    messages.success(request, f"{membership.user} is no longer a member.")
    return redirect("home") if membership.user_id == request.user.pk else _back_to_people(request)


def _with_article(role: Role) -> str:
    return {
        Role.OWNER: "an owner",
        Role.OPERATOR: "an operator",
        Role.COMPLIANCE: "compliance officer",
        Role.AUDITOR: "an auditor",
    }[role]


def _back_to_people(request: WorkspaceRequest) -> HttpResponse:
    return redirect("people", slug=request.workspace.slug)

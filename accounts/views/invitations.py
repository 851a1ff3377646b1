"""The other end of an invitation: a link in somebody's mail."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import access, actions
from accounts.doors import public
from accounts.forms import JoinForm
from accounts.models import Invitation, User
from accounts.tenancy import in_workspace
from accounts.views.pages import form_page, posted
from accounts.views.sign_in import enter
from config import clock

FORBIDDEN, CONFLICT, GONE = 403, 409, 410


@public
@never_cache
@sensitive_post_parameters("password", "again")
def accept_invitation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    invitation = access.access_invitation_of_link(slug=slug, token=token)
    if request.user.is_authenticated:
        return _as_oneself(request, request.user, invitation)
    if not invitation.is_open(real=clock.real()):
        return _page(request, "accounts/invitation_closed.html", invitation, status=GONE)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return _page(request, "accounts/invitation_sign_in.html", invitation)
    return _as_new_person(request, invitation)


def _as_oneself(request: HttpRequest, person: User, invitation: Invitation) -> HttpResponse:
    if person.email.lower() != invitation.email.lower():
        return _page(request, "accounts/invitation_for_another.html", invitation, status=FORBIDDEN)
    if invitation.accepted_at:
        return redirect("home_of_workspace", slug=invitation.workspace.slug)
    if not invitation.is_open(real=clock.real()):
        return _page(request, "accounts/invitation_closed.html", invitation, status=GONE)
    if request.method != "POST":
        return _page(request, "accounts/invitation.html", invitation)
    try:
        with in_workspace(invitation.workspace_id):
            actions.accept_invitation(invitation, person=person, now=clock.now(), real=clock.real())
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return _page(request, "accounts/invitation.html", invitation, status=CONFLICT)
    return _welcome(request, invitation)


def _as_new_person(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(posted(request), person=User(email=invitation.email))
    status = None
    if form.is_valid():
        try:
            with in_workspace(invitation.workspace_id):
                person, _ = actions.join_as_new_person(
                    invitation,
                    name=form.cleaned_data["name"],
                    password=form.cleaned_data["password"],
                    now=clock.now(),
                    real=clock.real(),
                )
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            status = CONFLICT
        else:
            enter(request, person)
            return _welcome(request, invitation)
    return form_page(request, "accounts/invitation_join.html", form, status=status, invitation=invitation)


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.success(request, f"Welcome to {invitation.workspace.name}.")
    return redirect("home_of_workspace", slug=invitation.workspace.slug)


def _page(request: HttpRequest, template: str, invitation: Invitation, *, status: int = 200) -> HttpResponse:
    return render(request, template, {"invitation": invitation}, status=status)

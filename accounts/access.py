"""Who may see what: each noun is fetched by one function here, or is not found. Call inside `in_workspace`."""

from hashlib import sha256

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import ApiKey, AuditEntry, Invitation, Membership, User, Workspace
from accounts.tenancy import as_user, current_workspace_id, in_workspace

NO_SUCH_INVITATION = (
    "This invitation does not exist, or was replaced by a newer one. Use the link in the latest mail, or ask"
    " whoever invited you for a new one."
)


def access_membership(user: User, *, slug: str) -> Membership:
    """This person's place in the workspace of that name. The same 404 whether it is closed to them or not there."""
    with as_user(user.pk):
        memberships = Membership.objects.select_related("workspace", "user")
        return get_object_or_404(memberships, user=user, workspace__slug=slug)


def access_own_memberships(user: User) -> list[Membership]:
    with as_user(user.pk):
        mine = Membership.objects.select_related("workspace").filter(user=user)
        return list(mine.order_by("workspace__name"))


def access_colleague(membership_id: int) -> Membership:
    mine = Membership.objects.select_related("user")
    return get_object_or_404(mine, pk=membership_id, workspace=current_workspace_id())


def access_invitation(invitation_id: int) -> Invitation:
    return get_object_or_404(Invitation, pk=invitation_id, workspace=current_workspace_id())


def access_invitation_of_link(*, slug: str, token: str) -> Invitation:
    """What a link in somebody's mail opens. The token alone is the right to see it, so this is called outside."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        raise Http404(NO_SUCH_INVITATION)
    with in_workspace(workspace.pk):
        invitations = Invitation.objects.select_related("workspace", "invited_by")
        invitation = invitations.filter(token_hash=sha256(token.encode()).hexdigest()).first()
    if invitation is None:
        raise Http404(NO_SUCH_INVITATION)
    return invitation


def access_api_key(api_key_id: int) -> ApiKey:
    return get_object_or_404(ApiKey, pk=api_key_id, workspace=current_workspace_id())


def access_audit_entry(entry_id: int) -> AuditEntry:
    return get_object_or_404(AuditEntry, pk=entry_id, workspace=current_workspace_id())

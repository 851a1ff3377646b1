"""The verbs of accounts. Those about a workspace run inside `in_workspace`; each writes its line of the audit log."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts import access, audit, totp
from accounts.models import ApiKey, Invitation, Membership, RecoveryCode, User, Workspace, new_code
from accounts.roles import Role
from accounts.tenancy import in_workspace

INVITATION_LASTS = timedelta(days=7)
RECOVERY_CODES = 8


class Refused(Exception):
    """The deed was not done; the message says why, and what to do instead."""


# API keys


def create_api_key(
    *, workspace: Workspace, name: str, scopes: Iterable[str], by: User, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key, and hand out its text for the only time."""
    lock(workspace)
    if ApiKey.objects.filter(workspace=workspace, name__iexact=name, revoked_at=None).exists():
        raise Refused(f"There is already a key called {name}. Choose another name, or revoke that one first.")
    secret = secrets.token_urlsafe(32)
    api_key = ApiKey.objects.create(
        workspace=workspace,
        name=name,
        secret_hash=fingerprint(secret),
        scopes=sorted(scopes),
        created_by=by,
        created_at=now,
    )
    audit.record("api_key.created", now=now, user=by, subject=name, code=api_key.code, scopes=api_key.scopes)
    return api_key, f"cw_{workspace.kind.lower()}_{workspace.code}_{api_key.code}_{secret}"


def revoke_api_key(api_key: ApiKey, *, by: User, now: datetime) -> None:
    changed = ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=now)
    if not changed:
        raise Refused(f"{api_key.name} was revoked already.")
    audit.record("api_key.revoked", now=now, user=by, subject=api_key.name, code=api_key.code)


def fingerprint(secret: str) -> str:
    """What is kept of a secret too long to be guessed."""
    return sha256(secret.encode()).hexdigest()


# People


def invite(
    *, workspace: Workspace, email: str, role: Role, by: User, now: datetime, real: datetime
) -> tuple[Invitation, str]:
    """Open the door to a colleague; the token goes into their mail and nowhere else."""
    lock(workspace)
    if Membership.objects.filter(workspace=workspace, user__email__iexact=email).exists():
        raise Refused(f"{email} is already a member of {workspace.name}.")
    waiting = Invitation.objects.filter(workspace=workspace, email__iexact=email, accepted_at=None, withdrawn_at=None)
    if waiting.filter(expires_at__gt=real).exists():
        raise Refused(f"{email} is invited already. Send that invitation again, or withdraw it first.")
    waiting.update(withdrawn_at=now)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        workspace=workspace,
        email=email,
        role=role,
        token_hash=fingerprint(token),
        invited_by=by,
        invited_at=now,
        expires_at=real + INVITATION_LASTS,
    )
    audit.record("member.invited", now=now, user=by, subject=email, role=role)
    return invitation, token


def resend_invitation(invitation: Invitation, *, by: User, now: datetime, real: datetime) -> str:
    """Send a new link; the one before it no longer opens."""
    invitation = _waiting(invitation)
    token = secrets.token_urlsafe(32)
    invitation.token_hash = fingerprint(token)
    invitation.expires_at = real + INVITATION_LASTS
    invitation.save(update_fields=["token_hash", "expires_at"])
    audit.record("member.invited", now=now, user=by, subject=invitation.email, role=invitation.role, again=True)
    return token


def withdraw_invitation(invitation: Invitation, *, by: User, now: datetime) -> None:
    invitation = _waiting(invitation)
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    audit.record("invitation.withdrawn", now=now, user=by, subject=invitation.email)


def accept_invitation(invitation: Invitation, *, person: User, now: datetime, real: datetime) -> Membership:
    invitation = _waiting(invitation)
    if not invitation.is_open(real=real):
        raise Refused("This invitation has expired. Ask for a new one.")
    if person.email.lower() != invitation.email.lower():
        raise Refused("This invitation was sent to another address. Sign in with the account it was sent to.")
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    membership, joined = Membership.objects.get_or_create(
        workspace_id=invitation.workspace_id,
        user=person,
        defaults={"role": invitation.role, "joined_at": now},
    )
    if joined:
        audit.record("member.joined", now=now, user=person, subject=person, role=invitation.role)
    return membership


def join_as_new_person(
    invitation: Invitation, *, name: str, password: str, now: datetime, real: datetime
) -> tuple[User, Membership]:
    """Make an account for the address the invitation went to; whoever has the link has the mailbox."""
    try:
        with transaction.atomic():
            person = User.objects.create_user(email=invitation.email, name=name, password=password, joined_at=now)
    except IntegrityError:
        raise Refused("There is already an account with this address. Sign in, then accept.") from None
    return person, accept_invitation(invitation, person=person, now=now, real=real)


def change_role(membership: Membership, *, role: Role, by: User, now: datetime) -> None:
    lock(membership.workspace)
    membership = _still_here(membership)
    before = membership.role
    if role == before:
        return
    if before == Role.OWNER:
        keep_an_owner_besides(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    audit.record("member.role_changed", now=now, user=by, subject=membership.user, before=before, after=role)


def remove_person(membership: Membership, *, by: User, now: datetime) -> None:
    """Take a colleague, or oneself, out of the workspace; what they did stays in the audit log."""
    lock(membership.workspace)
    membership = _still_here(membership)
    if membership.role == Role.OWNER:
        keep_an_owner_besides(membership)
    membership.delete()
    audit.record("member.removed", now=now, user=by, subject=membership.user, role=membership.role)


def _still_here(membership: Membership) -> Membership:
    found = Membership.objects.select_related("user", "workspace").filter(pk=membership.pk).first()
    if found is None:
        raise Refused(f"{membership.user} is no longer a member.")
    return found


def keep_an_owner_besides(membership: Membership) -> None:
    """Somebody must hold the keys: refuse to lose the last owner who can sign in."""
    owners = Membership.objects.filter(workspace=membership.workspace_id, role=Role.OWNER, user__is_active=True)
    if not owners.exclude(pk=membership.pk).exists():
        raise Refused(f"{membership.user} is the last owner. Make somebody else an owner first.")


def _waiting(invitation: Invitation) -> Invitation:
    """The invitation as it is now, held until the end of the transaction, so that it is used once."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.accepted_at:
        raise Refused("This invitation was accepted already.")
    if invitation.withdrawn_at:
        raise Refused("This invitation was withdrawn. Ask for a new one.")
    return invitation


# Workspaces


def lock(workspace: Workspace) -> None:
    """Make the workspace's people and keys change one at a time: rules about all of them need all to hold still."""
    Workspace.objects.select_for_update().get(pk=workspace.pk)


def start_workspace(
    *,
    name: str,
    kind: Workspace.Kind,
    owner: User,
    now: datetime,
    slug: str = "",
    practice_clock: bool = False,
) -> Workspace:
    if kind == Workspace.Kind.LIVE and practice_clock:
        raise Refused(
            "This installation runs on a practice clock, so it must not call real people. Start it without"
            " CLOCK_START, then start the live workspace."
        )
    workspace = _create_workspace(name=name, slug=slug, kind=kind, now=now)
    with in_workspace(workspace.pk):
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER, joined_at=now)
        audit.record("workspace.started", now=now, user=owner, subject=name, kind=kind)
    return workspace


def _create_workspace(*, name: str, slug: str, kind: Workspace.Kind, now: datetime) -> Workspace:
    slug = slug or slugify(name)[:32].strip("-") or "workspace"
    for attempt in (slug, f"{slug}-{new_code(4)}", f"{slug}-{new_code(7)}"):
        try:
            with transaction.atomic():
                return Workspace.objects.create(name=name, slug=attempt, kind=kind, created_at=now)
        except IntegrityError:
            continue
    raise Refused("No free address was found for that name. Choose another name.")


def rename_workspace(workspace: Workspace, *, name: str, by: User, now: datetime) -> None:
    before, workspace.name = workspace.name, name
    workspace.save(update_fields=["name"])
    audit.record("workspace.renamed", now=now, user=by, subject=name, before=before)


# A person, in every workspace they belong to


def record_everywhere(verb: str, *, person: User, now: datetime) -> None:
    for membership in access.access_own_memberships(person):
        with in_workspace(membership.workspace_id):
            audit.record(verb, now=now, user=person, subject=person)


@transaction.atomic
def change_password(person: User, *, password: str, now: datetime) -> None:
    """Every session signed in with the old password ends, except where the doorway renews its own."""
    person.set_password(password)
    person.save(update_fields=["password"])
    record_everywhere("person.password_changed", person=person, now=now)


@transaction.atomic
def add_second_factor(person: User, *, secret: str, step: int, now: datetime) -> list[str]:
    """Ask for a code from now on; returns the recovery codes, for the only time."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.has_second_factor:
        raise Refused("You have a second factor already. Remove it before setting up another.")
    person.totp_secret, person.totp_step = secret, step
    person.save(update_fields=["sealed_totp", "totp_step"])
    codes = totp.new_recovery_codes(RECOVERY_CODES)
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=person, code_hash=fingerprint(totp.plain(code))) for code in codes
    )
    record_everywhere("person.second_factor_added", person=person, now=now)
    return codes


@transaction.atomic
def remove_second_factor(person: User, *, now: datetime) -> None:
    person.totp_secret = ""
    person.save(update_fields=["sealed_totp"])
    RecoveryCode.objects.filter(user=person).delete()
    record_everywhere("person.second_factor_removed", person=person, now=now)


def use_code(person: User, *, code: str, real: datetime) -> bool:
    """Is this the person's code, or one of their recovery codes? Either opens once, however many try it at once."""
    step = totp.matching_step(person.totp_secret, code=code, real=real)
    if step is not None:
        unused = User.objects.filter(pk=person.pk, totp_step__lt=step)
        return unused.update(totp_step=step) == 1
    recovery = RecoveryCode.objects.filter(user=person, code_hash=fingerprint(totp.plain(code)))
    removed, _ = recovery.delete()
    return removed == 1

"""The letters accounts writes: plain text, one link each."""

import logging
from contextlib import suppress
from smtplib import SMTPException
from threading import Thread

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import Invitation, User, Workspace

logger = logging.getLogger(__name__)


class NotSent(Exception):
    """The mail server did not take the letter."""


def invitation_letter(invitation: Invitation, *, workspace: Workspace, token: str) -> EmailMessage:
    path = reverse("accept_invitation", kwargs={"slug": workspace.slug, "token": token})
    context = {"invitation": invitation, "workspace": workspace, "link": settings.PUBLIC_URL + path}
    return _letter("invitation", f"Join {workspace.name} on Callwright", context, to=invitation.email)


def password_letter(person: User) -> EmailMessage:
    context = {"person": person, "link": password_link(person)}
    return _letter("password_forgotten", "Choose a new Callwright password", context, to=person.email)


def password_link(person: User) -> str:
    """A link to choose a password with: opens once, for a day."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    return settings.PUBLIC_URL + reverse("password_new", kwargs={"uidb64": uid, "token": token})


def send(letter: EmailMessage) -> None:
    try:
        letter.send()
    except (SMTPException, OSError) as problem:
        # The problem's own words may hold an address.
        logger.warning("mail not sent", extra={"problem": type(problem).__name__})
        raise NotSent from problem


def send_aside(letter: EmailMessage) -> Thread:
    """Send without letting the page wait: how long a page takes must not tell whether there was a letter."""
    thread = Thread(target=_send_quietly, args=[letter], name="mail")
    thread.start()
    return thread


def _send_quietly(letter: EmailMessage) -> None:
    with suppress(NotSent):  # logged above; nobody waits for the answer
        send(letter)


def _letter(template: str, subject: str, context: dict[str, object], *, to: str) -> EmailMessage:
    body = render_to_string(f"accounts/mail/{template}.txt", context)
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[to])

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import actions, mail
from accounts.forms import EmailField
from accounts.models import User, Workspace
from config import clock


class Command(BaseCommand):
    help = "Start a workspace and give it an owner; prints a link with which a new owner chooses a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="What the workspace is called.")
        parser.add_argument(
            "--kind",
            required=True,
            choices=["practice", "live"],
            help="practice reaches only the sandbox, live calls real people; fixed for good.",
        )
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-name", required=True)
        parser.add_argument(
            "--staff", action="store_true", help="The owner may also open the admin and start workspaces."
        )

    def handle(self, **options: Any) -> None:
        now = clock.now()
        try:
            with transaction.atomic():
                owner = _owner(
                    email=options["owner_email"], name=options["owner_name"], staff=options["staff"], now=now
                )
                workspace = actions.start_workspace(
                    name=options["name"],
                    kind=Workspace.Kind(options["kind"].upper()),
                    owner=owner,
                    now=now,
                    practice_clock=clock.CLOCK is not None,
                )
        except actions.Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{workspace.name} is ready.")
        if owner.has_usable_password():
            self.stdout.write(f"{owner.email} signs in with the password they have.")
        else:
            self.stdout.write("The owner chooses a password here; the link works once, for 24 hours:")
            self.stdout.write(mail.password_link(owner))


def _owner(*, email: str, name: str, staff: bool, now: datetime) -> User:
    try:
        address = EmailField().clean(email)
    except ValidationError as problem:
        raise CommandError(f"--owner-email: {' '.join(problem.messages)}") from None
    owner = User.objects.filter(email__iexact=address).first()
    if owner is None:
        owner = User.objects.create_user(email=address, name=name, password=None, joined_at=now)
    if staff and not owner.is_staff:
        owner.is_staff = owner.is_superuser = True
        owner.save(update_fields=["is_staff", "is_superuser"])
    return owner

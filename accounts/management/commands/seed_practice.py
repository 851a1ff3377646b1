import json
import os
import secrets
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from accounts import actions
from accounts.models import Membership, User, Workspace
from accounts.roles import Role
from accounts.tenancy import in_workspace
from config import clock

DEMO_EMAIL = "demo@example.com"
COLLEAGUES = {
    "Omar Ortiz": Role.OPERATOR,
    "Claire Cho": Role.COMPLIANCE,
    "August Adler": Role.AUDITOR,
}
ONE_AT_A_TIME = 7_263_001  # the advisory lock of this command, an arbitrary number nobody else uses


class Command(BaseCommand):
    help = (
        "Make a practice workspace with somebody to sign in as, once. Changes nothing where a workspace exists already."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--print-sign-in",
            action="store_true",
            help='Print {"email": …, "password": …} as the last line; null for what is not known.',
        )

    def handle(self, **options: Any) -> None:
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(12)
        seeded = _seed_once(password=password, now=clock.now())
        if seeded:
            self.stdout.write(f"Practice workspace {seeded.name} is ready.")
            if not os.environ.get("DEMO_PASSWORD"):
                self.stdout.write(f"Sign in as {DEMO_EMAIL} with the password {password}")
        if options["print_sign_in"]:
            self.stdout.write(json.dumps(_sign_in(password)))


@transaction.atomic
def _seed_once(*, password: str, now: datetime) -> Workspace | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    if Workspace.objects.exists():
        return None
    owner = User.objects.create_user(email=DEMO_EMAIL, name="Dana Demo", password=password, joined_at=now)
    owner.is_staff = owner.is_superuser = True
    owner.save(update_fields=["is_staff", "is_superuser"])
    harbor = actions.start_workspace(
        name="Harbor Dental", slug="harbor", kind=Workspace.Kind.PRACTICE, owner=owner, now=now
    )
    with in_workspace(harbor.pk):
        for name, role in COLLEAGUES.items():
            _add_colleague(harbor, name=name, role=role, now=now)
    return harbor


def _add_colleague(workspace: Workspace, *, name: str, role: Role, now: datetime) -> None:
    """Somebody for the People page. Nobody knows a password for them."""
    email = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    person = User.objects.create_user(email=email, name=name, password=None, joined_at=now)
    Membership.objects.create(workspace=workspace, user=person, role=role, joined_at=now)


def _sign_in(password: str) -> dict[str, str | None]:
    person = User.objects.filter(email=DEMO_EMAIL, is_active=True).first()
    known = person is not None and person.check_password(password)
    return {"email": person.email if person else None, "password": password if known else None}

from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from psycopg import sql


class Command(BaseCommand):
    help = "Make the database ready: the app's role, its rights, and all migrations. Safe to run at every start."
    requires_system_checks: list[str] = []

    def handle(self, *_: Any, **options: Any) -> None:
        if "owner" not in connections:
            raise CommandError(
                "DATABASE_OWNER_URL is not set. Migrations run as the owner of the database, never as the app's role."
            )
        app = settings.DATABASES["default"]
        with connections["owner"].cursor() as cursor:
            _make_role(cursor.connection, name=app["USER"], password=app["PASSWORD"])
            _grant(cursor.connection, role=app["USER"])
        call_command("migrate", database="owner", interactive=False, verbosity=options["verbosity"])


def _make_role(owner: psycopg.Connection[Any], *, name: str, password: str) -> None:
    found = owner.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    if found and any(found):
        raise CommandError(
            f"The app's role {name!r} is a superuser or bypasses row-level security, so the walls between workspaces"
            " would not hold. Name an ordinary role in DATABASE_URL."
        )
    if found:
        return
    create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
    try:
        owner.execute(create.format(sql.Identifier(name), sql.Literal(password)))
    except psycopg.errors.InsufficientPrivilege:
        raise CommandError(
            f"The role {name!r} does not exist and the owner may not create it. As a superuser run:"
            f" CREATE ROLE {name} LOGIN PASSWORD '…'; and put the same password into DATABASE_URL."
        ) from None


def _grant(owner: psycopg.Connection[Any], *, role: str) -> None:
    """The app may read and write rows; it owns nothing, and may neither truncate nor change a table."""
    for grant in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
    ):
        owner.execute(sql.SQL(grant).format(sql.Identifier(role)))

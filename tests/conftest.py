"""The cast, and the ground the tests stand on."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connections
from django.test import Client
from psycopg import sql
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer
from redis import Redis

from accounts.models import Membership, User, Workspace
from accounts.roles import Role
from accounts.tenancy import in_workspace
from tests.servers import database_of_this_process, on_database

NOW = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)  # a Tuesday, 10:30 in New York
PASSWORD = "correct horse battery"
SUPERUSER_URL = os.environ["CALLWRIGHT_TEST_SUPERUSER_URL"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make this process's database the way an installation does: owned by one role, used by another."""
    name = database_of_this_process()
    owner = settings.DATABASES["owner"]["USER"]
    with psycopg.connect(SUPERUSER_URL, autocommit=True) as superuser:
        superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        superuser.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner)))
    with django_db_blocker.unblock():
        call_command("prepare_database", verbosity=0)
        connections["owner"].close()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def superuser_sql(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """The database behind the product's back: no walls, no triggers."""
    with psycopg.connect(on_database(SUPERUSER_URL, database_of_this_process()), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


@pytest.fixture
def committed_db(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, superuser_sql: psycopg.Connection
) -> Iterator[None]:
    """Real commits, seen by other threads and processes; every table is emptied afterwards."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()
    superuser_sql.execute(_empty_everything(superuser_sql))


def _empty_everything(superuser: psycopg.Connection) -> sql.Composed:
    """Delete, not truncate: with this few rows it is twenty times faster."""
    kept = {"django_migrations", "django_content_type", "auth_permission"}
    tables = superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for (table,) in tables if table not in kept]
    return sql.SQL(";").join(deletes)


@pytest.fixture(autouse=True)
def quick_passwords(settings: pytest.FixtureRequest) -> None:
    """A slow hash protects people, not tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    yield
    redis = Redis.from_url(settings.REDIS_URL)
    redis.flushdb()
    redis.close()


def workspace(name: str, *, kind: Workspace.Kind = Workspace.Kind.PRACTICE) -> Workspace:
    return Workspace.objects.create(name=name, slug=name.split(maxsplit=1)[0].lower(), kind=kind, created_at=NOW)


def member(of: Workspace, name: str, role: Role) -> User:
    email = f"{name.split(maxsplit=1)[0].lower()}@example.com"
    person = User.objects.create_user(email=email, name=name, password=PASSWORD, joined_at=NOW)
    with in_workspace(of.pk):
        Membership.objects.create(workspace=of, user=person, role=role, joined_at=NOW)
    return person


@pytest.fixture
def data(request: pytest.FixtureRequest) -> None:
    """The cast lives in whichever database the test asked for; the quick one unless it asked for commits."""
    committed = {"committed_db", "site", "page"} & set(request.fixturenames)
    request.getfixturevalue("committed_db" if committed else "db")


@pytest.fixture
def harbor(data: None) -> Workspace:
    return workspace("Harbor Dental")


@pytest.fixture
def summit(data: None) -> Workspace:
    return workspace("Summit Logistics")


@pytest.fixture
def olive(harbor: Workspace) -> User:
    """Owns Harbor."""
    return member(harbor, "Olive Owens", Role.OWNER)


@pytest.fixture
def otto(harbor: Workspace) -> User:
    """Operates Harbor."""
    return member(harbor, "Otto Operato", Role.OPERATOR)


@pytest.fixture
def cora(harbor: Workspace) -> User:
    """Keeps Harbor lawful."""
    return member(harbor, "Cora Comply", Role.COMPLIANCE)


@pytest.fixture
def ada(harbor: Workspace) -> User:
    """Audits Harbor: reads all, changes nothing."""
    return member(harbor, "Ada Audit", Role.AUDITOR)


@pytest.fixture
def sam(summit: Workspace) -> User:
    """Owns Summit, and has no business in Harbor."""
    return member(summit, "Sam Summers", Role.OWNER)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in


@pytest.fixture
def site(committed_db: None) -> Iterator[str]:
    """The product on a real port."""
    # Small answers leave at once instead of waiting for company.
    WSGIRequestHandler.disable_nagle_algorithm = True
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()

"""/healthz: this process answers. /readyz: the installation can do its work; if not, it says what is missing."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Workspace
from config import clock, health, heartbeats, own_connections
from config.celery import QUEUES
from tests.conftest import NOW

EVERYBODY = (heartbeats.BEAT, *QUEUES)


@pytest.fixture
def heartbeats_now(committed_db: None) -> None:
    for name in EVERYBODY:
        heartbeats.note(name, real=clock.real())


@pytest.fixture
def silent_redis(settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    own_connections.redis.cache_clear()
    yield
    own_connections.redis.cache_clear()


def parts(client: Client) -> dict[str, dict[str, object]]:
    response = client.get("/readyz")
    body = response.json()
    assert response.status_code == (200 if body["ready"] else 503)
    assert body["ready"] == all(part["ok"] for part in body["parts"].values())
    found: dict[str, dict[str, object]] = body["parts"]
    return found


def failing(client: Client) -> set[str]:
    return {name for name, part in parts(client).items() if not part["ok"]}


def test_it_is_ready_when_everybody_was_heard_of(client: Client, heartbeats_now: None) -> None:
    assert failing(client) == set()
    assert set(parts(client)) == {*health.DATABASE_PARTS, *health.BROKER_PARTS}


def test_each_part_speaks_in_sentences(client: Client, committed_db: None) -> None:
    for part in parts(client).values():
        assert str(part["says"]).endswith(".")


def test_who_was_never_heard_of_is_missing(client: Client, committed_db: None) -> None:
    assert failing(client) == {"beat", *(f"worker of {queue}" for queue in QUEUES)}


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_falls_silent_is_missing(client: Client, heartbeats_now: None, name: str) -> None:
    heartbeats.note(name, real=clock.real() - timedelta(seconds=46))
    missing = "beat" if name == heartbeats.BEAT else f"worker of {name}"
    assert failing(client) == {missing}
    assert "46 s ago" in str(parts(client)[missing]["says"])
    heartbeats.note(name, real=clock.real())
    assert failing(client) == set()


def test_a_heartbeat_out_of_the_future_means_that_clocks_disagree(client: Client, heartbeats_now: None) -> None:
    heartbeats.note("dial", real=clock.real() + timedelta(minutes=5))
    assert "clocks" in str(parts(client)["worker of dial"]["says"])


def test_a_missing_migration_is_noticed(
    client: Client, heartbeats_now: None, superuser_sql: psycopg.Connection
) -> None:
    row = superuser_sql.execute(
        "DELETE FROM django_migrations WHERE app = 'exports' AND name = '0002_walls' RETURNING id, applied"
    ).fetchone()
    assert row
    try:
        assert failing(client) == {"migrations"}
        assert "1 migrations are missing" in str(parts(client)["migrations"]["says"])
    finally:
        superuser_sql.execute("INSERT INTO django_migrations VALUES (%s, 'exports', '0002_walls', %s)", row)


@pytest.mark.processes  # roles belong to the whole cluster: beside other tests this would open their walls
def test_a_role_that_may_step_over_the_walls_is_refused(
    client: Client, heartbeats_now: None, superuser_sql: psycopg.Connection
) -> None:
    superuser_sql.execute("ALTER ROLE callwright_app BYPASSRLS")
    try:
        assert failing(client) == {"role"}
    finally:
        superuser_sql.execute("ALTER ROLE callwright_app NOBYPASSRLS")


def test_a_role_that_owns_tables_is_refused(
    client: Client, heartbeats_now: None, superuser_sql: psycopg.Connection
) -> None:
    superuser_sql.execute("CREATE TABLE stray (); ALTER TABLE stray OWNER TO callwright_app")
    try:
        assert failing(client) == {"role"}
    finally:
        superuser_sql.execute("DROP TABLE stray")


def test_a_practice_clock_beside_a_live_workspace_is_refused(
    client: Client, heartbeats_now: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "CLOCK", clock.Clock(start=NOW, anchor=datetime.now(UTC)))  # noqa: TID251
    assert failing(client) == set()
    Workspace.objects.create(name="Live", slug="live", kind=Workspace.Kind.LIVE, created_at=NOW)
    assert failing(client) == {"clock"}


def test_without_redis_it_says_so_soon_and_the_process_still_lives(
    client: Client, committed_db: None, silent_redis: None
) -> None:
    began = time.monotonic()
    assert failing(client) == set(health.BROKER_PARTS)
    assert time.monotonic() - began < health.DEADLINE + 0.5
    assert client.get("/healthz").status_code == 200


def test_without_postgres_it_says_so_soon_and_shows_no_secret(
    client: Client, heartbeats_now: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def refused(**_: object) -> None:
        raise psycopg.OperationalError(f"password {settings.DATABASES['default']['PASSWORD']} is wrong")

    monkeypatch.setattr(health, "open_database", refused)
    assert failing(client) == set(health.DATABASE_PARTS)
    assert settings.DATABASES["default"]["PASSWORD"] not in client.get("/readyz").text
    assert client.get("/healthz").status_code == 200


def test_a_part_that_hangs_is_given_up(client: Client, heartbeats_now: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs() -> health.Findings:
        time.sleep(2.6)
        return {}

    monkeypatch.setattr(health, "of_database", hangs)
    began = time.monotonic()
    assert failing(client) == set(health.DATABASE_PARTS)
    assert time.monotonic() - began < health.DEADLINE + 0.5


def test_many_who_ask_at_once_share_one_answer(
    client: Client, heartbeats_now: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", 30.0)
    monkeypatch.setattr(health, "_report", health.Report())
    client.get("/readyz")
    monkeypatch.setattr(health, "open_database", None)
    assert client.get("/readyz").status_code == 200

"""Is this process alive, and can this installation do its work? Asked by machines; answered in sentences."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock

import psycopg
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis import RedisError

from accounts.doors import public
from config import clock, heartbeats
from config.celery import QUEUES
from config.own_connections import Database, open_database, redis

DEADLINE = 2  # seconds for each part to answer
KEPT_SECONDS = 1.0  # anybody may ask, so the parts are asked once a second at most


@dataclass(frozen=True)
class Finding:
    ok: bool
    says: str


Findings = dict[str, Finding]


@public
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else: restarting it would not mend a database."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@public
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    findings = _report.now()
    ready = all(finding.ok for finding in findings.values())
    body = {"ready": ready, "parts": {name: {"ok": part.ok, "says": part.says} for name, part in findings.items()}}
    return JsonResponse(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


class Report:
    """Several who ask at once share one answer."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.findings: Findings = {}
        self.made_at = float("-inf")

    def now(self) -> Findings:
        with self.lock:
            if time.monotonic() - self.made_at > KEPT_SECONDS:
                self.findings = readiness(real=clock.real())
                self.made_at = time.monotonic()
            return self.findings


_report = Report()
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="readiness")


def readiness(*, real: datetime) -> Findings:
    parts = {
        _threads.submit(of_database): DATABASE_PARTS,
        _threads.submit(of_broker, real=real): BROKER_PARTS,
    }
    deadline = time.monotonic() + DEADLINE
    findings: Findings = {}
    for asked, names in parts.items():
        try:
            findings |= asked.result(timeout=max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            findings |= dict.fromkeys(names, Finding(ok=False, says=f"No answer within {DEADLINE} s."))
    return findings


# What Postgres knows

DATABASE_PARTS = ("database", "role", "migrations", "clock")


def of_database() -> Findings:
    try:
        with open_database(name="readiness", seconds=DEADLINE) as connection:
            return {
                "database": Finding(ok=True, says="Postgres answers."),
                "role": _role(connection),
                "migrations": _migrations(connection),
                "clock": _clock(connection),
            }
    except psycopg.Error:
        says = "Postgres does not answer as it should. See that it runs, and that DATABASE_URL is right."
        return dict.fromkeys(DATABASE_PARTS, Finding(ok=False, says=says))


def _role(connection: Database) -> Finding:
    superuser, owns = _row(
        connection,
        "SELECT rolsuper OR rolbypassrls, EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)"
        " FROM pg_roles WHERE rolname = current_user",
    )
    if superuser:
        return Finding(ok=False, says="The role of DATABASE_URL may step over the walls. Name an ordinary role there.")
    if owns:
        return Finding(ok=False, says="The role of DATABASE_URL owns tables. Let DATABASE_OWNER_URL's role own them.")
    return Finding(ok=True, says="The app's role is neither superuser nor owner.")


def _migrations(connection: Database) -> Finding:
    (there,) = _row(connection, "SELECT to_regclass('django_migrations') IS NOT NULL")
    applied = connection.execute("SELECT app, name FROM django_migrations").fetchall() if there else []
    missing = wanted_migrations() - {(str(app), str(name)) for app, name in applied}
    if missing:
        return Finding(ok=False, says=f"{len(missing)} migrations are missing. Run manage.py prepare_database.")
    return Finding(ok=True, says="All migrations are applied.")


@cache
def wanted_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _clock(connection: Database) -> Finding:
    if clock.CLOCK is None:
        return Finding(ok=True, says="Time is real.")
    (there,) = _row(connection, "SELECT to_regclass('accounts_workspace') IS NOT NULL")
    live = there and _row(connection, "SELECT EXISTS (SELECT FROM accounts_workspace WHERE kind = 'LIVE')")[0]
    if live:
        return Finding(ok=False, says="A live workspace exists, so the clock must be real. Take CLOCK_START away.")
    return Finding(ok=True, says="The practice clock runs, and every workspace is for practice.")


def _row(connection: Database, query: str) -> tuple[object, ...]:
    row: tuple[object, ...] | None = connection.execute(query).fetchone()
    assert row
    return row


# What Redis knows

BROKER_PARTS = ("broker", "beat", *(f"worker of {queue}" for queue in QUEUES))


def of_broker(*, real: datetime) -> Findings:
    try:
        # A write: a server that is full, or a copy for reading, answers every ping.
        redis().set("callwright:writable", "yes", ex=60)
        last = heartbeats.last_ones()
    except RedisError:
        says = "Redis does not take what is written. See that it runs, is not full, and that REDIS_URL is right."
        return dict.fromkeys(BROKER_PARTS, Finding(ok=False, says=says))
    findings = {
        "broker": Finding(ok=True, says="Redis answers and takes what is written."),
        "beat": _alive("Beat", last.get(heartbeats.BEAT), real=real),
    }
    workers = {f"worker of {queue}": _alive("A worker", last.get(queue), real=real) for queue in QUEUES}
    return findings | workers


def _alive(who: str, last: datetime | None, *, real: datetime) -> Finding:
    if last is None:
        return Finding(ok=False, says=f"{who} was never heard of. Start it, or see its log.")
    age = (real - last).total_seconds()
    if age < -settings.HEARTBEAT_LIMIT:
        return Finding(ok=False, says=f"{who} speaks from the future. Set the clocks of all hosts right.")
    if age > settings.HEARTBEAT_LIMIT:
        return Finding(ok=False, says=f"{who} was last heard of {age:.0f} s ago. See its log, and start it again.")
    return Finding(ok=True, says=f"{who} was heard of {max(age, 0):.0f} s ago.")

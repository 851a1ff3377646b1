"""System checks: name the mistake and the cure. `manage.py check`, with `--deploy` for a server on a network."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's own word
from django.db import DatabaseError, connections

from accounts.models import Workspace
from config import clock
from config.celery import HEARTBEAT_SECONDS

SHORTEST_KEY = 32
SHORTEST_TOKEN = 16
LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Found = list[CheckMessage]


@register(Tags.security)
def secret_key(**_: Any) -> Found:
    key = str(settings.SECRET_KEY)
    if len(key) < SHORTEST_KEY or len(set(key)) < 8:
        return [
            Error(
                f"SECRET_KEY is too weak: it needs {SHORTEST_KEY} random characters.",
                hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
                id="callwright.E001",
            )
        ]
    return []


@register(Tags.security)
def secrets_keys(**_: Any) -> Found:
    hint = (
        "Write NAME:KEY, the newest first, separated by commas. Make a key:"
        " python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    )
    if not settings.SECRETS_KEYS:
        return [Error("SECRETS_KEYS is not set, so no secret can be kept.", hint=hint, id="callwright.E002")]
    names = [pair.partition(":")[0] for pair in settings.SECRETS_KEYS]
    found: Found = [
        Error(f"SECRETS_KEYS: entry {place} is not NAME:KEY with a good key.", hint=hint, id="callwright.E003")
        for place, pair in enumerate(settings.SECRETS_KEYS, start=1)
        if not _is_named_key(pair)
    ]
    if len(set(names)) < len(names):
        found.append(Error("SECRETS_KEYS names two keys alike.", hint="Rename one.", id="callwright.E004"))
    return found


def _is_named_key(pair: str) -> bool:
    name, colon, key = pair.partition(":")
    try:
        Fernet(key)
    except ValueError:
        return False
    return bool(name and colon)


@register(Tags.security)
def database_roles(**_: Any) -> Found:
    owner = settings.DATABASES.get("owner", {}).get("USER")
    if owner and owner == settings.DATABASES["default"]["USER"]:
        return [
            Error(
                "DATABASE_URL and DATABASE_OWNER_URL name the same role, so the walls of workspaces would not hold.",
                hint="Let DATABASE_URL name another role, such as callwright_app; prepare_database makes it.",
                id="callwright.E005",
            )
        ]
    return []


@register(Tags.urls)
def public_url(**_: Any) -> Found:
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        return [
            Error(
                "PUBLIC_URL is not the address of a site.",
                hint="Write what people type, such as https://calls.example.com, without a path.",
                id="callwright.E006",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def encryption(**_: Any) -> Found:
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return [
            Error(
                "PUBLIC_URL is reached over the network without encryption.",
                hint="Put a proxy with a certificate in front, and write https:// in PUBLIC_URL.",
                id="callwright.E007",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def hosts(**_: Any) -> Found:
    if "*" in settings.ALLOWED_HOSTS:
        return [
            Warning(
                "ALLOWED_HOSTS lets any host name in, so a link in a mail could lead elsewhere.",
                hint="Name the hosts; that of PUBLIC_URL is among them already.",
                id="callwright.W001",
            )
        ]
    return []


@register(deploy=True)
def mail(**_: Any) -> Found:
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        return [
            Warning(
                "EMAIL_URL is not set: invitations and new passwords are printed to the log instead of sent.",
                hint="Write EMAIL_URL=smtp://name:password@mail.example.com:587.",
                id="callwright.W002",
            )
        ]
    return []


@register(Tags.security)
def metrics_token(**_: Any) -> Found:
    if 0 < len(settings.METRICS_TOKEN) < SHORTEST_TOKEN:
        return [
            Error(
                f"METRICS_TOKEN can be guessed: it needs {SHORTEST_TOKEN} characters or more.",
                hint="Make a longer one, or leave it empty: then metrics are for this machine alone.",
                id="callwright.E008",
            )
        ]
    return []


@register(Tags.security)
def trusted_proxies(**_: Any) -> Found:
    return [
        Error(
            f"TRUSTED_PROXIES: {proxy!r} is no address or network.",
            hint="Write addresses such as 10.0.0.5 or networks such as 172.18.0.0/16, separated by commas.",
            id="callwright.E009",
        )
        for proxy in settings.TRUSTED_PROXIES
        if not _is_network(proxy)
    ]


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@register()
def redis_url(**_: Any) -> Found:
    if urlsplit(settings.REDIS_URL).scheme not in {"redis", "rediss"}:
        return [
            Error(
                "REDIS_URL is not the address of a Redis-compatible server.",
                hint="Write redis://:password@host:6379/0 (rediss:// for encryption).",
                id="callwright.E010",
            )
        ]
    return []


@register()
def heartbeat_limit(**_: Any) -> Found:
    if settings.HEARTBEAT_LIMIT < 2 * HEARTBEAT_SECONDS:
        return [
            Error(
                f"HEARTBEAT_LIMIT is {settings.HEARTBEAT_LIMIT:g} s; heartbeats come every {HEARTBEAT_SECONDS:g} s.",
                hint=f"Write {2 * HEARTBEAT_SECONDS:g} or more; 45 suits most.",
                id="callwright.E011",
            )
        ]
    return []


@register(Tags.database)
def practice_clock(*, databases: Sequence[str] | None = None, **_: Any) -> Found:
    if clock.CLOCK is None or not any(_has_live_workspace(alias) for alias in databases or []):
        return []
    return [
        Error(
            "The practice clock is set (CLOCK_START), and a live workspace exists.",
            hint="Take CLOCK_START away: an installation that calls real people runs on real time.",
            id="callwright.E012",
        )
    ]


def _has_live_workspace(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            tables = connections[alias].introspection.table_names(cursor)
        live = Workspace.objects.using(alias).filter(kind=Workspace.Kind.LIVE)
        return Workspace._meta.db_table in tables and live.exists()
    except DatabaseError:
        return False

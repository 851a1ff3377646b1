"""Connections beside Django's and Celery's: they are few, and give up within seconds instead of waiting."""

from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

Database = psycopg.Connection[tuple[Any, ...]]


def open_database(*, name: str, seconds: int) -> Database:
    """As the app's role. A server or network that falls silent is noticed within `seconds`, from either side."""
    given = connections["default"].get_connection_params()
    silence = f"-c tcp_keepalives_idle={seconds} -c tcp_keepalives_interval=1 -c tcp_keepalives_count={seconds}"
    ours = {
        "connect_timeout": seconds,
        "tcp_user_timeout": seconds * 1000,
        "application_name": f"callwright {name}",
        "options": f"-c statement_timeout={seconds}s -c lock_timeout={seconds}s {silence}",
        "autocommit": True,
        "cursor_factory": psycopg.Cursor,
    }
    return psycopg.connect(**given | ours)


@cache
def redis() -> "Redis":
    """Never waits longer than a second nor asks twice: a command may have been done though its reply was lost."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


def redis_hash(key: str) -> dict[str, str]:
    return {str(name): str(value) for name, value in redis().hgetall(key).items()}

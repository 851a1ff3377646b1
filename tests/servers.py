"""A pytest plugin, loaded first: every run gets its own throw-away Postgres and Valkey.

Django reads its settings as soon as pytest-django starts, so the servers must be up before it. The run's
first process starts them; the processes of a parallel run inherit the addresses and make databases of their own.
"""

import os
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from config.local.servers import temporary_servers

_running = ExitStack()

ENVIRONMENT = {
    "SECRET_KEY": "a key for tests alone, long enough to please every check of it",
    "SECRETS_KEYS": "k1:dGVzdHMgYWxvbmUsIHRlc3RzIGFsb25lLCB0ZXN0czE=",
    "LOG_LEVEL": "WARNING",
    "CLOCK_START": "",
    "DATABASE_POOL_SIZE": "0",
    "PUBLIC_URL": "http://127.0.0.1:8000",
}


def _lend_servers() -> None:
    if "CALLWRIGHT_TEST_SUPERUSER_URL" not in os.environ:
        servers = _running.enter_context(temporary_servers())
        os.environ.update(servers.environment)
        os.environ["CALLWRIGHT_TEST_SUPERUSER_URL"] = servers.superuser_url
    os.environ.update(ENVIRONMENT)


def database_of_this_process() -> str:
    """Each parallel process has a database of its own, and so has the lone one: never the template."""
    return f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


def redis_of_this_process(url: str) -> str:
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")
    return urlsplit(url)._replace(path=f"/{int(number) + 1}").geturl()


def on_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def pytest_addoption(parser: pytest.Parser) -> None:
    _lend_servers()
    for key in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ[key] = on_database(os.environ[key], database_of_this_process())
    os.environ["REDIS_URL"] = redis_of_this_process(os.environ["REDIS_URL"])


def pytest_unconfigure() -> None:
    _running.close()

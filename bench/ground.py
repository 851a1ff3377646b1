"""The ground a measurement stands on: throw-away servers, the product's own settings, an honest way to report."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django

from config.local.servers import temporary_servers


@contextmanager
def product() -> Iterator[None]:
    """The product on servers of its own, migrated and empty."""
    with temporary_servers() as servers:
        os.environ.update(servers.environment)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings",
            SECRET_KEY="measuring needs no secret, only a key that is long enough",
            SECRETS_KEYS="k1:bWVhc3VyaW5nIG5lZWRzIG5vIHNlY3JldCwga2V5PT0=",
            LOG_LEVEL="WARNING",
        )
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415 - after the settings are known

        call_command("prepare_database", verbosity=0)
        yield


def say(text: str) -> None:
    """Progress goes to standard error, measurements to standard output."""
    sys.stderr.write(text + "\n")


def report(name: str, value: float, unit: str, *, goal: float, ok: bool, conditions: str) -> None:
    line = {"name": name, "value": round(value, 2), "unit": unit, "goal": goal, "ok": ok, "conditions": conditions}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()

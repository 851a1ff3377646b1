"""Tasks for the tests of processes: a worker is told of them with --include."""

import time
from typing import Any

from celery import shared_task

from config.own_connections import redis


@shared_task(name="tests.slow")
def slow(*, seconds: int, **_: Any) -> None:
    redis().incr("tests:began")
    time.sleep(seconds)
    redis().incr("tests:done")


@shared_task(name="tests.mark")
def mark(*, name: str, **_: Any) -> None:
    redis().set(f"tests:marked:{name}", "yes")

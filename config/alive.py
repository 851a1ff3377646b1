"""A file whose age says whether a process still goes round its loop: for the health check of its container."""

from pathlib import Path
from typing import Any

from celery import bootsteps
from django.conf import settings

EVERY_SECONDS = 5.0


def touch() -> None:
    if settings.ALIVE_FILE:
        Path(settings.ALIVE_FILE).touch()


class Alive(bootsteps.StartStopStep):
    """Touches the file from the worker's own loop, which stands still when the worker does."""

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        touch()
        parent.timer.call_repeatedly(EVERY_SECONDS, touch)

"""What is common to all tasks: they carry ids alone, name the request they came from, and leave one line in the log."""

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from celery import signals
from celery.contrib.django.task import DjangoTask
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.tenancy import current_workspace_id
from config import logs, metrics
from config.middleware import new_trace_id
from config.redaction import redacted_text

logger = logging.getLogger("callwright.tasks")

QUIET = {"config.tasks.heartbeat"}  # their line is for debugging only


class NotAnId(Exception):
    """A task was handed something that should not lie in Redis."""


class Task(DjangoTask[Any, Any]):
    def apply_async(  # type: ignore[override]
        self, args: tuple[Any, ...] | None = None, kwargs: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        _demand_ids(self.name, args or (), kwargs or {})
        return super().apply_async(args, dict(kwargs or {}), **options)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Ring once the row is there to be found. If nobody hears it, the sweep finds the row all the same."""
        transaction.on_commit(partial(self._ring, *args, **kwargs))

    def _ring(self, *args: Any, **kwargs: Any) -> None:
        try:
            self.delay(*args, **kwargs)
        except OperationalError:
            logger.warning("the broker is away; the task was not sent", extra={"task": self.name})


def _demand_ids(task: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    if args:
        raise NotAnId(f"{task} takes its arguments by name.")
    for name, value in kwargs.items():
        plain = value is None or isinstance(value, bool | int | str)
        if not plain or (isinstance(value, str) and (len(value) > 64 or redacted_text(value) != value)):
            raise NotAnId(f"{task} was handed {name}, which is no id. Hand it the row's id, and let it read the row.")


@signals.before_task_publish.connect
def _address(headers: dict[str, Any], **_: object) -> None:
    context = logs.current_context()
    headers["trace_id"] = context.get("trace_id") or new_trace_id()
    headers["workspace_id"] = current_workspace_id() or context.get("workspace_id")
    # Celery repeats the arguments here in words, for tools that we do not use.
    headers["argsrepr"] = headers["kwargsrepr"] = ""


@signals.task_prerun.connect
def _enter(task: Task, task_id: str, **_: object) -> None:
    request: Any = task.request
    request.began = time.monotonic()
    request.log_context = logs.enter_context(
        task=task.name,
        task_id=task_id,
        trace_id=getattr(request, "trace_id", None),
        workspace_id=getattr(request, "workspace_id", None),
    )


@signals.task_postrun.connect
def _leave(task: Task, state: str | None = None, **_: object) -> None:
    request: Any = task.request
    ms = round((time.monotonic() - request.began) * 1000, 1)
    quiet = task.name in QUIET and state == "SUCCESS"
    logger.log(logging.DEBUG if quiet else logging.INFO, "task done", extra={"state": state, "ms": ms})
    metrics.count_task(task.name, state=state or "UNKNOWN")
    logs.leave_context(request.log_context)

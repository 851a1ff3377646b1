"""The doorbell: what may lie in Redis, how tasks find their queue, and what their log lines carry."""

import base64
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from config import logs
from config.celery import QUEUES, TIMETABLE, app
from config.doorbell import NotAnId, Task
from config.env import CHECKOUT
from config.own_connections import redis
from config.tasks import heartbeat
from tests.operations.conftest import Log


@shared_task(name="tests.say")
def say(**_: object) -> None:
    logging.getLogger("tests").info("said")


@shared_task(name="tests.fail")
def fail(**_: object) -> None:
    raise RuntimeError("of +12125550123")


def ours(task: Any) -> Task:
    found: Any = app.tasks[task.name]
    assert isinstance(found, Task)
    return found


def ring(task: Any, **ids: object) -> None:
    ours(task).delay(**ids)


def message(queue: str = "default") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(str(redis().lindex(queue, 0)))
    return found


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run tasks where they are sent from, by way of the same signals."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_every_entry_of_the_timetable_names_a_task_that_exists_and_a_queue() -> None:
    app.loader.import_default_modules()
    for entry in TIMETABLE.values():
        assert entry["task"] in app.tasks
        assert entry.get("options", {}).get("queue", "default") in QUEUES


def test_every_queue_has_a_heartbeat() -> None:
    assert {entry["kwargs"]["queue"] for entry in TIMETABLE.values() if entry["task"] == heartbeat.name} == {*QUEUES}


def test_every_task_takes_ids_by_name_and_forgives_new_ones() -> None:
    """A release later, a message with one argument more must not break the worker of the release before."""
    for path in CHECKOUT.glob("*/tasks.py"):
        for found in re.finditer(r"@shared_task.*?\ndef \w+\((.*?)\) ->", path.read_text(), re.DOTALL):
            assert "**_: object" in found[1], f"{path}: {found[0]}"


def test_nothing_is_kept_of_results_and_no_task_outlives_its_message() -> None:
    conf = app.conf
    assert not conf.result_backend
    assert conf.task_ignore_result
    assert not conf.worker_send_task_events
    assert conf.task_soft_time_limit < conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]
    assert conf.task_acks_late
    assert not conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1


@pytest.mark.parametrize(
    ("name", "queue"), [("exports.tasks.deliver", "exports"), ("accounts.tasks.forget", "default")]
)
def test_a_task_finds_its_queue_by_its_name(name: str, queue: str) -> None:
    assert app.amqp.router.route({}, name)["queue"].name == queue


def test_a_queue_that_nobody_serves_cannot_be_named() -> None:
    with pytest.raises(Exception, match="mistyped"):
        app.tasks["tests.say"].apply_async(kwargs={}, queue="mistyped")


@pytest.mark.parametrize("value", ["+12125550123", "ada@example.com", "x" * 65, {"a": 1}, ["b"], 1.5, b"c"])
def test_a_task_takes_ids_and_nothing_personal(value: object) -> None:
    with pytest.raises(NotAnId, match=r"tests\.say was handed what"):
        ring(say, what=value)
    assert redis().llen("default") == 0


def test_a_task_takes_no_nameless_arguments() -> None:
    with pytest.raises(NotAnId, match="by name"):
        app.tasks["tests.say"].delay(17)


def test_a_message_carries_the_ids_the_trace_and_the_workspace_and_no_more() -> None:
    with logs.log_context(trace_id="t-of-request", workspace_id=4):
        ring(say, call=17, code="caf05747-281a-4098-b925-858c82cb6d64")
    sent = message()
    assert json.loads(base64.b64decode(sent["body"]))[:2] == [
        [],
        {"call": 17, "code": "caf05747-281a-4098-b925-858c82cb6d64"},
    ]
    assert (sent["headers"]["trace_id"], sent["headers"]["workspace_id"]) == ("t-of-request", 4)
    assert (sent["headers"]["argsrepr"], sent["headers"]["kwargsrepr"]) == ("", "")


def test_the_workspace_is_that_of_the_transaction(harbor: Workspace) -> None:
    with in_workspace(harbor.pk):
        ring(say)
    assert message()["headers"]["workspace_id"] == harbor.pk
    assert len(message()["headers"]["trace_id"]) == 32


def test_a_tasks_lines_carry_its_context(at_once: None, log: Log) -> None:
    ring(say, call=17)
    said, done = log.lines
    assert said["task"] == done["task"] == "tests.say"
    assert said["task_id"] == done["task_id"]
    assert (done["message"], done["state"]) == ("task done", "SUCCESS")
    assert not logs.current_context()


def test_a_failing_task_leaves_its_error_and_its_line(at_once: None, log: Log) -> None:
    ring(fail, call=17)
    assert log.of("task done")[0]["state"] == "FAILURE"
    assert not logs.current_context()
    assert "212" not in log.text


def test_a_doorbell_rings_once_the_row_is_there(
    db: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        ours(say).delay_on_commit(call=17)
        assert redis().llen("default") == 0
    assert redis().llen("default") == 1


def test_a_broker_that_is_away_does_not_break_the_request(
    db: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
    log: Log,
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("refused")

    monkeypatch.setattr(app.amqp, "send_task_message", away)
    with django_capture_on_commit_callbacks(execute=True):
        ours(say).delay_on_commit(call=17)
    assert log.of("the broker is away; the task was not sent")[0]["task"] == "tests.say"

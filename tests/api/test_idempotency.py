"""The same request with the same key is one deed, however often and however fast it comes."""

import threading
from datetime import timedelta

from django.db import connection

from accounts import replies, tasks
from accounts.models import AuditEntry, IdempotentReply, User, Workspace
from accounts.tenancy import in_workspace
from config import clock
from exports.models import Event
from tests.api.conftest import Program, is_problem, make_key


def events_of(workspace: Workspace) -> int:
    with in_workspace(workspace.pk):
        return Event.objects.count()


def age_replies(workspace: Workspace, by: timedelta) -> None:
    with in_workspace(workspace.pk):
        IdempotentReply.objects.update(at=clock.real() - by)


def test_the_same_request_again_gets_the_same_answer_and_no_second_deed(crm: Program, harbor: Workspace) -> None:
    first = crm.post("/events/test", {"note": "Hello"}, key="order-1")
    again = crm.post("/events/test", {"note": "Hello"}, key="order-1")
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert events_of(harbor) == 1


def test_another_request_with_the_same_key_is_refused(crm: Program, harbor: Workspace) -> None:
    crm.post("/events/test", {"note": "Hello"}, key="order-1")
    is_problem(crm.post("/events/test", {"note": "Goodbye"}, key="order-1"), 422, "idempotency-key-reused")
    is_problem(crm.post("/events/test?again=yes", {"note": "Hello"}, key="order-1"), 422, "idempotency-key-reused")
    assert events_of(harbor) == 1


def test_without_a_key_every_request_is_a_deed(crm: Program, harbor: Workspace) -> None:
    crm.post("/events/test", {"note": "Hello"})
    crm.post("/events/test", {"note": "Hello"})
    assert events_of(harbor) == 2


def test_a_refused_request_leaves_no_trace_and_may_be_corrected_under_its_key(crm: Program, harbor: Workspace) -> None:
    assert crm.post("/events/test", {"note": 7}, key="order-1").status_code == 422
    with in_workspace(harbor.pk):
        assert not IdempotentReply.objects.exists()
    assert crm.post("/events/test", {"note": "seven"}, key="order-1").status_code == 201


def test_keys_of_idempotency_belong_to_the_api_key(crm: Program, harbor: Workspace, olive: User) -> None:
    other = Program(make_key(harbor, olive, name="Back office", scopes=["events:write"]))
    crm.post("/events/test", {"note": "Hello"}, key="order-1")
    assert "Idempotency-Replayed" not in other.post("/events/test", {"note": "Hello"}, key="order-1")
    assert events_of(harbor) == 2


def test_a_key_that_cannot_be_one_is_refused(crm: Program) -> None:
    for key in ("", "with space", "x" * 256, "é"):
        is_problem(crm.post("/events/test", {"note": "Hello"}, key=key), 400, "bad-request")
    assert crm.post("/events/test", {"note": "Hello"}, key="x" * 255).status_code == 201


def test_a_reply_is_remembered_for_a_day_and_no_longer(crm: Program, harbor: Workspace) -> None:
    crm.post("/events/test", {"note": "Hello"}, key="order-1")
    age_replies(harbor, timedelta(hours=23, minutes=59))
    assert "Idempotency-Replayed" in crm.post("/events/test", {"note": "Hello"}, key="order-1")
    age_replies(harbor, timedelta(hours=24, seconds=1))
    assert "Idempotency-Replayed" not in crm.post("/events/test", {"note": "Hello"}, key="order-1")
    assert events_of(harbor) == 2


def test_old_replies_are_forgotten_in_every_workspace(
    crm: Program, rival: Program, harbor: Workspace, summit: Workspace
) -> None:
    for program in (crm, rival):
        program.post("/events/test", {"note": "Hello"}, key="old")
    age_replies(harbor, timedelta(hours=25))
    age_replies(summit, timedelta(hours=25))
    crm.post("/events/test", {"note": "Hello"}, key="young")
    assert replies.forget_old_replies(real=clock.real()) == 2
    assert replies.forget_old_replies(real=clock.real()) == 0
    tasks.forget()
    with in_workspace(harbor.pk):
        assert list(IdempotentReply.objects.values_list("key", flat=True)) == ["young"]


def test_eight_at_once_are_one_deed(committed_db: None, harbor_key: str, harbor: Workspace) -> None:
    answers: list[tuple[int, bytes]] = []
    start = threading.Barrier(8)

    def ask() -> None:
        program = Program(harbor_key)
        start.wait()
        for _ in range(3):
            response = program.post("/events/test", {"note": "Hello"}, key="order-1")
            answers.append((response.status_code, response.content))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(answers) == 24
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert events_of(harbor) == 1
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.filter(verb="test_event.requested").count() == 1

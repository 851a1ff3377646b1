"""Events as programs read them: an envelope, newest first, a page at a time, of one's own workspace alone."""

import contextlib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import AuditEntry, Workspace
from accounts.tenancy import CrossedWall, in_workspace
from exports import actions
from exports.models import Event
from tests.api.conftest import Program, is_problem
from tests.conftest import NOW


def record(workspace: Workspace, *notes: str) -> list[str]:
    with in_workspace(workspace.pk):
        return [str(actions.request_test_event(note=note, now=NOW).code) for note in notes]


def notes(page: dict[str, Any]) -> list[str]:
    return [event["data"]["note"] for event in page["items"]]


def test_an_event_comes_in_its_envelope(crm: Program, harbor: Workspace) -> None:
    [code] = record(harbor, "Hello")
    assert crm.get(f"/events/{code}").json() == {
        "id": code,
        "type": "test.requested",
        "timestamp": "2026-03-03T15:30:00Z",
        "workspace": harbor.code,
        "practice": True,
        "data": {"note": "Hello"},
    }


def test_a_test_event_is_recorded_and_audited_under_the_key(crm: Program, harbor: Workspace) -> None:
    made = crm.post("/events/test", {"note": "Hello"}).json()  # type: ignore[attr-defined]
    assert crm.get(f"/events/{made['id']}").json() == made
    with in_workspace(harbor.pk):
        entry = AuditEntry.objects.get(verb="test_event.requested")
        assert (entry.subject, entry.actor) == (made["id"], "CRM")


def test_a_test_event_needs_no_note(crm: Program) -> None:
    assert crm.post("/events/test").json()["data"] == {"note": None}  # type: ignore[attr-defined]
    assert crm.post("/events/test", {}).json()["data"] == {"note": None}  # type: ignore[attr-defined]


def test_events_come_newest_first(crm: Program, harbor: Workspace) -> None:
    record(harbor, "one", "two", "three")
    page = crm.get("/events").json()
    assert notes(page) == ["three", "two", "one"]
    assert page["next_cursor"] is None


def test_pages_are_not_disturbed_by_what_is_added_meanwhile(crm: Program, harbor: Workspace) -> None:
    record(harbor, *"abcdefg")
    seen, cursor = [], ""
    while True:
        page = crm.get("/events", limit=3, cursor=cursor).json()
        seen += notes(page)
        record(harbor, "late")
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == list("gfedcba")


def test_a_full_last_page_is_the_last(crm: Program, harbor: Workspace) -> None:
    record(harbor, "one", "two")
    assert crm.get("/events", limit=2).json()["next_cursor"] is None


def test_the_link_header_leads_to_the_next_page_with_the_same_filters(crm: Program, harbor: Workspace) -> None:
    record(harbor, "one", "two", "three")
    response = crm.get("/events", limit=2, type="test.requested")
    assert response["Link"].endswith('rel="next"')
    url = urlsplit(response["Link"].split(">")[0][1:])
    page = crm.client.get(f"{url.path}?{url.query}").json()
    assert notes(page) == ["one"]


def test_events_can_be_asked_for_by_kind(crm: Program, harbor: Workspace) -> None:
    record(harbor, "one")
    assert notes(crm.get("/events", type="test.requested").json()) == ["one"]
    assert notes(crm.get("/events", type="call.ended").json()) == []


@pytest.mark.parametrize("cursor", ["nonsense", "k1:nonsense", "k9:gAAAA", "é", "k1:" + "A" * 120])
def test_a_cursor_that_is_none_is_refused(cursor: str, crm: Program) -> None:
    is_problem(crm.get("/events", cursor=cursor), 400, "bad-cursor")


def test_a_cursor_belongs_to_its_list(crm: Program, harbor: Workspace) -> None:
    record(harbor, "one", "two")
    cursor = crm.get("/events", limit=1).json()["next_cursor"]
    is_problem(crm.get("/events", type="test.requested", cursor=cursor), 400, "bad-cursor")


def test_a_cursor_does_not_tell_how_many_events_the_others_have(crm: Program, harbor: Workspace) -> None:
    record(harbor, "one", "two")
    cursor = crm.get("/events", limit=1).json()["next_cursor"]
    with in_workspace(harbor.pk):
        assert str(Event.objects.latest("pk").pk) not in cursor.split(":", 1)[0]


def test_a_key_never_sees_another_workspaces_events(
    crm: Program, rival: Program, harbor: Workspace, summit: Workspace
) -> None:
    ours, theirs = record(harbor, "ours", "ours too"), record(summit, "theirs", "theirs too")
    assert set(notes(crm.get("/events").json())) == {"ours", "ours too"}
    for code in theirs:
        is_problem(crm.get(f"/events/{code}"), 404, "not-found")
        assert rival.get(f"/events/{code}").status_code == 200
    is_problem(rival.get(f"/events/{ours[0]}"), 404, "not-found")
    cursor = rival.get("/events", limit=1).json()["next_cursor"]
    is_problem(crm.get("/events", limit=1, cursor=cursor), 400, "bad-cursor")
    assert rival.get("/events", limit=1, cursor=cursor).status_code == 200


def test_what_is_not_there_and_what_is_another_workspaces_read_the_same(crm: Program, summit: Workspace) -> None:
    [theirs] = record(summit, "theirs")
    absent = crm.get("/events/8c6a2f0e-3f8e-4c55-9d0b-6f1f0a3a7e11").json()
    foreign = crm.get(f"/events/{theirs}").json()
    assert absent | {"trace_id": ""} == foreign | {"trace_id": ""}


def test_an_event_is_not_recorded_outside_a_workspace(db: None) -> None:
    with pytest.raises(CrossedWall):
        actions.record_event("test.requested", {}, now=NOW)


def test_an_event_of_a_kind_nobody_announced_is_a_mistake(harbor: Workspace) -> None:
    with in_workspace(harbor.pk), pytest.raises(ValueError, match=r"exports/kinds\.py"):
        actions.record_event("moon.landed", {}, now=NOW)


def test_an_event_of_a_fact_that_was_undone_is_never_seen(crm: Program, harbor: Workspace) -> None:
    with contextlib.suppress(ZeroDivisionError), in_workspace(harbor.pk):
        actions.record_event("test.requested", {}, now=NOW + timedelta(days=1))
        raise ZeroDivisionError
    assert crm.get("/events").json()["items"] == []

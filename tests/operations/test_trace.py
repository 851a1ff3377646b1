"""Every request has a trace id and one line in the log, which names its route and nobody."""

import asyncio
from collections.abc import Callable

import pytest
from django.test import AsyncClient, Client

from accounts.models import User, Workspace
from tests.operations.conftest import Log


@pytest.mark.parametrize("given", ["req-0123456789", "4bf92f3577b34da6a3ce929d0e0e4736"])
def test_a_sane_request_id_is_kept(client: Client, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given",
    ["", "short", "x" * 65, "with space 1234", 'quote"quote"quote', "12125550123", "ada@example.com", "%2B12125550123"],
)
def test_any_other_is_replaced_by_one_of_ours(client: Client, given: str) -> None:
    answered = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert len(answered) == 32
    assert answered != given


def test_a_page_leaves_one_line_with_its_route_and_ids(
    harbor: Workspace, olive: User, client_of: Callable[[User], Client], log: Log
) -> None:
    response = client_of(olive).get(f"/w/{harbor.slug}/people/?search=ada@example.com")
    assert response.status_code == 200
    (line,) = log.of("request answered")
    assert line["trace_id"] == response.headers["X-Request-ID"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/w/<slug:slug>/people/", 200)
    assert (line["workspace_id"], line["person_id"]) == (harbor.pk, olive.pk)
    assert line["ms"] > 0
    assert "ada" not in log.text
    assert harbor.slug not in log.text


def test_a_page_that_is_not_there_does_not_show_what_was_asked_for(client: Client, log: Log, db: None) -> None:
    assert client.get("/no/such/Ada-Lovelace/").status_code == 404
    assert log.of("request answered")[0]["route"] == "unmatched"
    assert "Ada" not in log.text


def test_a_broken_page_is_logged_once_with_its_route(
    client: Client, log: Log, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("of +12125550123")

    monkeypatch.setattr("accounts.access.access_invitation_of_link", broken)
    monkeypatch.setattr("accounts.views.invitations.access.access_invitation_of_link", broken)
    client.raise_request_exception = False
    response = client.get("/invitations/harbor/a-token-of-somebody/")
    assert response.status_code == 500
    errors = [line for line in log.lines if line["level"] == "error"]
    assert len(errors) == 1
    assert "RuntimeError: of [number]" in errors[0]["error"]
    assert errors[0]["trace_id"] == response.headers["X-Request-ID"]
    assert "a-token-of-somebody" not in log.text


def test_machines_that_ask_all_day_leave_no_line(client: Client, log: Log) -> None:
    client.get("/healthz")
    assert log.lines == []


async def _answer() -> tuple[int, str]:
    response = await AsyncClient().get("/healthz", headers={"X-Request-ID": "asked-without-threads"})
    return response.status_code, response.headers["X-Request-ID"]


def test_it_serves_asynchronous_requests_too() -> None:
    assert asyncio.run(_answer()) == (200, "asked-without-threads")

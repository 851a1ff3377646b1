"""Whatever fails under /api/ answers problem+json, with a sentence that says what to do."""

import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.api.problems import KINDS
from exports import access, actions
from tests.api.conftest import Program, is_problem


@pytest.mark.parametrize("path", ["/nothing", "/me/", "/events/not-a-uuid", "/"])
def test_an_unknown_path_is_a_problem(path: str, crm: Program) -> None:
    is_problem(crm.get(path), 404, "not-found")


@pytest.mark.parametrize("path", ["/api/", "/api/v2/me"])
def test_so_is_an_unknown_version(path: str, db: None) -> None:
    response: Any = Client().get(path)
    is_problem(response, 404, "not-found")


def test_an_unknown_event_is_a_problem(crm: Program) -> None:
    is_problem(crm.get("/events/8c6a2f0e-3f8e-4c55-9d0b-6f1f0a3a7e11"), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path"), [("delete", "/me"), ("put", "/events"), ("get", "/events/test"), ("post", "/me")]
)
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(method: str, path: str, crm: Program) -> None:
    response = getattr(crm.client, method)(f"/api/v1{path}")
    is_problem(response, 405, "method-not-allowed")
    assert response["Allow"] in {"GET", "POST"}


def test_a_field_that_does_not_fit_is_pointed_at(crm: Program) -> None:
    problem = is_problem(crm.post("/events/test", {"note": 7, "colour": "red"}), 422, "invalid")
    assert {error["pointer"] for error in problem["errors"]} == {"#/note", "#/colour"}
    assert {error["in"] for error in problem["errors"]} == {"body"}
    assert all(error["detail"].endswith(".") for error in problem["errors"])


def test_a_parameter_that_does_not_fit_is_pointed_at(crm: Program) -> None:
    problem = is_problem(crm.get("/events", limit="many"), 422, "invalid")
    assert problem["errors"][0] | {"detail": ""} == {"in": "query", "pointer": "#/limit", "detail": ""}


def test_a_value_of_the_client_is_not_sent_back(crm: Program) -> None:
    assert "555-0142" not in crm.get("/events", limit="555-0142").content.decode()


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "nonsense",
        '{"note": NaN}',
        '{"note": -Infinity}',
        '{"note": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"note": "\\ud800"}',
        b'{"note": "\xc3"}',
        b"\xff\xfe",
        "[" * 100_000,
    ],
)
def test_a_body_that_is_not_good_json_is_a_problem(body: str | bytes, crm: Program) -> None:
    is_problem(crm.post("/events/test", body), 400, "bad-request")


@pytest.mark.parametrize("body", ["[]", "7", '"note"', "true"])
def test_json_of_another_shape_is_a_problem(body: str, crm: Program) -> None:
    is_problem(crm.post("/events/test", body), 422, "invalid")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_another_kind_is_a_problem(content_type: str, crm: Program) -> None:
    response = crm.post("/events/test", '{"note": "x"}', content_type=content_type)
    is_problem(response, 415, "unsupported-media-type")


def test_a_body_too_large_is_a_problem(crm: Program) -> None:
    response = crm.post("/events/test", {"note": "x" * 3_000_000})
    is_problem(response, 413, "too-large")


def test_a_query_with_a_character_no_text_may_hold_is_a_problem(crm: Program) -> None:
    is_problem(crm.get("/events", type="a\0b"), 400, "bad-request")


def test_a_crash_says_nothing_of_its_cause_and_undoes_the_deed(
    crm: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recorded = actions.request_test_event

    def crash_after(**words: Any) -> None:
        recorded(**words)
        raise ZeroDivisionError("the secret recipe")

    with caplog.at_level(logging.ERROR), monkeypatch.context() as patched:
        patched.setattr(actions, "request_test_event", crash_after)
        response = crm.post("/events/test", {"note": "x"}, key="one")
    is_problem(response, 500, "server-error")
    assert b"recipe" not in response.content
    assert "ZeroDivisionError" in caplog.text
    assert crm.get("/events").json()["items"] == []
    assert crm.post("/events/test", {"note": "x"}, key="one").status_code == 201


def test_a_database_that_is_away_asks_for_patience(crm: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(access, "access_events", away)
    response = crm.get("/events")
    is_problem(response, 503, "busy")
    assert response["Retry-After"] == "1"


def test_a_host_that_is_not_ours_is_a_problem(db: None) -> None:
    response: Any = Client(headers={"host": "evil.test"}).get("/api/v1/me")
    is_problem(response, 400, "bad-request")


def test_answers_are_not_kept_on_the_way(crm: Program) -> None:
    for response in (crm.get("/me"), crm.get("/nothing"), crm.get("/events", limit=0)):
        assert response["Cache-Control"] == "no-store"


def test_every_problem_is_explained_where_its_type_points(client: Client, db: None) -> None:
    page = client.get("/docs/api/").content.decode()
    assert all(f'id="problem-{kind.name}"' in page for kind in KINDS)

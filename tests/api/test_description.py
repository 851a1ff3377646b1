"""The API describes itself: to machines as OpenAPI, to people on a page. Nothing is left out, nothing left open."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import Client

from accounts.api.application import Api
from accounts.api.door import key_door
from accounts.api.problems import KINDS as KINDS_OF_PROBLEM
from accounts.scopes import SCOPES
from config.api import api
from config.env import CHECKOUT
from exports.kinds import KINDS

Json = dict[str, Any]


@pytest.fixture
def description(db: None) -> Json:
    answer: Json = Client().get("/api/v1/openapi.json").json()
    return answer


def operations(description: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_it_is_openapi_3_1_and_open_to_all(description: Json) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["servers"] == [{"url": "/", "description": "This installation"}]
    assert len(list(operations(description))) >= 4


def test_every_operation_says_what_it_does_and_what_can_go_wrong(description: Json) -> None:
    names = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(names) == len(set(names))
    for method, path, operation in operations(description):
        assert operation["summary"], path
        assert operation["description"].endswith("."), path
        assert operation["tags"], path
        assert {"401", "403", "429", "500", "503"} <= set(operation["responses"]), path
        if method == "post":
            assert {"400", "413", "415", "422"} <= set(operation["responses"]), path
            assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
        for parameter in operation["parameters"]:
            assert parameter["description"], (path, parameter["name"])
        for status, response in operation["responses"].items():
            media = "application/problem+json" if status >= "400" else "application/json"
            assert list(response["content"]) == [media], (path, status)


def test_every_operation_asks_for_a_key_and_names_its_scope(description: Json) -> None:
    for _, path, operation in operations(description):
        [requirement] = operation["security"]
        assert set(requirement) == {"ApiKey"}, path
        assert set(requirement["ApiKey"]) <= set(SCOPES), path
    assert description["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"


def test_no_operation_answers_without_a_key(description: Json) -> None:
    for method, path, _ in operations(description):
        response = getattr(Client(), method)(path.replace("{code}", str(uuid4())))
        assert response.status_code == 401, (method, path)


def test_every_url_of_the_api_is_marked_with_its_door() -> None:
    patterns: list[Any] = api.urls[0]
    kinds = {entry.name: entry.callback.door.kind for entry in patterns}
    assert {name for name, kind in kinds.items() if kind == "public"} == {"openapi-json", "api-root"}
    assert {"get_me", "list_events", "get_event", "request_test_event"} <= set(kinds)


def test_an_operation_without_a_door_stops_the_product_from_starting() -> None:
    open_api = Api(urls_namespace="open")

    @open_api.get("/open")
    def left_open(request: HttpRequest) -> str:
        return request.path

    with pytest.raises(ImproperlyConfigured, match="no key_door"):
        assert open_api.urls


def test_a_door_with_an_unknown_scope_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="moon:land"):
        key_door("moon:land")


def test_every_reference_in_it_leads_somewhere(description: Json) -> None:
    text = json.dumps(description)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(description["components"]["schemas"])
    assert {"Problem", "EventOut", "MeOut"} <= set(description["components"]["schemas"])


def test_the_page_shows_every_operation_kind_and_scope_to_anybody(description: Json) -> None:
    page = Client().get("/docs/api/").content.decode()
    for method, path, operation in operations(description):
        assert f'id="{operation["operationId"]}"' in page
        assert f"<code>{path}</code>" in page
        assert method.upper() in page
    assert all(kind in page for kind in (*KINDS, *SCOPES))
    assert "curl http://127.0.0.1:8000/api/v1/me" in page
    assert "`" not in page


def test_the_requests_it_shows_work(description: Json, crm: Any) -> None:
    example = description["components"]["schemas"]["TestEventIn"]["examples"][0]
    assert crm.post("/events/test", example).status_code == 201


def test_the_written_guide_knows_every_scope_problem_and_kind() -> None:
    guide = (CHECKOUT / "docs" / "api.md").read_text()
    for scope, sentence in SCOPES.items():
        assert f"| `{scope}` | {sentence} |" in guide
    for kind in KINDS_OF_PROBLEM:
        assert f"| `{kind.name}` | {kind.status} | {kind.cure} |" in guide
    for name, sentence in KINDS.items():
        assert f"| `{name}` | {sentence} |" in guide

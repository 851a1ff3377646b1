"""Keys for programs, and a client that sends one."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.actions import create_api_key
from accounts.api import rate
from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from tests.conftest import NOW

MakeKey = Callable[..., str]


def make_key(of: Workspace, by: User, *, name: str = "CRM", scopes: Iterable[str] = ()) -> str:
    with in_workspace(of.pk):
        _, text = create_api_key(workspace=of, name=name, scopes=scopes, by=by, now=NOW)
    return text


@pytest.fixture(autouse=True)
def fresh_buckets() -> None:
    rate.buckets.cache_clear()


@pytest.fixture
def harbor_key(harbor: Workspace, olive: User) -> str:
    return make_key(harbor, olive, scopes=["events:read", "events:write"])


@pytest.fixture
def summit_key(summit: Workspace, sam: User) -> str:
    return make_key(summit, sam, scopes=["events:read", "events:write"])


class Program:
    """Somebody else's software, with a key of ours. It sees answers only, crashes included."""

    def __init__(self, key: str) -> None:
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {key}"})

    def get(self, path: str, **query: str | int) -> Any:
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path: str, body: object = None, *, key: str | None = None, **options: Any) -> HttpResponse:
        headers = {"Idempotency-Key": key} if key is not None else {}
        data = {} if body is None else {"data": body}
        sent: Any = {"content_type": "application/json", **data, **options}
        return self.client.post(f"/api/v1{path}", headers=headers, **sent)  # type: ignore[return-value]


@pytest.fixture
def crm(harbor_key: str) -> Program:
    return Program(harbor_key)


@pytest.fixture
def rival(summit_key: str) -> Program:
    return Program(summit_key)


def is_problem(response: HttpResponse, status: int, name: str) -> dict[str, Any]:
    """The answer is this problem, in full; returns its body."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()  # type: ignore[attr-defined]
    assert body["type"] == f"/docs/api/#problem-{name}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"].endswith((".", "…"))
    return body

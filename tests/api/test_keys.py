"""A key opens the API, of one workspace, for what its scopes say; anything else is turned away alike."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts import actions
from accounts.api.keys import read
from accounts.models import ApiKey, User, Workspace
from accounts.tenancy import in_workspace
from config import clock
from tests.api.conftest import Program, is_problem, make_key


def test_a_key_says_who_it_is(crm: Program, harbor: Workspace) -> None:
    body = crm.get("/me").json()
    assert body["workspace"] == {
        "name": "Harbor Dental",
        "slug": "harbor",
        "code": harbor.code,
        "kind": "PRACTICE",
        "practice": True,
    }
    assert body["key"]["name"] == "CRM"
    assert body["key"]["scopes"] == ["events:read", "events:write"]
    assert body["now"].endswith("Z")


def test_a_key_without_scopes_may_still_ask_who_it_is(harbor: Workspace, olive: User) -> None:
    assert Program(make_key(harbor, olive)).get("/me").status_code == 200


def test_a_key_without_the_scope_is_told_which_it_lacks(harbor: Workspace, olive: User) -> None:
    reader = Program(make_key(harbor, olive, scopes=["events:read"]))
    assert reader.get("/events").status_code == 200
    problem = is_problem(reader.post("/events/test"), 403, "scope-missing")
    assert "events:write" in problem["detail"]


def wrong_secret(key: str) -> str:
    return key[:-4] + ("AAAA" if not key.endswith("AAAA") else "BBBB")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Basic {key}",
        "{key}",
        "Bearer {key}x",
        "Bearer {key} {key}",
        "Bearer {other_secret}",
        "Bearer {other_kind}",
        "Bearer {other_workspace}",
        "Bearer {unknown_workspace}",
        "Bearer {unknown_key}",
        "Bearer {key}\0",
        "Bearer cw_practice_é",
    ],
)
def test_a_key_that_is_not_right_is_turned_away(authorization: str, harbor_key: str, summit: Workspace) -> None:
    _, kind, workspace, code, secret = harbor_key.split("_", 4)
    sent = authorization.format(
        key=harbor_key,
        other_secret=wrong_secret(harbor_key),
        other_kind=f"cw_live_{workspace}_{code}_{secret}",
        other_workspace=f"cw_{kind}_{summit.code}_{code}_{secret}",
        unknown_workspace=f"cw_{kind}_{'a' * 10}_{code}_{secret}",
        unknown_key=f"cw_{kind}_{workspace}_{'a' * 12}_{secret}",
    )
    for path in ("me", "events", "events/8c6a2f0e-3f8e-4c55-9d0b-6f1f0a3a7e11"):
        response = Client(headers={"Authorization": sent}).get(f"/api/v1/{path}")
        is_problem(response, 401, "unauthenticated")  # type: ignore[arg-type]
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_every_refusal_of_a_key_reads_the_same(crm: Program, harbor_key: str, harbor: Workspace, olive: User) -> None:
    def told(program: Program) -> str:
        return str(program.get("/me").json() | {"trace_id": "differs"})

    answers = {told(Program(key)) for key in ("", "cw_live_x", wrong_secret(harbor_key))}
    with in_workspace(harbor.pk):
        actions.revoke_api_key(ApiKey.objects.get(), by=olive, now=clock.now())
    answers.add(told(crm))
    assert len(answers) == 1


def test_a_revoked_key_is_turned_away_at_once(crm: Program, harbor: Workspace, olive: User) -> None:
    assert crm.get("/me").status_code == 200
    with in_workspace(harbor.pk):
        actions.revoke_api_key(ApiKey.objects.get(), by=olive, now=clock.now())
    is_problem(crm.get("/me"), 401, "unauthenticated")


def test_a_signed_in_person_without_a_key_is_turned_away(client: Client, olive: User) -> None:
    client.force_login(olive)
    assert client.get("/api/v1/me").status_code == 401


def test_the_last_use_of_a_key_is_kept_to_the_minute(crm: Program, harbor: Workspace) -> None:
    def last_used() -> object:
        with in_workspace(harbor.pk):
            return ApiKey.objects.get().last_used_at

    assert last_used() is None
    crm.get("/me")
    first = last_used()
    assert first is not None
    crm.get("/me")
    assert last_used() == first
    with in_workspace(harbor.pk):
        ApiKey.objects.update(last_used_at=clock.now() - timedelta(seconds=61))
    crm.get("/me")
    assert last_used() >= first  # type: ignore[operator]


def test_a_failed_request_counts_as_use_too(crm: Program, harbor: Workspace) -> None:
    assert crm.get("/events", limit="many").status_code == 422
    with in_workspace(harbor.pk):
        assert ApiKey.objects.get().last_used_at is not None


def test_the_secret_does_not_show_when_the_key_is_printed(harbor_key: str) -> None:
    text = read(f"Bearer {harbor_key}")
    assert text is not None
    assert text.secret not in repr(text)

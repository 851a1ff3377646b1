import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import ApiKey, AuditEntry, User, Workspace
from accounts.tenancy import in_workspace

KEY = re.compile(r"cw_practice_[a-z0-9]{10}_[a-z0-9]{12}_[A-Za-z0-9_-]{43}")
FORM = {"name": "CRM import", "scopes": ["events:read"]}


def url(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"slug": "harbor", **kwargs})


def the_key(workspace: Workspace) -> ApiKey:
    with in_workspace(workspace.pk):
        return ApiKey.objects.select_related("created_by").get()


@pytest.fixture
def client(olive: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(olive)


def test_a_key_is_shown_once_and_only_its_hash_is_kept(client: Client, olive: User, harbor: Workspace) -> None:
    shown = KEY.search(client.post(url("create_api_key"), FORM).content.decode())
    assert shown
    text, key = shown.group(), the_key(harbor)
    secret = text.split("_", 4)[4]
    assert text.startswith(f"cw_practice_{harbor.code}_{key.code}_")
    assert key.secret_hash == sha256(secret.encode()).hexdigest()
    assert (key.scopes, key.created_by) == (["events:read"], olive)
    assert secret not in client.get(url("api_keys")).content.decode()
    assert key.code in client.get(url("api_keys")).content.decode()


def test_the_key_lies_in_no_session_log_or_audit_entry(
    client: Client, harbor: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        shown = KEY.search(client.post(url("create_api_key"), FORM).content.decode())
    assert shown
    secret = shown.group().split("_", 4)[4]
    with in_workspace(harbor.pk):
        written = str(list(AuditEntry.objects.values()))
    sessions = str([session.get_decoded() for session in Session.objects.all()])
    assert secret not in written + sessions + caplog.text


def test_the_page_with_the_key_is_kept_by_no_cache(client: Client) -> None:
    assert "no-store" in client.post(url("create_api_key"), FORM)["Cache-Control"]


def test_creating_and_revoking_are_in_the_audit_log(client: Client, harbor: Workspace) -> None:
    client.post(url("create_api_key"), FORM)
    client.post(url("revoke_api_key", api_key_id=the_key(harbor).pk))
    with in_workspace(harbor.pk):
        lines = list(AuditEntry.objects.order_by("id").values_list("verb", "subject"))
    assert lines == [("api_key.created", "CRM import"), ("api_key.revoked", "CRM import")]


def test_revoking_twice_says_so_and_keeps_the_first_time(client: Client, harbor: Workspace) -> None:
    client.post(url("create_api_key"), FORM)
    revoke = url("revoke_api_key", api_key_id=the_key(harbor).pk)
    client.post(revoke)
    revoked_at = the_key(harbor).revoked_at
    assert "was revoked already" in client.post(revoke, follow=True).content.decode()
    assert the_key(harbor).revoked_at == revoked_at


def test_sending_the_form_twice_makes_one_key(client: Client, harbor: Workspace) -> None:
    client.post(url("create_api_key"), FORM)
    again = client.post(url("create_api_key"), FORM | {"name": "crm IMPORT"})
    assert again.status_code == 422
    assert "There is already a key called crm IMPORT" in again.content.decode()
    the_key(harbor)


def test_a_name_is_free_again_once_its_key_is_revoked(client: Client, harbor: Workspace) -> None:
    client.post(url("create_api_key"), FORM)
    client.post(url("revoke_api_key", api_key_id=the_key(harbor).pk))
    assert KEY.search(client.post(url("create_api_key"), FORM).content.decode())


@pytest.mark.parametrize("scopes", [[], ["everything:write"]])
def test_a_key_may_do_what_exists_and_something_at_least(client: Client, scopes: list[str]) -> None:
    page = client.post(url("create_api_key"), {"name": "CRM import", "scopes": scopes})
    assert page.status_code == 422
    assert 'value="CRM import"' in page.content.decode()


def test_one_name_asked_for_by_eight_at_once_is_given_once(
    committed_db: None, olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    def attempt(_: int) -> int:
        try:
            return client_of(olive).post(url("create_api_key"), FORM).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(attempt, range(8)))
    assert statuses == [200] + [422] * 7
    the_key(harbor)

"""The events pages: what happened, told to the people of the workspace."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import AuditEntry, User, Workspace
from accounts.tenancy import in_workspace
from exports.actions import request_test_event
from exports.models import Event
from tests.conftest import NOW

ClientOf = Callable[[User], Client]


def record(workspace: Workspace, note: str = "Hello") -> UUID:
    with in_workspace(workspace.pk):
        return request_test_event(note=note, now=NOW).code


def url(name: str = "events", **parts: object) -> str:
    return reverse(name, kwargs={"slug": "harbor", **parts})


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_workspace_says_so_and_offers_a_test_event(client_of: ClientOf, otto: User) -> None:
    page = shown(client_of(otto), url())
    assert "No events yet" in page
    assert url("send_test_event") in page


def test_somebody_who_may_only_look_is_offered_no_button(client_of: ClientOf, ada: User, harbor: Workspace) -> None:
    assert url("send_test_event") not in shown(client_of(ada), url())
    record(harbor)
    assert url("send_test_event") not in shown(client_of(ada), url())
    assert client_of(ada).post(url("send_test_event")).status_code == 403


def test_a_test_event_is_recorded_shown_and_audited(client_of: ClientOf, otto: User, harbor: Workspace) -> None:
    response = client_of(otto).post(url("send_test_event"), follow=True)
    page = response.content.decode()
    assert "Test event recorded." in page
    assert "&quot;type&quot;: &quot;test.requested&quot;" in page
    assert "&quot;practice&quot;: true" in page
    with in_workspace(harbor.pk):
        entry = AuditEntry.objects.get(verb="test_event.requested")
        assert (entry.user, entry.subject) == (otto, str(Event.objects.get().code))


def test_events_are_listed_newest_first_a_page_at_a_time(client_of: ClientOf, ada: User, harbor: Workspace) -> None:
    codes = [record(harbor, str(n)) for n in range(53)]
    client = client_of(ada)
    first = client.get(url())
    assert [event.code for event in first.context["events"]] == codes[:2:-1]
    second = client.get(first.context["older"])
    assert [event.code for event in second.context["events"]] == codes[2::-1]
    assert second.context["older"] == ""
    assert second.context["newest"] == url()


def test_the_list_can_be_of_one_kind(client_of: ClientOf, ada: User, harbor: Workspace) -> None:
    code = record(harbor)
    assert str(code) in shown(client_of(ada), url() + "?kind=test.requested")
    assert str(code) in shown(client_of(ada), url() + "?kind=nonsense"), "a kind nobody knows filters nothing"


def test_a_page_that_is_no_longer_there_leads_to_the_first(client_of: ClientOf, ada: User, harbor: Workspace) -> None:
    response = client_of(ada).get(url() + "?cursor=stale", follow=True)
    assert response.redirect_chain == [(url(), 302)]
    assert "this is the first one" in response.content.decode()


def test_another_workspaces_events_are_nowhere(client_of: ClientOf, olive: User, summit: Workspace) -> None:
    theirs = record(summit)
    assert client_of(olive).get(url("event", code=theirs)).status_code == 404
    assert str(theirs) not in shown(client_of(olive), url())


def test_what_a_program_wrote_cannot_script_the_page(client_of: ClientOf, olive: User, harbor: Workspace) -> None:
    code = record(harbor, "<script>alert(1)</script>")
    assert "<script>alert" not in shown(client_of(olive), url("event", code=code))


def test_the_outbox_cannot_be_changed_in_the_admin(rf: Any, olive: User) -> None:
    site = admin.site.get_model_admin(Event)
    request = rf.get("/")
    request.user = olive
    assert not site.has_add_permission(request)
    assert not site.has_change_permission(request)
    assert not site.has_delete_permission(request)


@pytest.mark.browser
def test_a_test_event_in_the_browser(page: Page, sign_in: Callable[..., None], otto: User, harbor: Workspace) -> None:
    sign_in(page, otto.email)
    page.get_by_role("link", name="Events").click()
    page.get_by_role("button", name="Send a test event").click()
    expect(page.get_by_role("heading", name="test.requested")).to_be_visible()
    expect(page.get_by_text("Test event recorded.")).to_be_visible()
    page.get_by_role("link", name="Events").last.click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="API reference").click()
    expect(page.get_by_role("heading", name="API reference")).to_be_visible()

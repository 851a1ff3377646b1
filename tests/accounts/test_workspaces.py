from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User, Workspace
from accounts.roles import DESCRIPTIONS
from accounts.tenancy import in_workspace
from config import clock


def url(name: str) -> str:
    return reverse(name, kwargs={"slug": "harbor"})


@pytest.fixture
def staff(olive: User, client_of: Callable[[User], Client]) -> Client:
    olive.is_staff = True
    olive.save()
    return client_of(olive)


@pytest.mark.parametrize("kind", Workspace.Kind)
def test_staff_start_a_workspace_of_either_kind_and_own_it(staff: Client, olive: User, kind: Workspace.Kind) -> None:
    page = staff.post(reverse("start_workspace"), {"name": "Summit Logistics", "kind": kind}, follow=True)
    summit = Workspace.objects.get(name="Summit Logistics")
    assert page.redirect_chain[-1][0] == "/w/summit-logistics/"
    assert summit.kind == kind
    with in_workspace(summit.pk):
        entry = AuditEntry.objects.get()
    assert (entry.verb, entry.user) == ("workspace.started", olive)


def test_the_form_says_what_live_means_and_that_it_is_for_good(staff: Client) -> None:
    page = staff.get(reverse("start_workspace")).content.decode()
    assert "Calls reach real people through your carrier" in page
    assert "never turns into a live one" in page


def test_nobody_else_starts_workspaces(olive: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(olive)
    assert client.get(reverse("start_workspace")).status_code == 403
    assert client.post(reverse("start_workspace"), {"name": "Mine", "kind": "PRACTICE"}).status_code == 403
    assert reverse("start_workspace") not in client.get(reverse("workspaces")).content.decode()


def test_a_live_workspace_is_refused_while_the_clock_is_shifted(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)
    monkeypatch.setattr(clock, "CLOCK", clock.Clock(at, clock.real()))
    page = staff.post(reverse("start_workspace"), {"name": "Summit", "kind": "LIVE"})
    assert page.status_code == 422
    assert "runs on a practice clock" in page.content.decode()
    assert staff.post(reverse("start_workspace"), {"name": "Summit", "kind": "PRACTICE"}).status_code == 302


def test_two_workspaces_of_one_name_get_addresses_of_their_own(staff: Client) -> None:
    for _ in range(2):
        staff.post(reverse("start_workspace"), {"name": "Ünïté № 5 - 東京", "kind": "PRACTICE"})
    slugs = Workspace.objects.filter(name="Ünïté № 5 - 東京").values_list("slug", flat=True)
    assert len(set(slugs)) == 2
    assert all(staff.get(f"/w/{slug}/").status_code == 200 for slug in slugs)


def test_a_name_without_any_latin_letter_gets_an_address_too(staff: Client) -> None:
    response = staff.post(reverse("start_workspace"), {"name": "東京", "kind": "PRACTICE"}, follow=True)
    assert response.redirect_chain[-1][0] == "/w/workspace/"


def test_an_owner_renames_the_workspace_and_its_address_stays(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    page = client_of(olive).post(url("rename_workspace"), {"name": "  Harbor   Dentists "}, follow=True)
    assert "The workspace is called Harbor Dentists now." in page.content.decode()
    harbor.refresh_from_db()
    assert (harbor.name, harbor.slug) == ("Harbor Dentists", "harbor")
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.get().details == {"before": "Harbor Dental"}


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Harbor\x00Dental", "Harbor\u202eDental"])
def test_a_name_one_cannot_read_is_refused(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client], name: str
) -> None:
    assert client_of(olive).post(url("rename_workspace"), {"name": name}).status_code == 422
    harbor.refresh_from_db()
    assert harbor.name == "Harbor Dental"


def test_the_settings_show_the_whole_table_of_roles(
    ada: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    page = client_of(ada).get(url("workspace_settings")).content.decode()
    assert harbor.code in page
    for sentence in DESCRIPTIONS.values():
        assert sentence.replace("'", "&#x27;") in page


def test_the_first_page_leads_to_the_workspace_one_was_in_last(
    olive: User,
    harbor: Workspace,
    summit: Workspace,
    add_member: Callable[..., None],
    client_of: Callable[[User], Client],
) -> None:
    add_member(summit, olive)
    client = client_of(olive)
    assert client.get("/")["Location"] == "/w/harbor/"
    client.get("/w/summit/people/")
    assert client.get("/")["Location"] == "/w/summit/"
    page = client.get(reverse("workspaces")).content.decode()
    assert "/w/harbor/" in page
    assert "/w/summit/" in page


def test_somebody_in_no_workspace_is_told_how_to_get_in(db: None, client_of: Callable[[User], Client]) -> None:
    nora = User.objects.create_user(
        email="nora@example.com", name="Nora", password=None, joined_at=datetime(2026, 3, 3, tzinfo=UTC)
    )
    page = client_of(nora).get("/").content.decode()
    assert "You are in no workspace" in page
    assert "nora@example.com" in page


def test_home_offers_only_what_this_person_may_do(
    olive: User, ada: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    assert "Create an API key" in client_of(olive).get("/w/harbor/").content.decode()
    page = client_of(ada).get("/w/harbor/").content.decode()
    assert "Create an API key" not in page
    assert "Invite a colleague" not in page
    assert "Add a second factor" in page


def test_a_person_changes_their_own_name(olive: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(olive)
    client.post(reverse("profile"), {"name": "Olivia Owens"})
    assert "Olivia Owens" in client.get(reverse("profile")).content.decode()

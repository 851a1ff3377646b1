"""Registries as an operator sees them: fresh or stale, loading or failed, listed or not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance import registry_tasks
from compliance.models import RegistrySnapshot
from config import clock
from tests.compliance_registries.shelf import LITIGATOR, NATIONAL, STATE, bring, flat, load, on_it, seen_again
from tests.conftest import NOW

ADA, BEN = "+12125550101", "+12125550102"
LIST, LOAD, CHECK = "/w/harbor/registries/", "/w/harbor/registries/load/", "/w/harbor/registries/check/"


@pytest.fixture(autouse=True)
def at_half_past_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def ago(days: int) -> dict[str, Any]:
    return {"as_of": NOW.date() - timedelta(days=days)}


def shown(client: Client, path: str = LIST) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def uploaded(content: bytes, name: str = "2026-03-02_dnc.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_an_empty_workspace_is_told_what_is_missing_and_who_may_bring_it(
    olive: User, ada: User, client_of: Callable[[User], Client]
) -> None:
    assert "Sales calls are refused until the national registry is loaded" in shown(client_of(olive))
    assert "Load a list" in shown(client_of(olive))
    assert "An owner or a compliance officer" in shown(client_of(ada))
    assert LOAD not in shown(client_of(ada))


@pytest.mark.parametrize(
    ("days", "badge", "expiry"),
    [
        (0, "Fresh", "in 31 days, 3 Apr 2026"),
        (24, "Fresh", "in 7 days"),
        (25, "Expires soon", "in 6 days"),
        (30, "Expires soon", "in 1 day,"),
        (31, "Expires soon", "today, 3 Mar 2026"),
        (32, "Stale", "<strong>2 Mar 2026</strong>, 32 days old"),
    ],
)
def test_the_list_says_how_fresh_each_registry_is(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client], days: int, badge: str, expiry: str
) -> None:
    load(harbor, flat([ADA]), **ago(days))
    page = shown(client_of(olive))
    assert badge in page
    assert expiry in page


def test_without_a_national_registry_the_list_warns(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    load(harbor, flat([ADA]), kind=STATE, us_state="NY", **ago(1))
    assert "No national registry" in shown(client_of(olive))
    load(harbor, flat([ADA]), **ago(1))
    assert "No national registry" not in shown(client_of(olive))


def test_litigator_lists_do_not_expire(olive: User, harbor: Workspace, client_of: Callable[[User], Client]) -> None:
    load(harbor, flat([ADA], comma=False), kind=LITIGATOR, **ago(300))
    assert "Does not expire" in shown(client_of(olive))


def test_a_number_is_looked_up_in_every_list_and_stands_in_no_address(
    ada: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    load(harbor, flat([ADA]), **ago(1))
    load(harbor, flat([BEN]), kind=STATE, us_state="NY", **ago(1))
    load(harbor, b"6465550103\n", kind=LITIGATOR, **ago(1))
    client = client_of(ada)
    page = " ".join(client.post(CHECK, {"number": "(212) 555-0101"}).content.decode().split())
    assert page.count("Not listed") == 2
    assert page.count("> Listed") + page.count(">Listed") + page.count("</svg>Listed") >= 1
    unknown = client.post(CHECK, {"number": "+13105550100"}, headers={"HX-Request": "true"}).content.decode()
    assert unknown.count("Not known") == 2
    assert "<html" not in unknown
    assert "is not a telephone number" in client.post(CHECK, {"number": "hello"}).content.decode()


def test_a_list_is_uploaded_loaded_in_the_background_and_in_force(
    cora: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    client = client_of(cora)
    response = client.post(LOAD, {"kind": NATIONAL, "file": uploaded(flat([ADA])), "san": "12345678-1234"})
    snapshot = only(harbor)
    assert (response.status_code, response["Location"]) == (302, f"{LIST}{snapshot.registry_id}/")
    assert (snapshot.state, snapshot.loaded_by_id, snapshot.source) == ("WAITING", cora.pk, "2026-03-02_dnc.txt")
    assert "Waiting for a worker" in shown(client, response["Location"])
    registry_tasks.load_uploaded_registry(workspace_id=harbor.pk, snapshot_id=snapshot.pk)
    page = shown(client, response["Location"])
    assert "In force" in page
    assert "12345678-1234" in page
    assert seen_again(snapshot).file_hash in page
    assert "Cora Comply" in page
    assert on_it(harbor, ADA, BEN) == {ADA}


def only(workspace: Workspace) -> RegistrySnapshot:
    with in_workspace(workspace.pk):
        return RegistrySnapshot.objects.get()


def test_the_progress_is_asked_for_until_the_load_has_ended(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    snapshot = bring(harbor, flat([ADA]), source="list.txt")
    path, client = f"{LIST}loads/{snapshot.pk}/", client_of(olive)
    with in_workspace(harbor.pk):
        snapshot.move(RegistrySnapshot.State.LOADING, lines_read=1_234_567, bytes_read=5, bytes_total=10)
    running = client.get(path, headers={"HX-Request": "true"})
    assert b"1,234,567 lines read" in running.content
    assert b"50 %" in running.content
    assert b'hx-trigger="every 1s"' in running.content
    with in_workspace(harbor.pk):
        snapshot.move(RegistrySnapshot.State.FAILED, failure="Line 2 of list.txt is odd.", ended_at=NOW)
    ended = client.get(path, headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    assert b"hx-trigger" not in ended.content
    assert "Line 2 of list.txt is odd." in shown(client, f"{LIST}{snapshot.registry_id}/")
    assert "Last load failed" in shown(client)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"kind": "NATIONAL", "file": uploaded(flat([ADA]), "list.txt")}, "Say which day the list is of"),
        ({"kind": "STATE", "file": uploaded(flat([ADA]))}, "Say which state"),
        ({"kind": "NATIONAL"}, "This field is required"),
        ({"kind": "NATIONAL", "file": uploaded(b"\x1f\x8b\x08.....")}, "packed with gzip"),
        ({"kind": "NATIONAL", "file": uploaded(flat([ADA])), "areas": "21"}, "Write area codes as three digits"),
        ({"kind": "NATIONAL", "file": uploaded(flat([ADA])), "as_of": "2026-03-03"}, "its name says 02 March 2026"),
    ],
)
def test_what_can_be_refused_at_once_is_refused_on_the_form(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client], sent: dict[str, object], sentence: str
) -> None:
    response = client_of(olive).post(LOAD, sent)
    assert response.status_code == 422
    assert sentence in response.content.decode().replace("&#x27;", "'")
    with in_workspace(harbor.pk):
        assert not RegistrySnapshot.objects.exists()


def test_changes_are_loaded_onto_the_list_the_page_showed(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    base = load(harbor, flat([ADA]), **ago(5))
    path, client = f"{LIST}{base.registry_id}/changes/", client_of(olive)
    assert "They apply to the list of 26 February 2026" in shown(client, path)
    load(harbor, flat([ADA]) + b"\n", **ago(4))
    changes = uploaded(b"212,5550102,2026-03-01T08:00:00,A\n", "changes.txt")
    late = client.post(path, {"file": changes, "base_id": base.pk})
    assert late.status_code == 422
    assert b"meant for a list that is no longer in force" in late.content
    changes.seek(0)
    assert client.post(path, {"file": changes, "base_id": base.pk + 1}).status_code == 302
    registry_tasks.load_uploaded_registry(workspace_id=harbor.pk, snapshot_id=base.pk + 2)
    assert on_it(harbor, ADA, BEN) == {ADA, BEN}


def test_a_list_of_litigators_has_no_changes(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    people = load(harbor, flat([ADA], comma=False), kind=LITIGATOR, **ago(1))
    assert client_of(olive).get(f"{LIST}{people.registry_id}/changes/").status_code == 404


def test_only_those_who_attest_may_load(
    otto: User, ada: User, cora: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    assert [client_of(person).get(LOAD).status_code for person in (otto, ada, cora)] == [403, 403, 200]


def test_the_sweep_rings_for_uploads_nobody_began(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client_of(olive).post(LOAD, {"kind": NATIONAL, "file": uploaded(flat([ADA]))})
    rung: list[dict[str, object]] = []
    monkeypatch.setattr(registry_tasks.load_uploaded_registry, "delay", lambda **said: rung.append(said))
    registry_tasks.sweep_registries()
    assert rung == [{"workspace_id": harbor.pk, "snapshot_id": only(harbor).pk}]


def test_a_file_that_fails_in_the_background_troubles_no_worker(
    olive: User, harbor: Workspace, client_of: Callable[[User], Client]
) -> None:
    client_of(olive).post(LOAD, {"kind": NATIONAL, "file": uploaded(b"nonsense\n")})
    registry_tasks.load_uploaded_registry(workspace_id=harbor.pk, snapshot_id=only(harbor).pk)
    assert only(harbor).state == "FAILED"


@pytest.mark.browser
def test_an_officer_loads_a_list_and_asks_for_a_number(
    page: Page, olive: User, harbor: Workspace, sign_in: Callable[..., None]
) -> None:
    sign_in(page, olive.email)
    page.goto(LIST)
    page.get_by_role("link", name="Load a list").click()
    page.get_by_text("National registry").click()
    page.get_by_label("File").set_input_files(
        {"name": "2026-03-02_dnc.txt", "mimeType": "text/plain", "buffer": flat([ADA])}
    )
    page.get_by_role("button", name="Load it").click()
    expect(page.get_by_role("heading", name="Being loaded")).to_be_visible()
    registry_tasks.load_uploaded_registry(workspace_id=harbor.pk, snapshot_id=only(harbor).pk)
    expect(page.get_by_role("heading", name="In force")).to_be_visible()
    page.goto(LIST)
    page.get_by_label("Number").fill("212 555 0101")
    page.get_by_role("button", name="Look it up").click()
    expect(page.locator("#checked")).to_contain_text("Listed")
    assert "555" not in page.url

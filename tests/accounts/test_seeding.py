import json
from datetime import UTC, datetime
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Membership, User, Workspace
from accounts.tenancy import in_workspace
from config import clock
from tests.conftest import PASSWORD


def run(command: str, *args: str) -> list[str]:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue().splitlines()


# seed_practice


@pytest.fixture
def demo_password(db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    return PASSWORD


def printed_sign_in() -> dict[str, str | None]:
    found: dict[str, str | None] = json.loads(run("seed_practice", "--print-sign-in")[-1])
    return found


def test_it_makes_a_practice_workspace_one_can_sign_in_to(demo_password: str) -> None:
    printed = printed_sign_in()
    assert printed == {"email": "demo@example.com", "password": demo_password}
    client = Client()
    client.post("/sign-in/", printed)
    page = client.get("/w/harbor/people/").content.decode()
    assert "Dana Demo" in page
    assert "Claire Cho" in page
    assert client.get("/admin/").status_code == 200
    assert Workspace.objects.get().is_practice


def test_a_second_run_changes_nothing(demo_password: str) -> None:
    run("seed_practice")
    run("seed_practice")
    assert Workspace.objects.count() == 1
    with in_workspace(Workspace.objects.get().pk):
        assert Membership.objects.count() == 4


def test_it_leaves_a_workspace_that_is_there_alone(demo_password: str, summit: Workspace) -> None:
    assert printed_sign_in() == {"email": None, "password": None}
    assert Workspace.objects.get() == summit


def test_it_does_not_print_a_password_that_was_changed(demo_password: str) -> None:
    run("seed_practice")
    dana = User.objects.get(email="demo@example.com")
    dana.set_password("another battery staple")
    dana.save()
    assert printed_sign_in() == {"email": "demo@example.com", "password": None}


def test_without_a_password_given_it_makes_one_and_says_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    line = run("seed_practice")[-1]
    assert User.objects.get(email="demo@example.com").check_password(line.rsplit(" ", 1)[1])


# start_workspace

ARGUMENTS = ["--name", "Summit Logistics", "--owner-email", "sam@example.com", "--owner-name", "Sam Summers"]


def test_a_server_gets_its_first_owner_by_a_link(db: None) -> None:
    link = run("start_workspace", *ARGUMENTS, "--kind", "live")[-1]
    client = Client()
    client.post(urlsplit(link).path, {"password": PASSWORD, "again": PASSWORD})
    client.post("/sign-in/", {"email": "sam@example.com", "password": PASSWORD})
    assert client.get("/w/summit-logistics/people/").status_code == 200
    assert client.get("/admin/", follow=True).status_code == 403
    assert Workspace.objects.get().kind == Workspace.Kind.LIVE


def test_staff_open_the_admin(db: None) -> None:
    run("start_workspace", *ARGUMENTS, "--kind", "practice", "--staff")
    assert User.objects.get().is_staff


def test_somebody_with_a_password_keeps_it(sam: User) -> None:
    lines = run("start_workspace", *ARGUMENTS, "--kind", "practice")
    assert lines[-1] == "sam@example.com signs in with the password they have."


def test_live_is_refused_while_the_clock_is_shifted(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "CLOCK", clock.Clock(datetime(2026, 3, 3, tzinfo=UTC), clock.real()))
    with pytest.raises(CommandError, match="practice clock"):
        run("start_workspace", *ARGUMENTS, "--kind", "live")
    assert not User.objects.exists()
    run("start_workspace", *ARGUMENTS, "--kind", "practice")


def test_an_address_that_is_none_gets_a_sentence(db: None) -> None:
    with pytest.raises(CommandError, match="--owner-email"):
        run("start_workspace", "--name", "X", "--owner-email", "sam", "--owner-name", "Sam", "--kind", "live")

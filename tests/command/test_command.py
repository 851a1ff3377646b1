"""The `callwright` command against the running product, the way a person or a script calls it."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import callwright as package
from accounts import actions
from accounts.models import ApiKey, User, Workspace
from accounts.tenancy import in_workspace
from config.env import CHECKOUT
from exports.actions import request_test_event
from exports.models import Event
from tests.api.conftest import make_key
from tests.command.conftest import Said
from tests.conftest import NOW

Command = Callable[..., Said]


def record(workspace: Workspace, *notes: str) -> None:
    with in_workspace(workspace.pk):
        for note in notes:
            request_test_event(note=note, now=NOW)


def answer(said: Said) -> Any:
    assert (said.returncode, said.stderr) == (0, "")
    return json.loads(said.stdout)


def test_me_says_who_one_is_to_people_and_to_scripts(callwright: Command, harbor: Workspace, site: str) -> None:
    said = callwright("me")
    assert (said.returncode, said.stderr) == (0, "")
    assert f"Harbor Dental (harbor, {harbor.code})" in said.stdout
    assert "practice" in said.stdout
    assert answer(callwright("me", "--json"))["workspace"]["slug"] == "harbor"


def test_a_test_event_is_sent_and_listed(callwright: Command) -> None:
    assert callwright("events", "list").stdout.startswith("No events yet.")
    event = answer(callwright("events", "test", "--note", "Hello", "--json"))
    assert event["data"] == {"note": "Hello"}
    assert callwright("events", "test").stdout.startswith("Recorded test event ")
    listed = callwright("events", "list").stdout.splitlines()
    assert listed[0].split() == ["WHEN", "TYPE", "ID", "DATA"]
    assert len(listed) == 3
    assert event["id"] in listed[2]


def test_a_list_is_as_long_as_asked_for(callwright: Command, harbor: Workspace) -> None:
    record(harbor, *(str(n) for n in range(23)))
    assert len(callwright("events", "list").stdout.splitlines()) == 1 + 20
    some = answer(callwright("events", "list", "--limit", "3", "--json"))
    assert [event["data"]["note"] for event in some["items"]] == ["22", "21", "20"]
    assert some["next_cursor"]
    assert len(answer(callwright("events", "list", "--all", "--json"))["items"]) == 23


def test_a_long_list_is_fetched_page_by_page(callwright: Command, harbor: Workspace) -> None:
    with in_workspace(harbor.pk):
        Event.objects.bulk_create(
            Event(workspace=harbor, kind="test.requested", payload={"note": str(n)}, occurred_at=NOW)
            for n in range(450)
        )
    everything = answer(callwright("events", "list", "--all", "--json"))
    assert [event["data"]["note"] for event in everything["items"]] == [str(n) for n in reversed(range(450))]
    assert everything["next_cursor"] is None
    assert len(answer(callwright("events", "list", "--limit", "201", "--json"))["items"]) == 201


def test_a_list_can_be_of_one_kind(callwright: Command, harbor: Workspace) -> None:
    record(harbor, "one")
    assert len(answer(callwright("events", "list", "--type", "test.requested", "--json"))["items"]) == 1
    assert callwright("events", "list", "--type", "call.ended").stdout == "No such events.\n"


def test_what_others_wrote_cannot_command_the_terminal(callwright: Command, harbor: Workspace) -> None:
    record(harbor, "\x1b[2J\x9b2J\rline\nbreak")
    for words in (("events", "list"), ("events", "list", "--json")):
        said = callwright(*words)
        assert said.returncode == 0
        assert all(letter == "\n" or letter.isprintable() for letter in said.stdout)


def test_a_refusal_is_the_servers_sentence_and_exit_code_1(
    run: Command, site: str, harbor: Workspace, olive: User
) -> None:
    reader = make_key(harbor, olive, name="Reader", scopes=["events:read"])
    said = run("events", "test", CALLWRIGHT_URL=site, CALLWRIGHT_API_KEY=reader)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == "callwright: This key does not hold the scope events:write. Use a key that does.\n"
    with in_workspace(harbor.pk):
        actions.revoke_api_key(ApiKey.objects.get(name="Reader"), by=olive, now=NOW)
    said = run("me", "--json", CALLWRIGHT_URL=site, CALLWRIGHT_API_KEY=reader)
    assert (said.returncode, said.stdout) == (1, "")
    assert "Send a key that is in force" in said.stderr


def test_what_does_not_fit_is_named(callwright: Command) -> None:
    said = callwright("events", "test", "--note", "x" * 501)
    assert said.returncode == 1
    assert "note: " in said.stderr


def test_wrong_words_are_exit_code_2(run: Command) -> None:
    for words in (
        (),
        ("nonsense",),
        ("events",),
        ("events", "list", "--limit", "0"),
        ("events", "list", "--limit", "x"),
    ):
        assert run(*words, CALLWRIGHT_API_KEY="cw_x").returncode == 2


def test_a_missing_key_is_exit_code_2_and_says_where_to_get_one(run: Command) -> None:
    said = run("me")
    assert said.returncode == 2
    assert "Settings, API keys" in said.stderr
    assert "CALLWRIGHT_API_KEY" in said.stderr


def test_a_server_that_is_not_there_is_exit_code_3(run: Command) -> None:
    said = run("me", CALLWRIGHT_URL="http://127.0.0.1:9", CALLWRIGHT_API_KEY="cw_x")
    assert (said.returncode, said.stdout) == (3, "")
    assert said.stderr.startswith("callwright: http://127.0.0.1:9 cannot be reached.")


def test_a_server_that_is_something_else_is_exit_code_3(run: Command, site: str, harbor_key: str) -> None:
    said = run("me", CALLWRIGHT_URL=f"{site}/docs", CALLWRIGHT_API_KEY=harbor_key)
    assert said.returncode == 3
    assert "is not Callwright" in said.stderr


def test_an_address_that_is_none_is_exit_code_2(run: Command) -> None:
    assert run("me", CALLWRIGHT_URL="localhost", CALLWRIGHT_API_KEY="cw_x").returncode == 2


def test_url_and_key_may_be_kept_in_a_file(run: Command, site: str, harbor_key: str, tmp_path: Path) -> None:
    file = tmp_path / ".config" / "callwright" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f'url = "{site}/"\napi_key = "{harbor_key}"\n')
    assert answer(run("me", "--json"))["key"]["name"] == "CRM"
    assert run("me", CALLWRIGHT_API_KEY="cw_wrong").returncode == 1, "the environment comes first"
    file.write_text("url = ")
    said = run("me")
    assert said.returncode == 2
    assert "config.toml is not TOML" in said.stderr
    file.write_text('key = "x"')
    assert "It takes url and api_key" in run("me").stderr


def test_the_key_is_never_printed(run: Command, callwright: Command, site: str, harbor_key: str) -> None:
    secret = harbor_key.rsplit("_", 1)[1]
    said = [
        callwright("me"),
        callwright("me", "--json"),
        callwright("events", "list", "--type", "Not A Kind"),
        run("me", CALLWRIGHT_URL="http://127.0.0.1:9", CALLWRIGHT_API_KEY=harbor_key),
        run("me", CALLWRIGHT_URL=site, CALLWRIGHT_API_KEY=f"{harbor_key} \x00".replace("\x00", "\x07")),
    ]
    assert all(secret not in each.stdout + each.stderr for each in said)


def test_it_knows_its_version(run: Command) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert project["version"] == package.VERSION
    assert run("--version").stdout == f"callwright {package.VERSION}\n"

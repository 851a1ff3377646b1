"""Readers while a list is replaced, loaders that are killed, two loaders at once."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import Error, connection, connections

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.models import RegistryBlock, RegistryPart, RegistrySnapshot
from compliance.registries import leftovers, loading, parts
from compliance.registries.faults import Busy
from compliance.registries.lookup import Question, standings
from config.env import CHECKOUT
from tests.compliance_registries.shelf import (
    NATIONAL,
    bring,
    carry_out,
    flat,
    load,
    numbers_in,
    on_it,
    seen_again,
)
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("committed_db")

ADA, BEN = "+12125550101", "+12125550102"
CHAOS = os.environ.get("CALLWRIGHT_CHAOS") == "1"
SWITCHES = 200 if CHAOS else 8


def in_a_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_readers_see_the_old_list_whole_or_the_new_one_whole_and_never_none(harbor: Workspace) -> None:
    """Full lists and change lists switch to and fro, and what was replaced is deleted, while three threads ask."""
    even = [number for number in numbers_in(212, 4_000) if int(number[-1]) % 2 == 0]
    odd = [number for number in numbers_in(212, 4_000) if int(number[-1]) % 2 == 1]
    spread = [f"+1212{exchange:03}0000" for exchange in range(300, 400)]
    lists = [set(even) | set(spread), set(odd)]
    everybody = [Question(number, NATIONAL) for number in sorted(lists[0] | lists[1])]
    expected = {load(harbor, flat(sorted(lists[0]))).pk: 0}
    done, wrong, reads = threading.Event(), list[str](), list[tuple[int | None, int]]()

    def ask() -> None:
        while not done.is_set():
            with in_workspace(harbor.pk):
                answers = standings(everybody)
            found = {answer.question.number for answer in answers if answer.listed}
            whose = {answer.snapshot_id for answer in answers}
            if found not in lists or len(whose) != 1 or not all(answer.known for answer in answers):
                wrong.append(f"{len(found)} listed of {len(everybody)}, by {len(whose)} snapshots")
            else:
                reads.append((whose.pop(), lists.index(found)))

    readers = [in_a_thread(ask) for _ in range(3)]
    try:
        for turn in range(1, SWITCHES + 1):
            wanted = lists[turn % 2]
            if turn % 2 == 1:
                leaving = lists[(turn + 1) % 2]
                lines = [(each, "D") for each in leaving] + [(each, "A") for each in wanted]
                content = "".join(f"{n[2:5]},{n[5:]},2026-03-03T00:00:00,{kind}\n" for n, kind in lines).encode()
                snapshot = load(harbor, content + b"\n" * turn, base_id=in_force(harbor), anyway=True)
            else:
                snapshot = load(harbor, flat(sorted(wanted)) + b"\n" * turn, anyway=True)
            expected[snapshot.pk] = turn % 2
            leftovers.let_go_of_replaced(workspace_id=harbor.pk)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    assert len(reads) > SWITCHES / 4
    assert {(pk, which) for pk, which in reads if expected.get(pk or 0) != which} == set()


def in_force(workspace: Workspace) -> int:
    with in_workspace(workspace.pk):
        return RegistrySnapshot.objects.get(state="CURRENT").pk


def command(path: Path) -> list[str]:
    words = ["load_registry", str(path), "--workspace", "harbor", "--kind", "national", "--as-of", "2026-03-01"]
    return [sys.executable, "manage.py", *words, "--areas", "all"]


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def blocks_written(workspace: Workspace, snapshot_id: int) -> bool:
    with in_workspace(workspace.pk):
        return RegistryBlock.objects.filter(snapshot_id__gt=snapshot_id).exists()


def reading(workspace: Workspace, snapshot_id: int) -> bool:
    with in_workspace(workspace.pk):
        return RegistrySnapshot.objects.filter(pk__gt=snapshot_id, state="LOADING").exists()


@pytest.mark.parametrize("moment", [reading, blocks_written], ids=["while it reads", "while it writes"])
def test_a_loader_killed_midway_leaves_the_old_list_and_the_file_can_be_loaded_again(
    harbor: Workspace, tmp_path: Path, moment: Callable[[Workspace, int], bool]
) -> None:
    old = load(harbor, flat([ADA]), as_of=NOW.date().replace(day=1))
    path = tmp_path / "list.txt"
    path.write_bytes(flat([BEN]) + b"".join(b"%d5550100\n" % area for area in range(200, 1000)) + wide())
    process = subprocess.Popen(command(path), cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: moment(harbor, old.pk))
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert on_it(harbor, ADA, BEN) == {ADA}
    half = RegistrySnapshot(pk=old.pk + 1, workspace=harbor)
    wait_for(lambda: leftovers.recover_loads(workspace_id=harbor.pk, now=NOW) == [] and ended(half))
    assert "ended before it was done" in seen_again(half).failure
    leftovers.let_go_of_replaced(workspace_id=harbor.pk)
    assert not blocks_written(harbor, old.pk)
    again = subprocess.run(command(path), cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert on_it(harbor, ADA, BEN) == {BEN}


def wide() -> bytes:
    """A number in each of many blocks, so that writing them takes a while."""
    return b"".join(b"%d0042\n" % prefix for prefix in range(200_000, 216_000))


def ended(snapshot: RegistrySnapshot) -> bool:
    return seen_again(snapshot).state == "FAILED"


def upload(workspace: Workspace, content: bytes) -> RegistrySnapshot:
    snapshot = bring(workspace, content)
    with in_workspace(workspace.pk):
        parts.keep(snapshot, [content[:700], content[700:]])
    return snapshot


def test_an_upload_whose_loader_died_waits_to_be_loaded_again_and_is(harbor: Workspace) -> None:
    snapshot = upload(harbor, flat(numbers_in(212, 500)))
    died_loading(snapshot, attempts=1)
    assert leftovers.recover_loads(workspace_id=harbor.pk, now=NOW) == [snapshot.pk]
    loading.load_upload(workspace_id=harbor.pk, snapshot_id=snapshot.pk, clock=lambda: NOW)
    assert seen_again(snapshot).state == "CURRENT"
    assert on_it(harbor, *numbers_in(212, 600)) == set(numbers_in(212, 500))
    with in_workspace(harbor.pk):
        assert not RegistryPart.objects.exists()
        assert not RegistryBlock.objects.filter(prefix=999_999).exists(), "what the dead loader wrote is gone"


def test_an_upload_that_kills_every_loader_is_given_up(harbor: Workspace) -> None:
    snapshot = upload(harbor, flat([ADA]))
    died_loading(snapshot, attempts=leftovers.MOST_ATTEMPTS)
    assert leftovers.recover_loads(workspace_id=harbor.pk, now=NOW) == []
    assert seen_again(snapshot).state == "FAILED"
    with in_workspace(harbor.pk):
        assert not RegistryPart.objects.exists()


def died_loading(snapshot: RegistrySnapshot, *, attempts: int) -> None:
    with in_workspace(snapshot.workspace_id):
        snapshot.move(RegistrySnapshot.State.LOADING, attempts=attempts)
        RegistryBlock.objects.create(
            workspace_id=snapshot.workspace_id, snapshot=snapshot, prefix=999_999, bits=bytes(1250)
        )


def test_a_load_that_is_alive_is_not_taken_for_dead_and_a_second_one_waits(harbor: Workspace) -> None:
    first, second = bring(harbor, flat([ADA])), bring(harbor, flat([BEN]))
    begun, go_on = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            begun.set()
            assert go_on.wait(20)
            return super().read(size)

    def load_slowly() -> None:
        loading.load(workspace_id=harbor.pk, snapshot_id=first.pk, raw=Slow(flat([ADA])), clock=lambda: NOW)

    thread = in_a_thread(load_slowly)
    assert begun.wait(20)
    with pytest.raises(Busy):
        carry_out(second, flat([BEN]))
    leftovers.recover_loads(workspace_id=harbor.pk, now=NOW)
    states = (seen_again(first).state, seen_again(second).state)
    go_on.set()
    thread.join()
    assert states == ("LOADING", "WAITING")
    carry_out(second, flat([BEN]))
    assert on_it(harbor, ADA, BEN) == {BEN}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE compliance_registrysnapshot SET as_of = NULL WHERE id = %(ours)s",
        "UPDATE compliance_registrysnapshot SET coverage = '' WHERE id = %(ours)s",
        "UPDATE compliance_registryblock SET bits = '' WHERE snapshot_id = %(ours)s",
        "UPDATE compliance_registryblock SET snapshot_id = %(theirs)s WHERE snapshot_id = %(ours)s",
        "UPDATE compliance_registryblock SET workspace_id = %(elsewhere)s WHERE snapshot_id = %(ours)s",
        "UPDATE compliance_registry SET current_id = %(theirs)s",
        "UPDATE compliance_registry SET us_state = 'NY'",
        "INSERT INTO compliance_registry (workspace_id, kind, us_state, seller_key)"
        " SELECT workspace_id, kind, us_state, seller_key FROM compliance_registry",
    ],
)
def test_the_database_refuses_what_must_never_be(harbor: Workspace, summit: Workspace, statement: str) -> None:
    names = {"ours": load(harbor, flat([ADA])).pk, "theirs": load(summit, flat([BEN])).pk, "elsewhere": summit.pk}
    with pytest.raises(Error), in_workspace(harbor.pk), connection.cursor() as cursor:
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE", names)
    assert on_it(harbor, ADA) == {ADA}


def test_nobody_deletes_the_blocks_of_another_workspace(harbor: Workspace, summit: Workspace) -> None:
    ours = load(harbor, flat([ADA]))
    with in_workspace(summit.pk), connection.cursor() as cursor:
        cursor.execute("DELETE FROM compliance_registryblock WHERE snapshot_id = %s", [ours.pk])
        assert cursor.rowcount == 0
    assert on_it(harbor, ADA) == {ADA}

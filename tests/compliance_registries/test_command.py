"""`manage.py load_registry`: the same load, from a file on the machine."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.models import RegistrySnapshot
from compliance.registries.leftovers import sole_loader
from tests.compliance_registries.shelf import LITIGATOR, NATIONAL, STATE, flat, load, on_it

ADA, BEN = "+12125550101", "+12125550102"


def run(path: Path, *words: str) -> str:
    out = StringIO()
    call_command("load_registry", str(path), "--workspace", "harbor", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "2026-02-20_dnc.txt"
    path.write_bytes(flat([ADA]))
    return path


def test_it_loads_a_file_and_says_what_is_in_force(harbor: Workspace, file: Path) -> None:
    said = run(file, "--kind", "national", "--san", "12345678-1234")
    assert said.startswith("National registry: 1 numbers of 2026-02-20 in force, snapshot ")
    assert on_it(harbor, ADA, BEN) == {ADA}


def test_it_loads_states_sellers_litigators_and_changes(harbor: Workspace, file: Path, tmp_path: Path) -> None:
    run(file, "--kind", "state", "--state", "ny", "--seller", "harbor", "--areas", "all")
    assert on_it(harbor, ADA, kind=STATE, state="NY", seller_key="harbor") == {ADA}
    people = tmp_path / "people.csv"
    people.write_text("who,Call-ee\nLea,212-555-0102\n")
    run(people, "--kind", "litigator", "--as-of", "2026-02-01", "--number-column", "call-ee")
    assert on_it(harbor, ADA, BEN, kind=LITIGATOR) == {BEN}
    base = load(harbor, flat([ADA]), as_of=None, source=file.name)
    changes = tmp_path / "changes.txt"
    changes.write_text("212,5550102,2026-02-25T08:00:00,A\n")
    run(changes, "--kind", "national", "--changes-to", str(base.pk))
    assert on_it(harbor, ADA, BEN, kind=NATIONAL) == {ADA, BEN}


def test_a_refusal_is_one_sentence(harbor: Workspace, file: Path, tmp_path: Path) -> None:
    run(file, "--kind", "national")
    with pytest.raises(CommandError, match="This very file was loaded on"):
        run(file, "--kind", "national")
    bad = tmp_path / "2026-02-21.txt"
    bad.write_bytes(flat([BEN]) + b"212\n")
    with pytest.raises(CommandError, match=r"Line 2 of 2026-02-21\.txt is not a number"):
        run(bad, "--kind", "national")
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run(tmp_path / "nothing.txt", "--kind", "national")
    with pytest.raises(CommandError, match="There is no workspace called elsewhere"):
        call_command("load_registry", str(file), "--workspace", "elsewhere", "--kind", "national")
    assert on_it(harbor, ADA, BEN) == {ADA}


def test_a_state_without_its_name_is_refused(harbor: Workspace, file: Path) -> None:
    for words in (
        ["--kind", "state"],
        ["--kind", "state", "--state", "new york"],
        ["--kind", "national", "--state", "NY"],
    ):
        with pytest.raises(CommandError, match="two letters"):
            run(file, *words)


@pytest.mark.usefixtures("committed_db")
def test_while_another_file_is_being_loaded_it_says_so_and_leaves_nothing_waiting(
    harbor: Workspace, file: Path, tmp_path: Path
) -> None:
    from tests.compliance_registries.test_races import in_a_thread  # noqa: PLC0415

    run(file, "--kind", "national")
    other = tmp_path / "2026-02-22.txt"
    other.write_bytes(flat([BEN]))
    with in_workspace(harbor.pk):
        registry_id = RegistrySnapshot.objects.get().registry_id
    refused: list[str] = []

    def try_it() -> None:
        try:
            run(other, "--kind", "national")
        except CommandError as problem:
            refused.append(str(problem))

    with sole_loader(registry_id):
        in_a_thread(try_it).join()
    assert refused == ["Another file of this registry is being loaded. Wait until that is done."]
    with in_workspace(harbor.pk):
        assert RegistrySnapshot.objects.latest("pk").state == "FAILED"

"""A file comes into force whole, or the list before it stays."""

from datetime import date, timedelta

import pytest

from accounts.models import AuditEntry, Workspace
from accounts.tenancy import in_workspace
from compliance.models import RegistryBlock, RegistrySnapshot
from compliance.registries import leftovers
from compliance.registries.faults import CannotLoad, Doubtful, Malformed
from compliance.registries.lookup import snapshot_age_days
from exports.models import Event
from tests.compliance_registries.shelf import (
    LITIGATOR,
    NATIONAL,
    STATE,
    TODAY,
    bring,
    carry_out,
    flat,
    load,
    not_known,
    numbers_in,
    on_it,
    seen_again,
    zipped,
)
from tests.conftest import NOW

ADA, BEN, CHLOE, DEV = "+12125550101", "+12125550102", "+16465550103", "+13105550104"
YESTERDAY = TODAY - timedelta(days=1)


def newest(workspace: Workspace) -> RegistrySnapshot:
    with in_workspace(workspace.pk):
        return RegistrySnapshot.objects.latest("pk")


def test_a_number_on_the_list_is_listed_and_its_neighbour_is_not(harbor: Workspace) -> None:
    load(harbor, flat([ADA, CHLOE]))
    assert on_it(harbor, ADA, BEN, CHLOE) == {ADA, CHLOE}
    assert not_known(harbor, ADA, BEN, CHLOE) == set()


@pytest.mark.parametrize(
    "number",
    ["+12120000000", "+12129999999", "+12125550000", "+12125559999", "+12125550007", "+12125550008"],
)
def test_the_first_and_last_bit_of_area_block_and_byte_are_told_from_their_neighbours(
    harbor: Workspace, number: str
) -> None:
    load(harbor, flat([number]))
    neighbours = {f"+{int(number[1:]) + step}" for step in (-8, -1, 1, 8)}
    assert on_it(harbor, number, *neighbours) == {number}


def test_a_number_outside_the_area_codes_of_the_list_is_not_known_rather_than_not_listed(harbor: Workspace) -> None:
    load(harbor, flat([ADA]))
    assert not_known(harbor, ADA, DEV, "+442079460000", "2125550101", "+1212555010x", "", "+1,2") == {
        DEV,
        "+442079460000",
        "2125550101",
        "+1212555010x",
        "",
        "+1,2",
    }


def test_declared_area_codes_are_covered_though_nobody_in_them_is_listed(harbor: Workspace) -> None:
    load(harbor, flat([ADA]), areas="212, 310")
    assert not_known(harbor, DEV, CHLOE) == {CHLOE}
    assert on_it(harbor, DEV) == set()


def test_a_list_of_the_whole_country_knows_every_number_in_it(harbor: Workspace) -> None:
    snapshot = load(harbor, flat([ADA]), areas="all")
    assert not_known(harbor, DEV, CHLOE, "+442079460000") == {"+442079460000"}
    assert snapshot.covers_all


def test_a_number_outside_the_declared_area_codes_stops_the_load(harbor: Workspace) -> None:
    with pytest.raises(CannotLoad, match="area code 646, which is not among those you named"):
        load(harbor, flat([ADA, CHLOE]), areas="212")
    assert not_known(harbor, ADA) == {ADA}


def test_before_anything_is_loaded_nothing_is_known(harbor: Workspace) -> None:
    assert on_it(harbor, ADA) == set()
    assert not_known(harbor, ADA) == {ADA}
    with in_workspace(harbor.pk):
        assert snapshot_age_days(NATIONAL, today=TODAY) is None


def test_a_new_list_replaces_the_old_one_whole(harbor: Workspace) -> None:
    old = load(harbor, flat([ADA, CHLOE]), as_of=YESTERDAY)
    new = load(harbor, flat([BEN, CHLOE]))
    assert on_it(harbor, ADA, BEN, CHLOE) == {BEN, CHLOE}
    assert (seen_again(old).state, new.state) == ("REPLACED", "CURRENT")


def test_a_malformed_line_stops_the_load_names_the_line_and_leaves_the_old_list(harbor: Workspace) -> None:
    load(harbor, flat([ADA]), as_of=YESTERDAY)
    with pytest.raises(Malformed, match=r"Line 3 of list\.txt is not a number as the registry writes it") as refusal:
        load(harbor, flat([BEN, CHLOE]) + b"212,555010\n")
    assert "555010" not in str(refusal.value)
    assert on_it(harbor, ADA, BEN, CHLOE) == {ADA}
    failed = newest(harbor)
    assert (failed.state, failed.failure) == ("FAILED", str(refusal.value))


def test_what_was_loaded_is_told_to_the_audit_log_and_to_the_world(harbor: Workspace) -> None:
    snapshot = load(harbor, flat([ADA, ADA, CHLOE]), san="12345678-1234")
    with in_workspace(harbor.pk):
        entry, event = AuditEntry.objects.get(), Event.objects.get()
    assert (entry.verb, entry.subject) == ("registry.loaded", "National registry")
    assert entry.details["file_hash"] == snapshot.file_hash
    assert event.kind == "registry.loaded"
    assert event.payload == {
        "kind": "NATIONAL",
        "state": None,
        "seller": None,
        "snapshot": snapshot.pk,
        "content": "FULL",
        "as_of": "2026-03-03",
        "numbers": 2,
    }
    assert (snapshot.lines_read, snapshot.bytes_read) == (3, snapshot.bytes_total)
    assert snapshot.area_counts == {"212": 1, "646": 1}


def test_a_failure_is_told_to_the_audit_log_and_not_to_the_world(harbor: Workspace) -> None:
    with pytest.raises(Malformed):
        load(harbor, b"nonsense\n")
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.get().verb == "registry.load_failed"
        assert not Event.objects.exists()


def test_the_day_of_a_list_is_what_was_said_or_what_its_name_says_and_never_the_day_it_was_loaded(
    harbor: Workspace,
) -> None:
    assert load(harbor, flat([ADA]), as_of=None, source="2026-02-20_212.txt").as_of == date(2026, 2, 20)
    assert load(harbor, flat([BEN]), as_of=date(2026, 2, 25)).as_of == date(2026, 2, 25)
    inside = zipped({"a_20260227.txt": flat([ADA]), "b_20260226.txt": flat([CHLOE])})
    assert load(harbor, inside, as_of=None, source="download.zip").as_of == date(2026, 2, 26)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"as_of": None}, "Say which day the list is of: the file's name does not"),
        ({"as_of": TODAY + timedelta(days=1)}, "that day has not come yet"),
        ({"as_of": TODAY, "source": "dnc_2026-02-01.txt"}, "its name says 01 February 2026"),
        ({"areas": "21"}, "Write area codes as three digits"),
        ({"base_id": 17}, "There is no list to change yet"),
        ({"base_id": 17, "kind": LITIGATOR}, "Change lists exist for the national registry"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_read(
    harbor: Workspace, said: dict[str, object], sentence: str
) -> None:
    with pytest.raises(CannotLoad, match=sentence):
        bring(harbor, flat([ADA]), **said)  # type: ignore[arg-type]


def test_a_zip_that_says_no_day_anywhere_is_refused_once_it_is_opened(harbor: Workspace) -> None:
    with pytest.raises(CannotLoad, match="neither the file nor its name does"):
        load(harbor, zipped({"list.txt": flat([ADA])}), as_of=None, source="download.zip")


def test_the_same_file_twice_is_recognised(harbor: Workspace) -> None:
    load(harbor, flat([ADA]))
    with pytest.raises(CannotLoad, match="This very file was loaded on 03 March 2026 and is in force"):
        load(harbor, flat([ADA]))
    bring(harbor, flat([BEN]))
    with pytest.raises(CannotLoad, match="being loaded already"):
        bring(harbor, flat([BEN]))


def test_a_file_that_failed_may_be_tried_again(harbor: Workspace) -> None:
    with pytest.raises(CannotLoad):
        load(harbor, flat([ADA, CHLOE]), areas="212")
    load(harbor, flat([ADA, CHLOE]))
    assert on_it(harbor, ADA, CHLOE) == {ADA, CHLOE}


def test_an_older_list_does_not_take_the_place_of_a_newer_one_unless_it_is_meant_to(harbor: Workspace) -> None:
    load(harbor, flat([ADA]))
    with pytest.raises(Doubtful, match="The file is of 02 March 2026, the list in force of 03 March 2026"):
        load(harbor, flat([BEN]), as_of=YESTERDAY)
    load(harbor, flat([BEN]), as_of=YESTERDAY, anyway=True)
    assert on_it(harbor, ADA, BEN) == {BEN}


def test_a_list_cut_short_is_not_taken_unless_it_is_meant_to_be_so_small(harbor: Workspace) -> None:
    many = numbers_in(212, 200)
    load(harbor, flat(many), as_of=YESTERDAY)
    with pytest.raises(Doubtful, match="holds 99 numbers of area code 212, the list in force 200"):
        load(harbor, flat(many[:99]))
    assert on_it(harbor, *many) == set(many)
    load(harbor, flat(many[:99]), anyway=True)
    assert on_it(harbor, *many) == set(many[:99])


def test_an_area_code_given_up_is_not_known_any_more_and_raises_no_doubt(harbor: Workspace) -> None:
    many = numbers_in(646, 200)
    load(harbor, flat([ADA, *many]), as_of=YESTERDAY)
    load(harbor, flat([ADA]))
    assert not_known(harbor, ADA, *many) == set(many)


def test_an_empty_list_is_not_taken(harbor: Workspace) -> None:
    with pytest.raises(CannotLoad, match="The file holds no number"):
        load(harbor, b"\n\n")


def test_each_state_and_each_seller_has_a_registry_of_its_own(harbor: Workspace) -> None:
    load(harbor, flat([ADA]), kind=STATE, us_state="NY")
    load(harbor, flat([BEN]), kind=STATE, us_state="TX")
    load(harbor, flat([ADA, BEN]), seller_key="harbor")
    assert on_it(harbor, ADA, BEN, kind=STATE, state="NY") == {ADA}
    assert on_it(harbor, ADA, BEN, kind=STATE, state="TX") == {BEN}
    assert not_known(harbor, ADA, kind=STATE, state="FL") == {ADA}
    assert not_known(harbor, ADA) == {ADA}
    assert on_it(harbor, ADA, BEN, seller_key="harbor") == {ADA, BEN}


def test_another_workspace_neither_sees_nor_shares_a_registry(harbor: Workspace, summit: Workspace) -> None:
    load(harbor, flat([ADA]))
    assert not_known(summit, ADA) == {ADA}
    load(summit, flat([BEN]))
    assert (on_it(harbor, ADA, BEN), on_it(summit, ADA, BEN)) == ({ADA}, {BEN})


def test_a_load_asked_for_twice_is_done_once(harbor: Workspace) -> None:
    snapshot = load(harbor, flat([ADA]))
    carry_out(snapshot, flat([ADA]))
    with in_workspace(harbor.pk):
        assert Event.objects.count() == 1


def test_what_was_replaced_is_let_go_and_what_is_in_force_is_not(harbor: Workspace) -> None:
    old = load(harbor, flat(numbers_in(212, 50)), as_of=YESTERDAY)
    load(harbor, flat([ADA, CHLOE]))
    assert leftovers.let_go_of_replaced(workspace_id=harbor.pk) == 1
    assert leftovers.let_go_of_replaced(workspace_id=harbor.pk) == 0
    with in_workspace(harbor.pk):
        assert not RegistryBlock.objects.filter(snapshot_id=old.pk).exists()
    assert on_it(harbor, ADA, CHLOE) == {ADA, CHLOE}


def test_an_announcement_whose_file_never_came_is_given_up(harbor: Workspace) -> None:
    snapshot = bring(harbor, flat([ADA]))
    leftovers.recover_loads(workspace_id=harbor.pk, now=NOW + timedelta(minutes=5))
    assert seen_again(snapshot).state == "WAITING"
    leftovers.recover_loads(workspace_id=harbor.pk, now=NOW + timedelta(minutes=11))
    assert seen_again(snapshot).state == "FAILED"

"""A change list is applied to the list it was made for, in its own order, and at once."""

from datetime import date, timedelta

import pytest

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.models import RegistryBlock
from compliance.registries import leftovers
from compliance.registries.faults import CannotLoad, Doubtful, Malformed
from tests.compliance_registries.shelf import (
    NATIONAL,
    TODAY,
    bring,
    carry_out,
    flat,
    load,
    not_known,
    on_it,
    seen_again,
    zipped,
)

ADA, BEN, CHLOE, DEV = "+12125550101", "+12125550102", "+16465550103", "+12127770104"
BEFORE = TODAY - timedelta(days=5)


def change(number: str, kind: str, when: str = "2026-03-02T08:00:00") -> str:
    return f"{number[2:5]},{number[5:]},{when},{kind}\n"


def changes(*lines: str) -> bytes:
    return "".join(lines).encode()


def test_additions_and_deletions_come_into_force_and_the_rest_stays(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA, CHLOE]), as_of=BEFORE)
    content = changes(change(ADA, "D"), change(BEN, "A"), change(DEV, "A"))
    snapshot = load(harbor, content, as_of=None, base_id=base.pk)
    assert on_it(harbor, ADA, BEN, CHLOE, DEV) == {BEN, CHLOE, DEV}
    assert (snapshot.state, seen_again(base).state) == ("CURRENT", "REPLACED")
    assert (snapshot.numbers, snapshot.area_counts) == (3, {"212": 2, "646": 1})


def test_the_last_line_on_a_number_has_the_last_word(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA, BEN]), as_of=BEFORE)
    lines = [change(ADA, "D"), change(BEN, "D"), change(ADA, "A"), change(CHLOE, "A"), change(CHLOE, "D")]
    with pytest.raises(CannotLoad, match="area code 646, which the list in force does not cover"):
        load(harbor, changes(*lines), base_id=base.pk)
    load(harbor, changes(*lines[:3], change(DEV, "A"), change(DEV, "D")), base_id=base.pk)
    assert on_it(harbor, ADA, BEN, DEV) == {ADA}


def test_order_holds_across_files_of_one_zip_and_across_pieces(
    harbor: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.registries.containers.PIECE", 64)
    base = load(harbor, flat([BEN]), as_of=BEFORE)
    first = changes(change(ADA, "A"), *[change(DEV, "A")] * 9, change(BEN, "D"))
    second = changes(change(ADA, "D"), *[change(DEV, "D")] * 9, change(BEN, "A"))
    load(harbor, zipped({"1.txt": first, "2.txt": second}), base_id=base.pk, source="changes.zip")
    assert on_it(harbor, ADA, BEN, DEV) == {BEN}


def test_the_day_of_a_change_list_is_that_of_its_newest_change(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA]), as_of=BEFORE)
    lines = changes(change(BEN, "A", "2026-03-01T10:00:00"), change(DEV, "A", "2026-02-28T10:00:00"))
    assert load(harbor, lines, as_of=None, base_id=base.pk).as_of == date(2026, 3, 1)


@pytest.mark.parametrize(
    "when", ["2026-03-02 08:00:00", "03/02/2026 08:00:00", "3/2/2026 8:00:00 AM", "20260302080000"]
)
def test_the_moment_of_a_change_is_read_in_the_usual_forms(harbor: Workspace, when: str) -> None:
    base = load(harbor, flat([ADA]), as_of=BEFORE)
    assert load(harbor, changes(change(BEN, "a", when)), as_of=None, base_id=base.pk).as_of == date(2026, 3, 2)


def test_changes_follow_changes(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA]), as_of=BEFORE)
    second = load(harbor, changes(change(BEN, "A")), base_id=base.pk)
    load(harbor, changes(change(ADA, "D")), base_id=second.pk)
    assert on_it(harbor, ADA, BEN) == {BEN}
    leftovers.let_go_of_replaced(workspace_id=harbor.pk)
    assert on_it(harbor, ADA, BEN) == {BEN}, "their blocks are those of the first list, and in force"
    load(harbor, flat([DEV]))
    leftovers.let_go_of_replaced(workspace_id=harbor.pk)
    with in_workspace(harbor.pk):
        assert RegistryBlock.objects.count() == 1


def test_changes_made_for_a_list_that_was_replaced_are_refused(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA]), as_of=BEFORE)
    late = bring(harbor, changes(change(BEN, "A")), base_id=base.pk)
    load(harbor, flat([ADA, DEV]))
    with pytest.raises(CannotLoad, match="no longer in force"):
        bring(harbor, changes(change(DEV, "A")), base_id=base.pk)
    with pytest.raises(CannotLoad, match="no longer in force"):
        carry_out(late, changes(change(BEN, "A")))
    assert on_it(harbor, ADA, BEN, DEV) == {ADA, DEV}


@pytest.mark.parametrize(
    "line",
    [
        "212,5550102,2026-03-02T08:00:00,X\n",
        "212,5550102,2026-03-02T08:00:00\n",
        "212,5550102,A\n",
        "212,555010,2026-03-02T08:00:00,A\n",
        "212,5550102\n",
        "212,5550102,yesterday ok,A\n",
        "212,5550102,2026-03-02T08:00:00,A,more\n",
    ],
)
def test_a_malformed_change_changes_nothing(harbor: Workspace, line: str) -> None:
    base = load(harbor, flat([ADA]), as_of=BEFORE)
    with pytest.raises(Malformed, match=r"Line 2 of list\.txt"):
        load(harbor, changes(change(DEV, "A"), line), base_id=base.pk)
    assert on_it(harbor, ADA, BEN, DEV) == {ADA}


def test_a_full_list_is_not_taken_for_changes_nor_changes_for_a_full_list(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA]), as_of=BEFORE)
    with pytest.raises(Malformed):
        load(harbor, flat([BEN]), base_id=base.pk)
    with pytest.raises(Malformed):
        load(harbor, changes(change(BEN, "A")))


def test_an_old_change_list_is_doubted(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA]), as_of=TODAY)
    with pytest.raises(Doubtful, match="of 02 March 2026, the list in force of 03 March 2026"):
        load(harbor, changes(change(BEN, "A")), as_of=None, base_id=base.pk)


def test_changes_from_the_future_are_refused(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA]), as_of=BEFORE)
    with pytest.raises(CannotLoad, match="a day that has not come yet"):
        load(harbor, changes(change(BEN, "A", "2026-04-01T00:00:00")), as_of=None, base_id=base.pk)


def test_a_change_list_comes_as_xml_too(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA, CHLOE]), as_of=BEFORE)
    content = b"""<list type="change"><ac val="212">
        <ph val="5550101" type="D" date="2026-03-01T01:00:00"/>
        <ph val="5550102" change="A" change-date="2026-03-02T01:00:00"/></ac></list>"""
    assert load(harbor, content, as_of=None, base_id=base.pk, source="c.xml").as_of == date(2026, 3, 2)
    assert on_it(harbor, ADA, BEN, CHLOE) == {BEN, CHLOE}
    current = load(harbor, changes(change(DEV, "A")), base_id=base.pk + 1)
    for broken in (b'type="X" date="2026-03-01"', b'type="A" date="soon"', b'type="A"'):
        with pytest.raises(Malformed, match="Line 1"):
            load(harbor, b'<list><ac val="212"><ph val="5550109" ' + broken + b"/></ac></list>", base_id=current.pk)


def test_what_the_changes_do_not_cover_stays_unknown(harbor: Workspace) -> None:
    base = load(harbor, flat([ADA]), as_of=BEFORE)
    load(harbor, changes(change(BEN, "A")), base_id=base.pk)
    assert not_known(harbor, ADA, CHLOE, kind=NATIONAL) == {CHLOE}

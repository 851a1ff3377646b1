"""Litigators, and what the reassigned-numbers database answered."""

from datetime import UTC, date, datetime

import pytest

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.models import LitigatorRow, ReassignedResult
from compliance.registries import leftovers
from compliance.registries.faults import CannotLoad, Malformed
from compliance.registries.lookup import reassignments, snapshot_age_days
from tests.compliance_registries.shelf import LITIGATOR, REASSIGNED, TODAY, load, not_known, on_it

ADA, BEN, CHLOE = "+12125550101", "+12125550102", "+16465550103"


@pytest.mark.parametrize(
    "content",
    [
        "2125550101\n6465550103\n",
        "+1 (212) 555-0101\n1-646-555-0103\n",
        "phone_number,status,first_name\n2125550101,TCPA,Lea\n6465550103,TCPA,Lou\n",
        'Name,Telephone Number\r\n"Smith, Lea",212.555.0101\r\n"Jones\nLou",(646) 555 0103\r\n',
        "\ufeffPhone,Case\n12125550101,Doe v. Roe\n+16465550103,\n\n",
    ],
    ids=["bare numbers", "spaced numbers", "vendor", "quoted", "byte-order mark"],
)
def test_a_litigator_list_is_read_in_the_shapes_it_comes_in(harbor: Workspace, content: str) -> None:
    load(harbor, content.encode(), kind=LITIGATOR)
    assert on_it(harbor, ADA, BEN, CHLOE, kind=LITIGATOR) == {ADA, CHLOE}


def test_who_is_not_on_a_litigator_list_is_known_not_to_be(harbor: Workspace) -> None:
    load(harbor, b"2125550101\n", kind=LITIGATOR)
    assert not_known(harbor, ADA, "+13105550104", "+442079460000", kind=LITIGATOR) == {"+442079460000"}


def test_the_raw_row_is_kept_beside_the_number(harbor: Workspace) -> None:
    load(harbor, b"phone_number,status,case_title\n(212) 555-0101,TCPA,Doe v. Roe\n", kind=LITIGATOR)
    with in_workspace(harbor.pk):
        row = LitigatorRow.objects.get()
    assert row.number == ADA
    assert row.raw == {"phone_number": "(212) 555-0101", "status": "TCPA", "case_title": "Doe v. Roe"}


def test_a_column_of_an_unusual_name_may_be_named(harbor: Workspace) -> None:
    content = b"who,Call-ee #\nLea,2125550101\n"
    with pytest.raises(Malformed, match=r"has no column for the number\. Its columns are: who, Call-ee #"):
        load(harbor, content, kind=LITIGATOR)
    load(harbor, content, kind=LITIGATOR, number_column="call-ee #")
    assert on_it(harbor, ADA, kind=LITIGATOR) == {ADA}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("phone\n2.12555E+09\n", "Line 2 of list.txt has no number of North America"),
        ("phone\n2125550101\n\n+442079460000\n", "Line 4"),
        ("2125550101\n212555010\n", "Line 2"),
        ("2125550101\n1125550101\n", "Line 2"),
        ("phone,x\n2125550101\n", "Line 2 of list.txt has 1 columns where the first line has 2"),
        ('phone\n"2125550101\n', "is not proper CSV"),
        ('phone\n"212"5550101\n', "Line 2 of list.txt is not proper CSV"),
    ],
)
def test_a_row_that_cannot_be_read_stops_the_load(harbor: Workspace, content: str, sentence: str) -> None:
    load(harbor, b"2125550102\n", kind=LITIGATOR, as_of=date(2026, 3, 1))
    with pytest.raises(Malformed, match=sentence) as refusal:
        load(harbor, content.encode(), kind=LITIGATOR)
    assert "55501" not in str(refusal.value)
    assert on_it(harbor, ADA, BEN, kind=LITIGATOR) == {BEN}


def test_a_file_in_another_alphabet_of_bytes_is_refused(harbor: Workspace) -> None:
    with pytest.raises(Malformed, match=r"Line 2 of list\.txt is not UTF-8 text"):
        load(harbor, "name,phone\nJosé,2125550101\n".encode("latin-1"), kind=LITIGATOR)


def test_rows_of_a_replaced_list_are_let_go(harbor: Workspace) -> None:
    load(harbor, b"2125550101\n2125550102\n", kind=LITIGATOR, as_of=date(2026, 3, 1))
    load(harbor, b"6465550103\n", kind=LITIGATOR)
    leftovers.let_go_of_replaced(workspace_id=harbor.pk)
    with in_workspace(harbor.pk):
        assert [row.number for row in LitigatorRow.objects.all()] == [CHLOE]


# Reassigned numbers

ANSWERS = b"""Phone Number,Date,Is Reassigned Number,Query Time,Request ID
2125550101,2025-11-20,no,2026-02-16T09:30:00,q-1
2125550102,20251120,YES,2026-02-16T09:30:01,q-2
(646) 555-0103,11/20/2025,No Data,2026-02-16T09:30:02,q-3
"""
RELIED_ON = date(2025, 12, 1)


def asked(workspace: Workspace, *numbers: str, relied_on: date | None = RELIED_ON) -> list[str | None]:
    with in_workspace(workspace.pk):
        return [answer.result if answer else None for answer in reassignments((each, relied_on) for each in numbers)]


def test_answers_are_kept_with_the_day_asked_about_the_moment_and_the_reference(harbor: Workspace) -> None:
    snapshot = load(harbor, ANSWERS, kind=REASSIGNED, as_of=None, source="answers.csv")
    assert (snapshot.state, snapshot.numbers, snapshot.as_of) == ("ADDED", 3, date(2026, 2, 16))
    assert asked(harbor, ADA, BEN, CHLOE, "+13105550104") == ["NO", "YES", "NO_DATA", None]
    with in_workspace(harbor.pk):
        (answer,) = reassignments([(ADA, RELIED_ON)])
    assert answer is not None
    assert (answer.date_asked, answer.queried_at) == (date(2025, 11, 20), datetime(2026, 2, 16, 9, 30, tzinfo=UTC))
    assert answer.provider_ref == "q-1"


def test_answers_add_up_and_the_newest_counts(harbor: Workspace) -> None:
    load(harbor, b"number,date,answer\n2125550101,2025-11-20,no\n2125550102,2025-11-20,no\n", kind=REASSIGNED)
    later = TODAY.replace(day=2)
    load(harbor, b"number,date,answer\n2125550101,2025-11-20,yes\n", kind=REASSIGNED, as_of=later, anyway=True)
    assert asked(harbor, ADA, BEN) == ["NO", "NO"], "answered on the 2nd, before the other one of the 3rd"
    load(harbor, b"tn,consent date,result\n2125550101,2025-11-20,yes\n", kind=REASSIGNED)
    assert asked(harbor, ADA, BEN) == ["YES", "NO"]


def test_a_no_about_a_later_day_does_not_speak_of_the_day_relied_on_but_a_yes_does(harbor: Workspace) -> None:
    content = b"number,date,answer\n2125550101,2026-01-10,no\n2125550102,2026-01-10,yes\n"
    load(harbor, content, kind=REASSIGNED)
    assert asked(harbor, ADA, BEN) == [None, "YES"]
    assert asked(harbor, ADA, relied_on=date(2026, 1, 10)) == ["NO"]
    assert asked(harbor, ADA, relied_on=None) == ["NO"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"number,date,answer\n2125550101,2025-11-20,perhaps\n", "Line 2 of list.txt has an answer that is none of"),
        (b"number,date,answer\n2125550101,soon,no\n", "Line 2 of list.txt has a date that cannot be read"),
        (b"number,date\n2125550101,2025-11-20\n", "has no column for the answer"),
        (b"number,answer\n2125550101,no\n", "has no column for the date asked about"),
        (b"number,date,answer\n", "The file holds no result"),
    ],
)
def test_answers_that_cannot_be_read_are_not_half_taken(harbor: Workspace, content: bytes, sentence: str) -> None:
    good = b"number,date,answer\n" + b"2125550102,2025-11-20,no\n" * 1_500
    whole = good + content.split(b"\n", 1)[1] if content.startswith(b"number,date,answer\n212") else content
    with pytest.raises(CannotLoad, match=sentence.replace("Line 2", "Line 1,502")):
        load(harbor, whole, kind=REASSIGNED)
    assert asked(harbor, ADA, BEN) == [None, None]
    leftovers.let_go_of_replaced(workspace_id=harbor.pk)
    with in_workspace(harbor.pk):
        assert not ReassignedResult.objects.exists()


def test_answers_without_a_day_of_their_own_need_one(harbor: Workspace) -> None:
    with pytest.raises(CannotLoad, match="Say on which day the answers were given"):
        load(harbor, b"number,date,answer\n2125550101,2025-11-20,no\n", kind=REASSIGNED, as_of=None)


def test_no_workspace_reads_anothers_answers(harbor: Workspace, summit: Workspace) -> None:
    load(harbor, ANSWERS, kind=REASSIGNED)
    assert asked(summit, ADA, BEN) == [None, None]


def test_the_age_of_the_newest_answers_is_known(harbor: Workspace) -> None:
    load(harbor, ANSWERS, kind=REASSIGNED, as_of=date(2026, 2, 16))
    with in_workspace(harbor.pk):
        assert snapshot_age_days(REASSIGNED, today=TODAY) == 15

"""Suppressions: who asked not to be contacted, kept at once, lifted only with a reason."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry, User, Workspace
from accounts.tenancy import in_workspace
from compliance import actions, number_lists, rulebook
from compliance.models import Suppression
from compliance.wishes import OptOut
from tests.compliance_clearing.cast import BEN, CHLOE
from tests.compliance_pages.reading import ClientOf, shown, url
from tests.conftest import NOW

REACH = {"scope": "all", "channel": "ALL"}
SAID = {"number": "(212) 555-0123", "how": "OPERATOR", "clock": "America/New_York", **REACH}
LIST = {"text": "+12125550123\n+12125550124\n", "source": "CRM export", **REACH}


@pytest.fixture
def suppressed(harbor: Workspace, otto: User) -> Suppression:
    with in_workspace(harbor.pk):
        [found] = actions.suppress(OptOut(numbers=[CHLOE], how=Suppression.How.VOICE), by=otto, now=NOW)
    return found


def kept(harbor: Workspace) -> list[Suppression]:
    with in_workspace(harbor.pk):
        return list(Suppression.objects.order_by("number"))


def test_an_empty_list_invites_to_bring_one(client_of: ClientOf, otto: User, ada: User) -> None:
    assert "Bring a list" in shown(client_of(otto).get(url("suppressions")))
    assert "Bring a list" not in shown(client_of(ada).get(url("suppressions")))


def test_a_number_is_suppressed_with_who_said_it_how_and_when(
    client_of: ClientOf, otto: User, harbor: Workspace
) -> None:
    said = {**SAID, "at": "2026-03-02T09:00", "note": "Told the front desk"}
    page = shown(client_of(otto).post(url("suppress"), said, follow=True))
    assert "Suppressed. It holds in every campaign from this moment." in page
    assert "Asked not to be contacted 2 Mar 2026, 14:00 UTC Told to a colleague" in page
    assert "Otto Operato" in page
    assert "Told the front desk" in page
    [found] = kept(harbor)
    assert (found.number, found.covers, found.by_id) == (CHLOE, "NUMBER", otto.pk)
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.filter(verb="number.suppressed", user=otto).count() == 1


def test_a_person_is_suppressed_with_every_number_unless_they_limited_it(
    client_of: ClientOf, otto: User, harbor: Workspace
) -> None:
    client_of(otto).post(url("suppress"), {**SAID, "person": "crm-17"})
    client_of(otto).post(url("suppress"), {**SAID, "number": BEN, "person": "crm-18", "this_number_only": "on"})
    assert [found.covers for found in kept(harbor)] == ["PERSON", "NUMBER"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"number": "12"}, "nobody can have"),
        ({"number": "+10005550123"}, "nobody can have"),
        ({"number": "hello"}, "is not a telephone number"),
        ({"how": "IMPORT"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_suppressed_is_told(
    client_of: ClientOf, otto: User, harbor: Workspace, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in shown(client_of(otto).post(url("suppress"), {**SAID, **fields}), status=422)
    assert kept(harbor) == []


def test_it_is_found_by_its_number_and_nothing_is_said_of_others(
    client_of: ClientOf, ada: User, suppressed: Suppression
) -> None:
    client = client_of(ada)
    found = client.post(url("suppressions"), {"number": "+1 212-555-0123"}, follow=True)
    assert "In force" in shown(found)
    assert "5550123" not in found.redirect_chain[0][0]
    assert "Nobody asked us not to contact +12125550124" in shown(
        client.post(url("suppressions"), {"number": BEN}, follow=True)
    )


def test_it_is_lifted_with_a_reason_which_stays(
    client_of: ClientOf, cora: User, suppressed: Suppression, harbor: Workspace
) -> None:
    client, address = client_of(cora), url("lift_suppression", suppression_id=suppressed.pk)
    shown(client.post(address, {"reason": "  "}), status=422)
    page = shown(client.post(address, {"reason": "Chloé wrote that she wants calls again."}, follow=True))
    assert "Cora Comply: Chloé wrote that she wants calls again." in page
    assert "Lifted" in page
    assert "was lifted already" in shown(client.post(address, {"reason": "Again"}), status=422)
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.filter(verb="number.lifted", user=cora).count() == 1


def test_who_may_not_lift_is_offered_no_button(
    client_of: ClientOf, otto: User, cora: User, suppressed: Suppression
) -> None:
    address = url("suppression", suppression_id=suppressed.pk)
    lifting = url("lift_suppression", suppression_id=suppressed.pk)
    assert lifting not in client_of(otto).get(address).content.decode()
    assert lifting in client_of(cora).get(address).content.decode()
    assert client_of(otto).post(lifting, {"reason": "Please"}).status_code == 403


def test_a_pasted_list_is_kept_and_every_bad_line_is_named(
    client_of: ClientOf, otto: User, harbor: Workspace, suppressed: Suppression
) -> None:
    text = "name,phone\nChloé,+12125550123\n\nBen,(212) 555-0124\nNobody,555\nBen again,2125550124\nLost\n"
    page = shown(client_of(otto).post(url("import_suppressions"), {**LIST, "text": text}))
    assert "Suppressed now 1" in page
    assert "Stood already 1" in page
    assert "Repeated in the list 1" in page
    assert "Not read 2" in page
    assert "5 555 '555' is a number that nobody can have" in page
    assert "7 nothing" in page
    assert [found.number for found in kept(harbor)] == [CHLOE, BEN]
    assert kept(harbor)[1].evidence == {"source": "CRM export"}


def test_a_list_brought_twice_changes_nothing(client_of: ClientOf, otto: User, harbor: Workspace) -> None:
    for _ in range(2):
        page = shown(client_of(otto).post(url("import_suppressions"), LIST))
    assert "Suppressed now 0" in page
    assert len(kept(harbor)) == 2


def test_a_file_is_read_like_a_pasted_list(client_of: ClientOf, otto: User, harbor: Workspace) -> None:
    file = SimpleUploadedFile("list.csv", "\ufeffPhone;Name\r\n+12125550124;Ben\r\n".encode())
    shown(client_of(otto).post(url("import_suppressions"), {**LIST, "text": "", "file": file}))
    assert [found.number for found in kept(harbor)] == [BEN]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "Paste the numbers, or bring a file"),
        ({"file": SimpleUploadedFile("list.csv", b"+12125550124")}, "one of the two"),
        ({"text": "", "file": SimpleUploadedFile("list.csv", b"\xff\xfe1")}, "not UTF-8"),
        ({"text": "", "file": SimpleUploadedFile("list.csv", b"1" * 1_000_001)}, "larger than 1 MB"),
        ({"text": "+12125550124\n" * 2_002}, "2,002 lines are more than 2,000"),
    ],
)
def test_a_list_that_cannot_be_taken_is_told_and_nothing_is_kept(
    client_of: ClientOf, otto: User, harbor: Workspace, fields: dict[str, object], sentence: str
) -> None:
    assert sentence in shown(client_of(otto).post(url("import_suppressions"), {**LIST, **fields}), status=422)
    assert kept(harbor) == []


def test_every_line_of_a_list_ends_up_somewhere() -> None:
    text = "+12125550123\n212-555-0123\nx\n1.2E+10\n+12125550124 ext 5\n"
    told = number_lists.read(text, rulebook.load())
    assert len(told.numbers) + told.repeated + len(told.bad) == 5
    assert [bad.line for bad in told.bad] == [3, 4, 5]


def test_the_history_of_a_number_stands_together(
    client_of: ClientOf, ada: User, otto: User, cora: User, suppressed: Suppression, harbor: Workspace
) -> None:
    with in_workspace(harbor.pk):
        actions.lift(suppressed, reason="A mistake", by=cora, now=NOW)
        [again] = actions.suppress(
            OptOut(numbers=[CHLOE], how=Suppression.How.TEXT), by=otto, now=NOW + timedelta(hours=1)
        )
    page = client_of(ada).get(url("suppression", suppression_id=again.pk)).content.decode()
    assert url("suppression", suppression_id=suppressed.pk) in page

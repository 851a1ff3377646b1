"""What was sealed stays as it was, or the first row that does not is named: even to whoever is above all walls."""

import json
import os
import random
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance import actions, clearing, ledger
from compliance.ledger import heads, sealing
from compliance.models import Clearance, LedgerEntry, LedgerSeal, Seller
from tests.compliance_clearing.cast import clear_one, wanted
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("committed_db")
ROWS = 12


def clear_some(seller: Seller, *, first: int = 0, count: int = ROWS) -> list[Clearance]:
    """Every third is refused."""
    asked = [
        wanted(seller, person_key=f"person {at}", campaign_key=f"campaign|{at}", script_complete=at % 3 != 2)
        for at in range(first, first + count)
    ]
    return clearing.clear(asked, now=NOW)


@pytest.fixture
def sealed(harbor: Workspace, seller: Seller, olive: User) -> Workspace:
    """Three batches: two of six rows, and one of the ends of two clearances."""
    with in_workspace(harbor.pk):
        actions.change_policy(platform_count=100, by=olive, now=NOW)
        first = clear_some(seller, count=6)
    ledger.seal(workspace=harbor, now=NOW)
    with in_workspace(harbor.pk):
        clear_some(seller, first=6, count=6)
    ledger.seal(workspace=harbor, now=NOW + timedelta(seconds=10))
    with in_workspace(harbor.pk):
        for clearance in (first[0], first[1]):
            clearance.use(number=clearance.number, campaign_key=clearance.campaign_key, now=NOW)
    ledger.seal(workspace=harbor, now=NOW + timedelta(seconds=20))
    assert ledger.verify(harbor).intact
    return harbor


def clearance_of(superuser: psycopg.Connection, sequence: int) -> int:
    found = superuser.execute(
        "SELECT row_id FROM compliance_ledgerentry WHERE sequence = %s AND kind = 'JUDGED'", [sequence]
    ).fetchone()
    assert found
    return int(found[0])


def test_all_that_was_written_is_sealed_once(sealed: Workspace, heads_elsewhere: Path) -> None:
    verified = ledger.verify(sealed)
    assert (verified.rows, verified.seals, verified.unsealed) == (14, 3, 0)
    assert ledger.seal(workspace=sealed, now=NOW) == 0
    with in_workspace(sealed.pk):
        sequences = list(LedgerEntry.objects.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, 15))
    lines = [json.loads(line) for line in heads_elsewhere.read_text().splitlines()]
    assert [(head["seal"], head["rows"]) for head in lines] == [(1, [1, 6]), (2, [7, 12]), (3, [13, 14])]
    assert lines[-1]["hash"] == verified.head
    assert all(head["workspace"] == sealed.code for head in lines)


def test_rows_not_sealed_yet_are_no_fault(sealed: Workspace, seller: Seller) -> None:
    with in_workspace(sealed.pk):
        clear_some(seller, first=20, count=3)
    verified = ledger.verify(sealed)
    assert verified.intact
    assert verified.unsealed == 3


def test_a_long_tail_is_sealed_in_several_batches(
    harbor: Workspace, seller: Seller, olive: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "ROWS_PER_SEAL", 8)
    with in_workspace(harbor.pk):
        actions.change_policy(platform_count=100, by=olive, now=NOW)
        for clearance in clear_some(seller):
            clearance.lapse(now=NOW)
    assert ledger.seal(workspace=harbor, now=NOW) == 12 + 8
    assert ledger.verify(harbor).intact
    with in_workspace(harbor.pk):
        assert LedgerSeal.objects.count() == 3


# Behind the database's back

Tamper = Callable[[psycopg.Connection], object]


def sql(statement: str) -> Tamper:
    return lambda superuser: superuser.execute(statement)


def of_row(sequence: int, statement: str) -> Tamper:
    def tamper(superuser: psycopg.Connection) -> None:
        superuser.execute(statement, {"id": clearance_of(superuser, sequence)})

    return tamper


def swap(one: int, other: int, columns: str) -> Tamper:
    def tamper(superuser: psycopg.Connection) -> None:
        pair = {"one": clearance_of(superuser, one), "other": clearance_of(superuser, other)}
        superuser.execute(
            f"UPDATE compliance_clearance AS mine SET ({columns}) ="  # noqa: S608 - our own columns
            f" (SELECT {columns} FROM compliance_clearance AS theirs"
            " WHERE theirs.id = CASE mine.id WHEN %(one)s THEN %(other)s ELSE %(one)s END)"
            " WHERE mine.id IN (%(one)s, %(other)s)",
            pair,
        )

    return tamper


def swap_ids(superuser: psycopg.Connection) -> None:
    one, other = clearance_of(superuser, 4), clearance_of(superuser, 8)
    for before, after in ((one, -1), (other, one), (-1, other)):
        superuser.execute("UPDATE compliance_clearance SET id = %s WHERE id = %s", [after, before])


def cut_the_end_off(superuser: psycopg.Connection) -> None:
    superuser.execute("DELETE FROM compliance_ledgerseal WHERE position = 3")
    superuser.execute("DELETE FROM compliance_ledgerentry WHERE sequence >= 13")
    superuser.execute("DELETE FROM compliance_clearanceend")
    superuser.execute("UPDATE compliance_clearance SET state = 'GRANTED', used_at = NULL WHERE state = 'USED'")


COPY = (
    "number, person_key, campaign_key, seller_id, purpose, channel, caller_number, subject, debt, granted, codes,"
    " refusals, notes, facts, rulebook, tables, judged_at, next_allowed_at, expires_at, state, used_at, lapsed_at"
)
INSERT = (
    f"INSERT INTO compliance_clearance (id, workspace_id, sameness, {COPY})"  # noqa: S608 - our own columns
    f" SELECT %(new)s, workspace_id, sameness || 'x', {COPY} FROM compliance_clearance WHERE id = %(id)s"
)


def slip_one_in(superuser: psycopg.Connection) -> None:
    refused = clearance_of(superuser, 3)
    superuser.execute(INSERT.replace("sameness || 'x'", "left(sameness, 60)"), {"new": -5, "id": refused})


def change_row_and_entry(superuser: psycopg.Connection) -> None:
    of_row(5, "UPDATE compliance_clearance SET number = '+12125550199' WHERE id = %(id)s")(superuser)
    superuser.execute("UPDATE compliance_ledgerentry SET hash = sha256('made up') WHERE sequence = 5")


SET = "UPDATE compliance_clearance SET {} WHERE id = %(id)s"


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (of_row(3, SET.format("codes = '{LITIGATOR}'")), "Row 3: clearance"),
        (of_row(4, SET.format("number = '+12125550199'")), "Row 4: clearance"),
        (of_row(4, SET.format("person_key = person_key || ' '")), "Row 4: clearance"),
        (of_row(5, SET.format("judged_at = judged_at + interval '1 microsecond'")), "Row 5: clearance"),
        (of_row(5, SET.format("expires_at = expires_at + interval '1 day'")), "Row 5: clearance"),
        (of_row(7, SET.format("facts = replace(facts, 'NY', 'NJ')")), "Row 7: clearance"),
        (of_row(8, SET.format("notes = '[\"nothing to see\"]'")), "Row 8: clearance"),
        (of_row(9, SET.format("refusals = refusals - 0")), "Row 9: clearance"),
        (of_row(12, SET.format("rulebook = 'us-2020-01-01@000000000000'")), "Row 12: clearance"),
        (of_row(2, SET.format("purpose = 'survey'")), "Row 2: clearance"),
        # Reads alike when strung together.
        (
            of_row(
                2,
                SET.format(
                    "person_key = person_key || '|campaign', campaign_key = replace(campaign_key, 'campaign|', '')"
                ),
            ),
            "Row 2: clearance",
        ),
        (of_row(4, "DELETE FROM compliance_clearance WHERE id = %(id)s"), "was removed"),
        (of_row(12, "DELETE FROM compliance_clearance WHERE id = %(id)s"), "Row 12: clearance"),
        (swap(4, 8, "number, person_key, facts"), "Row 4: clearance"),
        (swap(2, 5, "judged_at, campaign_key"), "Row 2: clearance"),
        (swap_ids, "Row 4: clearance"),
        (slip_one_in, "put in later"),
        (sql("TRUNCATE compliance_clearance CASCADE"), "Row 1: clearance"),
        (sql("TRUNCATE compliance_ledgerentry"), "Row 1 of the ledger was removed"),
        (sql("TRUNCATE compliance_ledgerseal"), "Row 1 is missing"),
        (sql("DELETE FROM compliance_ledgerentry WHERE sequence = 7"), "Row 7 of the ledger was removed"),
        (sql("DELETE FROM compliance_ledgerseal WHERE position = 2"), "Row 7 is missing"),
        (sql("UPDATE compliance_ledgerseal SET hash = sha256('x') WHERE position = 2"), "Seal 2"),
        (sql("UPDATE compliance_ledgerseal SET newest_at = newest_at - interval '5 years'"), "Seal 1"),
        (
            sql("UPDATE compliance_ledgerseal SET sealed_at = sealed_at + interval '1 hour' WHERE position = 3"),
            "Seal 3",
        ),
        (sql("UPDATE compliance_ledgerseal SET last_clearance_id = 0 WHERE position = 2"), "Seal 2"),
        (sql("UPDATE compliance_ledgerentry SET hash = sha256('x') WHERE sequence = 11"), "Row 11: clearance"),
        (change_row_and_entry, "Row 5: clearance"),
        (sql("UPDATE compliance_clearanceend SET at = at + interval '1 second'"), "Row 13: the end"),
        (sql("UPDATE compliance_clearanceend SET state = 'LAPSED'"), "Row 13: the end"),
        (sql("DELETE FROM compliance_clearanceend"), "Row 13: the end"),
        (
            of_row(
                1,
                SET.format("state = 'LAPSED', lapsed_at = used_at, used_at = NULL"),
            ),
            "state of clearance",
        ),
        (
            of_row(4, SET.format("state = 'USED', used_at = judged_at")),
            "state of clearance",
        ),
        (cut_the_end_off, "Row 13 is missing: seal 3 was kept outside"),
    ],
)
def test_tampering_is_found_and_the_first_bad_row_named(
    tamper: Tamper, named: str, sealed: Workspace, superuser_sql: psycopg.Connection
) -> None:
    tamper(superuser_sql)
    fault = ledger.verify(sealed).fault
    assert fault is not None
    assert named in fault.text


TRIALS = 10_000 if os.environ.get("CALLWRIGHT_CHAOS") else 150
EDITS = (
    "number = number || '0'",
    "person_key = reverse(person_key)",
    "campaign_key = campaign_key || ' '",
    "purpose = upper(purpose)",
    "channel = 'TEXT'",
    "caller_number = '+12125550199'",
    "subject = 'x'",
    "debt = 'x'",
    "refusals = refusals || '[{}]'",
    "notes = notes || '[null]'",
    "facts = overlay(facts placing ' ' from 2 for 0)",
    "rulebook = rulebook || '0'",
    "tables = ''",
    "judged_at = judged_at - interval '1 microsecond'",
    "next_allowed_at = coalesce(next_allowed_at, judged_at) + interval '1 second'",
)


def test_of_any_edit_deletion_or_swap_the_first_row_is_named(
    sealed: Workspace, superuser_sql: psycopg.Connection
) -> None:
    dice = random.Random(17)  # noqa: S311 - the same trials in every run
    superuser_sql.execute("CREATE TEMPORARY TABLE as_it_was AS SELECT * FROM compliance_clearance")
    ids = {sequence: clearance_of(superuser_sql, sequence) for sequence in range(1, ROWS + 1)}
    for _ in range(TRIALS):
        one, other = sorted(dice.sample(sorted(ids), 2))
        deed = dice.choice(["edit", "delete", "swap"])
        if deed == "edit":
            superuser_sql.execute(f"UPDATE compliance_clearance SET {dice.choice(EDITS)} WHERE id = {ids[one]}")  # noqa: S608
        elif deed == "delete":
            superuser_sql.execute("DELETE FROM compliance_clearance WHERE id = %s", [ids[one]])
        else:
            swap(one, other, "person_key, campaign_key, judged_at")(superuser_sql)
        fault = ledger.verify(sealed).fault
        assert fault is not None, (deed, one, other)
        assert fault.sequence == one, (deed, one, other, fault)
        superuser_sql.execute("DELETE FROM compliance_clearance")
        superuser_sql.execute("INSERT INTO compliance_clearance SELECT * FROM as_it_was")
    assert ledger.verify(sealed).intact


def test_a_ledger_rewritten_to_the_last_hash_does_not_match_its_heads(
    sealed: Workspace, superuser_sql: psycopg.Connection
) -> None:
    of_row(8, "UPDATE compliance_clearance SET number = '+12125550199' WHERE id = %(id)s")(superuser_sql)
    superuser_sql.execute("DELETE FROM compliance_ledgerentry")
    superuser_sql.execute("DELETE FROM compliance_ledgerseal")
    file = heads.heads_file()
    kept = file.read_text()
    file.write_text("")
    for second in range(3):
        ledger.seal(workspace=sealed, now=NOW + timedelta(seconds=10 * second))
    assert ledger.verify(sealed).intact
    file.write_text(kept)
    fault = ledger.verify(sealed).fault
    assert fault is not None
    assert "not the one kept outside" in fault.text


def test_a_ledger_without_heads_says_so(sealed: Workspace, heads_elsewhere: Path) -> None:
    heads_elsewhere.unlink()
    fault = ledger.verify(sealed).fault
    assert fault is not None
    assert "No head of this ledger" in fault.text


# Heads


def test_a_head_that_was_not_written_is_written_by_the_next_sealing(sealed: Workspace, heads_elsewhere: Path) -> None:
    whole = heads_elsewhere.read_bytes()
    heads_elsewhere.write_bytes(whole[:-40])  # the machine stopped in the middle of the last line
    ledger.seal(workspace=sealed, now=NOW)
    assert [head["seal"] for head in heads.heads_of(sealed)] == [1, 2, 3]
    assert ledger.verify(sealed).intact


def test_where_heads_cannot_be_kept_it_says_what_to_do(
    harbor: Workspace, seller: Seller, settings: object, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    settings.LEDGER_HEADS = str(tmp_path / "file" / "heads.jsonl")  # type: ignore[attr-defined]
    with in_workspace(harbor.pk):
        clear_one(seller)
    with pytest.raises(ledger.CannotKeepHeads, match="LEDGER_HEADS"):
        ledger.seal(workspace=harbor, now=NOW)
    settings.LEDGER_HEADS = str(tmp_path / "heads.jsonl")  # type: ignore[attr-defined]
    ledger.seal(workspace=harbor, now=NOW)
    assert ledger.verify(harbor).intact


# The commands


def test_the_command_names_the_fault_and_fails(sealed: Workspace, superuser_sql: psycopg.Connection) -> None:
    said = StringIO()
    call_command("verify_ledger", workspace=sealed.slug, stdout=said)
    assert "Harbor Dental: intact, 14 rows in 3 seals." in said.getvalue()
    of_row(4, SET.format("number = '+12125550199'"))(superuser_sql)
    with pytest.raises(SystemExit):
        call_command("verify_ledger", stdout=said)
    assert "NOT INTACT. Row 4" in said.getvalue()


def test_the_sealing_command_seals_every_workspace(harbor: Workspace, seller: Seller, summit: Workspace) -> None:
    with in_workspace(harbor.pk):
        clear_one(seller)
    said = StringIO()
    call_command("seal_ledger", stdout=said)
    assert said.getvalue() == "Harbor Dental: 1 rows sealed.\nSummit Logistics: 0 rows sealed.\n"


def test_each_workspace_has_a_ledger_of_its_own(sealed: Workspace, summit: Workspace) -> None:
    verified = ledger.verify(summit)
    assert (verified.rows, verified.seals, verified.head, verified.intact) == (0, 0, "", True)


# Retention

SIX_YEARS = timedelta(days=6 * 366)


def test_after_five_years_whole_batches_go_and_their_seals_stay(sealed: Workspace, seller: Seller) -> None:
    almost = NOW.replace(year=NOW.year + 5)
    assert ledger.purge(workspace=sealed, now=almost) == 0
    with in_workspace(sealed.pk):
        clear_one(seller, now=NOW + SIX_YEARS)
    ledger.seal(workspace=sealed, now=NOW + SIX_YEARS)
    assert ledger.purge(workspace=sealed, now=NOW + SIX_YEARS) == 3
    with in_workspace(sealed.pk):
        assert Clearance.objects.count() == 1
        assert LedgerSeal.objects.count() == 4
    verified = ledger.verify(sealed)
    assert verified.intact
    with in_workspace(sealed.pk):
        assert LedgerEntry.objects.count() == verified.rows


def test_a_legal_hold_keeps_everything(sealed: Workspace, olive: User) -> None:
    with in_workspace(sealed.pk):
        hold = actions.place_legal_hold(reason="Letter of 2 March", by=olive, now=NOW)
    assert ledger.purge(workspace=sealed, now=NOW + SIX_YEARS) == 0
    with in_workspace(sealed.pk):
        with pytest.raises(DatabaseError), transaction.atomic():
            LedgerSeal.objects.update(purged_at=NOW + SIX_YEARS)
        actions.release_legal_hold(hold, by=olive, now=NOW)
    assert ledger.purge(workspace=sealed, now=NOW + SIX_YEARS) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE compliance_ledgerseal SET purged_at = newest_at + interval '4 years'",
        "UPDATE compliance_ledgerseal SET hash = hash",
        "DELETE FROM compliance_ledgerseal",
        "UPDATE compliance_ledgerentry SET hash = hash",
        "DELETE FROM compliance_ledgerentry",
        "DELETE FROM compliance_clearance",
        "DELETE FROM compliance_clearanceend",
        "TRUNCATE compliance_ledgerseal",
    ],
)
def test_the_app_itself_cannot_shorten_the_ledger(statement: str, sealed: Workspace) -> None:
    with (
        in_workspace(sealed.pk),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

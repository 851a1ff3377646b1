"""Races, run as races: real connections, real commits."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance import actions, clearing, ledger
from compliance.models import Clearance, ClearanceEnd, RefusalRepeat, Seller, StaleClearance, Suppression
from compliance.wishes import OptOut
from exports.models import Event
from tests.compliance_clearing.cast import BEN, CHLOE, clear_one, wanted
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("committed_db")
WORKERS = 8
Found = TypeVar("Found")


def at_once(work: Callable[[int], Found], *, workers: int = WORKERS) -> list[Found]:
    """Let so many workers do it at the same moment, each on a connection of its own."""
    ready = Barrier(workers)

    def worker(place: int) -> Found:
        try:
            connection.ensure_connection()
            ready.wait(timeout=20)
            return work(place)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(worker, range(workers)))


def granted() -> int:
    return Clearance.objects.filter(granted=True).count()


@pytest.mark.parametrize("round_", range(5))
def test_eight_who_clear_one_person_of_two_numbers_grant_exactly_three(
    round_: int, harbor: Workspace, seller: Seller
) -> None:
    def clear(place: int) -> None:
        for turn in range(3):
            with in_workspace(harbor.pk):
                number = (CHLOE, BEN)[(place + turn) % 2]
                # Clocks differ by a little, and whoever waited longest has the oldest reading.
                now = NOW + timedelta(milliseconds=random.Random(place).randrange(500))  # noqa: S311
                clear_one(seller, number=number, campaign_key=f"campaign {place} {turn}", now=now)

    at_once(clear)
    with in_workspace(harbor.pk):
        assert granted() == 3
        refused = Clearance.objects.filter(granted=False).values_list("codes", flat=True)
        assert all(codes == ["ATTEMPT_CAP"] for codes in refused)
        assert Clearance.objects.count() == WORKERS * 3


def test_one_number_of_many_persons_is_capped_too(harbor: Workspace, seller: Seller) -> None:
    def clear(place: int) -> None:
        with in_workspace(harbor.pk):
            clear_one(seller, person_key=f"person {place}", campaign_key=f"campaign {place}")

    at_once(clear)
    with in_workspace(harbor.pk):
        assert granted() == 3


def test_batches_that_name_the_same_people_in_any_order_neither_deadlock_nor_overrun(
    harbor: Workspace, seller: Seller
) -> None:
    people = [(f"+1212555{100 + at % 40:04}", f"person {at}") for at in range(20)]

    def clear(place: int) -> None:
        mixed = people.copy()
        random.Random(place).shuffle(mixed)  # noqa: S311 - the same mix in every run
        asked = [
            wanted(seller, number=number, person_key=key, campaign_key=f"{place}", purpose="informational")
            for number, key in mixed
        ]
        for turn in range(3):
            with in_workspace(harbor.pk):
                clearing.clear(asked, now=NOW + timedelta(seconds=turn))

    at_once(clear)
    with in_workspace(harbor.pk):
        for number, _ in people:
            assert Clearance.objects.filter(number=number, granted=True).count() <= 3


def test_a_clearance_is_used_once_however_many_try(harbor: Workspace, seller: Seller) -> None:
    with in_workspace(harbor.pk):
        clearance_id = clear_one(seller).pk

    def use(place: int) -> bool:
        with in_workspace(harbor.pk):
            clearance = Clearance.objects.get(pk=clearance_id)
            try:
                clearance.use(number=CHLOE, campaign_key="spring", now=NOW)
            except StaleClearance:
                return False
            return True

    assert sum(at_once(use)) == 1


def test_use_and_lapse_never_both_win(harbor: Workspace, seller: Seller) -> None:
    """Some clocks say it is still good, some that it has expired."""
    with in_workspace(harbor.pk):
        clearance_id = clear_one(seller).pk

    def use_or_lapse(place: int) -> None:
        with in_workspace(harbor.pk):
            clearance = Clearance.objects.get(pk=clearance_id)
            if place % 2:
                clearing.lapse_expired(now=NOW + timedelta(seconds=31))
                return
            try:
                clearance.use(number=CHLOE, campaign_key="spring", now=NOW + timedelta(seconds=29))
            except StaleClearance:
                return

    at_once(use_or_lapse)
    with in_workspace(harbor.pk):
        assert ClearanceEnd.objects.count() == 1
        assert Clearance.objects.get().state == ClearanceEnd.objects.get().state


def test_a_clearance_lost_to_a_faster_clock_cannot_be_used_beside_its_successor(
    harbor: Workspace, seller: Seller, olive: User
) -> None:
    with in_workspace(harbor.pk):
        actions.change_policy(platform_count=1, by=olive, now=NOW)
        first = clear_one(seller)
    with in_workspace(harbor.pk):
        second = clear_one(seller, campaign_key="autumn", now=NOW + timedelta(seconds=30))
        assert second.granted
    with in_workspace(harbor.pk), pytest.raises(StaleClearance):
        first.use(number=CHLOE, campaign_key="spring", now=NOW + timedelta(seconds=29))


def test_a_suppression_committed_before_is_always_seen(harbor: Workspace, seller: Seller) -> None:
    """Each worker suppresses somebody, commits, and only then asks; others clear batches with them all the while."""

    def suppress_then_clear(place: int) -> bool:
        number = f"+1212555{100 + place:04}"
        for turn in range(5):
            person = f"person {place} {turn}"
            with in_workspace(harbor.pk):
                clear_one(seller, person_key="noise", campaign_key=f"noise {place} {turn}")
            with in_workspace(harbor.pk):
                opt_out = OptOut(numbers=[number], person_key=person, how=Suppression.How.KEYPRESS)
                actions.suppress(opt_out, by=None, now=NOW)
            with in_workspace(harbor.pk):
                asked = [wanted(seller, number=each, person_key=person) for each in (number, CHLOE)]
                if any("INTERNAL_DNC" not in answer.codes for answer in clearing.clear(asked, now=NOW)):
                    return False
        return True

    assert all(at_once(suppress_then_clear))


def test_an_opt_out_does_not_wait_for_a_batch_being_cleared(harbor: Workspace, seller: Seller) -> None:
    held, done = Barrier(2), Barrier(2)

    def either(place: int) -> None:
        with in_workspace(harbor.pk):
            if place == 0:
                clear_one(seller)
                held.wait(timeout=10)
                done.wait(timeout=10)  # still inside its transaction, with the locks on Chloé
            else:
                held.wait(timeout=10)
                actions.suppress(
                    OptOut(numbers=[CHLOE], person_key="chloe", how=Suppression.How.VOICE), by=None, now=NOW
                )
        if place == 1:
            done.wait(timeout=10)

    at_once(either, workers=2)
    with in_workspace(harbor.pk):
        assert Suppression.objects.count() == 1


def test_the_same_opt_out_told_eight_times_at_once_is_one(harbor: Workspace, seller: Seller) -> None:
    def suppress(_: int) -> None:
        with in_workspace(harbor.pk):
            actions.suppress(OptOut(numbers=[CHLOE], person_key="chloe", how=Suppression.How.VOICE), by=None, now=NOW)

    at_once(suppress)
    with in_workspace(harbor.pk):
        assert Suppression.objects.count() == 1
        assert Event.objects.filter(kind="number.suppressed").count() == 1


def test_the_same_refusal_given_at_once_is_one_with_its_count(harbor: Workspace, seller: Seller) -> None:
    def clear(_: int) -> None:
        with in_workspace(harbor.pk):
            clear_one(seller, script_complete=False)

    at_once(clear)
    with in_workspace(harbor.pk):
        assert Clearance.objects.count() == 1
        assert RefusalRepeat.objects.get().count == WORKERS - 1


def test_sealing_while_others_write_leaves_no_row_out(harbor: Workspace, seller: Seller) -> None:
    def write_or_seal(place: int) -> None:
        for turn in range(12):
            if place == 0:
                ledger.seal(workspace=harbor, now=NOW)
                continue
            with in_workspace(harbor.pk):
                clearance = clear_one(
                    seller, number=f"+1212555{100 + place:04}", person_key=f"{place} {turn}", campaign_key=f"{turn}"
                )
                if clearance.granted:
                    clearance.use(number=clearance.number, campaign_key=f"{turn}", now=NOW)

    at_once(write_or_seal)
    ledger.seal(workspace=harbor, now=NOW)
    verified = ledger.verify(harbor)
    assert verified.fault is None
    assert verified.unsealed == 0
    with in_workspace(harbor.pk):
        assert verified.rows == Clearance.objects.count() + ClearanceEnd.objects.count()


def test_a_row_still_being_written_is_waited_for_and_never_left_behind(harbor: Workspace, seller: Seller) -> None:
    written, sealed = Barrier(2), Barrier(2)

    def write_or_seal(place: int) -> None:
        if place == 0:
            with in_workspace(harbor.pk):
                clear_one(seller)
                written.wait(timeout=10)
                sealed.wait(timeout=10)
            return
        written.wait(timeout=10)
        with in_workspace(harbor.pk):
            clear_one(seller, number=BEN, person_key="ben")  # drawn a later number, and committed sooner
        ledger.seal(workspace=harbor, now=NOW)
        sealed.wait(timeout=10)

    at_once(write_or_seal, workers=2)
    ledger.seal(workspace=harbor, now=NOW)
    verified = ledger.verify(harbor)
    assert verified.fault is None
    assert verified.rows == 2


def test_eight_sealers_make_one_chain(harbor: Workspace, seller: Seller) -> None:
    with in_workspace(harbor.pk):
        for turn in range(3):
            clear_one(seller, campaign_key=f"{turn}")
    rows = at_once(lambda _: ledger.seal(workspace=harbor, now=NOW))
    assert sum(rows) == 3
    assert ledger.verify(harbor).intact

"""What happens by the clock, in every workspace, and may happen twice."""

from datetime import timedelta

import pytest

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance import ledger, opening, tasks
from compliance.clearing import consider
from compliance.hours import key_of
from compliance.models import Clearance, LedgerSeal, OpenHours, Seller
from compliance.rulebook import load
from config import clock
from tests.compliance_clearing.cast import clear_one, lawful, wanted
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "CLOCK", clock.Clock(NOW, NOW, speed=1e-12))


@pytest.fixture
def both(harbor: Workspace, seller: Seller, summit: Workspace, sam: User) -> list[Workspace]:
    theirs = lawful(summit, sam)
    for workspace, of in ((harbor, seller), (summit, theirs)):
        with in_workspace(workspace.pk):
            assert clear_one(of, now=NOW - timedelta(minutes=1)).granted
    return [harbor, summit]


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_not_used_lapses_and_is_sealed_in_every_workspace(times: int, both: list[Workspace]) -> None:
    for _ in range(times):
        tasks.lapse_clearances()
        tasks.seal_ledgers()
        tasks.purge_ledgers()
    for workspace in both:
        with in_workspace(workspace.pk):
            assert Clearance.objects.get().state == "LAPSED"
            assert LedgerSeal.objects.get().row_count == 2
        assert ledger.verify(workspace).intact


def test_open_hours_are_kept_fresh(harbor: Workspace, seller: Seller) -> None:
    with in_workspace(harbor.pk):
        [considered] = consider([wanted(seller)], now=NOW)
        opening.keep_hours_of([str(key_of(considered.facts, load()))], now=NOW - timedelta(days=1))
    tasks.refresh_open_hours()
    with in_workspace(harbor.pk):
        row = OpenHours.objects.get()
    assert row.opens_at is not None
    assert row.closes_at is not None
    assert row.opens_at - NOW < timedelta(seconds=1) < row.closes_at - NOW

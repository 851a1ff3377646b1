"""May I call? One number, one moment, every reason: and nothing kept."""

from datetime import timedelta

import pytest

from accounts.models import AuditEntry, User, Workspace
from accounts.tenancy import in_workspace
from compliance import actions
from compliance.models import Clearance, Seller, Suppression
from compliance.wishes import OptOut
from tests.compliance_clearing.cast import CHLOE, clear_one
from tests.compliance_pages.reading import ClientOf, asked, shown, url
from tests.conftest import NOW


def test_it_asks_for_a_number_and_takes_the_present_moment(client_of: ClientOf, ada: User) -> None:
    page = shown(client_of(ada).get(url("may_i_call")))
    assert "Left empty: now" in page
    assert "must not be called" not in page


def test_a_lawful_call_is_told_yes_with_every_gate(client_of: ClientOf, ada: User, seller: Seller) -> None:
    page = shown(asked(client_of(ada), seller=seller.pk))
    assert "Yes, it may be called" in page
    assert page.count("Passed") == 10
    assert "Written consent to sales calls, given 2026-02-21" in page
    assert "Not listed; our copy is 3 days old" in page
    assert "New York, Tuesday 10:30 EST" in page


def test_asking_reserves_and_keeps_nothing(client_of: ClientOf, ada: User, seller: Seller, harbor: Workspace) -> None:
    with in_workspace(harbor.pk):
        before = AuditEntry.objects.count()
    asked(client_of(ada), seller=seller.pk)
    with in_workspace(harbor.pk):
        assert Clearance.objects.count() == 0
        assert AuditEntry.objects.count() == before


def test_a_night_call_is_told_when_the_hours_open_in_both_times(client_of: ClientOf, ada: User, seller: Seller) -> None:
    page = shown(asked(client_of(ada), seller=seller.pk, at="2026-03-03T22:15"))
    assert "No, it must not be called" in page
    assert "HOURS_FEDERAL" in page
    assert "47 CFR 64.1200(c)(1)" in page
    assert "It may be called from 4 Mar 2026, 13:00 UTC" in page
    assert "Wednesday 4 March, 08:00 in New York" in page


def test_every_reason_is_told_at_once(client_of: ClientOf, ada: User, harbor: Workspace) -> None:
    page = shown(asked(client_of(ada), at="2026-03-01T07:00"))
    for code in ("SELLER_NOT_REGISTERED", "NO_CONSENT_PEWC", "DNC_SNAPSHOT_STALE", "RND_NO_DATA", "HOURS_FEDERAL"):
        assert code in page
    assert "Waiting alone changes nothing here. As far as hours go, the next opening is" in page
    assert "Without a seller no consent counts" in page


def test_somebody_who_opted_out_is_not_called(
    client_of: ClientOf, ada: User, seller: Seller, harbor: Workspace, otto: User
) -> None:
    with in_workspace(harbor.pk):
        actions.suppress(OptOut(numbers=[CHLOE], how=Suppression.How.VOICE), by=otto, now=NOW)
    page = shown(asked(client_of(ada), seller=seller.pk))
    assert "This person asked not to be called." in page
    assert "Asked not to be contacted, since 2026-03-03" in page


def test_a_number_between_two_clocks_shows_both(client_of: ClientOf, ada: User, seller: Seller) -> None:
    page = shown(asked(client_of(ada), "+18505550123", seller=seller.pk, state="", zip=""))
    assert "New York, Tuesday 10:30 EST" in page
    assert "Chicago, Tuesday 09:30 CST" in page


def test_the_moment_is_read_on_the_clock_that_was_chosen(client_of: ClientOf, ada: User, seller: Seller) -> None:
    page = shown(asked(client_of(ada), seller=seller.pk, at="2026-03-04T09:00", clock="America/Los_Angeles"))
    assert "4 Mar 2026, 17:00 UTC" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"number": "hello"}, "is not a telephone number"),
        ({"at": "2026-03-08T02:30"}, "That clock goes forward over this moment"),
        ({"at": "0001-01-01T00:00"}, "Choose a year from 2000 to 2100"),
        ({"at": "9999-12-31T23:59"}, "Choose a year from 2000 to 2100"),
        ({"purpose": "fun"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_asked_is_told_beside_the_field(
    client_of: ClientOf, ada: User, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in shown(asked(client_of(ada), **fields), status=422)


def test_a_moment_that_has_passed_is_judged_on_what_is_known_today_and_says_so(
    client_of: ClientOf, ada: User, seller: Seller, harbor: Workspace
) -> None:
    with in_workspace(harbor.pk):
        for hour in range(3):
            clear_one(seller, now=NOW - timedelta(minutes=hour)).use(
                number=CHLOE, campaign_key="spring", now=NOW - timedelta(minutes=hour)
            )
    assert "ATTEMPT_CAP" in shown(asked(client_of(ada), seller=seller.pk))
    page = shown(asked(client_of(ada), seller=seller.pk, at="2026-03-02T12:00"))
    assert "Judged on what is known today" in page
    assert "ATTEMPT_CAP" not in page, "calls made since did not count then"


def test_it_shows_what_was_answered_lately(client_of: ClientOf, ada: User, seller: Seller, harbor: Workspace) -> None:
    with in_workspace(harbor.pk):
        clearance = clear_one(seller)
    response = asked(client_of(ada), seller=seller.pk)
    assert url("decision", clearance_id=clearance.pk) in response.content.decode()


def test_no_address_of_the_page_holds_a_number(client_of: ClientOf, ada: User, seller: Seller) -> None:
    page = asked(client_of(ada), seller=seller.pk).content.decode()
    assert "?about=" in page
    assert "=%2B1212" not in page
    assert "=+1212" not in page


@pytest.mark.parametrize(
    ("number", "code"),
    [("+442079460123", "UNSUPPORTED_JURISDICTION"), ("+18005550123", "PROTECTED_LINE"), ("911", "PROTECTED_LINE")],
)
def test_a_number_that_belongs_nowhere_is_told_so(
    client_of: ClientOf, ada: User, seller: Seller, number: str, code: str
) -> None:
    response = asked(client_of(ada), number, seller=seller.pk, state="", zip="")
    assert code in shown(response)

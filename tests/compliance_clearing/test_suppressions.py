"""An opt-out holds at once, everywhere, until somebody lifts it with a reason or the person signs anew."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.actions import Refused
from accounts.models import AuditEntry, User, Workspace
from accounts.tenancy import in_workspace
from compliance import actions, clearing
from compliance.models import Consent, Seller, Suppression
from compliance.wishes import OptOut
from exports.models import Event
from tests.compliance_clearing.cast import BEN, CHLOE, DEV, agree, clear_one
from tests.conftest import NOW

VOICE = Suppression.How.VOICE


def test_it_covers_every_number_of_the_person(inside: Workspace, seller: Seller) -> None:
    actions.suppress(OptOut(numbers=[CHLOE], person_key="chloe", how=VOICE), by=None, now=NOW)
    assert clear_one(seller, number=BEN, person_key="chloe").codes == ["INTERNAL_DNC"]
    assert clear_one(seller, number=CHLOE, person_key="her husband").codes == ["INTERNAL_DNC"]
    assert clear_one(seller, number=DEV, person_key="dev").granted


def test_it_covers_one_number_where_the_person_limited_it(inside: Workspace, seller: Seller) -> None:
    limited = OptOut(numbers=[CHLOE], person_key="chloe", this_number_only=True, how=VOICE)
    actions.suppress(limited, by=None, now=NOW)
    assert clear_one(seller, number=CHLOE).codes == ["INTERNAL_DNC"]
    assert clear_one(seller, number=BEN).granted


def test_it_covers_a_person_of_whom_no_number_is_known(inside: Workspace, seller: Seller) -> None:
    actions.suppress(OptOut(person_key="chloe", how=Suppression.How.EMAIL), by=None, now=NOW)
    assert clear_one(seller).codes == ["INTERNAL_DNC"]
    assert clear_one(seller, number=BEN, person_key="ben").granted


def test_several_numbers_are_suppressed_in_one_breath(inside: Workspace, seller: Seller) -> None:
    rows = actions.suppress(OptOut(numbers=[CHLOE, BEN, CHLOE, "(212) 555-0125"], how=VOICE), by=None, now=NOW)
    assert [row.number for row in rows] == [CHLOE, BEN, DEV]


def test_one_purpose_alone_may_be_refused(inside: Workspace, seller: Seller) -> None:
    actions.suppress(OptOut(numbers=[CHLOE], scope="marketing", how=VOICE), by=None, now=NOW)
    assert clear_one(seller).codes == ["INTERNAL_DNC"]
    assert clear_one(seller, purpose="informational").granted


def test_one_channel_alone_may_be_refused(inside: Workspace, seller: Seller) -> None:
    no_texts = OptOut(numbers=[CHLOE], channel=Suppression.Channels.TEXT, how=Suppression.How.TEXT)
    actions.suppress(no_texts, by=None, now=NOW)
    assert clear_one(seller, channel="TEXT").codes == ["INTERNAL_DNC"]
    assert clear_one(seller, channel="CALL").granted


def test_mail_and_the_last_look_ask_the_same_list(inside: Workspace, seller: Seller) -> None:
    actions.suppress(OptOut(numbers=[BEN], person_key="ben", how=VOICE), by=None, now=NOW)
    pairs = [("", "ben"), (BEN, "somebody"), (CHLOE, "chloe"), ("", "")]
    stopped = clearing.suppressed(pairs, channel="EMAIL", purpose="marketing")
    assert stopped == {("", "ben"), (BEN, "somebody")}


def test_said_twice_it_stands_once(inside: Workspace, seller: Seller) -> None:
    opt_out = OptOut(numbers=[CHLOE], person_key="chloe", how=VOICE)
    [first] = actions.suppress(opt_out, by=None, now=NOW)
    [second] = actions.suppress(opt_out, by=None, now=NOW + timedelta(hours=1))
    assert first == second
    assert Suppression.objects.count() == Event.objects.filter(kind="number.suppressed").count() == 1


def test_it_tells_the_world_and_the_audit_log(inside: Workspace, seller: Seller, olive: User) -> None:
    asked = NOW - timedelta(minutes=2)
    opt_out = OptOut(numbers=[CHLOE], person_key="chloe", how=VOICE, requested_at=asked, evidence={"call": "k3j9"})
    [suppression] = actions.suppress(opt_out, by=olive, now=NOW)
    event = Event.objects.get(kind="number.suppressed")
    assert event.payload["number"] == CHLOE
    assert event.payload["person"] == "chloe"
    assert event.payload["covers"] == "PERSON"
    assert (suppression.requested_at, suppression.effective_at, suppression.by) == (asked, NOW, olive)
    entry = AuditEntry.objects.get(verb="number.suppressed")
    assert CHLOE not in f"{entry.subject} {entry.details}"


def test_it_is_never_turned_away_for_a_clock_that_runs_ahead(inside: Workspace, seller: Seller) -> None:
    ahead = OptOut(numbers=[CHLOE], how=VOICE, requested_at=NOW + timedelta(hours=2))
    [suppression] = actions.suppress(ahead, by=None, now=NOW)
    assert suppression.requested_at == NOW


def test_if_its_transaction_fails_the_world_hears_nothing(inside: Workspace, seller: Seller) -> None:
    savepoint = transaction.savepoint()
    actions.suppress(OptOut(numbers=[CHLOE], how=VOICE), by=None, now=NOW)
    transaction.savepoint_rollback(savepoint)
    assert not Suppression.objects.exists()
    assert not Event.objects.filter(kind="number.suppressed").exists()


@pytest.mark.parametrize(
    "opt_out",
    [
        OptOut(how=VOICE),
        OptOut(how=VOICE, person_key="chloe", this_number_only=True),
        OptOut(how=VOICE, numbers=["nonsense"]),
        OptOut(how=VOICE, numbers=[CHLOE], scope="gossip"),
    ],
)
def test_an_opt_out_of_nobody_is_refused_with_a_sentence(opt_out: OptOut, inside: Workspace) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        actions.suppress(opt_out, by=None, now=NOW)


# Lifting


def test_a_lift_needs_a_reason_and_happens_once(inside: Workspace, seller: Seller, olive: User) -> None:
    [suppression] = actions.suppress(OptOut(numbers=[CHLOE], how=VOICE), by=None, now=NOW)
    with pytest.raises(Refused):
        actions.lift(suppression, reason="  ", by=olive, now=NOW)
    actions.lift(suppression, reason="She called us and asked to be called", by=olive, now=NOW)
    with pytest.raises(Refused):
        actions.lift(suppression, reason="Again", by=olive, now=NOW)
    assert clear_one(seller).granted


def test_after_a_lift_the_same_words_stand_anew(inside: Workspace, seller: Seller, olive: User) -> None:
    opt_out = OptOut(numbers=[CHLOE], how=VOICE)
    [first] = actions.suppress(opt_out, by=None, now=NOW)
    actions.lift(first, reason="A mistake", by=olive, now=NOW)
    [second] = actions.suppress(opt_out, by=None, now=NOW)
    assert first != second
    assert clear_one(seller).codes == ["INTERNAL_DNC"]


# Signing anew


def test_a_later_complete_written_consent_releases(inside: Workspace, seller: Seller) -> None:
    actions.suppress(OptOut(numbers=[CHLOE], how=VOICE), by=None, now=NOW)
    later = NOW + timedelta(hours=1)
    agree(seller, at=later)
    clearance = clear_one(seller, now=later)
    assert clearance.granted
    assert clearance.read_facts().internal.released_by_consent_at == later


@pytest.mark.parametrize(
    ("origin", "parts"),
    [
        (Consent.Origin.IMPORT, {}),
        (Consent.Origin.FORM, {"says_not_a_condition": None}),
        (Consent.Origin.FORM, {"kind": Consent.Kind.PEC}),
        (Consent.Origin.FORM, {"scope": "informational"}),
    ],
)
def test_nothing_less_releases_and_an_imported_file_never(
    origin: Consent.Origin, parts: dict[str, Any], inside: Workspace, seller: Seller
) -> None:
    actions.suppress(OptOut(numbers=[CHLOE], how=VOICE), by=None, now=NOW)
    agree(seller, at=NOW + timedelta(hours=1), origin=origin, **parts)
    assert "INTERNAL_DNC" in clear_one(seller, now=NOW + timedelta(hours=1)).codes


def test_whoever_signed_and_says_stop_again_is_heard_again(inside: Workspace, seller: Seller) -> None:
    opt_out = OptOut(numbers=[CHLOE], how=VOICE)
    actions.suppress(opt_out, by=None, now=NOW)
    agree(seller, at=NOW + timedelta(minutes=10))
    actions.suppress(opt_out, by=None, now=NOW + timedelta(minutes=20))
    assert Suppression.objects.count() == 2
    assert clear_one(seller, now=NOW + timedelta(minutes=30)).codes == ["INTERNAL_DNC"]


def test_another_workspaces_opt_outs_stay_there(
    harbor: Workspace, seller: Seller, summit: Workspace, sam: User
) -> None:
    with in_workspace(summit.pk):
        actions.suppress(OptOut(numbers=[CHLOE], person_key="chloe", how=VOICE), by=sam, now=NOW)
    with in_workspace(harbor.pk):
        assert not Suppression.objects.exists()
        assert clear_one(seller).granted

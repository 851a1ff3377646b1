"""Consents with their evidence, and the sellers they are given to."""

import pytest

from accounts.models import AuditEntry, User, Workspace
from accounts.tenancy import in_workspace
from compliance.models import Attestation, CallerNumber, Consent, Seller
from tests.compliance_clearing.cast import CHLOE, agree, sell
from tests.compliance_pages.reading import ClientOf, asked, shown, url

EVE = "+12125550177"
SIGNED = {
    "number": EVE,
    "kind": "PEWC",
    "origin": "FORM",
    "scope": "all",
    "at": "2026-03-01T12:00",
    "clock": "America/New_York",
    "said": ["signed", "names_seller", "says_not_a_condition", "says_artificial_voice"],
    "person_name": "Eve Example",
    "text_shown": "I agree that Harbor Dental may call me with an artificial voice. Not a condition.",
    "signature_act": "checkbox, initially empty",
    "copy_ref": "copies/eve.png",
    "source_url": "https://harbor.example.com/offers",
}


@pytest.fixture
def harbor_ltd(harbor: Workspace, olive: User) -> Seller:
    with in_workspace(harbor.pk):
        return sell(olive, states=())


# Consents


def test_without_a_seller_there_is_nobody_to_consent_to(client_of: ClientOf, otto: User) -> None:
    page = shown(client_of(otto).get(url("consents")))
    assert "this workspace has no seller yet" in page
    assert "Record a consent" not in page


def test_a_consent_is_recorded_with_its_evidence_and_carries_the_next_call(
    client_of: ClientOf, otto: User, harbor: Workspace, seller: Seller
) -> None:
    page = shown(client_of(otto).post(url("record_consent"), {**SIGNED, "seller": seller.pk}, follow=True))
    assert "Given 1 Mar 2026, 17:00 UTC Web form" in page
    assert "checkbox, initially empty" in page
    assert "not complete" not in page
    assert "NO_CONSENT_PEWC" not in shown(asked(client_of(otto), EVE, seller=seller.pk))
    with in_workspace(harbor.pk):
        assert AuditEntry.objects.filter(verb="consent.recorded", user=otto).count() == 1


def test_evidence_that_lacks_something_is_kept_and_says_what_it_lacks(
    client_of: ClientOf, otto: User, seller: Seller
) -> None:
    said = {**SIGNED, "seller": seller.pk, "copy_ref": "", "person_name": "", "said": ["signed"]}
    page = shown(client_of(otto).post(url("record_consent"), said, follow=True))
    assert "It lacks the person's name, a copy of the page as it was shown." in page
    assert "NO_CONSENT_PEWC" in shown(asked(client_of(otto), EVE, seller=seller.pk))


def test_a_consent_from_the_future_is_refused(client_of: ClientOf, otto: User, seller: Seller) -> None:
    said = {**SIGNED, "seller": seller.pk, "at": "2026-03-09T12:00"}
    page = shown(client_of(otto).post(url("record_consent"), said), status=422)
    assert "cannot have been given in the future" in page


def test_a_seller_of_another_workspace_cannot_be_named(
    client_of: ClientOf, otto: User, seller: Seller, summit: Workspace, sam: User
) -> None:
    with in_workspace(summit.pk):
        theirs = sell(sam, name="Summit Ltd")
    page = shown(client_of(otto).post(url("record_consent"), {**SIGNED, "seller": theirs.pk}), status=422)
    assert "Select a valid choice" in page


def test_a_consent_taken_back_stops_the_next_call(
    client_of: ClientOf, otto: User, harbor: Workspace, seller: Seller
) -> None:
    with in_workspace(harbor.pk):
        given = Consent.objects.get(number=CHLOE)
    client = client_of(otto)
    said = {"scope": "all", "channel": "In the shop", "clock": "America/New_York"}
    shown(client.post(url("revoke_consent", consent_id=given.pk), said, follow=True))
    page = shown(client.get(url("consent", consent_id=given.pk)))
    assert "Taken back since" in page
    assert url("revoke_consent", consent_id=given.pk) not in page
    assert "CONSENT_REVOKED" in shown(asked(client, seller=seller.pk))


def test_consents_are_found_by_number(client_of: ClientOf, ada: User, seller: Seller) -> None:
    response = client_of(ada).post(url("consents"), {"number": "212 555 0123"}, follow=True)
    assert [consent.number for consent in response.context["rows"]] == [CHLOE]
    assert "5550123" not in response.redirect_chain[0][0]
    assert "gave none" in shown(client_of(ada).post(url("consents"), {"number": EVE}, follow=True))


def test_who_launches_nothing_records_no_consent(client_of: ClientOf, cora: User, seller: Seller) -> None:
    assert "Record a consent" not in shown(client_of(cora).get(url("consents")))
    assert client_of(cora).post(url("record_consent"), SIGNED).status_code == 403


def test_one_of_many_pages_leads_on(client_of: ClientOf, ada: User, harbor: Workspace, seller: Seller) -> None:
    with in_workspace(harbor.pk):
        for line in range(50):
            agree(seller, number=f"+1212555{line + 1000}")
    client = client_of(ada)
    first = client.get(url("consents"))
    second = client.get(first.context["older"])
    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 3)
    assert second.context["newest"] == url("consents")


# Sellers


def test_a_seller_is_added_and_attested_where_it_may_sell(client_of: ClientOf, cora: User, harbor: Workspace) -> None:
    client = client_of(cora)
    assert "No sellers yet" in shown(client.get(url("sellers")))
    said = {"name": "Harbor Dental Ltd", "callback_number": "212 555 0100", "san": "10017"}
    assert "Nowhere yet" in shown(client.post(url("add_seller"), said, follow=True))
    with in_workspace(harbor.pk):
        seller = Seller.objects.get()
    attested = {"jurisdiction": "FL", "reference": "TC-1742", "until": "2026-12-31"}
    page = shown(client.post(url("attest", seller_id=seller.pk), attested, follow=True))
    assert "Florida Holds until 31 Dec 2026 TC-1742" in page
    assert "There is already a seller called" in shown(client.post(url("add_seller"), said), status=422)
    assert "Harbor Dental Ltd +12125550100 1 0" in shown(client.get(url("sellers")))


def test_an_attestation_that_has_ended_says_so(client_of: ClientOf, cora: User, harbor_ltd: Seller) -> None:
    said = {"jurisdiction": "FL", "reference": "TC-1742", "until": "2026-03-02"}
    page = shown(client_of(cora).post(url("attest", seller_id=harbor_ltd.pk), said, follow=True))
    assert "Florida Ended until 2 Mar 2026" in page


def test_a_withdrawn_attestation_refuses_the_next_call(
    client_of: ClientOf, cora: User, harbor: Workspace, seller: Seller
) -> None:
    with in_workspace(harbor.pk):
        held = Attestation.objects.get(jurisdiction="NY")
    client, address = client_of(cora), url("withdraw_attestation", attestation_id=held.pk)
    assert "Sales calls there are refused from this moment." in shown(client.post(address, follow=True))
    assert "SELLER_NOT_REGISTERED" in shown(asked(client, seller=seller.pk))
    assert "withdrawn already" in shown(client.post(address, follow=True))


def test_a_number_calls_nobody_until_somebody_says_that_it_is_ours(
    client_of: ClientOf, cora: User, harbor: Workspace, harbor_ltd: Seller
) -> None:
    client, address = client_of(cora), url("add_caller_number", seller_id=harbor_ltd.pk)
    said = {"number": "+12125550190", "level": "A"}
    assert "+12125550190 Not verified" in shown(client.post(address, said, follow=True))
    assert "calls from that number already" in shown(client.post(address, said), status=422)
    with in_workspace(harbor.pk):
        number = CallerNumber.objects.get()
    verified = client.post(url("verify_caller_number", caller_number_id=number.pk), follow=True)
    assert "+12125550190 Verified" in shown(verified)


def test_who_may_only_look_is_offered_nothing(client_of: ClientOf, ada: User, harbor_ltd: Seller) -> None:
    page = client_of(ada).get(url("seller", seller_id=harbor_ltd.pk)).content.decode()
    assert url("attest", seller_id=harbor_ltd.pk) not in page
    assert client_of(ada).post(url("attest", seller_id=harbor_ltd.pk)).status_code == 403

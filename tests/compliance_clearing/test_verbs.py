"""The nouns around a clearance, and what may not be said of them."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.actions import Refused
from accounts.models import AuditEntry, User, Workspace
from compliance import actions, clearing, opening
from compliance.evidence import Evidence, missing
from compliance.facts import Address
from compliance.gather import own_rules
from compliance.hours import key_of
from compliance.models import Consent, OpenHours, Seller, WorkspacePolicy
from compliance.policy import Emergency, Loosened, OwnCap, Policy
from compliance.rulebook import load
from compliance.wishes import Permission
from tests.compliance_clearing.cast import CHLOE, EVIDENCE, agree, clear_one, sell, wanted
from tests.conftest import NOW

Kind, Origin = Consent.Kind, Consent.Origin


# Sellers


def test_a_seller_has_a_key_that_registries_and_facts_name_it_by(
    inside: Workspace, seller: Seller, olive: User
) -> None:
    assert seller.key == "harbor-dental-ltd"
    assert sell(olive, name="Harbor Dental, Ltd.").key == "harbor-dental-ltd-2"
    assert clear_one(seller).read_facts().seller == "harbor-dental-ltd"


def test_two_sellers_do_not_share_a_name(inside: Workspace, seller: Seller, olive: User) -> None:
    with pytest.raises(Refused):
        sell(olive, name="harbor dental LTD")


@pytest.mark.parametrize("name", ["", "   "])
def test_a_seller_needs_a_name(name: str, inside: Workspace, olive: User) -> None:
    with pytest.raises(Refused):
        sell(olive, name=name)


def test_an_attestation_holds_to_the_end_of_its_last_day_there(inside: Workspace, seller: Seller, olive: User) -> None:
    actions.attest(seller, jurisdiction="NY", reference="Bond 4", until=date(2026, 3, 3), by=olive, now=NOW)
    assert clear_one(seller, now=NOW + timedelta(hours=9)).granted
    assert clear_one(seller, now=NOW + timedelta(days=1)).codes == ["SELLER_NOT_REGISTERED"]


def test_a_newer_attestation_takes_the_place_of_the_one_before(inside: Workspace, seller: Seller, olive: User) -> None:
    newer = actions.attest(seller, jurisdiction="NY", reference="Bond 5", by=olive, now=NOW)
    assert seller.attestations.get(withdrawn_at=None) == newer
    actions.withdraw_attestation(newer, by=olive, now=NOW)
    with pytest.raises(Refused):
        actions.withdraw_attestation(newer, by=olive, now=NOW)


@pytest.mark.parametrize(("jurisdiction", "reference"), [("XX", "Bond 4"), ("NY", "  ")])
def test_a_careless_attestation_is_refused(
    jurisdiction: str, reference: str, inside: Workspace, seller: Seller, olive: User
) -> None:
    with pytest.raises(Refused):
        actions.attest(seller, jurisdiction=jurisdiction, reference=reference, by=olive, now=NOW)


def test_a_number_we_call_from_is_verified_and_rested(inside: Workspace, seller: Seller, olive: User) -> None:
    number = actions.add_caller_number(seller, number="(212) 555-0190", by=olive, now=NOW)
    assert number.number == "+12125550190"
    assert not number.may_call(now=NOW)
    actions.verify_caller_number(number, by=olive, now=NOW)
    assert number.may_call(now=NOW)
    actions.rest_caller_number(number, until=NOW + timedelta(days=1), by=olive, now=NOW)
    assert not number.may_call(now=NOW)
    assert number.may_call(now=NOW + timedelta(days=1))
    with pytest.raises(Refused):
        actions.add_caller_number(seller, number="+12125550190", by=olive, now=NOW)


# Evidence


def without(**parts: str) -> Evidence:
    kept = {**{name: getattr(EVIDENCE, name) for name in Evidence.__slots__}, **parts}
    return Evidence(**kept)


@pytest.mark.parametrize(
    ("kind", "origin", "evidence", "lacks"),
    [
        ("PEWC", "FORM", EVIDENCE, []),
        ("PEWC", "FORM", without(copy_ref=""), ["a copy of the page as it was shown"]),
        ("PEWC", "FORM", without(copy_ref="", certificate="visit 17"), []),
        ("PEWC", "FORM", without(source_url=""), ["the address of the page"]),
        ("PEWC", "PAPER", without(source_url=""), []),
        ("PEWC", "VOICE", EVIDENCE, ["the recording"]),
        ("PEWC", "VOICE", without(recording_ref="calls/17.wav", copy_ref=""), []),
        ("PEWC", "IMPORT", without(person_name="", text_shown=""), ["the person's name", "the text they agreed to"]),
        ("DNC_PERMISSION", "FORM", without(signature_act=""), ["how they signed"]),
        ("PEC", "DECLARATION", Evidence(note="At the desk"), []),
        ("PEC", "FORM", Evidence(), ["what they agreed to"]),
    ],
)
def test_evidence_says_what_it_lacks(kind: str, origin: str, evidence: Evidence, lacks: list[str]) -> None:
    assert missing(kind, origin, evidence) == lacks


def test_incomplete_evidence_is_kept_and_carries_no_sales_call(inside: Workspace, seller: Seller) -> None:
    consent = agree(seller, number="+12125550166", evidence=without(copy_ref=""))
    assert consent.complete is False
    assert consent.evidence["text_version"]
    assert "NO_CONSENT_PEWC" in clear_one(seller, number="+12125550166").codes


def test_a_consent_from_the_future_is_refused(inside: Workspace, seller: Seller) -> None:
    with pytest.raises(Refused):
        agree(seller, at=NOW + timedelta(seconds=1), now=NOW)


def test_the_audit_log_names_no_number(inside: Workspace, seller: Seller, olive: User) -> None:
    permission = Permission(
        number=CHLOE, kind=Kind.PEC, origin=Origin.VOICE, obtained_at=NOW, evidence=Evidence(note="In the call")
    )
    actions.record_consent(permission, seller=seller, by=olive, now=NOW)
    actions.revoke_consent(number=CHLOE, channel="text", by=olive, now=NOW)
    told = " ".join(f"{entry.verb} {entry.subject} {entry.details}" for entry in AuditEntry.objects.all())
    assert "consent.recorded" in told
    assert "consent.revoked" in told
    assert CHLOE not in told


def test_nobodys_consent_cannot_be_taken_back(inside: Workspace) -> None:
    with pytest.raises(Refused):
        actions.revoke_consent(channel="text", by=None, now=NOW)


# What the workspace adds to the rulebook


def test_an_owner_sets_a_state_rule_aside_with_a_reason_that_shows(
    inside: Workspace, seller: Seller, olive: User, cora: User
) -> None:
    ask: dict[str, Any] = {"address": Address(state="NJ", zip="07030")}
    assert "SELLER_NOT_REGISTERED" in clear_one(seller, **ask).codes
    aside: dict[str, Any] = {
        "code": "SELLER_NOT_REGISTERED",
        "jurisdiction": "NJ",
        "reason": "Counsel, 2 March",
        "now": NOW,
    }
    with pytest.raises(Refused):
        actions.loosen(**aside, by=cora)
    actions.loosen(**aside, by=olive)
    clearance = clear_one(seller, **ask)
    assert "SELLER_NOT_REGISTERED" not in clearance.codes
    assert "Olive Owens set SELLER_NOT_REGISTERED aside for NJ: Counsel, 2 March" in clearance.notes
    actions.tighten(code="SELLER_NOT_REGISTERED", jurisdiction="NJ", by=cora, now=NOW)
    assert "SELLER_NOT_REGISTERED" in clear_one(seller, **ask).codes
    with pytest.raises(Refused):
        actions.tighten(code="SELLER_NOT_REGISTERED", jurisdiction="NJ", by=cora, now=NOW)


@pytest.mark.parametrize(
    ("code", "reason"), [("INTERNAL_DNC", "Because"), ("HOURS_FEDERAL", "Because"), ("HOURS_STATE", " "), ("NONE", "x")]
)
def test_what_nobody_may_set_aside(code: str, reason: str, inside: Workspace, olive: User) -> None:
    with pytest.raises(Refused):
        actions.loosen(code=code, jurisdiction="NY", reason=reason, by=olive, now=NOW)
    assert Policy() == own_rules(inside.pk)


def test_becoming_stricter_leaves_what_was_set_aside(inside: Workspace, olive: User) -> None:
    actions.loosen(code="HOURS_STATE", jurisdiction="NY", reason="Counsel", by=olive, now=NOW)
    storm = Emergency("NY", starts_at=NOW)
    actions.make_stricter(Policy(emergencies=(storm,)), by=olive, now=NOW)
    rules = own_rules(inside.pk)
    assert rules.emergencies == (storm,)
    assert [rule.code.value for rule in rules.loosened] == ["HOURS_STATE"]


@pytest.mark.parametrize(
    "rules",
    [
        Policy(caps=(OwnCap(count=1, hours=745),)),
        Policy(loosened=(Loosened("HOURS_STATE", "NY", "r", "o"),)),  # type: ignore[arg-type]
    ],
)
def test_stricter_rules_have_their_limits(rules: Policy, inside: Workspace, olive: User) -> None:
    with pytest.raises(Refused):
        actions.make_stricter(rules, by=olive, now=NOW)


@pytest.mark.parametrize(
    "change",
    [{"platform_count": 0}, {"platform_hours": 745}, {"clearance_seconds": 4}, {"ring_seconds": 301}],
)
def test_a_policy_beyond_reason_is_refused(change: dict[str, int], inside: Workspace, olive: User) -> None:
    with pytest.raises(Refused):
        actions.change_policy(**change, by=olive, now=NOW)


def test_only_an_owner_waives_the_reassigned_number_check(
    inside: Workspace, seller: Seller, olive: User, cora: User
) -> None:
    agree(seller, number="+12125550167", kind=Kind.PEC, evidence=Evidence(note="At the desk"))
    ask: dict[str, Any] = {"number": "+12125550167", "person_key": "ida", "purpose": "informational"}
    assert clear_one(seller, **ask).codes == ["RND_NO_DATA"]
    with pytest.raises(Refused):
        actions.waive_reassigned_check(reason="We see them weekly", by=cora, now=NOW)
    actions.waive_reassigned_check(reason="We see them weekly", by=olive, now=NOW)
    clearance = clear_one(seller, **ask)
    assert clearance.granted
    assert any("We see them weekly" in note for note in clearance.notes)
    assert WorkspacePolicy.objects.count() == 1


def test_legal_holds_are_placed_and_released_once(inside: Workspace, olive: User) -> None:
    with pytest.raises(Refused):
        actions.place_legal_hold(reason=" ", by=olive, now=NOW)
    hold = actions.place_legal_hold(reason="Letter of 2 March", by=olive, now=NOW)
    actions.release_legal_hold(hold, by=olive, now=NOW)
    with pytest.raises(Refused):
        actions.release_legal_hold(hold, by=olive, now=NOW)


# Open hours


@pytest.fixture
def key(inside: Workspace, seller: Seller) -> str:
    [considered] = clearing.consider([wanted(seller)], now=NOW)
    return str(key_of(considered.facts, load()))


def test_open_hours_know_when_the_doors_close_and_open_again(key: str) -> None:
    opening.keep_hours_of([key, key], now=NOW)
    opening.keep_hours_of([key], now=NOW)
    row = OpenHours.objects.get()
    closes = NOW.replace(hour=2, minute=0) + timedelta(days=1)
    assert (row.opens_at, row.closes_at) == (NOW, closes)
    assert opening.refresh_open_hours(now=closes - timedelta(seconds=1)) == 0
    assert opening.refresh_open_hours(now=closes) == 1
    row.refresh_from_db()
    assert row.opens_at == closes + timedelta(hours=11)


def test_a_changed_policy_is_seen_in_the_open_hours_at_once(key: str, olive: User) -> None:
    opening.keep_hours_of([key], now=NOW)
    earlier = OpenHours.objects.get().refreshed_at
    actions.make_stricter(Policy(), by=olive, now=NOW + timedelta(minutes=1))
    assert OpenHours.objects.get().refreshed_at > earlier

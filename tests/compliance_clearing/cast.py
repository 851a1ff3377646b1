"""What a call needs to be lawful: Harbor sells, Chloé agreed, the lists are clean. Each test takes one thing away."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance import actions, clearing, ledger
from compliance.candidates import Candidate
from compliance.evidence import Evidence
from compliance.facts import Address
from compliance.models import (
    Clearance,
    Consent,
    OpenHours,
    ReassignedResult,
    Registry,
    RegistryBlock,
    RegistrySnapshot,
    Seller,
    Suppression,
)
from compliance.wishes import OptOut, Permission
from tests.conftest import NOW

CHLOE, BEN, DEV = "+12125550123", "+12125550124", "+12125550125"
EVIDENCE = Evidence(
    person_name="Chloé Example",
    text_shown="I agree that Harbor Dental may call me on this number with an artificial voice. Not a condition.",
    copy_ref="copies/chloe.png",
    signature_act="checkbox, initially empty",
    source_url="https://harbor.example.com/offers",
)
SIGNED = {
    "signed": True,
    "names_seller": True,
    "says_not_a_condition": True,
    "says_artificial_voice": True,
}


def sell(by: User, *, name: str = "Harbor Dental Ltd", states: Iterable[str] = ("NY",)) -> Seller:
    seller = actions.add_seller(name=name, callback_number="+12125550100", by=by, now=NOW)
    for state in states:
        actions.attest(seller, jurisdiction=state, reference="Registration 17", by=by, now=NOW)
    return seller


def agree(
    seller: Seller,
    *,
    number: str = CHLOE,
    at: datetime = NOW - timedelta(days=10),
    kind: Consent.Kind = Consent.Kind.PEWC,
    origin: Consent.Origin = Consent.Origin.FORM,
    now: datetime | None = None,
    **parts: Any,
) -> Consent:
    said = {**SIGNED, "evidence": EVIDENCE, **parts}
    permission = Permission(number=number, kind=kind, origin=origin, obtained_at=at, **said)
    return actions.record_consent(permission, seller=seller, by=None, now=now or max(at, NOW))


def load_list(
    of: Workspace,
    *,
    kind: str = "NATIONAL",
    state: str = "",
    seller_key: str = "",
    as_of: date | None = None,
    listed: Iterable[str] = (),
) -> Registry:
    """A registry of every area code, as the loader would leave it."""
    registry = Registry.objects.create(workspace=of, kind=kind, us_state=state, seller_key=seller_key)
    snapshot = RegistrySnapshot.objects.create(
        workspace=of,
        registry=registry,
        state="CURRENT",
        content="FULL",
        source="list.txt",
        file_hash="0" * 64,
        as_of=as_of or NOW.date() - timedelta(days=3),
        coverage=b"\xff" * 125,
        announced_at=NOW,
        loaded_at=NOW,
    )
    blocks: dict[int, bytearray] = {}
    for number in listed:
        ten = int(number[2:])
        block = blocks.setdefault(ten // 10_000, bytearray(1250))
        block[ten % 10_000 // 8] |= 1 << (ten % 8)
    RegistryBlock.objects.bulk_create(
        RegistryBlock(workspace=of, snapshot=snapshot, prefix=prefix, bits=bytes(bits))
        for prefix, bits in blocks.items()
    )
    registry.current = snapshot
    registry.save()
    return registry


def still_theirs(of: Workspace, numbers: Iterable[str], *, at: datetime = NOW) -> None:
    """The reassigned-numbers database has said no of each."""
    registry, _ = Registry.objects.get_or_create(workspace=of, kind="REASSIGNED")
    snapshot = RegistrySnapshot.objects.create(
        workspace=of,
        registry=registry,
        state="ADDED",
        content="RESULTS",
        source="results.csv",
        file_hash="1" * 64,
        as_of=at.date(),
        announced_at=at,
        loaded_at=at,
    )
    ReassignedResult.objects.bulk_create(
        ReassignedResult(
            workspace=of,
            snapshot=snapshot,
            number=number,
            date_asked=(NOW - timedelta(days=400)).date(),
            result="NO",
            queried_at=at,
        )
        for number in numbers
    )


def lawful(of: Workspace, by: User, *, numbers: Iterable[str] = (CHLOE, BEN, DEV)) -> Seller:
    """Everything a sales call to these people needs."""
    people = list(numbers)
    with in_workspace(of.pk):
        seller = sell(by)
        for number in people:
            agree(seller, number=number)
        load_list(of)
        still_theirs(of, people)
    return seller


def wanted(seller: Seller, **parts: Any) -> Candidate:
    asked = Candidate(
        number=CHLOE,
        person_key="chloe",
        campaign_key="spring",
        seller_id=seller.pk,
        purpose="marketing",
        address=Address(state="NY", zip="10001"),
        script_complete=True,
    )
    return replace(asked, **parts)


def clear_one(seller: Seller, *, now: datetime = NOW, **parts: Any) -> Clearance:
    [clearance] = clearing.clear([wanted(seller, **parts)], now=now)
    return clearance


def one_of_each(of: Workspace, by: User) -> None:
    """A row of every noun of clearing."""
    seller = lawful(of, by)
    with in_workspace(of.pk):
        actions.add_caller_number(seller, number="+12125550190", by=by, now=NOW)
        [stop] = actions.suppress(OptOut(numbers=[BEN], how=Suppression.How.WEB), by=by, now=NOW)
        actions.lift(stop, reason="She asked us to", by=by, now=NOW)
        actions.place_legal_hold(reason="A letter", by=by, now=NOW)
        actions.change_policy(platform_count=3, by=by, now=NOW)
        OpenHours.objects.create(workspace=of, key="America/New_York|NY|marketing|", refreshed_at=NOW)
        clearance = clear_one(seller)
        clearance.use(number=CHLOE, campaign_key="spring", now=NOW)
        actions.note_conversation(clearance, at=NOW)
        clearing.clear([wanted(seller, script_complete=False)] * 2, now=NOW)
        ledger.seal(workspace=of, now=NOW)

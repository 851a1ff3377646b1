"""Rows of compliance for the walk of `test_walls`: one of each noun, in a given workspace."""

from collections.abc import Callable
from tempfile import TemporaryDirectory

from django.test import override_settings

from accounts.models import User, Workspace
from accounts.roles import Role
from accounts.tenancy import in_workspace
from compliance import actions, ledger
from compliance.models import (
    Attestation,
    CallerNumber,
    LitigatorRow,
    Registry,
    RegistryPart,
    RegistrySnapshot,
    Seller,
    Suppression,
)
from compliance.opening import keep_hours_of
from compliance.wishes import OptOut
from tests.compliance_clearing.cast import BEN, CHLOE, DEV, agree, clear_one, load_list, sell, still_theirs
from tests.conftest import NOW


def _owner(of: Workspace) -> User:
    return User.objects.filter(memberships__workspace=of, memberships__role=Role.OWNER).order_by("pk")[0]


def _seller(of: Workspace) -> Seller:
    return Seller.objects.first() or sell(_owner(of))


def build_seller(of: Workspace) -> int:
    with in_workspace(of.pk):
        return _seller(of).pk


def build_attestation(of: Workspace) -> int:
    with in_workspace(of.pk):
        _seller(of)
        return Attestation.objects.latest("pk").pk


def build_caller_number(of: Workspace) -> int:
    with in_workspace(of.pk):
        found = CallerNumber.objects.first()
        return (found or actions.add_caller_number(_seller(of), number=DEV, by=_owner(of), now=NOW)).pk


def build_consent(of: Workspace) -> int:
    with in_workspace(of.pk):
        return agree(_seller(of), number=CHLOE).pk


def build_suppression(of: Workspace) -> int:
    with in_workspace(of.pk):
        [found] = actions.suppress(OptOut(numbers=[BEN], how=Suppression.How.VOICE), by=_owner(of), now=NOW)
    return found.pk


def build_clearance(of: Workspace) -> int:
    with in_workspace(of.pk):
        return clear_one(_seller(of)).pk


def build_registry(of: Workspace) -> int:
    with in_workspace(of.pk):
        return (Registry.objects.filter(kind="NATIONAL").first() or load_list(of, listed=[BEN])).pk


def build_snapshot(of: Workspace) -> int:
    with in_workspace(of.pk):
        build = build_registry(of)
        return RegistrySnapshot.objects.filter(registry=build).latest("pk").pk


OBJECTS: dict[str, Callable[[Workspace], object]] = {
    "seller_id": build_seller,
    "attestation_id": build_attestation,
    "caller_number_id": build_caller_number,
    "consent_id": build_consent,
    "suppression_id": build_suppression,
    "clearance_id": build_clearance,
    "registry_id": build_registry,
    "snapshot_id": build_snapshot,
    "jurisdiction": lambda _: "FL",
}

FORMS: dict[str, dict[str, object]] = {
    "check_number": {"number": CHLOE},
}


def build_everything(of: Workspace) -> None:
    """A row of every model, ends of clearances and seals of the ledger included."""
    for build in OBJECTS.values():
        build(of)
    owner = _owner(of)
    with in_workspace(of.pk):
        seller = _seller(of)
        agree(seller, number=CHLOE)
        still_theirs(of, [CHLOE])
        for _ in range(2):  # the second is a repetition
            clear_one(seller, number=BEN, person_key="ben")
        spoken = clear_one(seller)
        spoken.use(number=CHLOE, campaign_key="spring", now=NOW)
        actions.note_conversation(spoken, at=NOW)
        actions.lift(Suppression.objects.latest("pk"), reason="A mistake", by=owner, now=NOW)
        actions.place_legal_hold(reason="A letter from counsel", by=owner, now=NOW)
        actions.change_policy(ring_seconds=45, by=owner, now=NOW)
        keep_hours_of(["America/New_York|NY|marketing|"], now=NOW)
        snapshot = RegistrySnapshot.objects.latest("pk")
        LitigatorRow.objects.create(workspace=of, snapshot=snapshot, number=BEN, raw=[BEN])
        RegistryPart.objects.create(workspace=of, snapshot=snapshot, position=1, content=b"")
    with TemporaryDirectory() as elsewhere, override_settings(LEDGER_HEADS=f"{elsewhere}/heads.jsonl"):
        ledger.seal(workspace=of, now=NOW)

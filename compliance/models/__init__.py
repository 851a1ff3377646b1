from compliance.models.clearances import (
    Clearance,
    ClearanceEnd,
    Conversation,
    LedgerEntry,
    LedgerSeal,
    LegalHold,
    RefusalRepeat,
    StaleClearance,
    WorkspacePolicy,
)
from compliance.models.consents import EVERYTHING, Consent
from compliance.models.openings import OpenHours
from compliance.models.registries import (
    LitigatorRow,
    ReassignedResult,
    Registry,
    RegistryBlock,
    RegistryPart,
    RegistrySnapshot,
    StaleSnapshot,
)
from compliance.models.sellers import Attestation, CallerNumber, Seller
from compliance.models.suppressions import Channel, Suppression, SuppressionLift

__all__ = [
    "EVERYTHING",
    "Attestation",
    "CallerNumber",
    "Channel",
    "Clearance",
    "ClearanceEnd",
    "Consent",
    "Conversation",
    "LedgerEntry",
    "LedgerSeal",
    "LegalHold",
    "LitigatorRow",
    "OpenHours",
    "ReassignedResult",
    "RefusalRepeat",
    "Registry",
    "RegistryBlock",
    "RegistryPart",
    "RegistrySnapshot",
    "Seller",
    "StaleClearance",
    "StaleSnapshot",
    "Suppression",
    "SuppressionLift",
    "WorkspacePolicy",
]

"""What a clearance is judged on: plain frozen facts that travel to JSON and back unchanged.

No name and no free text of a person: numbers, places, dates and yes-or-no answers. `None` stands for "not known".
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import TypeAdapter

from compliance.codes import Code
from compliance.policy import NO_POLICY, Policy

ANYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Address:
    state: str | None = None
    zip: str | None = None
    county: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the contact may be: every clock and every law that may be theirs."""

    region: str | None = None
    number_codes: tuple[Code, ...] = ()
    unsupported: str | None = None
    zones: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    home: tuple[str, ...] = ()  # the jurisdictions of the address alone
    counties: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    kind: str  # pewc, pec, dnc_permission, none
    obtained_at: datetime | None = None
    revoked_at: datetime | None = None
    revocation_channel: str | None = None
    supersedes: str | None = None
    signed: bool | None = None
    seller_named: bool | None = None
    number_matches: bool | None = None
    not_condition_of_purchase_disclosed: bool | None = None
    autodial_or_artificial_voice_disclosed: bool | None = None
    evidence_complete: bool | None = None
    prior_agreement_for_automated_calls: bool | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A number and a registry: is it listed, and how old was our copy at the instant of judging?"""

    listed: bool | None = None
    age_days: float | None = None
    jurisdiction: str = ANYWHERE


@dataclass(frozen=True, slots=True)
class OwnListing:
    """Our own do-not-call list; a scope is resolved by whoever gathers."""

    listed: bool | None = None
    listed_at: datetime | None = None
    released_by_consent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Relationship:
    """An established business relationship."""

    kind: str | None = None  # purchase, inquiry
    last_event: date | None = None


@dataclass(frozen=True, slots=True)
class Reassignment:
    """What the reassigned-numbers database answered."""

    result: str | None = None  # no, yes, no_data
    queried_on: date | None = None
    asked_about: date | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One origination, answered or not, whichever campaign made it."""

    at: datetime
    campaign: str | None = None
    subject: str | None = None
    caller_number: str | None = None
    outcome: str | None = None
    debt: str | None = None


@dataclass(frozen=True, slots=True)
class PlatformCap:
    """The workspace's own policy for every purpose."""

    count: int
    hours: int


@dataclass(frozen=True, slots=True)
class Facts:
    number: str | None
    at: datetime | None
    purpose: str | None
    place: Place
    address: Address = field(default_factory=Address)
    confirmed_zone: str | None = None
    line_type: str | None = None  # mobile, landline, voip, toll_free, unknown
    line_type_source: str | None = None
    line_type_checked_at: datetime | None = None
    person: str | None = None
    seller: str | None = None
    consents: tuple[Consent, ...] = ()
    internal: OwnListing = field(default_factory=OwnListing)
    litigator: bool | None = False
    national: Listing = field(default_factory=Listing)
    states: tuple[Listing, ...] = ()
    relationship: Relationship = field(default_factory=Relationship)
    reassignment: Reassignment = field(default_factory=Reassignment)
    reassignment_waived: str | None = None  # the owner's reason
    attempts: tuple[Attempt, ...] | None = None
    subject: str | None = None
    debt: str | None = None
    exemption: str | None = None
    attested: tuple[str, ...] = ()  # jurisdictions the seller's registration is attested for; "*" for all
    emergency: bool | None = False
    script_complete: bool | None = None
    abandon_rate: float | None = None  # none measured yet is no rate at all
    platform_cap: PlatformCap | None = None
    ring_seconds: int = 0
    policy: Policy = NO_POLICY


_FACTS = TypeAdapter(Facts)


def to_json(facts: Facts) -> str:
    return _FACTS.dump_json(facts).decode()


def from_json(text: str | bytes) -> Facts:
    return _FACTS.validate_json(text)

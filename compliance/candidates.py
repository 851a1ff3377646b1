"""Who might be called, for what, by whom: what `clear` is asked about."""

from dataclasses import dataclass, field
from datetime import datetime

from compliance.facts import Address, Relationship


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One number of one person, for one purpose. The keys mean something to whoever asks, and nothing here."""

    number: str
    person_key: str
    campaign_key: str
    seller_id: int
    purpose: str
    channel: str = "CALL"
    caller_number: str = ""
    address: Address = field(default_factory=Address)
    confirmed_zone: str | None = None
    line_type: str | None = None
    line_type_source: str | None = None
    line_type_checked_at: datetime | None = None
    relationship: Relationship = field(default_factory=Relationship)
    subject: str | None = None
    debt: str | None = None
    exemption: str | None = None
    script_complete: bool | None = None
    abandon_rate: float | None = None

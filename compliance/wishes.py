"""What people said, as doorways hand it in: permissions and opt-outs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from compliance.evidence import Evidence
from compliance.models import EVERYTHING, Consent, Suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One person's permission for one number. What the evidence does not say stays None, and does not count."""

    number: str
    kind: Consent.Kind
    origin: Consent.Origin
    obtained_at: datetime
    evidence: Evidence
    person_key: str = ""
    scope: str = EVERYTHING
    signed: bool | None = None
    names_seller: bool | None = None
    says_not_a_condition: bool | None = None
    says_artificial_voice: bool | None = None
    prior_agreement: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """Who is not to be contacted again: every number of the person unless they limited it themselves."""

    how: Suppression.How
    numbers: Sequence[str] = ()
    person_key: str = ""
    this_number_only: bool = False
    scope: str = EVERYTHING
    channel: Suppression.Channels = Suppression.Channels.ALL
    requested_at: datetime | None = None
    evidence: dict[str, object] = field(default_factory=dict)

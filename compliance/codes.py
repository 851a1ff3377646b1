"""The reason codes of a refused clearance, in the order of the gates."""

from enum import StrEnum


class Code(StrEnum):
    """Stored on clearances and shown to operators: a code is never renamed, only retired."""

    INVALID_NUMBER = "INVALID_NUMBER"
    NON_GEOGRAPHIC_NUMBER = "NON_GEOGRAPHIC_NUMBER"
    PROTECTED_LINE = "PROTECTED_LINE"
    UNSUPPORTED_JURISDICTION = "UNSUPPORTED_JURISDICTION"
    SELLER_NOT_REGISTERED = "SELLER_NOT_REGISTERED"
    STATE_AUTOMATED_BAN = "STATE_AUTOMATED_BAN"
    EMERGENCY_BAN = "EMERGENCY_BAN"
    INTERNAL_DNC = "INTERNAL_DNC"
    LITIGATOR = "LITIGATOR"
    NO_CONSENT_PEC = "NO_CONSENT_PEC"
    NO_CONSENT_PEWC = "NO_CONSENT_PEWC"
    CONSENT_REVOKED = "CONSENT_REVOKED"
    NATIONAL_DNC = "NATIONAL_DNC"
    STATE_DNC = "STATE_DNC"
    DNC_SNAPSHOT_STALE = "DNC_SNAPSHOT_STALE"
    RND_REASSIGNED = "RND_REASSIGNED"
    RND_NO_DATA = "RND_NO_DATA"
    RND_STALE = "RND_STALE"
    UNKNOWN_TIMEZONE = "UNKNOWN_TIMEZONE"
    HOURS_FEDERAL = "HOURS_FEDERAL"
    HOURS_STATE = "HOURS_STATE"
    HOURS_STATE_AUTOMATED = "HOURS_STATE_AUTOMATED"
    SUNDAY_BAN = "SUNDAY_BAN"
    HOLIDAY_BAN = "HOLIDAY_BAN"
    ATTEMPT_CAP = "ATTEMPT_CAP"
    EXEMPTION_CAP = "EXEMPTION_CAP"
    DEBT_FREQUENCY = "DEBT_FREQUENCY"
    ABANDON_RATE = "ABANDON_RATE"
    SCRIPT_INCOMPLETE = "SCRIPT_INCOMPLETE"


_LAST_OF_GATE = (
    Code.PROTECTED_LINE,
    Code.EMERGENCY_BAN,
    Code.LITIGATOR,
    Code.CONSENT_REVOKED,
    Code.DNC_SNAPSHOT_STALE,
    Code.RND_STALE,
    Code.UNKNOWN_TIMEZONE,
    Code.HOLIDAY_BAN,
    Code.DEBT_FREQUENCY,
    Code.SCRIPT_INCOMPLETE,
)

RANK: dict[Code, int] = {code: rank for rank, code in enumerate(Code)}
GATE: dict[Code, int] = {code: 1 + sum(RANK[last] < RANK[code] for last in _LAST_OF_GATE) for code in Code}

# What an owner may set aside, with a reason, beside a waived reassigned-number check: state rules that counsel can
# lift. Federal floors, consent, opt-outs and registries are not on this list.
LOOSENABLE = frozenset(
    {
        Code.SELLER_NOT_REGISTERED,
        Code.STATE_AUTOMATED_BAN,
        Code.HOURS_STATE,
        Code.HOURS_STATE_AUTOMATED,
        Code.SUNDAY_BAN,
        Code.HOLIDAY_BAN,
        Code.ATTEMPT_CAP,
    }
)

"""What is hashed. One wording, used when sealing and when verifying; `clearance` and `ended` name the tables."""

import hashlib
from datetime import datetime

from compliance.models import LedgerSeal

NOTHING = b"\0" * 32  # stands before the first seal


def _text(column: str) -> str:
    return f"octet_length({column}) || ':' || {column}"


def _instant(column: str) -> str:
    """Microseconds since 1970, or '-': the same in every session, whatever its time zone and date style."""
    return f"coalesce(((extract(epoch FROM {column}) * 1000000)::bigint)::text, '-')"


def _bytes_of(*parts: str) -> str:
    return "convert_to(concat_ws('|', " + ", ".join(parts) + "), 'UTF8')"


JUDGED = _bytes_of(
    "'judged'",
    "clearance.workspace_id::text",
    "clearance.id::text",
    _text("clearance.number"),
    _text("clearance.person_key"),
    _text("clearance.campaign_key"),
    "clearance.seller_id::text",
    _text("clearance.purpose"),
    _text("clearance.channel"),
    _text("clearance.caller_number"),
    _text("clearance.subject"),
    _text("clearance.debt"),
    "clearance.granted::text",
    _text("array_to_string(clearance.codes, ',')"),
    _text("clearance.refusals::text"),
    _text("clearance.notes::text"),
    _text("clearance.facts"),
    _text("clearance.rulebook"),
    _text("clearance.tables"),
    _instant("clearance.judged_at"),
    _instant("clearance.next_allowed_at"),
    _instant("clearance.expires_at"),
    _text("clearance.sameness"),
)
ENDED = _bytes_of(
    "'ended'",
    "ended.workspace_id::text",
    "ended.id::text",
    "ended.clearance_id::text",
    _text("ended.state"),
    _instant("ended.at"),
)


def hash_of(seal: LedgerSeal, hashes: bytes) -> bytes:
    said = (
        "seal",
        seal.workspace_id,
        seal.position,
        seal.first_sequence,
        seal.last_sequence,
        seal.row_count,
        seal.last_clearance_id,
        seal.last_end_id,
        _micros(seal.newest_at),
        _micros(seal.sealed_at),
    )
    return hashlib.sha256(bytes(seal.previous_hash) + "|".join(map(str, said)).encode() + b"|" + hashes).digest()


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)

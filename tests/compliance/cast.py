"""People who may or may not be called, and a sentence to ask about them."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from compliance import rulebook, screen

BOOK = rulebook.load("us")

# Ada lives in Chicago and signed everything; in hours, nothing speaks against calling her.
ADA: dict[str, Any] = {
    "id": "Ada",
    "number": "+13125550123",
    "line_type": "mobile",
    "address": {"state": "IL", "zip": "60601", "city": "Chicago", "county": None},
    "explicit_timezone": None,
    "instant_utc": "2026-12-01T15:30:00Z",
    "purpose": "marketing",
    "agent": "ai_voice",
    "consent": {
        "type": "pewc",
        "obtained_at": "2025-06-01T12:00:00Z",
        "revoked_at": None,
        "revocation_channel": None,
        "supersedes": None,
        "signed": True,
        "seller_named": True,
        "number_matches": True,
        "not_condition_of_purchase_disclosed": True,
        "autodial_or_artificial_voice_disclosed": True,
        "evidence_complete": True,
        "prior_agreement_for_automated_calls": None,
        "scope": None,
    },
    "dnc": {
        "national": {"listed": False, "snapshot_age_days": 5},
        "state": {"listed": False, "snapshot_age_days": 5},
        "internal": {"listed": False, "listed_at": None, "released_by_consent_at": None},
        "litigator": {"listed": False},
    },
    "ebr": None,
    "rnd": {"result": "no", "queried_date": "2026-11-26", "query_date_param": "2025-06-01"},
    "attempt_history_utc": [],
    "context": {
        "debt": None,
        "exemption": None,
        "line_type_source": "carrier_lookup",
        "line_type_checked_at": "2026-11-26T12:00:00Z",
        "operator_attested": True,
        "script_complete": True,
        "emergency": False,
        "abandon_rate": None,
        "platform_cap": None,
    },
}


def like(person: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The same person, but: `consent__signed=False`, `number="+1…"`; `LEFT_OUT` takes a key away."""
    changed = deepcopy(person)
    for path, value in changes.items():
        *outer, last = path.split("__")
        inner = changed
        for step in outer:
            if inner.get(step) is None:
                inner[step] = {}
            inner = inner[step]
        if value is LEFT_OUT:
            inner.pop(last, None)
        else:
            inner[last] = value
    return changed


LEFT_OUT = object()


def at(person: dict[str, Any], instant: str | datetime) -> dict[str, Any]:
    """The same person at another instant, their reassigned-number answer and line type looked up the day before."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    moment = moment.astimezone(UTC)
    return like(
        person,
        instant_utc=f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        rnd__queried_date=f"{moment:%Y-%m-%d}",
        context__line_type_checked_at=f"{moment:%Y-%m-%d}T00:00:00Z",
    )


def ask(person: dict[str, Any]) -> dict[str, Any]:
    """Through the front door: JSON in, JSON out."""
    answer: dict[str, Any] = json.loads(json.dumps(screen.screen(json.dumps(person).encode(), BOOK)))
    return answer


def codes(person: dict[str, Any]) -> list[str]:
    answer = ask(person)
    assert "error" not in answer, answer
    return list(answer["reason_codes"])


# One number and ZIP per jurisdiction of one clock; those of several are met in test_places.
NUMBERS = {
    "AK": ("+19075550123", "99501"),
    "AL": ("+12055550123", "35203"),
    "AR": ("+15015550123", "72201"),
    "AS": ("+16846330123", "96799"),
    "AZ": ("+16025550123", "85004"),
    "CA": ("+12135550123", "90012"),
    "CO": ("+13035550123", "80202"),
    "CT": ("+12035550123", "06510"),
    "DC": ("+12025550123", "20001"),
    "DE": ("+13025550123", "19801"),
    "FL": ("+13055550123", "33130"),
    "GA": ("+14045550123", "30303"),
    "GU": ("+16715550123", "96910"),
    "HI": ("+18085550123", "96813"),
    "IA": ("+15155550123", "50309"),
    "ID": ("+12085550123", "83702"),
    "IL": ("+13125550123", "60601"),
    "IN": ("+13175550123", "46204"),
    "KS": ("+13165550123", "67202"),
    "KY": ("+15025550123", "40202"),
    "LA": ("+15045550123", "70112"),
    "MA": ("+16175550123", "02108"),
    "MD": ("+14105550123", "21202"),
    "ME": ("+12075550123", "04101"),
    "MI": ("+13135550123", "48226"),
    "MN": ("+16125550123", "55401"),
    "MO": ("+13145550123", "63101"),
    "MP": ("+16705550123", "96950"),
    "MS": ("+16015550123", "39201"),
    "MT": ("+14065550123", "59601"),
    "NC": ("+19195550123", "27601"),
    "ND": ("+17015550123", "58501"),
    "NE": ("+14025550123", "68102"),
    "NH": ("+16035550123", "03301"),
    "NJ": ("+12015550123", "07302"),
    "NM": ("+15055550123", "87102"),
    "NV": ("+17025550123", "89101"),
    "NY": ("+12125550123", "10001"),
    "OH": ("+16145550123", "43215"),
    "OK": ("+14055550123", "73102"),
    "OR": ("+15035550123", "97204"),
    "PA": ("+12155550123", "19103"),
    "PR": ("+17875550123", "00901"),
    "RI": ("+14015550123", "02903"),
    "SC": ("+18035550123", "29201"),
    "SD": ("+16055550123", "57104"),
    "TN": ("+16155550123", "37203"),
    "TX": ("+12145550123", "75201"),
    "UT": ("+18015550123", "84111"),
    "VA": ("+18045550123", "23219"),
    "VI": ("+13405550123", "00802"),
    "VT": ("+18025550123", "05401"),
    "WA": ("+12065550123", "98101"),
    "WI": ("+14145550123", "53202"),
    "WV": ("+13045550123", "25301"),
    "WY": ("+13075550123", "82001"),
}


def of(state: str, person: dict[str, Any] = ADA) -> dict[str, Any]:
    """The same person, at home in another state."""
    number, zip_code = NUMBERS[state]
    return like(person, number=number, address={"state": state, "zip": zip_code, "city": None, "county": None})


def lawful(state: str) -> dict[str, Any]:
    """Someone there who may be called in hours, where a state bans automated sales calls only for a reminder."""
    banned = state in {"AK", "DC", "WA", "WY"}
    return like(of(state), purpose="informational") if banned else of(state)

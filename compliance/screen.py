"""Screening: facts as JSON in, verdicts as JSON out, one line for one line. No database and no clock.

`python -m compliance.screen < facts.jsonl` and `manage.py screen` are the same function.
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, BinaryIO, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StringConstraints,
    Tag,
    ValidationError,
)
from pydantic_core import ErrorDetails

from compliance import facts as told
from compliance import hours, numbers, rulebook, rules, zones
from compliance.rulebook import Rulebook

LONGEST_LINE = 1_000_000
_LOOKAHEAD = 1_000_000


# What may be said. Unknown keys, wrong types and impossible values are errors; what is left out is not known.


_INSTANT = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)", re.ASCII)
_DAY = re.compile(r"(19|20)\d\d-\d\d-\d\d", re.ASCII)


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("must be an instant in UTC in this century, like 2026-12-01T15:30:00Z")
    return datetime.fromisoformat(value)


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("must be a date, like 2026-08-01")
    return date.fromisoformat(value)


def _zone(value: str) -> str:
    if value not in zones.known():
        raise ValueError("is not a time zone; write one like America/Chicago")
    return value


def _attempt_kind(value: object) -> str:
    return "attempt" if isinstance(value, dict) else "instant"


Instant = Annotated[datetime, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, StringConstraints(max_length=1000)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Zip = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}(-[0-9]{4})?$")]
State = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")]
Flag = StrictBool | None
Age = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SaidAddress(Said):
    state: State | None = None
    zip: Zip | None = None
    city: Text | None = None
    county: Text | None = None


class SaidConsent(Said):
    type: Literal["pewc", "pec", "dnc_permission", "none"] | None = None
    obtained_at: Instant | None = None
    revoked_at: Instant | None = None
    revocation_channel: Text | None = None
    supersedes: Text | None = None
    signed: Flag = None
    seller_named: Flag = None
    number_matches: Flag = None
    not_condition_of_purchase_disclosed: Flag = None
    autodial_or_artificial_voice_disclosed: Flag = None
    evidence_complete: Flag = None
    prior_agreement_for_automated_calls: Flag = None
    scope: Text | None = None


class SaidListing(Said):
    listed: Flag = None
    snapshot_age_days: Age | None = None


class SaidInternal(Said):
    listed: Flag = None
    listed_at: Instant | None = None
    released_by_consent_at: Instant | None = None


class SaidLitigator(Said):
    listed: Flag = False


class SaidLists(Said):
    national: SaidListing | None = None
    state: SaidListing | None = None
    internal: SaidInternal | None = None
    litigator: SaidLitigator | None = None


class SaidRelationship(Said):
    kind: Literal["purchase", "inquiry"] | None = None
    last_event: Day | None = None


class SaidReassignment(Said):
    result: Literal["no", "yes", "no_data"] | None = None
    queried_date: Day | None = None
    query_date_param: Day | None = None


class SaidAttempt(Said):
    at: Instant
    campaign: Text | None = None
    subject: Text | None = None
    caller_id: Text | None = None
    outcome: Text | None = None
    debt: Text | None = None


SaidOrInstant = Annotated[
    Annotated[Instant, Tag("instant")] | Annotated[SaidAttempt, Tag("attempt")], Discriminator(_attempt_kind)
]


class SaidCap(Said):
    count: Annotated[int, Field(ge=1, le=1_000_000)]
    hours: Annotated[int, Field(ge=1, le=87_600)]


class SaidContext(Said):
    debt: Text | None = None
    exemption: Text | None = None
    line_type_source: Text | None = None
    line_type_checked_at: Instant | None = None
    operator_attested: Flag = True
    script_complete: Flag = True
    emergency: Flag = False
    abandon_rate: Rate | None = None
    platform_cap: SaidCap | None = None


class Line(Said):
    id: str | None = None
    number: Text | None = None
    line_type: Literal["mobile", "landline", "voip", "toll_free", "unknown"] | None = None
    address: SaidAddress | None = None
    explicit_timezone: Zone | None = None
    instant_utc: Instant | None = None
    purpose: (
        Literal["marketing", "informational", "health", "debt_collection", "political", "charity", "survey"] | None
    ) = None
    agent: Literal["ai_voice"] | None = None
    consent: SaidConsent | None = None
    dnc: SaidLists | None = None
    ebr: SaidRelationship | None = None
    rnd: SaidReassignment | None = None
    attempt_history_utc: Annotated[list[SaidOrInstant], Field(max_length=10_000)] | None = None
    context: SaidContext | None = None


# Facts from what was said


def facts_of(line: Line, book: Rulebook) -> told.Facts:
    said = line.address or _NO_ADDRESS
    address = told.Address(state=said.state.upper() if said.state else None, zip=said.zip, county=said.county)
    lists, context, rnd, ebr = (
        line.dnc or _NO_LISTS,
        line.context or _NO_CONTEXT,
        line.rnd or _NO_RND,
        line.ebr or _NO_EBR,
    )
    return told.Facts(
        number=line.number,
        at=line.instant_utc,
        purpose=line.purpose,
        place=numbers.place(line.number, address=address, confirmed_zone=line.explicit_timezone, rulebook=book),
        address=address,
        confirmed_zone=line.explicit_timezone,
        line_type=line.line_type,
        line_type_source=context.line_type_source,
        line_type_checked_at=context.line_type_checked_at,
        consents=_consents(line.consent),
        internal=_internal(lists.internal),
        litigator=lists.litigator.listed if lists.litigator else False,
        national=_listing(lists.national),
        states=(_listing(lists.state),),
        relationship=told.Relationship(kind=ebr.kind, last_event=ebr.last_event),
        reassignment=told.Reassignment(
            result=rnd.result, queried_on=rnd.queried_date, asked_about=rnd.query_date_param
        ),
        attempts=_attempts(line.attempt_history_utc),
        debt=context.debt,
        exemption=context.exemption,
        attested=(told.ANYWHERE,) if context.operator_attested else (),
        emergency=context.emergency,
        script_complete=context.script_complete,
        abandon_rate=context.abandon_rate,
        platform_cap=_platform_cap(context.platform_cap),
    )


_NO_ADDRESS, _NO_LISTS, _NO_CONTEXT = SaidAddress(), SaidLists(), SaidContext()
_NO_RND, _NO_EBR = SaidReassignment(), SaidRelationship()


def _consents(said: SaidConsent | None) -> tuple[told.Consent, ...]:
    if said is None:
        return ()
    parts = dict(said.__dict__)
    return (told.Consent(kind=parts.pop("type") or "none", **parts),)


def _internal(said: SaidInternal | None) -> told.OwnListing:
    if said is None:
        return told.OwnListing()
    return told.OwnListing(
        listed=said.listed, listed_at=said.listed_at, released_by_consent_at=said.released_by_consent_at
    )


def _listing(said: SaidListing | None) -> told.Listing:
    return told.Listing() if said is None else told.Listing(listed=said.listed, age_days=said.snapshot_age_days)


def _attempts(said: list[datetime | SaidAttempt] | None) -> tuple[told.Attempt, ...] | None:
    if said is None:
        return None
    return tuple(
        told.Attempt(at=attempt)
        if isinstance(attempt, datetime)
        else told.Attempt(
            at=attempt.at,
            campaign=attempt.campaign,
            subject=attempt.subject,
            caller_number=attempt.caller_id,
            outcome=attempt.outcome,
            debt=attempt.debt,
        )
        for attempt in said
    )


def _platform_cap(said: SaidCap | None) -> told.PlatformCap | None:
    return None if said is None else told.PlatformCap(count=said.count, hours=said.hours)


# One answer for one line


def screen(raw: bytes, book: Rulebook) -> dict[str, object]:
    """The verdict on one JSON object; on unreadable or impossible facts, an answer with `error` in its place."""
    try:
        line = Line.model_validate_json(raw)
    except ValidationError as problem:
        return _error(raw, problem.errors(include_url=False, include_context=False)[0])
    return _answer(line, facts_of(line, book), book)


def _answer(line: Line, facts: told.Facts, book: Rulebook) -> dict[str, object]:
    verdict = rules.judge(facts, book)
    return {
        "id": line.id,
        "decision": "allow" if verdict.granted else "deny",
        "reason_codes": list(verdict.codes),
        "reasons": [
            {
                "code": refusal.code,
                "jurisdiction": refusal.jurisdiction,
                "zone": refusal.zone,
                "citation": refusal.citation,
                "text": refusal.text,
            }
            for refusal in verdict.refusals
        ],
        "candidate_timezones": facts.place.zones,
        "jurisdictions": facts.place.jurisdictions,
        "local_times": {name: hours.local_text(facts.at, name) for name in facts.place.zones} if facts.at else {},
        "next_allowed_utc": _utc_text(verdict.next_allowed_at),
        "rulebook": verdict.rulebook,
        "warnings": verdict.notes,
    }


def _utc_text(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


_TAGGED = "attempt_history_utc"  # after the index its errors name which of the two forms was tried


def _error(raw: bytes, problem: ErrorDetails) -> dict[str, object]:
    steps = [str(step) for step in problem["loc"]]
    if steps[:1] == [_TAGGED]:
        del steps[2:3]
    return {"id": _id_of(raw), "error": {"path": ".".join(steps), "text": _error_text(problem)}}


def _error_text(problem: ErrorDetails) -> str:
    match problem["type"]:
        case "extra_forbidden":
            return "This key is not part of the format."
        case "json_invalid":
            return f"This is not one JSON object: {problem['msg'].removeprefix('Invalid JSON: ')}."
        case "model_type":
            return "A JSON object is expected here."
        case "value_error":
            return f"The value {problem['msg'].removeprefix('Value error, ')}."
        case _:
            return f"{problem['msg']}."


def _id_of(raw: bytes) -> str | None:
    """The id of a line that is wrong elsewhere, as far as the line can be read at all."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    found = content.get("id") if isinstance(content, dict) else None
    return found if isinstance(found, str) else None


# Streams


def screen_stream(source: BinaryIO, target: BinaryIO, book: Rulebook) -> int:
    """Answer every line in order; returns the exit status: 0, or 2 when any line was an error."""
    status = 0
    for raw in _lines(source):
        answer = screen(raw, book) if len(raw) <= LONGEST_LINE else _TOO_LONG
        status = 2 if "error" in answer else status
        target.write(json.dumps(answer, separators=(",", ":")).encode("ascii") + b"\n")
    target.flush()
    return status


_TOO_LONG: dict[str, object] = {
    "id": None,
    "error": {"path": "", "text": f"The line is longer than {LONGEST_LINE:,} bytes."},
}


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Each line that is not blank; or, when the whole input is one object over several lines, that object."""
    held = _one_object_over_lines(source)
    if isinstance(held, bytes):
        yield held
        return
    yield from held
    while line := _line(source):
        if line.strip():
            yield line


def _one_object_over_lines(source: BinaryIO) -> bytes | list[bytes]:
    lines: list[bytes] = []
    size = 0
    while size <= _LOOKAHEAD and (line := _line(source)):
        lines.append(line)
        size += len(line)
        if len(lines) == 1 and (not line.strip() or _is_json(line)):
            return [line] if line.strip() else []
    if len(lines) > 1 and size <= _LOOKAHEAD and _is_json(b"".join(lines)):
        return b"".join(lines)
    return [line for line in lines if line.strip()]


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _line(source: BinaryIO) -> bytes:
    """One line; of an overlong one just enough to know that it is, the rest is read and dropped."""
    line = source.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
        while (rest := source.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
    return line


def main() -> int:
    return screen_stream(sys.stdin.buffer, sys.stdout.buffer, rulebook.load())


if __name__ == "__main__":
    sys.exit(main())

"""What the API answers when it cannot do what was asked: RFC 9457, one sentence that says what to do."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

MEDIA_TYPE = "application/problem+json"
# Where each type of problem is explained: an address relative to the installation, the same on every one of them.
EXPLAINED_AT = "/docs/api/#problem-"


@dataclass(frozen=True)
class Kind:
    """A type of problem: the last word of its `type`, its status and title, and what a program should do about it."""

    name: str
    status: int
    title: str
    cure: str


BAD_REQUEST = Kind(
    "bad-request", 400, "The request cannot be read", "Correct the request; asking again as it is will not help."
)
BAD_CURSOR = Kind(
    "bad-cursor", 400, "The cursor cannot be used", "Start again without a cursor, with the same filters throughout."
)
UNAUTHENTICATED = Kind(
    "unauthenticated",
    401,
    "The API key is missing, wrong or revoked",
    "Send Authorization: Bearer and a key that is in force.",
)
FORBIDDEN = Kind("scope-missing", 403, "The API key may not do this", "Use a key that has the scope the problem names.")
NOT_FOUND = Kind("not-found", 404, "There is nothing here", "Check the path and the id.")
NOT_ALLOWED = Kind(
    "method-not-allowed", 405, "This path does not take this method", "Use a method of the Allow header."
)
TOO_LARGE = Kind("too-large", 413, "The request is too large", "Send less at once.")
NOT_JSON = Kind("unsupported-media-type", 415, "The body is not JSON", "Send JSON, and Content-Type: application/json.")
INVALID = Kind(
    "invalid", 422, "The request does not fit", "Correct what errors points at; each has a pointer and a sentence."
)
KEY_REUSED = Kind(
    "idempotency-key-reused",
    422,
    "This idempotency key belongs to another request",
    "Send a new Idempotency-Key with each new request; the old one only with exactly the same request.",
)
TOO_MANY = Kind(
    "too-many-requests", 429, "Too many requests", "Wait the seconds of the Retry-After header, then go on."
)
SERVER_ERROR = Kind(
    "server-error",
    500,
    "Something broke on our side",
    "Try again with the same Idempotency-Key; if it stays, tell whoever runs this installation the trace_id.",
)
BUSY = Kind(
    "busy",
    503,
    "The database is busy or away",
    "Try again after the seconds of the Retry-After header, with the same Idempotency-Key.",
)

KINDS = (
    BAD_REQUEST,
    BAD_CURSOR,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    NOT_ALLOWED,
    TOO_LARGE,
    NOT_JSON,
    INVALID,
    KEY_REUSED,
    TOO_MANY,
    SERVER_ERROR,
    BUSY,
)
_BY_STATUS = {kind.status: kind for kind in reversed(KINDS)}


@dataclass(frozen=True)
class FieldError:
    """One thing wrong: where it was (`body`, `query`, `path` or `header`), a JSON pointer into that, a sentence."""

    where: str
    pointer: str
    detail: str


@dataclass
class Problem(Exception):
    """Raised by any operation: the transaction is undone, and the client is told."""

    kind: Kind
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


Understood = Problem | Http404 | HttpError | ValidationError


def of(exception: Understood) -> Problem:
    """The problem that this exception means."""
    if isinstance(exception, Problem):
        return exception
    if isinstance(exception, ValidationError):
        return Problem(INVALID, "See errors for what to correct.", errors=tuple(_field_errors(exception.errors)))
    if isinstance(exception, HttpError):
        return of_status(exception.status_code)
    return Problem(NOT_FOUND, "There is no such thing in this workspace.")


def of_status(status: int) -> Problem:
    kind = _BY_STATUS.get(status) or (SERVER_ERROR if status >= 500 else BAD_REQUEST)
    return Problem(kind, f"{kind.title}. {kind.cure}")


def _field_errors(errors: Iterable[Mapping[str, object]]) -> Iterable[FieldError]:
    for error in errors:
        location = error["loc"]
        where, *path = location if isinstance(location, tuple) else (location,)
        # The body's own parameter name is ours, not the client's.
        inside = path[1:] if where == "body" else path
        yield FieldError(where=str(where), pointer=_pointer(inside), detail=f"{error['msg']}.")


def _pointer(path: Iterable[object]) -> str:
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def answer(problem: Problem, request: HttpRequest, *, status: int | None = None) -> HttpResponse:
    body: dict[str, object] = {
        "type": EXPLAINED_AT + problem.kind.name,
        "title": problem.kind.title,
        "status": status or problem.kind.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = [
            {"in": error.where, "pointer": error.pointer, "detail": error.detail} for error in problem.errors
        ]
    if trace_id := getattr(request, "trace_id", ""):
        body["trace_id"] = trace_id
    return HttpResponse(
        json.dumps(body),
        status=status or problem.kind.status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )

"""The door of the API: a key, its rate, its scope, then one transaction behind the wall of its workspace."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from hmac import compare_digest
from typing import Any, TypeVar

from django.conf import settings
from django.db import OperationalError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from ninja.decorators import decorate_view
from ninja.errors import HttpError, ValidationError

from accounts import replies
from accounts.api import body, keys, problems
from accounts.api.problems import BAD_REQUEST, BUSY, FORBIDDEN, KEY_REUSED, TOO_MANY, UNAUTHENTICATED, Problem
from accounts.api.rate import Allowance, buckets
from accounts.doors import Door
from accounts.models import ApiKey, Workspace
from accounts.scopes import SCOPES
from accounts.tenancy import in_workspace
from accounts.throttle import client_address
from config import clock

View = TypeVar("View", bound=Callable[..., Any])
Run = Callable[..., HttpResponse]
logger = logging.getLogger(__name__)

LAST_USED_IS_EXACT_TO = timedelta(minutes=1)
# What means a refusal to the client; anything else is ours to mend, and travels on to be logged as an error.
REFUSALS = (Problem, Http404, HttpError, ValidationError, OperationalError, replies.KeyReused)
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class ApiDoor(Door):
    kind: str = "api"
    scope: str | None = None


class KeyRequest(HttpRequest):
    """A request that came with a good key, inside the transaction of its workspace."""

    workspace: Workspace
    api_key: ApiKey
    parsed: Any


def key_door(scope: str | None = None) -> Callable[[View], View]:
    """Every operation stands behind it. `scope` is what the key must hold; None lets any good key in."""
    assert scope is None or scope in SCOPES, scope

    def decorate(view: View) -> View:
        view.door = ApiDoor(scope=scope)  # type: ignore[attr-defined]
        return decorate_view(lambda run: _doorway(run, scope))(view)

    return decorate


def _doorway(run: Run, scope: str | None) -> Run:
    @wraps(run)
    def doorway(request: Any, **parts: object) -> HttpResponse:
        allowance: Allowance | None = None
        try:
            request.api_key = authenticate(request, now=clock.now())
            request.workspace = request.api_key.workspace
            allowance = _spend(request.api_key, real=clock.real())
            _ask_for_scope(request.api_key, scope)
            response = _answer(request, lambda: run(request, **parts))
        except REFUSALS as refused:
            response = problems.answer(_problem(refused), request)
        for name, value in (allowance.headers if allowance else {}).items():
            response[name] = value
        response["Cache-Control"] = "no-store"
        return response

    return doorway


def authenticate(request: HttpRequest, *, now: datetime) -> ApiKey:
    """Find the key that was sent. Whatever is wrong with it, the answer is the same."""
    text = keys.read(request.headers.get("Authorization", ""))
    api_key = _find(text, now=now) if text else None
    return api_key or _turn_away(request)


def _find(text: keys.KeyText, *, now: datetime) -> ApiKey | None:
    workspace = Workspace.objects.filter(code=text.workspace_code, kind=text.kind.upper()).first()
    if workspace is None:
        return None
    with in_workspace(workspace.pk):
        mine = ApiKey.objects.select_related("workspace")
        api_key = mine.filter(workspace=workspace, code=text.code, revoked_at=None).first()
        given = sha256(text.secret.encode()).hexdigest()
        if api_key is None or not compare_digest(given, api_key.secret_hash):
            return None
        _touch(api_key, now=now)
    return api_key


def _touch(api_key: ApiKey, *, now: datetime) -> None:
    before = now - LAST_USED_IS_EXACT_TO
    if api_key.last_used_at is None or api_key.last_used_at <= before:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
        ApiKey.objects.filter(stale, pk=api_key.pk).update(last_used_at=now)


def _turn_away(request: HttpRequest) -> ApiKey:
    """Failures are counted per address, good keys are not: whoever shares the address with a flood still gets in."""
    address = salted_hmac("accounts.api", client_address(request), algorithm="sha256").hexdigest()
    allowance = _take(f"failures:{address}", settings.API_FAILURES_PER_MINUTE, real=clock.real())
    if not allowance.taken:
        raise _too_many(allowance)
    raise Problem(
        UNAUTHENTICATED,
        "Send a key that is in force, as Authorization: Bearer cw_…; an owner makes keys under Settings, API keys.",
        headers={"WWW-Authenticate": 'Bearer realm="Callwright"'},
    )


def _spend(api_key: ApiKey, *, real: datetime) -> Allowance:
    allowance = _take(f"key:{api_key.pk}", settings.API_RATE_PER_MINUTE, real=real)
    if not allowance.taken:
        raise _too_many(allowance)
    return allowance


def _take(name: str, per_minute: int, *, real: datetime) -> Allowance:
    return buckets().take(name, per_minute=per_minute, real=real)


def _too_many(allowance: Allowance) -> Problem:
    return Problem(
        TOO_MANY,
        f"This installation answers {allowance.limit} requests a minute here. Wait {allowance.wait} s, then go on.",
        headers={"Retry-After": str(allowance.wait), **allowance.headers},
    )


def _ask_for_scope(api_key: ApiKey, scope: str | None) -> None:
    if scope is not None and scope not in api_key.scopes:
        raise Problem(FORBIDDEN, f"This key does not hold the scope {scope}. Use a key that does.")


def _answer(request: KeyRequest, deed: Callable[[], HttpResponse]) -> HttpResponse:
    """Whatever is raised inside undoes the transaction, the kept reply included."""
    request.parsed = body.read(request) if request.method != "GET" else None
    key = request.headers.get("Idempotency-Key")
    with in_workspace(request.workspace.pk):
        if request.method != "POST" or key is None:
            return deed()
        if not IDEMPOTENCY_KEY.fullmatch(key):
            raise Problem(BAD_REQUEST, "Idempotency-Key takes 1 to 255 visible ASCII characters, without spaces.")
        return replies.once(request, api_key=request.api_key, key=key, real=clock.real(), deed=deed)


def _problem(refused: Exception) -> Problem:
    if isinstance(refused, OperationalError):
        logger.error("the database refused an API request", exc_info=refused)
        return Problem(BUSY, "The database is busy or away. Ask again in a moment.", headers={"Retry-After": "1"})
    if isinstance(refused, replies.KeyReused):
        return Problem(KEY_REUSED, "This Idempotency-Key came before, with another request. Send a new key.")
    assert isinstance(refused, problems.Understood)
    return problems.of(refused)

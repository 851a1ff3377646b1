"""Every request gets a trace id, one line in the log, and a place in the metrics."""

import logging
import re
import secrets
import time
from asyncio import iscoroutinefunction
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from config import logs, metrics
from config.redaction import redacted_text

logger = logging.getLogger("callwright.access")

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
# A method that was made up may say anything.
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Asked every few seconds by machines, or once per page for every file.
_QUIET = {"/healthz", "/readyz", "/metrics", "static"}

Answer = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def trace(get_response: Answer) -> Answer:
    if not iscoroutinefunction(get_response):

        def middleware(request: HttpRequest) -> HttpResponseBase:
            began, trace_id = time.monotonic(), _begin(request)
            with logs.log_context(trace_id=trace_id):
                response: HttpResponseBase = get_response(request)
                return _end(request, response, trace_id=trace_id, seconds=time.monotonic() - began)

        return middleware

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        began, trace_id = time.monotonic(), _begin(request)
        answer: Callable[[HttpRequest], Awaitable[HttpResponseBase]] = get_response
        with logs.log_context(trace_id=trace_id):
            response = await answer(request)
            return _end(request, response, trace_id=trace_id, seconds=time.monotonic() - began)

    return async_middleware


def new_trace_id() -> str:
    return secrets.token_hex(16)


def _begin(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    # What comes from outside is believed only where it could not be a message, a number or an address.
    sane = _SANE.fullmatch(given) and redacted_text(given) == given
    trace_id = given if sane else new_trace_id()
    request.trace_id = trace_id  # type: ignore[attr-defined]
    return trace_id


def _end(request: HttpRequest, response: HttpResponseBase, *, trace_id: str, seconds: float) -> HttpResponseBase:
    response[HEADER] = trace_id
    route = _route(request)
    method = request.method if request.method in _METHODS else "OTHER"
    metrics.observe_request(method=method, route=route, status=response.status_code, seconds=seconds)
    level = logging.DEBUG if route in _QUIET and response.status_code < 500 else logging.INFO
    if logger.isEnabledFor(level):
        fields = {
            "method": method,
            "route": route,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            **_who(request),
        }
        logger.log(level, "request answered", extra=fields)
    return response


def _route(request: HttpRequest) -> str:
    if request.resolver_match is None and request.path.startswith(settings.STATIC_URL):
        return "static"
    return logs.route_of(request)


def _who(request: HttpRequest) -> dict[str, object]:
    """Ids only, and only what the view has found out already: asking here would cost a query."""
    person = request.__dict__.get("_cached_user")
    return {
        "workspace_id": getattr(getattr(request, "workspace", None), "pk", None),
        "person_id": getattr(person, "pk", None),
        "key_id": getattr(getattr(request, "api_key", None), "pk", None),
    }

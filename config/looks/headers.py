from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

# No inline script, no inline style, nothing from elsewhere: what an intruder writes into a page does not run.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; "
    "media-src 'self'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
}


@sync_and_async_middleware
def security_headers(get_response: Callable[[HttpRequest], object]) -> Callable[[HttpRequest], object]:
    if iscoroutinefunction(get_response):

        async def later(request: HttpRequest) -> HttpResponseBase:
            answer = get_response(request)
            assert isinstance(answer, Awaitable)
            return with_headers(request, await answer)

        return later

    def at_once(request: HttpRequest) -> HttpResponseBase:
        answer = get_response(request)
        assert isinstance(answer, HttpResponseBase)
        return with_headers(request, answer)

    return at_once


def with_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if is_private(request) and "no-store" not in response.headers.get("Cache-Control", ""):
        # A page of somebody signed in stays out of every cache, the browser's own included.
        response.headers["Cache-Control"] = "no-store, private"
    return response


def is_private(request: HttpRequest) -> bool:
    """Asked only of a session somebody has already read: a static file must not start to look one up."""
    session = getattr(request, "session", None)
    return session is not None and session.accessed and "_auth_user_id" in session

"""One deed for one idempotency key: the reply is kept in the transaction of the deed, and given again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import repeat

from django.http import HttpRequest, HttpResponse

from accounts.models import ApiKey, IdempotentReply, Workspace
from accounts.tenancy import in_workspace

KEPT = timedelta(hours=24)


class KeyReused(Exception):
    """The idempotency key came before, with another request."""


def once(
    request: HttpRequest, *, api_key: ApiKey, key: str, real: datetime, deed: Callable[[], HttpResponse]
) -> HttpResponse:
    """Do the deed, or answer what it answered before. A second request at the same time waits here for the first."""
    fingerprint = _fingerprint(request)
    reply, is_new = _claim(api_key, key=key, fingerprint=fingerprint, real=real)
    if is_new:
        return _kept(reply, deed())
    if reply.fingerprint != fingerprint:
        raise KeyReused(key)
    return HttpResponse(
        bytes(reply.body),
        status=reply.status,
        content_type=reply.content_type,
        headers={"Idempotency-Replayed": "true"},
    )


def forget_old_replies(*, real: datetime) -> int:
    """Remove what is older than we promise to remember. Safe to run twice, and beside the API."""
    return sum(map(_forget_in, Workspace.objects.values_list("pk", flat=True), repeat(real)))


def _forget_in(workspace_id: int, real: datetime) -> int:
    with in_workspace(workspace_id):
        forgotten, _ = IdempotentReply.objects.filter(at__lt=real - KEPT).delete()
    return forgotten


def _claim(api_key: ApiKey, *, key: str, fingerprint: str, real: datetime) -> tuple[IdempotentReply, bool]:
    IdempotentReply.objects.filter(api_key=api_key, key=key, at__lt=real - KEPT).delete()
    return IdempotentReply.objects.get_or_create(
        workspace_id=api_key.workspace_id,
        api_key=api_key,
        key=key,
        defaults={"fingerprint": fingerprint, "at": real},
    )


def _kept(reply: IdempotentReply, response: HttpResponse) -> HttpResponse:
    reply.status = response.status_code
    reply.content_type = response["Content-Type"]
    reply.body = response.content
    reply.save(update_fields=["status", "content_type", "body"])
    return response


def _fingerprint(request: HttpRequest) -> str:
    asked = "\n".join([str(request.method), request.get_full_path(), str(request.content_type)])
    return sha256(asked.encode() + b"\n" + request.body).hexdigest()

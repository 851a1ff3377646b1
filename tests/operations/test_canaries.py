"""Twenty secrets and twenty numbers are planted wherever something can be handed in. None may turn up elsewhere."""

import logging
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from redis import Redis

from accounts import actions
from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from config.celery import app
from config.doorbell import NotAnId
from config.own_connections import redis
from tests.conftest import NOW, PASSWORD
from tests.operations.conftest import Log

NUMBERS = [f"+121255501{n:02}" for n in range(20)]
SECRETS = [f"canary-{n:02}-{secrets.token_hex(12)}" for n in range(20)]


class Harvest:
    """Every artefact that somebody other than the one who asked could read."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def page(self, response: Any) -> Any:
        place = f"response {len(self.texts)} ({response.status_code})"
        headers = {name: value for name, value in response.headers.items() if name != "Set-Cookie"}
        whole = repr(headers)
        # A form that is shown again shows what its person typed, to that person; an error page shows nothing.
        if response.status_code in {400, 401, 403, 404, 405, 413, 415, 500, 503}:
            whole += response.text
        self.texts[place] = whole
        return response

    def redis(self, server: Redis) -> None:
        for key in server.scan_iter("*"):
            self.texts[f"redis {key}"] = f"{key} {_value(server, str(key))}"

    def found(self, canaries: list[str]) -> list[str]:
        bare = [canary.removeprefix("+1") for canary in canaries]
        return [f"{canary} in {place}" for place, text in self.texts.items() for canary in bare if canary in text]


def _value(server: Redis, key: str) -> object:
    readers: dict[str, Callable[[], object]] = {
        "string": lambda: server.get(key),
        "list": lambda: server.lrange(key, 0, -1),
        "hash": lambda: server.hgetall(key),
        "set": lambda: server.smembers(key),
        "zset": lambda: server.zrange(key, 0, -1, withscores=True),
    }
    return readers[str(server.type(key))]()


@pytest.fixture
def harvest() -> Harvest:
    return Harvest()


@pytest.fixture
def stranger() -> Client:
    return Client(raise_request_exception=False)


def test_no_canary_leaves_by_log_redis_header_url_or_error_page(
    harbor: Workspace,
    olive: User,
    stranger: Client,
    client_of: Callable[[User], Client],
    harvest: Harvest,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, secret = iter(NUMBERS), iter(SECRETS)
    _at_the_door(stranger, olive, harvest, number, secret)
    _in_addresses_and_headers(stranger, olive, harvest, number, secret)
    _inside(client_of(olive), harbor, harvest, number, secret)
    key = _by_api(stranger, harbor, olive, harvest, number, secret)
    _in_tasks(number, secret)
    _in_errors(client_of(olive), harbor, harvest, number, secret, monkeypatch)
    assert [*secret, *number] == [], "all of them are planted"

    harvest.texts["log"] = log.text
    harvest.redis(redis())
    assert len(log.lines) > 20
    assert len(harvest.texts) > 20
    canaries = [*NUMBERS, *SECRETS, PASSWORD, key, olive.email]
    assert harvest.found(canaries) == []


def _at_the_door(stranger: Client, olive: User, harvest: Harvest, number: Iterator[str], secret: Iterator[str]) -> None:
    harvest.page(stranger.post("/sign-in/", {"email": olive.email, "password": next(secret)}))
    harvest.page(stranger.post("/sign-in/", {"email": next(number), "password": next(secret)}))
    harvest.page(stranger.post(f"/sign-in/?next=/{next(secret)}", {"email": "nobody@example.com", "password": "x"}))
    strict = Client(enforce_csrf_checks=True)
    harvest.page(strict.post("/sign-in/", {"csrfmiddlewaretoken": next(secret), "password": next(secret)}))
    harvest.page(stranger.post("/password/forgotten/", {"email": f"{next(secret)}@example.com"}))
    uid = urlsafe_base64_encode(force_bytes(olive.pk))
    harvest.page(stranger.get(f"/password/new/{uid}/{next(secret)}/"))
    token = default_token_generator.make_token(olive)
    harvest.page(stranger.get(f"/password/new/{uid}/{token}/"))


def _in_addresses_and_headers(
    stranger: Client, olive: User, harvest: Harvest, number: Iterator[str], secret: Iterator[str]
) -> None:
    harvest.page(stranger.get(f"/contacts/{next(number)}/{next(secret)}/"))
    harvest.page(stranger.get(f"/invitations/harbor/{next(secret)}/"))
    harvest.page(stranger.get("/healthz", {"to": next(number), "token": next(secret)}))
    headers = {
        "User-Agent": f"{next(secret)} {next(number)}",
        "Referer": f"https://example.com/{next(number)}",
        "X-Request-ID": next(number).lstrip("+"),
        "Cookie": f"callwright_session={next(secret)}",
        "X-Forwarded-For": next(number),
    }
    harvest.page(stranger.get("/", headers=headers))
    harvest.page(stranger.get("/", headers={"Host": f"{next(secret)}.example.com"}))
    harvest.page(stranger.generic(f"CALL{next(number).lstrip('+')}", "/"))


def _inside(olive: Client, harbor: Workspace, harvest: Harvest, number: Iterator[str], secret: Iterator[str]) -> None:
    people = f"/w/{harbor.slug}/people/"
    harvest.page(olive.get(people, {"search": next(number)}))
    harvest.page(olive.post(f"{people}invite/", {"email": f"x{next(number)}@example.com", "role": "OPERATOR"}))
    harvest.page(olive.post(f"{people}999999/", {"role": next(secret)}))
    harvest.page(olive.post("/profile/password/", {"old_password": PASSWORD, "new_password1": next(secret)}))
    harvest.page(olive.post(f"/w/{harbor.slug}/api-keys/new/", {"name": next(number), "scopes": ["events:read"]}))


def _by_api(
    stranger: Client, harbor: Workspace, olive: User, harvest: Harvest, number: Iterator[str], secret: Iterator[str]
) -> str:
    with in_workspace(harbor.pk):
        _, key = actions.create_api_key(workspace=harbor, name="Canary", scopes=["events:write"], by=olive, now=NOW)
    bearer = {"Authorization": f"Bearer {key}"}
    sent = {"note": f"call {next(number)} with {next(secret)}"}
    again = bearer | {"Idempotency-Key": next(number)}
    created = stranger.post("/api/v1/events/test", sent, content_type="application/json", headers=again)
    assert created.status_code == 201, created.text
    harvest.page(created)
    harvest.page(stranger.post("/api/v1/events/test", {"note": [next(number)]}, "application/json", headers=bearer))
    harvest.page(stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {next(secret)}"}))
    harvest.page(stranger.get(f"/api/v1/{next(number)}", headers=bearer))
    return key.rpartition("_")[2]


def _in_tasks(number: Iterator[str], secret: Iterator[str]) -> None:
    app.loader.import_default_modules()
    forget = app.tasks["accounts.tasks.forget"]
    for value in (next(number), f"password={next(secret)}", [next(number)]):
        with pytest.raises(NotAnId):
            forget.delay(what=value)
    forget.delay(call=17)


def _in_errors(
    olive: Client,
    harbor: Workspace,
    harvest: Harvest,
    number: Iterator[str],
    secret: Iterator[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = f"no call to {next(number)}, token={next(secret)}, DETAIL:  Failing row contains (Ada, {next(number)})"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(message)

    monkeypatch.setattr("accounts.audit_log.entries", broken)
    olive.raise_request_exception = False
    assert harvest.page(olive.get(f"/w/{harbor.slug}/")).status_code == 500
    careless = {"password": next(secret), "contact": {"numbers": [next(number)]}}
    logging.getLogger("careless").warning("somebody forgot the rule", extra=careless)

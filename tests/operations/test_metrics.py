"""What a scraper reads, and who may."""

from collections.abc import Callable

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from redis import RedisError

from accounts.models import User, Workspace
from config import clock, heartbeats
from config.metrics import count_task
from config.own_connections import redis
from tests.conftest import PASSWORD

TOKEN = "a token long enough to be one"


def scraped(client: Client) -> dict[tuple[str, ...], float]:
    text = client.get("/metrics").text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_never_by_path(
    harbor: Workspace, olive: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(olive)
    counted = ("callwright_requests_total", "GET", "/w/<slug:slug>/people/", "200")
    before = scraped(client).get(counted, 0)
    client.get(f"/w/{harbor.slug}/people/")
    assert scraped(client)[counted] == before + 1
    assert scraped(client)["callwright_request_seconds_count", "/w/<slug:slug>/people/"] >= 1
    assert harbor.slug not in client.get("/metrics").text


def test_a_made_up_method_does_not_become_a_series(client: Client) -> None:
    client.generic("X" * 40, "/healthz")
    assert ("callwright_requests_total", "OTHER", "/healthz", "405") in scraped(client)
    assert "XXXX" not in client.get("/metrics").text


def test_a_wrong_password_is_counted(olive: User, client: Client) -> None:
    before = scraped(client)["callwright_sign_in_failures_total",]
    client.post("/sign-in/", {"email": olive.email, "password": "wrong"})
    assert scraped(client)["callwright_sign_in_failures_total",] == before + 1
    client.post("/sign-in/", {"email": olive.email, "password": PASSWORD})
    assert scraped(client)["callwright_sign_in_failures_total",] == before + 1


def test_a_queue_is_as_long_as_all_its_priorities_together(client: Client) -> None:
    for name in ("dial", "dial\x06\x163", "dial\x06\x166", "dial\x06\x169"):
        redis().lpush(name, "message")
    found = scraped(client)
    assert found["callwright_queue_tasks", "dial"] == 4
    assert found["callwright_queue_tasks", "imports"] == 0


def test_heartbeats_tasks_and_the_version_are_shown(client: Client) -> None:
    heartbeats.note("dial", real=clock.real())
    count_task("accounts.tasks.forget", state="SUCCESS")
    found = scraped(client)
    assert 0 <= found["callwright_heartbeat_age_seconds", "dial"] < 5
    assert found["callwright_tasks_total", "SUCCESS", "accounts.tasks.forget"] == 1
    assert found["callwright_build_info", "0.1.0"] == 1
    assert found["callwright_broker_up",] == 1


def test_without_redis_the_rest_is_still_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise RedisError

    monkeypatch.setattr("config.metrics.redis", away)
    found = scraped(client)
    assert found["callwright_broker_up",] == 0
    assert ("callwright_build_info", "0.1.0") in found


def test_only_this_machine_may_read_when_there_is_no_token(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 404


def test_a_proxy_on_this_machine_does_not_open_the_door_to_others(client: Client, settings: Settings) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1", headers=forwarded).status_code == 404
    assert (
        client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    )
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1", headers=forwarded).status_code == 404


def test_with_a_token_only_its_holder_may_read(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 404
    allowed = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": f"Bearer {TOKEN}"})
    assert allowed.status_code == 200

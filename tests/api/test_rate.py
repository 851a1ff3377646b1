"""A key may ask so often a minute. Without Redis it may ask as it likes, and is not kept waiting."""

import logging
import socket
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from redis import Redis

from accounts.api import rate
from accounts.models import User, Workspace
from tests.api.conftest import Program, is_problem, make_key
from tests.conftest import NOW


@pytest.fixture
def buckets(settings: Any) -> rate.Buckets:
    return rate.Buckets(Redis.from_url(settings.REDIS_URL))


def test_every_answer_says_what_is_left(crm: Program, settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 60
    first, second = crm.get("/me"), crm.get("/events", limit=0)
    assert first["RateLimit-Limit"] == second["RateLimit-Limit"] == "60"
    assert (first["RateLimit-Remaining"], second["RateLimit-Remaining"]) == ("59", "58")
    assert 1 <= int(second["RateLimit-Reset"]) <= 2


def test_past_the_limit_the_answer_says_how_long_to_wait(crm: Program, settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 3
    assert [crm.get("/me").status_code for _ in range(3)] == [200, 200, 200]
    response = crm.get("/me")
    is_problem(response, 429, "too-many-requests")
    assert 1 <= int(response["Retry-After"]) <= 20
    assert response["RateLimit-Remaining"] == "0"


def test_one_key_does_not_use_up_anothers_rate(crm: Program, settings: Any, harbor: Workspace, olive: User) -> None:
    settings.API_RATE_PER_MINUTE = 1
    other = Program(make_key(harbor, olive, name="Back office"))
    assert crm.get("/me").status_code == 200
    assert crm.get("/me").status_code == 429
    assert other.get("/me").status_code == 200


def test_tokens_come_back_steadily_and_never_above_the_limit(buckets: rate.Buckets) -> None:
    def take(seconds: float) -> rate.Allowance:
        return buckets.take("steady", per_minute=60, real=NOW + timedelta(seconds=seconds))

    assert [take(0).taken for _ in range(61)] == [True] * 60 + [False]
    assert take(0).wait == 1
    assert take(1).taken
    assert not take(1).taken
    assert take(1000).left == 59


def test_a_clock_that_runs_behind_gives_nothing_away(buckets: rate.Buckets) -> None:
    assert buckets.take("behind", per_minute=1, real=NOW).taken
    assert not buckets.take("behind", per_minute=1, real=NOW - timedelta(hours=1)).taken
    assert not buckets.take("behind", per_minute=1, real=NOW).taken


def test_a_flood_of_wrong_keys_is_slowed_and_the_right_one_still_gets_in(crm: Program, settings: Any) -> None:
    settings.API_FAILURES_PER_MINUTE = 3
    stranger = Program("cw_practice_nonsense")
    assert [stranger.get("/me").status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert int(stranger.get("/me")["Retry-After"]) >= 1
    assert crm.get("/me").status_code == 200


def test_without_redis_everybody_passes_at_once_and_the_log_says_so_once(
    crm: Program, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        answers = [crm.get("/me").status_code for _ in range(20)]
    assert answers == [200] * 20
    assert time.monotonic() - began < 3
    assert [line.message for line in caplog.records if "rate limits" in line.message] == [
        "rate limits are off: Redis is away"
    ]


def test_a_redis_that_never_answers_costs_a_moment_and_not_more(crm: Program, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.REDIS_URL = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        began = time.monotonic()
        assert [crm.get("/me").status_code for _ in range(10)] == [200] * 10
        assert time.monotonic() - began < 2


def test_limits_are_on_again_when_redis_is_back(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    buckets = rate.Buckets(Redis.from_url(f"redis://127.0.0.1:{port}/0"))
    assert buckets.take("back", per_minute=1, real=NOW).taken
    buckets.script = rate.Buckets(Redis.from_url(settings.REDIS_URL)).script
    buckets.asked_again_at = 0.0
    with caplog.at_level(logging.WARNING):
        assert buckets.take("back", per_minute=1, real=NOW).taken
    assert "rate limits are on again" in caplog.text
    assert not buckets.take("back", per_minute=1, real=NOW).taken


def test_nothing_of_the_key_is_kept_in_redis(crm: Program, harbor_key: str, settings: Any) -> None:
    crm.get("/me")
    Client(headers={"Authorization": "Bearer nonsense"}, REMOTE_ADDR="203.0.113.7").get("/api/v1/me")
    names = str(Redis.from_url(settings.REDIS_URL).keys("*"))
    assert "callwright:rate:" in names
    assert harbor_key.rsplit("_", 1)[1] not in names
    assert "203.0.113.7" not in names

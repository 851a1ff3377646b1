"""However many beats run and however they die, one keeps the time, and another takes over within seconds."""

import json
import signal
import time
from collections.abc import Iterator

import psycopg
import pytest

from config.celery import HEARTBEAT_SECONDS, QUEUES
from config.env import CHECKOUT
from tests.operations.processes import Process, wait_until
from tests.operations.rig import Rig, rig, seconds_since

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("operations")]

KEEPS = "this beat keeps the time"
STANDS_BY = "this beat stands by"
TAKE_OVER = 10.0


@pytest.fixture(scope="module")
def servers() -> Iterator[Rig]:
    with rig() as own:
        yield own


@pytest.fixture(autouse=True)
def forgotten(servers: Rig) -> None:
    servers.redis.flushdb()


def heartbeats_in(servers: Rig, queue: str) -> int:
    messages = [json.loads(message) for message in servers.redis.lrange(queue, 0, -1)]
    return sum(message["headers"]["task"] == "config.tasks.heartbeat" for message in messages)


def waits_for_takeover(beat: Process) -> float:
    began = time.monotonic()
    beat.wait_for(KEEPS, seconds=TAKE_OVER)
    return seconds_since(began)


def test_the_second_beat_stands_by_and_nothing_is_sent_twice(servers: Rig) -> None:
    began = time.monotonic()
    with servers.beat() as first:
        first.wait_for(KEEPS)
        with servers.beat() as second:
            second.wait_for(STANDS_BY)
            time.sleep(2.5 * HEARTBEAT_SECONDS - seconds_since(began))
            assert KEEPS not in second.output
            # Without a worker, everything that was sent lies in its queue.
            sent = {queue: heartbeats_in(servers, queue) for queue in QUEUES}
            assert set(sent.values()) <= {2, 3}, sent
            assert servers.beats_with_the_lock() == 1


def test_when_the_one_is_killed_the_other_takes_over(servers: Rig) -> None:
    with servers.beat() as first:
        first.wait_for(KEEPS)
        with servers.beat() as second:
            second.wait_for(STANDS_BY)
            first.ask(signal.SIGKILL)
            assert waits_for_takeover(second) < TAKE_OVER
            assert servers.beats_with_the_lock() == 1


def test_a_beat_that_is_asked_to_stop_makes_room_at_once_and_leaves_nothing_behind(servers: Rig) -> None:
    with servers.beat() as first:
        first.wait_for(KEEPS)
        with servers.beat() as second:
            second.wait_for(STANDS_BY)
            first.ask(signal.SIGTERM)
            assert first.ended(seconds=5) == 0
            assert waits_for_takeover(second) < TAKE_OVER
    assert list(CHECKOUT.glob("celerybeat*")) == []


def test_a_beat_that_loses_its_session_stops_until_it_has_the_lock_again(servers: Rig) -> None:
    with servers.beat() as first:
        first.wait_for(KEEPS)
        with servers.beat() as second:
            second.wait_for(STANDS_BY)
            with psycopg.connect(servers.servers.superuser_url, autocommit=True) as superuser:
                superuser.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                )
            first.wait_for("does not answer", seconds=TAKE_OVER)
            wait_until(
                lambda: servers.beats_with_the_lock() == 1,
                seconds=TAKE_OVER,
                otherwise=lambda: first.output + second.output,
            )


def test_postgres_may_be_killed_and_come_back(servers: Rig) -> None:
    with servers.beat() as beat:
        beat.wait_for(KEEPS)
        servers.send(servers.servers.postgres, signal.SIGKILL)
        beat.wait_for("does not answer", seconds=TAKE_OVER)
        with servers.started_again(servers.servers.postgres):
            said = len(beat.lines)
            wait_until(
                lambda: any(KEEPS in line for line in beat.lines[said:]),
                seconds=TAKE_OVER,
                otherwise=lambda: beat.output,
            )
            beat.ask(signal.SIGTERM)
            assert beat.ended(seconds=5) == 0

"""Kill -9 of either server, twenty times, while somebody writes: nothing acknowledged is lost, back within a second."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from redis import ConnectionError as RedisConnectionError
from redis import Redis
from redis import TimeoutError as RedisTimeoutError
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.local import processes
from tests.local.conftest import Installed, eventually

pytestmark = pytest.mark.processes

KILLS = 20
BACK_WITHIN = 1.0


@contextmanager
def writing(write: Callable[[int], None], *, lost_connection: tuple[type[Exception], ...]) -> Iterator[list[int]]:
    """Somebody who writes number after number and notes those that were acknowledged."""
    acknowledged: list[int] = []
    enough = threading.Event()

    def work() -> None:
        number = 0
        while not enough.is_set():
            number += 1
            try:
                write(number)
            except lost_connection:
                time.sleep(0.005)
            else:
                acknowledged.append(number)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        yield acknowledged
    finally:
        enough.set()
        writer.join()


def kill_again_and_again(find: Callable[[], int], *, answers: Callable[[], bool], written: list[int]) -> list[float]:
    """Seconds from each kill to the first answer."""
    pauses = []
    for _ in range(KILLS):
        count = len(written)
        assert eventually(lambda count=count: len(written) > count + 5, every=0.01)  # type: ignore[misc]
        os.kill(find(), signal.SIGKILL)
        began = time.monotonic()
        assert eventually(answers, every=0.01)
        pauses.append(time.monotonic() - began)
    return pauses


def test_postgres_killed_twenty_times_loses_no_commit(installed: Installed) -> None:
    running = installed.start().until_up()
    url = installed.command("exec", "--", "printenv", "DATABASE_OWNER_URL").stdout.strip()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE written (number int)")
    kept: list[psycopg.Connection] = []

    def write(number: int) -> None:
        if not kept:
            kept.append(psycopg.connect(url, autocommit=True, connect_timeout=2))
        try:
            kept[0].execute("INSERT INTO written VALUES (%s)", [number])
        except psycopg.OperationalError:
            kept.pop().close()
            raise

    def answers() -> bool:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def postmaster() -> int:
        return int((installed.data / "postgres/postmaster.pid").read_text().split()[0])

    with writing(write, lost_connection=(psycopg.OperationalError,)) as written:
        pauses = kill_again_and_again(postmaster, answers=answers, written=written)
    for connection in kept:
        connection.close()
    with psycopg.connect(url) as connection:
        found = {row[0] for row in connection.execute("SELECT number FROM written")}
    assert set(written) - found == set()
    assert max(pauses) <= BACK_WITHIN, running.output
    assert running.end(signal.SIGTERM) == 0


def test_valkey_killed_twenty_times_loses_no_acknowledged_write(installed: Installed) -> None:
    running = installed.start().until_up()
    url = installed.command("exec", "--", "printenv", "REDIS_URL").stdout.strip()
    redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=2)
    lost = (RedisConnectionError, RedisTimeoutError)

    def write(number: int) -> None:
        redis.rpush("written", number)

    def answers() -> bool:
        try:
            return bool(redis.ping())
        except lost:
            return False

    def server() -> int:
        (found,) = processes.working_in(installed.data / "valkey", names=("valkey-server", "redis-server"))
        return found

    with writing(write, lost_connection=lost) as written:
        pauses = kill_again_and_again(server, answers=answers, written=written)
    found = {int(number) for number in redis.lrange("written", 0, -1)}
    redis.close()
    assert set(written) - found == set()
    assert max(pauses) <= BACK_WITHIN, running.output
    assert running.end(signal.SIGTERM) == 0

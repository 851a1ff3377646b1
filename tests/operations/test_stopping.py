"""Each process stops as it should: what it has begun, it finishes."""

import signal
import socket
import time
from collections.abc import Iterator
from threading import Thread

import httpx
import pytest

from config.celery import FINISH_SECONDS, app
from tests.operations.processes import WEB, Process, free_port, wait_until
from tests.operations.rig import Rig, rig

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("operations")]


@pytest.fixture(scope="module")
def servers() -> Iterator[Rig]:
    with rig() as own:
        yield own


def count(servers: Rig, name: str) -> int:
    return int(str(servers.redis.get(f"tests:{name}") or 0))


def test_a_worker_finishes_what_runs_and_leaves_the_rest_in_its_queue(servers: Rig) -> None:
    with servers.worker() as worker:
        worker.wait_for("ready")
        for _ in range(3):
            send_slow(servers, seconds=3)
        wait_until(lambda: count(servers, "began") == 1, seconds=10, otherwise=lambda: worker.output)
        worker.ask(signal.SIGTERM)
        worker.ended(seconds=12)
    assert count(servers, "done") == count(servers, "began") == 1
    with servers.worker() as again:
        wait_until(lambda: count(servers, "done") == 3, seconds=25, otherwise=lambda: again.output)
    assert count(servers, "began") == 3


def test_a_worker_hands_back_what_does_not_finish_in_time(servers: Rig) -> None:
    servers.redis.flushdb()
    with servers.worker() as worker:
        worker.wait_for("ready")
        send_slow(servers, seconds=45)
        wait_until(lambda: count(servers, "began") == 1, seconds=10, otherwise=lambda: worker.output)
        worker.ask(signal.SIGTERM)
        worker.ended(seconds=FINISH_SECONDS + 8)
    assert count(servers, "done") == 0
    assert servers.redis.llen("default") == 1
    assert servers.redis.hlen("unacked") == 0
    servers.redis.flushdb()


def send_slow(servers: Rig, *, seconds: int) -> None:
    with app.connection_for_write(servers.environment["REDIS_URL"]) as connection:
        app.send_task("tests.slow", kwargs={"seconds": seconds}, queue="default", connection=connection)


def test_an_idle_worker_stops_soon(servers: Rig) -> None:
    with servers.worker() as worker:
        worker.wait_for("ready")
        worker.ask(signal.SIGTERM)
        worker.ended(seconds=8)


def test_a_web_process_answers_the_request_it_has_begun(servers: Rig) -> None:
    port, answers = free_port(), []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = f"postgresql://callwright_app:x@127.0.0.1:{silent.getsockname()[1]}/callwright"
        with Process(WEB.format(port=port), **servers.environment | {"DATABASE_URL": database}) as web:
            web.wait_for("Uvicorn running")
            # Readiness waits two seconds for a database that never answers.
            asking = Thread(target=lambda: answers.append(httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10)))
            asking.start()
            time.sleep(0.7)
            web.ask(signal.SIGTERM)
            web.ended(seconds=10)
            asking.join()
    assert answers[0].status_code == 503
    assert not answers[0].json()["parts"]["database"]["ok"]

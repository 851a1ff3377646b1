"""Redis may forget everything, die or fall silent: work goes on within seconds of its return, and nobody hangs."""

import signal
import time
from collections.abc import Iterator

import pytest
from kombu.exceptions import OperationalError

from config.celery import QUEUES, app
from tests.operations.processes import Process, wait_until
from tests.operations.rig import Rig, rig, seconds_since

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("operations")]

RESUMES = 10.0


@pytest.fixture(scope="module")
def servers() -> Iterator[Rig]:
    with rig() as own:
        yield own


@pytest.fixture(scope="module")
def worker(servers: Rig) -> Iterator[Process]:
    with servers.worker() as process:
        process.wait_for("ready")
        yield process


@pytest.fixture(scope="module")
def beat(servers: Rig) -> Iterator[Process]:
    with servers.beat() as process:
        process.wait_for("keeps the time")
        yield process


def send(servers: Rig, name: str, *, queue: str) -> None:
    with app.connection_for_write(servers.environment["REDIS_URL"]) as connection:
        app.send_task("tests.mark", kwargs={"name": name}, queue=queue, connection=connection)


def marks_arrive(servers: Rig, worker: Process, name: str) -> float:
    began = time.monotonic()
    for queue in QUEUES:
        send(servers, f"{name}:{queue}", queue=queue)
    wait_until(
        lambda: all(servers.redis.get(f"tests:marked:{name}:{queue}") for queue in QUEUES),
        seconds=RESUMES,
        otherwise=lambda: worker.output,
    )
    return seconds_since(began)


def beat_rings_again(servers: Rig, beat: Process) -> None:
    servers.redis.delete("callwright:heartbeats")
    wait_until(
        lambda: set(servers.redis.hkeys("callwright:heartbeats")) >= {"beat", *QUEUES},
        seconds=2 * RESUMES,
        otherwise=lambda: beat.output,
    )


def test_it_forgets_everything(servers: Rig, worker: Process, beat: Process) -> None:
    servers.redis.flushall()
    assert marks_arrive(servers, worker, "after-flush") < RESUMES
    beat_rings_again(servers, beat)


def test_it_is_killed_and_comes_back(servers: Rig, worker: Process, beat: Process) -> None:
    servers.send(servers.servers.valkey, signal.SIGKILL)
    time.sleep(3)
    with servers.started_again(servers.servers.valkey):
        assert marks_arrive(servers, worker, "after-kill") < RESUMES
        beat_rings_again(servers, beat)
        falls_silent_and_speaks_again(servers, worker, beat)


def falls_silent_and_speaks_again(servers: Rig, worker: Process, beat: Process) -> None:
    servers.send(servers.servers.valkey, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(OperationalError):
        send(servers, "into-the-void", queue="dial")
    assert seconds_since(began) < 15
    time.sleep(3)
    servers.send(servers.servers.valkey, signal.SIGCONT)
    assert marks_arrive(servers, worker, "after-silence") < RESUMES
    beat_rings_again(servers, beat)

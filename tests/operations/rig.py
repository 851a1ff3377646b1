"""Servers of a test's own, which it may kill, and the product's processes on them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.env import CHECKOUT
from config.local import processes as alive
from config.local.servers import Server, TemporaryServers, started, temporary_servers
from tests.operations.processes import BEAT, WORKER, Process


class Rig:
    def __init__(self, servers: TemporaryServers) -> None:
        self.servers = servers
        self.environment = {**servers.environment, "DATABASE_POOL_SIZE": "0"}
        self.redis = Redis.from_url(
            servers.environment["REDIS_URL"], decode_responses=True, socket_timeout=2, retry=Retry(NoBackoff(), 0)
        )
        subprocess.run(
            [sys.executable, "manage.py", "prepare_database", "--verbosity", "0"],
            cwd=CHECKOUT,
            env={**os.environ, **self.environment},
            check=True,
        )

    def beat(self) -> Process:
        return Process(BEAT, **self.environment)

    def worker(self) -> Process:
        return Process(f"{WORKER} --include tests.operations.slow_tasks", **self.environment)

    def pids(self, server: Server) -> list[int]:
        return alive.working_in(server.folder, names=("postgres", "valkey-server", "redis-server"))

    def send(self, server: Server, number: signal.Signals) -> None:
        alive.send(self.pids(server), number)

    def started_again(self, server: Server) -> AbstractContextManager[object]:
        return started(server, log=self.servers.folder / "again.log")

    def beats_with_the_lock(self) -> int:
        with psycopg.connect(self.servers.environment["DATABASE_OWNER_URL"]) as connection:
            row = connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted").fetchone()
        assert row
        return int(row[0])


@contextmanager
def rig(*, durable: bool = True) -> Iterator[Rig]:
    with temporary_servers(durable=durable) as servers:
        yield Rig(servers)


def seconds_since(began: float) -> float:
    return round(time.monotonic() - began, 1)

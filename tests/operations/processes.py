"""The product's own processes, started for a test the way an installation starts them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Any, Self

import pytest

from config.env import CHECKOUT

WORKER = "-m celery -A config --quiet worker --concurrency 1 --without-gossip --without-mingle"
BEAT = "-m celery -A config --quiet beat"
WEB = (
    "-m uvicorn config.asgi:application --host 127.0.0.1 --port {port} --no-access-log --no-proxy-headers"
    " --timeout-graceful-shutdown 10 --log-config config/uvicorn_logs.json"
)


class Process:
    def __init__(self, arguments: str, **environment: str) -> None:
        whole = {**os.environ, "LOG_LEVEL": "INFO", "PYTHONUNBUFFERED": "1", **environment}
        self.start([sys.executable, *arguments.split()], folder=CHECKOUT, environment=whole)

    @classmethod
    def of(cls, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> "Process":
        """Another program, with this environment and nothing of ours."""
        process = cls.__new__(cls)
        process.start(command, folder=folder, environment=environment)
        return process

    def start(self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(line.rstrip("\n") for line in self.process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(5)
        assert self.process.stdout
        self.process.stdout.close()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def said(self) -> list[dict[str, Any]]:
        """Its log, line by line."""
        return [json.loads(line) for line in list(self.lines) if line.startswith("{")]

    def wait_for(self, pattern: str, *, seconds: float = 30) -> None:
        wait_until(lambda: re.search(pattern, self.output) is not None, seconds=seconds, otherwise=lambda: self.output)

    def ask(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self, *, seconds: float = 30) -> int:
        return self.process.wait(seconds)


def wait_until(condition: Callable[[], bool], *, seconds: float, otherwise: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"did not happen within {seconds} s: {otherwise()}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""The ground for tests of the embedded servers: a data folder that an unprivileged account can enter."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from config.env import CHECKOUT
from config.local import home, processes
from config.local.home import Home

LIMIT = 30.0
GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORT", "CALLWRIGHT_DATA", "CLOCK_START")


class Installed:
    """A data folder of its own, and the commands of this checkout working on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.place = Home(data)
        self.port = home.free_port()
        self.running: list[Running] = []

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in GIVEN}
        # An empty .env elsewhere: the tests' own settings count, not the developer's.
        return {**kept, "CALLWRIGHT_DATA": str(self.data), "PORT": str(self.port), "NO_COLOR": "1", **more}

    def command(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "config.local", *arguments],
            cwd=CHECKOUT,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
        )

    def sql(self, statement: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return self.command("psql", "--no-psqlrc", "-tA", "-c", statement, **more)

    def start(self, *, through: str = "", **more: str) -> "Running":
        """The supervisor, its output perhaps `through` a pipe into another command."""
        argv = [sys.executable, "-m", "tests.local.rig"]
        argv = ["sh", "-c", f'"$@" | {through}', "-", *argv] if through else argv
        started = Running(argv, self.environment(**more))
        self.running.append(started)
        return started

    def servers(self) -> list[int]:
        return [
            pid
            for folder in (self.data, self.place.shelter)
            for name in ("postgres", "valkey")
            for pid in processes.working_in(folder / name, names=("postgres", "valkey-server", "redis-server"))
        ]

    def programs(self, words: str = "") -> list[int]:
        """Everything started for this folder but the servers."""
        return [pid for pid in processes.carrying("CALLWRIGHT_DATA", str(self.data)) if words in command_of(pid)]

    def left(self) -> list[int]:
        return [*self.servers(), *self.programs()]

    def close(self) -> None:
        for running in self.running:
            running.kill()
        processes.end(self.left(), politely=signal.SIGKILL, seconds=5)
        for folder in (self.data.parent, self.place.shelter):
            shutil.rmtree(folder, ignore_errors=True)


class Running:
    """A supervisor, and what it printed so far."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            argv,
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip())

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, pattern: str, *, since: int = 0) -> "re.Match[str]":
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            if ended:
                self.reader.join(2)
            if found := re.search(pattern, "\n".join(self.lines[since:]), re.MULTILINE):
                return found
            if ended:
                break
            time.sleep(0.02)
        pytest.fail(f"{pattern!r} was not printed:\n{self.output}")

    def until_up(self) -> "Running":
        for words in (r"worker +\| at work", r"beat +\| at work", "Ctrl-C stops everything"):
            self.wait_for(words)
        return self

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(LIMIT)
        self.reader.join(5)
        return code

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)
        if self.process.stdout:
            self.process.stdout.close()


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def eventually(condition: Callable[[], object], *, within: float = 10.0, every: float = 0.1) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


@pytest.fixture
def installed() -> Iterator[Installed]:
    folder = Path(tempfile.mkdtemp(prefix="call wright ", dir="/tmp"))
    folder.chmod(0o755)
    found = Installed(folder / "data")
    yield found
    found.close()

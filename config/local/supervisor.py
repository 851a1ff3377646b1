"""Keeps programs alive: starts them in order, restarts those that die, stops them in reverse."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from config.local import processes
from config.local.account import Account
from config.local.console import Console
from config.local.trouble import Trouble

FIRST_PAUSE, LONGEST_PAUSE, SETTLED = 0.2, 10.0, 30.0
START_SECONDS = 60.0
# A server that has ended this often before it ever answered will not get better by itself.
TRIES = 3
LINE_LIMIT = 64 * 1024


def nothing() -> None:
    pass


@dataclass(frozen=True)
class Program:
    name: str
    argv: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    # What the kernel sends it when the supervisor is killed.
    death_signal: signal.Signals = signal.SIGKILL
    account: Account | None = None
    first_pause: float = FIRST_PAUSE
    # Done before every start, in a thread.
    prepare: Callable[[], None] = nothing
    # Whether it answers; without this a program counts as up once started.
    answers: Callable[[], bool] | None = None
    # What it says at every start and stop and nobody needs to read.
    chatter: Sequence[str] = ()


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """In a session of its own: the terminal's Ctrl-C is for the supervisor, which stops things in order."""
    return subprocess.Popen(
        processes.launched(program.argv, account=program.account, death_signal=program.death_signal),
        cwd=program.folder,
        env=program.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


class Child:
    """One program and its restarts."""

    def __init__(self, program: Program, *, console: Console) -> None:
        self.program = program
        self.console = console
        self.process: subprocess.Popen[bytes] | None = None
        self.stopping = asyncio.Event()
        self.exited = asyncio.Event()
        self.up = asyncio.Event()
        self.hopeless = asyncio.Event()
        self.said: list[str] = []
        self.starts = 0
        self.listeners: set[asyncio.Task[None]] = set()
        self.task = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        pause = self.program.first_pause
        while not self.stopping.is_set():
            began = time.monotonic()
            ending = await self._live_once()
            if self.stopping.is_set():
                return
            if self.up.is_set() and (self.program.answers or time.monotonic() - began > SETTLED):
                pause = self.program.first_pause
            self.up.clear()
            if self.starts >= TRIES:
                self.hopeless.set()
            self._say(f"{ending}; it starts again in {pause:g} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _live_once(self) -> str:
        """Start the program and stay with it to its end; say how it ended."""
        self.starts += 1
        try:
            await asyncio.to_thread(self.program.prepare)
            if self.stopping.is_set():
                return "was not needed any more"
            self.exited.clear()
            self.process = process = spawn(self.program)
        except (Trouble, OSError) as problem:
            self.said = [str(problem)]
            return f"could not be started: {problem}"
        if self.starts > 1:
            self._say(f"started again as process {process.pid}")
        listening = asyncio.create_task(self._listen(process))
        self.listeners.add(listening)
        listening.add_done_callback(self.listeners.discard)
        await self._accompany(process)
        # Its last words, unless a child of its own still holds the pipe.
        await asyncio.wait({listening}, timeout=0.02)
        return ending_of(process.returncode)

    async def _accompany(self, process: subprocess.Popen[bytes]) -> None:
        asking = asyncio.create_task(self._ask())
        try:
            await self.exited.wait()
        finally:
            asking.cancel()
        await self._end_session(process.pid)

    async def _end_session(self, leader: int) -> None:
        """The children of a killed program outlive it and would hold its port, or do its work twice."""
        if left := processes.of_session(leader):
            await asyncio.to_thread(processes.end, left, politely=signal.SIGKILL, seconds=5)

    async def _listen(self, process: subprocess.Popen[bytes]) -> None:
        """Pass on what it says, line by line; a line without end is passed on in pieces."""
        reader = asyncio.StreamReader(limit=LINE_LIMIT)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, process.stdout)
        rest = b""
        while chunk := await reader.read(LINE_LIMIT):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LINE_LIMIT:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._hear(line)
        if rest:
            self._hear(rest)
        transport.close()

    def _hear(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        self.said = [*self.said[-2:], text]
        if not any(phrase in text for phrase in self.program.chatter):
            self._say(text)

    async def _ask(self) -> None:
        """Set `up` once it answers."""
        try:
            # Nothing tells us when a server has begun to answer; one asks.
            while self.program.answers and not await asyncio.to_thread(self.program.answers):  # noqa: ASYNC110
                await asyncio.sleep(processes.POLL)
        except Trouble as problem:
            self.said = [str(problem)]
            self.hopeless.set()
            return
        self.up.set()
        if self.program.answers and self.starts > 1:
            self._say("answers again")

    def reap(self) -> None:
        if self.process and self.process.poll() is not None:
            self.exited.set()

    async def stop(self, *, hurry: asyncio.Event) -> None:
        self.stopping.set()
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.program.stop_signal)
            await self._wait_for_the_end(self.process, hurry=hurry)
        # Not awaited bare: whatever went wrong in it, the other programs are stopped too.
        await asyncio.wait({self.task, *self.listeners}, timeout=2)

    async def _wait_for_the_end(self, process: subprocess.Popen[bytes], *, hurry: asyncio.Event) -> None:
        ended, hurried = asyncio.create_task(self.exited.wait()), asyncio.create_task(hurry.wait())
        first = asyncio.FIRST_COMPLETED
        await asyncio.wait({ended, hurried}, timeout=self.program.stop_seconds, return_when=first)
        hurried.cancel()
        if not ended.done() and self.program.death_signal != signal.SIGKILL:
            process.send_signal(self.program.death_signal)
            await asyncio.wait({ended}, timeout=2)
        if not ended.done():
            self._say("does not stop and is killed")
            process.kill()
        await ended

    def _say(self, line: str) -> None:
        self.console.say(self.program.name, line)


def ending_of(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


class Supervisor:
    """Used as `async with`: leaving by any door stops everything, last started first."""

    def __init__(self, *, console: Console) -> None:
        self.console = console
        self.children: list[Child] = []
        self.asked_to_stop = False
        self.hurry = asyncio.Event()
        self.task: asyncio.Task[object] | None = None

    async def __aenter__(self) -> Self:
        self.task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._ask_to_stop)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        for child in reversed(self.children):
            await child.stop(hurry=self.hurry)
        for child in self.children:
            if child.task.done() and (failure := child.task.exception()):
                raise failure
        # Cancelled by a signal is a clean end, not an error.
        return kind is asyncio.CancelledError and self.asked_to_stop

    def _reap(self) -> None:
        for child in self.children:
            child.reap()

    def _ask_to_stop(self) -> None:
        if self.asked_to_stop:
            self.hurry.set()
            return
        self.asked_to_stop = True
        self.console.announce(["Stopping. Ctrl-C again to hurry."])
        self._leave()

    def _leave(self) -> None:
        if self.task:
            self.task.cancel()

    def _notice(self, task: "asyncio.Task[None]") -> None:
        """A mistake of ours in looking after a program: better to stop than to look after it no longer."""
        if not task.cancelled() and task.exception():
            self._leave()

    async def start(self, program: Program) -> None:
        """Keep the program alive from now on; return once it answers, if it can be asked."""
        child = Child(program, console=self.console)
        child.task.add_done_callback(self._notice)
        self.children.append(child)
        either = {asyncio.create_task(event.wait()) for event in (child.up, child.hopeless)}
        try:
            await asyncio.wait(either, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in either:
                waiting.cancel()
        if program.answers and not child.up.is_set():
            raise Trouble(f"{program.name} does not start. It said: {' / '.join(child.said) or 'nothing.'}")

    async def run_once(self, program: Program, *, quietly: bool = False) -> list[str]:
        """Run a program to its end and return what it said; it has to succeed."""
        process = spawn(program)
        try:
            said = await asyncio.to_thread(self._hear_out, program, process, quietly=quietly)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        if process.returncode:
            for line in said if quietly else []:
                self.console.say(program.name, line)
            raise Trouble(f"{program.name} {ending_of(process.returncode)}. What it said stands above.")
        return said

    def _hear_out(self, program: Program, process: subprocess.Popen[bytes], *, quietly: bool) -> list[str]:
        said = []
        for line in process.stdout or []:
            said.append(line.decode(errors="replace").rstrip())
            if not quietly:
                self.console.say(program.name, said[-1])
        process.wait()
        return said

    async def until_stopped(self) -> None:
        await asyncio.Event().wait()

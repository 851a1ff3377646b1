"""Who is alive, asked of /proc. Process ids in files are never believed: they go stale and are reused."""

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.local.account import Account

LAUNCHER = Path(__file__).with_name("launch.py")
POLL = 0.02
# Hardly anything of the operator's environment reaches a server: a stray PGPORT or LC_ALL changes what it does.
SERVER_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
    **{name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ},  # Python may need it to start
}


def launched(
    argv: Sequence[str], *, account: Account | None = None, death_signal: signal.Signals = signal.SIGKILL
) -> list[str]:
    """The command that starts `argv` as a child dying with this process, as `account` if one is given."""
    who = f"{account.uid}:{account.gid}" if account else "-"
    return [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(death_signal)), who, *argv]


@dataclass(frozen=True)
class Stat:
    name: str
    state: str
    session: int

    @property
    def alive(self) -> bool:
        """A zombie answers to signal 0, but holds neither files nor ports: it is dead."""
        return self.state not in {"Z", "X", "x"}


def stat_of(pid: int) -> Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name stands in brackets and may itself hold brackets and blanks.
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return Stat(name=name, state=fields[0], session=int(fields[3]))


def is_alive(pid: int) -> bool:
    stat = stat_of(pid)
    return stat is not None and stat.alive


def all_alive() -> Iterator[tuple[int, Stat]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (stat := stat_of(int(entry.name))) and stat.alive:
            yield int(entry.name), stat


def working_in(folder: Path, *, names: Iterable[str]) -> list[int]:
    """Live programs of these names whose working directory is `folder`, as a server's is its data."""
    try:
        wanted = folder.stat()
    except OSError:
        return []
    return [pid for pid, stat in all_alive() if stat.name in names and _is_in(pid, wanted)]


def _is_in(pid: int, folder: os.stat_result) -> bool:
    try:
        return os.path.samestat(Path(f"/proc/{pid}/cwd").stat(), folder)
    except OSError:
        return False


def carrying(variable: str, value: str) -> list[int]:
    """Live processes started with this in their environment, except this one."""
    wanted = f"{variable}={value}".encode()
    return [pid for pid, _ in all_alive() if pid != os.getpid() and wanted in _environment(pid)]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def of_session(leader: int) -> list[int]:
    """Live processes of the session that `leader` opened, whether or not it is still alive."""
    return [pid for pid, stat in all_alive() if stat.session == leader]


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def wait_until_gone(pids: Iterable[int], *, seconds: float) -> list[int]:
    """Wait for processes that need not be our children; return those still alive."""
    deadline = time.monotonic() + seconds
    left = [pid for pid in pids if is_alive(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL)
        left = [pid for pid in left if is_alive(pid)]
    return left


def end(pids: Iterable[int], *, politely: signal.Signals, seconds: float) -> None:
    """Ask, wait, then kill."""
    pids = list(pids)
    send(pids, politely)
    left = wait_until_gone(pids, seconds=seconds)
    send(left, signal.SIGKILL)
    wait_until_gone(left, seconds=5)

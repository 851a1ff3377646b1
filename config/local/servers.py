"""The embedded servers of one checkout, and throw-away ones for tests."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.local import home, processes
from config.local.account import Account, account_to_drop_to, can_enter, own
from config.local.binaries import VALKEY_NAMES, postgres_programs, valkey_program
from config.local.home import SHELTERS
from config.local.postgres import APP, OWNER, SERVER_ENVIRONMENT, SUPERUSER, Postgres
from config.local.trouble import Trouble
from config.local.valkey import Valkey

Server = Postgres | Valkey
START_SECONDS = 60.0
TEMPORARY = "callwright-servers-"


@dataclass(frozen=True)
class TemporaryServers:
    environment: Mapping[str, str]
    superuser_url: str
    postgres: Postgres
    valkey: Valkey


@contextmanager
def temporary_servers(*, durable: bool = False) -> Iterator[TemporaryServers]:
    """A Postgres and a Valkey in a folder of their own, gone afterwards, also when this process is killed."""
    account = account_to_drop_to()
    parent = _parent_for(account)
    sweep(parent)
    with _temporary_folder(parent, account=account) as folder, ExitStack() as running:
        passwords = {name: make() for name, make in home.SECRETS.items()}
        postgres = Postgres(
            programs=postgres_programs(account=account, shelter=shelter_of_tests()),
            folder=folder / "postgres",
            port=home.free_port(),
            account=account,
            passwords=passwords,
            durable=durable,
        )
        valkey = Valkey(
            program=valkey_program(account=account, shelter=shelter_of_tests()),
            folder=folder / "valkey",
            port=home.free_port(),
            account=account,
            password=passwords["valkey"],
            durable=durable,
        )
        for server in (postgres, valkey):
            server.prepare()
            running.enter_context(started(server, log=folder / f"{server.name}.log"))
        yield TemporaryServers(
            environment=addresses(postgres=postgres, valkey=valkey),
            superuser_url=postgres.url(SUPERUSER, database="postgres"),
            postgres=postgres,
            valkey=valkey,
        )


def addresses(*, postgres: Postgres | None, valkey: Valkey | None) -> dict[str, str]:
    found = {}
    if postgres:
        found |= {"DATABASE_OWNER_URL": postgres.url(OWNER), "DATABASE_URL": postgres.url(APP)}
    if valkey:
        found |= {"REDIS_URL": valkey.url}
    return found


@contextmanager
def started(server: Server, *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server as a child of this process, answering; stopped on the way out."""
    server.clear()
    with log.open("ab") as output:
        child = subprocess.Popen(
            processes.launched(server.argv, account=server.account, death_signal=server.death_signal),
            cwd=server.folder,
            env=SERVER_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(server, child, log=log)
        server.furnish()
        yield child
    finally:
        stop(server, child)


def _wait_until_it_answers(server: Server, child: subprocess.Popen[bytes], *, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if child.poll() is not None:
            raise Trouble(f"{server.name} ended while starting. It said: {last_words(log)}")
        if time.monotonic() > deadline:
            raise Trouble(f"{server.name} did not answer within {START_SECONDS:.0f} seconds. It said: {last_words(log)}")
        time.sleep(0.02)


def last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "nothing."


def stop(server: Server, child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(server.stop_signal)
    try:
        child.wait(server.stop_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


# Folders of tests


def shelter_of_tests() -> Path:
    return SHELTERS / "tests"


def _parent_for(account: Account | None) -> Path:
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - made with mkdtemp inside
        if can_enter(parent, account=account):
            return parent
    SHELTERS.mkdir(mode=0o755, parents=True, exist_ok=True)
    return SHELTERS


@contextmanager
def _temporary_folder(parent: Path, *, account: Account | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=parent))
    own(folder, account=account)
    with home.held(_lock_of(folder)):
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _lock_of(folder: Path) -> Path:
    """Beside the folder, so that it outlives it: who holds it is alive, and the folder is in use."""
    return folder.with_name(f"{folder.name}.lock")


def sweep(parent: Path) -> None:
    """Delete what killed test runs left behind. A folder whose lock can be had belongs to nobody alive."""
    for folder in parent.glob(f"{TEMPORARY}*"):
        if folder.is_dir() and not folder.is_symlink() and _is_old(folder):
            with home.held(_lock_of(folder)) as ours:
                if ours:
                    _delete(folder)


def _is_old(folder: Path) -> bool:
    """Not in the moment between being made and being locked."""
    return _lock_of(folder).exists()


def _delete(folder: Path) -> None:
    for name in ("postgres", "valkey"):
        processes.end(
            processes.working_in(folder / name, names=("postgres", *VALKEY_NAMES)),
            politely=signal.SIGQUIT,
            seconds=2,
        )
    shutil.rmtree(folder, ignore_errors=True)

"""The embedded servers of this checkout, and throw-away ones for tests."""

import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config.env import Environment
from config.local import home, processes
from config.local.account import Account, account_to_drop_to, can_enter, own
from config.local.binaries import VALKEY_NAMES, postgres_programs, valkey_program
from config.local.home import SHELTERS, Home
from config.local.postgres import APP, OWNER, SUPERUSER, Postgres
from config.local.trouble import Trouble
from config.local.valkey import Valkey

Server = Postgres | Valkey
START_SECONDS = 60.0
TEMPORARY = "callwright-servers-"


@dataclass(frozen=True)
class Installation:
    """What this checkout runs itself, None where the operator named a server, and how to reach either."""

    postgres: Postgres | None
    valkey: Valkey | None
    addresses: Mapping[str, str]

    @property
    def servers(self) -> list[Server]:
        return [server for server in (self.postgres, self.valkey) if server]


def installation(*, place: Home, env: Environment, running: bool = False) -> Installation:
    """Unless the servers are `running`, the ports named in it are free."""
    given = given_addresses(env, app_password=place.secrets()[APP])
    if {"DATABASE_URL", "REDIS_URL"} <= set(given):
        return Installation(postgres=None, valkey=None, addresses=given)
    account = account_to_drop_to(owner_of=existing(place))
    folder = servers_folder(place, account=account)
    if not running:
        end_servers_in(folder)
    postgres = valkey = None
    if "DATABASE_URL" not in given:
        postgres = Postgres(
            postgres_programs(account=account, shelter=place.shelter),
            folder / "postgres",
            port=place.port("postgres", has_to_be_free=not running),
            account=account,
            passwords=place.secrets(),
        )
    if "REDIS_URL" not in given:
        valkey = Valkey(
            valkey_program(account=account, shelter=place.shelter),
            folder / "valkey",
            port=place.port("valkey", has_to_be_free=not running),
            account=account,
            password=place.secrets()["valkey"],
        )
    return Installation(postgres, valkey, given | addresses(postgres=postgres, valkey=valkey))


def end_servers_in(folder: Path) -> None:
    """Leftovers of a supervisor that was killed; they would hold our ports."""
    processes.end(processes.working_in(folder / "postgres", names={"postgres"}), politely=signal.SIGINT, seconds=20)
    processes.end(processes.working_in(folder / "valkey", names=VALKEY_NAMES), politely=signal.SIGTERM, seconds=10)


def given_addresses(env: Environment, *, app_password: str) -> dict[str, str]:
    """The servers the operator named. One database address alone is the owner's; the app's is made from it."""
    owner, app, redis = (env.text(key, "") for key in ("DATABASE_OWNER_URL", "DATABASE_URL", "REDIS_URL"))
    found = {"REDIS_URL": redis} if redis else {}
    if owner and app:
        found |= {"DATABASE_OWNER_URL": owner, "DATABASE_URL": app}
    elif only := owner or app:
        parts = urlsplit(only)
        place = f"{APP}:{app_password}@{parts.netloc.rpartition('@')[2]}"
        found |= {"DATABASE_OWNER_URL": only, "DATABASE_URL": parts._replace(netloc=place).geturl()}
    return found


def addresses(*, postgres: Postgres | None, valkey: Valkey | None) -> dict[str, str]:
    found = {"REDIS_URL": valkey.url} if valkey else {}
    if postgres:
        found |= {"DATABASE_OWNER_URL": postgres.url(OWNER), "DATABASE_URL": postgres.url(APP)}
    return found


def existing(place: Home) -> Path | None:
    """The database's folder, if it has been made before, wherever that was."""
    return next((path for path in (place.shelter / "postgres", place.data / "postgres") if path.exists()), None)


def servers_folder(place: Home, *, account: Account | None) -> Path:
    """The data folder, or the shelter where the servers' account cannot enter it."""
    found = existing(place)
    if found and found.parent != place.data:
        return found.parent
    if can_enter(place.data, account=account):
        return place.data
    if found and account:
        raise Trouble(
            f"The database lies in {place.data}, which the account {account.name} can no longer enter. Let it pass"
            f" through the folders above (chmod o+x), or start afresh with `make reset`, which deletes the data."
        )
    return home.passable(place.shelter)


# Starting and stopping, for processes that are not the supervisor


@contextmanager
def started(server: Server, *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server as a child of this process, answering; stopped on the way out."""
    server.prepare()
    server.clear()
    with log.open("wb") as output:
        child = subprocess.Popen(
            processes.launched(server.argv, account=server.account, death_signal=server.death_signal),
            cwd=server.folder,
            env=processes.SERVER_ENVIRONMENT,
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
        _stop(server, child)


def _wait_until_it_answers(server: Server, child: subprocess.Popen[bytes], *, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if child.poll() is not None:
            raise Trouble(f"{server.name} ended while starting. It said: {_last_words(log)}")
        if time.monotonic() > deadline:
            raise Trouble(f"{server.name} did not answer in {START_SECONDS:.0f} s. It said: {_last_words(log)}")
        time.sleep(processes.POLL)


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "nothing."


def _stop(server: Server, child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.send_signal(server.stop_signal)
    try:
        child.wait(server.stop_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


# Throw-away servers


@dataclass(frozen=True)
class TemporaryServers:
    environment: Mapping[str, str]
    superuser_url: str
    folder: Path
    postgres: Postgres
    valkey: Valkey


@contextmanager
def temporary_servers(*, durable: bool = False) -> Iterator[TemporaryServers]:
    """A Postgres and a Valkey in a folder of their own, gone afterwards, also when this process is killed."""
    account = account_to_drop_to()
    parent = _parent_for(account)
    sweep(parent)
    with _temporary_folder(parent, account=account) as folder, ExitStack() as running:
        servers = _temporary(folder, account=account, durable=durable)
        for server in (servers.postgres, servers.valkey):
            running.enter_context(started(server, log=folder / f"{server.name}.log"))
        yield servers


def _temporary(folder: Path, *, account: Account | None, durable: bool) -> TemporaryServers:
    passwords = {name: make() for name, make in home.SECRETS.items()}
    shelter = Home.of(Environment.of_this_process()).shelter
    postgres = Postgres(
        postgres_programs(account=account, shelter=shelter),
        folder / "postgres",
        port=home.free_port(),
        account=account,
        passwords=passwords,
        durable=durable,
    )
    valkey = Valkey(
        valkey_program(account=account, shelter=shelter),
        folder / "valkey",
        port=home.free_port(),
        account=account,
        password=passwords["valkey"],
        durable=durable,
    )
    return TemporaryServers(
        environment=addresses(postgres=postgres, valkey=valkey),
        superuser_url=postgres.url(SUPERUSER, database="postgres"),
        folder=folder,
        postgres=postgres,
        valkey=valkey,
    )


def _parent_for(account: Account | None) -> Path:
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - a private one with a random name is made inside
        if can_enter(parent, account=account):
            return parent
    return home.passable(SHELTERS)


@contextmanager
def _temporary_folder(parent: Path, *, account: Account | None) -> Iterator[Path]:
    folder = parent / f"{TEMPORARY}{secrets.token_hex(6)}"
    # The lock lies beside the folder and is there before and after it. Who holds it is alive and uses the folder.
    with home.held(folder.with_suffix(".lock")) as ours:
        if not ours:
            raise Trouble(f"Another run is sweeping {parent} at this very moment. Start the tests again.")
        folder.mkdir(mode=0o700)
        own(folder, account=account)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Delete what killed test runs left behind. A folder whose lock can be had belongs to nobody alive."""
    for lock in parent.glob(f"{TEMPORARY}*.lock"):
        with suppress(PermissionError), home.held(lock) as ours:
            if ours:
                _delete(lock.with_suffix(""))


def _delete(folder: Path) -> None:
    for name in ("postgres", "valkey"):
        left = processes.working_in(folder / name, names=("postgres", *VALKEY_NAMES))
        processes.end(left, politely=signal.SIGKILL, seconds=2)
    shutil.rmtree(folder, ignore_errors=True)

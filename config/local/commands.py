"""Borrowing the servers for one command, looking inside with psql, and starting afresh."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config.env import Environment
from config.local import processes
from config.local.binaries import psql_program
from config.local.home import SHELTERS, Home
from config.local.run import children_environment, demand_sole, end_leftovers, practice_clock, sole_holder
from config.local.servers import START_SECONDS, Server, end_servers_in, installation, started
from config.local.trouble import Trouble


def run_with_servers(command: Sequence[str], *, env: Environment) -> int:
    with servers_up(env) as environment:
        return obey(command, environment=environment)


@contextmanager
def servers_up(env: Environment) -> Iterator[Mapping[str, str]]:
    """The environment that names the running servers; without any, our own for the length of the block."""
    place = Home.of(env)
    place.make()
    with sole_holder(place, doing="lending its servers to a command") as ours, ExitStack() as lent:
        if ours:
            end_leftovers(place)
        own = installation(place=place, env=env, running=not ours)
        for server in own.servers:
            if ours:
                lent.enter_context(started(server, log=place.data / f"{server.name}.log"))
            else:
                wait_for(server)
        reading = practice_clock(place=place, env=env, running=not ours)
        yield children_environment(place=place, env=env, own=own, reading=reading)


def wait_for(server: Server) -> None:
    """The supervisor holds the lock before its servers are up."""
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if time.monotonic() > deadline:
            raise Trouble(f"Callwright is running here, but {server.name} does not answer. See what it prints.")
        time.sleep(processes.POLL)


def obey(command: Sequence[str], *, environment: Mapping[str, str]) -> int:
    """In our own session and terminal: Ctrl-C is for the command, and we outlive it to stop the servers."""
    try:
        child = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        raise Trouble(f"There is no command {command[0]}.") from None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    code = child.wait()
    return code if code >= 0 else 128 - code


def psql(arguments: Sequence[str], *, env: Environment) -> int:
    """As the owner, who sees every workspace."""
    with servers_up(env) as environment:
        parts = urlsplit(environment["DATABASE_OWNER_URL"])
        # The password travels in the environment: a command line can be read by every account of the machine.
        named = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
        password = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
        return obey([str(psql_program()), named, *arguments], environment={**environment, **password})


def reset(*, env: Environment, sure: bool) -> int:
    """Empty the data folder and what lies for it under /var/lib/callwright."""
    place = Home.of(env)
    if not place.data.is_dir() and not place.shelter.is_dir():
        print(f"There is nothing in {place.data}.")
        return 0
    place.make()
    with sole_holder(place, doing="being reset") as ours:
        demand_sole(place, ours=ours)
        if not sure:
            confirm(place)
        end_leftovers(place)
        for folder in (place.data, place.shelter):
            end_servers_in(folder)
            empty(folder)
    print(f"{place.data} is empty. `make run` starts afresh.")
    return 0


def confirm(place: Home) -> None:
    if not sys.stdin.isatty():
        raise Trouble(f"This deletes everything in {place.data}. Say so: `python -m config.local reset --yes`.")
    if input(f"Delete everything in {place.data}? Type yes: ").strip().lower() != "yes":
        raise Trouble("Nothing was deleted.")


def empty(folder: Path) -> None:
    for path in folder.iterdir() if folder.is_dir() else []:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "supervisor.lock":
            path.unlink()
    if folder.is_relative_to(SHELTERS) and folder.is_dir():
        folder.rmdir()

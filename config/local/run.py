"""What `make run` does, from an empty folder to the sign-in."""

import asyncio
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from config.env import CHECKOUT, BadSetting, Environment
from config.local import demo_hour, home, processes
from config.local.console import Console
from config.local.demo_hour import Reading
from config.local.home import Home
from config.local.servers import Installation, Server, installation
from config.local.supervisor import Program, Supervisor
from config.local.trouble import Trouble

HOST = "127.0.0.1"
READY_SECONDS = 60.0
# In the environment of every supervised program, so that the next start knows leftovers of this one for certain.
MARK = "CALLWRIGHT_SUPERVISED_IN"


@dataclass(frozen=True)
class Process:
    name: str
    arguments: Sequence[str]  # to Python; $PORT is the setting
    stop_seconds: float
    stop_signal: signal.Signals = signal.SIGTERM


WEB = (
    "-m uvicorn config.asgi:application --host 127.0.0.1 --port $PORT --no-access-log --no-proxy-headers"
    " --timeout-graceful-shutdown 10 --log-config config/uvicorn_logs.json"
)
WORKER = (
    "-m celery -A config --quiet worker --queues dispatch,dial,default,imports,exports --concurrency 2"
    " --without-gossip --without-mingle --hostname worker@%h"
)
BEAT = "-m celery -A config --quiet beat"


@dataclass(frozen=True)
class Product:
    """Every program of the product: what is done once, then what stays, in the order of starting."""

    set_up: tuple[Sequence[str], ...] = (
        ["manage.py", "prepare_database", "--verbosity", "0"],
        ["manage.py", "seed_practice"],
    )
    # Its last line is JSON: the e-mail address, and the password unless somebody has chosen their own.
    sign_in: Sequence[str] = ("manage.py", "seed_practice", "--print-sign-in")
    processes: tuple[Process, ...] = (
        Process("web", WEB.split(), stop_seconds=15),
        Process("worker", WORKER.split(), stop_seconds=25),
        Process("beat", BEAT.split(), stop_seconds=10),
    )

    @property
    def names(self) -> list[str]:
        return ["postgres", "valkey", "set-up", *(process.name for process in self.processes)]


def run(env: Environment, *, product: Product) -> int:
    place = Home.of(env)
    place.make()
    port = port_of(env)
    with sole_holder(place, doing=f"http://{HOST}:{port}") as ours:
        demand_sole(place, ours=ours)
        end_leftovers(place)
        demand_free(port)
        return asyncio.run(supervise(product, place=place, env=env, port=port))


async def supervise(product: Product, *, place: Home, env: Environment, port: int) -> int:
    own = installation(place=place, env=env)
    reading = practice_clock(place=place, env=env)
    environment = children_environment(place=place, env=env, own=own, reading=reading) | {MARK: str(place.data)}
    async with Supervisor(console=Console(product.names)) as supervisor:
        for server in own.servers:
            await asyncio.to_thread(server.prepare)
            await supervisor.start(server_program(server, place=place))
            await asyncio.to_thread(server.furnish)
        for arguments in product.set_up:
            await supervisor.run_once(once(arguments, environment=environment))
        for process in product.processes:
            await supervisor.start(lasting(process, environment=environment))
        sign_in = await supervisor.run_once(once(product.sign_in, environment=environment), quietly=True)
        trouble = await until_ready(port)
        supervisor.console.announce(banner(port=port, sign_in=sign_in[-1], reading=reading, trouble=trouble))
        await supervisor.until_stopped()
    return 0


# One run per data folder


@contextmanager
def sole_holder(place: Home, *, doing: str) -> Iterator[bool]:
    """Whether this process may start servers here, for the length of the block. Others learn what it is `doing`."""
    path = place.data / "supervisor.lock"
    with home.held(path) as ours:
        if ours:
            path.write_text(f"process {os.getpid()}, {doing}")
        yield ours


def who_holds(place: Home) -> str:
    """Out of the lock's file, believed only while its lock is held."""
    with suppress(OSError):
        return (place.data / "supervisor.lock").read_text() or "it has only just started"
    return "it has only just stopped"


def demand_sole(place: Home, *, ours: bool) -> None:
    if not ours:
        raise Trouble(
            f"Callwright is already running here ({who_holds(place)}). Use that one, or stop it first with Ctrl-C"
            " where it was started."
        )


def end_leftovers(place: Home) -> None:
    """What a supervisor that was killed may have left: its programs carry the mark of this folder."""
    processes.end(processes.carrying(MARK, str(place.data)), politely=signal.SIGTERM, seconds=3)


# Settings


def port_of(env: Environment) -> int:
    port = int(env.number("PORT", 8000))
    if not 0 < port < 65536:
        raise BadSetting(f"PORT is {port}. Write a number between 1 and 65535, such as 8000.")
    return port


def demand_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as problem:
            raise Trouble(
                f"Port {port} on {HOST} cannot be used ({problem.strerror}). Stop the program that has it,"
                f" or choose another port: `PORT={port + 1} make run`."
            ) from None


def practice_clock(*, place: Home, env: Environment, running: bool = False) -> Reading | None:
    """None where the operator asked for real time with CLOCK_START=real. A clock that is `running` is left alone."""
    real = datetime.now(UTC)  # noqa: TID251 - a doorway that runs before there are settings
    start, speed = env.text("CLOCK_START", ""), env.number("CLOCK_SPEED", 1)
    if start == "real":
        return None
    kept = kept_reading(place, given=start)
    if kept and running:
        return kept
    if start:
        reading = kept or given_reading(start, anchor=env.number("CLOCK_ANCHOR", real.timestamp()), speed=speed)
    else:
        reading = demo_hour.resumed(kept, real=real, speed=speed)
    noted = {"start": reading.start.isoformat(), "anchor": reading.anchor.timestamp(), "speed": reading.speed}
    home.write_whole(place.data / "clock.json", json.dumps(noted | {"given": start}))
    return reading


def kept_reading(place: Home, *, given: str) -> Reading | None:
    """The clock of the last start, unless the operator has since set it differently."""
    try:
        kept = json.loads((place.data / "clock.json").read_text())
        if kept["given"] != given:
            return None
        anchor = datetime.fromtimestamp(kept["anchor"], UTC)
        return Reading(datetime.fromisoformat(kept["start"]), anchor, kept["speed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def given_reading(start: str, *, anchor: float, speed: float) -> Reading:
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - refused just below
    if moment.tzinfo is None:
        raise BadSetting(f"CLOCK_START is {start!r}. Write a moment with its offset: 2026-11-24T10:30:00-05:00.")
    return Reading(moment.astimezone(UTC), datetime.fromtimestamp(anchor, UTC), speed)


def children_environment(
    *, place: Home, env: Environment, own: Installation, reading: Reading | None
) -> dict[str, str]:
    secrets = place.secrets()
    chosen = {name: env.text(name, secrets[name]) for name in ("SECRET_KEY", "SECRETS_KEYS", "DEMO_PASSWORD")}
    return {
        **os.environ,
        **chosen,
        **own.addresses,
        **clock_environment(reading),
        "CALLWRIGHT_DATA": str(place.data),
        "PORT": str(port_of(env)),
        "LOG_FORM": env.text("LOG_FORM", "text"),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def clock_environment(reading: Reading | None) -> dict[str, str]:
    if reading is None:
        return {"CLOCK_START": "", "CLOCK_ANCHOR": "", "CLOCK_SPEED": ""}
    return {
        "CLOCK_START": reading.start.isoformat(),
        "CLOCK_ANCHOR": repr(reading.anchor.timestamp()),
        "CLOCK_SPEED": f"{reading.speed:g}",
    }


# Programs


def server_program(server: Server, *, place: Home) -> Program:
    return Program(
        name=server.name,
        argv=server.argv,
        folder=server.folder,
        environment={**processes.SERVER_ENVIRONMENT, MARK: str(place.data)},
        stop_signal=server.stop_signal,
        stop_seconds=server.stop_seconds,
        death_signal=server.death_signal,
        account=server.account,
        prepare=server.clear,
        answers=server.answers,
        chatter=server.chatter,
        first_pause=0.05,  # everything waits for it
    )


def lasting(process: Process, *, environment: Mapping[str, str]) -> Program:
    return Program(
        name=process.name,
        argv=python(process.arguments, environment=environment),
        folder=CHECKOUT,
        environment=environment,
        stop_signal=process.stop_signal,
        stop_seconds=process.stop_seconds,
    )


def once(arguments: Sequence[str], *, environment: Mapping[str, str]) -> Program:
    argv = python(arguments, environment=environment)
    return Program(name="set-up", argv=argv, folder=CHECKOUT, environment=environment)


def python(arguments: Sequence[str], *, environment: Mapping[str, str]) -> list[str]:
    return [sys.executable, *(argument.replace("$PORT", environment["PORT"]) for argument in arguments)]


# The end of the start


async def until_ready(port: int) -> str | None:
    """None once every part answers, else what is still missing."""
    deadline = time.monotonic() + READY_SECONDS
    while missing := await asyncio.to_thread(said_by, port, "/healthz", "/readyz"):
        if time.monotonic() > deadline:
            return missing
        await asyncio.sleep(0.1)
    return None


def said_by(port: int, *paths: str) -> str | None:
    """What the first of these says that is not well."""
    return next((said for path in paths if (said := _said_by(port, path))), None)


def _said_by(port: int, path: str) -> str | None:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        text = response.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as problem:
        return f"{path} does not answer ({problem})"
    finally:
        connection.close()
    return None if response.status == http.client.OK else f"{path} says {response.status}: {text}"


def banner(*, port: int, sign_in: str, reading: Reading | None, trouble: str | None) -> list[str]:
    person = json.loads(sign_in)
    lines = [
        f"Callwright runs at  http://{HOST}:{port}",
        f"Sign in as          {person['email'] or 'yourself, with the account you made'}",
        *([f"Password            {person['password'] or 'the one you chose'}"] if person["email"] else []),
    ]
    if reading:
        real = datetime.now(UTC)  # noqa: TID251 - a doorway that runs before there are settings
        lines.append(f"Practice clock      {demo_hour.sentence(reading, real=real)}")
    if trouble:
        lines.append(f"Not all is ready    {trouble}")
    return [*lines, "Ctrl-C stops everything."]

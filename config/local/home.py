"""The data folder of one checkout: its secrets, its ports, its lock."""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from config.env import CHECKOUT, Environment
from config.local.trouble import Trouble

SHELTERS = Path("/var/lib/callwright")
# Below the range the kernel gives to outgoing connections, so that none takes a port while its server restarts.
PORTS = range(15_000, 32_000)


class Home:
    def __init__(self, data: Path) -> None:
        self.data = data

    @classmethod
    def of(cls, env: Environment) -> "Home":
        return cls(Path(env.text("CALLWRIGHT_DATA", str(CHECKOUT / "data"))).expanduser().absolute())

    @property
    def shelter(self) -> Path:
        """Where the servers live when their account cannot enter the data folder."""
        place = hashlib.sha256(os.fsencode(self.data.resolve())).hexdigest()[:10]
        return SHELTERS / f"{self.data.resolve().parent.name}-{place}"

    def make(self) -> None:
        try:
            passable(self.data)
            probe = self.data / f".probe-{os.getpid()}"
            probe.write_bytes(b"x" * 4096)
            probe.unlink()
        except OSError as problem:
            raise Trouble(
                f"The data folder {self.data} cannot be written: {problem.strerror}. Make room or rights"
                " there, or name another folder in CALLWRIGHT_DATA."
            ) from None

    # Secrets: made once, written whole or not at all.

    def secrets(self) -> dict[str, str]:
        """Every secret by name; those not made yet are made now and kept."""
        path = self.data / "secrets.json"
        kept = self._read(path)
        missing = {name: make() for name, make in SECRETS.items() if name not in kept}
        if missing:
            kept |= missing
            write_whole(path, json.dumps(kept, indent=2))
        return kept

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            return dict(json.loads(path.read_text()))
        except FileNotFoundError:
            return {}
        except (ValueError, OSError) as problem:
            raise Trouble(
                f"{path} cannot be read ({problem}). Put the right file back from a copy, or start afresh"
                " with `make reset`, which deletes the data."
            ) from None

    # Ports: remembered, so that addresses noted elsewhere stay true.

    def port(self, name: str, *, has_to_be_free: bool) -> int:
        path = self.data / "ports.json"
        ports = self._read(path)
        if name not in ports or (has_to_be_free and not is_free(ports[name])):
            ports[name] = free_port()
            write_whole(path, json.dumps(ports))
        return int(ports[name])


def passable(folder: Path) -> Path:
    """Make a folder of our own that other accounts may pass through, whatever the umask."""
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(exist_ok=True)
        missing.chmod(0o755)
    return folder


def _password() -> str:
    return secrets.token_urlsafe(24)


def _sayable_password() -> str:
    """Four words that mean nothing, about 51 bits: it is printed, read and typed by people."""
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    return "-".join(secrets.choice(syllables) + secrets.choice(syllables) for _ in range(4))


SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "SECRETS_KEYS": lambda: "k1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "DEMO_PASSWORD": _sayable_password,
    "postgres": _password,
    "callwright_owner": _password,
    "callwright_app": _password,
    "valkey": _password,
}


def write_whole(path: Path, text: str) -> None:
    """Readers see the old file or the new one, never half of one, even after a power cut."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _flush_folder(path.parent)
    except OSError as problem:
        raise Trouble(f"{path} cannot be written: {problem.strerror}. Make room or rights there.") from None


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: connections that are only lingering do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    for _ in range(200):
        port = secrets.choice(PORTS)
        if is_free(port):
            return port
    raise Trouble(f"No free port was found between {PORTS.start} and {PORTS.stop} on 127.0.0.1.")


def lock(path: Path) -> int | None:
    """Hold the file while this process lives; None if another does. The kernel lets go, whatever happens."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)  # its last holder has just removed it


def unlock(path: Path, descriptor: int) -> None:
    # Removed while still held: whoever opened it meanwhile finds out by the check in `lock`.
    path.unlink(missing_ok=True)
    os.close(descriptor)


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether this process holds the lock, for the length of the block."""
    descriptor = lock(path)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            unlock(path, descriptor)

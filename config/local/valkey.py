"""One Valkey (or Redis) of our own, appending every write to a file that is flushed each second."""

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.local import processes
from config.local.account import Account, own
from config.local.binaries import VALKEY_NAMES
from config.local.trouble import Trouble


@dataclass(frozen=True)
class Valkey:
    program: Path
    folder: Path
    port: int
    account: Account | None
    password: str
    durable: bool = True

    name: ClassVar = "valkey"
    stop_signal: ClassVar = signal.SIGTERM
    stop_seconds: ClassVar = 10.0
    death_signal: ClassVar = signal.SIGTERM
    chatter: ClassVar = ("Memory overcommit must be enabled", "Received SIGTERM", "ready to exit")

    @property
    def argv(self) -> list[str]:
        return [str(self.program), str(self.settings_file)]

    @property
    def settings_file(self) -> Path:
        return self.folder / "valkey.conf"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        own(self.folder, account=self.account)
        self._write_settings()

    def _write_settings(self) -> None:
        """In a file, not on the command line, where every account of the machine could read the password."""
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "protected-mode": "yes",
            "requirepass": self.password,
            "databases": "32",
            "dir": _quoted(str(self.folder)),
            "daemonize": "no",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            # The last write of a killed server may be half there; what was acknowledged before it is whole.
            "aof-load-truncated": "yes",
            "save": '""',
            "loglevel": "warning",
        }
        self.settings_file.unlink(missing_ok=True)
        self.settings_file.touch(mode=0o600)
        own(self.settings_file, account=self.account)
        self.settings_file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))

    def clear(self) -> None:
        leftovers = processes.working_in(self.folder, names=VALKEY_NAMES)
        processes.end(leftovers, politely=self.stop_signal, seconds=self.stop_seconds)

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except redis.AuthenticationError:
            raise Trouble(
                f"Port {self.port} is answered by another Redis. Stop it, or delete ports.json beside {self.folder}."
            ) from None
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def furnish(self) -> None:
        """Nothing: a Redis needs no rooms made ready."""


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))

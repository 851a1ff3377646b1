"""One Postgres of our own: made once, started in the foreground, never more than one on its folder."""

import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from config.local import processes
from config.local.account import Account, own
from config.local.trouble import Trouble

SUPERUSER, OWNER, APP, DATABASE = "postgres", "callwright_owner", "callwright_app", "callwright"
LIMITS = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION")


@dataclass(frozen=True)
class Postgres:
    programs: Path
    folder: Path
    port: int
    account: Account | None
    passwords: Mapping[str, str]
    durable: bool = True

    name: ClassVar = "postgres"
    # Fast shutdown: sessions are ended, what is committed is kept.
    stop_signal: ClassVar = signal.SIGINT
    stop_seconds: ClassVar = 20.0
    # Immediate shutdown when the supervisor is killed: nobody is left to wait for; the next start recovers.
    death_signal: ClassVar = signal.SIGQUIT
    chatter: ClassVar = ("the database system is", "Consistent recovery state", "terminating connection")

    @property
    def argv(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "",
            "log_min_messages": "fatal",
            "logging_collector": "off",
        }
        if not self.durable:
            settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.folder), *options]

    def url(self, role: str, *, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data folder if there is none that is whole."""
        if (self.folder / "PG_VERSION").is_file():
            self._check_version()
        else:
            self._initialise()

    def _check_version(self) -> None:
        kept = (self.folder / "PG_VERSION").read_text().strip()
        offered = self._major_version()
        if kept != offered:
            raise Trouble(
                f"The data in {self.folder} was written by PostgreSQL {kept}; the one found here is {offered}."
                f" Install PostgreSQL {kept}, or move the data over with pg_dump and pg_restore,"
                " or start afresh with `make reset`, which deletes it."
            )

    def _major_version(self) -> str:
        """Out of `postgres (PostgreSQL) 18.6 (Debian 18.6-1)` and its like."""
        said = self._run([str(self.programs / "postgres"), "--version"]).stdout
        found = re.search(r"\(PostgreSQL\) (\d+)", said)
        return found[1] if found else said.strip()

    def _initialise(self) -> None:
        """Under another name until it is whole, so that one cut short is recognised and made again."""
        unfinished = self.folder.with_name(f"{self.folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        own(unfinished, account=self.account)
        password_file = unfinished.with_name(f"{unfinished.name}.password")
        password_file.unlink(missing_ok=True)
        try:
            password_file.touch(mode=0o600)
            own(password_file, account=self.account)
            password_file.write_text(self.passwords[SUPERUSER])
            self._initdb(unfinished, password_file)
        finally:
            password_file.unlink(missing_ok=True)
        unfinished.rename(self.folder)

    def _initdb(self, folder: Path, password_file: Path) -> None:
        argv = [str(self.programs / "initdb"), "-D", str(folder), "-U", SUPERUSER]
        argv += [
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--encoding=UTF8",
            "--no-instructions",
        ]
        argv += [] if self.durable else ["--no-sync"]
        done = self._run([*argv, "--locale=C.UTF-8"])
        if done.returncode:
            done = self._run([*argv, "--locale=C"])
        if done.returncode:
            raise Trouble(f"The database could not be made in {folder.parent}. {_reason(done.stderr)}")

    def _run(self, argv: list[str]) -> "subprocess.CompletedProcess[str]":
        """It dies with us: two at once would make the same folder."""
        return subprocess.run(
            processes.launched(argv, account=self.account),
            cwd="/",
            env=processes.SERVER_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )

    def clear(self) -> None:
        """Leave nobody on the folder, then remove the pid file, which by now can only be wrong.

        The order matters: through that file Postgres finds old processes that still hold its shared memory, and
        waits for them. It would also wait for ever if the number in it now belongs to a stranger.
        """
        leftovers = processes.working_in(self.folder, names={"postgres"})
        processes.end(leftovers, politely=self.stop_signal, seconds=self.stop_seconds)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url(SUPERUSER, database="postgres"), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as problem:
            if "password authentication failed" in str(problem):
                raise Trouble(
                    f"The database in {self.folder} refuses the password in secrets.json: that file belongs to"
                    " another database. Put the right one back, or start afresh with `make reset`, which deletes"
                    " the data."
                ) from None
            return False
        return True

    def furnish(self) -> None:
        """The two roles and the database. Passwords are set at every start: secrets.json is what counts."""
        url = self.url(SUPERUSER, database="postgres")
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            for role in (OWNER, APP):
                self._furnish_role(connection, role)
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                names = sql.Identifier(DATABASE), sql.Identifier(OWNER)
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))

    def _furnish_role(self, connection: "psycopg.Connection[tuple[object, ...]]", role: str) -> None:
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = sql.SQL("ALTER ROLE" if found else "CREATE ROLE")
        # Hashed here, so that the password itself can appear in no log of the server.
        password = self.passwords[role].encode()
        hashed = connection.pgconn.encrypt_password(password, role.encode(), b"scram-sha-256")
        command = sql.SQL("{} {} WITH {} PASSWORD {}")
        connection.execute(command.format(verb, sql.Identifier(role), LIMITS, sql.Literal(hashed.decode())))


def _reason(text: str) -> str:
    """The line that matters among what initdb says; around it is what it did and what it tidies up."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"FATAL|PANIC|error|could not", line)] or lines[-1:]
    return f"It said: {telling[0]}" if telling else "It did not say why."

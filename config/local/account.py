"""Postgres refuses to run as root; started by root, the servers are lent an account that already exists."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.local.trouble import Trouble

# Nothing is ever added to the machine's accounts; the first of these that exists will do.
UNPRIVILEGED = ("postgres", "valkey", "redis", "nobody")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    def can(self, *argv: str) -> bool:
        """Whether this command succeeds as this account."""
        done = subprocess.run(
            argv, user=self.uid, group=self.gid, extra_groups=[], cwd="/", capture_output=True, check=False
        )
        return done.returncode == 0


def account_to_drop_to(*, owner_of: Path | None = None) -> Account | None:
    """None for an ordinary user, who simply runs the servers. Data that exists keeps the account it has."""
    if os.geteuid() != 0:
        return None
    if owner_of and owner_of.exists() and (owner := owner_of.stat()).st_uid:
        return Account(name=f"number {owner.st_uid}", uid=owner.st_uid, gid=owner.st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise Trouble(
        f"The servers do not run as root, and this machine has none of the accounts {', '.join(UNPRIVILEGED)}."
        " Run this as an ordinary user, or point DATABASE_URL and REDIS_URL at servers of your own."
    )


def can_run(program: Path, *, account: Account | None) -> bool:
    """Tried rather than reasoned about: file modes, mounts, missing libraries, a foreign C library all count."""
    argv = [str(program), "--version"]
    try:
        if account:
            return account.can(*argv)
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def can_enter(folder: Path, *, account: Account | None) -> bool:
    if account is None:
        return os.access(folder, os.X_OK)
    try:
        return account.can("/bin/sh", "-c", 'cd "$1"', "-", str(folder))
    except (OSError, subprocess.SubprocessError):
        return False


def own(folder: Path, *, account: Account | None) -> None:
    if account:
        os.chown(folder, account.uid, account.gid)

"""Postgres refuses to run as root, so a supervisor started by root lends its servers an account that exists."""

import os
import pwd
import subprocess
from collections.abc import Sequence
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

    def run(self, argv: Sequence[str], **options: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            argv, user=self.uid, group=self.gid, extra_groups=[], text=True, capture_output=True, check=False, **options
        )


def account_to_drop_to() -> Account | None:
    """None for an ordinary user, who simply runs the servers."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise Trouble(
        f"The servers do not run as root, and none of the accounts {', '.join(UNPRIVILEGED)} exists on this machine."
        " Run this as an ordinary user, or point DATABASE_URL and REDIS_URL at servers of your own."
    )


def can_run(program: Path, *, account: Account | None) -> bool:
    """Tried rather than reasoned about: file modes, mounts, missing libraries and foreign C libraries all count."""
    argv = [str(program), "--version"]
    try:
        if account:
            return account.run(argv, cwd="/").returncode == 0
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def can_enter(folder: Path, *, account: Account | None) -> bool:
    if account is None:
        return os.access(folder, os.X_OK)
    try:
        return account.run(["/bin/sh", "-c", "exit 0"], cwd=folder).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def own(folder: Path, *, account: Account | None) -> None:
    if account:
        os.chown(folder, account.uid, account.gid)

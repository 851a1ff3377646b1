"""Become another program that dies with its parent, and not as root where an account is named.

    launch.py PARENT DEATH_SIGNAL UID:GID|- PROGRAM [ARGUMENT…]

A program of its own, because in a process with threads hardly any code is safe between fork and exec.
The process id stays the same through exec, so the parent still reaps the program itself.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def become(parent: int, death_signal: int, account: str, argv: list[str]) -> None:
    if account != "-":
        uid, gid = map(int, account.split(":"))
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user: the kernel forgets the wish when the user changes.
    LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent is gone already")
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - what it is for
    except OSError as problem:
        sys.exit(f"{argv[0]} cannot be started: {problem.strerror}.")


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])

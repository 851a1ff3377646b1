"""What can go wrong, each with the exit code that says so to a script."""


class Failure(Exception):
    exit_code = 1


class Refused(Failure):
    """The server understood, and said no."""

    exit_code = 1


class Misused(Failure):
    """The command was called or set up in a way that cannot work."""

    exit_code = 2


class Unreachable(Failure):
    """No Callwright answered at that address."""

    exit_code = 3

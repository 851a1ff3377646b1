"""What goes wrong for reasons an operator can mend, and how it is told."""

import sys
from collections.abc import Callable
from typing import NoReturn

from config.env import BadSetting


class Trouble(Exception):
    """Something the operator can mend. The message is a sentence that says how."""


def exit_with(work: Callable[[], int]) -> NoReturn:
    """The edge of a command: its exit code, or one sentence and the code 1."""
    try:
        sys.exit(work())
    except (Trouble, BadSetting) as problem:
        sys.exit(f"callwright: {problem}")
    except OSError as problem:
        # A full disk, a missing right, a folder that went away: the operator's to mend, wherever it is met.
        sys.exit(f"callwright: {problem.filename or 'The machine'}: {problem.strerror or problem}.")

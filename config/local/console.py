"""What the supervisor prints: one line per line, under the name of the process that said it."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO

COLOURS = ("36", "35", "32", "33", "34", "96", "95", "92")
RESET = "\x1b[0m"


class Console:
    def __init__(self, names: Sequence[str], *, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        if isinstance(self.stream, TextIOWrapper):
            self.stream.reconfigure(errors="replace")  # a terminal that knows no umlauts still gets its lines
        self.width = max((len(name) for name in names), default=0)
        self.colours = dict(zip(names, COLOURS, strict=False)) if self._coloured() else {}

    def _coloured(self) -> bool:
        return self.stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def say(self, name: str, line: str) -> None:
        colour = self.colours.get(name)
        label = f"{name:<{self.width}} |"
        self._write(f"\x1b[{colour}m{label}{RESET} {line}" if colour else f"{label} {line}")

    def announce(self, lines: Sequence[str]) -> None:
        """Set apart from what the processes say."""
        self._write("\n".join(["", *(f"  {line}" for line in lines), ""]))

    def _write(self, text: str) -> None:
        # A terminal that was closed, or a pipe into `head`, is no reason to stop calling people back.
        with suppress(OSError, ValueError):
            self.stream.write(text + "\n")
            self.stream.flush()

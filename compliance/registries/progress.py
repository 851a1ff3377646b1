import time
from collections.abc import Callable
from typing import BinaryIO

from accounts.tenancy import in_workspace
from compliance.models import RegistrySnapshot

SECONDS_BETWEEN = 0.5
Watch = Callable[[RegistrySnapshot], None]


class Progress:
    """How far a load has come, written down now and then for whoever watches."""

    def __init__(self, snapshot: RegistrySnapshot, raw: BinaryIO, watch: Watch | None) -> None:
        self.lines = 0
        self._snapshot, self._raw, self._watch = snapshot, raw, watch
        self._told = time.monotonic()

    def note(self, lines: int) -> None:
        self.lines += lines
        if time.monotonic() - self._told >= SECONDS_BETWEEN:
            self._tell()

    def _tell(self) -> None:
        self._snapshot.lines_read, self._snapshot.bytes_read = self.lines, self._raw.tell()
        with in_workspace(self._snapshot.workspace_id):
            self._snapshot.save(update_fields=["lines_read", "bytes_read"])
        self._told = time.monotonic()
        if self._watch:
            self._watch(self._snapshot)

"""An uploaded file, kept in pieces in the database until it is loaded: whichever machine loads it finds it there."""

import hashlib
import io
from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Sum
from django.db.models.functions import Length

from accounts.tenancy import in_workspace
from compliance.models import RegistryPart, RegistrySnapshot

PART_BYTES = 1 << 20


def keep(snapshot: RegistrySnapshot, pieces: Iterable[bytes]) -> None:
    for position, content in enumerate(_of_one_size(pieces)):
        RegistryPart.objects.create(
            workspace_id=snapshot.workspace_id, snapshot=snapshot, position=position, content=content
        )


def _of_one_size(pieces: Iterable[bytes]) -> Iterable[bytes]:
    rest = bytearray()
    for piece in pieces:
        rest += piece
        while len(rest) >= PART_BYTES:
            yield bytes(rest[:PART_BYTES])
            del rest[:PART_BYTES]
    if rest:
        yield bytes(rest)


def let_go(snapshot: RegistrySnapshot) -> None:
    RegistryPart.objects.filter(snapshot=snapshot).delete()


def hash_of(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


class PartsFile(io.RawIOBase):
    """The kept pieces as one file to read, of which one piece at a time is in memory."""

    def __init__(self, *, workspace_id: int, snapshot_id: int) -> None:
        super().__init__()
        self._workspace_id, self._snapshot_id = workspace_id, snapshot_id
        self._at, self._position, self._content = 0, -1, b""
        with in_workspace(workspace_id):
            found = self._parts().aggregate(size=Sum(Length("content")), last=Max("position"))
        self.size = found["size"] or 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self.size:
            return 0
        position, offset = divmod(self._at, PART_BYTES)
        piece = self._part(position)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _part(self, position: int) -> bytes:
        if position != self._position:
            with in_workspace(self._workspace_id):
                content = self._parts().values_list("content", flat=True).get(position=position)
            self._position, self._content = position, bytes(content)
        return self._content

    def _parts(self) -> Any:
        return RegistryPart.objects.filter(snapshot=self._snapshot_id)

"""What a file is wrapped in: plain text, or a zip of it. Everything is read as a stream, and has a limit."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, BinaryIO

from compliance.registries.faults import Malformed
from compliance.registries.spelling import day_in_name

MOST_BYTES = 16 << 30  # unpacked; the whole national registry as XML stays well below
MOST_MEMBERS = 1_000  # one per area code
MOST_UNPACKING = 100  # times its packed size; digits pack ten to forty times
UNPACKING_COUNTS_FROM = 10 << 20
PIECE = 2 << 20
_HEAD = 512
LONGEST_LINE = 64 << 10
_ZIP, _GZIP, _MARK = b"PK\x03\x04", b"\x1f\x8b", b"\xef\xbb\xbf"
# The ends of a zip that say how long its table of contents is: the signature, where that stands, and in how many bytes.
_ENDS = ((b"PK\x05\x06", 12, 4), (b"PK\x06\x06", 40, 8))
_LONGEST_END = (64 << 10) + 256
_LONGEST_CONTENTS = 1 << 20
_SEE_THE_OTHER_END = 0xFFFFFFFF
_DAMAGED = "The zip is damaged. Download it again. Nothing was loaded."


@dataclass
class Text:
    """One file of text: a plain one, or a member of a zip."""

    name: str
    stream: IO[bytes]
    head: bytes
    packed: int | None = None  # bytes it takes in its zip
    unpacked: int = 0

    @property
    def is_markup(self) -> bool:
        return self.head.removeprefix(_MARK).lstrip().startswith(b"<")

    def read(self, size: int = PIECE) -> bytes:
        try:
            piece = self.stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise Malformed(f"{self.name} is damaged. Download it again. Nothing was loaded.") from None
        self.unpacked += len(piece)
        self._refuse_a_bomb()
        return piece

    def _refuse_a_bomb(self) -> None:
        if self.unpacked > MOST_BYTES:
            raise Malformed(f"{self.name} unpacks to more than {MOST_BYTES >> 30} GB. Nothing was loaded.")
        swollen = self.packed is not None and self.unpacked > MOST_UNPACKING * max(self.packed, 1)
        if swollen and self.unpacked > UNPACKING_COUNTS_FROM:
            raise Malformed(
                f"{self.name} unpacks to more than {MOST_UNPACKING} times its size, which no list of numbers does."
                " Nothing was loaded."
            )

    def lines_by_piece(self) -> Iterator[bytes]:
        """Pieces of whole lines, each ending in a line feed; a byte-order mark is taken off."""
        rest, first = b"", True
        while piece := self.read():
            if first:
                piece, first = piece.removeprefix(_MARK), False
            whole, feed, after = piece.rpartition(b"\n")
            if feed:
                yield rest + whole + feed
                rest = after
            else:
                rest += after
            if len(rest) > LONGEST_LINE:
                raise Malformed(f"{self.name} has a line longer than any list has. Nothing was loaded.")
        if rest:
            yield rest + b"\n"


def texts(raw: BinaryIO, *, name: str) -> Iterator[Text]:
    """The texts in a file, one after the other; each is to be read before the next is asked for."""
    head = raw.read(_HEAD)
    raw.seek(0)
    if head.startswith(_GZIP):
        raise Malformed("The file is packed with gzip. Unpack it, or pack it as a zip. Nothing was loaded.")
    if head.startswith(_ZIP):
        yield from _members(raw)
    else:
        _demand_text(head, name=name)
        yield Text(name, raw, head)


def demand_list(raw: BinaryIO, *, name: str) -> None:
    """Refuse by its first bytes, or by a zip's contents, what cannot be a list: before anybody keeps all of it."""
    for _ in texts(raw, name=name):
        break
    raw.seek(0)


def day_of(raw: BinaryIO) -> date | None:
    """The day the names inside a zip speak of; of several, the oldest."""
    packed = raw.seek(0) == 0 and raw.read(_HEAD).startswith(_ZIP)
    raw.seek(0)
    if not packed:
        return None
    with _archive(raw) as archive:
        days = [day_in_name(member.filename) for member in _wanted(archive)]
    return min((day for day in days if day), default=None)


def _demand_text(head: bytes, *, name: str) -> None:
    if not head:
        raise Malformed(f"{name} is empty. Nothing was loaded.")
    if b"\0" in head or head.startswith((_ZIP, _GZIP)):
        raise Malformed(f"{name} is not text. Give the list itself, plain or in one zip. Nothing was loaded.")


def _members(raw: BinaryIO) -> Iterator[Text]:
    with _archive(raw) as archive:
        for member in _wanted(archive):
            yield from _member(archive, member)


def _archive(raw: BinaryIO) -> zipfile.ZipFile:
    _refuse_a_long_table_of_contents(raw)
    try:
        return zipfile.ZipFile(raw)
    except (zipfile.BadZipFile, NotImplementedError):
        raise Malformed(_DAMAGED) from None


def _refuse_a_long_table_of_contents(raw: BinaryIO) -> None:
    """Before it is read: a small zip may name millions of files, each of which would be remembered."""
    size = raw.seek(0, 2)
    raw.seek(max(0, size - _LONGEST_END))
    end = raw.read(_LONGEST_END)
    raw.seek(0)
    for signature, place, width in _ENDS:
        found = -1
        while (found := end.find(signature, found + 1)) >= 0:
            length = int.from_bytes(end[found + place : found + place + width], "little")
            if length > _LONGEST_CONTENTS and length != _SEE_THE_OTHER_END:
                raise Malformed(f"The zip holds more than {MOST_MEMBERS:,} files. Nothing was loaded.")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[Text]:
    try:
        with archive.open(member) as stream:
            head = stream.read(_HEAD)
        _demand_text(head, name=member.filename)
        with archive.open(member) as stream:
            yield Text(member.filename, stream, head, packed=member.compress_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Malformed(_DAMAGED) from None


def _wanted(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if _is_a_list(member)]
    if not members:
        raise Malformed("The zip holds no list. Nothing was loaded.")
    if len(archive.infolist()) > MOST_MEMBERS:
        raise Malformed(f"The zip holds more than {MOST_MEMBERS:,} files. Nothing was loaded.")
    for member in members:
        if member.flag_bits & 1:
            raise Malformed("The zip asks for a password. Unpack it first. Nothing was loaded.")
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Malformed("The zip is packed in an unusual way. Pack it again as an ordinary one.")
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise Malformed(f"The zip unpacks to more than {MOST_BYTES >> 30} GB. Nothing was loaded.")
    return members


def _is_a_list(member: zipfile.ZipInfo) -> bool:
    hidden = member.filename.startswith("__MACOSX/") or member.filename.rpartition("/")[2].startswith(".")
    return not member.is_dir() and not hidden

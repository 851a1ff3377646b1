"""The national registry's files, and state lists in the same shapes: full lists and change lists, flat or XML.

Each reader hands on arrays of ten-digit numbers, in file order, with how many lines they came from.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from compliance.registries import markup
from compliance.registries.bits import Numbers
from compliance.registries.containers import Text, texts
from compliance.registries.faults import Malformed
from compliance.registries.spelling import Unreadable, moment

_LINE = re.compile(rb"(\d{3}),(\d{7})|\d{10}")
_CHANGE_LINE = re.compile(rb"(\d{3}),?(\d{7}),([^,]{8,40}),\s*([ADad])")
_NOT_A_NUMBER = "is not a number as the registry writes it: AAA,NNNNNNN or ten digits"
_NOT_A_CHANGE = "is not a change as the registry writes it: area code, number, date and time, and A or D"
# Where the ten digits stand, by how long a line is with its line feed: bare or with a comma, before \n or \r\n.
_BARE, _WITH_COMMA = [*range(10)], [0, 1, 2, *range(4, 11)]
_SHAPES = {(11, False): _BARE, (12, False): _BARE, (12, True): _WITH_COMMA, (13, True): _WITH_COMMA}
_FEED, _RETURN, _COMMA, _ZERO = 10, 13, 44, 48


@dataclass(frozen=True)
class Listed:
    numbers: Numbers
    lines: int


@dataclass(frozen=True)
class Changes:
    """Several lines of a change list; a number stands in one of the two arrays, the one of its last line here."""

    added: Numbers
    removed: Numbers
    lines: int
    newest: date


def full_list(raw: BinaryIO, *, name: str) -> Iterator[Listed]:
    for text in texts(raw, name=name):
        yield from _marked_up_list(text) if text.is_markup else _flat_list(text)


def change_list(raw: BinaryIO, *, name: str) -> Iterator[Changes]:
    for text in texts(raw, name=name):
        yield from _marked_up_changes(text) if text.is_markup else _flat_changes(text)


def _flat_list(text: Text) -> Iterator[Listed]:
    before = 0
    for piece in text.lines_by_piece():
        lines = piece.count(b"\n")
        numbers = uniform_lines(piece)
        if numbers is None:
            numbers = one_by_one(piece, before=before, source=text.name)
        yield Listed(numbers, lines)
        before += lines


def uniform_lines(piece: bytes) -> Numbers | None:
    """All lines at once, where all are alike, as they are in a real list; None where one is not."""
    width = piece.find(b"\n") + 1
    shape = _SHAPES.get((width, piece[3:4] == b","))
    if shape is None or len(piece) % width:
        return None
    grid = np.frombuffer(piece, np.uint8).reshape(-1, width)
    if not _is_framed(grid, comma=shape is _WITH_COMMA, digits=shape[-1] + 1):
        return None
    numbers = np.zeros(len(grid), np.int64)
    for place in shape:
        digit = grid[:, place] - np.uint8(_ZERO)  # what is below zero wraps round to far above nine
        if digit.max() > 9:
            return None
        numbers *= 10
        numbers += digit
    return numbers


def _is_framed(grid: NDArray[np.uint8], *, comma: bool, digits: int) -> bool:
    frame = [(3, _COMMA)] if comma else []
    frame += [(digits, _RETURN)] if grid.shape[1] == digits + 2 else []
    return all(bool((grid[:, place] == sign).all()) for place, sign in [*frame, (grid.shape[1] - 1, _FEED)])


def one_by_one(piece: bytes, *, before: int, source: str) -> Numbers:
    numbers = []
    for line, content in enumerate(piece.splitlines(), start=before + 1):
        if not content:
            continue
        if not _LINE.fullmatch(content):
            raise Malformed.at(line, _NOT_A_NUMBER, source=source)
        numbers.append(int(content.replace(b",", b"")))
    return np.array(numbers, np.int64)


def _flat_changes(text: Text) -> Iterator[Changes]:
    before = 0
    for piece in text.lines_by_piece():
        several = _Several()
        for line, content in enumerate(piece.splitlines(), start=before + 1):
            if content:
                _read_change(content, several, line=line, source=text.name)
        before += piece.count(b"\n")
        yield from several.changes(lines=piece.count(b"\n"))


def _read_change(content: bytes, several: "_Several", *, line: int, source: str) -> None:
    found = _CHANGE_LINE.fullmatch(content.rstrip())
    if not found:
        raise Malformed.at(line, _NOT_A_CHANGE, source=source)
    area, number, when, kind = found.groups()
    try:
        day = moment(when.decode("ascii")).date()
    except (Unreadable, UnicodeDecodeError):
        raise Malformed.at(line, "has a date that cannot be read", source=source) from None
    several.note(int(area + number), adds=kind in b"Aa", day=day)


class _Several:
    """Changes as they are read: the last one of a number stands."""

    def __init__(self) -> None:
        self._adds: dict[int, bool] = {}
        self._newest = date.min

    def note(self, number: int, *, adds: bool, day: date) -> None:
        self._adds[number] = adds
        self._newest = max(self._newest, day)

    def changes(self, *, lines: int) -> Iterator[Changes]:
        if self._adds:
            numbers = np.fromiter(self._adds.keys(), np.int64, len(self._adds))
            adds = np.fromiter(self._adds.values(), np.bool_, len(self._adds))
            yield Changes(added=numbers[adds], removed=numbers[~adds], lines=lines, newest=self._newest)


def _marked_up_list(text: Text) -> Iterator[Listed]:
    for entries in markup.entries(text, of_changes=False):
        yield Listed(np.array([entry.number for entry in entries], np.int64), len(entries))


def _marked_up_changes(text: Text) -> Iterator[Changes]:
    for entries in markup.entries(text, of_changes=True):
        several = _Several()
        for entry in entries:
            several.note(entry.number, adds=entry.adds, day=entry.day)
        yield from several.changes(lines=len(entries))

"""The registry's XML: <ac val="212"> holds <ph val="5550101"/>; in a change list <ph … type="A" date="…"/>.

The agency publishes no description of it, so names that mean the same are taken alike. Document types with
declarations of their own are refused: that is where entities come from.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple
from xml.parsers import expat

from compliance.registries.containers import Text
from compliance.registries.faults import Malformed
from compliance.registries.spelling import Unreadable, moment

AREAS, NUMBERS = {"ac", "area", "areacode", "area-code", "npa"}, {"ph", "phone", "number", "pn"}
VALUE = ("val", "value", "number")
KIND = ("type", "change", "change-type", "changetype", "action")
DAY = ("date", "change-date", "changedate", "datetime", "change-datetime")
_PIECE = 1 << 20
_LONGEST_TAG = 64 << 10
_DEEPEST = 16
_AREA = re.compile(r"\d{3}", re.ASCII)
_NUMBER = re.compile(r"\d{7}|\d{10}", re.ASCII)


class Entry(NamedTuple):
    number: int
    adds: bool = True
    day: date = date.min


def entries(text: Text, *, of_changes: bool) -> Iterator[list[Entry]]:
    reader = _Reader(text.name, of_changes=of_changes)
    read = 0
    while piece := text.read(_PIECE):
        read += len(piece)
        reader.feed(piece)
        if read - reader.parser.CurrentByteIndex > _LONGEST_TAG + _PIECE:
            raise reader.malformed("has a tag longer than any list has")
        yield reader.take()
    reader.feed(b"", last=True)
    yield reader.take()


class _Reader:
    def __init__(self, source: str, *, of_changes: bool) -> None:
        self.source, self.of_changes, self.area, self.depth = source, of_changes, "", 0
        self.found: list[Entry] = []
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        try:
            self.parser.Parse(piece, last)
        except expat.ExpatError as problem:
            raise Malformed.at(problem.lineno, "is not well-formed XML", source=self.source) from None

    def take(self) -> list[Entry]:
        taken, self.found = self.found, []
        return taken

    def malformed(self, trouble: str) -> Malformed:
        return Malformed.at(self.parser.CurrentLineNumber, trouble, source=self.source)

    def _document_type(self, _name: str, _system: str | None, _public: str | None, declares: bool) -> None:  # noqa: FBT001 - expat's own signature
        if declares:
            raise self.malformed("declares a document type of its own, which is not allowed")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.lower()
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.malformed("is nested deeper than any list is")
        if name in AREAS:
            self.area = self._wanted(attributes, VALUE, _AREA, "an area code")
        elif name in NUMBERS:
            self.found.append(self._entry(attributes))
        elif "change" in attributes.get("type", "").lower() and not self.of_changes:
            raise self.malformed("says that this is a change list, not a full one")

    def _end(self, name: str) -> None:
        self.depth -= 1
        if name.lower() in AREAS:
            self.area = ""

    def _entry(self, attributes: Mapping[str, str]) -> Entry:
        digits = self._wanted(attributes, VALUE, _NUMBER, "a number")
        digits = digits if len(digits) == 10 else self.area + digits
        if len(digits) != 10:
            raise self.malformed("has a number without an area code")
        if not self.of_changes:
            return Entry(int(digits))
        kind = _first(attributes, KIND).strip().upper()[:1]
        if kind not in {"A", "D"}:
            raise self.malformed("has a change that is neither A nor D")
        try:
            return Entry(int(digits), adds=kind == "A", day=moment(_first(attributes, DAY)).date())
        except Unreadable:
            raise self.malformed("has a date that cannot be read") from None

    def _wanted(self, attributes: Mapping[str, str], names: tuple[str, ...], form: re.Pattern[str], what: str) -> str:
        value = _first(attributes, names)
        if not form.fullmatch(value):
            raise self.malformed(f"has a tag without {what}")
        return value


def _first(attributes: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((attributes[name] for name in names if name in attributes), "")

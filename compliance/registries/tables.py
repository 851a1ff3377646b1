"""Tables from commercial sources: litigator lists and reassigned-number results. CSV, one row a line, UTF-8.

Column names vary by vendor, so a column is known by any of its names; a list may also be bare numbers, one a line.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, NamedTuple

from compliance.registries.containers import LONGEST_LINE, Text, texts
from compliance.registries.faults import Malformed
from compliance.registries.spelling import Unreadable, moment, ten_digits

MOST_COLUMNS = 200
NUMBER = ("phonenumber", "phone", "number", "telephone", "telephonenumber", "tn", "msisdn", "phonenum")
ASKED = ("date", "dateasked", "querydate", "consentdate", "lastverifieddate", "datequeried", "contactdate")
ANSWER = ("result", "answer", "response", "isreassigned", "reassigned", "isreassignednumber", "disconnected", "status")
QUERIED = ("queriedat", "querytime", "responsedate", "checkedat", "answeredat", "timestamp")
REFERENCE = ("providerref", "reference", "referenceid", "requestid", "transactionid", "id")
ANSWERS = {
    "yes": "YES",
    "y": "YES",
    "true": "YES",
    "no": "NO",
    "n": "NO",
    "false": "NO",
    "nodata": "NO_DATA",
    "unknown": "NO_DATA",
}
_SIGNS = re.compile(r"[^a-z0-9]")


class Litigator(NamedTuple):
    line: int
    number: str
    raw: dict[str, str]


class Answered(NamedTuple):
    line: int
    number: str
    date_asked: date
    result: str
    queried_at: datetime | None
    provider_ref: str


@dataclass(frozen=True)
class _Row:
    line: int
    cells: list[str]


def litigators(raw: BinaryIO, *, name: str, number_column: str = "") -> Iterator[Litigator]:
    for text in texts(raw, name=name):
        rows = _rows(text)
        first = next(rows, None)
        if first is None:
            continue
        if len(first.cells) == 1 and _is_number(first.cells[0]):
            yield Litigator(first.line, _number(first, 0, text), {"number": first.cells[0]})
            for row in rows:
                yield Litigator(row.line, _number(_as_wide(row, ["number"], text), 0, text), {"number": row.cells[0]})
            continue
        place = _place(first.cells, (plain(number_column),) if number_column else NUMBER, "the number", text)
        for row in rows:
            _as_wide(row, first.cells, text)
            yield Litigator(row.line, _number(row, place, text), dict(zip(first.cells, row.cells, strict=True)))


def answers(raw: BinaryIO, *, name: str, number_column: str = "") -> Iterator[Answered]:
    for text in texts(raw, name=name):
        rows = _rows(text)
        header = next(rows, None)
        if header is None:
            continue
        reader = _AnswerReader(text, header.cells, number_column)
        for row in rows:
            yield reader.read(_as_wide(row, header.cells, text))


class _AnswerReader:
    def __init__(self, text: Text, header: list[str], number_column: str) -> None:
        self.text = text
        self.number = _place(header, (plain(number_column),) if number_column else NUMBER, "the number", text)
        self.asked = _place(header, ASKED, "the date asked about", text)
        self.answer = _place(header, ANSWER, "the answer", text)
        self.others = _places(header)

    def read(self, row: _Row) -> Answered:
        answer = ANSWERS.get(plain(row.cells[self.answer]))
        if answer is None:
            raise Malformed.at(row.line, "has an answer that is none of yes, no and no data", source=self.text.name)
        queried = self._other(row, QUERIED)
        return Answered(
            line=row.line,
            number=_number(row, self.number, self.text),
            date_asked=self._moment(row, row.cells[self.asked]).date(),
            result=answer,
            queried_at=self._moment(row, queried) if queried else None,
            provider_ref=self._other(row, REFERENCE)[:120],
        )

    def _moment(self, row: _Row, text: str) -> datetime:
        try:
            return moment(text)
        except Unreadable:
            raise Malformed.at(row.line, "has a date that cannot be read", source=self.text.name) from None

    def _other(self, row: _Row, names: tuple[str, ...]) -> str:
        place = next((self.others[name] for name in names if name in self.others), None)
        return "" if place is None else row.cells[place].strip()


def plain(heading: str) -> str:
    """A heading without capitals, spaces and signs: `Phone_Number` is `phonenumber`."""
    return _SIGNS.sub("", heading.lower())


def _rows(text: Text) -> Iterator[_Row]:
    """Rows that hold something. The line is where a row ends, for a quoted cell may run over several."""
    reader = csv.reader(_decoded_lines(text), strict=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            raise Malformed.at(reader.line_num, "is not proper CSV", source=text.name) from None
        if cells is None:
            return
        if len(cells) > MOST_COLUMNS:
            raise Malformed.at(reader.line_num, f"has more than {MOST_COLUMNS} columns", source=text.name)
        if any(cell.strip() for cell in cells):
            yield _Row(reader.line_num, cells)


def _decoded_lines(text: Text) -> Iterator[str]:
    line = 0
    for piece in text.lines_by_piece():
        for content in piece.splitlines(keepends=True):
            line += 1
            if len(content) > LONGEST_LINE:
                raise Malformed.at(line, "is longer than any list has", source=text.name)
            try:
                yield content.decode()
            except UnicodeDecodeError:
                raise Malformed.at(line, "is not UTF-8 text; save the file as CSV UTF-8", source=text.name) from None


def _as_wide(row: _Row, header: list[str], text: Text) -> _Row:
    if len(row.cells) != len(header):
        trouble = f"has {len(row.cells)} columns where the first line has {len(header)}"
        raise Malformed.at(row.line, trouble, source=text.name)
    return row


def _number(row: _Row, place: int, text: Text) -> str:
    try:
        return ten_digits(row.cells[place])
    except Unreadable:
        raise Malformed.at(
            row.line, "has no number of North America where one should stand", source=text.name
        ) from None


def _is_number(cell: str) -> bool:
    try:
        ten_digits(cell)
    except Unreadable:
        return False
    return True


def _place(header: list[str], names: tuple[str, ...], what: str, text: Text) -> int:
    places = _places(header)
    found = next((places[name] for name in names if name in places), None)
    if found is None:
        shown = ", ".join(cell.strip()[:30] for cell in header[:12] if not _is_number(cell))
        raise Malformed(
            f"{text.name} has no column for {what}. Its columns are: {shown or 'none that have a name'}. Name the"
            " column, or rename it in the file. Nothing was loaded."
        )
    return found


def _places(header: list[str]) -> Mapping[str, int]:
    """Where each heading stands; of two alike, the first."""
    return {plain(cell): place for place, cell in reversed(list(enumerate(header)))}

"""Judge: a pasted or uploaded list of numbers. Every line ends up somewhere: a number, a repetition, or a fault."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from compliance import numbers
from compliance.codes import Code
from compliance.rulebook import Rulebook

MOST_LINES = 2_000
_HEADINGS = frozenset({"number", "phone", "phone number", "phone_number", "telephone", "tel", "mobile", "cell"})


class TooLong(Exception):
    """More lines than are taken at once; the text says what to do."""


@dataclass(frozen=True, slots=True)
class BadLine:
    line: int
    text: str
    why: str


@dataclass(slots=True)
class NumberList:
    numbers: list[str] = field(default_factory=list)
    repeated: int = 0
    bad: list[BadLine] = field(default_factory=list)


def read(text: str, rulebook: Rulebook) -> NumberList:
    """One number a line, or CSV with a heading such as `phone`, else its first column."""
    lines = [(place, line.strip()) for place, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > MOST_LINES + 1:
        raise TooLong(f"{len(lines):,} lines are more than {MOST_LINES:,}. Bring the list in parts.")
    found, seen = NumberList(), set[str]()
    for place, cell in _cells(lines):
        try:
            number = real_number(cell, rulebook)
        except numbers.NotANumber as problem:
            found.bad.append(BadLine(place, cell, str(problem)))
            continue
        if number in seen:
            found.repeated += 1
        else:
            seen.add(number)
            found.numbers.append(number)
    return found


def real_number(text: str, rulebook: Rulebook) -> str:
    """E.164 of a number that can exist. Raises NotANumber with what to do."""
    number = numbers.e164(text)
    if Code.INVALID_NUMBER in numbers.exchange_of(number, rulebook).codes:
        raise numbers.NotANumber(f"{text!r} is a number that nobody can have. Check its digits and its country code.")
    return number


def _cells(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    if not lines:
        return
    separator = next((mark for mark in "\t;," if mark in lines[0][1]), ",")
    headings = [cell.strip().casefold() for cell in _split(lines[0][1], separator)]
    column = next((place for place, heading in enumerate(headings) if heading in _HEADINGS), None)
    for place, line in lines if column is None else lines[1:]:
        cells = _split(line, separator)
        yield place, (cells[column or 0].strip() if len(cells) > (column or 0) else "")


def _split(line: str, separator: str) -> list[str]:
    rows: Iterable[list[str]] = csv.reader([line], delimiter=separator)
    return next(iter(rows), [""])

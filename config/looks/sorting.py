"""Judge: which order a table asks for. What the address says is only believed where the page offers it."""

from collections.abc import Mapping
from dataclasses import dataclass


def chosen_sort(asked: str | None, *, allowed: Mapping[str, str], default: str) -> str:
    """The ORM's word for the order asked for, such as "-user__name"."""
    wanted = asked if asked and asked.removeprefix("-") in allowed else default
    column = wanted.removeprefix("-")
    return f"{'-' if wanted.startswith('-') else ''}{allowed[column]}"


@dataclass(frozen=True)
class SortLink:
    """A column's heading: what it says aloud now, and what a click asks for next."""

    aria: str  # "ascending", "descending" or "" where the table is ordered by another column
    ask: str


def sort_link(column: str, *, asked: str) -> SortLink:
    if asked == column:
        return SortLink(aria="ascending", ask=f"-{column}")
    if asked == f"-{column}":
        return SortLink(aria="descending", ask=column)
    return SortLink(aria="", ask=column)

"""Answers for people to read."""

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = [header, *rows]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"{name.ljust(width)}  {value}".rstrip() for name, value in pairs)


def moment(text: str) -> str:
    """2026-03-03T15:30:00.123Z → 2026-03-03 15:30:00 UTC"""
    return text[:19].replace("T", " ") + " UTC"


def plain(text: str) -> str:
    """What others wrote, made safe for a terminal: no line breaks, no control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)

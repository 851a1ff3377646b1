"""Judge: how numbers, area codes and days are written in the files people bring."""

import re
from datetime import UTC, date, datetime

ALL = "all"
EVERY_AREA = frozenset(range(1000))
_SEPARATORS = str.maketrans("", "", " ().-/\t\u00a0")
_AMERICAN = re.compile(r"^[2-9]\d{2}[2-9]\d{6}$", re.ASCII)
_IN_A_NAME = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MOMENTS = (
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
)


class Unreadable(Exception):
    """It is not written in a way we know."""


def ten_digits(text: str) -> str:
    """A North American number however people space it; never a guess at one a spreadsheet has rounded."""
    bare = text.strip().removeprefix("+").translate(_SEPARATORS)
    bare = bare[1:] if len(bare) == 11 and bare.startswith("1") else bare
    if not _AMERICAN.match(bare):
        raise Unreadable
    return bare


def moment(text: str) -> datetime:
    """A date, or a date and time, in the shapes such files use; UTC where it does not say."""
    text = text.strip()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = _moment_of_a_form(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _moment_of_a_form(text: str) -> datetime:
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Unreadable


def day_in_name(name: str) -> date | None:
    """The day a file's name speaks of, where it names exactly one."""
    days = {f"{year}-{month}-{day}" for year, month, day in _IN_A_NAME.findall(name)}
    if len(days) != 1:
        return None
    try:
        return date.fromisoformat(days.pop())
    except ValueError:  # 31 February
        return None


def area_codes(text: str) -> frozenset[int] | None:
    """The area codes somebody named, apart by commas or spaces; None where they said nothing."""
    words = text.replace(",", " ").replace(";", " ").split()
    if not words:
        return None
    if [word.lower() for word in words] == [ALL]:
        return EVERY_AREA
    if not all(re.fullmatch(r"[2-9]\d\d", word, re.ASCII) for word in words):
        raise Unreadable
    return frozenset(int(word) for word in words)

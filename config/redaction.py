"""Judge: the last fence around what is logged. What looks personal or secret is masked, whoever let it slip.

Nobody should rely on it: log ids, never numbers, names or words spoken. It knows numbers with a plus sign and those
of North America without one, e-mail addresses, API keys, credentials, passwords in addresses, and the row values
that Postgres quotes in its errors. It cannot know a name.
"""

import re
from collections.abc import Mapping

WITHHELD = "[withheld]"

_MASKS = (
    # Postgres shows the offending row: DETAIL: Failing row contains (…)
    (re.compile(r"(DETAIL|CONTEXT):\s.*?(?=(?:\n|\\n)(?:[A-Z]{4,}:|\n)|\Z)", re.DOTALL), rf"\1: {WITHHELD}"),
    (re.compile(r"(://[^\s:/@]*):[^\s/@]+@"), r"\1:[password]@"),
    (re.compile(r"\bcw_(practice|live)_[\w-]+"), r"cw_\1_[key]"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 [credentials]"),
    (
        re.compile(
            r"([\w-]*(?:password|passwd|secret|token|api_?key|authorization|cookie)[\w-]*[\"']?\s*[=:]\s*)"
            r"(?!\[)(?:\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{WITHHELD}",
    ),
    (re.compile(r"[\w.+'%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?:\+|%2[Bb]|(?<![\w.-])00)\d(?:[ ().-]{0,2}\d){6,14}(?!\d)"), "[number]"),
    (
        re.compile(r"(?<![\w.+-])(?:1[ .-]?)?(?:\([2-9]\d{2}\)|[2-9]\d{2})[ .-]?[2-9]\d{2}[ .-]?\d{4}(?![\w-]|\.\d)"),
        "[number]",
    ),
)
_SECRET_NAME = re.compile(r"password|passwd|secret|token|authorization|cookie", re.IGNORECASE)


def redacted_text(text: str) -> str:
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def redacted(value: object) -> object:
    """The same for whatever a log call was handed, as something JSON can write."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _redacted_field(str(name), part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(part) for part in value]
    return redacted_text(str(value))


def _redacted_field(name: str, value: object) -> object:
    return WITHHELD if _SECRET_NAME.search(name) else redacted(value)

"""Why a list was not loaded. Each message is a sentence for the person who brought the file; none names a number."""


class CannotLoad(Exception):
    """The file is not taken, and the list in force stays in force."""


class Malformed(CannotLoad):
    """The file does not read as what it should be. Names the line, never what stands on it."""

    @classmethod
    def at(cls, line: int, trouble: str, *, source: str = "") -> "Malformed":
        where = f"Line {line:,} of {source}" if source else f"Line {line:,}"
        return cls(f"{where} {trouble}. Nothing was loaded.")


class Doubtful(CannotLoad):
    """Readable, but it looks like the wrong file; whoever brought it may insist."""


class Busy(CannotLoad):
    """Another file of the same registry is being loaded; this one may be tried again."""

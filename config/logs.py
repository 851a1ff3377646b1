"""How the process logs: one line per event, a fixed sentence with fields beside it, JSON or for reading.

Log ids, never numbers, names or words spoken; `config.redaction` is the fence behind that rule.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from datetime import UTC, datetime
from types import TracebackType

from config.env import BadSetting
from config.redaction import redacted, redacted_text

Fields = Mapping[str, object]

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_NOT_EXTRA = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
# What libraries attach for handlers of their own: whole requests, task arguments, texts with colours.
_UNWANTED = {"request", "data", "color_message", "server_time", "websocket", "sql", "params"}


def configuration(*, form: str, level: str) -> dict[str, object]:
    formatters = {"json": JsonLines, "text": ReadableLines}
    if form not in formatters:
        raise BadSetting(f"LOG_FORM is {form!r}. Write json, or text for lines that people read.")
    if level.upper() not in LEVELS:
        raise BadSetting(f"LOG_LEVEL is {level!r}. Write one of {', '.join(LEVELS)}.")
    ours = {"handlers": [], "propagate": True}
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"routes": {"()": RoutesForPaths}, "errors": {"()": ErrorsAlone}},
        "formatters": {"line": {"()": formatters[form]}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["routes"]}},
        "root": {"handlers": ["console"], "level": level.upper()},
        "loggers": {
            "django": ours,
            "django.server": ours,
            "uvicorn": ours,
            "uvicorn.error": ours,
            # Ours is without addresses and paths.
            "uvicorn.access": {"handlers": [], "propagate": False},
            # Every request has its access line; what is added to it is the error that broke one.
            "django.request": {"filters": ["errors"]},
            # Whoever scans the internet sends foreign host names all day; they get their 400.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.db.backends": quiet,
            # Every task has its one line, from config.doorbell.
            "celery.app.trace": quiet,
            "celery.worker.strategy": quiet,
            "celery.beat": quiet,
        },
    }


# What every line of a request or task carries

_context: ContextVar[Fields | None] = ContextVar("log_context", default=None)
_sources: list[Callable[[], Fields]] = []


@contextmanager
def log_context(**fields: object) -> Iterator[None]:
    """Every line logged inside carries these fields, in threads it hands work to as well."""
    token = enter_context(**fields)
    try:
        yield
    finally:
        leave_context(token)


def enter_context(**fields: object) -> Token[Fields | None]:
    return _context.set({**current_context(), **fields})


def leave_context(token: Token[Fields | None]) -> None:
    _context.reset(token)


def current_context() -> Fields:
    return _context.get() or {}


def add_source(source: Callable[[], Fields]) -> None:
    """Let every line also carry what `source` knows at that moment."""
    if source not in _sources:
        _sources.append(source)


# Lines


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    extra = {name: value for name, value in vars(record).items() if name not in _NOT_EXTRA | _UNWANTED}
    known = {name: value for source in _sources for name, value in source().items()}
    together = {**known, **current_context(), **extra}
    kept = redacted({name: value for name, value in together.items() if value is not None})
    assert isinstance(kept, dict)
    return kept


class Lines(logging.Formatter):
    def message_of(self, record: logging.LogRecord) -> str:
        return redacted_text(record.getMessage())

    def error_of(self, record: logging.LogRecord) -> str:
        if record.exc_info and record.exc_info[0]:
            return redacted_text(self.formatException(record.exc_info))
        return redacted_text(record.exc_text or record.stack_info or "")

    def at(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines(Lines):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.message_of(record),
            **fields_of(record),
        }
        if error := self.error_of(record):
            line["error"] = error
        return json.dumps(line, ensure_ascii=False)


class ReadableLines(Lines):
    def format(self, record: logging.LogRecord) -> str:
        level = "" if record.levelno == logging.INFO else f"{record.levelname} "
        fields = "".join(f"  {name}={value}" for name, value in fields_of(record).items())
        error = self.error_of(record)
        return f"{self.at(record)[11:19]} {level}{self.message_of(record)}{fields}" + (f"\n{error}" if error else "")


# Paths may carry tokens, of invitations and new passwords


class RoutesForPaths(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if value == path else value for value in record.args)
        return True


class ErrorsAlone(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


def route_of(request: object) -> str:
    """The route a request took, such as /w/<slug:slug>/people/: what may be logged of its path."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else "unmatched"


# What is said outside of logging


def take_over() -> None:
    """Warnings, and the error that ends a process, become lines like all others."""
    logging.captureWarnings(True)
    sys.excepthook = _log_the_end


def _log_the_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("callwright").critical("an error ended this process", exc_info=(kind, error, trace))

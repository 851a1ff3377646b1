import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from config import health, logs


class Log:
    """What the process would print, as an installation reads it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, message: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["message"] == message]


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    handler = logging.StreamHandler(log.stream)
    handler.setFormatter(logs.JsonLines())
    handler.addFilter(logs.RoutesForPaths())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield log
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def no_kept_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", -1.0)

"""Small typed readers of the environment, with a sentence for every mistake."""

import os
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


class BadSetting(Exception):
    """A setting is missing or cannot be read; the message names it and the cure."""


def read_dotenv(path: Path) -> dict[str, str]:
    """Read KEY=VALUE lines; blank lines and # comments are skipped, one pair of quotes is taken off."""
    if not path.is_file():
        return {}
    values = {}
    for line in path.read_text().splitlines():
        key, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not key.startswith("#"):
            values[key.strip()] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


class Environment:
    """The process environment, then `.env`; a secret may also be a file named by KEY_FILE."""

    def __init__(self, *layers: Mapping[str, str]) -> None:
        self.layers = layers

    @classmethod
    def of_this_process(cls) -> "Environment":
        return cls(os.environ, read_dotenv(CHECKOUT / ".env"))

    def text(self, key: str, default: str | None = None) -> str:
        for layer in self.layers:
            if layer.get(key):
                return layer[key]
            if layer.get(f"{key}_FILE"):
                return _file_content(f"{key}_FILE", layer[f"{key}_FILE"])
        if default is None:
            raise BadSetting(f"{key} is not set. Set it in the environment or in .env; .env.example explains it.")
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.text(key, "yes" if default else "no").lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise BadSetting(f"{key} is {value!r}. Write yes or no.")

    def number(self, key: str, default: float) -> float:
        value = self.text(key, str(default))
        try:
            return float(value)
        except ValueError:
            raise BadSetting(f"{key} is {value!r}. Write a number, such as {default}.") from None

    def words(self, key: str, default: str = "") -> list[str]:
        return [word.strip() for word in self.text(key, default).split(",") if word.strip()]


def _file_content(key: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as problem:
        raise BadSetting(f"{key} names {path}, which cannot be read: {problem.strerror}.") from None

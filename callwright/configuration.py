"""Where the server is, and which key to show it: the environment first, then the person's own file."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callwright.failures import Misused

USUAL_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Configuration:
    url: str
    api_key: str = field(repr=False)


def read(environment: Mapping[str, str] = os.environ) -> Configuration:
    path = file_in(environment)
    kept = _read_file(path)
    url = environment.get("CALLWRIGHT_URL") or kept.get("url") or USUAL_URL
    api_key = environment.get("CALLWRIGHT_API_KEY") or kept.get("api_key")
    if not api_key:
        raise Misused(
            "No API key. Make one under Settings, API keys, then set CALLWRIGHT_API_KEY"
            f' or write api_key = "…" into {path}.'
        )
    if not url.startswith(("http://", "https://")):
        raise Misused(f"CALLWRIGHT_URL is {url}. Write an address such as {USUAL_URL}.")
    if not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise Misused("CALLWRIGHT_API_KEY does not look like a key. Copy it again: it starts with cw_.")
    return Configuration(url=url.rstrip("/"), api_key=api_key)


def file_in(environment: Mapping[str, str]) -> Path:
    folder = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "~")).expanduser() / ".config")
    return Path(folder) / "callwright" / "config.toml"


def _read_file(path: Path) -> dict[str, str]:
    try:
        values = tomllib.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as problem:
        raise Misused(f"{path} cannot be read: {problem.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Misused(f"{path} is not TOML: {problem}.") from None
    if wrong := [
        name for name, value in values.items() if name not in ("url", "api_key") or not isinstance(value, str)
    ]:
        raise Misused(f"{path} holds {', '.join(wrong)}. It takes url and api_key, each a text in quotes.")
    return values

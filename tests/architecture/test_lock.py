"""The lock and pyproject.toml agree, every entry is pinned by hash, and no address of an index is in it."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.env import CHECKOUT

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
SHIPPED = PROJECT["project"]["dependencies"]
EVERYTHING = [*SHIPPED, *PROJECT["project"]["optional-dependencies"]["local"], *PROJECT["dependency-groups"]["dev"]]
LOCKS = [("requirements.lock", SHIPPED), ("requirements-dev.lock", EVERYTHING)]
CURE = "Run `make lock` and commit both lock files."


def every_pin(name: str) -> list[Requirement]:
    """All entries; one package may have several, each for other versions of Python."""
    text = (CHECKOUT / name).read_text().replace("\\\n", " ")
    lines = [line.split("--hash")[0].strip() for line in text.splitlines() if line and not line.startswith(" ")]
    return [Requirement(line) for line in lines if not line.startswith("#")]


def read_lock(name: str) -> dict[str, Requirement]:
    """The entries that hold on this machine, by package."""
    return {canonicalize_name(pin.name): pin for pin in every_pin(name) if applies(pin, set())}


def pinned(pin: Requirement) -> str:
    return str(pin.specifier).removeprefix("==")


def applies(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def needed(asked: list[str]) -> set[str]:
    """Every distribution that what was asked for needs on this machine, by what is really installed."""
    found: set[str] = set()
    todo = [Requirement(line) for line in asked]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        requirement = todo.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        try:
            below = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            pytest.fail(f"{name} is not installed. Run `make setup`.")
        todo.extend(r for r in below if applies(r, set(extras) | {""}))
    return found


@pytest.mark.parametrize(("lock", "asked"), LOCKS)
def test_everything_asked_for_is_locked_at_a_version_that_was_asked_for(lock: str, asked: list[str]) -> None:
    pins = read_lock(lock)
    for line in asked:
        requirement = Requirement(line)
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin, f"{requirement.name} is in pyproject.toml and not in {lock}. {CURE}"
        assert requirement.specifier.contains(pinned(pin), prereleases=True), f"{pin} does not fit {line}. {CURE}"


@pytest.mark.parametrize(("lock", "asked"), LOCKS)
def test_the_lock_holds_nothing_that_nobody_asked_for(lock: str, asked: list[str]) -> None:
    assert set(read_lock(lock)) == needed(asked), CURE


def test_both_locks_pin_the_same_versions() -> None:
    everything = {str(pin) for pin in every_pin("requirements-dev.lock")}
    assert {str(pin) for pin in every_pin("requirements.lock")} <= everything, CURE


def test_what_is_installed_is_what_is_locked() -> None:
    for name, pin in read_lock("requirements-dev.lock").items():
        assert version(name) == pinned(pin), "Run `make setup`."


@pytest.mark.parametrize("lock", [lock for lock, _ in LOCKS])
def test_every_entry_carries_hashes_and_no_address(lock: str) -> None:
    text = (CHECKOUT / lock).read_text()
    entries = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.DOTALL | re.MULTILINE)
    assert len(entries) == len(every_pin(lock))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash)", text, re.MULTILINE)


def test_every_dependency_says_why_it_is_here() -> None:
    lines = (CHECKOUT / "pyproject.toml").read_text().splitlines()
    for line in EVERYTHING:
        shown = next(text for text in lines if f'"{line}"' in text)
        assert "#" in shown, f"{line} has no reason beside it in pyproject.toml"

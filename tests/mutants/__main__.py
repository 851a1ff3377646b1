"""Sow each fault of faults.toml into a copy of the checkout and see its check turn red: `make mutants [only=WORD]`."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
FAULTS = tomllib.loads((Path(__file__).parent / "faults.toml").read_text())["fault"]


def main(only: str) -> int:
    survivors = []
    with tempfile.TemporaryDirectory(prefix="callwright-mutants-") as folder:
        copy = Path(folder) / "checkout"
        _copy_checkout(copy)
        for fault in FAULTS:
            if only in fault["name"]:
                caught = _is_caught(fault, copy)
                _say(f"{'caught  ' if caught else 'SURVIVED'}  {fault['name']}")
                survivors += [] if caught else [fault["name"]]
    _say(f"{len(survivors)} survived" if survivors else "every fault was caught")
    return bool(survivors)


def _is_caught(fault: dict[str, str], copy: Path) -> bool:
    """Red with the fault, and green without it: a check that is always red catches nothing."""
    target = copy / fault["file"]
    healthy = target.read_text() if target.exists() else None
    if not _is_green(fault["check"], copy):
        _say(f"          {fault['name']}: its check is red without the fault: {fault['check']}")
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_sown(fault, healthy))
    try:
        return not _is_green(fault["check"], copy)
    finally:
        target.unlink() if healthy is None else target.write_text(healthy)


def _sown(fault: dict[str, str], healthy: str | None) -> str:
    if healthy is None or "append" in fault:
        return (healthy or "") + fault["append"]
    assert healthy.count(fault["replace"]) >= 1, f"{fault['name']}: {fault['file']} no longer holds what it replaces"
    return healthy.replace(fault["replace"], fault["with"], 1)


def _is_green(check: str, copy: Path) -> bool:
    bin_folder = copy / ".venv" / "bin"
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        ["/bin/sh", "-c", check], cwd=copy, env=environment, capture_output=True, check=False, timeout=600
    )
    return done.returncode == 0


def _copy_checkout(copy: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (CHECKOUT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, copy / name)
    (copy / ".venv").symlink_to(CHECKOUT / ".venv")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))

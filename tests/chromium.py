"""Find a Chromium on this machine; `python -m tests.chromium` also tries to install one."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALLERS = {
    "apt-get": ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    "dnf": ["dnf", "install", "-y", "chromium"],
    "apk": ["apk", "add", "chromium"],
    "pacman": ["pacman", "-S", "--noconfirm", "chromium"],
}
ABSENT = (
    "NO CHROMIUM: the pages were NOT tested in a browser. Install your system's chromium package,"
    " or set CHROMIUM to the path of one, and run again."
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def install() -> None:
    """Ask the system's package manager, if we may. What it says is shown only when it fails."""
    manager = next((name for name in INSTALLERS if shutil.which(name)), None)
    may_ask = os.geteuid() == 0 or _sudo_is_free()
    if manager is None or not may_ask:
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    sys.stderr.write(f"No Chromium found; installing it with {manager} …\n")
    if manager == "apt-get":
        subprocess.run([*sudo, "apt-get", "update"], env=environment, capture_output=True, check=False)
    done = subprocess.run([*sudo, *INSTALLERS[manager]], env=environment, capture_output=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr.decode(errors="replace")[-2000:])


def _sudo_is_free() -> bool:
    sudo = shutil.which("sudo")
    return sudo is not None and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    if not find():
        install()
    if not find():
        sys.stderr.write(ABSENT + "\n")
        sys.exit(1 if os.environ.get("CI") == "true" else 0)

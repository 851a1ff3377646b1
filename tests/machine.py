"""What the tests borrow from the machine; `python -m tests.machine` asks its package manager for what is missing."""

import os
import shutil
import subprocess
import sys

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = (
    "NO CHROMIUM: the pages were NOT tested in a browser. Install your system's chromium package,"
    " or set CHROMIUM to the path of one, and run again."
)
NO_COMPOSE = (
    "docker-compose is not installed, so nobody reads docker-compose.yml. Install it (on Debian: apt install"
    " docker-compose)."
)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MANAGERS = {
    "apt-get": ["apt-get", "install", "-y", "--no-install-recommends"],
    "dnf": ["dnf", "install", "-y"],
    "apk": ["apk", "add"],
    "pacman": ["pacman", "-S", "--noconfirm"],
}


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, CHROMIUM)), None)


def compose() -> str | None:
    return shutil.which("docker-compose")


def _install(package: str) -> None:
    """Ask the system's package manager, if we may. What it says is shown only when it fails."""
    manager = next((name for name in MANAGERS if shutil.which(name)), None)
    if manager is None or not (os.geteuid() == 0 or _sudo_is_free()):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    sys.stderr.write(f"{package} is missing; installing it with {manager} …\n")
    if manager == "apt-get":
        subprocess.run([*sudo, "apt-get", "update"], env=environment, capture_output=True, check=False)
    done = subprocess.run([*sudo, *MANAGERS[manager], package], env=environment, capture_output=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr.decode(errors="replace")[-2000:])


def _sudo_is_free() -> bool:
    sudo = shutil.which("sudo")
    return sudo is not None and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0


def main() -> int:
    missing = []
    for find, package, absent in ((chromium, "chromium", NO_CHROMIUM), (compose, "docker-compose", NO_COMPOSE)):
        if not find():
            _install(package)
        if not find():
            missing.append(absent)
    sys.stderr.writelines(line + "\n" for line in missing)
    # On CI a test that is not run counts as a test that failed.
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())

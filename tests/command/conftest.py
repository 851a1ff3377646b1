import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.models import User, Workspace
from config.env import CHECKOUT
from tests.api.conftest import make_key

Said = subprocess.CompletedProcess[str]


@pytest.fixture
def harbor_key(harbor: Workspace, olive: User) -> str:
    return make_key(harbor, olive, scopes=["events:read", "events:write"])


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Said]:
    """Run the command the way a shell does, in a home of its own, with nothing in the environment but this."""

    def callwright(*words: str, **environment: str) -> Said:
        return subprocess.run(
            [sys.executable, "-m", "callwright", *words],
            env={"HOME": str(tmp_path), "PYTHONPATH": str(CHECKOUT), "PATH": "", **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return callwright


@pytest.fixture
def callwright(run: Callable[..., Said], site: str, harbor_key: str) -> Callable[..., Said]:
    """The command, set up for Harbor."""

    def set_up(*words: str) -> Said:
        return run(*words, CALLWRIGHT_URL=site, CALLWRIGHT_API_KEY=harbor_key)

    return set_up

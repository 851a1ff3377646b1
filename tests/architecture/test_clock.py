"""One clock, read at doorways."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.env import CHECKOUT

DOORWAYS = {"views", "webhooks", "tasks", "commands", "api", "admin", "doors", "config"}
ROOMS = ("accounts", "exports", "compliance", "campaigns", "calls", "voice", "sandbox")
# SQL clocks and fields that fill themselves in: time that nobody handed in.
FORBIDDEN_WORDS = ("auto_now", "auto_now_add", "db_default=Now", "CURRENT_TIMESTAMP", "clock_timestamp(")


def modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from (CHECKOUT / room).rglob("*.py")


def imports_the_clock(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "config":
            return any(name.name == "clock" for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.module == "config.clock":
            return True
        if isinstance(node, ast.Import) and any(name.name == "config.clock" for name in node.names):
            return True
    return False


def test_only_doorways_read_the_clock() -> None:
    readers = {path.relative_to(CHECKOUT) for path in modules() if imports_the_clock(path)}
    assert readers, "no room reads the clock: this test has lost its eyes"
    kinds = {path: {part.split("_")[-1] for part in path.with_suffix("").parts} for path in readers}
    strangers = [path for path in readers if not DOORWAYS & kinds[path]]
    assert strangers == [], "time is passed in as `now`; only doorways read config.clock"


def test_no_field_and_no_query_takes_its_time_from_elsewhere() -> None:
    found = [(path.name, word) for path in modules() for word in FORBIDDEN_WORDS if word in path.read_text()]
    assert found == []


@pytest.mark.parametrize(
    "reading",
    [
        "from datetime import datetime\nprint(datetime.now())\n",
        "import datetime\nprint(datetime.datetime.now(datetime.UTC))\n",
        "from django.utils import timezone\nprint(timezone.now())\n",
        "import time\nprint(time.time())\n",
        "from datetime import date\nprint(date.today())\n",
    ],
)
def test_lint_refuses_any_other_reading_of_a_clock(reading: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--stdin-filename", "accounts/roles.py", "-"],
        input=reading,
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        check=False,
    )
    assert done.returncode == 1
    assert "TID251" in done.stdout

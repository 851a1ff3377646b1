"""Run every measurement in this folder, one process each, and print one table."""

import json
import subprocess
import sys
from pathlib import Path

HELPERS = {"__init__", "__main__", "ground"}


def main() -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)
    rows = []
    for name in names:
        done = subprocess.run([sys.executable, "-m", f"bench.{name}"], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            sys.stderr.write(f"bench.{name} ended with code {done.returncode}; what it said stands above.\n")
            return done.returncode
        rows += [json.loads(line) for line in done.stdout.splitlines()]
    _print_table(rows)
    return 0 if all(row["ok"] for row in rows) else 1


def _print_table(rows: list[dict[str, object]]) -> None:
    width = max(len(str(row["name"])) for row in rows)
    for row in rows:
        mark = "ok  " if row["ok"] else "MISS"
        value = f"{row['value']} {row['unit']}"
        print(f"{mark}  {row['name']:<{width}}  {value:>14}   goal {row['goal']}   {row['conditions']}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

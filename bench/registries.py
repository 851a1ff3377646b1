"""Registries: how fast a national list loads, how large it is, and what asking costs."""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.ground import product, report, say

FULL = os.environ.get("CALLWRIGHT_FULL") == "1"
AREAS, PER_AREA = (400 if FULL else 40), 625_000
WHOLE = 250_000_000
CHANGES, BATCH, BATCHES = 100_000, 1_000, 200
EXCHANGES, LINES = 1_000, 10_000
REGION = 10  # area codes a campaign might call


def main() -> None:
    with product(), tempfile.TemporaryDirectory() as folder:
        from accounts.models import Workspace  # noqa: PLC0415 - after the settings are known
        from config import clock  # noqa: PLC0415

        now = clock.now()
        harbor = Workspace.objects.create(name="Harbor Dental", slug="harbor", kind="PRACTICE", created_at=now)
        path = Path(folder) / f"{now:%Y-%m-%d}_national.txt"
        sample, numbers = _write_list(path)
        seconds, peak = _load(path, harbor.slug)
        _report_load(seconds, peak, numbers=numbers)
        _report_size(numbers=numbers)
        _report_lookups(sample, workspace_id=harbor.pk, numbers=numbers)
        _report_changes(Path(folder), sample, slug=harbor.slug, workspace_id=harbor.pk)


def _write_list(path: Path) -> tuple[list[str], int]:
    """A made-up national list as uneven as a real one: some exchanges hold one number in a hundred, some sixty."""
    rng, written, sample = np.random.default_rng(11), 0, []
    say(f"writing about {AREAS * PER_AREA:,} numbers …")
    with path.open("wb") as file:
        for area in range(200, 200 + AREAS):
            lines = _lines_of_an_area(rng)
            file.write(_as_text(area, lines))
            written += len(lines)
            few = 40_000 // AREAS + 1 if area >= 200 + REGION else 2_000
            sample += [f"+1{area}{line:07}" for line in rng.choice(lines, few)]
    return sample, written


def _lines_of_an_area(rng: np.random.Generator) -> NDArray[np.int64]:
    density = np.where(rng.random(EXCHANGES) < 0.09, 0.6, 0.01)
    density[:200] = 0  # no exchange begins with 0 or 1
    scale = PER_AREA / (density.sum() * LINES)
    return np.flatnonzero(rng.random((EXCHANGES, LINES)) < (density * scale)[:, None])


def _as_text(area: int, lines: NDArray[np.int64]) -> bytes:
    grid = np.empty((len(lines), 12), np.uint8)
    grid[:, :4] = np.frombuffer(b"%d," % area, np.uint8)
    for place in range(10, 3, -1):
        lines, digit = np.divmod(lines, 10)
        grid[:, place] = digit + ord("0")
    grid[:, 11] = ord("\n")
    return grid.tobytes()


def _load(path: Path, slug: str, *more: str) -> tuple[float, float]:
    """Seconds, and the most megabytes the loading process held."""
    began, peak = time.perf_counter(), 0
    command = [sys.executable, "manage.py", "load_registry", str(path), "--workspace", slug, "--kind", "national"]
    process = subprocess.Popen([*command, *more], stdout=sys.stderr)
    while process.poll() is None:
        peak = max(peak, _peak_kilobytes(process.pid))
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.perf_counter() - began, peak / 1024


def _peak_kilobytes(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _report_load(seconds: float, peak: float, *, numbers: int) -> None:
    conditions = f"{numbers:,} numbers, flat text, hashed, read, written, counted and switched"
    rate, whole = numbers / seconds / 1e6, seconds * WHOLE / numbers
    report("registries.load_rate", rate, "M/s", goal=WHOLE / 120 / 1e6, ok=whole < 120, conditions=conditions)
    report("registries.load_of_250_M", whole, "s", goal=120, ok=whole < 120, conditions=_scaled(numbers))
    report("registries.loader_memory", peak, "MB", goal=200, ok=peak < 200, conditions="peak of the loading process")


def _scaled(numbers: int) -> str:
    return "measured" if FULL else f"scaled from {numbers:,} numbers"


def _report_size(*, numbers: int) -> None:
    from django.db import connection  # noqa: PLC0415 - after the settings are known

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('compliance_registryblock')")
        (size,) = cursor.fetchone() or (0,)
    whole = size * WHOLE / numbers / 1e6
    conditions = f"table with its indexes, {_scaled(numbers)}"
    report("registries.size_of_250_M", whole, "MB", goal=600, ok=whole < 600, conditions=conditions)


def _report_lookups(sample: list[str], *, workspace_id: int, numbers: int) -> None:
    from django.db import connection  # noqa: PLC0415 - after the settings are known

    from accounts.tenancy import in_workspace  # noqa: PLC0415
    from compliance.registries import lookup  # noqa: PLC0415

    region = [number for number in sample if number < f"+1{200 + REGION}"]
    with in_workspace(workspace_id), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone() or (0,)
        for name, of_whom, numbers_of_whom in (
            ("lookup_of_a_region", f"{REGION} area codes", region),
            ("lookup", f"all {AREAS} area codes", sample),
        ):
            wall, cpu = _micros_per_number(
                _half_listed(numbers_of_whom), lambda batch: lookup.listed(batch, "NATIONAL"), backend=backend
            )
            conditions = f"batches of {BATCH:,} out of {of_whom} among {numbers:,} numbers, {wall:.1f} by the clock"
            report(f"registries.{name}", cpu, "µs", goal=3, ok=cpu < 3, conditions=conditions)


def _half_listed(sample: list[str]) -> list[str]:
    draw = random.Random(7)  # noqa: S311 - only a shuffle
    others = [f"{number[:-4]}{draw.randrange(10_000):04}" for number in sample]
    asked = sample + others
    draw.shuffle(asked)
    return asked


def _micros_per_number(
    asked: list[str], ask: Callable[[Sequence[str]], object], *, backend: int
) -> tuple[float, float]:
    """By the clock, and on the processor of the backend that answers."""
    batches = [asked[first : first + BATCH] for first in range(0, len(asked) - BATCH, BATCH)]
    for batch in batches:
        ask(batch)
    wall, cpu = time.perf_counter(), _cpu_seconds(backend)
    for turn in range(BATCHES):
        ask(batches[turn % len(batches)])
    spent = time.perf_counter() - wall, _cpu_seconds(backend) - cpu
    return spent[0] / (BATCHES * BATCH) * 1e6, spent[1] / (BATCHES * BATCH) * 1e6


def _cpu_seconds(process: int) -> float:
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def _report_changes(folder: Path, sample: list[str], *, slug: str, workspace_id: int) -> None:
    from accounts.tenancy import in_workspace  # noqa: PLC0415 - after the settings are known
    from compliance.models import Registry  # noqa: PLC0415
    from config import clock  # noqa: PLC0415

    now, draw = clock.now(), random.Random(5)  # noqa: S311 - only a shuffle
    with in_workspace(workspace_id):
        base = Registry.objects.get().current_id
    path = folder / f"{now:%Y-%m-%d}_changes.txt"
    with path.open("w") as file:
        for _ in range(CHANGES):
            number = draw.choice(sample)
            line = draw.randrange(10_000)
            file.write(f"{number[2:5]},{number[5:8]}{line:04},{now:%Y-%m-%dT%H:%M:%S},{draw.choice('AD')}\n")
    seconds, _ = _load(path, slug, "--changes-to", str(base))
    conditions = f"{CHANGES:,} changes at random places, start of the process included"
    report("registries.change_list", seconds, "s", goal=60, ok=seconds < 60, conditions=conditions)


if __name__ == "__main__":
    main()

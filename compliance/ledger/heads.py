"""Heads: a line per seal, in a file outside the database.

Whoever rewrites the ledger, to the last hash, cannot rewrite what was said there.
"""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.models import LedgerSeal

_TAIL = 65_536


class CannotKeepHeads(Exception):
    """The file outside the database cannot be read or written. What is sealed stays sealed."""


def heads_file() -> Path:
    return Path(settings.LEDGER_HEADS)


def keep_heads(workspace: Workspace) -> int:
    """Write down every head the file does not have yet; returns how many."""
    known = _last_head_of(workspace)
    with in_workspace(workspace.pk):
        fresh = list(LedgerSeal.objects.filter(workspace=workspace, position__gt=known).order_by("position"))
    if not fresh:
        return 0
    lines = "".join(json.dumps(_head(seal, workspace)) + "\n" for seal in fresh)
    try:
        _append(lines)
    except OSError as problem:
        raise _trouble(problem) from problem
    return len(fresh)


def _trouble(problem: OSError) -> CannotKeepHeads:
    return CannotKeepHeads(
        f"The heads of the ledger cannot be kept in {heads_file()}: {problem.strerror}. Make that place writable,"
        " or name another one in LEDGER_HEADS; the next sealing makes up for it."
    )


def _append(lines: str) -> None:
    """In one write, on a line of its own even where a crash cut the last one short, and through to the disk."""
    heads_file().parent.mkdir(parents=True, exist_ok=True)
    with heads_file().open("a+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 1, 0))
        cut_short = end > 0 and file.read(1) != b"\n"
        file.write(("\n" * cut_short + lines).encode())
        os.fsync(file.fileno())


def _last_head_of(workspace: Workspace) -> int:
    """Mostly among the last lines; only a workspace that was silent for long needs all of them read."""
    for most in (_TAIL, None):
        found = [head["seal"] for head in heads_of(workspace, most=most)]
        if found:
            return int(max(found))
    return 0


def _head(seal: LedgerSeal, workspace: Workspace) -> dict[str, object]:
    return {
        "workspace": workspace.code,
        "seal": seal.position,
        "rows": [seal.first_sequence, seal.last_sequence],
        "hash": bytes(seal.hash).hex(),
        "sealed_at": seal.sealed_at.isoformat(),
    }


def heads_of(workspace: Workspace, *, most: int | None = None) -> list[dict[str, Any]]:
    """The heads kept of this workspace, or those in the last `most` bytes, oldest first. Broken lines do not count."""
    try:
        with heads_file().open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - most, 0) if most else 0)
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise _trouble(problem) from problem
    found = [head for line in lines if (head := _read_head(line)) and head.get("workspace") == workspace.code]
    return sorted(found, key=lambda head: int(head["seal"]))


def _read_head(line: str) -> dict[str, Any] | None:
    try:
        head = json.loads(line)
    except ValueError:
        return None
    return head if isinstance(head, dict) and isinstance(head.get("seal"), int) else None

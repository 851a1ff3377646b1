"""Lists for tests, and the shortest way to load one."""

import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.models import Registry, RegistrySnapshot
from compliance.registries import loading
from compliance.registries.lookup import listed, unknown
from compliance.registries.offers import Offer, announce
from tests.conftest import NOW

NATIONAL, STATE, LITIGATOR, REASSIGNED = Registry.Kind
TODAY = NOW.date()


def flat(numbers: Iterable[str], *, comma: bool = True, end: str = "\n") -> bytes:
    """+12125550101 → 212,5550101"""
    return "".join(f"{n[2:5]}{',' if comma else ''}{n[5:]}{end}" for n in numbers).encode()


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def bring(
    workspace: Workspace,
    content: bytes,
    *,
    kind: Registry.Kind = NATIONAL,
    source: str = "list.txt",
    as_of: date | None = TODAY,
    **said: Any,
) -> RegistrySnapshot:
    """Announce a file without loading it."""
    offer = Offer(
        kind=kind, source=source, file_hash=sha256(content).hexdigest(), size=len(content), as_of=as_of, **said
    )
    with in_workspace(workspace.pk):
        return announce(offer, workspace=workspace, by=None, now=NOW)


def load(workspace: Workspace, content: bytes, *, now: datetime = NOW, **said: Any) -> RegistrySnapshot:
    return carry_out(bring(workspace, content, **said), content, now=now)


def carry_out(snapshot: RegistrySnapshot, content: bytes, *, now: datetime = NOW) -> RegistrySnapshot:
    raw = io.BytesIO(content)
    loading.load(workspace_id=snapshot.workspace_id, snapshot_id=snapshot.pk, raw=raw, clock=lambda: now)
    return seen_again(snapshot)


def numbers_in(area: int, count: int) -> list[str]:
    """Made-up numbers of one area code and exchange."""
    return [f"+1{area}555{line:04}" for line in range(count)]


def seen_again(snapshot: RegistrySnapshot) -> RegistrySnapshot:
    with in_workspace(snapshot.workspace_id):
        snapshot.refresh_from_db()
    return snapshot


def on_it(workspace: Workspace, *numbers: str, kind: Registry.Kind = NATIONAL, **whose: Any) -> set[str]:
    with in_workspace(workspace.pk):
        return listed(numbers, kind, **whose)


def not_known(workspace: Workspace, *numbers: str, kind: Registry.Kind = NATIONAL, **whose: Any) -> set[str]:
    with in_workspace(workspace.pk):
        return unknown(numbers, kind, **whose)

"""What a load leaves behind: a failure in words, a dead process's half, and blocks that nobody reads any more."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef

from accounts import audit
from accounts.tenancy import in_workspace
from compliance.models import (
    LitigatorRow,
    ReassignedResult,
    Registry,
    RegistryBlock,
    RegistryPart,
    RegistrySnapshot,
)
from compliance.registries import blocks, parts

logger = logging.getLogger("callwright.registries")

State = RegistrySnapshot.State

MOST_ATTEMPTS = 3
LET_GO_AT_ONCE = 2_000
ABANDONED_AFTER = timedelta(minutes=10)
DIED = "The process that loaded this file ended before it was done. Load it again. Nothing was changed."
_LOCKS = 0x52454749  # the name space of our advisory locks


@contextmanager
def sole_loader(registry_id: int) -> Iterator[bool]:
    """One load of a registry at a time. The lock belongs to the connection: a process that dies lets it go."""
    key = [_LOCKS, registry_id % (1 << 31)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        alone = bool((cursor.fetchone() or [False])[0])
    try:
        yield alone
    finally:
        # Where the connection itself broke, the lock is gone with it.
        if alone and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def fail(snapshot: RegistrySnapshot, reason: str, *, now: datetime) -> None:
    with in_workspace(snapshot.workspace_id):
        snapshot.move(State.FAILED, failure=reason[:400], ended_at=now)
        parts.let_go(snapshot)
        audit.record(
            "registry.load_failed",
            now=now,
            subject=snapshot.registry,
            user=snapshot.loaded_by,
            snapshot=snapshot.pk,
            source=snapshot.source,
            reason=reason,
        )
    logger.warning("registry not loaded", extra={"snapshot": snapshot.pk})


def recover_loads(*, workspace_id: int, now: datetime) -> list[int]:
    """Find the loads whose process died; answers which uploads wait for somebody to load them."""
    with in_workspace(workspace_id):
        for snapshot in RegistrySnapshot.objects.filter(state=State.LOADING):
            with sole_loader(snapshot.registry_id) as alone:
                snapshot.refresh_from_db()
                if alone and snapshot.state == State.LOADING:
                    recover(snapshot, now=now)
        uploaded = Exists(RegistryPart.objects.filter(snapshot=OuterRef("pk")))
        waiting = RegistrySnapshot.objects.filter(state=State.WAITING)
        for forgotten in waiting.filter(~uploaded, announced_at__lt=now - ABANDONED_AFTER):
            fail(forgotten, DIED, now=now)
        return list(waiting.filter(uploaded).order_by("pk").values_list("pk", flat=True))


def recover(snapshot: RegistrySnapshot, *, now: datetime) -> None:
    uploaded = RegistryPart.objects.filter(snapshot=snapshot).exists()
    if uploaded and snapshot.attempts < MOST_ATTEMPTS:
        snapshot.move(State.WAITING)
    else:
        fail(snapshot, DIED, now=now)


def give_up(*, workspace_id: int, snapshot_id: int, reason: str, now: datetime) -> None:
    """Say of a file that never began to load why it will not."""
    with in_workspace(workspace_id):
        snapshot = RegistrySnapshot.objects.get(pk=snapshot_id)
        if snapshot.state == State.WAITING:
            fail(snapshot, reason, now=now)


def let_go_of_replaced(*, workspace_id: int, at_most: int = 400_000) -> int:
    """Delete, in small batches, what no reader can reach any more; answers how many rows went."""
    with in_workspace(workspace_id):
        in_force = RegistrySnapshot.objects.filter(pk__in=Registry.objects.values("current"))
        used = {snapshot.root_pk for snapshot in in_force}
        ended = RegistrySnapshot.objects.filter(state__in=[State.REPLACED, State.FAILED]).exclude(pk__in=used)
        reached = {"snapshot": OuterRef("pk")}
        leftovers = list(
            ended.filter(
                Exists(RegistryBlock.objects.filter(**reached))
                | Exists(LitigatorRow.objects.filter(**reached))
                | Exists(ReassignedResult.objects.filter(**reached))
            )
        )
    gone = 0
    for snapshot in leftovers:
        gone += discard(snapshot, at_most=at_most - gone)
    return gone


def discard(snapshot: RegistrySnapshot, *, at_most: int | None) -> int:
    gone = 0
    while at_most is None or gone < at_most:
        with in_workspace(snapshot.workspace_id):
            now_gone = blocks.let_go(snapshot_id=snapshot.pk, at_most=LET_GO_AT_ONCE)
            now_gone += _discard_rows(snapshot)
        if not now_gone:
            break
        gone += now_gone
    return gone


def _discard_rows(snapshot: RegistrySnapshot) -> int:
    rows = LitigatorRow.objects.filter(snapshot=snapshot).values("pk")[:LET_GO_AT_ONCE]
    results = ReassignedResult.objects.filter(snapshot=snapshot).values("pk")[:LET_GO_AT_ONCE]
    gone, _ = LitigatorRow.objects.filter(pk__in=rows).delete()
    also_gone, _ = ReassignedResult.objects.filter(pk__in=results).delete()
    return gone + also_gone

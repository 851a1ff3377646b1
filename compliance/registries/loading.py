"""A file becomes a registry.

A load is many short transactions that nobody sees, and one that switches. Whatever goes wrong before that one, the
list in force stays in force; afterwards a reader has the new one whole. Call from outside any transaction.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BufferedReader
from typing import BinaryIO, TypeVar

from accounts import audit
from accounts.tenancy import in_workspace
from compliance.models import LitigatorRow, ReassignedResult, Registry, RegistrySnapshot
from compliance.registries import blocks, lists, parts, tables
from compliance.registries.bits import Scratch, areas_of, coverage_of, numbers_of
from compliance.registries.containers import day_of
from compliance.registries.faults import Busy, CannotLoad, Doubtful
from compliance.registries.leftovers import discard, fail, recover, sole_loader
from compliance.registries.progress import Progress, Watch
from compliance.registries.spelling import EVERY_AREA, area_codes
from exports.actions import record_event
from exports.kinds import REGISTRY_LOADED

logger = logging.getLogger("callwright.registries")

State, Content, Kind = RegistrySnapshot.State, RegistrySnapshot.Content, Registry.Kind
Clock = Callable[[], datetime]
Row = TypeVar("Row")

ROWS_AT_ONCE = 1_000
BLOCKS_AT_ONCE = 2_000
# A list may shrink; one that loses half an area code's numbers is more often a download cut short.
COUNTS_FROM, LEAST_LEFT = 100, 0.5


@dataclass(frozen=True, kw_only=True)
class Staged:
    """What was read and is ready to come into force."""

    as_of: date
    numbers: int
    area_counts: dict[int, int] = field(default_factory=dict)
    coverage: bytes = b""


@dataclass(frozen=True)
class _Load:
    """One load under way: its snapshot, its file, and what is told of it while it lasts."""

    snapshot: RegistrySnapshot
    registry: Registry
    previous: RegistrySnapshot | None
    raw: BinaryIO
    progress: Progress

    @property
    def workspace_id(self) -> int:
        return self.snapshot.workspace_id

    @property
    def as_of(self) -> date | None:
        return self.snapshot.as_of or day_of(self.raw)


def load_upload(*, workspace_id: int, snapshot_id: int, clock: Clock) -> None:
    raw = parts.PartsFile(workspace_id=workspace_id, snapshot_id=snapshot_id)
    load(workspace_id=workspace_id, snapshot_id=snapshot_id, raw=BufferedReader(raw, parts.PART_BYTES), clock=clock)


def load(*, workspace_id: int, snapshot_id: int, raw: BinaryIO, clock: Clock, watch: Watch | None = None) -> None:
    """Bring a waiting file into force, or raise CannotLoad. Safe to call twice: the second finds nothing waiting.

    A load takes minutes, so it asks the clock when it is done rather than being told when it began.
    """
    with in_workspace(workspace_id):
        snapshot = RegistrySnapshot.objects.get(pk=snapshot_id)
    with sole_loader(snapshot.registry_id) as alone:
        if not alone:
            raise Busy("Another file of this registry is being loaded. Wait until that is done.")
        begun = _begin(snapshot, raw, watch, now=clock())
        if begun:
            _carry_out(begun, clock=clock)


def _begin(snapshot: RegistrySnapshot, raw: BinaryIO, watch: Watch | None, *, now: datetime) -> _Load | None:
    with in_workspace(snapshot.workspace_id):
        for dead in RegistrySnapshot.objects.filter(registry=snapshot.registry_id, state=State.LOADING):
            recover(dead, now=now)
        snapshot.refresh_from_db()
        if snapshot.state != State.WAITING:
            return None
        snapshot.move(State.LOADING, attempts=snapshot.attempts + 1, lines_read=0, bytes_read=0)
        registry = Registry.objects.select_related("current").get(pk=snapshot.registry_id)
    discard(snapshot, at_most=None)
    return _Load(snapshot, registry, registry.current, raw, Progress(snapshot, raw, watch))


def _carry_out(load: _Load, *, clock: Clock) -> None:
    stage = _STAGES[RegistrySnapshot.Content(load.snapshot.content), load.registry.kind == Kind.LITIGATOR]
    try:
        stage(load, clock)
    except CannotLoad as problem:
        fail(load.snapshot, str(problem), now=clock())
        raise
    except OSError as problem:
        trouble = CannotLoad(f"The disk refused: {problem.strerror or 'it cannot be read'}. Nothing was loaded.")
        fail(load.snapshot, str(trouble), now=clock())
        raise trouble from problem


def _stage_list(load: _Load, clock: Clock) -> None:
    with Scratch() as scratch:
        for listed in lists.full_list(load.raw, name=load.snapshot.source):
            scratch.set(listed.numbers)
            load.progress.note(listed.lines)
        _stage_bits(load, scratch, clock)


def _stage_litigators(load: _Load, clock: Clock) -> None:
    rows = tables.litigators(load.raw, name=load.snapshot.source, number_column=load.snapshot.number_column)
    with Scratch() as scratch:
        for several in _several(rows):
            with in_workspace(load.workspace_id):
                LitigatorRow.objects.bulk_create(
                    LitigatorRow(
                        workspace_id=load.workspace_id, snapshot=load.snapshot, number=f"+1{row.number}", raw=row.raw
                    )
                    for row in several
                )
            scratch.set(numbers_of(row.number for row in several))
            load.progress.note(len(several))
        _stage_bits(load, scratch, clock)


def _stage_bits(load: _Load, scratch: Scratch, clock: Clock) -> None:
    counts = scratch.counts()
    covered = _covered(load, found=frozenset(counts))
    staged = Staged(
        as_of=_demand_day(load.as_of, today=clock().date()),
        numbers=sum(counts.values()),
        area_counts=counts,
        coverage=coverage_of(covered),
    )
    if not staged.numbers:
        raise CannotLoad("The file holds no number. Nothing was loaded.")
    _refuse_doubtful(load, staged, covered)
    for prefixes, bits in blocks.batches(scratch, size=BLOCKS_AT_ONCE):
        with in_workspace(load.workspace_id):
            blocks.write(prefixes, bits, workspace_id=load.workspace_id, snapshot_id=load.snapshot.pk)
    with in_workspace(load.workspace_id):
        if blocks.counts(snapshot_id=load.snapshot.pk) != counts:
            raise CannotLoad("The database does not hold what the file does. Load it again. Nothing was changed.")
        _put_in_force(load, staged, now=clock())


def _stage_changes(load: _Load, clock: Clock) -> None:
    base = load.previous
    if base is None or base.pk != load.snapshot.base_id:
        raise CannotLoad("The list these changes were meant for is no longer in force. Nothing was changed.")
    with Scratch() as added, Scratch() as removed:
        newest = _read_changes(load, added=added, removed=removed)
        if newest is None:
            raise CannotLoad("The file holds no change. Nothing was loaded.")
        _demand_covered(base, added.areas() | removed.areas())
        as_of = _demand_day(load.as_of or newest, today=clock().date())
        _refuse_older(load, as_of)
        with in_workspace(load.workspace_id):
            blocks.change(added, removed, workspace_id=load.workspace_id, snapshot_id=load.snapshot.root_pk)
            counts = dict(blocks.counts(snapshot_id=load.snapshot.root_pk))
            staged = Staged(
                as_of=as_of, numbers=sum(counts.values()), area_counts=counts, coverage=bytes(base.coverage)
            )
            _put_in_force(load, staged, now=clock())


def _read_changes(load: _Load, *, added: Scratch, removed: Scratch) -> date | None:
    newest = None
    for changes in lists.change_list(load.raw, name=load.snapshot.source):
        added.set(changes.added)  # stands against any removal before it: `applied` removes first
        removed.set(changes.removed)
        added.clear(changes.removed)
        newest = max(newest or changes.newest, changes.newest)
        load.progress.note(changes.lines)
    return newest


def _stage_results(load: _Load, clock: Clock) -> None:
    declared, newest, numbers = load.as_of, None, 0
    answered = tables.answers(load.raw, name=load.snapshot.source, number_column=load.snapshot.number_column)
    for several in _several(answered):
        results = [_result(load, row, declared=declared) for row in several]
        with in_workspace(load.workspace_id):
            ReassignedResult.objects.bulk_create(results)
        newest = max([*(result.queried_date for result in results), *([newest] if newest else [])])
        numbers += len(results)
        load.progress.note(len(results))
    if not numbers:
        raise CannotLoad("The file holds no result. Nothing was loaded.")
    staged = Staged(as_of=_demand_day(declared or newest, today=clock().date()), numbers=numbers)
    with in_workspace(load.workspace_id):
        _put_in_force(load, staged, now=clock())


def _result(load: _Load, row: tables.Answered, *, declared: date | None) -> ReassignedResult:
    queried = row.queried_at or (datetime.combine(declared, time(), UTC) if declared else None)
    if queried is None:
        raise CannotLoad("Say on which day the answers were given: the file does not. Nothing was loaded.")
    return ReassignedResult(
        workspace_id=load.workspace_id,
        snapshot=load.snapshot,
        number=f"+1{row.number}",
        date_asked=row.date_asked,
        result=row.result,
        queried_at=queried,
        provider_ref=row.provider_ref,
    )


_STAGES: dict[tuple[RegistrySnapshot.Content, bool], Callable[[_Load, Clock], None]] = {
    (Content.FULL, False): _stage_list,
    (Content.FULL, True): _stage_litigators,
    (Content.CHANGES, False): _stage_changes,
    (Content.RESULTS, False): _stage_results,
}


def _covered(load: _Load, *, found: frozenset[int]) -> frozenset[int]:
    """For which area codes the list speaks: outside them a number is not known, which is not the same as not listed."""
    declared = area_codes(load.snapshot.declared_areas)
    if declared is None:
        return EVERY_AREA if load.registry.kind == Kind.LITIGATOR else found
    if strangers := found - declared:
        raise CannotLoad(
            f"The file holds area code {min(strangers):03}, which is not among those you named. Nothing was loaded."
        )
    return declared


def _demand_covered(base: RegistrySnapshot, areas: frozenset[int]) -> None:
    if strangers := areas - areas_of(bytes(base.coverage)):
        raise CannotLoad(
            f"The changes speak of area code {min(strangers):03}, which the list in force does not cover. Load a full"
            " list that does. Nothing was changed."
        )


def _demand_day(as_of: date | None, *, today: date) -> date:
    if as_of is None:
        raise CannotLoad("Say which day the list is of: neither the file nor its name does. Nothing was loaded.")
    if as_of > today:
        raise CannotLoad(f"The file speaks of {as_of:%d %B %Y}, a day that has not come yet. Nothing was loaded.")
    return as_of


def _refuse_doubtful(load: _Load, staged: Staged, covered: frozenset[int]) -> None:
    _refuse_older(load, staged.as_of)
    if load.previous is None or load.snapshot.anyway:
        return
    before = {int(area): count for area, count in load.previous.area_counts.items() if int(area) in covered}
    for area, count in before.items():
        if count >= COUNTS_FROM and staged.area_counts.get(area, 0) < LEAST_LEFT * count:
            raise Doubtful(
                f"The file holds {staged.area_counts.get(area, 0):,} numbers of area code {area:03}, the list in force"
                f" {count:,}. It may have been cut short. If it is right, say so and load it again."
            )


def _refuse_older(load: _Load, as_of: date) -> None:
    in_force = load.previous.as_of if load.previous else None
    if in_force and as_of < in_force and not load.snapshot.anyway:
        raise Doubtful(
            f"The file is of {as_of:%d %B %Y}, the list in force of {in_force:%d %B %Y}. If the older one is right, say"
            " so and load it again."
        )


def _put_in_force(load: _Load, staged: Staged, *, now: datetime) -> None:
    """The switch, in the transaction around it."""
    registry, snapshot = Registry.objects.select_for_update().get(pk=load.registry.pk), load.snapshot
    if load.previous and not registry.holds_results:
        load.previous.move(State.REPLACED, ended_at=now)
    snapshot.move(
        State.ADDED if registry.holds_results else State.CURRENT,
        as_of=staged.as_of,
        numbers=staged.numbers,
        area_counts=staged.area_counts,
        coverage=staged.coverage,
        lines_read=load.progress.lines,
        bytes_read=snapshot.bytes_total,
        loaded_at=now,
    )
    registry.current = snapshot
    registry.save(update_fields=["current"])
    parts.let_go(snapshot)
    _tell(registry, snapshot, now=now)


def _tell(registry: Registry, snapshot: RegistrySnapshot, *, now: datetime) -> None:
    told: dict[str, object] = {
        "kind": registry.kind,
        "state": registry.us_state or None,
        "seller": registry.seller_key or None,
        "snapshot": snapshot.pk,
        "content": snapshot.content,
        "as_of": str(snapshot.as_of),
        "numbers": snapshot.numbers,
    }
    record_event(REGISTRY_LOADED, told, now=now)
    audit.record(
        "registry.loaded",
        now=now,
        subject=registry,
        user=snapshot.loaded_by,
        source=snapshot.source,
        file_hash=snapshot.file_hash,
        snapshot=snapshot.pk,
        content=snapshot.content,
        as_of=str(snapshot.as_of),
        numbers=snapshot.numbers,
    )
    logger.info("registry loaded", extra={"snapshot": snapshot.pk, "kind": registry.kind, "lines": snapshot.lines_read})


def _several(rows: Iterable[Row]) -> Iterator[list[Row]]:
    several: list[Row] = []
    for row in rows:
        several.append(row)
        if len(several) == ROWS_AT_ONCE:
            yield several
            several = []
    if several:
        yield several

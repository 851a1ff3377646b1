from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.tenancy import TenantModel


class StaleSnapshot(Exception):
    """Another process moved this snapshot first."""


class Registry(TenantModel):
    """A list of numbers somebody keeps, of which one snapshot at a time is in force."""

    class Kind(models.TextChoices):
        NATIONAL = "NATIONAL", "National registry"
        STATE = "STATE", "State registry"
        LITIGATOR = "LITIGATOR", "Litigators"
        REASSIGNED = "REASSIGNED", "Reassigned numbers"

    kind = models.CharField(max_length=10, choices=Kind)
    us_state = models.CharField("state", max_length=2, blank=True)
    # Whose subscription it is; empty where one seller is all there is.
    seller_key = models.CharField("seller", max_length=40, blank=True)
    # The switch: whoever reads this reads the old snapshot whole or the new one whole.
    current = models.ForeignKey("RegistrySnapshot", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "registries"
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "us_state", "seller_key"], name="registry_once"),
            models.CheckConstraint(
                name="registry_state_where_it_has_one",
                condition=Q(kind="STATE", us_state__regex="^[A-Z]{2}$") | (~Q(kind="STATE") & Q(us_state="")),
            ),
        ]

    def __str__(self) -> str:
        name = f"{self.us_state} state registry" if self.us_state else self.get_kind_display()
        return f"{name} of {self.seller_key}" if self.seller_key else name

    @property
    def holds_results(self) -> bool:
        """Reassigned-number results add up; the other kinds replace one another."""
        return self.kind == self.Kind.REASSIGNED


class RegistrySnapshot(TenantModel):
    """One file loaded, or tried: where it came from, what day it speaks of, and how far it got."""

    class State(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        LOADING = "LOADING", "Loading"
        CURRENT = "CURRENT", "In force"
        REPLACED = "REPLACED", "Replaced"
        ADDED = "ADDED", "Added"  # results, which nothing replaces
        FAILED = "FAILED", "Not loaded"

    class Content(models.TextChoices):
        FULL = "FULL", "Full list"
        CHANGES = "CHANGES", "Change list"
        RESULTS = "RESULTS", "Results"

    NEXT = {
        State.WAITING: {State.LOADING, State.FAILED},
        State.LOADING: {State.CURRENT, State.ADDED, State.FAILED, State.WAITING},
        State.CURRENT: {State.REPLACED},
        State.REPLACED: set[State](),
        State.ADDED: set[State](),
        State.FAILED: set[State](),
    }

    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, related_name="snapshots")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    content = models.CharField(max_length=7, choices=Content)
    # What a change list was made for, and the full list whose blocks it changes (none: its own).
    base = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    root = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    source = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    as_of = models.DateField(null=True)  # the day the list speaks of; never the day it was loaded
    san = models.CharField("subscription number", max_length=40, blank=True)
    declared_areas = models.TextField(blank=True)  # as the operator named them; empty: those in the file
    number_column = models.CharField(max_length=80, blank=True)
    anyway = models.BooleanField(default=False)  # smaller or older than the list in force, and meant to be

    coverage = models.BinaryField(default=b"")  # a bit per area code: outside it nothing is known
    area_counts = models.JSONField(default=dict)  # area code → numbers listed in it
    numbers = models.BigIntegerField(default=0)
    lines_read = models.BigIntegerField(default=0)
    bytes_read = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)

    loaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField()
    loaded_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = "registry snapshot"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["registry"], name="snapshot_one_current", condition=Q(state="CURRENT")),
            models.UniqueConstraint(fields=["registry"], name="snapshot_one_loading", condition=Q(state="LOADING")),
            models.CheckConstraint(
                name="snapshot_dated_when_in_force",
                condition=~Q(state__in=["CURRENT", "ADDED"]) | (Q(as_of__isnull=False) & Q(loaded_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="snapshot_changes_have_a_base",
                condition=~Q(content="CHANGES") | (Q(base__isnull=False) & Q(root__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["registry", "-id"], name="snapshot_history"),
            models.Index(fields=["registry", "file_hash"], name="snapshot_same_file"),
        ]

    def __str__(self) -> str:
        return f"{self.registry} of {self.as_of}" if self.as_of else f"{self.registry}, {self.source}"

    @property
    def root_pk(self) -> int:
        return self.root_id or self.pk

    @property
    def is_under_way(self) -> bool:
        return self.state in {self.State.WAITING, self.State.LOADING}

    @property
    def covers_all(self) -> bool:
        return bytes(self.coverage) == b"\xff" * 125

    def move(self, to: State, **fields: object) -> None:
        """Change state, or raise StaleSnapshot if another process got there first."""
        was = self.State(self.state)
        assert to in self.NEXT[was], f"{was} -> {to}"
        if RegistrySnapshot.objects.filter(pk=self.pk, state=was).update(state=to, **fields) != 1:
            raise StaleSnapshot(f"{self} is no longer {was}")
        self.refresh_from_db()


class RegistryBlock(TenantModel):
    """Ten thousand numbers as bits: the lines 0000 to 9999 behind one area code and exchange."""

    # The wall's own foreign key, of both columns, is the only one; each index and check counts at a million rows.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    snapshot = models.ForeignKey(
        RegistrySnapshot, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    prefix = models.IntegerField()  # area code and exchange: 212555
    bits = models.BinaryField()

    class Meta:
        verbose_name = "registry block"
        constraints = [models.UniqueConstraint(fields=["workspace", "snapshot", "prefix"], name="block_once")]

    def __str__(self) -> str:
        return f"block {self.prefix}"


class LitigatorRow(TenantModel):
    """One line of a litigator list as it was delivered; its number also stands in the blocks."""

    snapshot = models.ForeignKey(RegistrySnapshot, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=16)
    raw = models.JSONField()

    class Meta:
        verbose_name = "litigator row"
        indexes = [models.Index(fields=["snapshot", "number"], name="litigator_by_number")]

    def __str__(self) -> str:
        return f"litigator row {self.pk}"


class ReassignedResult(TenantModel):
    """An answer of the reassigned-numbers database, kept as the proof that it was asked."""

    class Result(models.TextChoices):
        NO = "NO", "No"  # not disconnected since the day asked about
        YES = "YES", "Yes"  # disconnected after it
        NO_DATA = "NO_DATA", "No data"

    snapshot = models.ForeignKey(RegistrySnapshot, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=16)
    date_asked = models.DateField()
    result = models.CharField(max_length=7, choices=Result)
    queried_at = models.DateTimeField()
    provider_ref = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = "reassigned-number result"
        indexes = [models.Index(fields=["workspace", "number", "-queried_at"], name="reassigned_newest_first")]

    def __str__(self) -> str:
        return f"reassigned-number result {self.pk}"

    @property
    def queried_date(self) -> date:
        return self.queried_at.date()


class RegistryPart(TenantModel):
    """A piece of an uploaded file on its way to the loader, on whatever machine that runs; gone when it is done."""

    snapshot = models.ForeignKey(RegistrySnapshot, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = "registry part"
        constraints = [models.UniqueConstraint(fields=["snapshot", "position"], name="part_once")]

    def __str__(self) -> str:
        return f"part {self.position}"

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.tenancy import TenantModel
from compliance.facts import Facts, from_json
from compliance.models.sellers import Seller
from compliance.models.suppressions import Channel


class StaleClearance(Exception):
    """It was used, lapsed or expired meanwhile, or is for another number or campaign: there must be no call."""


class Clearance(TenantModel):
    """One answer to "may this number be called now?", granted or refused, kept with all it was judged on.

    The database itself lets no judged column change and removes no row (migrations/0011_clearing_walls.py); a
    granted one moves once, to USED or to LAPSED.
    """

    class State(models.TextChoices):
        GRANTED = "GRANTED", "Granted"
        USED = "USED", "Used"
        LAPSED = "LAPSED", "Lapsed"
        REFUSED = "REFUSED", "Refused"

    MUTABLE = ("state", "used_at", "lapsed_at")

    number = models.CharField(max_length=32)
    person_key = models.CharField(max_length=64)
    campaign_key = models.CharField(max_length=64)
    # The wall's foreign key, of workspace and seller, is the only one: written by the hundred, checked once.
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    purpose = models.CharField(max_length=20)
    channel = models.CharField(max_length=5, choices=Channel)
    caller_number = models.CharField(max_length=16, blank=True)
    subject = models.CharField(max_length=64, blank=True)
    debt = models.CharField(max_length=64, blank=True)

    granted = models.BooleanField()
    codes = ArrayField(models.CharField(max_length=32), default=list)
    refusals = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    # Text rather than jsonb: judged again in years to come from the very bytes it was judged on.
    facts = models.TextField()
    rulebook = models.CharField(max_length=40)
    tables = models.CharField(max_length=80)  # versions of the number plan and the zone rules
    judged_at = models.DateTimeField()
    next_allowed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # The same refusal of the same candidate for the same hours; empty on what was granted.
    sameness = models.CharField(max_length=64, blank=True)

    state = models.CharField(max_length=7, choices=State)
    used_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="clearance_granted_or_refused",
                condition=(
                    Q(granted=True, codes=[], expires_at__isnull=False, sameness="") & ~Q(state="REFUSED")
                    | Q(granted=False, expires_at__isnull=True, state="REFUSED") & ~Q(codes=[]) & ~Q(sameness="")
                ),
            ),
            models.CheckConstraint(
                name="clearance_ends_once",
                condition=(
                    Q(state__in=["GRANTED", "REFUSED"], used_at=None, lapsed_at=None)
                    | Q(state="USED", used_at__isnull=False, lapsed_at=None)
                    | Q(state="LAPSED", used_at=None, lapsed_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="clearance_used_in_time", condition=Q(used_at=None) | Q(used_at__lt=F("expires_at"))
            ),
            models.UniqueConstraint(
                fields=["workspace", "sameness"], name="clearance_refused_once", condition=~Q(sameness="")
            ),
        ]
        indexes = [
            # What caps count, and what `clear` lapses before it counts.
            models.Index(
                fields=["workspace", "person_key", "judged_at"],
                name="clearance_attempts_of_person",
                condition=Q(state__in=["GRANTED", "USED"]),
            ),
            models.Index(
                fields=["workspace", "number", "judged_at"],
                name="clearance_attempts_of_number",
                condition=Q(state__in=["GRANTED", "USED"]),
            ),
            models.Index(fields=["workspace", "expires_at"], name="clearance_to_lapse", condition=Q(state="GRANTED")),
            # Decision search: by number, by campaign, by day.
            models.Index(fields=["workspace", "number", "-id"], name="clearance_by_number"),
            models.Index(fields=["workspace", "campaign_key", "-id"], name="clearance_by_campaign"),
            models.Index(fields=["workspace", "judged_at", "id"], name="clearance_by_time"),
        ]

    def __str__(self) -> str:
        return f"clearance {self.pk}"

    def read_facts(self) -> Facts:
        return from_json(self.facts)

    def use(self, *, number: str, campaign_key: str, now: datetime) -> None:
        """Spend it on one call, or raise StaleClearance. Of any number who try at once, one succeeds."""
        usable = Clearance.objects.filter(
            pk=self.pk, number=number, campaign_key=campaign_key, state=self.State.GRANTED, expires_at__gt=now
        )
        if usable.update(state=self.State.USED, used_at=now) != 1:
            raise StaleClearance(f"{self} cannot be used: it is spent, expired, or was given for another call.")
        self.state, self.used_at = self.State.USED, now

    def lapse(self, *, now: datetime) -> None:
        """Give it up unused, so that it counts against no cap. Does nothing to one that has ended."""
        unused = Clearance.objects.filter(pk=self.pk, state=self.State.GRANTED)
        if unused.update(state=self.State.LAPSED, lapsed_at=now) == 1:
            self.state, self.lapsed_at = self.State.LAPSED, now


class RefusalRepeat(TenantModel):
    """How often the same refusal was given again; the one count beside the ledger that may grow."""

    clearance = models.OneToOneField(Clearance, on_delete=models.CASCADE, related_name="repeat")
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = "repeated refusal"

    def __str__(self) -> str:
        return f"{self.clearance}, {self.count} times more"


class ClearanceEnd(TenantModel):
    """How a granted clearance ended. Written by the database whenever one moves, so that this too is sealed."""

    clearance = models.OneToOneField(
        Clearance, on_delete=models.DO_NOTHING, related_name="end", db_constraint=False
    )  # outlives it by a moment when both are purged
    state = models.CharField(max_length=7, choices=Clearance.State)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "end of a clearance"
        verbose_name_plural = "ends of clearances"

    def __str__(self) -> str:
        return f"{self.clearance_id} {self.state}"


class Conversation(TenantModel):
    """A call of this clearance reached a person who spoke with us: some caps count that. Append-only."""

    clearance = models.OneToOneField(Clearance, on_delete=models.CASCADE, related_name="conversation")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"conversation of {self.clearance_id}"


class LedgerSeal(TenantModel):
    """A batch of the ledger, closed for ever. Its hash holds every row and the seal before it."""

    position = models.IntegerField()  # 1, 2, 3 … in each workspace
    first_sequence = models.BigIntegerField()
    last_sequence = models.BigIntegerField()
    row_count = models.IntegerField()
    # Everything written up to here is in this batch or an earlier one: what turns up below was never ours.
    last_clearance_id = models.BigIntegerField()
    last_end_id = models.BigIntegerField()
    newest_at = models.DateTimeField()  # the latest instant any row of the batch speaks of
    previous_hash = models.BinaryField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()
    purged_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "seal of the ledger"
        verbose_name_plural = "seals of the ledger"
        ordering = ["-position"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "position"], name="seal_position_once"),
            models.UniqueConstraint(fields=["workspace", "first_sequence"], name="seal_follows_on"),
        ]

    def __str__(self) -> str:
        return f"seal {self.position}"


class LedgerEntry(TenantModel):
    """One row's place in the ledger, and the hash of what it said when it was sealed."""

    class Kind(models.TextChoices):
        JUDGED = "JUDGED", "Judged"
        ENDED = "ENDED", "Ended"

    # No foreign key: written in bulk behind the wall, which already refuses any other workspace's number.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=6, choices=Kind)
    row_id = models.BigIntegerField()  # of the Clearance or the ClearanceEnd
    hash = models.BinaryField()

    class Meta:
        verbose_name = "ledger entry"
        verbose_name_plural = "ledger entries"
        ordering = ["-sequence"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "sequence"], name="entry_sequence_once"),
            models.UniqueConstraint(fields=["workspace", "kind", "row_id"], name="entry_row_once"),
        ]

    def __str__(self) -> str:
        return f"entry {self.sequence}"


class LegalHold(TenantModel):
    """While one is in place, nothing of the workspace's ledger is purged."""

    reason = models.CharField(max_length=400)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    released_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "legal hold"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.reason


class WorkspacePolicy(TenantModel):
    """What the workspace itself adds to the rulebook. At most one row; without it the defaults hold."""

    platform_count = models.PositiveSmallIntegerField(default=3)
    platform_hours = models.PositiveSmallIntegerField(default=24)
    clearance_seconds = models.PositiveSmallIntegerField(default=30)
    ring_seconds = models.PositiveSmallIntegerField(default=60)  # no call starts so late that it rings past the hours
    reassigned_waiver = models.CharField(max_length=400, blank=True)  # the owner's reason
    # compliance.policy.Policy as JSON: own hours, holidays, caps, emergencies, and what an owner set aside.
    rules: Any = models.JSONField(default=dict)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "workspace policy"
        verbose_name_plural = "workspace policies"
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="policy_once"),
            models.CheckConstraint(
                name="policy_within_reason",
                condition=Q(
                    platform_count__range=(1, 100),
                    platform_hours__range=(1, 744),
                    clearance_seconds__range=(5, 300),
                    ring_seconds__range=(15, 300),
                ),
            ),
        ]

    def __str__(self) -> str:
        return "workspace policy"

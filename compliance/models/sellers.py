from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import User
from accounts.tenancy import TenantModel


class Seller(TenantModel):
    """The business on whose behalf we call, under the name it is registered by and spoken of."""

    key = models.CharField(max_length=40, editable=False)  # how registries and stored facts name it; never changes
    name = models.CharField("legal name", max_length=120)
    callback_number = models.CharField(max_length=16)  # takes do-not-call requests in business hours
    san = models.CharField("subscription number", max_length=40, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("workspace", Lower("name"), name="seller_name_once"),
            models.UniqueConstraint(fields=["workspace", "key"], name="seller_key_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Attestation(TenantModel):
    """Somebody's word that the seller is registered, bonded or licensed in a jurisdiction."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="attestations")
    jurisdiction = models.CharField(max_length=2)
    reference = models.CharField(max_length=120)
    until = models.DateField(null=True)  # the last day it holds, there; none: until withdrawn
    attested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attested_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["jurisdiction"]
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "jurisdiction"], name="attestation_once", condition=Q(withdrawn_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.seller} in {self.jurisdiction}"

    def holds_on(self, day: date) -> bool:
        return self.withdrawn_at is None and (self.until is None or day <= self.until)


class CallerNumber(TenantModel):
    """A number we call from. It belongs to one seller, who has shown that it may be used."""

    class Level(models.TextChoices):
        FULL = "A", "A: the carrier knows us and the number"
        PARTIAL = "B", "B: the carrier knows us"
        GATEWAY = "C", "C: the carrier knows neither"
        UNKNOWN = "", "Not known"

    number = models.CharField(max_length=16)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="caller_numbers")
    level = models.CharField("attestation level", max_length=1, choices=Level, blank=True, default=Level.UNKNOWN)
    added_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="caller_number_once")]

    def __str__(self) -> str:
        return self.number

    def may_call(self, *, now: datetime) -> bool:
        return self.verified_at is not None and (self.resting_until is None or self.resting_until <= now)

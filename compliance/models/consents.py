from django.db import models
from django.db.models import Q

from accounts.models import ApiKey, User
from accounts.tenancy import TenantModel
from compliance.models.sellers import Seller

EVERYTHING = "all"


class Consent(TenantModel):
    """A permission given or taken back, with its evidence. Append-only: what happens later is a further row.

    One row per number and seller, even where one signature names several.
    """

    class Entry(models.TextChoices):
        GIVEN = "GIVEN", "Given"
        REVOKED = "REVOKED", "Taken back"

    class Kind(models.TextChoices):
        PEWC = "PEWC", "Written, to sales calls"
        PEC = "PEC", "To calls that sell nothing"
        DNC_PERMISSION = "DNC_PERMISSION", "To call a registered number"

    class Origin(models.TextChoices):
        FORM = "FORM", "Web form"
        VOICE = "VOICE", "Spoken, recorded"
        PAPER = "PAPER", "Paper"
        IMPORT = "IMPORT", "Imported with its evidence"
        DECLARATION = "DECLARATION", "Declared for a whole file"

    entry = models.CharField(max_length=7, choices=Entry)
    number = models.CharField(max_length=16, blank=True)
    person_key = models.CharField(max_length=64, blank=True)
    # Whom it names; a revocation without a seller is meant for all of them.
    seller = models.ForeignKey(Seller, null=True, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField("purpose", max_length=20, default=EVERYTHING)
    at = models.DateTimeField()  # when the person gave it or took it back
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.PROTECT, related_name="+")

    # Of a permission given
    kind = models.CharField(max_length=14, choices=Kind, blank=True)
    origin = models.CharField(max_length=11, choices=Origin, blank=True)
    signed = models.BooleanField(null=True)
    names_seller = models.BooleanField(null=True)
    says_not_a_condition = models.BooleanField(null=True)
    says_artificial_voice = models.BooleanField(null=True)
    prior_agreement = models.BooleanField(null=True)  # to a machine's voice without a person's introduction
    complete = models.BooleanField(null=True)  # judged when it was recorded: compliance/evidence.py
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=dict, blank=True)

    # Of a permission taken back
    channel = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="consent_names_somebody", condition=~Q(number="") | ~Q(person_key="")),
            models.CheckConstraint(
                name="consent_given_is_of_one_number_and_seller",
                condition=Q(entry="REVOKED") | (~Q(number="") & Q(seller__isnull=False) & ~Q(kind="") & ~Q(origin="")),
            ),
            # A word said over a whole file stands for a permission given, never for a signature.
            models.CheckConstraint(
                name="consent_declared_is_no_signature", condition=~Q(origin="DECLARATION") | Q(kind="PEC")
            ),
            models.CheckConstraint(name="consent_recorded_after_it_was", condition=Q(recorded_at__gte=models.F("at"))),
        ]
        indexes = [
            models.Index(fields=["workspace", "number", "-id"], name="consent_by_number"),
            models.Index(fields=["workspace", "person_key", "-id"], name="consent_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_entry_display()}: {self.get_kind_display() or self.scope} #{self.pk}"

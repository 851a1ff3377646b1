from django.db import models
from django.db.models import F, Q

from accounts.models import ApiKey, User
from accounts.tenancy import TenantModel
from compliance.models.consents import EVERYTHING


class Channel(models.TextChoices):
    CALL = "CALL", "Call"
    TEXT = "TEXT", "Text"
    EMAIL = "EMAIL", "E-mail"


class Suppression(TenantModel):
    """A standing "never", with who said so and when. Append-only, and kept for ever; only a lift ends it."""

    class Covers(models.TextChoices):
        PERSON = "PERSON", "Every number of the person"
        NUMBER = "NUMBER", "This number alone"

    class Channels(models.TextChoices):
        ALL = "ALL", "Everything"
        CALL = "CALL", "Calls"
        TEXT = "TEXT", "Texts"
        EMAIL = "EMAIL", "E-mail"

    class How(models.TextChoices):
        VOICE = "VOICE", "Said in a call"
        KEYPRESS = "KEYPRESS", "Pressed a key"
        TEXT = "TEXT", "Texted"
        EMAIL = "EMAIL", "Wrote an e-mail"
        WEB = "WEB", "Used a web page"
        API = "API", "Told to another system"
        OPERATOR = "OPERATOR", "Told to a colleague"
        IMPORT = "IMPORT", "Imported list"
        WRONG_NUMBER = "WRONG_NUMBER", "Wrong number"

    number = models.CharField(max_length=16, blank=True)
    person_key = models.CharField(max_length=64, blank=True)
    covers = models.CharField(max_length=6, choices=Covers)
    scope = models.CharField("purpose", max_length=20, default=EVERYTHING)
    channel = models.CharField(max_length=5, choices=Channels, default=Channels.ALL)
    how = models.CharField(max_length=12, choices=How)
    requested_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="suppression_names_somebody", condition=~Q(number="") | ~Q(person_key="")),
            models.CheckConstraint(
                name="suppression_of_a_person_names_them", condition=~Q(covers="PERSON") | ~Q(person_key="")
            ),
            models.CheckConstraint(
                name="suppression_of_a_number_names_it", condition=~Q(covers="NUMBER") | ~Q(number="")
            ),
            models.CheckConstraint(
                name="suppression_effective_after_request", condition=Q(effective_at__gte=F("requested_at"))
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "number", "-id"], name="suppression_by_number"),
            models.Index(fields=["workspace", "person_key", "-id"], name="suppression_by_person"),
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk}"


class SuppressionLift(TenantModel):
    """The end of a suppression, with a reason. A row of its own, for the suppression itself never changes."""

    suppression = models.OneToOneField(Suppression, on_delete=models.PROTECT, related_name="lift")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)

    class Meta:
        verbose_name = "lift of a suppression"
        verbose_name_plural = "lifts of suppressions"
        constraints = [models.CheckConstraint(name="lift_has_a_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"lift of {self.suppression}"

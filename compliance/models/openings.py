from django.db import models

from accounts.tenancy import TenantModel


class OpenHours(TenantModel):
    """When the doors of an hours key stand open next. A guess for the queue, kept fresh; `clear` is what decides."""

    key = models.CharField(max_length=400)  # compliance.hours.HoursKey as text
    opens_at = models.DateTimeField(null=True)  # none: not within the horizon
    closes_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "open hours"
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="open_hours_once")]
        indexes = [models.Index(fields=["workspace", "opens_at"], name="open_hours_by_opening")]

    def __str__(self) -> str:
        return self.key

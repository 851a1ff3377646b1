import uuid

from django.db import models

from accounts.tenancy import TenantModel


class Event(TenantModel):
    """The outbox: one line per fact the world is told of, written in the transaction of the fact itself.

    `payload` is opaque here: the room that knows the fact builds it.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)  # noun.participle: "call.ended"
    occurred_at = models.DateTimeField()
    payload = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="event_newest_first"),
            models.Index(fields=["workspace", "kind", "-id"], name="event_by_kind"),
        ]

    def __str__(self) -> str:
        return self.kind

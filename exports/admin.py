from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from exports.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin[Event]):
    """For looking: the outbox is written by facts alone."""

    list_display = ["kind", "code", "occurred_at"]
    list_filter = ["kind"]
    search_fields = ["=code", "kind"]
    ordering = ["-pk"]

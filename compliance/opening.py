"""Open hours: when the queue should look at each hours key again. A guess that is kept fresh; `clear` decides."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from compliance import hours, rulebook
from compliance.gather import own_rules
from compliance.inside import workspace_here
from compliance.models import OpenHours
from compliance.policy import Policy

HORIZON = timedelta(days=21)


def keep_hours_of(keys: Iterable[str], *, now: datetime) -> None:
    """Begin to keep these hours keys, each an `str(compliance.hours.HoursKey)`."""
    workspace_id = workspace_here()
    rules = own_rules(workspace_id)
    OpenHours.objects.bulk_create(
        (_opening(OpenHours(workspace_id=workspace_id, key=key), rules, now=now) for key in sorted(set(keys))),
        ignore_conflicts=True,
    )


def refresh_open_hours(*, now: datetime, all_of_them: bool = False) -> int:
    """Find the next opening of every key whose last one is over. A few rows each minute, however many contacts."""
    workspace_id = workspace_here()
    rules = own_rules(workspace_id)
    kept = OpenHours.objects.filter(workspace=workspace_id).select_for_update(skip_locked=True)
    over = [row for row in kept if all_of_them or row.closes_at is None or row.closes_at <= now]
    OpenHours.objects.bulk_update(
        [_opening(row, rules, now=now) for row in over], ["opens_at", "closes_at", "refreshed_at"], batch_size=500
    )
    return len(over)


def _opening(row: OpenHours, rules: Policy, *, now: datetime) -> OpenHours:
    table = hours.timetable(hours.HoursKey.parse(row.key), policy=rules, seller=None, rulebook=rulebook.load())
    spans = [span for span in table.spans(now, now + HORIZON) if span[1] > now]
    row.opens_at, row.closes_at = spans[0] if spans else (None, None)
    row.refreshed_at = now
    return row

"""What registries do in the background. The rows say what waits; a task that is lost is found by the sweep."""

from celery import shared_task

from accounts.models import Workspace
from compliance.registries import leftovers, loading
from compliance.registries.faults import CannotLoad
from config import clock

# The whole national registry takes a minute or two; on a small machine ten times that.
MOST_SECONDS = 3_600


@shared_task(soft_time_limit=MOST_SECONDS, time_limit=MOST_SECONDS + 60)
def load_uploaded_registry(*, workspace_id: int, snapshot_id: int, **_: object) -> None:
    """Handed out twice, the second finds the registry's lock taken, or nothing waiting."""
    try:
        loading.load_upload(workspace_id=workspace_id, snapshot_id=snapshot_id, clock=clock.now)
    except CannotLoad:
        return  # its sentence stands on the snapshot, and in the audit log


@shared_task
def sweep_registries(**_: object) -> None:
    """Every minute: find loads whose process died, ring for uploads nobody has begun, let go of what was replaced."""
    for workspace_id in Workspace.objects.order_by("pk").values_list("pk", flat=True):
        for snapshot_id in leftovers.recover_loads(workspace_id=workspace_id, now=clock.now()):
            load_uploaded_registry.delay(workspace_id=workspace_id, snapshot_id=snapshot_id)
        leftovers.let_go_of_replaced(workspace_id=workspace_id)

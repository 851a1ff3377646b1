"""What compliance does by the clock, workspace by workspace. Each task is safe to run twice, at any time."""

import logging

from celery import shared_task

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance import clearing, ledger, opening
from config import clock

logger = logging.getLogger("callwright.compliance")


@shared_task
def seal_ledgers(**_: object) -> None:
    for workspace in Workspace.objects.order_by("pk"):
        ledger.seal(workspace=workspace, now=clock.now())


@shared_task
def lapse_clearances(**_: object) -> None:
    for workspace in Workspace.objects.order_by("pk"):
        with in_workspace(workspace.pk):
            clearing.lapse_expired(now=clock.now())


@shared_task
def refresh_open_hours(**_: object) -> None:
    for workspace in Workspace.objects.order_by("pk"):
        with in_workspace(workspace.pk):
            opening.refresh_open_hours(now=clock.now())


@shared_task
def purge_ledgers(**_: object) -> None:
    for workspace in Workspace.objects.order_by("pk"):
        purged = ledger.purge(workspace=workspace, now=clock.now())
        if purged:
            logger.info("old batches were purged", extra={"workspace": workspace.pk, "seals": purged})

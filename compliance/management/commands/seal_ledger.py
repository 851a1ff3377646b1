from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Workspace
from compliance import ledger
from config import clock


class Command(BaseCommand):
    help = "Seal what was written to the ledgers since the last seal. Beat does the same every ten seconds."

    def handle(self, *_: Any, **__: Any) -> None:
        for workspace in Workspace.objects.order_by("name"):
            rows = ledger.seal(workspace=workspace, now=clock.now())
            self.stdout.write(f"{workspace.name}: {rows:,} rows sealed.")

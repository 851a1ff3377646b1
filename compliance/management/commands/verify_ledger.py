import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import Workspace
from compliance import ledger


class Command(BaseCommand):
    help = "Read the ledgers again, and name the first row that is not as it was sealed. Ends with 1 when there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", metavar="SLUG", help="only this one")

    def handle(self, *_: Any, **options: Any) -> None:
        found = Workspace.objects.order_by("name")
        if options["workspace"]:
            found = found.filter(slug=options["workspace"])
        broken = False
        for workspace in found:
            verified = ledger.verify(workspace)
            broken = broken or not verified.intact
            self.stdout.write(f"{workspace.name}: {_said(verified)}")
        if broken:
            sys.exit(1)


def _said(verified: ledger.Verified) -> str:
    if verified.fault:
        return f"NOT INTACT. {verified.fault.text}"
    waiting = f", {verified.unsealed:,} not sealed yet" if verified.unsealed else ""
    head = f" Head {verified.head}." if verified.head else ""
    return f"intact, {verified.rows:,} rows in {verified.seals:,} seals{waiting}.{head}"

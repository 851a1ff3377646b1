from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.models import Registry, RegistrySnapshot
from compliance.registries import leftovers, loading, parts
from compliance.registries.containers import demand_list
from compliance.registries.faults import Busy, CannotLoad
from compliance.registries.offers import Offer, announce
from config import clock

KINDS = {kind.value.lower(): kind for kind in Registry.Kind}


class Command(BaseCommand):
    help = "Load a list of numbers from a file on this machine: the national registry, a state's, litigators, results."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Text, CSV or XML, plain or in a zip.")
        parser.add_argument("--workspace", required=True, help="The name of the workspace in its addresses.")
        parser.add_argument("--kind", required=True, choices=KINDS)
        parser.add_argument("--state", default="", type=str.upper, help="For --kind state: two letters, such as TX.")
        parser.add_argument("--seller", default="", help="Whose subscription it is, where there are several sellers.")
        parser.add_argument("--as-of", type=_day, help="The day the list is of, such as 2026-03-01.")
        parser.add_argument("--san", default="", help="The seller's subscription number with the registry.")
        parser.add_argument("--areas", default="", help="Area codes it covers, or all. Without: those in the file.")
        parser.add_argument(
            "--changes-to", type=int, metavar="SNAPSHOT", help="It is a change list, for that snapshot."
        )
        parser.add_argument("--number-column", default="", help="The column of a CSV that holds the number.")
        parser.add_argument("--anyway", action="store_true", help="Load it although it is older or much smaller.")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace called {options['workspace']}.")
        try:
            snapshot = self._load(path, workspace, _offer(path, options))
        except OSError as problem:
            raise CommandError(f"{path} cannot be read: {problem.strerror}.") from None
        except CannotLoad as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            f"{snapshot.registry}: {snapshot.numbers:,} numbers of {snapshot.as_of} in force, snapshot {snapshot.pk}."
        )

    def _load(self, path: Path, workspace: Workspace, offer: Offer) -> RegistrySnapshot:
        with in_workspace(workspace.pk):
            snapshot = announce(offer, workspace=workspace, by=None, now=clock.now())
        with path.open("rb") as raw:
            try:
                loading.load(
                    workspace_id=workspace.pk, snapshot_id=snapshot.pk, raw=raw, clock=clock.now, watch=self._say
                )
            except Busy as problem:
                leftovers.give_up(
                    workspace_id=workspace.pk, snapshot_id=snapshot.pk, reason=str(problem), now=clock.now()
                )
                raise
        with in_workspace(workspace.pk):
            return RegistrySnapshot.objects.select_related("registry").get(pk=snapshot.pk)

    def _say(self, snapshot: RegistrySnapshot) -> None:
        share = snapshot.bytes_read / max(snapshot.bytes_total, 1)
        self.stderr.write(f"{snapshot.lines_read:,} lines, {share:.0%} of the file")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _offer(path: Path, options: dict[str, Any]) -> Offer:
    with path.open("rb") as raw:
        demand_list(raw, name=path.name)
    return Offer(
        kind=KINDS[options["kind"]],
        source=path.name,
        file_hash=parts.hash_of(_pieces(path)),
        size=path.stat().st_size,
        us_state=options["state"],
        seller_key=options["seller"],
        as_of=options["as_of"],
        san=options["san"],
        areas=options["areas"],
        number_column=options["number_column"],
        base_id=options["changes_to"],
        anyway=options["anyway"],
    )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw:
        while piece := raw.read(1 << 20):
            yield piece

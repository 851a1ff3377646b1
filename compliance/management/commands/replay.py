from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance import replay, rulebook

MOST_SHOWN = 100


class Command(BaseCommand):
    help = "Judge a period again from the facts kept: under the rulebook of the day, or under another one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, type=_instant, help="a day or an instant, UTC")
        parser.add_argument("--to", dest="last", required=True, type=_instant, help="the first that no longer counts")
        parser.add_argument("--rulebook", metavar="VERSION", help="such as us-2026-11-21@3f0c9a1b2c3d; or: now")
        parser.add_argument("--workspace", metavar="SLUG", help="only this one")

    def handle(self, *_: Any, **options: Any) -> None:
        under = _rulebook(options["rulebook"])
        found = Workspace.objects.order_by("name")
        if options["workspace"]:
            found = found.filter(slug=options["workspace"])
        for workspace in found:
            with in_workspace(workspace.pk):
                difference = replay.replay(first=options["first"], last=options["last"], under=under)
            self.stdout.write(f"{workspace.name}: {_said(difference, under)}")
            for line in _lines(difference):
                self.stdout.write(f"  {line}")


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as problem:
        raise CommandError(f"{text!r} is not a day or an instant. Write 2026-03-03 or 2026-03-03T15:30.") from problem
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _rulebook(version: str | None) -> rulebook.Rulebook | None:
    if version is None:
        return None
    try:
        return rulebook.load() if version == "now" else rulebook.load_version(version)
    except (rulebook.UnknownRulebook, rulebook.BadRulebook) as problem:
        raise CommandError(str(problem)) from None


def _said(difference: replay.Difference, under: rulebook.Rulebook | None) -> str:
    if difference.none:
        return f"{difference.judged:,} judged again, all with the same answer."
    would = "would have" if under else "now"
    parts = [
        (difference.would_refuse, f"{would} refused"),
        (difference.would_grant, f"{would} granted"),
        (difference.other_reasons, "other reasons or times for"),
    ]
    said = [f"{verb} {len(rows):,}" for rows, verb in parts if rows]
    if difference.rulebook_lost:
        said.append(f"no rulebook left to judge {len(difference.rulebook_lost):,} by")
    return f"{difference.judged:,} judged again: {', '.join(said)}."


def _lines(difference: replay.Difference) -> list[str]:
    rows = [*difference.would_refuse, *difference.would_grant, *difference.other_reasons]
    lines = [
        f"clearance {row.clearance.pk} of {row.clearance.judged_at:%Y-%m-%d %H:%M:%S}: {_answer(row.clearance.codes)} →"
        f" {_answer([code.value for code in row.verdict.codes])}"
        for row in rows[:MOST_SHOWN]
    ]
    lines += [
        f"clearance {lost.pk}: rulebook {lost.rulebook} is lost" for lost in difference.rulebook_lost[:MOST_SHOWN]
    ]
    if len(rows) > MOST_SHOWN:
        lines.append(f"… and {len(rows) - MOST_SHOWN:,} more")
    return lines


def _answer(codes: list[str]) -> str:
    return " ".join(codes) or "granted"

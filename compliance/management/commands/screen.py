"""manage.py screen: may these numbers be called, by these facts alone?"""

import sys

from django.core.management.base import BaseCommand, CommandError

from compliance import rulebook
from compliance.screen import screen_stream


class Command(BaseCommand):
    help = "Judge facts from JSON (one object, or one per line) on standard input; print one verdict per line."
    # Facts alone: nothing is read from a database, so nothing about one needs checking.
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, *_args: object, **_options: object) -> None:
        status = screen_stream(sys.stdin.buffer, sys.stdout.buffer, rulebook.load())
        if status:
            raise CommandError("Some lines could not be judged; each says why in its place.", returncode=status)

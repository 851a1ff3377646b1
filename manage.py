#!/usr/bin/env python
"""Django's command line for Callwright."""

import os
import sys

from django.core.management import execute_from_command_line

from config.env import BadSetting

if __name__ == "__main__":
    if sys.argv[1:] == ["screen"]:
        # Screening reads facts from its input alone: no settings, no database, no secrets.
        from compliance.screen import main

        sys.exit(main())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadSetting as problem:
        sys.exit(f"callwright: {problem}")

"""What Django itself can tell: no missing migration, and settings fit for the open internet."""

import os
import subprocess
import sys

from config.env import CHECKOUT

PRODUCTION = {
    "PUBLIC_URL": "https://calls.example.com",
    "SECRET_KEY": "fB2-uq9Xw_7Lr4Tz0Kc8Vn5Mh1Jd6Gs3Pa-yE_oRiQlUbNxZ-57Wq",
    "DEBUG": "no",
    "EMAIL_URL": "smtp://callwright:secret@mail.example.com:587",
    "EMAIL_FROM": "calls@example.com",
    "METRICS_TOKEN": "j5Hq8Lw2Zr7Xt4Vb9Nc3Md6K",
}


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *words],
        env={**os.environ, **environment},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_no_migration_is_missing(django_db_setup: None) -> None:
    done = manage("makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_deployment_check_is_clean(django_db_setup: None) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", "--database", "default", **PRODUCTION)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_missing_setting_is_a_sentence_and_not_a_traceback() -> None:
    done = manage("check", SECRET_KEY="")
    assert done.returncode == 1
    assert done.stderr.startswith("callwright: SECRET_KEY is not set.")

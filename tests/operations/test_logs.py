"""One line per event, and a last fence around what is personal or secret."""

import json
import logging
import os
import subprocess
import sys
import warnings

import pytest

from config import logs
from config.env import CHECKOUT, BadSetting
from config.redaction import redacted, redacted_text
from tests.operations.conftest import Log

logger = logging.getLogger("tests")

PERSONAL = [
    "+12125550123",
    "+1 (212) 555-0123",
    "%2B12125550123",
    "tel:+442079460123",
    "0012125550123",
    "2125550123",
    "212-555-0123",
    "(212) 555-0123",
    "212.555.0123",
    "1 212 555 0123",
    "ada@example.com",
    "ada.lovelace+crm@mail.example.com",
    "ada%40example.com",
    "cw_live_abcdefghij_abcdefghijkl_0123456789-ABCDEFGHIJ_KLMNOPQRSTUVWXYZabcdefg",
    "Bearer abcdefgh12345678",
    "Authorization: Basic dXNlcjpwYXNzd29yZA==",
    "postgresql://callwright_app:hunter22@127.0.0.1:5432/callwright",
    "redis://:hunter22@127.0.0.1:6379/0",
    "password=hunter22",
    "'api_key': 'hunter22'",
    'csrfmiddlewaretoken="hunter22"',
]
HARMLESS = [
    "2026-11-21T12:56:45.603Z",
    "caf05747-281a-4098-b925-858c82cb6d64",
    "adc35ad9f2f1d3e81cbd2acb998b8d0e",
    "took 0.2345678901 s",
    "1795265804",
    "127.0.0.1:46453",
    "/w/<slug:slug>/people/<int:membership_id>/",
    "offset +00:00",
    "celery@vm ready.",
    "SECRET_KEY is not set. Set it in the environment or in .env; .env.example explains it.",
    "row 1234567 of 2000000",
]


@pytest.mark.parametrize("text", PERSONAL)
def test_what_is_personal_or_secret_is_masked(text: str) -> None:
    for sentence in (text, f"before {text} after", f"({text})", f"to={text},", f'{{"a": "{text}"}}'):
        masked = redacted_text(sentence)
        for part in (
            "555",
            "5550123",
            "example.com",
            "hunter22",
            "0123456789-ABC",
            "dXNlcj",
            "abcdefgh12345678",
            "9460123",
        ):
            assert part not in masked, masked


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_neither_stays_as_it_is(text: str) -> None:
    assert redacted_text(text) == text


def test_the_row_that_postgres_quotes_is_withheld() -> None:
    error = (
        "duplicate key value\nDETAIL:  Key (name)=(Ada Lovelace) already exists.\nHINT:  none\n\nThe above exception"
    )
    assert "Ada" not in redacted_text(error)
    assert "duplicate key value" in redacted_text(error)
    assert "The above exception" in redacted_text(error)
    assert "Ada" not in redacted_text(repr(ValueError(error)))


def test_fields_are_masked_at_any_depth_and_by_their_name() -> None:
    given = {"to": ["+12125550123", {"mail": "ada@example.com"}], "password": "plain words", "call": 17}
    assert redacted(given) == {"to": ["[number]", {"mail": "[e-mail]"}], "password": "[withheld]", "call": 17}


def test_a_line_carries_message_fields_context_and_no_secret(log: Log) -> None:
    with logs.log_context(trace_id="t1"), logs.log_context(workspace_id=4):
        logger.info("dialing %s", "+12125550123", extra={"call": 17, "note": "ask ada@example.com"})
    logger.info("outside")
    inside, outside = log.lines
    assert inside | {"at": ""} == {
        "at": "",
        "level": "info",
        "logger": "tests",
        "message": "dialing [number]",
        "trace_id": "t1",
        "workspace_id": 4,
        "call": 17,
        "note": "ask [e-mail]",
    }
    assert "trace_id" not in outside


def test_a_traceback_is_masked_too(log: Log) -> None:
    try:
        int("+12125550123 is no number")
    except ValueError:
        logger.exception("broke")
    assert "ValueError" in log.lines[0]["error"]
    assert "212" not in log.text


def test_a_field_cannot_forge_a_second_line(log: Log) -> None:
    logger.info("one", extra={"note": 'x"}\n{"level": "critical"}'})
    assert len(log.text.splitlines()) == 1


def test_lines_for_people_say_the_same() -> None:
    record = logging.makeLogRecord({"msg": "to %s", "args": ("+12125550123",), "levelno": 30, "levelname": "WARNING"})
    record.call = 17
    assert logs.ReadableLines().format(record)[9:] == "WARNING to [number]  call=17"


@pytest.mark.parametrize(("form", "level"), [("xml", "INFO"), ("json", "LOUD")])
def test_a_setting_that_cannot_be_read_is_a_sentence(form: str, level: str) -> None:
    with pytest.raises(BadSetting, match="Write"):
        logs.configuration(form=form, level=level)


def test_warnings_and_the_error_that_ends_a_process_are_lines_like_others() -> None:
    program = (
        "import django, warnings; django.setup(); warnings.warn('of +12125550123', stacklevel=1);"
        " raise ValueError('for ada@example.com')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=CHECKOUT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    warned, ended = (json.loads(line) for line in done.stderr.splitlines())
    assert done.returncode == 1
    assert "[number]" in warned["message"]
    assert ended["level"] == "critical"
    assert "[e-mail]" in ended["error"]


def test_capturing_warnings_leaves_errors_errors() -> None:
    with pytest.raises(UserWarning):
        warnings.warn("tests turn warnings into errors", stacklevel=1)

"""`screen`: one line in, one line out, whatever the line holds."""

import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.screen import LONGEST_LINE, screen_stream
from tests.compliance.cast import ADA, BOOK, ask, at, like, of

ROOT = Path(__file__).parents[2]


def run(text: bytes) -> tuple[list[dict[str, Any]], int]:
    out = io.BytesIO()
    status = screen_stream(io.BytesIO(text), out, BOOK)
    return [json.loads(line) for line in out.getvalue().splitlines()], status


def lines(*people: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(person).encode() + b"\n" for person in people)


def test_an_answer_has_every_field_of_the_format() -> None:
    answer = ask(at(of("TX"), "2026-11-29T17:45:00Z"))

    assert answer == {
        "id": "Ada",
        "decision": "deny",
        "reason_codes": ["HOURS_STATE"],
        "reasons": [
            {
                "code": "HOURS_STATE",
                "jurisdiction": "TX",
                "zone": "America/Chicago",
                "citation": "Tex. Bus. & Com. Code 301.051(b)(2)",
                "text": "Texas allows sales calls from 12:00 to 21:00; there it is 11:45 on Sunday (America/Chicago).",
            }
        ],
        "candidate_timezones": ["America/Chicago"],
        "jurisdictions": ["TX"],
        "local_times": {"America/Chicago": "Sun 2026-11-29 11:45:00 CST"},
        "next_allowed_utc": "2026-11-29T18:00:00Z",
        "rulebook": BOOK.version,
        "warnings": [],
    }


def test_answers_come_in_the_order_of_the_questions() -> None:
    people = [like(ADA, id=str(number)) for number in range(50)]

    answers, status = run(lines(*people))
    assert [answer["id"] for answer in answers] == [str(number) for number in range(50)]
    assert status == 0


def test_one_bad_line_spoils_itself_alone_and_the_exit_status() -> None:
    answers, status = run(lines(ADA, like(ADA, id="bad", nonsense=1), ADA))

    assert [answer.get("decision") for answer in answers] == ["allow", None, "allow"]
    assert answers[1] == {"id": "bad", "error": {"path": "nonsense", "text": "This key is not part of the format."}}
    assert status == 2


ERRORS = [
    ({"number": 13125550123}, "number"),
    ({"id": 7}, "id"),
    ({"line_type": "satellite"}, "line_type"),
    ({"address": "Chicago"}, "address"),
    ({"address__zip": "6060"}, "address.zip"),
    ({"address__zip": 60601}, "address.zip"),
    ({"address__state": "Illinois"}, "address.state"),
    ({"address__street": "Main"}, "address.street"),
    ({"explicit_timezone": "Mars/Phobos"}, "explicit_timezone"),
    ({"explicit_timezone": ""}, "explicit_timezone"),
    ({"instant_utc": "2026-12-01T15:30:00"}, "instant_utc"),
    ({"instant_utc": "2026-12-01T15:30:00+01:00"}, "instant_utc"),
    ({"instant_utc": "2026-13-01T15:30:00Z"}, "instant_utc"),
    ({"instant_utc": "2026-12-01"}, "instant_utc"),
    ({"instant_utc": 1796139000}, "instant_utc"),
    ({"instant_utc": "1796139000"}, "instant_utc"),
    ({"instant_utc": "9999-12-31T23:59:59Z"}, "instant_utc"),
    ({"purpose": "sales"}, "purpose"),
    ({"agent": "human"}, "agent"),
    ({"consent": []}, "consent"),
    ({"consent__type": "verbal"}, "consent.type"),
    ({"consent__signed": "yes"}, "consent.signed"),
    ({"consent__signed": 1}, "consent.signed"),
    ({"consent__obtained_at": "yesterday"}, "consent.obtained_at"),
    ({"dnc__national__listed": "no"}, "dnc.national.listed"),
    ({"dnc__national__snapshot_age_days": -1}, "dnc.national.snapshot_age_days"),
    ({"dnc__national__snapshot_age_days": "5"}, "dnc.national.snapshot_age_days"),
    ({"dnc__national__snapshot_age_days": True}, "dnc.national.snapshot_age_days"),
    ({"dnc__federal": {}}, "dnc.federal"),
    ({"dnc__internal__listed_at": "2026-12-01"}, "dnc.internal.listed_at"),
    ({"ebr": {"kind": "friend"}}, "ebr.kind"),
    ({"ebr": {"last_event": "2026-02-30"}}, "ebr.last_event"),
    ({"rnd__result": "maybe"}, "rnd.result"),
    ({"attempt_history_utc": {}}, "attempt_history_utc"),
    ({"attempt_history_utc": ["2026-11-30T18:00:00Z", "soon"]}, "attempt_history_utc.1"),
    ({"attempt_history_utc": [{"campaign": "A"}]}, "attempt_history_utc.0.at"),
    ({"attempt_history_utc": [{"at": "2026-11-30T18:00:00Z", "agent": "x"}]}, "attempt_history_utc.0.agent"),
    ({"attempt_history_utc": [None]}, "attempt_history_utc.0"),
    ({"context__abandon_rate": 3.5}, "context.abandon_rate"),
    ({"context__operator_attested": "true"}, "context.operator_attested"),
    ({"context__platform_cap": {"count": 3}}, "context.platform_cap.hours"),
    ({"context__platform_cap": {"count": 0, "hours": 24}}, "context.platform_cap.count"),
    ({"context__platform_cap": {"count": 2.5, "hours": 24}}, "context.platform_cap.count"),
]


@pytest.mark.parametrize(("changes", "path"), ERRORS)
def test_what_cannot_be_is_an_error_that_names_its_place(changes: dict[str, Any], path: str) -> None:
    answer = ask(like(ADA, **changes))

    assert answer["error"]["path"] == path
    assert answer["error"]["text"].endswith(".")
    assert answer["id"] == (None if "id" in changes else "Ada")


@pytest.mark.parametrize(
    "text",
    [
        b"{", b"}", b"null", b"[]", b'"text"', b"7", b"NaN", b"{}}", b'{"id": "x",}', b"\xff\xfe", b'{"id": "\xff"}',
        b'{"dnc": {"national": {"snapshot_age_days": NaN}}}', b'{"dnc": {"national": {"snapshot_age_days": 1e999}}}',
        b"[" * 100_000, b'{"a":' * 100_000, b'{"context": {"abandon_rate": ' + b"9" * 5000 + b"}}", b"\x00",
    ],
)  # fmt: skip
def test_what_is_no_object_at_all_is_an_error_too(text: bytes) -> None:
    answers, status = run(lines(ADA) + text + b"\n" + lines(ADA))

    assert [answer.get("decision") for answer in answers] == ["allow", None, "allow"]
    assert "error" in answers[1]
    assert status == 2


def test_an_empty_object_is_judged_and_refused() -> None:
    answers, status = run(b"{}\n")

    assert answers[0]["decision"] == "deny"
    assert "INVALID_NUMBER" in answers[0]["reason_codes"]
    assert status == 0


def test_one_object_may_stand_over_several_lines() -> None:
    answers, status = run(json.dumps(ADA, indent=2).encode())

    assert [answer["decision"] for answer in answers] == ["allow"]
    assert status == 0


def test_blank_lines_and_a_missing_last_newline_change_nothing() -> None:
    answers, _ = run(b"\n\n" + lines(ADA) + b"\r\n  \n" + json.dumps(ADA).encode())

    assert [answer["decision"] for answer in answers] == ["allow", "allow"]
    assert run(b"") == ([], 0)


def test_a_broken_first_line_does_not_take_the_others_with_it() -> None:
    answers, status = run(b'{"id": "broken"\n' + lines(ADA, ADA))

    assert ["error" in answer for answer in answers] == [True, False, False]
    assert status == 2


def test_any_text_is_echoed_as_an_id() -> None:
    for text in ("", "Zoë 🎈", "\u2028", "a" * 5000, '"\\'):
        assert ask(like(ADA, id=text))["id"] == text


def test_an_overlong_line_is_refused_and_passed_over() -> None:
    answers, status = run(lines(ADA) + b'{"id": "' + b"x" * (2 * LONGEST_LINE) + b'"}\n' + lines(ADA))

    assert ["error" in answer for answer in answers] == [False, True, False]
    assert status == 2


class Endless(io.RawIOBase):
    """So many lines, none of them kept."""

    def __init__(self, line: bytes, count: int) -> None:
        self.line, self.left = line, count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.left:
            return 0
        size = min(len(buffer) // len(self.line), self.left)
        buffer[: size * len(self.line)] = self.line * size
        self.left -= size
        return size * len(self.line)


class Sink(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, text: Any) -> int:
        return len(text)


def test_many_lines_stream_through_constant_memory() -> None:
    def taken(count: int) -> int:
        tracemalloc.start()
        screen_stream(io.BufferedReader(Endless(lines(ADA), count), 64 * 1024), Sink(), BOOK)  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    taken(100)
    assert taken(3000) < taken(300) + 200_000


jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))


PATHS = [path for path in paths_of(ADA) if path]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(path=st.sampled_from(PATHS), value=jsons)
def test_any_value_anywhere_is_judged_or_refused_in_its_place(path: tuple[str, ...], value: Any) -> None:
    text = json.dumps(like(ADA, **{"__".join(path): value})).encode()

    answers, status = run(text + b"\n")
    assert len(answers) == 1
    assert ("error" in answers[0]) == (status == 2)
    assert answers[0].get("decision", "deny") in ("allow", "deny")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.binary(max_size=200).filter(lambda text: b"\n" not in text and text.strip()))
def test_any_bytes_are_an_error_and_never_a_traceback(text: bytes) -> None:
    answers, status = run(lines(ADA) + text + b"\n")

    assert len(answers) == 2
    assert status == 2


@settings(max_examples=100, deadline=None, derandomize=True)
@given(cut=st.integers(1, 800), put=st.binary(min_size=0, max_size=4))
def test_a_damaged_line_is_answered(cut: int, put: bytes) -> None:
    good = json.dumps(ADA).encode()

    answers, _ = run(lines(ADA) + (good[:cut] + put + good[cut + 3 :]).replace(b"\n", b" ") + b"\n")
    assert len(answers) == 2


def test_the_module_screens_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compliance.screen"],
        input=lines(ADA, like(ADA, nonsense=1)), capture_output=True, check=False, cwd=ROOT,
    )  # fmt: skip

    assert done.returncode == 2
    assert json.loads(done.stdout.splitlines()[0])["decision"] == "allow"


NOWHERE = {
    "SECRET_KEY": "a key for a command that needs none, but settings want one",
    "SECRETS_KEYS": "k1:dGVzdHMgYWxvbmUsIHRlc3RzIGFsb25lLCB0ZXN0czE=",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["screen"], {}), (["screen", "--no-color"], NOWHERE)],
    ids=["alone", "through Django"],
)
def test_the_command_needs_no_database(arguments: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        input=lines(ADA), capture_output=True, check=False, cwd=ROOT, env=environment,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["decision"] == "allow"

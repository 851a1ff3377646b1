"""Every shape a list comes in, and what is no list."""

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.registries import containers, lists, tables
from compliance.registries.containers import day_of, demand_list
from compliance.registries.faults import Malformed
from config.env import CHECKOUT
from tests.compliance_registries.shelf import flat, zipped

ADA, BEN, CHLOE = "+12125550101", "+12125550102", "+16465550103"
NUMBERS = [2125550101, 2125550102, 6465550103]
TEXT = flat([ADA, BEN, CHLOE])
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<list type="full" level="state">
  <ac val="212"><ph val="5550101"/><ph val="5550102"/></ac>
  <ac val="646"><ph val="5550103"/></ac>
</list>"""


def read(content: bytes, name: str = "list.txt") -> list[int]:
    return [int(number) for listed in lists.full_list(io.BytesIO(content), name=name) for number in listed.numbers]


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        flat([ADA, BEN, CHLOE], comma=False),
        flat([ADA, BEN, CHLOE], end="\r\n"),
        flat([ADA, BEN, CHLOE], comma=False, end="\r\n"),
        TEXT.rstrip(b"\n"),
        TEXT + b"\n\n",
        b"\xef\xbb\xbf" + TEXT,
        flat([ADA]) + flat([BEN], comma=False) + flat([CHLOE], end="\r\n"),
        zipped({"list.txt": TEXT}),
        zipped({"212.txt": flat([ADA, BEN]), "646.txt": flat([CHLOE])}),
        zipped({"list.txt": TEXT}, method=zipfile.ZIP_STORED),
        zipped({"__MACOSX/._list.txt": b"\0\1", ".DS_Store": b"\0", "list.txt": TEXT}),
        XML,
        b"\xef\xbb\xbf" + XML,
        zipped({"list.xml": XML}),
        XML.replace(b"?>", b'?><!DOCTYPE list SYSTEM "list.dtd">', 1),
        b'<LIST><AreaCode value="212"><Phone value="5550101"/><Phone value="5550102"/></AreaCode>'
        b'<Phone value="6465550103"/></LIST>',
    ],
    ids=[
        "comma",
        "bare",
        "comma, returns",
        "bare, returns",
        "no last line feed",
        "blank lines",
        "byte-order mark",
        "mixed",
        "zip",
        "zip of two",
        "zip, not packed",
        "zip from a Mac",
        "XML",
        "XML, byte-order mark",
        "XML in a zip",
        "XML with a document type",
        "XML by other names",
    ],
)
def test_a_full_list_is_read_in_every_shape(content: bytes) -> None:
    assert read(content) == NUMBERS


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (TEXT + b"212,555010", "Line 4 of list.txt is not a number"),
        (TEXT + b"212,55501012\n", "Line 4 of list.txt is not a number"),
        (TEXT + b"212-5550101\n", "Line 4"),
        (TEXT + b" 212,5550101\n", "Line 4"),
        (b"area,number\n" + TEXT, "Line 1"),
        (TEXT.replace(b"212,5550102", b"21a,5550102"), "Line 2"),
        (TEXT.replace(b"212,5550102", b"2125,550102"), "Line 2"),
        ("212,\u0665\u0665\u06650101\n".encode(), "Line 1"),
        (TEXT + b"2.12555E+09\n", "Line 4"),
        (b"", "list.txt is empty"),
        (b"PK\x05\x06" + bytes(18), "is not text"),
        (b"\x1f\x8b\x08" + bytes(20), "packed with gzip"),
        (b"212,5550101\n\0\0\0", "is not text"),
        (zipped({}), "is not text|holds no list"),
        (zipped({"readme/": b""}), "The zip holds no list"),
        (zipped({"inner.zip": zipped({"list.txt": TEXT})}), "inner.zip is not text"),
        (zipped({"list.txt": TEXT})[:-30], "The zip is damaged"),
        (zipped({"list.txt": TEXT}, method=zipfile.ZIP_BZIP2), "packed in an unusual way"),
        (XML.replace(b"</list>", b""), "is not well-formed XML"),
        (XML.replace(b'val="5550102"', b'val="55501"'), "Line 3 of list.txt has a tag without a number"),
        (XML.replace(b'<ac val="212">', b"<ac>"), "Line 3 of list.txt has a tag without an area code"),
        (b'<list><ph val="5550101"/></list>', "has a number without an area code"),
        (XML.replace(b'type="full"', b'type="change"'), "is a change list, not a full one"),
        (
            b'<!DOCTYPE list [<!ENTITY a "212"><!ENTITY b "&a;&a;&a;">]><list><ac val="&b;"/></list>',
            "declares a document type of its own",
        ),
    ],
)
def test_what_is_not_a_list_is_refused_by_line_and_without_the_number(content: bytes, sentence: str) -> None:
    with pytest.raises(Malformed, match=sentence) as refusal:
        read(content)
    assert "55501" not in str(refusal.value)


def test_a_damaged_member_is_found_by_its_checksum() -> None:
    packed = bytearray(zipped({"list.txt": flat([ADA] * 1_000)}, method=zipfile.ZIP_STORED))
    packed[60] ^= 1
    with pytest.raises(Malformed):
        read(bytes(packed))


def test_a_line_far_down_is_named_rightly() -> None:
    content = flat([ADA]) * 500_000 + b"oops\n"
    with pytest.raises(Malformed, match=r"Line 500,001 of list\.txt"):
        read(content)


LINES = st.lists(
    st.one_of(
        st.from_regex(r"[0-9]{3},[0-9]{7}", fullmatch=True),
        st.from_regex(r"[0-9]{10}", fullmatch=True),
        st.text(alphabet="0123456789, x\r\u0665", max_size=13),
    ),
    min_size=1,
    max_size=12,
)


@given(lines=LINES, end=st.sampled_from(["\n", "\r\n"]))
def test_reading_lines_all_at_once_and_one_by_one_agree(lines: list[str], end: str) -> None:
    piece = "".join(line + end for line in lines).encode()
    at_once = lists.uniform_lines(piece)
    if at_once is not None:
        assert np.array_equal(at_once, lists.one_by_one(piece, before=0, source="list.txt"))


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2026-03-01_212.txt", "2026-03-01"),
        ("dnc_20260301.txt", "2026-03-01"),
        ("full.2026.03.01.xml", "2026-03-01"),
        ("list.txt", None),
        ("2026-03-01_to_2026-03-02.txt", None),
        ("12345620260301999.txt", None),
        ("2026-02-31.txt", None),
    ],
)
def test_the_day_in_a_name_is_found_where_there_is_exactly_one(name: str, day: str | None) -> None:
    found = day_of(io.BytesIO(zipped({name: TEXT})))
    assert (found.isoformat() if found else None) == day


# Bombs


def swollen(line: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("list.txt", "w") as member:
        for _ in range(60):
            member.write(line * ((1 << 20) // len(line)))
    return packed.getvalue()


def read_table(content: bytes) -> None:
    list(tables.litigators(io.BytesIO(content), name="list.csv"))


def read_list(content: bytes) -> None:
    read(content)


def crowded() -> bytes:
    """Seventy thousand files in one zip, each of one number."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(70_000):
            archive.writestr(f"{number}", b"")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("make", "read_it", "sentence"),
    [
        (lambda: swollen(b"2125550101\n"), read_list, "unpacks to more than 100 times its size"),
        (lambda: swollen(b"0"), read_list, "a line longer than any list has"),
        (lambda: b"1" * (100 << 20), read_list, "a line longer than any list has"),
        (crowded, read_list, "holds more than 1,000 files"),
        (lambda: b'<list><ac val="' + b"2" * (50 << 20), read_list, "longer than any list has|not well-formed"),
        (lambda: b"<list>" + b"<ac val='212'>" * 2_000_000, read_list, "nested deeper"),
        (lambda: b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n", read_table, "longer than any list has"),
        (lambda: b",".join([b"c"] * 30_000) + b"\n", read_table, "more than 200 columns"),
        (lambda: b'number\n"' + b'""' * (20 << 20), read_table, "longer than any list has"),
        (lambda: b'number\n"' + (b'""' * 100 + b"\n") * 100_000, read_table, "is not proper CSV"),
    ],
    ids=[
        "swollen zip",
        "swollen line",
        "endless line",
        "crowded zip",
        "endless attribute",
        "deep XML",
        "a million columns",
        "many columns",
        "quoted megacell",
        "megacell over many lines",
    ],
)
def test_a_bomb_is_refused_within_two_seconds(
    make: Callable[[], bytes], read_it: Callable[[bytes], None], sentence: str
) -> None:
    content = make()
    began = time.process_time()
    with pytest.raises(Malformed, match=sentence):
        read_it(content)
    assert time.process_time() - began < 2


def test_a_zip_that_lies_about_its_sizes_is_not_believed() -> None:
    packed = swollen(b"2125550101\n").replace((60 * ((1 << 20) // 11) * 11).to_bytes(4, "little"), bytes([1, 0, 0, 0]))
    with pytest.raises(Malformed):
        read(packed)


def test_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(swollen(b"2125550101\n"))
    reading = (
        "import sys\n"
        "from compliance.registries import lists\n"
        "try:\n"
        "    for listed in lists.full_list(open(sys.argv[1], 'rb'), name='bomb.zip'): pass\n"
        "except Exception as problem: print(type(problem).__name__)\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    done = subprocess.run([sys.executable, "-c", reading, str(bomb)], cwd=CHECKOUT, capture_output=True, check=True)
    problem, kilobytes = done.stdout.decode().split()
    assert problem == "Malformed"
    assert int(kilobytes) < 200_000


def test_ten_sparse_gigabytes_are_refused_by_their_first_bytes(tmp_path: Path) -> None:
    sparse = tmp_path / "list.txt"
    with sparse.open("wb") as file:
        file.truncate(10 << 30)
    began = time.monotonic()
    with sparse.open("rb") as raw, pytest.raises(Malformed, match="is not text"):
        demand_list(raw, name="list.txt")
    assert time.monotonic() - began < 2


def test_an_unpacked_file_has_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MOST_BYTES", 20)
    with pytest.raises(Malformed, match="more than 0 GB"):
        read(TEXT)

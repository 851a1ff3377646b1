"""Every setting that the code reads is explained in .env.example, and nothing else is."""

import re

from config.env import CHECKOUT, read_dotenv
from config.settings import database

READ = re.compile(r"(?:\benv\.(?:text|flag|number|words)\(|\bos\.environ(?:\.get)?[(\[])\"([A-Z_]+)\"")
# Of the terminal, not of Callwright.
FOREIGN = {"NO_COLOR", "TERM"}
SHOWN = re.compile(r"^#?([A-Z_]+)=", re.MULTILINE)


def test_the_example_explains_every_setting_and_no_other() -> None:
    example = (CHECKOUT / ".env.example").read_text()
    read = {
        name
        for room in CHECKOUT.glob("*/__init__.py")
        if room.parent.name not in {"tests", "bench"}
        for path in room.parent.rglob("*.py")
        for name in READ.findall(path.read_text())
    }
    shown = SHOWN.findall(example)
    assert len(shown) == len(set(shown))
    assert set(shown) == read - FOREIGN


def test_the_example_as_it_is_sets_nothing() -> None:
    assert read_dotenv(CHECKOUT / ".env.example") == {}


def test_every_setting_has_words_above_it() -> None:
    blocks = (CHECKOUT / ".env.example").read_text().split("\n\n")
    for block in blocks:
        if SHOWN.search(block):
            assert re.match(r"# \S.*\n", block), block


def test_what_the_database_address_adds_reaches_the_driver() -> None:
    asked = database("postgresql://app:secret@db.example.com:5433/callwright?sslmode=verify-full&connect_timeout=9")
    assert asked["OPTIONS"]["sslmode"] == "verify-full"
    assert asked["OPTIONS"]["connect_timeout"] == "9"
    assert (asked["HOST"], asked["PORT"], asked["NAME"]) == ("db.example.com", 5433, "callwright")

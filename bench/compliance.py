"""How fast is judging? Ready facts on one core, and whole lines through `screen`."""

import io
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.ground import report, say
from compliance import numbers, rulebook, rules, screen
from compliance.facts import Address
from compliance.rulebook import Rulebook

COUNT = 20_000
BEGINNING = datetime(2026, 11, 1, tzinfo=UTC)


def people(book: Rulebook, count: int) -> list[bytes]:
    """Signed sales calls and reminders all over the country, at any hour of two months: half of them refused."""
    dice = random.Random(1)  # noqa: S311 - the same people every time
    area_codes = sorted(book.by_area_code)
    return [json.dumps(_person(dice, area_codes)).encode() + b"\n" for _ in range(count)]


def _person(dice: random.Random, area_codes: list[str]) -> dict[str, Any]:
    moment = BEGINNING + timedelta(seconds=dice.randrange(60 * 86_400))
    consent = dict.fromkeys(
        [
            "signed",
            "seller_named",
            "number_matches",
            "not_condition_of_purchase_disclosed",
            "autodial_or_artificial_voice_disclosed",
            "evidence_complete",
        ],
        True,
    )
    return {
        "id": "1",
        "number": f"+1{dice.choice(area_codes)}55501{dice.randrange(100):02}",
        "line_type": "mobile",
        "address": {"zip": f"{dice.randrange(10_000, 99_000)}"},
        "instant_utc": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "purpose": dice.choice(["marketing", "marketing", "informational"]),
        "consent": {"type": "pewc", "obtained_at": "2026-01-01T00:00:00Z", **consent},
        "dnc": {
            "national": {"listed": False, "snapshot_age_days": 5},
            "state": {"listed": False, "snapshot_age_days": 5},
            "internal": {"listed": False},
        },
        "rnd": {"result": "no", "queried_date": f"{moment:%Y-%m-%d}", "query_date_param": "2026-01-01"},
        "attempt_history_utc": [f"{moment - timedelta(hours=30):%Y-%m-%dT%H:%M:%SZ}"],
    }


def per_second(work: Callable[[], object], count: int) -> float:
    """Processor time, best of three: other processes of the machine do not count."""
    taken = []
    for _ in range(3):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return count / min(taken)


def main() -> int:
    book = rulebook.load("us")
    say(f"Judging {COUNT:,} people under {book.version} …")
    lines = people(book, COUNT)
    whole = b"".join(lines)

    def screened() -> int:
        return screen.screen_stream(io.BytesIO(whole), io.BytesIO(), book)

    rate = per_second(screened, COUNT)
    conditions = f"1 core, {COUNT:,} lines, half refused"
    report("compliance.screen_lines_per_second", rate, "1/s", goal=5_000, ok=rate >= 5_000, conditions=conditions)

    facts = [screen.facts_of(screen.Line.model_validate_json(line), book) for line in lines]
    rate = per_second(lambda: [rules.judge(fact, book) for fact in facts], COUNT)
    conditions = "1 core, ready facts, half refused, next lawful instant included"
    report("compliance.judgements_per_second", rate, "1/s", goal=10_000, ok=rate >= 10_000, conditions=conditions)

    found = [(fact.number, fact.address) for fact in facts]

    def placed() -> None:
        for number, address in found:
            numbers.place(number, address=address or Address(), confirmed_zone=None, rulebook=book)

    rate = per_second(placed, COUNT)
    conditions = "1 core, number and ZIP to zones and laws, exchanges and ZIPs met before"
    report("compliance.places_per_second", rate, "1/s", goal=100_000, ok=rate >= 100_000, conditions=conditions)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.compliance.keep_corpus`: after `rulebook.freeze`, write down verdicts of the rulebook in force."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from compliance import rulebook, screen
from compliance.facts import to_json
from compliance.rules import judge
from tests.compliance.cast import NUMBERS, at, like, of
from tests.compliance.test_judging import CORPUS

FIRST = datetime(2026, 10, 1, tzinfo=UTC)


def people() -> list[dict[str, Any]]:
    dice = random.Random(7)  # noqa: S311 - chosen once, kept for good
    found = []
    for state in sorted(NUMBERS):
        for _ in range(5):
            moment = FIRST + timedelta(minutes=dice.randrange(120 * 1440))
            tried = [
                f"{moment - timedelta(minutes=dice.randrange(2880)):%Y-%m-%dT%H:%M:%SZ}"
                for _ in range(dice.randrange(5))
            ]
            person = like(
                of(state),
                purpose=dice.choice(["marketing", "marketing", "informational", "health", "debt_collection"]),
                attempt_history_utc=tried,
                consent__signed=dice.random() < 0.9,
                dnc__national__snapshot_age_days=dice.choice([1, 5, 30, 31, 32]),
            )
            found.append(at(person, moment))
    return found


def main() -> None:
    book = rulebook.load("us")
    rows = []
    for person in people():
        facts = screen.facts_of(screen.Line.model_validate_json(json.dumps(person)), book)
        verdict = judge(facts, book)
        opens = verdict.next_allowed_at
        row = {
            "facts": json.loads(to_json(facts)),
            "codes": verdict.codes,
            "next_allowed_at": opens and opens.isoformat(),
        }
        rows.append(json.dumps(row, separators=(",", ":")))
    CORPUS.mkdir(exist_ok=True)
    (CORPUS / f"{book.version}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

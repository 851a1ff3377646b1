"""Is this number listed? Set-based and pure SQL: one statement answers for a whole batch, from one consistent state.

Two words are kept apart: a number is *known* where the list in force covers its area code, and *listed* where it
stands on it. What is not known must be treated as refused; no snapshot, another country and a foreign workspace all
read as not known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from accounts.tenancy import current_workspace_id
from compliance.models import Registry
from compliance.registries.freshness import freshness


@dataclass(frozen=True)
class Question:
    number: str  # E.164
    kind: str  # Registry.Kind: NATIONAL, STATE or LITIGATOR
    us_state: str = ""
    seller_key: str = ""


@dataclass(frozen=True)
class Standing:
    """What a registry says of one number, and on what authority."""

    question: Question
    snapshot_id: int | None
    as_of: date | None
    known: bool
    listed: bool

    def age_days(self, *, today: date) -> int | None:
        return freshness(self.as_of, today=today).age_days if self.as_of else None


@dataclass(frozen=True)
class Reassignment:
    """The newest answer kept about a number."""

    number: str
    result: str  # ReassignedResult.Result
    date_asked: date
    queried_at: datetime
    provider_ref: str


# A query for whoever gathers facts in SQL, over two tables or CTEs of theirs: `list` (list, kind, us_state, seller_key;
# '' where there is none) and `asked` (place, ten, list), where ten is the number's ten digits as a bigint, null for one
# that is not North American. Each row of `asked` comes back once.
# The block is a sub-query, not a join, so that a planner who knows nothing of a freshly loaded table does not read all
# of it; and CASE stands where coalesce would, which Postgres does not know to be leakproof and would keep away from
# the index behind a wall.
STANDINGS = """
SELECT place, snapshot_id, as_of, known,
       CASE WHEN known THEN coalesce((
           SELECT get_bit(bits, mod(ten, 10000)) = 1 FROM compliance_registryblock
           WHERE snapshot_id = in_force.root_id AND prefix = in_force.ten / 10000
       ), false) ELSE false END AS listed
FROM (
    SELECT asked.place, asked.ten, snapshot.id AS snapshot_id, snapshot.as_of,
           CASE WHEN snapshot.root_id IS NULL THEN snapshot.id ELSE snapshot.root_id END AS root_id,
           coalesce(get_bit(snapshot.coverage, asked.ten / 10000000) = 1, false) AS known
    FROM asked
    JOIN list USING (list)
    LEFT JOIN compliance_registry AS registry
        ON registry.workspace_id = nullif(current_setting('callwright.workspace_id', true), '')::bigint
        AND registry.kind = list.kind AND registry.us_state = list.us_state AND registry.seller_key = list.seller_key
    LEFT JOIN compliance_registrysnapshot AS snapshot ON snapshot.id = registry.current_id
) AS in_force
"""
# Digits travel as one text: to write down a list of a thousand parameters takes longer than to answer them.
_ASKED = """
WITH list AS MATERIALIZED (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY
        AS list (kind, us_state, seller_key, list)
), asked AS (
    SELECT nullif(ten, '')::bigint AS ten, list, place
    FROM unnest(string_to_array(%s, ','), string_to_array(%s, ',')::int[]) WITH ORDINALITY AS each (ten, list, place)
)
"""
_OF_ONE = """
WITH list AS (SELECT 1 AS list, %s::text AS kind, %s::text AS us_state, %s::text AS seller_key), asked AS (
    SELECT nullif(ten, '')::bigint AS ten, 1 AS list, place
    FROM unnest(string_to_array(%s, ',')) WITH ORDINALITY AS each (ten, place)
)
"""
_NEWEST_ANSWERS = """
SELECT asked.place, answer.number, answer.result, answer.date_asked, answer.queried_at, answer.provider_ref
FROM unnest(%s::text[], %s::date[]) WITH ORDINALITY AS asked (number, relied_on, place)
CROSS JOIN LATERAL (
    SELECT result.* FROM compliance_reassignedresult AS result
    JOIN compliance_registrysnapshot AS snapshot ON snapshot.id = result.snapshot_id AND snapshot.state = 'ADDED'
    WHERE result.workspace_id = nullif(current_setting('callwright.workspace_id', true), '')::bigint
      AND result.number = asked.number
      AND (asked.relied_on IS NULL OR result.date_asked <= asked.relied_on OR result.result = 'YES')
    ORDER BY result.queried_at DESC, result.id DESC LIMIT 1
) AS answer
"""


def standings(questions: Sequence[Question]) -> list[Standing]:
    """One answer per question, in their order."""
    asked = [(str(each.kind), each.us_state, each.seller_key) for each in questions]
    lists = {whose: place for place, whose in enumerate(dict.fromkeys(asked), start=1)}
    kinds, states, sellers = ([whose[part] for whose in lists] for part in range(3))
    digits = _digits(each.number for each in questions)
    values: list[list[str] | str] = [kinds, states, sellers, digits, ",".join(str(lists[whose]) for whose in asked)]
    with connection.cursor() as cursor:
        cursor.execute(f"{_ASKED}{STANDINGS}", values)
        return [Standing(questions[place - 1], *answer) for place, *answer in sorted(cursor.fetchall())]


def _digits(numbers: Iterable[str]) -> str:
    """The ten digits of each, apart by commas; nothing for what is no North American number in E.164."""
    return ",".join(
        number[2:]
        if len(number) == 12 and number.startswith("+1") and number.isascii() and number[2:].isdecimal()
        else ""
        for number in numbers
    )


def listed(numbers: Iterable[str], kind: str, *, state: str | None = None, seller_key: str = "") -> set[str]:
    """Which of these numbers stand on the list in force. Ask `unknown` too: silence of a list is not a no."""
    return _where("listed", list(numbers), (str(kind), state or "", seller_key))


def unknown(numbers: Iterable[str], kind: str, *, state: str | None = None, seller_key: str = "") -> set[str]:
    """Which of these numbers the list in force does not speak of, so that nobody may say they are not on it."""
    asked = list(numbers)
    return set(asked) - _where("known", asked, (str(kind), state or "", seller_key))


def _where(answer: str, numbers: Sequence[str], whose: tuple[str, str, str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_OF_ONE} SELECT place FROM ({STANDINGS}) AS standing WHERE {answer}",  # noqa: S608 - all of it ours
            [*whose, _digits(numbers)],
        )
        return {numbers[place - 1] for (place,) in cursor.fetchall()}


def snapshot_age_days(kind: str, state: str | None = None, *, today: date, seller_key: str = "") -> int | None:
    """How old the list in force is; None where there is none."""
    registry = Registry.objects.select_related("current").filter(
        workspace=current_workspace_id(), kind=kind, us_state=state or "", seller_key=seller_key
    )
    found = registry.first()
    in_force = found.current.as_of if found and found.current else None
    return freshness(in_force, today=today).age_days if in_force else None


def reassignments(asked: Iterable[tuple[str, date | None]]) -> list[Reassignment | None]:
    """For each number, and the day of the consent relied on: the newest answer that speaks of it.

    A "no" about a later day says nothing of the day relied on, so it is passed over; a "yes" always counts.
    """
    pairs = list(asked)
    answers: list[Reassignment | None] = [None] * len(pairs)
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_ANSWERS, [[number for number, _ in pairs], [day for _, day in pairs]])
        for place, *columns in cursor.fetchall():
            answers[place - 1] = Reassignment(*columns)
    return answers

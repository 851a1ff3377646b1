"""Every look-up agrees with the list it was loaded from."""

import os
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.registries.bits import Scratch, areas_of, coverage_of, numbers_of
from compliance.registries.lookup import Question, listed, standings
from tests.compliance_registries.shelf import LITIGATOR, NATIONAL, STATE, flat, load

CHAOS = os.environ.get("CALLWRIGHT_CHAOS") == "1"
LISTED, ASKED, BATCH = (5_000_000, 10_000_000, 10_000) if CHAOS else (150_000, 300_000, 5_000)
ADA, BEN, CHLOE = "+12125550101", "+12125550102", "+16465550103"


def uneven(draw: random.Random, count: int) -> set[int]:
    """Numbers as lumpy as real ones: some exchanges almost full, some almost empty, edges included."""
    numbers = {2120000000, 2129999999, 6460000000, 6469999999}
    exchanges = [(draw.choice([212, 310, 646]), draw.randrange(1000), draw.choice([0.01, 0.6])) for _ in range(600)]
    while len(numbers) < count:
        area, exchange, density = draw.choice(exchanges)
        some = draw.sample(range(10_000), min(int(10_000 * density), count - len(numbers)))
        numbers.update(area * 10_000_000 + exchange * 10_000 + line for line in some)
        if CHAOS:
            exchanges.append((draw.choice([212, 310, 646, 702, 917]), draw.randrange(1000), draw.choice([0.01, 0.6])))
    return numbers


def test_many_look_ups_are_checked_against_the_list_and_none_is_wrong(harbor: Workspace) -> None:
    draw = random.Random(3)  # noqa: S311 - only a shuffle
    source = uneven(draw, LISTED)
    order = list(source)
    draw.shuffle(order)
    load(harbor, "".join(f"{number}\n" for number in order).encode(), areas="all")
    wrong = 0
    with in_workspace(harbor.pk):
        for _ in range(ASKED // BATCH):
            batch = [number + draw.choice([0, -1, 1, 8, 10_000]) for number in draw.sample(order, BATCH)]
            on_it = {int(number[2:]) for number in listed([f"+1{number:010}" for number in batch], NATIONAL)}
            wrong += len(on_it ^ {number for number in batch if number in source})
    assert wrong == 0


TEN = st.one_of(st.integers(0, 10**10 - 1), st.integers(2_125_550_000, 2_125_550_040))


@given(
    deeds=st.lists(st.tuples(st.booleans(), st.lists(TEN, max_size=20)), max_size=8), others=st.lists(TEN, max_size=20)
)
def test_bits_on_disk_agree_with_a_set_in_memory(deeds: list[tuple[bool, list[int]]], others: list[int]) -> None:
    expected: set[int] = set()
    with Scratch() as scratch:
        for adds, numbers in deeds:
            (scratch.set if adds else scratch.clear)(np.array(numbers, np.int64))
            expected = expected | set(numbers) if adds else expected - set(numbers)
        found = {
            int(prefix) * 10_000 + int(line)
            for prefixes, rows in scratch.blocks()
            for prefix, row in zip(prefixes, rows, strict=True)
            for line in np.flatnonzero(np.unpackbits(row, bitorder="little"))
        }
        assert found == expected
        assert sum(scratch.counts().values()) == len(expected)
        assert not found & (set(others) - expected)


@given(areas=st.frozensets(st.integers(0, 999)))
def test_coverage_survives_being_written_as_bits(areas: frozenset[int]) -> None:
    assert areas_of(coverage_of(areas)) == areas


def test_numbers_are_read_as_they_are_written() -> None:
    assert numbers_of(["2125550101", "0000000001"]).tolist() == [2125550101, 1]


def test_many_questions_of_several_lists_are_answered_in_one_statement_and_in_order(
    harbor: Workspace, django_assert_num_queries: object
) -> None:
    assert callable(django_assert_num_queries)
    load(harbor, flat([ADA]), seller_key="a, b")
    load(harbor, flat([BEN]), kind=STATE, us_state="NY")
    load(harbor, f"{CHLOE}\n".encode(), kind=LITIGATOR)
    questions = [
        Question(ADA, NATIONAL, "", "a, b"),
        Question(BEN, STATE, "NY"),
        Question(ADA, STATE, "NY"),
        Question(CHLOE, STATE, "NY"),
        Question(CHLOE, LITIGATOR),
        Question(ADA, NATIONAL),
        Question("nonsense, with comma", LITIGATOR),
        Question(ADA, NATIONAL, "", "a, b"),
    ]
    with in_workspace(harbor.pk), django_assert_num_queries(1):
        answers = standings(questions)
    assert [answer.question for answer in answers] == questions
    assert [(answer.known, answer.listed) for answer in answers] == [
        (True, True),
        (True, True),
        (True, False),
        (False, False),
        (True, True),
        (False, False),
        (False, False),
        (True, True),
    ]
    assert answers[0].as_of is not None
    assert answers[5].as_of is None


def test_nothing_is_known_outside_every_workspace(harbor: Workspace) -> None:
    load(harbor, flat([ADA]))
    (answer,) = standings([Question(ADA, NATIONAL)])
    assert (answer.known, answer.listed) == (False, False)


@pytest.mark.parametrize("numbers", [[], [ADA, ADA]])
def test_asking_of_none_and_of_one_twice_is_fine(harbor: Workspace, numbers: list[str]) -> None:
    load(harbor, flat([ADA]))
    with in_workspace(harbor.pk):
        assert listed(numbers, NATIONAL) == set(numbers)

"""How long a list may be used, on either side of each boundary."""

from datetime import date, timedelta

import pytest

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance.registries.freshness import Age, freshness
from compliance.registries.lookup import Question, snapshot_age_days, standings
from tests.compliance_registries.shelf import NATIONAL, STATE, TODAY, flat, load

ADA = "+12125550101"


@pytest.mark.parametrize(
    ("days_old", "age", "days_left"),
    [
        (0, Age.FRESH, 31),
        (24, Age.FRESH, 7),
        (25, Age.EXPIRING, 6),
        (31, Age.EXPIRING, 0),
        (32, Age.STALE, -1),
        (400, Age.STALE, -369),
    ],
)
def test_a_list_may_be_used_for_thirty_one_days(days_old: int, age: Age, days_left: int) -> None:
    found = freshness(TODAY - timedelta(days=days_old), today=TODAY)
    assert (found.age_days, found.age, found.days_left) == (days_old, age, days_left)


def test_the_last_day_is_the_thirty_first_after_the_day_of_the_list() -> None:
    assert freshness(date(2026, 1, 31), today=TODAY).last_day == date(2026, 3, 3)
    assert freshness(date(2026, 1, 31), today=date(2026, 3, 3)).age is Age.EXPIRING
    assert freshness(date(2026, 1, 31), today=date(2026, 3, 4)).age is Age.STALE


def test_the_age_is_counted_from_the_day_of_the_list_and_not_from_the_load(harbor: Workspace) -> None:
    load(harbor, flat([ADA]), as_of=TODAY - timedelta(days=30))
    with in_workspace(harbor.pk):
        (standing,) = standings([Question(ADA, NATIONAL)])
        assert snapshot_age_days(NATIONAL, today=TODAY) == 30
        assert snapshot_age_days(STATE, "NY", today=TODAY) is None
    assert standing.age_days(today=TODAY + timedelta(days=2)) == 32

"""Judge: how old a list is, and until when it may be used."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# 47 CFR 64.1200(c)(2)(i)(D) and 16 CFR 310.4(b)(3)(iv): obtained no more than 31 days before the call.
FRESH_DAYS = 31
WARN_DAYS = 7  # a week is enough to order and load the next one


class Age(StrEnum):
    FRESH = "FRESH"
    EXPIRING = "EXPIRING"
    STALE = "STALE"


@dataclass(frozen=True)
class Freshness:
    age_days: int
    days_left: int  # below zero: may not be used
    last_day: date
    age: Age


def freshness(as_of: date, *, today: date) -> Freshness:
    age_days = (today - as_of).days
    left = FRESH_DAYS - age_days
    age = Age.STALE if left < 0 else Age.EXPIRING if left < WARN_DAYS else Age.FRESH
    return Freshness(age_days=age_days, days_left=left, last_day=as_of + timedelta(days=FRESH_DAYS), age=age)

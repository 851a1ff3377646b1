"""Postal codes: which state, county and zone a ZIP lies in."""

import re
from dataclasses import dataclass
from functools import lru_cache

import zipcodes

from compliance import zones


@dataclass(frozen=True, slots=True)
class ZipArea:
    state: str
    county: str
    zone: str  # empty where the table knows none, as for military post


@lru_cache(maxsize=1)
def _table() -> dict[str, ZipArea]:
    known = zones.known()
    rows: list[dict[str, str]] = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return {
        row["zip_code"]: ZipArea(
            state=row["state"],
            county=plain_county(row["county"]),
            zone=row["timezone"] if row["timezone"] in known else "",
        )
        for row in rows
    }


def area(zip_code: str) -> ZipArea | None:
    return _table().get(zip_code[:5])


@lru_cache(maxsize=1)
def _zones_by_county() -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for place in _table().values():
        if place.zone:
            found.setdefault((place.state, place.county.casefold()), {})[place.zone] = None
    return {county: tuple(names) for county, names in found.items()}


def county_zones(state: str, county: str) -> tuple[str, ...]:
    return _zones_by_county().get((state, plain_county(county).casefold()), ())


_KIND = re.compile(r"\s+(County|Parish|Municipio|Borough|Census Area|Municipality)$", re.IGNORECASE)


def plain_county(name: str) -> str:
    """'Mobile County' and 'Mobile' are one county."""
    return _KIND.sub("", name.strip())

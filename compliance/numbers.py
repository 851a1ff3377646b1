"""Numbers: what kind of line, and every zone and jurisdiction the person behind it may be in.

An area code is a hint, not an address: people keep their numbers. So zones and laws are gathered from all that is
known, and a call must be lawful in every one of them. What cannot be placed is refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import timezone as phonezones
from phonenumbers.tzdata import TIMEZONE_DATA

from compliance import zips, zones
from compliance.codes import Code
from compliance.facts import Address, Place
from compliance.rulebook import Jurisdiction, Rulebook

METADATA_VERSION: str = phonenumbers.__version__

_NANP = re.compile(r"\+1([2-9]\d\d)(\d{3})(\d{4})", re.ASCII)
_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
_EMERGENCY = re.compile(r"(\+1)?[2-9]11", re.ASCII)


class NotANumber(Exception):
    """What was given cannot be read as a telephone number."""


def e164(text: str, *, region: str = "US") -> str:
    """An uploaded number as E.164, whether written so or the national way. Raises NotANumber with what to do."""
    plain = re.sub(r"[\s().\-\u00a0]", "", text)
    if re.fullmatch(r"\+1[2-9]\d{9}", plain, re.ASCII):
        return plain
    if region == "US" and re.fullmatch(r"1?[2-9]\d{9}", plain, re.ASCII):
        return "+1" + plain[-10:]
    if re.search(r"\d[eE][+-]?\d", text):
        raise NotANumber(f"{text!r} was shortened by a spreadsheet. Format the column as text and export it again.")
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as problem:
        raise NotANumber(f"{text!r} is not a telephone number. Write it like +12125550123.") from problem
    if parsed.extension:
        raise NotANumber(f"{text!r} has an extension, which cannot be dialled. Give the number alone.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the number plan says of all numbers that begin alike."""

    codes: tuple[Code, ...]
    region: str | None
    jurisdiction: str | None
    zones: tuple[str, ...]


_NOTHING = Exchange((Code.INVALID_NUMBER,), None, None, ())
_EMERGENCY_LINE = Exchange((Code.INVALID_NUMBER, Code.PROTECTED_LINE), None, None, ())
_KINDS: dict[str, tuple[Code, ...]] = {
    # The called party pays for a toll-free call, the caller for a premium one: both are protected and have no place.
    "toll_free": (Code.NON_GEOGRAPHIC_NUMBER, Code.PROTECTED_LINE),
    "premium": (Code.NON_GEOGRAPHIC_NUMBER, Code.PROTECTED_LINE),
    "personal": (Code.NON_GEOGRAPHIC_NUMBER,),
    "special": (Code.NON_GEOGRAPHIC_NUMBER,),
}


def exchange_of(number: str | None, rulebook: Rulebook) -> Exchange:
    if number is None:
        return _NOTHING
    parts = _NANP.fullmatch(number)
    if parts is not None:
        return _exchange(parts[1], parts[2], rulebook)
    if _EMERGENCY.fullmatch(number):
        return _EMERGENCY_LINE
    return _abroad(number) if _E164.fullmatch(number) and not number.startswith("+1") else _NOTHING


@lru_cache(maxsize=65_536)
def _exchange(npa: str, nxx: str, rulebook: Rulebook) -> Exchange:
    if nxx[0] in "01" or nxx[1:] == "11":
        return _NOTHING  # no such exchange: such digits begin something else
    kind = rulebook.classes.get(npa)
    if kind in _KINDS:
        return Exchange(_KINDS[kind], None, None, ())
    home = rulebook.by_area_code.get(npa)
    if home is None or kind == "foreign":
        return _abroad(f"+1{npa}{nxx}0123")
    # Numbers reserved for fiction stand in for real ones in every test, so 555 counts as in use everywhere.
    if nxx != "555" and not phonenumbers.is_valid_number(phonenumbers.parse(f"+1{npa}{nxx}0123")):
        return _NOTHING
    region = home if home in rulebook.regions else "US"
    return Exchange((), region, home, area_code_zones(npa, rulebook))


@lru_cache(maxsize=4096)
def area_code_zones(npa: str, rulebook: Rulebook) -> tuple[str, ...]:
    """Every zone of the area: the split table, else what the number plan says as far as it lies in the state."""
    if npa in rulebook.splits:
        return zones.distinct(rulebook.splits[npa])
    home = rulebook.jurisdictions[rulebook.by_area_code[npa]]
    named = {zones.named_as(name, home.zones) for name in _planned_zones().get(npa, ())} - {None}
    return zones.distinct(name for name in home.zones if not named or name in named)


@lru_cache(maxsize=1)
def _planned_zones() -> dict[str, set[str]]:
    """Numbers move with people, exchanges do not tell: all zones of an area code, whichever its exchanges name."""
    found: dict[str, set[str]] = {}
    for prefix, names in TIMEZONE_DATA.items():
        if prefix[0] == "1" and len(prefix) >= 4:
            found.setdefault(prefix[1:4], set()).update(names)
    return found


def _abroad(number: str) -> Exchange:
    parsed = phonenumbers.parse(number)
    if not phonenumbers.is_valid_number(parsed):
        return _NOTHING
    names = phonezones.time_zones_for_geographical_number(parsed)
    known = zones.distinct(name for name in names if name in zones.known()) if len(names) <= 8 else ()
    return Exchange((), phonenumbers.region_code_for_number(parsed), None, known)


# Placing


def place(number: str | None, *, address: Address, confirmed_zone: str | None, rulebook: Rulebook) -> Place:
    """Everywhere the contact may be. Fast for many: what is alike is looked up once."""
    return _place(exchange_of(number, rulebook), address, confirmed_zone, rulebook)


@lru_cache(maxsize=65_536)
def _place(exchange: Exchange, address: Address, confirmed_zone: str | None, rulebook: Rulebook) -> Place:
    home = _home(address, rulebook)
    states = tuple(sorted({*home.states, *([exchange.jurisdiction] if exchange.jurisdiction else [])}))
    found, notes = _zones(exchange, address, home, confirmed_zone=confirmed_zone, rulebook=rulebook)
    return Place(
        region=exchange.region,
        number_codes=exchange.codes,
        unsupported=_unsupported(exchange, home, states, rulebook),
        zones=found,
        jurisdictions=tuple(state for state in states if state in rulebook.jurisdictions),
        home=home.states,
        counties=home.counties,
        notes=(*home.notes, *notes),
    )


@dataclass(frozen=True, slots=True)
class _Home:
    states: tuple[str, ...]
    zones: tuple[str, ...]
    counties: tuple[str, ...]
    notes: tuple[str, ...]
    abroad: bool = False  # an address whose clock nobody can tell, such as military post


def _home(address: Address, rulebook: Rulebook) -> _Home:
    stated = address.state.upper() if address.state else None
    area = zips.area(address.zip) if address.zip else None
    if address.zip and area is None:
        return _home_without_zip(stated, address.county, rulebook, notes=(f"ZIP {address.zip} is not in the table.",))
    if area is None or address.zip is None:
        return _home_without_zip(stated, address.county, rulebook)
    counties = {area.county, zips.plain_county(address.county or "")} - {""}
    found = _zip_zones(address.zip[:5], area, rulebook)
    if stated and stated != area.state:
        other = _state_zones(stated, rulebook)
        note = f"ZIP {address.zip} lies in {area.state}, the address says {stated}: both apply."
        return _Home(
            tuple(sorted({stated, area.state})), (*found, *other), tuple(sorted(counties)), (note,), abroad=not found
        )
    return _Home((area.state,), found, tuple(sorted(counties)), (), abroad=not found)


def _home_without_zip(stated: str | None, county: str | None, rulebook: Rulebook, notes: tuple[str, ...] = ()) -> _Home:
    if stated is None:
        return _Home((), (), (), notes)
    counties = (zips.plain_county(county),) if county else ()
    whole = _state_zones(stated, rulebook)
    narrowed = tuple(
        name
        for name in whole
        if county and name in {zones.named_as(of_zip, whole) for of_zip in zips.county_zones(stated, county)}
    )
    return _Home((stated,), narrowed or whole, counties, notes)


def _state_zones(state: str, rulebook: Rulebook) -> tuple[str, ...]:
    return rulebook.jurisdictions[state].zones if state in rulebook.jurisdictions else ()


def _zip_zones(code: str, area: zips.ZipArea, rulebook: Rulebook) -> tuple[str, ...]:
    if code in rulebook.zips:
        return rulebook.zips[code]
    whole = _state_zones(area.state, rulebook)
    named = zones.named_as(area.zone, whole) if area.zone else None
    # A table row that names a clock its own state does not have is wrong: then any clock of the state may be right.
    return (named,) if named else whole


def _zones(
    exchange: Exchange, address: Address, home: _Home, *, confirmed_zone: str | None, rulebook: Rulebook
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if confirmed_zone is not None:
        return _confirmed(confirmed_zone, exchange, home, rulebook)
    if home.abroad:
        return (), ("The address is one whose local time cannot be told.",)
    if not address.zip and not address.county and home.states == (exchange.jurisdiction,) and exchange.zones:
        return exchange.zones, ()  # a state alone says no more than its own area code does
    return zones.distinct((*home.zones, *exchange.zones)), ()


def _confirmed(
    name: str, exchange: Exchange, home: _Home, rulebook: Rulebook
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A zone the contact stated stands alone, if it lies in the country their number belongs to."""
    ours = exchange.region is None or exchange.region in rulebook.regions
    if name not in zones.of_regions(rulebook.regions if ours else (exchange.region or "",)):
        return (), (f"The stated zone {name} lies outside the number's country.",)
    states = [rulebook.jurisdictions[code] for code in home.states if code in rulebook.jurisdictions]
    return (_familiar(name, states),), ()


def _familiar(name: str, states: Iterable[Jurisdiction]) -> str:
    return zones.named_as(name, [zone for state in states for zone in state.zones]) or name


def _unsupported(exchange: Exchange, home: _Home, states: tuple[str, ...], rulebook: Rulebook) -> str | None:
    if exchange.region is not None and exchange.region not in rulebook.regions:
        return f"There is no rulebook for {exchange.region}, where this number belongs."
    strange = [state for state in home.states if state not in rulebook.jurisdictions]
    if strange:
        return f"There are no rules for {', '.join(strange)}, which the address names."
    return None if states else "Neither the number nor an address says which rules apply."

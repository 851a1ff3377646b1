"""The rulebook: a country's calling rules as data, checked when loaded, named by what it says.

A rulebook is a folder of TOML files. Its version, such as `us-2026-11-21@3f0c…`, holds a hash of everything the files
say, so two rulebooks of one version never differ; a released one is kept under `archive/` and stays loadable.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema_rs

from compliance import zones
from compliance.codes import Code
from compliance.holidays import WEEKDAYS, Holiday, Holidays, date_of

HOME = Path(__file__).parent / "rulebooks"
ARCHIVE = HOME / "archive"
_SHARED = ("rulebook", "federal", "purposes", "numbers")

Window = tuple[int, int]  # seconds of the local day, the start inside, the end outside
Week = tuple[tuple[Window, ...], ...]  # Monday first; no window closes the day


class BadRulebook(Exception):
    """The files do not say one clear thing; the text names the file and the place."""


class UnknownRulebook(Exception):
    """No rulebook of this name or version is kept."""


@dataclass(frozen=True, slots=True)
class Hours:
    week: Week
    citation: str


@dataclass(frozen=True, slots=True)
class HolidayHours:
    """What is left of a holiday for automated calls."""

    holidays: Holidays
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` attempts in any `hours` hours."""

    count: int
    hours: int
    per: str = "person"
    lifted_by_purchase_within_months: int | None = None
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """One jurisdiction's rules while they are in force, by the contact's local date."""

    since: date | None
    until: date | None
    reaches_by_area_code: bool
    reassigned_check_required: bool
    seller_registration: str
    automated_voice: str
    automated_voice_citation: str
    calling_hours: Hours | None = None
    automated_hours: Hours | None = None
    holidays: Holidays | None = None
    automated_holidays: HolidayHours | None = None
    caps: tuple[Cap, ...] = ()
    debt_cap: Cap | None = None
    mobile_citation: str | None = None
    emergency_citation: str | None = None
    registry_citation: str | None = None
    registry_max_age_days: int = 0
    max_rings: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Jurisdiction:
    code: str
    name: str
    zones: tuple[str, ...]
    area_codes: tuple[str, ...]
    clock: str | None  # the one clock its statute names, whatever the contact's wall shows
    citations: tuple[str, ...]
    confidence: str
    recording_consent: str
    laws: tuple[Law, ...]
    binds: Mapping[Code, frozenset[str]]
    page: Mapping[str, Any]  # everything its file says, for readers

    def law_on(self, day: date) -> Law:
        return next(law for law in self.laws if law.until is None or day <= law.until)


@dataclass(frozen=True, slots=True)
class Purpose:
    name: str
    consent: str
    exemptions: tuple[str, ...]
    reassigned: str
    binds: frozenset[Code]


@dataclass(frozen=True, slots=True)
class Exemption:
    name: str
    caps: tuple[Cap, ...]
    citation: str


@dataclass(frozen=True, slots=True)
class Federal:
    hours: Hours
    pewc_citation: str
    pec_citation: str
    revocation_citation: str
    internal_list_citation: str
    registry_citation: str
    registry_freshness_citation: str
    registry_max_age_days: int
    reassigned_citation: str
    reassigned_max_age_days: int
    line_type_max_age_days: int
    exemptions: Mapping[str, Exemption]
    debt: Cap
    debt_rest_days: int
    most_abandoned: float
    abandon_citation: str
    script_citation: str
    protected_citation: str


@dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    country: str
    as_of: date
    version: str
    regions: tuple[str, ...]
    federal: Federal
    purposes: Mapping[str, Purpose]
    jurisdictions: Mapping[str, Jurisdiction]
    by_area_code: Mapping[str, str]
    splits: Mapping[str, tuple[str, ...]]
    zips: Mapping[str, tuple[str, ...]]
    classes: Mapping[str, str]  # area code → toll_free, premium, personal, special, foreign


def load(country: str = "us") -> Rulebook:
    """The rulebook in force. Raises BadRulebook naming the file, or UnknownRulebook."""
    return load_folder(HOME / country)


@lru_cache(maxsize=8)
def load_folder(folder: Path) -> Rulebook:
    return build(read(folder))


@lru_cache(maxsize=64)
def load_version(version: str) -> Rulebook:
    """The rulebook of a stored clearance: the one in force, or one from the archive."""
    country, _, _ = version.partition("-")
    if re.fullmatch(r"[a-z]{2}-\d{4}-\d\d-\d\d@[0-9a-f]+", version) is None:
        raise UnknownRulebook(f"{version!r} is not a rulebook version. One looks like us-2026-11-21@3f0c9a1b2c3d.")
    kept = ARCHIVE / f"{version}.json"
    if kept.is_file():
        return _unchanged(build(json.loads(kept.read_text(encoding="utf-8"))), version)
    if (HOME / country).is_dir() and load(country).version == version:
        return load(country)
    raise UnknownRulebook(f"Rulebook {version} is neither in force nor in {ARCHIVE.name}/. Restore its file there.")


def _unchanged(rulebook: Rulebook, version: str) -> Rulebook:
    if rulebook.version != version:
        raise BadRulebook(f"archive/{version}.json no longer says what its name promises: it is {rulebook.version}.")
    return rulebook


def countries() -> tuple[str, ...]:
    return tuple(sorted(folder.name for folder in HOME.iterdir() if (folder / "rulebook.toml").is_file()))


def archived() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in ARCHIVE.glob("*.json")))


def freeze(country: str = "us") -> Path:
    """Keep the rulebook in force, for as long as clearances were judged by it."""
    document = read(HOME / country)
    path = ARCHIVE / f"{version_of(document)}.json"
    path.write_text(json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")
    return path


def version_of(document: Mapping[str, Any]) -> str:
    said = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    about = document["rulebook"]
    return f"{about['country']}-{about['as_of']}@{hashlib.sha256(said.encode()).hexdigest()[:12]}"


# Reading: files become one document, each checked under its own name.


def read(folder: Path) -> dict[str, Any]:
    if not (folder / "rulebook.toml").is_file():
        raise UnknownRulebook(f"There is no rulebook for {folder.name!r}.")
    document: dict[str, Any] = {"jurisdictions": {}}
    for path in sorted(folder.glob("*.toml")):
        content = _parse(path)
        if path.stem in _SHARED:
            _fits(content, path.stem, path.name)
            document[path.stem] = content
        else:
            _fits(content, "jurisdiction", path.name)
            _named_after_its_code(path, content)
            document["jurisdictions"][content["code"]] = content
    for part in _SHARED:
        if part not in document:
            raise BadRulebook(f"{folder.name}/{part}.toml is missing.")
    return document


def _parse(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = _plain(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadRulebook(f"{path.name} is not TOML: {problem}") from problem
    return content


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case date():
            return value.isoformat()
        case _:
            return value


def _named_after_its_code(path: Path, content: Mapping[str, Any]) -> None:
    if path.stem != content["code"].lower():
        raise BadRulebook(f"{path.name} speaks for {content['code']}; name it {content['code'].lower()}.toml.")


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((HOME / "schema.json").read_text(encoding="utf-8"))
    return schema


@lru_cache(maxsize=16)
def _validator(part: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$ref": f"#/$defs/{part}", "$defs": _schema()["$defs"]})


def _fits(content: Any, part: str, name: str) -> None:
    problem = next(iter(_validator(part).iter_errors(content)), None)
    if problem is not None:
        where = ".".join(str(step) for step in problem.instance_path) or "the page"
        raise BadRulebook(f"{name}: {where}: {problem.message}")


# Building: the document becomes what the judges read.


def build(document: Mapping[str, Any]) -> Rulebook:
    for part in _SHARED:
        _fits(document.get(part), part, f"{part}.toml")
    jurisdictions: dict[str, Jurisdiction] = {}
    for code, content in sorted(document["jurisdictions"].items()):
        _fits(content, "jurisdiction", _file(code))
        jurisdictions[code] = _jurisdiction(content)
    about, numbers = document["rulebook"], document["numbers"]
    federal = _federal(document["federal"])
    rulebook = Rulebook(
        country=about["country"],
        as_of=date.fromisoformat(about["as_of"]),
        version=version_of(document),
        regions=tuple(about["regions"]),
        federal=federal,
        purposes=_purposes(document["purposes"], federal),
        jurisdictions=jurisdictions,
        by_area_code=_by_area_code(jurisdictions.values()),
        splits={npa: tuple(names) for npa, names in numbers["splits"].items()},
        zips={code: tuple(names) for code, names in numbers["zips"].items()},
        classes={npa: kind for kind, npas in numbers["classes"].items() for npa in npas},
    )
    _check_numbers(rulebook)
    return rulebook


def _file(code: str) -> str:
    return f"{code.lower()}.toml"


def _jurisdiction(content: Mapping[str, Any]) -> Jurisdiction:
    name = _file(content["code"])
    laws = tuple(_law(law, name) for law in content["law"])
    _check_follow_on(laws, name)
    _check_zones([*content["zones"], *([content["clock"]] if "clock" in content else [])], name)
    return Jurisdiction(
        code=content["code"],
        name=content["name"],
        zones=tuple(content["zones"]),
        area_codes=tuple(content["area_codes"]),
        clock=content.get("clock"),
        citations=tuple(content["citations"]),
        confidence=content["confidence"],
        recording_consent=content["recording"]["consent"],
        laws=laws,
        binds={_code(code, name): frozenset(purposes) for code, purposes in content.get("binds", {}).items()},
        page=content,
    )


def _law(law: Mapping[str, Any], name: str) -> Law:
    voice = law["automated_voice"]
    return Law(
        since=_date(law.get("from"), name),
        until=_date(law.get("until"), name),
        reaches_by_area_code=law["reaches_by_area_code"],
        reassigned_check_required=law["reassigned_check_required"],
        seller_registration=law["seller_registration"],
        automated_voice=voice["level"],
        automated_voice_citation=voice.get("citation", ""),
        calling_hours=_hours(law.get("calling_hours"), name),
        automated_hours=_hours(law.get("automated_hours"), name),
        holidays=_holidays(law.get("holidays"), name),
        automated_holidays=_holiday_hours(law.get("automated_holidays"), name),
        caps=tuple(_cap(law[cap]) for cap in ("attempt_cap", "automated_attempt_cap") if cap in law),
        debt_cap=_cap(law["debt_cap"]) if "debt_cap" in law else None,
        mobile_citation=law.get("mobile_solicitation", {}).get("citation"),
        emergency_citation=law.get("emergency_ban", {}).get("citation"),
        registry_citation=law.get("registry", {}).get("citation"),
        registry_max_age_days=law.get("registry", {}).get("max_age_days", 0),
        max_rings=law.get("ring_limits", {}).get("max_rings"),
    )


def _date(text: str | None, name: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as problem:
        raise BadRulebook(f"{name}: {text} is not a date.") from problem


def _check_follow_on(laws: tuple[Law, ...], name: str) -> None:
    """Every date has exactly one wording: no overlap, no gap, the first without a start, the last without an end."""
    if laws[0].since is not None or laws[-1].until is not None:
        raise BadRulebook(
            f"{name}: the first [[law]] must have no `from`, the last no `until`, so that every date is covered."
        )
    for before, after in pairwise(laws):
        if before.until is None or after.since is None:
            raise BadRulebook(
                f"{name}: where one [[law]] follows another, give the first an `until` and the second a `from`."
            )
        if after.since <= before.until:
            raise BadRulebook(f"{name}: the [[law]] from {after.since} overlaps the one until {before.until}.")
        if after.since != before.until + timedelta(days=1):
            raise BadRulebook(f"{name}: nothing is said between {before.until} and {after.since}.")


def _hours(content: Mapping[str, Any] | None, name: str) -> Hours | None:
    if content is None:
        return None
    return Hours(week=tuple(windows(content[day], f"{name}: {day}") for day in WEEKDAYS), citation=content["citation"])


def windows(texts: Iterable[str], where: str) -> tuple[Window, ...]:
    """'09:00-18:00' as seconds of the day; in order and apart, or BadRulebook."""
    found = tuple((_second(text[:5]), _second(text[6:])) for text in texts)
    moments = [moment for window in found for moment in window]
    if any(later <= earlier for earlier, later in pairwise(moments)):
        raise BadRulebook(f"{where}: the windows {', '.join(texts)} overlap, touch or run backwards.")
    return found


def _second(text: str) -> int:
    return int(text[:2]) * 3600 + int(text[3:5]) * 60


def _holidays(content: Mapping[str, Any] | None, name: str) -> Holidays | None:
    if content is None:
        return None
    days = tuple(
        Holiday(
            name=day["name"],
            rule=day["rule"],
            strict_only=day.get("strict_only", False),
            counties=tuple(day.get("counties", ())),
        )
        for day in content["days"]
    )
    for day in days:
        _check_holiday(day, name)
    return Holidays(
        days=days, observed=tuple(sorted(content.get("observed", {}).items())), citation=content["citation"]
    )


def _check_holiday(day: Holiday, name: str) -> None:
    for year in (2027, 2028):
        try:
            date_of(day.rule, year)
        except ValueError as problem:
            raise BadRulebook(f"{name}: {day.name}: {day.rule} names no day in {year}.") from problem


def _holiday_hours(content: Mapping[str, Any] | None, name: str) -> HolidayHours | None:
    holidays = _holidays(content, name)
    if content is None or holidays is None:
        return None
    return HolidayHours(holidays=holidays, windows=windows(content["hours"], name))


def _cap(content: Mapping[str, Any]) -> Cap:
    return Cap(
        count=content["count"],
        hours=content["hours"],
        per=content.get("per", "person"),
        lifted_by_purchase_within_months=content.get("lifted_by_purchase_within_months"),
        citation=content.get("citation", ""),
    )


def _code(text: str, name: str) -> Code:
    try:
        return Code(text)
    except ValueError as problem:
        raise BadRulebook(f"{name}: there is no reason code {text}.") from problem


def _purposes(content: Mapping[str, Any], federal: Federal) -> dict[str, Purpose]:
    every = [_code(code, "purposes.toml") for code in content["every"]["binds"]]
    purposes = {
        name: Purpose(
            name=name,
            consent=row["consent"],
            exemptions=tuple(row["exemptions"]),
            reassigned=row["reassigned"],
            binds=frozenset([*every, *(_code(code, "purposes.toml") for code in row["binds"])]),
        )
        for name, row in content.items()
        if name != "every"
    }
    for purpose in purposes.values():
        for name in purpose.exemptions:
            if name not in federal.exemptions:
                raise BadRulebook(f"purposes.toml: {purpose.name}: federal.toml knows no exemption {name}.")
    return purposes


def _federal(content: Mapping[str, Any]) -> Federal:
    hours = _hours(content["hours"], "federal.toml")
    assert hours is not None
    return Federal(
        hours=hours,
        pewc_citation=content["consent"]["pewc"],
        pec_citation=content["consent"]["pec"],
        revocation_citation=content["consent"]["revocation"],
        internal_list_citation=content["internal_list"]["citation"],
        registry_citation=content["registry"]["citation"],
        registry_freshness_citation=content["registry"]["freshness"],
        registry_max_age_days=content["registry"]["max_age_days"],
        reassigned_citation=content["reassigned"]["citation"],
        reassigned_max_age_days=content["reassigned"]["max_age_days"],
        line_type_max_age_days=content["line_type"]["max_age_days"],
        exemptions={
            name: Exemption(name=row["name"], caps=tuple(map(_cap, row["caps"])), citation=row["citation"])
            for row in content["exemptions"]
            for name in (row["name"], *row.get("also_called", ()))
        },
        debt=_cap({**content["debt"], "per": "person_and_debt"}),
        debt_rest_days=content["debt"]["rest_days"],
        most_abandoned=content["abandon"]["most"],
        abandon_citation=content["abandon"]["citation"],
        script_citation=content["script"]["citation"],
        protected_citation=content["protected"]["citation"],
    )


def _by_area_code(jurisdictions: Iterable[Jurisdiction]) -> dict[str, str]:
    found: dict[str, str] = {}
    for jurisdiction in jurisdictions:
        for npa in jurisdiction.area_codes:
            if npa in found:
                raise BadRulebook(f"{_file(jurisdiction.code)}: area code {npa} already belongs to {found[npa]}.")
            found[npa] = jurisdiction.code
    return found


def _check_numbers(rulebook: Rulebook) -> None:
    for npa, kind in rulebook.classes.items():
        if npa in rulebook.by_area_code:
            raise BadRulebook(f"numbers.toml: {npa} is called {kind}, but {rulebook.by_area_code[npa]} claims it.")
    for npa, names in rulebook.splits.items():
        _check_zones(names, f"numbers.toml: {npa}")
        if npa not in rulebook.by_area_code:
            raise BadRulebook(f"numbers.toml: split area code {npa} belongs to no jurisdiction.")
    for code, names in rulebook.zips.items():
        _check_zones(names, f"numbers.toml: {code}")


def _check_zones(names: Iterable[str], where: str) -> None:
    for name in names:
        if name not in zones.known():
            raise BadRulebook(f"{where}: there is no time zone called {name}.")

"""The rulebook is data: it says one clear thing, or is refused by file and place."""

import json
import shutil
from pathlib import Path

import pytest

from compliance import rulebook
from compliance.rulebook import BadRulebook, UnknownRulebook
from tests.compliance.cast import BOOK


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rulebook to spoil."""
    return Path(shutil.copytree(rulebook.HOME / "us", tmp_path / "us"))


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_it_speaks_for_fifty_six_jurisdictions() -> None:
    assert len(BOOK.jurisdictions) == 56
    assert len(BOOK.by_area_code) == 365


def test_every_rule_cites_its_paragraph() -> None:
    for jurisdiction in BOOK.jurisdictions.values():
        for law in jurisdiction.laws:
            for rule in (law.calling_hours, law.automated_hours, law.holidays, *law.caps, law.debt_cap):
                assert rule is None or rule.citation, jurisdiction.code


SPOILED = [
    ("tx.toml", 'mon = ["09:00-21:00"]', 'mon = ["9-21"]', r"tx\.toml: law\.0\.calling_hours\.mon"),
    ("tx.toml", 'mon = ["09:00-21:00"]', 'mon = ["09:00-15:00", "14:00-21:00"]', r"tx\.toml: mon: .*overlap"),
    ("tx.toml", 'mon = ["09:00-21:00"]', 'mon = ["21:00-09:00"]', r"tx\.toml: mon: .*backwards"),
    ("tx.toml", 'mon = ["09:00-21:00"]\n', "", r"tx\.toml: law\.0\.calling_hours"),
    ("tx.toml", 'citation = "Tex. Bus. & Com. Code 301.051(b)(2)"\n', "", r"tx\.toml: .*citation"),
    ("tx.toml", 'code = "TX"', 'code = "TY"', r"tx\.toml speaks for TY"),
    ("tx.toml", '"America/Denver"', '"America/Denvr"', r"tx\.toml: .*America/Denvr"),
    ("tx.toml", '"214"', '"212"', r"area code 212 already belongs to NY"),
    ("tx.toml", '"214"', '"800"', r"numbers\.toml: 800 is called toll_free, but TX"),
    ("tx.toml", 'name = "Texas"', 'name = "Texas"\nmotto = "Friendship"', r"tx\.toml: .*motto"),
    ("tx.toml", 'name = "Texas"', 'name = "Texas', r"tx\.toml is not TOML"),
    ("pa.toml", "[[law]]\nfrom = 2026-10-18", "[[law]]\nfrom = 2026-10-17", r"pa\.toml: .*overlaps"),
    ("pa.toml", "until = 2026-10-17", "until = 2026-10-15", r"pa\.toml: nothing is said between"),
    ("pa.toml", "until = 2026-10-17\n", "", r"pa\.toml: where one \[\[law\]\] follows"),
    ("pa.toml", 'rule = "fixed:06-14"', 'rule = "fixed:06-31"', r"pa\.toml: Flag Day"),
    ("pa.toml", 'rule = "fixed:06-14"', 'rule = "whenever"', r"pa\.toml: law\.0\.holidays\.days\.5\.rule"),
    ("or.toml", "from = 2026-01-01", "from = 2026-02-30", r"or\.toml"),
    ("federal.toml", "max_age_days = 31", 'max_age_days = "a month"', r"federal\.toml: registry\.max_age_days"),
    ("purposes.toml", '"NATIONAL_DNC"', '"NATIONAL_DCN"', r"purposes\.toml: there is no reason code NATIONAL_DCN"),
    ("purposes.toml", 'exemptions = ["health_residential"]', 'exemptions = ["wealth"]', r"purposes\.toml: health"),
    ("numbers.toml", "208 = [", "200 = [", r"numbers\.toml: split area code 200"),
    ("rulebook.toml", 'country = "us"', 'country = "USA"', r"rulebook\.toml: country"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "said"), SPOILED)
def test_a_spoiled_file_is_refused_by_name_and_place(folder: Path, name: str, old: str, new: str, said: str) -> None:
    spoil(folder, name, old, new)

    with pytest.raises(BadRulebook, match=said):
        rulebook.build(rulebook.read(folder))


@pytest.mark.parametrize("name", ["federal.toml", "purposes.toml", "numbers.toml"])
def test_a_missing_shared_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(BadRulebook, match=name):
        rulebook.read(folder)


def test_the_version_follows_what_is_said_and_not_how_it_is_commented(folder: Path) -> None:
    spoil(folder, "tx.toml", "# Texas\n", "# Texas, the Lone Star State\n")
    assert rulebook.version_of(rulebook.read(folder)) == BOOK.version

    spoil(folder, "tx.toml", 'sun = ["12:00-21:00"]', 'sun = ["13:00-21:00"]')
    changed = rulebook.version_of(rulebook.read(folder))
    assert changed != BOOK.version
    assert changed.startswith("us-")


def test_a_country_without_a_rulebook_is_unknown() -> None:
    assert rulebook.countries() == ("us",)
    with pytest.raises(UnknownRulebook, match="'ca'"):
        rulebook.load("ca")


@pytest.mark.parametrize("version", ["us-2020-01-01@0123456789ab", "../../etc/passwd", "", "us"])
def test_an_unknown_version_is_refused(version: str) -> None:
    with pytest.raises(UnknownRulebook):
        rulebook.load_version(version)


def test_old_rulebooks_stay_loadable_and_say_what_their_name_promises() -> None:
    for version in rulebook.archived():
        assert rulebook.load_version(version).version == version
    assert rulebook.load_version(BOOK.version).version == BOOK.version


def test_a_released_rulebook_is_never_edited_under_its_date() -> None:
    """Change a rule, and `as_of` moves too; then freeze the new one."""
    of_this_date = [version for version in rulebook.archived() if version.startswith(f"us-{BOOK.as_of}@")]

    assert of_this_date == [BOOK.version]


def test_a_forged_archive_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rulebook, "ARCHIVE", tmp_path)
    kept = rulebook.freeze("us")
    document = json.loads(kept.read_text(encoding="utf-8"))
    document["federal"]["debt"]["count"] = 70
    kept.write_text(json.dumps(document), encoding="utf-8")
    rulebook.load_version.cache_clear()

    with pytest.raises(BadRulebook, match="no longer says"):
        rulebook.load_version(BOOK.version)
    rulebook.load_version.cache_clear()

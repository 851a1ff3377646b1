"""The rulebook as a grid, as a calendar, and law by law."""

from datetime import date

import pytest

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance import actions, reading, rulebook
from compliance.policy import NO_POLICY, OwnHoliday, Policy
from tests.compliance_pages.reading import ClientOf, shown, url
from tests.conftest import NOW

SUNDAY, TUESDAY = date(2026, 11, 1), date(2026, 3, 3)


def rows(day: date, purpose: str = "marketing", policy: Policy = NO_POLICY) -> dict[str, reading.Row]:
    found = reading.grid(day, purpose=purpose, policy=policy, rulebook=rulebook.load())
    return {row.jurisdiction.code: row for row in found}


def open_hours(row: reading.Row) -> list[int]:
    return [hour for hour, state in enumerate(row.hours) if state == "open"]


def test_every_jurisdiction_stands_on_the_grid_with_its_hours(client_of: ClientOf, ada: User) -> None:
    page = shown(client_of(ada).get(url("rulebook")))
    assert "Tuesday, 3 March 2026" in page
    assert "Florida allows sales calls from 08:00 to 20:00." in page
    assert rulebook.load().version in page
    assert page.count("Open 08:00 to 21:00.") > 20


@pytest.mark.parametrize(
    ("code", "day", "hours"),
    [
        ("NY", TUESDAY, range(8, 21)),
        ("FL", TUESDAY, range(8, 20)),
        ("TX", SUNDAY, range(12, 21)),
        ("AL", SUNDAY, ()),
        ("PA", SUNDAY, ()),
        ("PA", date(2026, 3, 1), range(8, 21)),  # a Sunday under the law of before
        ("LA", date(2026, 2, 17), ()),  # Mardi Gras
    ],
)
def test_the_hours_of_a_day_are_those_of_the_law_in_force(code: str, day: date, hours: range) -> None:
    assert open_hours(rows(day)[code]) == list(hours)


def test_what_sells_nothing_has_the_federal_hours_on_a_sunday() -> None:
    assert open_hours(rows(SUNDAY, "informational")["AL"]) == list(range(8, 21))


def test_a_day_the_workspace_keeps_itself_closes_every_row(
    client_of: ClientOf, ada: User, olive: User, harbor: Workspace
) -> None:
    with in_workspace(harbor.pk):
        rules = Policy(holidays=(OwnHoliday(day=TUESDAY, name="Founder's Day"),))
        actions.make_stricter(rules, by=olive, now=NOW)
    client = client_of(ada)
    page = shown(client.get(url("rulebook")))
    assert "This workspace does not call on Founder's Day." in page
    assert "Tue 3 Mar Today Founder's Day This workspace" in shown(client.get(url("rulebook_calendar")))


def test_a_holiday_is_marked_on_its_day(client_of: ClientOf, ada: User) -> None:
    page = shown(client_of(ada).get(url("rulebook", query={"day": "2026-07-24"})))
    assert "Utah allows no sales calls on Pioneer Day." in page
    assert "Holiday" in page


@pytest.mark.parametrize("query", [{"day": "soon"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"purpose": "fun"}])
def test_a_day_nobody_can_read_is_told(client_of: ClientOf, ada: User, query: dict[str, object]) -> None:
    shown(client_of(ada).get(url("rulebook", query=query)), status=422)
    shown(client_of(ada).get(url("rulebook_calendar", query={"year": "soon"})), status=422)


def test_the_calendar_names_holidays_and_where_they_close(client_of: ClientOf, ada: User) -> None:
    page = shown(client_of(ada).get(url("rulebook_calendar", query={"year": 2027})))
    assert "Tue 9 Feb Mardi Gras (Baldwin, Mobile only); Mardi Gras Alabama, Louisiana" in page


def test_a_jurisdictions_page_shows_each_wording_with_its_citation_and_confidence(
    client_of: ClientOf, ada: User
) -> None:
    page = shown(client_of(ada).get(url("jurisdiction", jurisdiction="PA")))
    assert "Since 18 October 2026 To come" in page
    assert "Until 17 October 2026 In force" in page
    assert "Monday to Saturday from 09:00 to 19:00 Sunday at no time that day" in page
    assert "73 P.S. 2245(a)(1) as amended by Act 47 of 2026" in page
    assert "From memory, not re-read" in page


@pytest.mark.parametrize("code", sorted(rulebook.load().jurisdictions))
def test_every_law_can_be_read(code: str) -> None:
    law = rulebook.load().jurisdictions[code]
    for wording in reading.wordings(law, today=TUESDAY):
        named = {entry.title for entry in wording.entries}
        assert "Artificial voice" in named
        assert all(sentence.strip() for entry in wording.entries for sentence in entry.sentences)
    assert reading.clocks_said(law)


def test_no_such_jurisdiction_is_not_found(client_of: ClientOf, ada: User) -> None:
    assert client_of(ada).get(url("jurisdiction", jurisdiction="ZZ")).status_code == 404

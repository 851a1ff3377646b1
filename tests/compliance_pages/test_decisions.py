"""Why was this number not called on Sunday? Searching decisions, opening one, judging it again."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from accounts.tenancy import in_workspace
from compliance import ledger, rulebook
from compliance.models import Clearance, Seller
from tests.compliance_clearing.cast import BEN, CHLOE, clear_one
from tests.compliance_pages.reading import ClientOf, shown, url
from tests.conftest import NOW

SUNDAY = NOW - timedelta(days=2, hours=-7)  # 17:30 on Sunday 1 March, in New York
NIGHT = NOW - timedelta(hours=9)


@pytest.fixture
def refused(harbor: Workspace, seller: Seller) -> Clearance:
    with in_workspace(harbor.pk):
        return clear_one(seller, now=NIGHT)


@pytest.fixture
def granted(harbor: Workspace, seller: Seller) -> Clearance:
    with in_workspace(harbor.pk):
        return clear_one(seller, number=BEN, person_key="ben")


def test_an_empty_workspace_says_what_will_appear_here(client_of: ClientOf, ada: User) -> None:
    assert "No decisions yet" in shown(client_of(ada).get(url("decisions")))


def test_decisions_are_listed_with_their_first_reason(
    client_of: ClientOf, ada: User, refused: Clearance, granted: Clearance
) -> None:
    response = client_of(ada).get(url("decisions"))
    page = shown(response)
    assert [clearance.pk for clearance in response.context["decisions"]] == [granted.pk, refused.pk]
    assert "Every gate passed" in page
    assert "there it is 01:30 on Tuesday (America/New_York). spring" in page


def test_a_number_is_searched_however_it_is_written_and_stands_in_no_address(
    client_of: ClientOf, ada: User, refused: Clearance, granted: Clearance
) -> None:
    response = client_of(ada).post(url("decisions"), {"number": "(212) 555-0123"}, follow=True)
    assert [clearance.pk for clearance in response.context["decisions"]] == [refused.pk]
    [(address, _)] = response.redirect_chain
    assert "5550123" not in address
    assert "?about=" in address


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"outcome": "refused"}, "refused"),
        ({"outcome": "granted"}, "granted"),
        ({"code": "HOURS_FEDERAL"}, "refused"),
        ({"code": "NATIONAL_DNC"}, "nothing"),
        ({"campaign": "spring"}, "both"),
        ({"campaign": "autumn"}, "nothing"),
        ({"since": "2026-03-03", "until": "2026-03-03"}, "both"),
        ({"until": "2026-03-02"}, "nothing"),
    ],
)
def test_decisions_are_found_by_answer_reason_campaign_and_day(
    client_of: ClientOf, ada: User, refused: Clearance, granted: Clearance, asked: dict[str, str], found: str
) -> None:
    response = client_of(ada).post(url("decisions"), asked, follow=True)
    shown(response)
    pks = {clearance.pk for clearance in response.context["decisions"]}
    expected = {"refused": {refused.pk}, "granted": {granted.pk}, "both": {refused.pk, granted.pk}, "nothing": set()}
    assert pks == expected[found]


def test_a_day_is_a_day_of_the_person_asked_about(
    client_of: ClientOf, ada: User, seller: Seller, harbor: Workspace
) -> None:
    with in_workspace(harbor.pk):
        late = clear_one(seller, now=NOW - timedelta(hours=12))  # 22:30 on Monday there, Tuesday in UTC
    of_monday = {"number": CHLOE, "since": "2026-03-02", "until": "2026-03-02"}
    response = client_of(ada).post(url("decisions"), of_monday, follow=True)
    assert [clearance.pk for clearance in response.context["decisions"]] == [late.pk]
    assert "days asked for are days in New York" in shown(response)


def test_a_day_without_a_decision_leads_to_what_the_rules_say_of_it(
    client_of: ClientOf, ada: User, seller: Seller
) -> None:
    client = client_of(ada)
    response = client.post(url("decisions"), {"number": CHLOE, "since": "2026-03-01"}, follow=True)
    assert "nobody asks" in shown(response)
    page = shown(client.get(response.context["ask_url"]))
    assert "New York, Sunday 12:00 EST" in page


def test_a_last_day_before_the_first_is_told(client_of: ClientOf, ada: User) -> None:
    response = client_of(ada).post(url("decisions"), {"since": "2026-03-02", "until": "2026-03-01"})
    assert "The last day lies before the first" in shown(response, status=422)


def test_a_page_that_is_no_longer_there_leads_to_the_first(client_of: ClientOf, ada: User) -> None:
    response = client_of(ada).get(url("decisions", query={"cursor": "stale"}), follow=True)
    assert "this is the first one" in shown(response)


def test_a_number_sealed_in_another_workspace_opens_nothing(
    client_of: ClientOf, olive: User, sam: User, seller: Seller
) -> None:
    ours = client_of(olive).post(url("decisions"), {"number": CHLOE}).headers["Location"]
    theirs = client_of(sam).get(ours.replace("/w/harbor/", "/w/summit/"))
    assert theirs.context["number"] == ""


def test_one_decision_tells_everything_it_was_made_of(client_of: ClientOf, ada: User, refused: Clearance) -> None:
    page = shown(client_of(ada).get(url("decision", clearance_id=refused.pk)))
    for words in (
        "Refused",
        "Calls may be made from 08:00 to 21:00; there it is 01:30 on Tuesday (America/New_York).",
        "47 CFR 64.1200(c)(1)",
        "New York, Tuesday 01:30 EST",
        "Written consent to sales calls, given 2026-02-21",
        refused.rulebook,
        "Not sealed yet",
        '"confirmed_zone": null',
    ):
        assert words in page


def test_a_refusal_repeated_says_how_often(
    client_of: ClientOf, ada: User, refused: Clearance, harbor: Workspace, seller: Seller
) -> None:
    with in_workspace(harbor.pk):
        clear_one(seller, now=NIGHT + timedelta(minutes=1))
    page = shown(client_of(ada).get(url("decision", clearance_id=refused.pk)))
    assert "The same answer was given 1 time more, last 3 Mar 2026, 06:31 UTC." in page


def test_a_granted_one_says_how_it_ended(client_of: ClientOf, ada: User, granted: Clearance, harbor: Workspace) -> None:
    client, address = client_of(ada), url("decision", clearance_id=granted.pk)
    assert "Good for one call until" in shown(client.get(address))
    with in_workspace(harbor.pk):
        granted.use(number=BEN, campaign_key="spring", now=NOW)
    assert "Used for a call 3 Mar 2026, 15:30 UTC." in shown(client.get(address))


def test_a_sealed_one_says_so(
    client_of: ClientOf,
    ada: User,
    refused: Clearance,
    harbor: Workspace,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.LEDGER_HEADS = str(tmp_path / "heads.jsonl")
    ledger.seal(workspace=harbor, now=NOW)
    page = shown(client_of(ada).get(url("decision", clearance_id=refused.pk)))
    assert "Sealed in batch 1, 3 Mar 2026, 15:30 UTC" in page


def test_replaying_says_that_the_answer_is_the_same(
    client_of: ClientOf, ada: User, refused: Clearance, granted: Clearance
) -> None:
    for clearance in (refused, granted):
        page = shown(client_of(ada).get(url("replay_decision", clearance_id=clearance.pk)))
        assert "The same answer" in page
        assert "which is in force today" in page


def test_a_decision_that_was_tampered_with_does_not_replay_the_same(
    client_of: ClientOf,
    committed_db: None,
    harbor: Workspace,
    olive: User,
    superuser_sql: psycopg.Connection,
    seller: Seller,
) -> None:
    with in_workspace(harbor.pk):
        refused = clear_one(seller, now=NIGHT)
    facts = {**json.loads(refused.facts), "at": NOW.isoformat()}
    superuser_sql.execute("UPDATE compliance_clearance SET facts = %s", [json.dumps(facts)])
    page = shown(client_of(olive).get(url("replay_decision", clearance_id=refused.pk)))
    assert "The same answer" not in page
    assert "Another answer: granted" in page


def test_a_decision_whose_rulebook_is_lost_is_still_told(
    client_of: ClientOf,
    committed_db: None,
    harbor: Workspace,
    olive: User,
    superuser_sql: psycopg.Connection,
    seller: Seller,
) -> None:
    with in_workspace(harbor.pk):
        refused = clear_one(seller, now=NIGHT)
    superuser_sql.execute("UPDATE compliance_clearance SET rulebook = 'us-2020-01-01@000000000000'")
    page = shown(client_of(olive).get(url("replay_decision", clearance_id=refused.pk)))
    assert "Its rulebook is not kept here" in page
    assert "Under the rulebook in force" in page
    assert rulebook.load().version in page


@pytest.mark.parametrize("number", ["", "911", "call me", "+442079460123"])
def test_what_a_campaign_asked_about_something_that_is_no_number_can_be_read_too(
    client_of: ClientOf, ada: User, seller: Seller, harbor: Workspace, number: str
) -> None:
    with in_workspace(harbor.pk):
        refused = clear_one(seller, number=number)
    client = client_of(ada)
    page = shown(client.get(url("decision", clearance_id=refused.pk)))
    assert "Refused" in page
    shown(client.get(url("decisions")))


def test_anothers_decision_is_not_found(client_of: ClientOf, sam: User, refused: Clearance) -> None:
    path = url("decision", clearance_id=refused.pk).replace("/w/harbor/", "/w/summit/")
    assert client_of(sam).get(path).status_code == 404


@pytest.mark.browser
def test_why_was_this_number_not_called_on_sunday(
    page: Page, sign_in: object, harbor: Workspace, olive: User, ada: User, seller: Seller
) -> None:
    with in_workspace(harbor.pk):
        clear_one(seller, now=NOW - timedelta(days=2, hours=9))
    sign_in(page, ada.email)  # type: ignore[operator]
    page.get_by_role("link", name="Decisions").click()
    page.get_by_label("Number").fill("+1 212 555 0123")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", name="Refused")).to_be_visible()
    expect(page.get_by_text("there it is 01:30 on Sunday").first).to_be_visible()
    expect(page.get_by_text("47 CFR 64.1200(c)(1)").first).to_be_visible()
    page.get_by_role("link", name="Replay").click()
    expect(page.get_by_text("The same answer")).to_be_visible()

"""Judged again from what was kept, every answer is the same; under another rulebook the difference shows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from compliance import actions, clearing, replay, rulebook
from compliance.candidates import Candidate
from compliance.facts import Address
from compliance.models import Clearance, Seller, Suppression
from compliance.rulebook import Cap, Rulebook
from compliance.wishes import OptOut
from tests.compliance_clearing.cast import BEN, CHLOE, agree, clear_one
from tests.conftest import NOW

A_WEEK = timedelta(days=7)
AREAS = ("212", "305", "504", "808", "907", "602", "928", "671", "787", "217", "208", "601", "555")


@pytest.fixture(autouse=True)
def kept_rulebook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rulebook in force stays the one it was, whoever edits its files while this runs."""
    book = rulebook.load()
    rulebook.load_version.cache_clear()
    monkeypatch.setattr(rulebook, "load_version", lambda version: book if version == book.version else _lost(version))
    yield
    monkeypatch.undo()


def _lost(version: str) -> Rulebook:
    raise rulebook.UnknownRulebook(f"Rulebook {version} is lost.")


def clear_some(seller: Seller) -> None:
    actions.suppress(OptOut(numbers=[BEN], how=Suppression.How.VOICE), by=None, now=NOW)
    agree(seller, number="+12125550190", says_not_a_condition=False)
    for hour in range(0, 24, 3):
        for number in (CHLOE, BEN, "+12125550190"):
            clear_one(seller, number=number, campaign_key=f"{hour}", now=NOW + timedelta(hours=hour))


def test_under_its_own_rulebook_every_word_is_the_same(inside: Workspace, seller: Seller) -> None:
    clear_some(seller)
    difference = replay.replay(first=NOW, last=NOW + A_WEEK)
    assert difference.judged == Clearance.objects.count() > 20
    assert difference.none


def test_only_the_period_asked_for_is_judged_again(inside: Workspace, seller: Seller) -> None:
    for hour in range(3):
        clear_one(seller, campaign_key=f"{hour}", now=NOW + timedelta(hours=hour))
    difference = replay.replay(first=NOW + timedelta(hours=1), last=NOW + timedelta(hours=2))
    assert difference.judged == 1


def stricter(book: Rulebook) -> Rulebook:
    """New York allows one call a day, and nobody needs a seller's word any more in any state."""
    new_york = book.jurisdictions["NY"]
    laws = tuple(replace(law, caps=(Cap(count=1, hours=24, citation="made up"),)) for law in new_york.laws)
    purposes = {
        name: replace(purpose, binds=purpose.binds - {"SCRIPT_INCOMPLETE", "SELLER_NOT_REGISTERED"})
        for name, purpose in book.purposes.items()
    }
    jurisdictions = {**book.jurisdictions, "NY": replace(new_york, laws=laws)}
    return replace(book, version="us-2027-01-01@0123456789ab", jurisdictions=jurisdictions, purposes=purposes)


def test_under_another_one_it_shows_what_that_one_would_have_done(inside: Workspace, seller: Seller) -> None:
    for minute in range(3):
        clear_one(seller, now=NOW + timedelta(minutes=minute)).use(
            number=CHLOE, campaign_key="spring", now=NOW + timedelta(minutes=minute)
        )
    clear_one(seller, number=BEN, person_key="ben", address=Address(state="NJ", zip="07030"))
    difference = replay.replay(first=NOW, last=NOW + A_WEEK, under=stricter(rulebook.load()))
    assert difference.judged == 4
    assert [row.verdict.codes for row in difference.would_refuse] == [("ATTEMPT_CAP",)] * 2
    assert [row.clearance.number for row in difference.would_grant] == [BEN]
    assert not difference.other_reasons


def test_a_lost_rulebook_is_said_and_not_guessed_around(
    inside: Workspace, seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear_one(seller)
    monkeypatch.setattr(rulebook, "load_version", _lost)
    difference = replay.replay(first=NOW, last=NOW + A_WEEK)
    assert len(difference.rulebook_lost) == 1
    assert not difference.none


def test_the_command_says_it_in_a_line(harbor: Workspace, seller: Seller) -> None:
    with in_workspace(harbor.pk):
        clear_some(seller)
    said = StringIO()
    call_command("replay", "--from", "2026-03-03", "--to", "2026-03-10", stdout=said)
    assert "judged again, all with the same answer." in said.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "yesterday", "--to", "2026-03-10"),
        ("--from", "2026-03-03", "--to", "2026-03-10", "--rulebook", "nonsense"),
    ],
)
def test_the_command_asks_for_what_it_can_read(words: tuple[str, ...], harbor: Workspace) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("replay", *words)


candidates = st.builds(
    Candidate,
    number=st.one_of(
        st.builds("+1{}55501{:02}".format, st.sampled_from(AREAS), st.integers(0, 99)),
        st.sampled_from(["+442079460123", "+18005550123", "nonsense", "+1911"]),
    ),
    person_key=st.sampled_from(["ada", "ben", "chloe"]),
    campaign_key=st.sampled_from(["spring", "autumn"]),
    seller_id=st.just(0),
    purpose=st.sampled_from(sorted(rulebook.load().purposes)),
    channel=st.sampled_from(["CALL", "TEXT"]),
    address=st.builds(
        Address,
        state=st.sampled_from([None, "NY", "FL", "LA", "HI", "AZ", "ID", "XX"]),
        zip=st.sampled_from([None, "10001", "33101", "70112", "99999", "86515"]),
        county=st.sampled_from([None, "Orleans"]),
    ),
    confirmed_zone=st.sampled_from([None, "America/Chicago", "Europe/Paris", "Pacific/Guam"]),
    line_type=st.sampled_from([None, "mobile", "landline", "voip"]),
    line_type_source=st.sampled_from([None, "carrier_lookup"]),
    line_type_checked_at=st.sampled_from([None, NOW - timedelta(days=2)]),
    debt=st.sampled_from([None, "17"]),
    exemption=st.sampled_from([None, "health_residential", "nonprofit_residential"]),
    script_complete=st.sampled_from([True, False, None]),
    abandon_rate=st.sampled_from([None, 0.0, 0.0301]),
)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(candidates, min_size=1, max_size=4), at=instants)
def test_whatever_was_asked_the_answer_can_be_given_again(
    asked: list[Candidate], at: datetime, inside: Workspace, seller: Seller
) -> None:
    """Through the database and back: facts, reasons and the next lawful instant, to the microsecond."""
    answers = clearing.clear([replace(each, seller_id=seller.pk) for each in asked], now=at)
    for answer in Clearance.objects.filter(pk__in={answer.pk for answer in answers}):
        assert replay.replay_one(answer).identical


def test_an_answer_changed_by_hand_is_not_identical(inside: Workspace, seller: Seller) -> None:
    clearance = clear_one(seller, purpose="survey", script_complete=None)
    clearance.refusals = []
    assert not replay.replay_one(clearance).identical

"""May this number be called now? From stored facts alone, with every reason, and kept."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actions import Refused
from accounts.models import User, Workspace
from accounts.tenancy import CrossedWall, in_workspace
from compliance import actions, clearing
from compliance.codes import Code
from compliance.evidence import Evidence
from compliance.facts import Address
from compliance.gather import CannotClear
from compliance.models import Clearance, ClearanceEnd, Consent, RefusalRepeat, Seller, StaleClearance, Suppression
from compliance.policy import Emergency, OwnCap, Policy
from compliance.wishes import OptOut
from tests.compliance_clearing.cast import BEN, CHLOE, DEV, agree, clear_one, load_list, sell, wanted
from tests.conftest import NOW

SUNDAY_NIGHT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def test_a_lawful_call_is_cleared(inside: Workspace, seller: Seller) -> None:
    clearance = clear_one(seller)
    assert clearance.codes == []
    kept = Clearance.objects.get()
    assert (kept.state, kept.granted, kept.judged_at) == ("GRANTED", True, NOW)
    assert kept.expires_at == NOW + timedelta(seconds=30)
    assert kept.read_facts().number == CHLOE


def test_it_answers_in_the_order_it_was_asked(inside: Workspace, seller: Seller) -> None:
    asked = [wanted(seller, number=number, person_key=number) for number in (DEV, "+12125550199", CHLOE, BEN)]
    answers = clearing.clear(asked, now=NOW)
    assert [answer.number for answer in answers] == [candidate.number for candidate in asked]
    assert [answer.granted for answer in answers] == [True, False, True, True]
    assert all(answer.pk for answer in answers)


def test_considering_keeps_nothing(inside: Workspace, seller: Seller) -> None:
    [considered] = clearing.consider([wanted(seller)], now=NOW)
    assert considered.verdict.granted
    assert not Clearance.objects.exists()


def opt_out(_: Seller, by: User) -> None:
    actions.suppress(OptOut(numbers=[CHLOE], how=Suppression.How.VOICE), by=by, now=NOW)


def take_consent_back(_: Seller, by: User) -> None:
    actions.revoke_consent(number=CHLOE, channel="text", by=by, now=NOW)


def take_all_consents_back(_: Seller, by: User) -> None:
    actions.revoke_consent(person_key="chloe", channel="letter", by=by, now=NOW)


def withdraw_attestation(seller: Seller, by: User) -> None:
    actions.withdraw_attestation(seller.attestations.get(), by=by, now=NOW)


def list_as_litigator(seller: Seller, _: User) -> None:
    load_list(seller.workspace, kind="LITIGATOR", listed=[CHLOE])


def declare_emergency(_: Seller, by: User) -> None:
    storm = Emergency("NY", starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=1))
    actions.make_stricter(Policy(emergencies=(storm,)), by=by, now=NOW)


def allow_none(seller: Seller, by: User) -> None:
    actions.make_stricter(Policy(caps=(OwnCap(count=1, hours=1),)), by=by, now=NOW)
    assert clear_one(seller, now=NOW - timedelta(seconds=10)).granted


@pytest.mark.parametrize(
    ("take_away", "code"),
    [
        (opt_out, Code.INTERNAL_DNC),
        (take_consent_back, Code.CONSENT_REVOKED),
        (take_all_consents_back, Code.CONSENT_REVOKED),
        (withdraw_attestation, Code.SELLER_NOT_REGISTERED),
        (list_as_litigator, Code.LITIGATOR),
        (declare_emergency, Code.EMERGENCY_BAN),
        (allow_none, Code.ATTEMPT_CAP),
    ],
)
def test_taking_one_thing_away_refuses_with_its_reason(
    take_away: Callable[[Seller, User], None], code: Code, inside: Workspace, seller: Seller, olive: User
) -> None:
    take_away(seller, olive)
    clearance = clear_one(seller)
    assert not clearance.granted
    assert code in clearance.codes
    assert {refusal["code"] for refusal in clearance.refusals} == set(clearance.codes)
    assert all(refusal["text"] for refusal in clearance.refusals)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"script_complete": None}, Code.SCRIPT_INCOMPLETE),
        ({"abandon_rate": 0.04}, Code.ABANDON_RATE),
        ({"address": Address(state="NJ", zip="07030")}, Code.SELLER_NOT_REGISTERED),
        ({"number": "+12125550199", "person_key": "fay"}, Code.NO_CONSENT_PEWC),
        ({"number": "+442079460123", "person_key": "fay"}, Code.UNSUPPORTED_JURISDICTION),
        ({"number": "nonsense", "person_key": "fay"}, Code.INVALID_NUMBER),
        ({"number": "+18005550123", "person_key": "fay"}, Code.NON_GEOGRAPHIC_NUMBER),
        ({"person_key": "somebody else at that number"}, None),
    ],
)
def test_what_the_candidate_lacks_is_named(
    parts: dict[str, Any], code: Code | None, inside: Workspace, seller: Seller
) -> None:
    clearance = clear_one(seller, **parts)
    assert (clearance.codes == []) if code is None else (code in clearance.codes)


def test_all_reasons_are_given_at_once(inside: Workspace, seller: Seller, olive: User) -> None:
    opt_out(seller, olive)
    withdraw_attestation(seller, olive)
    clearance = clear_one(seller, now=SUNDAY_NIGHT + timedelta(days=2), script_complete=False)
    assert {"INTERNAL_DNC", "SELLER_NOT_REGISTERED", "HOURS_FEDERAL", "SCRIPT_INCOMPLETE"} <= set(clearance.codes)


def test_outside_the_hours_it_says_when_they_open(inside: Workspace, seller: Seller) -> None:
    early = datetime(2026, 3, 3, 12, 59, 59, tzinfo=UTC)
    clearance = clear_one(seller, now=early)
    assert clearance.codes == ["HOURS_FEDERAL"]
    assert clearance.next_allowed_at == early + timedelta(seconds=1)
    assert clear_one(seller, now=early + timedelta(seconds=1)).granted


def test_no_call_begins_so_late_that_it_rings_past_the_hours(inside: Workspace, seller: Seller) -> None:
    closes = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
    assert clear_one(seller, now=closes - timedelta(seconds=61)).granted
    assert clear_one(seller, now=closes - timedelta(seconds=60)).codes == ["HOURS_FEDERAL"]
    assert clear_one(seller, now=closes - timedelta(seconds=60), channel="TEXT").granted


# Registries


def test_without_a_registry_nobody_is_called_to_be_sold_to(harbor: Workspace, olive: User) -> None:
    with in_workspace(harbor.pk):
        seller = sell(olive)
        agree(seller)
        codes = clear_one(seller).codes
    assert codes == ["DNC_SNAPSHOT_STALE", "RND_NO_DATA"]


@pytest.mark.parametrize(("days", "codes"), [(31, []), (32, ["DNC_SNAPSHOT_STALE"])])
def test_a_registry_may_be_thirty_one_days_old(days: int, codes: list[str], inside: Workspace, seller: Seller) -> None:
    as_of = NOW.date() - timedelta(days=days)
    load_list(inside, seller_key=seller.key, as_of=as_of)
    assert clear_one(seller).codes == codes


def test_a_listed_number_is_called_on_a_complete_written_consent_only(harbor: Workspace, olive: User) -> None:
    with in_workspace(harbor.pk):
        seller = sell(olive)
        load_list(harbor, listed=[CHLOE, BEN])
        agree(seller)
        agree(seller, number=BEN, says_not_a_condition=False)
        asked = [wanted(seller), wanted(seller, number=BEN, person_key="ben")]
        chloe, ben = clearing.clear(asked, now=NOW)
    assert "NATIONAL_DNC" not in chloe.codes
    assert {"NATIONAL_DNC", "NO_CONSENT_PEWC"} <= set(ben.codes)


def test_the_sellers_own_subscription_comes_before_the_workspaces(inside: Workspace, seller: Seller) -> None:
    own = load_list(inside, listed=[CHLOE], seller_key=seller.key, as_of=NOW.date() - timedelta(days=1))
    clearance = clear_one(seller)
    assert own.seller_key == "harbor-dental-ltd"
    assert clearance.read_facts().national.listed is True
    assert clearance.read_facts().national.age_days == 1


# Consents


def test_a_declaration_for_a_whole_file_carries_a_reminder_and_never_a_sale(inside: Workspace, seller: Seller) -> None:
    agree(
        seller,
        number="+12125550177",
        kind=Consent.Kind.PEC,
        origin=Consent.Origin.DECLARATION,
        evidence=Evidence(note="Patients gave their numbers for reminders"),
    )
    ask: dict[str, Any] = {"number": "+12125550177", "person_key": "ida"}
    actions.waive_reassigned_check(reason="Asked for at each visit", by=User.objects.get(name="Olive Owens"), now=NOW)
    assert clear_one(seller, purpose="informational", **ask).granted
    assert "NO_CONSENT_PEWC" in clear_one(seller, **ask).codes
    with pytest.raises(Refused):
        agree(seller, number="+12125550177", kind=Consent.Kind.PEWC, origin=Consent.Origin.DECLARATION)


def test_a_consent_to_one_seller_is_none_to_another(inside: Workspace, seller: Seller, olive: User) -> None:
    other = sell(olive, name="Harbor Whitening Ltd")
    assert "NO_CONSENT_PEWC" in clear_one(other).codes


def test_a_consent_of_somebody_else_at_the_number_does_not_count(inside: Workspace, seller: Seller) -> None:
    agree(seller, number="+12125550178", person_key="mia")
    assert "NO_CONSENT_PEWC" in clear_one(seller, number="+12125550178", person_key="noah").codes
    assert "NO_CONSENT_PEWC" not in clear_one(seller, number="+12125550178", person_key="mia").codes


def test_taking_back_sales_calls_leaves_reminders_alone(inside: Workspace, seller: Seller, olive: User) -> None:
    actions.revoke_consent(number=CHLOE, scope="marketing", channel="text", by=olive, now=NOW)
    assert "CONSENT_REVOKED" in clear_one(seller).codes
    assert clear_one(seller, purpose="informational").granted


def test_taking_back_one_purpose_after_another_takes_back_each(inside: Workspace, seller: Seller, olive: User) -> None:
    for minute, scope in enumerate(("marketing", "informational", "survey")):
        at = NOW + timedelta(minutes=minute)
        actions.revoke_consent(number=CHLOE, scope=scope, channel="text", by=olive, now=at)
    later = NOW + timedelta(minutes=5)
    assert "CONSENT_REVOKED" in clear_one(seller, now=later).codes
    assert "CONSENT_REVOKED" in clear_one(seller, purpose="informational", now=later).codes
    assert "CONSENT_REVOKED" in clear_one(seller, purpose="survey", now=later).codes
    assert clear_one(seller, purpose="political", now=later).granted


def test_a_later_complete_consent_speaks_again(inside: Workspace, seller: Seller, olive: User) -> None:
    actions.revoke_consent(number=CHLOE, channel="text", by=olive, now=NOW)
    later = NOW + timedelta(minutes=5)
    agree(seller, at=later, says_not_a_condition=None)
    assert "CONSENT_REVOKED" in clear_one(seller, now=later).codes
    agree(seller, at=later)
    assert clear_one(seller, now=later).granted


# Caps


def test_three_calls_in_a_day_are_the_most_over_all_numbers_and_campaigns(inside: Workspace, seller: Seller) -> None:
    for count, number in enumerate((CHLOE, BEN, CHLOE)):
        clearance = clear_one(
            seller, number=number, campaign_key=f"campaign {count}", now=NOW + timedelta(minutes=count)
        )
        clearance.use(number=number, campaign_key=f"campaign {count}", now=NOW + timedelta(minutes=count, seconds=5))
    refused = clear_one(seller, number=DEV, campaign_key="another", now=NOW + timedelta(minutes=10))
    assert refused.codes == ["ATTEMPT_CAP"]
    assert refused.next_allowed_at == NOW + timedelta(days=1, seconds=5)


def test_one_batch_counts_what_it_grants_itself(inside: Workspace, seller: Seller) -> None:
    asked = [wanted(seller, number=number, campaign_key=f"{at}") for at, number in enumerate((CHLOE, BEN, DEV, CHLOE))]
    assert [answer.granted for answer in clearing.clear(asked, now=NOW)] == [True, True, True, False]


def test_what_lapsed_counts_against_no_cap(inside: Workspace, seller: Seller) -> None:
    for minute in range(6):
        assert clear_one(seller, now=NOW + timedelta(minutes=minute)).granted
    states = list(Clearance.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["LAPSED"] * 5 + ["GRANTED"]
    assert ClearanceEnd.objects.filter(state="LAPSED").count() == 5


def test_one_given_up_early_counts_no_more(inside: Workspace, seller: Seller) -> None:
    for _ in range(5):
        clearance = clear_one(seller)
        assert clearance.granted
        clearance.lapse(now=NOW)
    clearance.lapse(now=NOW)


def test_an_attempt_noted_by_a_faster_clock_counts_all_the_same(inside: Workspace, seller: Seller, olive: User) -> None:
    actions.change_policy(platform_count=1, by=olive, now=NOW)
    assert clear_one(seller, now=NOW + timedelta(seconds=2)).granted
    assert clear_one(seller, now=NOW).codes == ["ATTEMPT_CAP"]


def test_after_a_conversation_about_a_debt_there_is_a_weeks_rest(inside: Workspace, seller: Seller) -> None:
    agree(seller, kind=Consent.Kind.PEC, origin=Consent.Origin.PAPER)
    ask: dict[str, Any] = {"purpose": "debt_collection", "debt": "17"}
    clearance = clear_one(seller, **ask)
    clearance.use(number=CHLOE, campaign_key="spring", now=NOW)
    assert clear_one(seller, now=NOW + timedelta(hours=1), **ask).granted
    actions.note_conversation(clearance, at=NOW)
    actions.note_conversation(clearance, at=NOW)
    refused = clear_one(seller, now=NOW + timedelta(hours=2), **ask)
    assert refused.codes == ["DEBT_FREQUENCY"]


# Single use


def test_it_is_used_once_for_its_own_call_and_in_time(inside: Workspace, seller: Seller) -> None:
    clearance = clear_one(seller)
    for number, campaign_key, now in (
        (BEN, "spring", NOW),
        (CHLOE, "autumn", NOW),
        (CHLOE, "spring", NOW + timedelta(seconds=30)),
    ):
        with pytest.raises(StaleClearance):
            clearance.use(number=number, campaign_key=campaign_key, now=now)
    clearance.use(number=CHLOE, campaign_key="spring", now=NOW + timedelta(seconds=29))
    with pytest.raises(StaleClearance):
        clearance.use(number=CHLOE, campaign_key="spring", now=NOW + timedelta(seconds=29))
    end = ClearanceEnd.objects.get()
    assert (end.clearance_id, end.state, end.at) == (clearance.pk, "USED", NOW + timedelta(seconds=29))


def test_what_was_not_used_in_time_lapses(inside: Workspace, seller: Seller) -> None:
    clearance = clear_one(seller)
    assert clearing.lapse_expired(now=NOW + timedelta(seconds=29)) == 0
    assert clearing.lapse_expired(now=NOW + timedelta(seconds=30)) == 1
    with pytest.raises(StaleClearance):
        clearance.use(number=CHLOE, campaign_key="spring", now=NOW)


def test_the_workspace_says_how_long_a_clearance_lasts(inside: Workspace, seller: Seller, olive: User) -> None:
    actions.change_policy(clearance_seconds=12, by=olive, now=NOW)
    assert clear_one(seller).expires_at == NOW + timedelta(seconds=12)


# Repeated refusals


def test_the_same_refusal_is_recorded_once_with_a_count(inside: Workspace, seller: Seller) -> None:
    early = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
    refusals = [clear_one(seller, now=early + timedelta(minutes=minute)) for minute in range(5)]
    assert {refusal.pk for refusal in refusals} == {Clearance.objects.get().pk}
    repeat = RefusalRepeat.objects.get()
    assert (repeat.count, repeat.last_at) == (4, early + timedelta(minutes=4))
    clear_one(seller, now=early + timedelta(days=1))
    assert Clearance.objects.count() == 2


def test_a_refusal_for_another_reason_or_campaign_is_another(inside: Workspace, seller: Seller, olive: User) -> None:
    early = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
    clear_one(seller, now=early)
    clear_one(seller, now=early, campaign_key="autumn")
    opt_out(seller, olive)
    clear_one(seller, now=early)
    assert Clearance.objects.count() == 3
    assert not RefusalRepeat.objects.exists()


def test_one_batch_may_hold_the_same_refusal_twice(inside: Workspace, seller: Seller) -> None:
    early = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
    first, second = clearing.clear([wanted(seller), wanted(seller)], now=early)
    assert first is second
    assert RefusalRepeat.objects.get().count == 1


def test_a_lasting_refusal_is_recorded_once_a_day(inside: Workspace, seller: Seller) -> None:
    for hour in range(0, 48, 6):
        clear_one(seller, script_complete=False, now=datetime(2026, 3, 3, 0, 30, tzinfo=UTC) + timedelta(hours=hour))
    per_day = {row.judged_at.date() for row in Clearance.objects.filter(codes=["SCRIPT_INCOMPLETE"])}
    assert per_day == {date(2026, 3, 3), date(2026, 3, 4)}


# The cost of a batch


def test_a_batch_of_a_hundred_asks_no_more_questions_than_a_batch_of_two(inside: Workspace, seller: Seller) -> None:
    def questions(size: int) -> int:
        asked = [wanted(seller, number=f"+1212555{at:04}", person_key=f"{size} {at}") for at in range(100, 100 + size)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            clearing.clear(asked, now=NOW)
        return len(captured)

    few, many = questions(2), questions(100)
    assert few == many
    assert few <= 14


# What cannot be asked


@pytest.mark.parametrize(
    "parts",
    [
        {"purpose": "gossip"},
        {"channel": "FAX"},
        {"person_key": ""},
        {"campaign_key": ""},
        {"number": "1" * 40},
        {"seller_id": 0},
    ],
)
def test_a_wrong_question_is_refused_with_a_sentence(parts: dict[str, Any], inside: Workspace, seller: Seller) -> None:
    with pytest.raises(CannotClear, match=r"\.$"):
        clear_one(seller, **parts)


def test_too_many_at_once_are_refused(inside: Workspace, seller: Seller) -> None:
    with pytest.raises(CannotClear):
        clearing.clear([wanted(seller)] * 501, now=NOW)


def test_nobody_asked_is_nobody_answered(inside: Workspace) -> None:
    assert clearing.clear([], now=NOW) == []


def test_outside_a_workspace_nothing_is_cleared(seller: Seller) -> None:
    with pytest.raises(CrossedWall):
        clear_one(seller)


# The wall


def test_one_workspaces_calls_suppressions_and_consents_are_nothing_to_another(
    harbor: Workspace, seller: Seller, olive: User, summit: Workspace, sam: User
) -> None:
    with in_workspace(harbor.pk):
        opt_out(seller, olive)
        clear_one(seller)
    with in_workspace(summit.pk):
        assert not Clearance.objects.exists()
        theirs = sell(sam, name="Summit Logistics Inc")
        clearance = clear_one(theirs)
        assert "INTERNAL_DNC" not in clearance.codes
        assert "NO_CONSENT_PEWC" in clearance.codes
        with pytest.raises(CannotClear):
            clear_one(seller)


# What the database itself refuses

JUDGED = [
    field.column for field in Clearance._meta.get_fields() if field.concrete and field.name not in Clearance.MUTABLE
]


@pytest.mark.parametrize("column", JUDGED)
def test_no_judged_column_ever_changes(column: str, inside: Workspace, seller: Seller) -> None:
    clearance = clear_one(seller)
    other = {
        "boolean": "NOT granted",
        "bigint": f"{column} + 1",
        "timestamp with time zone": f"coalesce({column}, judged_at) + interval '1 second'",
        "jsonb": "'[1]'",
        "ARRAY": "ARRAY['X']",
        "text": "'x'",
        "character varying": "'x'",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns"
            " WHERE table_name = 'compliance_clearance' AND column_name = %s",
            [column],
        )
        [data_type] = cursor.fetchone()
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            cursor.execute(
                f"UPDATE compliance_clearance SET {column} = {other[data_type]}, state = 'USED', used_at = judged_at"  # noqa: S608 - our own columns
                " WHERE id = %s",
                [clearance.pk],
            )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE compliance_clearance SET state = state",
        "UPDATE compliance_clearance SET state = 'GRANTED', used_at = NULL",
        "DELETE FROM compliance_clearance",
        "DELETE FROM compliance_clearanceend",
        "UPDATE compliance_clearanceend SET at = at",
        "INSERT INTO compliance_clearanceend (workspace_id, clearance_id, state, at)"
        " SELECT workspace_id, id + 1, 'USED', judged_at FROM compliance_clearance",
        "TRUNCATE compliance_clearance CASCADE",
        "UPDATE compliance_suppression SET number = '+12125550199'",
        "DELETE FROM compliance_suppression",
        "UPDATE compliance_consent SET signed = true",
        "DELETE FROM compliance_consent",
        "DELETE FROM compliance_suppressionlift",
    ],
)
def test_the_database_keeps_what_was_said(statement: str, inside: Workspace, seller: Seller, olive: User) -> None:
    clear_one(seller).use(number=CHLOE, campaign_key="spring", now=NOW)
    [suppression] = actions.suppress(OptOut(numbers=[BEN], how=Suppression.How.WEB), by=olive, now=NOW)
    actions.lift(suppression, reason="They asked us to", by=olive, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_refused_one_is_never_used(inside: Workspace, seller: Seller) -> None:
    refused = clear_one(seller, script_complete=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Clearance.objects.filter(pk=refused.pk).update(state="USED", used_at=NOW)

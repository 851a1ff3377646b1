"""Each rule at its edges, and which purpose it binds."""

from typing import Any

import pytest

from tests.compliance.cast import ADA, LEFT_OUT, ask, at, codes, like, of

REMINDED = like(ADA, purpose="informational", consent__type="pec")
HOME_LINE = like(
    ADA, purpose="informational", line_type="landline", consent=None, rnd=None,
    context__exemption="commercial_non_telemarketing_residential",
)  # fmt: skip
DEBTOR = like(REMINDED, purpose="debt_collection", context__debt="42")


def test_a_clean_call_in_hours_is_allowed_for_every_purpose() -> None:
    for purpose in ("marketing", "informational", "health", "debt_collection", "political", "charity", "survey"):
        assert codes(like(ADA, purpose=purpose)) == []


def test_a_purpose_nobody_gave_is_marketing() -> None:
    answer = ask(like(REMINDED, purpose=None))

    assert answer["reason_codes"] == ["NO_CONSENT_PEWC"]
    assert "marketing" in answer["warnings"][0]


def test_all_reasons_are_given_at_once_sorted_by_gate() -> None:
    night = at(like(of("FL"), context__script_complete=False, context__operator_attested=False), "2026-12-02T03:00:00Z")
    wrong = like(
        night, dnc__internal__listed=True, dnc__national__snapshot_age_days=40, consent__signed=False, rnd=None
    )

    assert codes(wrong) == [
        "SELLER_NOT_REGISTERED", "INTERNAL_DNC", "NO_CONSENT_PEWC", "DNC_SNAPSHOT_STALE", "RND_NO_DATA",
        "HOURS_FEDERAL", "HOURS_STATE", "SCRIPT_INCOMPLETE",
    ]  # fmt: skip


# What is left out is not known, and where a rule needs it the call is refused.
MISSING = [
    ("consent", "NO_CONSENT_PEWC"),
    ("dnc__internal", "INTERNAL_DNC"),
    ("dnc__national", "DNC_SNAPSHOT_STALE"),
    ("dnc__national__listed", "DNC_SNAPSHOT_STALE"),
    ("dnc__national__snapshot_age_days", "DNC_SNAPSHOT_STALE"),
    ("rnd", "RND_NO_DATA"),
    ("rnd__result", "RND_NO_DATA"),
    ("rnd__queried_date", "RND_STALE"),
    ("instant_utc", "HOURS_FEDERAL"),
    ("consent__obtained_at", "NO_CONSENT_PEWC"),
    ("consent__signed", "NO_CONSENT_PEWC"),
    ("consent__seller_named", "NO_CONSENT_PEWC"),
    ("consent__number_matches", "NO_CONSENT_PEWC"),
    ("consent__not_condition_of_purchase_disclosed", "NO_CONSENT_PEWC"),
    ("consent__autodial_or_artificial_voice_disclosed", "NO_CONSENT_PEWC"),
    ("consent__evidence_complete", "NO_CONSENT_PEWC"),
]


@pytest.mark.parametrize(("path", "code"), MISSING)
@pytest.mark.parametrize("value", [None, LEFT_OUT], ids=["null", "left out"])
def test_what_is_not_known_refuses(path: str, code: str, value: Any) -> None:
    assert code in codes(like(ADA, **{path: value}))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("context__operator_attested", "SELLER_NOT_REGISTERED"),
        ("context__script_complete", "SCRIPT_INCOMPLETE"),
        ("dnc__litigator__listed", "LITIGATOR"),
    ],
)
def test_a_default_holds_when_left_out_but_not_known_is_not_known(path: str, code: str) -> None:
    assert codes(like(ADA, **{path: LEFT_OUT})) == []
    assert codes(like(ADA, **{path: None})) == [code]


def test_the_context_may_be_left_out_whole() -> None:
    assert codes(like(ADA, context=LEFT_OUT)) == []


def test_a_litigator_is_never_called_whatever_the_purpose() -> None:
    assert codes(like(REMINDED, dnc__litigator__listed=True)) == ["LITIGATOR"]


def test_a_later_complete_consent_releases_our_own_list() -> None:
    listed = {"listed": True, "listed_at": "2026-03-01T10:00:00Z"}

    assert codes(like(ADA, dnc__internal={**listed, "released_by_consent_at": "2026-04-01T10:00:00Z"})) == []
    assert codes(like(ADA, dnc__internal={**listed, "released_by_consent_at": "2026-02-01T10:00:00Z"})) == [
        "INTERNAL_DNC"
    ]
    assert codes(like(ADA, dnc__internal={**listed, "released_by_consent_at": "2026-12-24T10:00:00Z"})) == [
        "INTERNAL_DNC"
    ]
    assert codes(like(ADA, dnc__internal={"listed": True, "released_by_consent_at": "2026-04-01T10:00:00Z"})) == [
        "INTERNAL_DNC"
    ]


# Consent


def test_a_consent_of_tomorrow_does_not_carry_a_call_of_today() -> None:
    assert codes(like(ADA, consent__obtained_at="2026-12-01T15:30:01Z")) == ["NO_CONSENT_PEWC"]
    assert codes(like(ADA, consent__obtained_at="2026-12-01T15:30:00Z")) == []


def test_a_consent_taken_back_holds_from_the_second_it_was() -> None:
    assert codes(like(ADA, consent__revoked_at="2026-12-01T15:30:00Z")) == ["CONSENT_REVOKED"]
    assert codes(like(ADA, consent__revoked_at="2026-12-01T15:30:01Z")) == []


def test_a_consent_given_after_the_revocation_is_a_new_one() -> None:
    assert codes(like(ADA, consent__revoked_at="2025-05-01T00:00:00Z")) == []
    incomplete = like(ADA, consent__revoked_at="2025-05-01T00:00:00Z", consent__signed=False)
    assert codes(incomplete) == ["NO_CONSENT_PEWC"]


def test_a_narrow_revocation_leaves_the_rest() -> None:
    no_sales = like(ADA, consent__revoked_at="2026-11-01T00:00:00Z", consent__scope="marketing")

    assert codes(no_sales) == ["CONSENT_REVOKED"]
    assert codes(like(no_sales, purpose="informational")) == []
    assert codes(like(no_sales, purpose="informational", consent__scope=None)) == ["CONSENT_REVOKED"]
    assert codes(like(no_sales, purpose="informational", consent__scope="all")) == ["CONSENT_REVOKED"]
    assert codes(like(no_sales, purpose="informational", consent__scope="category")) == ["CONSENT_REVOKED"]


def test_a_consent_for_one_purpose_is_none_for_another() -> None:
    assert codes(like(ADA, consent__scope="health")) == ["NO_CONSENT_PEWC"]
    assert codes(like(REMINDED, consent__scope="informational")) == []


def test_a_revocation_stops_even_a_call_that_needs_no_consent() -> None:
    revoked = {"type": "pec", "obtained_at": "2026-01-01T00:00:00Z", "revoked_at": "2026-02-01T00:00:00Z"}

    assert codes(HOME_LINE) == []
    assert codes(like(HOME_LINE, consent=revoked)) == ["CONSENT_REVOKED"]


def test_a_written_consent_lacking_a_formality_still_carries_a_reminder() -> None:
    assert codes(like(REMINDED, consent__type="pewc", consent__signed=False)) == []


@pytest.mark.parametrize("line_type", ["mobile", "voip", "unknown", None])
@pytest.mark.parametrize("purpose", ["informational", "health", "debt_collection", "political", "charity", "survey"])
def test_a_mobile_or_unknown_line_needs_consent_for_every_purpose(purpose: str, line_type: str | None) -> None:
    person = like(HOME_LINE, purpose=purpose, line_type=line_type)

    assert codes(person) == ["NO_CONSENT_PEC"]


def test_a_landline_is_one_only_by_a_recent_look_up() -> None:
    assert codes(HOME_LINE) == []
    assert codes(like(HOME_LINE, context__line_type_source="import")) == ["NO_CONSENT_PEC"]
    assert codes(like(HOME_LINE, context__line_type_source=None)) == ["NO_CONSENT_PEC"]
    assert codes(like(HOME_LINE, context__line_type_checked_at="2026-10-01T00:00:00Z")) == ["NO_CONSENT_PEC"]
    assert codes(like(HOME_LINE, context__line_type_checked_at=None)) == ["NO_CONSENT_PEC"]


def test_no_exemption_carries_a_sales_call() -> None:
    assert "NO_CONSENT_PEWC" in codes(like(HOME_LINE, purpose="marketing", rnd=ADA["rnd"]))


def test_an_exemption_has_its_cap_and_consent_lifts_it() -> None:
    tried = ["2026-11-02T16:00:00Z", "2026-11-10T16:00:00Z", "2026-11-20T16:00:00Z"]
    worn = like(HOME_LINE, attempt_history_utc=tried)

    answer = ask(worn)
    assert answer["reason_codes"] == ["EXEMPTION_CAP"]
    assert answer["next_allowed_utc"] == "2026-12-02T16:00:00Z", "thirty days after the first"
    assert codes(like(worn, attempt_history_utc=tried[1:])) == []
    assert codes(like(worn, consent=ADA["consent"], rnd=ADA["rnd"])) == []
    assert codes(like(worn, attempt_history_utc=None)) == ["EXEMPTION_CAP"]


def test_a_health_message_may_ring_once_a_day_and_three_times_a_week() -> None:
    patient = like(HOME_LINE, purpose="health", context__exemption="health_residential")

    assert codes(like(patient, attempt_history_utc=["2026-11-30T15:30:00Z"])) == []
    assert codes(like(patient, attempt_history_utc=["2026-11-30T15:30:01Z"])) == ["EXEMPTION_CAP"]
    week = ["2026-11-25T16:00:00Z", "2026-11-27T16:00:00Z", "2026-11-29T16:00:00Z"]
    assert ask(like(patient, attempt_history_utc=week))["next_allowed_utc"] == "2026-12-02T16:00:00Z"
    assert codes(like(patient, context__exemption="commercial_non_telemarketing_residential")) == ["NO_CONSENT_PEC"]


# Registries


def test_a_registry_copy_may_be_thirty_one_days_old() -> None:
    assert codes(like(ADA, dnc__national__snapshot_age_days=31)) == []
    assert codes(like(ADA, dnc__national__snapshot_age_days=31.01)) == ["DNC_SNAPSHOT_STALE"]


def test_a_listed_number_needs_signed_permission() -> None:
    listed = like(ADA, dnc__national__listed=True)

    assert codes(listed) == []
    assert codes(like(listed, consent__signed=False)) == ["NO_CONSENT_PEWC", "NATIONAL_DNC"]
    assert codes(like(listed, consent__type="dnc_permission")) == ["NO_CONSENT_PEWC"]
    assert codes(like(listed, consent__type="pec", ebr={"kind": "purchase", "last_event": "2026-11-01"})) == [
        "NO_CONSENT_PEWC",
        "NATIONAL_DNC",
    ], "no relationship opens the registry to an artificial voice"


@pytest.mark.parametrize("purpose", ["informational", "health", "debt_collection", "political", "charity", "survey"])
def test_registries_bind_sales_calls_alone(purpose: str) -> None:
    assert codes(like(REMINDED, purpose=purpose, dnc__national=None, dnc__state=None)) == []
    assert codes(like(REMINDED, purpose=purpose, dnc__national__listed=True)) == []


# Reassigned numbers


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"result": "yes", "queried_date": "2026-11-26"}, "RND_REASSIGNED"),
        ({"result": "no_data", "queried_date": "2026-11-26"}, "RND_NO_DATA"),
        ({"result": "no", "queried_date": "2026-10-30"}, "RND_STALE"),
        ({"result": "no", "queried_date": "2026-12-02"}, "RND_STALE"),
    ],
)
def test_only_a_fresh_no_says_the_number_is_still_theirs(answer: dict[str, str], code: str) -> None:
    assert codes(like(ADA, rnd=answer)) == [code]
    assert codes(like(REMINDED, rnd=answer)) == [code]
    assert codes(like(ADA, rnd={"result": "no", "queried_date": "2026-10-31"})) == []


def test_a_call_that_relies_on_no_consent_asks_no_reassigned_numbers() -> None:
    assert codes(like(HOME_LINE, rnd=None)) == []
    assert codes(like(HOME_LINE, rnd=None, consent=ADA["consent"])) == []
    assert codes(like(HOME_LINE, rnd={"result": "yes", "queried_date": "2026-11-26"})) == ["RND_REASSIGNED"]


# Debt


def test_the_seventh_call_within_seven_days_is_the_last() -> None:
    tried = [f"2026-11-{day}T16:00:00Z" for day in range(24, 31)]
    seven = like(DEBTOR, attempt_history_utc=tried)

    answer = ask(at(seven, "2026-12-01T15:30:00Z"))
    assert answer["reason_codes"] == ["DEBT_FREQUENCY"]
    assert answer["next_allowed_utc"] == "2026-12-01T16:00:00Z"
    assert codes(at(like(DEBTOR, attempt_history_utc=tried[1:]), "2026-12-01T15:30:00Z")) == []
    assert codes(at(like(REMINDED, attempt_history_utc=tried), "2026-12-01T15:30:00Z")) == []


def test_calls_about_another_debt_do_not_count() -> None:
    tried: list[Any] = [{"at": f"2026-11-{day}T16:00:00Z", "debt": "41"} for day in range(24, 31)]

    assert codes(like(DEBTOR, attempt_history_utc=tried)) == []
    assert codes(like(DEBTOR, attempt_history_utc=tried, context__debt=None)) == ["DEBT_FREQUENCY"], (
        "it may be that one"
    )


def test_the_day_of_a_conversation_is_day_one_and_day_eight_is_free() -> None:
    spoke = like(DEBTOR, attempt_history_utc=[{"at": "2026-12-01T23:00:00Z", "debt": "42", "outcome": "conversation"}])

    answer = ask(at(spoke, "2026-12-03T16:00:00Z"))
    assert answer["reason_codes"] == ["DEBT_FREQUENCY"]
    assert answer["next_allowed_utc"] == "2026-12-08T14:00:00Z", "Tuesday to Tuesday, at eight in Chicago"
    assert codes(at(spoke, "2026-12-08T13:59:59Z")) == ["HOURS_FEDERAL"]
    assert codes(at(spoke, "2026-12-08T14:00:00Z")) == []


def test_massachusetts_and_washington_count_debt_calls_more_strictly() -> None:
    tried = ["2026-11-28T17:00:00Z", "2026-11-29T17:00:00Z", "2026-11-30T17:00:00Z"]

    assert codes(at(like(of("MA", DEBTOR), attempt_history_utc=tried[:2]), "2026-12-01T18:00:00Z")) == [
        "DEBT_FREQUENCY"
    ]
    assert codes(at(like(of("WA", DEBTOR), attempt_history_utc=tried[:2]), "2026-12-01T18:00:00Z")) == []
    assert codes(at(like(of("WA", DEBTOR), attempt_history_utc=tried), "2026-12-01T18:00:00Z")) == ["DEBT_FREQUENCY"]


# The campaign


def test_the_abandon_rate_may_be_three_percent() -> None:
    assert codes(like(ADA, context__abandon_rate=0.03)) == []
    assert codes(like(ADA, context__abandon_rate=0.0301)) == ["ABANDON_RATE"]
    assert codes(like(REMINDED, context__abandon_rate=0.0301)) == []


def test_a_script_says_who_calls_whatever_the_purpose() -> None:
    assert codes(like(REMINDED, context__script_complete=False)) == ["SCRIPT_INCOMPLETE"]


# The workspace's own cap


def test_the_workspace_cap_counts_for_every_purpose() -> None:
    tried = ["2026-11-30T18:00:00Z", "2026-11-30T19:00:00Z"]
    person = like(REMINDED, attempt_history_utc=tried, context__platform_cap={"count": 2, "hours": 24})

    answer = ask(person)
    assert answer["reason_codes"] == ["ATTEMPT_CAP"]
    assert answer["reasons"][0]["jurisdiction"] == "workspace"
    assert answer["next_allowed_utc"] == "2026-12-01T18:00:00Z"
    assert codes(like(person, context__platform_cap=None)) == []
    assert codes(like(person, attempt_history_utc=None)) == ["ATTEMPT_CAP"]


def test_attempts_of_any_campaign_and_caller_number_count() -> None:
    tried: list[Any] = [
        {"at": "2026-12-08T15:00:00Z", "campaign": "A", "subject": "solar", "caller_id": "+12125550100"},
        {
            "at": "2026-12-08T15:30:00Z",
            "campaign": "B",
            "subject": "solar",
            "caller_id": "+12125550101",
            "outcome": "busy",
        },
        "2026-12-08T16:00:00Z",
    ]

    assert codes(at(like(of("FL"), attempt_history_utc=tried), "2026-12-08T18:00:00Z")) == ["ATTEMPT_CAP"]

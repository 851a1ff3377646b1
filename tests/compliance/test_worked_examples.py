"""The worked examples of the compliance reference, one test each."""

from tests.compliance.cast import ADA, ask, at, codes, like, of

BETH = of("TX")  # Dallas
CARL = of("MA")  # Boston
DORA = like(of("CO"), purpose="informational", consent__type="pec")  # Denver, a reminder
ERIN = like(ADA, number="+12085550123", address=None)  # Idaho, no address


def test_e1_a_sales_call_to_chicago_at_half_past_nine_is_allowed() -> None:
    assert ask(at(ADA, "2026-12-01T15:30:00Z"))["decision"] == "allow"


def test_e2_automated_calls_to_illinois_begin_at_nine() -> None:
    answer = ask(at(ADA, "2026-12-01T14:30:00Z"))

    assert answer["decision"] == "deny"
    assert answer["reason_codes"] == ["HOURS_STATE_AUTOMATED"]
    assert answer["next_allowed_utc"] == "2026-12-01T15:00:00Z"


def test_e3_texas_sleeps_until_noon_on_sundays() -> None:
    assert codes(at(BETH, "2026-11-29T17:45:00Z")) == ["HOURS_STATE"]
    assert codes(at(BETH, "2026-11-29T18:00:00Z")) == []


def test_e4_massachusetts_closes_at_eight_in_the_evening() -> None:
    assert codes(at(CARL, "2026-12-02T01:15:00Z")) == ["HOURS_STATE"]


def test_e5_a_reminder_on_the_number_given_for_it_is_allowed() -> None:
    assert codes(at(DORA, "2026-12-02T01:00:00Z")) == []


def test_e6_who_asked_not_to_be_called_is_never_called() -> None:
    answer = ask(like(ADA, dnc__internal__listed=True))

    assert answer["reason_codes"] == ["INTERNAL_DNC"]
    assert answer["next_allowed_utc"] is None


def test_e7_a_consent_without_the_purchase_notice_is_no_written_consent() -> None:
    answer = ask(like(ADA, consent__not_condition_of_purchase_disclosed=False))

    assert answer["reason_codes"] == ["NO_CONSENT_PEWC"]
    assert "not a condition of purchase" in answer["reasons"][0]["text"]


def test_e8_a_number_in_two_zones_waits_for_the_later_morning() -> None:
    answer = ask(at(ERIN, "2026-12-01T15:30:00Z"))

    assert answer["reason_codes"] == ["HOURS_FEDERAL"]
    assert answer["candidate_timezones"] == ["America/Boise", "America/Los_Angeles"]
    assert answer["next_allowed_utc"] == "2026-12-01T16:00:00Z"

"""Where may this person be? Every clock and every law that may be theirs."""

import pytest

from compliance import numbers
from compliance.facts import Address
from tests.compliance.cast import ADA, BOOK, ask, codes, like

# number, address, stated zone → zones, jurisdictions
PLACES = [
    ("+13125550123", {}, None, ["America/Chicago"], ["IL"]),
    ("+12085550123", {}, None, ["America/Boise", "America/Los_Angeles"], ["ID"]),
    ("+19865550123", {}, None, ["America/Boise", "America/Los_Angeles"], ["ID"]),
    ("+12195550123", {}, None, ["America/Chicago", "America/Indiana/Indianapolis"], ["IN"]),
    ("+15745550123", {}, None, ["America/Chicago", "America/Indiana/Indianapolis"], ["IN"]),
    ("+18125550123", {}, None, ["America/Chicago", "America/Indiana/Indianapolis"], ["IN"]),
    ("+19305550123", {}, None, ["America/Chicago", "America/Indiana/Indianapolis"], ["IN"]),
    ("+13175550123", {}, None, ["America/Indiana/Indianapolis"], ["IN"]),
    ("+12705550123", {}, None, ["America/Chicago", "America/Kentucky/Louisville"], ["KY"]),
    ("+13645550123", {}, None, ["America/Chicago", "America/Kentucky/Louisville"], ["KY"]),
    ("+16065550123", {}, None, ["America/Chicago", "America/Kentucky/Louisville"], ["KY"]),
    ("+14235550123", {}, None, ["America/Chicago", "America/New_York"], ["TN"]),
    ("+18655550123", {}, None, ["America/New_York"], ["TN"]),
    ("+19015550123", {}, None, ["America/Chicago"], ["TN"]),
    ("+18505550123", {}, None, ["America/Chicago", "America/New_York"], ["FL"]),
    ("+14485550123", {}, None, ["America/Chicago", "America/New_York"], ["FL"]),
    ("+13055550123", {}, None, ["America/New_York"], ["FL"]),
    ("+13085550123", {}, None, ["America/Chicago", "America/Denver"], ["NE"]),
    ("+16055550123", {}, None, ["America/Chicago", "America/Denver"], ["SD"]),
    ("+16205550123", {}, None, ["America/Chicago", "America/Denver"], ["KS"]),
    ("+17855550123", {}, None, ["America/Chicago", "America/Denver"], ["KS"]),
    ("+17015550123", {}, None, ["America/Chicago", "America/Denver"], ["ND"]),
    ("+15415550123", {}, None, ["America/Boise", "America/Los_Angeles"], ["OR"]),
    ("+14585550123", {}, None, ["America/Boise", "America/Los_Angeles"], ["OR"]),
    ("+17755550123", {}, None, ["America/Denver", "America/Los_Angeles"], ["NV"]),
    ("+19065550123", {}, None, ["America/Detroit", "America/Menominee"], ["MI"]),
    ("+13135550123", {}, None, ["America/Detroit"], ["MI"]),
    ("+19075550123", {}, None, ["America/Adak", "America/Anchorage"], ["AK"]),
    ("+19285550123", {}, None, ["America/Denver", "America/Phoenix"], ["AZ"]),
    ("+16025550123", {}, None, ["America/Phoenix"], ["AZ"]),
    ("+13345550123", {}, None, ["America/Chicago", "America/New_York"], ["AL"]),
    ("+19155550123", {}, None, ["America/Denver"], ["TX"]),
    ("+18085550123", {}, None, ["Pacific/Honolulu"], ["HI"]),
    ("+16715550123", {}, None, ["Pacific/Guam"], ["GU"]),
    ("+16705550123", {}, None, ["Pacific/Saipan"], ["MP"]),
    ("+16846330123", {}, None, ["Pacific/Pago_Pago"], ["AS"]),
    ("+17875550123", {}, None, ["America/Puerto_Rico"], ["PR"]),
    ("+13405550123", {}, None, ["America/St_Thomas"], ["VI"]),
    # A number from one place, an address in another: both laws, both clocks.
    ("+12125550123", {"zip": "90012"}, None, ["America/Los_Angeles", "America/New_York"], ["CA", "NY"]),
    ("+13055550123", {"state": "TX", "zip": "79901"}, None, ["America/Denver", "America/New_York"], ["FL", "TX"]),
    ("+12125550123", {"state": "TX"}, None, ["America/Chicago", "America/Denver", "America/New_York"], ["NY", "TX"]),
    ("+12145550123", {"state": "TX"}, None, ["America/Chicago"], ["TX"]),
    ("+12145550123", {"state": "TX", "county": "El Paso County"}, None, ["America/Chicago", "America/Denver"], ["TX"]),
    ("+12145550123", {"state": "FL", "zip": "75201"}, None, ["America/Chicago", "America/New_York"], ["FL", "TX"]),
    # Postal codes on the edges of zones.
    ("+16025550123", {"zip": "86515"}, None, ["America/Denver", "America/Phoenix"], ["AZ"]),
    ("+19285550123", {"zip": "86045"}, None, ["America/Denver", "America/Phoenix"], ["AZ"]),
    ("+12055550123", {"zip": "36867"}, None, ["America/Chicago", "America/New_York"], ["AL"]),
    ("+17025550123", {"zip": "89883"}, None, ["America/Denver", "America/Los_Angeles"], ["NV"]),
    ("+13135550123", {"zip": "49801"}, None, ["America/Detroit", "America/Menominee"], ["MI"]),
    ("+18085550123", {"zip": "99546"}, None, ["America/Adak", "Pacific/Honolulu"], ["AK", "HI"]),
    # What the contact said themselves stands alone, but a number's law still reaches them.
    ("+12085550123", {}, "America/Los_Angeles", ["America/Los_Angeles"], ["ID"]),
    ("+13055550123", {"zip": "75201"}, "America/Chicago", ["America/Chicago"], ["FL", "TX"]),
    ("+13125550123", {"zip": "60601"}, "US/Central", ["America/Chicago"], ["IL"]),
    ("+17875550123", {}, "America/New_York", ["America/New_York"], ["PR"]),
]


@pytest.mark.parametrize(("number", "address", "stated", "zones", "jurisdictions"), PLACES)
def test_a_person_is_everywhere_they_may_be(
    number: str, address: dict[str, str], stated: str | None, zones: list[str], jurisdictions: list[str]
) -> None:
    answer = ask(like(ADA, number=number, address=address, explicit_timezone=stated))

    assert answer["candidate_timezones"] == zones
    assert answer["jurisdictions"] == jurisdictions


REFUSED = [
    ("+18005550123", {"NON_GEOGRAPHIC_NUMBER", "PROTECTED_LINE"}),
    ("+18885550123", {"NON_GEOGRAPHIC_NUMBER", "PROTECTED_LINE"}),
    ("+19005550123", {"NON_GEOGRAPHIC_NUMBER", "PROTECTED_LINE"}),
    ("+15005550123", {"NON_GEOGRAPHIC_NUMBER"}),
    ("+17005550123", {"NON_GEOGRAPHIC_NUMBER"}),
    ("911", {"INVALID_NUMBER", "PROTECTED_LINE"}),
    ("+1911", {"INVALID_NUMBER", "PROTECTED_LINE"}),
    ("+1312555012", {"INVALID_NUMBER"}),
    ("+131255501234", {"INVALID_NUMBER"}),
    ("+13120550123", {"INVALID_NUMBER"}),
    ("+13129110123", {"INVALID_NUMBER"}),
    ("+19995550123", {"INVALID_NUMBER"}),
    ("3125550123", {"INVALID_NUMBER"}),
    ("+1 312 555 0123", {"INVALID_NUMBER"}),
    ("+13125550123x", {"INVALID_NUMBER"}),
    ("+１3125550123", {"INVALID_NUMBER"}),  # noqa: RUF001 - a digit that only looks like one
    ("", {"INVALID_NUMBER"}),
    (None, {"INVALID_NUMBER"}),
    ("+14165550123", {"UNSUPPORTED_JURISDICTION"}),  # Toronto
    ("+18095550123", {"UNSUPPORTED_JURISDICTION"}),  # Santo Domingo
    ("+12425550123", {"UNSUPPORTED_JURISDICTION", "INVALID_NUMBER"}),  # the Bahamas
    ("+442079460123", {"UNSUPPORTED_JURISDICTION"}),  # London
]


@pytest.mark.parametrize(("number", "expected"), REFUSED)
def test_a_number_that_may_not_be_called_is_refused_for_what_it_is(number: str | None, expected: set[str]) -> None:
    assert set(codes(like(ADA, number=number))) & expected
    assert set(codes(like(ADA, number=number))) <= expected


def test_a_number_without_a_place_has_no_hours_either() -> None:
    assert "UNKNOWN_TIMEZONE" in codes(like(ADA, number="+18005550123", address=None))


def test_nobody_is_called_at_an_address_without_rules() -> None:
    assert codes(like(ADA, address={"state": "ON"})) == ["UNSUPPORTED_JURISDICTION"]
    assert "UNSUPPORTED_JURISDICTION" in codes(like(ADA, address={"zip": "96941"})), "Micronesia has US postal codes"


def test_military_post_has_no_local_time() -> None:
    assert codes(like(ADA, address={"state": "AE", "zip": "09021"})) == ["UNSUPPORTED_JURISDICTION", "UNKNOWN_TIMEZONE"]


@pytest.mark.parametrize("stated", ["Europe/London", "America/Toronto", "America/Mexico_City", "UTC", "Etc/GMT+6"])
def test_a_stated_zone_must_lie_in_the_country_of_the_number(stated: str) -> None:
    assert codes(like(ADA, explicit_timezone=stated)) == ["UNKNOWN_TIMEZONE"]


def test_an_unknown_postal_code_says_nothing_and_is_said_so() -> None:
    answer = ask(like(ADA, address={"state": "IL", "zip": "00000"}))

    assert answer["decision"] == "allow"
    assert "00000" in answer["warnings"][0]


def test_a_toll_free_line_type_is_believed() -> None:
    assert codes(like(ADA, line_type="toll_free")) == ["NON_GEOGRAPHIC_NUMBER", "PROTECTED_LINE"]


READ = [
    ("+12125550123", "+12125550123"),
    ("(212) 555-0123", "+12125550123"),
    ("212.555.0123", "+12125550123"),
    ("1-212-555-0123", "+12125550123"),
    ("+1 (212) 555 0123", "+12125550123"),
    ("+44 20 7946 0123", "+442079460123"),
]


@pytest.mark.parametrize(("text", "number"), READ)
def test_an_uploaded_number_is_read_as_people_write_it(text: str, number: str) -> None:
    assert numbers.e164(text) == number


@pytest.mark.parametrize("text", ["2.12555E+09", "hello", "", "212-555-0123 ext. 4", "+"])
def test_an_uploaded_number_that_cannot_be_read_says_what_to_do(text: str) -> None:
    with pytest.raises(numbers.NotANumber, match=r"\. |\.$"):
        numbers.e164(text)


def test_every_area_code_of_the_rulebook_has_a_place_and_a_clock() -> None:
    for npa, state in BOOK.by_area_code.items():
        place = numbers.place(f"+1{npa}5550123", address=Address(), confirmed_zone=None, rulebook=BOOK)
        assert place.jurisdictions == (state,)
        assert place.zones
        assert place.number_codes == ()

"""Numbers people type: ID cards, bank cards, mobiles, company codes (R1.4, FACTS §3)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weidai.kernel.checks import (
    card_number_is_plausible,
    luhn_check_digit,
    luhn_is_valid,
    mobile_e164,
    mobile_is_valid,
    uscc_is_valid,
)
from weidai.kernel.id_card import (
    PROVINCES,
    IdCardBirthDateInvalid,
    IdCardCheckDigitInvalid,
    IdCardFormatInvalid,
    IdCardProvinceInvalid,
    age_on,
    id_card_check_digit,
    id_card_number,
)

ON = date(2026, 11, 23)


def test_the_standard_example_is_read():
    card = id_card_number(" 11010519491231002x ", on=ON)
    assert (card.number, card.birth_on, card.sex, card.province_code) == (
        "11010519491231002X",
        date(1949, 12, 31),
        "female",
        "11",
    )


@pytest.mark.parametrize("number", ["11022319700101001X", "510215197001010014", "810000199001010019"])
def test_abolished_counties_and_residence_permits_are_living_people(number):
    assert id_card_number(number, on=ON).number == number


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ("", IdCardFormatInvalid),
        ("11010519491231002", IdCardFormatInvalid),
        ("１１０１０５１９４９１２３１００２X", IdCardFormatInvalid),
        ("110105194912310021", IdCardCheckDigitInvalid),
        ("99010519491231002X", IdCardProvinceInvalid),
        ("110105199002300012", IdCardBirthDateInvalid),
        ("110105209901010015", IdCardBirthDateInvalid),
        ("110105000001010015", IdCardBirthDateInvalid),
    ],
)
def test_a_wrong_number_is_refused_with_the_part_that_is_wrong(number, refusal):
    with pytest.raises(refusal) as refused:
        id_card_number(number, on=ON)
    assert refused.value.field == "id_number"
    assert refused.value.advice is not None


@given(
    province=st.sampled_from(sorted(PROVINCES)),
    born=st.dates(date(1900, 1, 1), ON),
    serial=st.integers(0, 999),
    county=st.integers(0, 9999),
    place=st.integers(0, 16),
    digit=st.integers(1, 9),
)
def test_one_wrong_digit_never_passes(province, born, serial, county, place, digit):
    first = f"{province}{county:04d}{born:%Y%m%d}{serial:03d}"
    number = first + id_card_check_digit(first)
    card = id_card_number(number, on=ON)
    assert (card.birth_on, card.sex) == (born, "male" if serial % 2 else "female")
    changed = number[:place] + str((int(number[place]) + digit) % 10) + number[place + 1 :]
    with pytest.raises((IdCardCheckDigitInvalid, IdCardBirthDateInvalid, IdCardProvinceInvalid)):
        id_card_number(changed, on=ON)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2008, 11, 23), ON, 18),
        (date(2008, 11, 24), ON, 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (ON, ON, 0),
    ],
)
def test_age_counts_completed_years(born, on, age):
    assert age_on(born, on=on) == age


@given(st.text("0123456789", min_size=1, max_size=18))
def test_luhn_accepts_exactly_one_last_digit(digits):
    assert [last for last in "0123456789" if luhn_is_valid(digits + last)] == [luhn_check_digit(digits)]


def test_card_numbers():
    assert luhn_is_valid("6222021234567890128")
    assert not luhn_is_valid("6222021234567890129")
    assert not luhn_is_valid("6")
    assert not luhn_is_valid("62220212345678901２8")
    assert card_number_is_plausible("6222021234567890128")
    assert not card_number_is_plausible("62220212345")


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("13800138000", True),
        ("19212345678", True),
        ("17012345678", True),
        ("16612345678", True),
        ("14012345678", False),
        ("12345678901", False),
        ("1380013800", False),
        ("138001380000", False),
        ("+8613800138000", False),
        ("", False),
    ],
)
def test_mobile_numbers(number, valid):
    assert mobile_is_valid(number) is valid
    assert mobile_e164("13800138000") == "+8613800138000"


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("91110000600037341L", True),
        ("91440300708461136T", True),
        ("91440300708461136U", False),
        ("9144030070846113IT", False),
        ("", False),
    ],
)
def test_company_codes(code, valid):
    assert uscc_is_valid(code) is valid

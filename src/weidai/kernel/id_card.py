"""Resident ID numbers (GB 11643): what the eighteen characters themselves can prove (R1.4).

The county is not checked against a list: people live today with numbers first issued under counties that were since
abolished. Only the province prefix is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from weidai.kernel.errors import Invalid
from weidai.kernel.text import Text

Sex = Literal["female", "male"]

_SHAPE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"

# 71 and 81 to 83 are the prefixes of Taiwan, Hong Kong and Macau, also on residence permits for people from there.
PROVINCES: frozenset[str] = frozenset(
    str(code)
    for codes in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), (71,))
    for code in codes
) | {"81", "82", "83"}

_CORRECT_IT = Text(
    "请对照身份证逐位核对后重新填写。", "Please compare with the card, digit by digit, and enter it again."
)


class IdCardFormatInvalid(Invalid):
    """Not seventeen digits and a digit or X."""

    code = "kernel.id_card_format_invalid"
    text = Text("身份证号码应为 18 位（末位可为 X）。", "An ID number has 18 characters: digits, the last may be X.")
    next_step = _CORRECT_IT


class IdCardCheckDigitInvalid(Invalid):
    """The check digit does not follow from the other seventeen."""

    code = "kernel.id_card_check_digit_invalid"
    text = Text("身份证号码校验位不正确。", "The check digit of the ID number is wrong.")
    next_step = _CORRECT_IT


class IdCardBirthDateInvalid(Invalid):
    """The eight digits are no day of the calendar, or a day still to come."""

    code = "kernel.id_card_birth_date_invalid"
    text = Text(
        "身份证号码中的出生日期不存在或晚于今天。",
        "The birth date in the ID number does not exist or lies in the future.",
    )
    next_step = _CORRECT_IT


class IdCardProvinceInvalid(Invalid):
    """The first two digits name no province."""

    code = "kernel.id_card_province_invalid"
    text = Text("身份证号码的地区代码不存在。", "The region code of the ID number does not exist.")
    next_step = _CORRECT_IT


@dataclass(frozen=True, slots=True)
class IdCardNumber:
    """A well-formed resident ID number and what it says about its holder."""

    number: str
    birth_on: date
    sex: Sex
    province_code: str  # two digits, for example "11": the key of the wage table


def id_card_check_digit(first_17: str) -> str:
    """Return the GB 11643 check character of seventeen digits."""
    return _CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def id_card_number(text: str, *, on: date) -> IdCardNumber:
    """Read an ID number as written by a person on a day; raise the refusal that says which part is wrong (R1.4)."""
    number = text.strip().upper()
    if not _SHAPE.fullmatch(number):
        raise IdCardFormatInvalid(field="id_number")
    if number[:2] not in PROVINCES:
        raise IdCardProvinceInvalid(field="id_number")
    try:
        birth_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdCardBirthDateInvalid(field="id_number") from None
    if birth_on > on or birth_on.year < 1850:
        raise IdCardBirthDateInvalid(field="id_number")
    if number[17] != id_card_check_digit(number[:17]):
        raise IdCardCheckDigitInvalid(field="id_number")
    sex: Sex = "male" if int(number[16]) % 2 else "female"
    return IdCardNumber(number=number, birth_on=birth_on, sex=sex, province_code=number[:2])


def age_on(birth_on: date, *, on: date) -> int:
    """Return completed years of age; someone born on 29 February completes a year on 1 March of a common year."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))

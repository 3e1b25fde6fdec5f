"""Check digits and shapes of numbers people type: bank cards, mobiles, company codes."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_CARD = re.compile(r"[0-9]{12,19}", re.ASCII)
# The public numbering plan as of 2026 (FACTS §3.4); IoT ranges such as 140 are not a person's phone.
_MOBILE = re.compile(r"1(?:610\d|740[0-5])\d{6}|1(?:[38]\d|4[57]|[59][0-35-9]|6[25-7]|7[0-35-8])\d{8}", re.ASCII)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def _luhn_sum(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total


def luhn_is_valid(digits: str) -> bool:
    """Say whether the last digit is the Luhn (mod 10) check digit of the others."""
    return len(digits) > 1 and _DIGITS.fullmatch(digits) is not None and _luhn_sum(digits) % 10 == 0


def luhn_check_digit(digits: str) -> str:
    """Return the digit that makes `digits` + it valid."""
    return str(-_luhn_sum(digits + "0") % 10)


def card_number_is_plausible(number: str) -> bool:
    """Say whether this has a bank card number's shape: 12 to 19 digits.

    Luhn is asked separately: some old debit cards fail it, so there it is a warning and the bank's answer decides.
    """
    return _CARD.fullmatch(number) is not None


def mobile_is_valid(number: str) -> bool:
    """Say whether this is a mainland China personal mobile number of eleven digits, without country code."""
    return _MOBILE.fullmatch(number) is not None


def mobile_e164(number: str) -> str:
    """Return the number as it is stored, +86 and eleven digits; the caller has checked it."""
    return "+86" + number


def uscc_is_valid(code: str) -> bool:
    """Say whether this is a unified social credit code (GB 32100) with its right check character."""
    if len(code) != 18 or any(character not in _USCC_ALPHABET for character in code):
        return False
    total = sum(
        _USCC_ALPHABET.index(character) * weight for character, weight in zip(code[:17], _USCC_WEIGHTS, strict=True)
    )
    return _USCC_ALPHABET[-total % 31] == code[17]

"""The VAT contained in income, split off once a day, book and kind of income at its closing (R7.11, ADR-0009)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from weidai.ledger import services as ledger
from weidai.ledger.movements import income_of_days
from weidai.ledger.services import LENDER_PARTITION, AccountCode, AccountRef, Transfer
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.servicing import policy
from weidai.servicing.models import VatDay
from weidai.servicing.rules.tax import VatSplit, vat_split

INCOME = (AccountCode.INTEREST_INCOME, AccountCode.PENALTY_INCOME)
_KINDS = {AccountCode.INTEREST_INCOME: "vat.interest", AccountCode.PENALTY_INCOME: "vat.penalty"}
_PPM = 10**6


@transaction.atomic
def day_split(book_id: int, day: date) -> int:
    """Move the VAT of a day's income to the tax payable, in the lender's own partition; returns the rows written.

    What was booked on the day before after its own split counts today, so that every fen of income is taxed once. A day
    that was split before is left alone.
    """
    if VatDay.objects.filter(book_id=book_id, day=day).exists():
        return 0
    before = day - timedelta(days=1)
    found = income_of_days(book_id, days=[before, day], codes=INCOME)
    latest = _latest(book_id)
    written = 0
    for code in INCOME:
        last = latest.get(code)
        income_fen = found.get((code, day), 0)
        late_fen = found.get((code, before), 0) - last.income_fen if last is not None and last.day == before else 0
        if last is None and not income_fen:
            continue
        _write(book_id, day, code, income_fen=income_fen, late_fen=late_fen, last=last)
        written += 1
    return written


def _latest(book_id: int) -> dict[str, VatDay]:
    rows = (VatDay.objects.filter(book_id=book_id, income_code=code).order_by("-day").first() for code in INCOME)
    return {row.income_code: row for row in rows if row is not None}


def _write(book_id: int, day: date, code: AccountCode, *, income_fen: int, late_fen: int, last: VatDay | None) -> None:
    rate = policy.current(day).tax.value_added_rate
    carried = Fraction(last.carried_numerator, last.carried_denominator) if last is not None else Fraction(0)
    split = vat_split(income_fen + late_fen, rate=rate, carried=carried)
    journal_id = _post(book_id, day, code, split) if split.tax_fen else None
    VatDay.objects.create(
        book_id=book_id, day=day, income_code=code, income_fen=income_fen, late_fen=late_fen, tax_fen=split.tax_fen,
        net_fen=split.net_fen, rate_ppm=int(rate * _PPM), carried_numerator=split.carried.numerator,
        carried_denominator=split.carried.denominator, journal_id=journal_id)


def _post(book_id: int, day: date, code: AccountCode, split: VatSplit) -> UUID:
    income, payable = AccountRef(code), AccountRef(AccountCode.OUTPUT_VAT_PAYABLE)
    debit, credit = (income, payable) if split.tax_fen > 0 else (payable, income)
    journal_id = uuid7()
    return ledger.journal_post(
        LENDER_PARTITION, transfers=[Transfer(debit, credit, abs(split.tax_fen), _KINDS[code])],
        cause_type="servicing.vat_day", cause_id=journal_id, book_id=book_id, booked_on=day, at=clock.now(),
        journal_id=journal_id)

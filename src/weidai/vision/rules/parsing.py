"""Which rules turn lines of text into the fields of which paper. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from weidai.vision.rules import id_card, income, papers, statement
from weidai.vision.rules.fields import Kind, Reading
from weidai.vision.rules.lines import Line


def parser(kind: Kind, *, on: date) -> Callable[[Sequence[Line]], Reading]:
    """Return what turns lines into the fields of a kind of paper; `on` is today."""
    dated = {Kind.ID_FRONT: id_card.front, Kind.ID_BACK: id_card.back}
    if kind in dated:
        return lambda lines: dated[kind](lines, on=on)
    return {
        Kind.DEBIT_CARD: papers.debit_card, Kind.BUSINESS_LICENCE: papers.business_licence, Kind.PAYSLIP: income.payslip,
        Kind.TAX_CERTIFICATE: income.tax_certificate, Kind.BANK_STATEMENT: statement.bank_statement,
    }[kind]

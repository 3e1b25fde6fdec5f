"""The settlement certificate as a PDF with embedded Chinese type; the same facts give the same bytes (R6.6)."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF

from weidai.kernel.money import yuan_text

_FONT = Path(__file__).with_name("fonts") / "NotoSansSC-Regular.ttf"
_FAMILY = "NotoSansSC"
_LEFT, _WIDTH, _ROW = 24, 162, 9


def certificate_draw(
    facts: dict[str, Any], *, sha256: str, issued_at: datetime, holder_name: str, holder_id_masked: str,
) -> bytes:
    """Return the PDF of a certificate: both languages, amounts, dates, and the hash by which it can be checked."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(issued_at)
    pdf.set_title(f"Settlement certificate {facts['number']}")
    pdf.add_font(_FAMILY, fname=str(_FONT))
    pdf.set_margins(_LEFT, 22, _LEFT)
    pdf.add_page()
    pdf.set_font(_FAMILY, size=20)
    pdf.cell(_WIDTH, 12, "贷款结清证明", align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(_FAMILY, size=12)
    pdf.cell(_WIDTH, 8, "Certificate of Settlement", align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(6)
    drawable = _drawable(pdf)
    shown_name = with_code_points(holder_name, drawable)
    for zh, en, value in _rows(facts, shown_name, holder_id_masked):
        _row(pdf, zh, en, value)
    if shown_name != holder_name:
        pdf.set_font(_FAMILY, size=8)
        pdf.multi_cell(_WIDTH, 5, "姓名中方括号内为字库未收录汉字的统一码（Unicode）。"
                                  " Brackets hold the Unicode of a character that this typeface lacks.",
                       new_x="LMARGIN", new_y="NEXT")
    pdf.ln(6)
    pdf.set_font(_FAMILY, size=11)
    pdf.multi_cell(_WIDTH, 7, f"兹证明上述借款的本金、利息及全部息费已于 {facts['settled_on']} 结清，"
                              f"借款人对该笔借款不再负有任何债务。", new_x="LMARGIN", new_y="NEXT")
    pdf.multi_cell(_WIDTH, 7, f"This certifies that principal, interest and every charge of the loan above were"
                              f" settled on {facts['settled_on']}; the borrower owes nothing more under it.",
                   new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)
    pdf.cell(_WIDTH, 7, f"{facts['lender_zh']}  {facts['lender_en']}", align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.cell(_WIDTH, 7, f"{issued_at:%Y-%m-%d}", align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(6)
    pdf.set_font(_FAMILY, size=8)
    pdf.multi_cell(_WIDTH, 5, f"摘要值 SHA-256: {sha256}", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def with_code_points(text: str, drawable: Container[int]) -> str:
    """Return the text with every character the typeface lacks as [U+XXXX]: never an empty box for a name."""
    return "".join(character if ord(character) in drawable else f"[U+{ord(character):04X}]" for character in text)


def _drawable(pdf: FPDF) -> Container[int]:
    """Return the code points of the embedded typeface."""
    return set(pdf.fonts[_FAMILY.lower()].cmap)


def _rows(facts: dict[str, Any], holder_name: str, holder_id_masked: str) -> list[tuple[str, str, str]]:
    return [
        ("证明编号", "Certificate no.", facts["number"]),
        ("借款人", "Borrower", holder_name),
        ("证件号码", "ID number", holder_id_masked),
        ("借据编号", "Loan no.", facts["loan_number"]),
        ("合同编号", "Agreement no.", facts["agreement_number"]),
        ("产品", "Product", f"{facts['product_zh']} {facts['product_en']}"),
        ("借款本金", "Principal", f"{yuan_text(facts['amount_fen'])} 元 yuan"),
        ("放款日期", "Paid out on", facts["starts_on"]),
        ("结清日期", "Settled on", facts["settled_on"]),
        ("已还本金", "Principal repaid", f"{yuan_text(facts['principal_fen'])} 元 yuan"),
        ("已还利息", "Interest paid", f"{yuan_text(facts['interest_fen'])} 元 yuan"),
        ("已还罚息", "Penalty paid", f"{yuan_text(facts['penalty_fen'])} 元 yuan"),
        ("合同摘要", "Agreement hash", f"{facts['agreement_sha256'][:32]} {facts['agreement_sha256'][32:]}"),
    ]


def _row(pdf: FPDF, zh: str, en: str, value: str) -> None:
    pdf.set_font(_FAMILY, size=10)
    pdf.cell(26, _ROW, zh, border="B")
    pdf.set_font(_FAMILY, size=8)
    pdf.cell(34, _ROW, en, border="B")
    pdf.set_font(_FAMILY, size=10 if len(value) < 50 else 8)
    pdf.cell(_WIDTH - 60, _ROW, value, border="B", new_x="LMARGIN", new_y="NEXT")

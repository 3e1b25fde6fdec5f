"""What papers propose as income, with the working shown, and what does not fit together (R4.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from weidai.origination.rules import (
    Booking,
    Declared,
    PageRead,
    PaperTerms,
    income_proposed,
    paper_findings,
    paper_value_is_valid,
)

ON = date(2026, 11, 23)
TERMS = PaperTerms("net", ("工资", "代发"), 6, {"payslip": 92, "salary_statement": 45})
PERSON = Declared("欧阳娜·阿", "长沙云麓软件有限公司", 1_200_000)


def slip(month="2026-10", *, net="950000", gross="1200000", page=1, **more):
    values = {"name": "欧阳娜•阿", "employer": "云麓软件", "pay_month": month, "gross_fen": gross, "net_fen": net}
    return PageRead("payslip", page, ON, values, **more)


def row(day, fen, summary="代发工资", *, follows=True, is_doubted=False):
    return Booking(date.fromisoformat(day) if day else None, summary, fen, follows, is_doubted)


def statement(*rows, page=1):
    return PageRead("salary_statement", page, ON, {"name": "欧阳娜·阿", "bank_name": "招商银行"}, rows)


def codes(*pages, declared=PERSON, terms=TERMS):
    return [one.code for one in paper_findings(pages, income_proposed(pages, terms), declared, terms, on=ON)]


def test_r4_1_payslips_give_the_mean_of_their_months_and_one_month_counts_once():
    found = income_proposed([slip("2026-09", net="900000"), slip("2026-10", net="950001", page=2),
                             slip("2026-10", net="990000", page=3), slip("", net="990000", page=4)], TERMS)
    assert (found.monthly_fen, found.kind) == (925_000, "payslip")  # (9,000.00 + 9,500.01) ÷ 2, rounded down
    assert [line.amount_fen for line in found.sources[0].working] == [900_000, 950_001, None]
    assert len(found.sources[0].left_out) == 2
    gross = PaperTerms("gross", ("工资",), 6, {})
    assert income_proposed([slip()], gross).monthly_fen == 1_200_000


def test_r4_1_a_doubted_or_unread_amount_is_never_income():
    assert income_proposed([slip(doubted=frozenset({"net_fen"}))], TERMS).monthly_fen is None
    assert income_proposed([slip(net="")], TERMS).monthly_fen is None
    assert income_proposed([], TERMS).sources == ()


def test_r4_1_a_tax_record_is_divided_by_its_months_less_tax_on_the_net_basis():
    record = PageRead("tax_certificate", 1, ON, {"period": "2025-11/2026-10", "income_fen": "12000000", "tax_fen": "240000"})
    assert income_proposed([record], TERMS).monthly_fen == 980_000
    assert income_proposed([record], PaperTerms("gross", ("工资",), 6, {})).monthly_fen == 1_000_000
    broken = PageRead("tax_certificate", 1, ON, {"period": "2026-10/2025-11", "income_fen": "12000000", "tax_fen": "0"})
    assert income_proposed([broken], TERMS).monthly_fen is None


def test_r4_1_rows_that_do_not_follow_are_shown_and_left_out():
    pages = [statement(row("2026-08-15", 800_000, follows=None), row("2026-08-20", -120_000, "消费"), row("2026-09-15", 820_000)),
             statement(row("2026-10-15", 9_000_000, follows=False), row("2026-10-15", 810_000, is_doubted=True),
                       row("2026-10-16", 830_000), row("2026-10-16", 830_000), row("", 500_000), page=2)]
    source = income_proposed(pages, TERMS).sources[0]
    assert (source.monthly_fen, source.months) == ((800_000 + 820_000 + 830_000) // 3, 3)
    assert [line.amount_fen for line in source.left_out] == [9_000_000, 810_000, 830_000, 500_000, None]
    assert "1 笔是页首行" in source.left_out[-1].text.zh
    assert codes(*pages) == ["balance_broken", "statement_short", "declared_above_papers"]


def test_r4_1_income_never_rests_on_what_failed_a_check_before_a_reviewer_confirmed_it():
    off = {**slip().values, "deducted_fen": "100000"}  # 12,000.00 − 1,000.00 is not 9,500.00
    sources = income_proposed([PageRead("payslip", 1, ON, off), slip("2026-09", net="800000", page=2)], TERMS).sources
    assert (sources[0].monthly_fen, [line.amount_fen for line in sources[0].left_out]) == (800_000, [950_000])
    judged = PageRead("payslip", 1, ON, off, judged=frozenset({"net_fen"}))
    assert income_proposed([judged], TERMS).monthly_fen == 950_000
    record = {"period": "2025-11/2026-10", "income_fen": "12000000", "tax_fen": "240000"}
    failed = PageRead("tax_certificate", 1, ON, record, failed_checks=frozenset({"tax_adds_up"}))
    assert income_proposed([failed], TERMS).monthly_fen is None
    assert income_proposed([replace(failed, judged=frozenset({"income_fen", "tax_fen"}))], TERMS).monthly_fen == 980_000
    unclear = replace(row("2026-10-15", 9_000_000), is_unsure=True)
    source = income_proposed([statement(unclear, row("2026-10-16", 800_000))], TERMS).sources[0]
    assert (source.monthly_fen, [line.amount_fen for line in source.left_out]) == (800_000, [9_000_000])


def test_r4_1_a_month_without_salary_lowers_the_mean():
    found = income_proposed([statement(row("2026-06-15", 600_000), row("2026-10-15", 600_000))], TERMS)
    assert found.monthly_fen == 240_000  # June to October, five months


def test_r4_1_the_lowest_source_is_proposed_and_a_contradiction_is_told():
    pages = [slip(net="950000"), statement(*(row(f"2026-{month:02d}-15", 700_000) for month in range(5, 11)))]
    found = income_proposed(pages, TERMS)
    assert (found.monthly_fen, found.kind) == (700_000, "salary_statement")
    assert codes(*pages) == ["sources_differ", "declared_above_papers"]


@pytest.mark.parametrize(("page", "code"), [
    (slip(), None),
    (PageRead("payslip", 1, ON, {**slip().values, "name": "王五"}), "name_differs"),
    (PageRead("payslip", 1, ON, {**slip().values, "name": ""}), "name_not_read"),
    (PageRead("payslip", 1, ON, {**slip().values, "employer": "别家贸易公司"}), "employer_differs"),
    (slip("2026-07"), "too_old"),
    (slip("2026-08"), None),  # the newest decides, and 92 days are not over
    (slip("2026-12"), "in_the_future"),
    (slip(failed_checks=frozenset({"pay_adds_up"})), "sums_differ"),
    (slip(corrected=frozenset({"net_fen"})), "corrected"),
    (slip(is_marked=True), "marked"),
    (PageRead("business_licence", 1, ON, {"legal_representative": "王五"}), "name_differs"),
])
def test_r4_1_what_does_not_fit_is_a_finding_and_never_a_refusal(page, code):
    fits = Declared(PERSON.name, PERSON.employer, 950_000)
    assert codes(page, declared=fits) == ([code] if code else [])


def test_r4_1_an_old_payslip_beside_a_new_one_is_no_matter():
    assert "too_old" not in codes(slip("2026-01"), slip("2026-10", page=2))


@pytest.mark.parametrize(("code", "value", "is_valid"), [
    ("net_fen", "950000", True), ("net_fen", "9500.00", False), ("net_fen", "²", False), ("net_fen", "-1", False),
    ("pay_month", "2026-08", True), ("pay_month", "2026-13", False), ("period", "2025-11/2026-10", True),
    ("period", "2026-10/2025-11", False), ("founded_on", "2019-02-30", False), ("founded_on", "2019-02-28", True),
    ("uscc", "91430104MA4L1XY32A", True), ("uscc", "IO", False), ("row.3", "-12000", True), ("row.3", "12,000", False),
    ("name", "欧阳娜", True), ("name", "x" * 101, False), ("name", "a\nb", False),
])
def test_r4_1_a_value_has_the_form_of_its_field(code, value, is_valid):
    assert paper_value_is_valid(code, value) is is_valid

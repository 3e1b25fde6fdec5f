"""What papers say: monthly income with its working, and what does not fit together (R4.1). Pure.

Nothing here decides. The proposal is what a reviewer starts from; a finding asks for a closer look, never refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from weidai.kernel.text import Text
from weidai.origination.rules.paper_dates import MONTH, day_of, month_end, period_months, span

IncomeBasis = Literal["net", "gross"]
INCOME_KINDS = ("salary_statement", "bank_statement", "payslip", "tax_certificate")
AS_DRAWN = "text_as_drawn"  # a PDF's text layer says what its pages show; one that does not counts for nothing
_STATEMENTS = ("salary_statement", "bank_statement", "turnover_record")
_APART_PERCENT = 10  # two sources further apart than this contradict each other
_LOOSE = re.compile(r"[\s·•.,，。、()（）\-—_]")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}", re.ASCII)
_LONGEST_VALUE = 100
_MOST_FEN = 10**13


@dataclass(frozen=True, slots=True)
class PaperTerms:
    """What the pack says of papers: which pay counts, which words mark a salary, how long and how old a paper may be."""

    income_basis: IncomeBasis
    salary_words: tuple[str, ...]
    statement_months: int
    maximum_age_days: Mapping[str, int]  # by kind; a kind without one does not age


@dataclass(frozen=True, slots=True)
class Booking:
    """One row of a statement; amount in fen, spending negative; `follows` compares its balance with the row before."""

    booked_on: date | None
    summary: str
    amount_fen: int | None
    follows: bool | None
    is_doubted: bool = False  # by a reviewer
    is_unsure: bool = False  # not read clearly, and no reviewer looked at it yet


@dataclass(frozen=True, slots=True)
class PageRead:
    """What counts of one page: corrected by the reviewer, else as the customer stated, else as read."""

    kind: str
    page: int
    sent_on: date
    values: Mapping[str, str]
    bookings: tuple[Booking, ...] = ()
    corrected: frozenset[str] = frozenset()  # by the customer
    doubted: frozenset[str] = frozenset()  # by the reviewer
    failed_checks: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset()  # accepted or put right by the reviewer
    is_marked: bool = False

    def fen(self, code: str) -> int | None:
        """Return an amount in fen, None when it was not read or is doubted."""
        value = "" if code in self.doubted else self.values.get(code, "")
        return int(value) if value.isdecimal() and value.isascii() else None

    def text(self, code: str) -> str:
        """Return a text, empty when it was not read or is doubted."""
        return "" if code in self.doubted else self.values.get(code, "")


@dataclass(frozen=True, slots=True)
class WorkingLine:
    """One line of the working: words, and an amount in fen where there is one."""

    text: Text
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class IncomeSource:
    """Monthly income by one kind of paper; `left_out` names what was not counted and why."""

    kind: str
    monthly_fen: int | None
    months: int
    working: tuple[WorkingLine, ...]
    left_out: tuple[WorkingLine, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomeProposal:
    """What the papers propose: the lowest of the sources, a month, in fen; None when no paper shows any."""

    monthly_fen: int | None
    kind: str | None
    sources: tuple[IncomeSource, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What papers are compared with."""

    name: str  # the verified one
    employer: str
    monthly_income_fen: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that asks for a closer look; `text` holds no personal data."""

    code: str
    kind: str
    page: int  # 0: of the papers together
    text: Text


@dataclass(frozen=True, slots=True)
class _Sums:
    counted: dict[str, int] = field(default_factory=dict)  # month → fen
    left_out: list[WorkingLine] = field(default_factory=list)


def income_proposed(pages: Sequence[PageRead], terms: PaperTerms) -> IncomeProposal:
    """Propose monthly income from the pages: by payslips, tax record and salary rows; the lowest counts."""
    told, pages = pages, [one for one in pages if AS_DRAWN not in one.failed_checks]
    sources = []
    if slips := [one for one in pages if one.kind == "payslip"]:
        sources.append(_by_payslips(slips, terms.income_basis))
    if records := [one for one in pages if one.kind == "tax_certificate"]:
        sources.append(_by_tax(records, terms.income_basis))
    for kind in ("salary_statement", "bank_statement"):
        if statement := [one for one in pages if one.kind == kind and one.bookings]:
            sources.append(_by_statement(kind, statement, terms))
    sources = _with_refuted(sources, [one for one in told if AS_DRAWN in one.failed_checks])
    shown = [(one.monthly_fen, one.kind) for one in sources if one.monthly_fen is not None]
    if not shown:
        return IncomeProposal(None, None, tuple(sources))
    return IncomeProposal(*min(shown), tuple(sources))


def _with_refuted(sources: Sequence[IncomeSource], refuted: Sequence[PageRead]) -> list[IncomeSource]:
    """Return the sources with the papers named that were not counted because their text is not what they show."""
    found = {one.kind: one for one in sources}
    for page in refuted:
        if page.kind in INCOME_KINDS:
            line = WorkingLine(Text("第 {n} 份 PDF 的文字与画面不一致，未计入。",
                                    "PDF {n}: its text is not what its pages show, not counted.").format(n=page.page))
            known = found.get(page.kind, IncomeSource(page.kind, None, 0, ()))
            found[page.kind] = replace(known, left_out=(*known.left_out, line))
    return list(found.values())


def paper_findings(
    pages: Sequence[PageRead], proposal: IncomeProposal, declared: Declared, terms: PaperTerms, *, on: date,
) -> tuple[Finding, ...]:
    """Return what does not fit: names, employer, age, sums, balances, sources against each other and the declaration."""
    found = [one for page in pages for one in _page_findings(page, declared, on=on)]
    found += _aged(pages, terms, on=on)
    for kind in _STATEMENTS:
        days = [row.booked_on for page in pages if page.kind == kind for row in page.bookings if row.booked_on]
        months = len({day.strftime("%Y-%m") for day in days})
        if days and months < terms.statement_months:
            found.append(Finding("statement_short", kind, 0, Text(
                "流水只有 {n} 个月，需要 {m} 个月。", "The statement has {n} months of the {m} needed.").format(
                    n=months, m=terms.statement_months)))
    shown = [one.monthly_fen for one in proposal.sources if one.monthly_fen is not None]
    if shown and max(shown) * 100 > min(shown) * (100 + _APART_PERCENT):
        found.append(Finding("sources_differ", "", 0, Text(
            "几份材料得出的月收入相差超过 {n}%。", "The papers differ by more than {n} % on monthly income.").format(
                n=_APART_PERCENT)))
    stated = declared.monthly_income_fen
    if stated is not None and proposal.monthly_fen is not None and stated * 100 > proposal.monthly_fen * (100 + _APART_PERCENT):
        found.append(Finding("declared_above_papers", "", 0, Text(
            "申报的月收入比材料所示高出 {n}% 以上。",
            "The declared income is more than {n} % above what the papers show.").format(
                n=_APART_PERCENT)))
    return tuple(found)


def is_salary(summary: str, amount_fen: int | None, words: Sequence[str]) -> bool:
    """Say whether a statement row is a salary: money in, under one of the pack's words."""
    return amount_fen is not None and amount_fen > 0 and any(word in summary for word in words)


def paper_value_is_valid(code: str, value: str) -> bool:
    """Say whether a value has the form its field needs: fen as digits, YYYY-MM, YYYY-MM/YYYY-MM, ISO date, text."""
    if code.startswith("row."):
        return re.fullmatch(r"-?\d{1,13}", value, re.ASCII) is not None
    if code.endswith("_fen"):
        return re.fullmatch(r"\d{1,13}", value, re.ASCII) is not None and int(value) < _MOST_FEN
    if code == "pay_month":
        return MONTH.fullmatch(value) is not None
    if code == "period":
        return period_months(value) > 0
    if code == "founded_on":
        return day_of(value) is not None
    if code == "uscc":
        return _USCC.fullmatch(value.upper()) is not None
    return 0 < len(value) <= _LONGEST_VALUE and value.isprintable()


def _by_payslips(slips: Sequence[PageRead], basis: IncomeBasis) -> IncomeSource:
    """Mean of the months; of two slips for one month the lower counts once."""
    code = "net_fen" if basis == "net" else "gross_fen"
    name = Text("实发", "net") if basis == "net" else Text("应发", "gross")
    sums = _Sums()
    for slip in slips:
        fen, month = slip.fen(code), slip.text("pay_month")
        if fen is None or not month:
            sums.left_out.append(WorkingLine(Text("第 {n} 页缺少{what}金额或月份，未计入。",
                                                  "Page {n} lacks its {what} amount or its month, not counted.").format(
                                                      n=slip.page, what=name), fen))
        elif code not in slip.judged and _pay_contradicts(slip):
            sums.left_out.append(WorkingLine(Text(
                "第 {n} 页应发减扣款不等于实发，审核确认前未计入。",
                "Page {n}: gross less deductions is not net; not counted before a reviewer confirms it.").format(
                    n=slip.page), fen))
        elif month in sums.counted:
            sums.counted[month] = min(sums.counted[month], fen)
            sums.left_out.append(WorkingLine(Text(
                "{month} 有不止一份，取较低者。", "{month} is there more than once; the lower counts.").format(month=month)))
        else:
            sums.counted[month] = fen
    lines = [WorkingLine(Text("{month} {what}", "{month} {what}").format(month=month, what=name), fen)
             for month, fen in sorted(sums.counted.items())]
    return _mean("payslip", sums, lines, len(sums.counted))


def _pay_contradicts(slip: PageRead) -> bool:
    """Say whether gross less deductions is not net, in the amounts that count now."""
    gross, taken, net = (slip.fen(code) for code in ("gross_fen", "deducted_fen", "net_fen"))
    return gross is not None and taken is not None and net is not None and gross - taken != net


def _by_tax(records: Sequence[PageRead], basis: IncomeBasis) -> IncomeSource:
    """Income of the period, less tax on the net basis, over its months; overlapping records are not added up."""
    best: tuple[int, int, list[WorkingLine]] | None = None
    left_out = []
    for record in records:
        income, tax, months = record.fen("income_fen"), record.fen("tax_fen"), period_months(record.text("period"))
        if income is None or not months or (basis == "net" and tax is None):
            left_out.append(WorkingLine(Text("第 {n} 页缺少收入、税额或期间。", "Page {n} lacks income, tax or period.").format(
                n=record.page)))
            continue
        if "tax_adds_up" in record.failed_checks and not {"income_fen", "tax_fen"} <= record.judged | record.corrected:
            left_out.append(WorkingLine(Text(
                "第 {n} 页合计与各行之和不一致，审核确认前未计入。",
                "Page {n}: the totals are not the sums of the rows; not counted before a reviewer confirms them.").format(
                    n=record.page), income))
            continue
        lines = [WorkingLine(Text("{period} 收入合计", "income {period}").format(period=record.text("period")), income)]
        total = income
        if basis == "net" and tax is not None:
            lines.append(WorkingLine(Text("减去税额", "less tax"), -tax))
            total = max(income - tax, 0)
        lines.append(WorkingLine(Text("÷ {n} 个月", "÷ {n} months").format(n=months)))
        if best is not None:
            left_out.append(WorkingLine(Text("有多份纳税记录，取期间最长者。", "Several records; the longest period counts.")))
        if best is None or months > best[1]:
            best = (total // months, months, lines)
    if best is None:
        return IncomeSource("tax_certificate", None, 0, (), tuple(left_out))
    return IncomeSource("tax_certificate", best[0], best[1], tuple(best[2]), tuple(left_out))


def _by_statement(kind: str, statement: Sequence[PageRead], terms: PaperTerms) -> IncomeSource:
    """Salary rows over the months from the first to the last of them; a row that does not follow is never counted."""
    sums, untold = _Sums(), 0
    seen: set[tuple[date, int, str]] = set()
    for page in statement:
        for row in page.bookings:
            if not is_salary(row.summary, row.amount_fen, terms.salary_words):
                continue
            why = _why_left_out(row, seen)
            if why is not None:
                sums.left_out.append(WorkingLine(why, row.amount_fen))
                continue
            assert row.booked_on is not None, "a row without its day was left out"
            assert row.amount_fen is not None, "a salary has an amount"
            seen.add((row.booked_on, row.amount_fen, row.summary))
            untold += row.follows is None
            month = row.booked_on.strftime("%Y-%m")
            sums.counted[month] = sums.counted.get(month, 0) + row.amount_fen
    lines = [WorkingLine(Text("{month} 工资入账", "salary {month}").format(month=month), fen)
             for month, fen in sorted(sums.counted.items())]
    if untold:
        sums.left_out.append(WorkingLine(Text("其中 {n} 笔是页首行，余额无从比对，已计入。",
                                              "{n} of them stand first on a page, with no balance to compare; counted.").format(
                                                  n=untold)))
    months = span(min(sums.counted), max(sums.counted)) if sums.counted else 0
    return _mean(kind, sums, lines, months)


def _why_left_out(row: Booking, seen: set[tuple[date, int, str]]) -> Text | None:
    if row.booked_on is None:
        return Text("日期没有识别，未计入", "date not read, not counted")
    day = {"day": row.booked_on.isoformat()}
    if row.is_doubted:
        return Text("{day} 审核人员存疑，未计入", "{day} doubted by the reviewer, not counted").format(**day)
    if row.follows is False:
        return Text("{day} 余额接不上，未计入", "{day} balance does not follow, not counted").format(**day)
    if row.is_unsure:
        return Text("{day} 没有看清，审核确认前未计入",
                    "{day} not read clearly, not counted before a reviewer confirms it").format(**day)
    if row.amount_fen is not None and (row.booked_on, row.amount_fen, row.summary) in seen:
        return Text("{day} 与另一行相同，只计一次", "{day} equals another row, counted once").format(**day)
    return None


def _mean(kind: str, sums: _Sums, lines: list[WorkingLine], months: int) -> IncomeSource:
    if not months:
        return IncomeSource(kind, None, 0, (), tuple(sums.left_out))
    lines.append(WorkingLine(Text("÷ {n} 个月", "÷ {n} months").format(n=months)))
    return IncomeSource(kind, sum(sums.counted.values()) // months, months, tuple(lines), tuple(sums.left_out))


def _page_findings(page: PageRead, declared: Declared, *, on: date) -> list[Finding]:
    found: list[tuple[str, Text]] = []
    holder = "legal_representative" if page.kind == "business_licence" else "name"
    name, employer = page.values.get(holder, ""), page.text("employer")  # a doubted name is compared all the same
    if holder in page.values and not name:
        found.append(("name_not_read", Text("没有看到姓名。", "No name was read.")))
    elif name and _loose(name) != _loose(declared.name):
        found.append(("name_differs", Text("姓名与实名不一致。", "The name is not the verified one.")))
    if employer and declared.employer and not _same_employer(employer, declared.employer):
        found.append(("employer_differs", Text("单位与申报的不一致。", "The employer is not the declared one.")))
    if (period := _period(page)) is not None and period[0] > on:
        found.append(("in_the_future", Text("日期在今天之后。", "It is dated after today.")))
    if page.failed_checks & {"pay_adds_up", "tax_adds_up"}:
        found.append(("sums_differ", Text("金额之间对不上。", "The amounts do not add up.")))
    broken = sum(row.follows is False for row in page.bookings)
    if broken:
        found.append(("balance_broken", Text("{n} 行余额接不上。", "{n} balances do not follow.").format(n=broken)))
    if page.corrected:
        count = len(page.corrected)
        found.append(("corrected", Text("客户改正了 {n} 项。", "The customer corrected {n} fields.").format(n=count)))
    if AS_DRAWN in page.failed_checks:
        found.append(("text_differs", Text("PDF 的文字与画面不一致，请以画面为准。",
                                           "The PDF's text is not what its pages show; go by the pages.")))
    if page.is_marked:
        found.append(("marked", Text("有「复印件」「样本」等字样。", "It is marked as a copy or specimen.")))
    return [Finding(code, page.kind, page.page, text) for code, text in found]


def _aged(pages: Sequence[PageRead], terms: PaperTerms, *, on: date) -> list[Finding]:
    """The newest page of a kind decides its age."""
    found = []
    for kind, most in terms.maximum_age_days.items():
        ends = [period[1] for page in pages if page.kind == kind and (period := _period(page)) is not None]
        if ends and (on - max(ends)).days > most:
            found.append(Finding("too_old", kind, 0, Text(
                "最近日期为 {day}，早于规定的 {n} 天。", "The latest date is {day}, more than the {n} days allowed ago.").format(
                    day=max(ends).isoformat(), n=most)))
    return found


def _period(page: PageRead) -> tuple[date, date] | None:
    """Return the first and last day a page speaks of, None when it does not say."""
    month, period = page.text("pay_month"), page.text("period")
    if MONTH.fullmatch(month):
        return date.fromisoformat(f"{month}-01"), month_end(month)
    if period_months(period):
        return date.fromisoformat(f"{period[:7]}-01"), month_end(period[8:])
    days = [row.booked_on for row in page.bookings if row.booked_on is not None]
    return (max(days), max(days)) if days else None


def _loose(text: str) -> str:
    return _LOOSE.sub("", text).casefold()


def _same_employer(one: str, other: str) -> bool:
    """Companies are written short and long; one within the other is the same."""
    first, second = _loose(one), _loose(other)
    return bool(first and second) and (first in second or second in first)

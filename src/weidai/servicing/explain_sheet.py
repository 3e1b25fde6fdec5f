"""The derivation of a debt as a sheet to read: sections of lines, each with its working and its fen, in both languages.

In every section the lines that count (charge, paid) add up to its total. Pure; page, console and command line show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from weidai.kernel.money import E8
from weidai.kernel.rates import daily_rate_text
from weidai.kernel.text import Text
from weidai.servicing import explain_words as words
from weidai.servicing.rules import NO_INSTALLMENT, Component
from weidai.servicing.rules.explain import LoanExplanation, PrincipalRule, RowStatus, RowWorking
from weidai.servicing.rules.explain_walk import PaymentWorking, Segment
from weidai.servicing.rules.history import Paid


class LineKind(StrEnum):
    """What a line does to the total of its section."""

    STEP = "step"  # how something arose; counts only through the line that sums it up
    CHARGE = "charge"
    PAID = "paid"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line: what, how it was worked out, how many fen (negative: less to pay; None: a step)."""

    kind: LineKind
    label: Text
    working: Text | None = None
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class SheetSection:
    """Lines that belong together. `group` is today, payoff, installment, cap, payment or method."""

    group: str
    key: str
    title: Text
    lines: tuple[SheetLine, ...]
    total_fen: int | None = None
    status: Text | None = None
    tone: str = "muted"
    is_open: bool = False  # worth reading first


@dataclass(frozen=True, slots=True)
class CoolingOff:
    """Within the cooling-off time the principal alone ends the loan (R7.1)."""

    principal_fen: int


def sheet_build(found: LoanExplanation, *, cooling_off: CoolingOff | None = None) -> tuple[SheetSection, ...]:
    """Return the sheet: owed today, pay-off, every installment (those that matter today first), cap, payments, method."""
    rows = sorted(found.rows, key=lambda row: (row.status in (RowStatus.SETTLED, RowStatus.DROPPED), row.number))
    return (
        _today(found), _payoff(found, cooling_off=cooling_off), *(_installment(row, found=found) for row in rows),
        _cap(found), *(_payment(item, number) for number, item in enumerate(found.payments, 1)), _method(found))


def _charge(label: Text, working: Text | None, amount_fen: int) -> SheetLine:
    return SheetLine(LineKind.CHARGE, label, working, amount_fen)


def _step(label: Text, working: Text | None = None) -> SheetLine:
    return SheetLine(LineKind.STEP, label, working)


def _total(label: Text, amount_fen: int) -> SheetLine:
    return SheetLine(LineKind.TOTAL, label, None, amount_fen)


def _number(row: RowWorking) -> Text:
    return Text(f"第 {row.number} 期", f"installment {row.number}")


def _today(found: LoanExplanation) -> SheetSection:
    """What is due by the end of the day, by installment and component."""
    lines = []
    for row in (row for row in found.rows if row.is_due):
        late = Text(f",逾期 {row.days_past_due} 天", f", {row.days_past_due} d overdue") if row.days_past_due else Text("", "")
        parts = ((Component.FEE, row.unpaid.fee_fen), (Component.PENALTY, row.unpaid.penalty_fen),
                 (Component.INTEREST, row.unpaid.interest_fen), (Component.PRINCIPAL, row.unpaid.principal_fen))
        number, due = _number(row), words.day_text(row.due_on)
        lines += [
            _charge(words.joined((number, words.COMPONENT_TEXTS[part]), zh=" ", en=": "),
                    Text(f"{due.zh}到期{late.zh}", f"due {due.en}{late.en}"), amount)
            for part, amount in parts if amount]
    if not lines:
        lines.append(_step(Text("今天没有到期未还的款项", "nothing is due and unpaid today")))
    lines.append(_total(Text("今天应还", "Owed today"), found.owed.total_fen))
    return SheetSection("today", "today", Text("今天应还多少", "What is owed today"), tuple(lines), found.owed.total_fen,
                        is_open=True)


def _payoff(found: LoanExplanation, *, cooling_off: CoolingOff | None) -> SheetSection:
    """What ends the loan today: due, interest of the days used, principal ahead, nothing else."""
    lines = []
    if found.owed.total_fen:
        lines.append(_charge(Text("今天应还", "owed today"), Text("见上", "see above"), found.owed.total_fen))
    for row in found.rows:
        amount = row.accrued.charged_fen - row.paid.interest_fen
        if row.status in (RowStatus.CURRENT, RowStatus.PLANNED) and amount:
            lines.append(_charge(words.joined((_number(row), Text("截至今天的利息", "interest to today")), zh=" ", en=": "),
                                 _used(row), amount))
    if found.principal_ahead_fen:
        lines.append(_charge(Text("未到期本金", "principal not yet due"), None, found.principal_ahead_fen))
    total = found.payoff.total_fen
    if cooling_off is not None:
        lines.append(_charge(Text("冷静期内免收利息", "no interest within the cooling-off time"), None,
                             cooling_off.principal_fen - total))
        total = cooling_off.principal_fen
    lines = [line for line in lines if line.amount_fen] or [
        _step(Text("没有欠款", "nothing is owed"))]
    lines.append(_total(Text("今天结清", "To settle everything today"), total))
    return SheetSection("payoff", "payoff", Text("今天结清要还多少", "What settles everything today"), tuple(lines), total,
                        is_open=True)


def _used(row: RowWorking) -> Text:
    """The products of the days used, and what was paid of them."""
    parts = [words.product_text(part) for part in row.accrued.segments] or [Text("0.00 元", "CNY 0.00")]
    texts = [words.joined(parts, zh=";", en="; ")]
    if len(row.accrued.segments) != 1 or row.accrued.own_numerator != row.accrued.charged_fen * E8:
        texts.append(words.rounding_text(row.accrued))
    if row.paid.interest_fen:
        paid = words.money_text(row.paid.interest_fen)
        texts.append(Text(f"已还 {paid.zh}", f"{paid.en} of it paid"))
    return words.joined(texts, zh=";", en="; ")


def _installment(row: RowWorking, *, found: LoanExplanation) -> SheetSection:
    """One installment: principal, interest, penalty, fee, what was paid, what is left."""
    due = words.day_text(row.due_on)
    title = Text(f"第 {row.number} 期 · {due.zh}到期", f"Installment {row.number}, due {due.en}")
    status, tone = words.STATUS_TEXTS[row.status], words.STATUS_TONES[row.status]
    if row.status is RowStatus.OVERDUE and row.days_past_due:
        status = Text(f"逾期 {row.days_past_due} 天", f"{row.days_past_due} d overdue")
    if row.status is RowStatus.DROPPED:
        dropped = _step(Text("提前还款后，这一期不再需要", "a payment ahead left nothing for this installment"))
        lines = [dropped, _total(Text("未还", "Unpaid"), 0)]
        return SheetSection("installment", f"row-{row.number}", title, tuple(lines), 0, status, tone)
    lines = [
        _charge(Text("本金", "principal"), words.principal_text(row, terms=found.terms, row_count=len(found.rows)),
                row.principal_fen),
        *_interest_lines(row), *_penalty_lines(row, found=found)]
    if row.fee_fen:
        lines.append(_charge(Text("费用", "fee"), None, row.fee_fen))
    lines += _paid_lines(row, found=found)
    is_ahead = row.status in (RowStatus.CURRENT, RowStatus.PLANNED)
    label = Text("到期应还", "To pay on the due date") if is_ahead else Text("未还", "Unpaid")
    lines.append(_total(label, row.unpaid.total_fen))
    is_open = row.is_due or row.status is RowStatus.CURRENT
    return SheetSection("installment", f"row-{row.number}", title, tuple(lines), row.unpaid.total_fen, status, tone, is_open)


def _interest_lines(row: RowWorking) -> Iterator[SheetLine]:
    """Each product, the interest so far where days are still running, then the row's interest in fen."""
    used = [part for part in row.interest.segments if not part.is_planned]
    ahead = [part for part in row.interest.segments if part.is_planned]
    for part in used:
        yield _step(_span("利息", "interest", part), words.product_text(part))
    if row.status is RowStatus.CURRENT and ahead:
        yield _step(Text("截至今天的利息", "interest to today"), words.rounding_text(row.accrued))
    for part in ahead:
        yield _step(_span("今后的利息", "interest to come", part), words.product_text(part))
    is_said = len(row.interest.segments) == 1 and row.interest.own_numerator == row.interest.charged_fen * E8
    yield _charge(Text("利息", "interest"), None if is_said else words.rounding_text(row.interest), row.interest.charged_fen)


def _penalty_lines(row: RowWorking, *, found: LoanExplanation) -> Iterator[SheetLine]:
    """Each product of the overdue principal, the rounding, and what the cap took off."""
    penalty = row.penalty
    for part in penalty.segments:
        yield _step(_span("罚息（逾期本金）", "penalty on overdue principal", part), words.product_text(part))
    if penalty.segments or penalty.charged_fen:
        is_said = len(penalty.segments) == 1 and penalty.numerator == penalty.rounded_fen * E8
        yield _charge(Text("罚息", "penalty"), None if is_said else words.penalty_rounding_text(penalty), penalty.rounded_fen)
    elif row.status is RowStatus.OVERDUE and row.days_past_due <= found.terms.grace_days:
        grace = found.terms.grace_days
        yield _step(Text("罚息", "penalty"), Text(f"宽限期 {grace} 天内不计", f"none within {grace} grace days"))
    if penalty.cut_fen:
        why = Text("到达年上限，见“费用上限”", "the annual cap is reached, see “Cap on all charges”")
        yield _charge(Text("上限减免", "cut by the cap"), why, -penalty.cut_fen)


def _paid_lines(row: RowWorking, *, found: LoanExplanation) -> Iterator[SheetLine]:
    """What each payment paid of the row."""
    for payment in found.payments:
        for line in payment.lines:
            if line.installment_number == row.number:
                on, part = words.day_text(payment.event.on), words.COMPONENT_TEXTS[line.component]
                yield SheetLine(LineKind.PAID, Text(f"已还{part.zh}", f"{part.en} paid"),
                                Text(f"{on.zh}还款", f"payment of {on.en}"), -line.amount_fen)


def _span(zh: str, en: str, part: Segment) -> Text:
    span = words.span_text(part.starts_on, part.ends_on)
    return Text(f"{zh} {span.zh}", f"{en}, {span.en}")


def _cap(found: LoanExplanation) -> SheetSection:
    """Whether everything charged stays under cap ÷ 365 × Σ daily principal, and where it stopped."""
    cap = found.cap
    lines = [_step(_span("未还本金", "unpaid principal", part), words.balance_text(part)) for part in cap.balance]
    lines += [
        _step(Text("息费总上限", "most that may ever be charged"), words.ceiling_text(cap)),
        _charge(Text("其中罚息最多", "of which penalty at most"), words.headroom_text(cap), cap.headroom_fen),
        _charge(Text("已计罚息（全部各期）", "penalty charged, all installments"), None, -cap.penalty_fen)]
    left = cap.headroom_fen - cap.penalty_fen
    if cap.cut_fen and cap.capped_on:
        on = words.day_text(cap.capped_on)
        saved = words.money_text(cap.cut_fen)
        lines.append(_step(Text("上限起作用", "the cap stopped it"), Text(
            f"{on.zh}起，共少收 {saved.zh}", f"from {on.en}; {saved.en} not charged")))
    lines.append(_total(Text("距上限还有", "Left under the cap"), left))
    status = Text("已到上限", "reached") if cap.cut_fen else Text("未到上限", "not reached")
    return SheetSection("cap", "cap", Text("费用上限", "Cap on all charges"), tuple(lines), left, status,
                        "warning" if cap.cut_fen else "ok")


def _payment(item: PaymentWorking, number: int) -> SheetSection:
    """What one payment paid and what it changed; the lines and the refund are the amount received."""
    on, amount = words.day_text(item.event.on), words.money_text(item.event.amount_fen)
    lines = []
    for part in item.lines:
        component = words.COMPONENT_TEXTS[part.component]
        label = Text("提前还本金（不属于某一期）", "principal ahead, outside any installment") if (
            part.installment_number == NO_INSTALLMENT) else Text(
            f"第 {part.installment_number} 期 {component.zh}", f"installment {part.installment_number}: {component.en}")
        lines.append(_charge(label, None, part.amount_fen))
    if item.refund_fen:
        lines.append(_charge(Text("多付，退回", "too much, given back"), None, item.refund_fen))
    lines.append(_total(Text("收到", "Received"), item.event.amount_fen))
    before, after = words.money_text(item.outstanding_before_fen), words.money_text(item.outstanding_after_fen)
    lines.append(_step(Text("剩余本金", "principal left"), words.joined((before, after), zh=" → ", en=" → ")))
    lines += _rules_of(item)
    lines += [_step(Text(f"第 {change.number} 期变为", f"installment {change.number} became"),
                        words.change_text(change)) for change in item.changes]
    return SheetSection("payment", f"payment-{number}", Text(f"{on.zh}还款 {amount.zh}", f"Payment of {on.en}, {amount.en}"),
                        tuple(lines), item.event.amount_fen)


def _rules_of(item: PaymentWorking) -> Iterator[SheetLine]:
    label = Text("怎么分的", "how it was shared out")
    if item.is_cooling_off:
        yield _step(label, Text("冷静期内全额退还本金，不收利息",
                                "all principal given back in the cooling-off time: no interest"))
    elif isinstance(item.event, Paid):
        yield _step(label, words.ORDER_TEXTS[item.event.order])
        if item.changes:
            yield _step(Text("提前还的部分", "the money paid ahead"), words.CHOICE_TEXTS[item.event.choice])


def _method(found: LoanExplanation) -> SheetSection:
    """The few rules all the lines above follow."""
    terms = found.terms
    rate, penalty = daily_rate_text(terms.daily_rate_e8), daily_rate_text(terms.penalty_daily_rate_e8)
    lines = [
        _step(Text("利息", "Interest"), Text(
            f"未到期本金 × 日利率 {rate} × 实际天数；到账当天计，还款当天或到期当天不计。"
            "每笔乘积不取整，逐期按累计数四舍五入到分，尾差带入下一期。",
            f"principal not yet due × {rate} a day × actual days; the first day counts, the last does not. Products are never "
            "rounded: the running sum is rounded to the fen once per installment, and what is left over goes into the next.")),
        _step(Text("罚息", "Penalty"), Text(
            f"逾期本金 × 日利率 {penalty} × 逾期天数，代替原利率；利息和罚息都不再计息。",
            f"overdue principal × {penalty} a day × days overdue, in place of the contract rate; no interest on interest.")),
        _step(Text("上限", "Cap"), Text(
            "全部息费不超过 年上限 ÷ 365 × 每日未还本金之和；先到期的期数先占用。",
            "all charges stay below annual cap ÷ 365 × the sum of daily unpaid principal; the oldest installment comes first."))]
    if any(row.principal_rule is PrincipalRule.LEVEL for row in found.rows):
        lines.append(_step(Text("等额还款额", "Level payment"), Text(
            "使各期还款按实际天数折回后正好等于本金：还款额 × Σ 1 ÷ Π(1 + 日利率 × 天数) = 本金，四舍五入到分。",
            "the equal payment that repays exactly the principal: payment × Σ 1 ÷ Π(1 + rate × days) = principal, nearest fen.")))
    return SheetSection("method", "method", Text("计算规则", "The rules"), tuple(lines))

"""The working of a figure in plain words, both languages: "12 天 × 2,301.13 元 × 0.05% = 13.80678 元". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from weidai.kernel.money import E8, FEN_PER_YUAN, round_half_up, yuan_text
from weidai.kernel.rates import DAYS_PER_YEAR, PPM, daily_rate_text, ratio_text
from weidai.kernel.text import Text
from weidai.lending.rules import LoanTerms
from weidai.lending.rules.pay_later import REFERENCE_MINIMUM
from weidai.servicing.rules import AllocationOrder, Component, PrepaymentChoice
from weidai.servicing.rules.explain import CapWorking, InterestWorking, PenaltyWorking, PrincipalRule, RowStatus, RowWorking
from weidai.servicing.rules.explain_walk import RowChange, Segment

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YUAN_DIGITS = 10  # 1e-8 fen are 1e-10 yuan

COMPONENT_TEXTS = {
    Component.PRINCIPAL: Text("本金", "principal"), Component.INTEREST: Text("利息", "interest"),
    Component.PENALTY: Text("罚息", "penalty"), Component.FEE: Text("费用", "fee")}
STATUS_TEXTS = {
    RowStatus.SETTLED: Text("已还清", "paid"), RowStatus.DROPPED: Text("不再需要", "not needed any more"),
    RowStatus.OVERDUE: Text("逾期", "overdue"), RowStatus.DUE: Text("今日到期", "due today"),
    RowStatus.CURRENT: Text("计息中", "running"), RowStatus.PLANNED: Text("待还", "planned")}
STATUS_TONES = {
    RowStatus.SETTLED: "ok", RowStatus.DROPPED: "muted", RowStatus.OVERDUE: "danger", RowStatus.DUE: "warning",
    RowStatus.CURRENT: "info", RowStatus.PLANNED: "muted"}
CHOICE_TEXTS = {
    PrepaymentChoice.SHORTEN_TERM: Text("先还下一期，多出的从最后一期减起（缩短期限）",
                                        "pays the next installment, then takes the last ones off"),
    PrepaymentChoice.SMALLER_INSTALLMENTS: Text("日期不变，每期减少", "every installment smaller, same dates")}
ORDER_TEXTS = {
    AllocationOrder.CHARGES_FIRST: Text("先还到期最早的一期，期内依次为费用、罚息、利息、本金",
                                        "oldest installment first; in it fee, penalty, interest, principal"),
    AllocationOrder.PRINCIPAL_FIRST: Text("先还到期最早的一期，期内依次为本金、利息、罚息、费用",
                                          "oldest installment first; in it principal, interest, penalty, fee")}


def day_text(on: date) -> Text:
    """Return a day: 2018年9月11日, 11 Sep 2018."""
    return Text(f"{on.year}年{on.month}月{on.day}日", f"{on.day} {_MONTHS[on.month - 1]} {on.year}")


def span_text(starts_on: date, ends_on: date) -> Text:
    """Return a span; the last day is not counted in it, as the words of the sheet say once."""
    first, last = day_text(starts_on), day_text(ends_on)
    return Text(f"{first.zh} 至 {last.zh}", f"{first.en} to {last.en}")


def exact_yuan(numerator: int, *, with_sign: bool = False) -> str:
    """Return 1e-8 fen as yuan without any rounding, at least two decimals: 1_380_678_000_00 → "13.80678"."""
    whole, part = divmod(abs(numerator), FEN_PER_YUAN * E8)
    digits = f"{part:0{_YUAN_DIGITS}d}".rstrip("0").ljust(2, "0")
    sign = "-" if numerator < 0 else "+" if with_sign else ""
    return f"{sign}{whole:,}.{digits}"


def money_text(fen: int) -> Text:
    """Return an amount with its unit."""
    return Text(f"{yuan_text(fen)} 元", f"CNY {yuan_text(fen)}")


def product_text(part: Segment) -> Text:
    """Return days × principal × rate = exact product."""
    rate, principal, exact = daily_rate_text(part.daily_rate_e8), yuan_text(part.principal_fen), exact_yuan(part.numerator)
    return Text(f"{part.days} 天 × {principal} 元 × {rate} = {exact} 元",
                f"{_days(part.days)} × CNY {principal} × {rate} = CNY {exact}")


def rounding_text(working: InterestWorking) -> Text:
    """Return how the row's exact interest became fen: with what earlier roundings left over."""
    if not working.carry_numerator:
        return _rounded(working.own_numerator, fen=working.charged_fen)
    own, carry = exact_yuan(working.own_numerator), exact_yuan(abs(working.carry_numerator))
    sign = "−" if working.carry_numerator < 0 else "+"
    after = _rounded(working.own_numerator + working.carry_numerator, fen=working.charged_fen)
    return Text(f"{own} {sign} 前期取整尾差 {carry} = {after.zh}",
                f"{own} {sign} {carry} left from earlier rounding = {after.en}")


def penalty_rounding_text(working: PenaltyWorking) -> Text:
    """Return how the row's exact penalty became fen."""
    return _rounded(working.numerator, fen=working.rounded_fen)


def principal_text(row: RowWorking, *, terms: LoanTerms, row_count: int) -> Text:
    """Return how the principal of a row came about; only ever a sentence that is true of it."""
    size, amount = yuan_text(row.size_fen), yuan_text(row.principal_fen)
    if row.principal_rule is PrincipalRule.SHARE:
        if terms.principal_fen // row_count == row.size_fen:
            whole = yuan_text(terms.principal_fen)
            down = ("", "") if row.size_fen * row_count == terms.principal_fen else (",舍去不足一分", ", whole fen")
            return Text(f"等额本金：{whole} 元 ÷ {row_count} 期 = {size} 元{down[0]}",
                        f"equal principal: CNY {whole} ÷ {row_count} = CNY {size}{down[1]}")
        return Text(f"等额本金：每期 {size} 元", f"equal principal: CNY {size} each")
    if row.principal_rule is PrincipalRule.LEVEL:
        interest = yuan_text(row.interest.charged_fen)
        return Text(f"等额还款 {size} 元 − 利息 {interest} 元 = {amount} 元",
                    f"level payment CNY {size} − interest CNY {interest} = CNY {amount}")
    share, least = ratio_text(REFERENCE_MINIMUM.share_ppm), yuan_text(REFERENCE_MINIMUM.all_up_to_fen)
    return {
        PrincipalRule.MINIMUM: Text(f"剩余本金的 {share}（四舍五入到分；不超过 {least} 元时为全部）",
                                    f"{share} of the principal left, to the nearest fen; all of it up to CNY {least}"),
        PrincipalRule.NONE: Text("本期无本金", "no principal in this installment"),
        PrincipalRule.REST: Text("最后一期：还剩余的全部本金", "the last installment takes all principal left"),
        PrincipalRule.PLANNED: Text("按还款计划（提前还款后重算，见还款记录）", "by the plan as changed by payments, see below"),
    }[row.principal_rule]


def ceiling_text(cap: CapWorking) -> Text:
    """Return cap ÷ 365 × Σ daily principal."""
    base, ceiling = yuan_text(cap.principal_days), exact_yuan(cap.ceiling_numerator)
    share = ratio_text(cap.annual_cap_ppm)
    is_exact = cap.ceiling_numerator * DAYS_PER_YEAR * PPM == cap.principal_days * cap.annual_cap_ppm * E8
    cut = ("", "") if is_exact else (f"(舍至小数 {_YUAN_DIGITS} 位)", f" (cut after {_YUAN_DIGITS} decimals)")
    return Text(f"{base} 元·天 × {share} ÷ {DAYS_PER_YEAR} = {ceiling} 元{cut[0]}",
                f"{base} CNY-days × {share} ÷ {DAYS_PER_YEAR} = CNY {ceiling}{cut[1]}")


def balance_text(part: Segment) -> Text:
    """Return days × unpaid principal, the base of the cap."""
    principal, product = yuan_text(part.principal_fen), yuan_text(part.days * part.principal_fen)
    return Text(f"{part.days} 天 × {principal} 元 = {product} 元·天",
                f"{_days(part.days)} × CNY {principal} = {product} CNY-days")


def headroom_text(cap: CapWorking) -> Text:
    """Return the ceiling less interest, fees and the fen that leaves room for rounding."""
    parts = [exact_yuan(cap.ceiling_numerator), exact_yuan(cap.interest_numerator)]
    parts += [yuan_text(cap.fee_fen)] * bool(cap.fee_fen)
    sums = " − ".join([*parts, "0.01"])
    return Text(f"{sums}，取到分，不低于 0", f"{sums}, whole fen, not below 0")


def change_text(change: RowChange) -> Text:
    """Return what became of a planned row."""
    parts = []
    for part, before_fen, after_fen in (
        (Component.PRINCIPAL, change.principal_before_fen, change.principal_after_fen),
        (Component.INTEREST, change.interest_before_fen, change.interest_after_fen),
    ):
        name, before, after = COMPONENT_TEXTS[part], yuan_text(before_fen), yuan_text(after_fen)
        if before_fen != after_fen:
            parts.append(Text(f"{name.zh} {before} → {after} 元", f"{name.en} CNY {before} → {after}"))
    return joined(parts, zh=",", en=", ")


def joined(parts: Sequence[Text], *, zh: str, en: str) -> Text:
    """Return texts one after the other."""
    return Text(zh.join(part.zh for part in parts), en.join(part.en for part in parts))


def _rounded(numerator: int, *, fen: int) -> Text:
    """Return an exact sum and the fen it became."""
    exact, amount = exact_yuan(numerator), yuan_text(fen)
    if numerator == fen * E8:
        return Text(f"{amount} 元", f"CNY {amount}")
    if round_half_up(numerator, E8) == fen:
        return Text(f"{exact} 元，四舍五入到分为 {amount} 元", f"CNY {exact}, to the nearest fen CNY {amount}")
    return Text(f"{exact} 元，不得高于年上限，取 {amount} 元", f"CNY {exact}, kept below the annual cap: CNY {amount}")


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"

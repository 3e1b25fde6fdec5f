"""What changed between two versions of the rules, line by line in plain words, for the people they judge (R2.3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from weidai.assessment.measures import Unit
from weidai.assessment.policy import AssessmentPolicy, IndicatorPolicy
from weidai.kernel.money import yuan_text
from weidai.kernel.text import Text


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One difference; `what` names the rule, before and after are its values in words, empty when there was or is none."""

    code: str
    what: Text
    before: Text
    after: Text


def rule_changes(before: AssessmentPolicy, after: AssessmentPolicy) -> tuple[RuleChange, ...]:
    """Return every difference a customer's score could depend on, indicators first; empty when there is none."""
    old, new = ({row.code: row for row in version.enabled} for version in (before, after))
    found: list[RuleChange] = []
    for code in dict.fromkeys((*old, *new)):
        found += _indicator_changes(old.get(code), new.get(code))
    found += _grade_changes(before, after)
    for code, what, was, becomes in (
        ("type_i_card", Text("默认卡为 I 类账户的加分", "Points for a Type I default card"),
         before.type_i_card_points, after.type_i_card_points),
        ("fast_track.bonus", Text("快速通道加分", "Fast-track points"),
         before.fast_track.bonus_points, after.fast_track.bonus_points),
        ("fast_track.months", Text("快速通道所需连续月数", "Months in a row for the fast track"),
         before.fast_track.months, after.fast_track.months),
        ("fast_track.payments", Text("快速通道所需日均支付笔数", "Payments a day for the fast track"),
         before.fast_track.payments_per_day, after.fast_track.payments_per_day),
        ("window", Text("统计的完整月数", "Complete months looked at"), before.window_months, after.window_months),
        ("balance_days", Text("日均余额的统计天数", "Days of the mean balance"), before.balance_days, after.balance_days),
        ("contact_days", Text("有效联系人的统计天数", "Days of effective contacts"), before.contact_days, after.contact_days),
        ("bureau_age", Text("信用报告最长有效天数", "Greatest age of a credit report in days"),
         before.bureau_maximum_age_days, after.bureau_maximum_age_days),
    ):
        if was != becomes:
            found.append(RuleChange(code, what, _count(was), _count(becomes)))
    return tuple(found)


def _indicator_changes(old: IndicatorPolicy | None, new: IndicatorPolicy | None) -> list[RuleChange]:
    if old is None or new is None:
        row = new or old
        assert row is not None, "one of the two has it"
        counts, gone = Text("计入评分", "counts"), Text("不计入评分", "does not count")
        return [RuleChange(row.code, row.name, gone if old is None else counts, counts if old is None else gone)]
    named = new.name
    found = []
    if (old.threshold, old.unit, old.direction) != (new.threshold, new.unit, new.direction):
        found.append(RuleChange(f"{new.code}.threshold", _of(named, Text("标准", "threshold")),
                                _threshold(old), _threshold(new)))
    if old.maximum_points != new.maximum_points:
        found.append(RuleChange(f"{new.code}.points", _of(named, Text("满分", "full points")),
                                _count(old.maximum_points), _count(new.maximum_points)))
    for field, word in (("partial_share", Text("未达标时的最高得分比例", "greatest share below the threshold")),
                        ("absent_share", Text("无信用评分时的得分比例", "share without a bureau score"))):
        was, becomes = getattr(old, field), getattr(new, field)
        if was != becomes:
            found.append(RuleChange(f"{new.code}.{field}", _of(named, word), _share(was), _share(becomes)))
    if old.shares_by_count != new.shares_by_count:
        found.append(RuleChange(f"{new.code}.shares", _of(named, Text("各次数的得分比例", "share by number of events")),
                                _shares(old.shares_by_count), _shares(new.shares_by_count)))
    if old.needs_consent != new.needs_consent:
        words = {True: Text("需单独同意", "asks its own consent"), False: Text("不需单独同意", "asks no consent of its own")}
        found.append(RuleChange(f"{new.code}.consent", named, words[old.needs_consent], words[new.needs_consent]))
    if old.measure != new.measure:
        found.append(RuleChange(f"{new.code}.measure", named, Text(old.measure, old.measure), Text(new.measure, new.measure)))
    return found


def _grade_changes(before: AssessmentPolicy, after: AssessmentPolicy) -> list[RuleChange]:
    return [
        RuleChange(f"grade.{new.code}", Text("{g} 级最低评分", "Lowest score of grade {g}").format(g=new.code),
                   _count(old.minimum_score), _count(new.minimum_score))
        for old, new in zip(before.grades, after.grades, strict=True) if old.minimum_score != new.minimum_score]


def _of(name: Text, part: Text) -> Text:
    return Text(f"{name.zh}:{part.zh}", f"{name.en}: {part.en}")


def _threshold(row: IndicatorPolicy) -> Text:
    value = _figure(row.threshold, row.unit)
    if row.direction == "at_least":
        return Text(f"不低于 {value.zh}", f"at least {value.en}")
    return Text(f"不高于 {value.zh}", f"at most {value.en}")


def _figure(value: Fraction, unit: Unit) -> Text:
    if unit == "fen":
        return Text(f"{yuan_text(int(value))} 元", f"{yuan_text(int(value))} yuan")
    return _share(value) if unit == "ratio" else _count(int(value))


def _share(value: Fraction) -> Text:
    """Return a ratio as percent, exact to four decimals (the pack's own precision)."""
    text = f"{float(value * 100):.4f}".rstrip("0").rstrip(".") + "%"
    return Text(text, text)


def _shares(values: tuple[Fraction, ...]) -> Text:
    return Text("、".join(_share(value).zh for value in values), ", ".join(_share(value).en for value in values))


def _count(value: int) -> Text:
    return Text(f"{value:,}", f"{value:,}")

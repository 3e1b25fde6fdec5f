"""Refusals of the policy room: a pack that is malformed or illegal, and a day without a pack."""

from __future__ import annotations

from weidai.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from weidai.kernel.text import Text


class PolicyRefused(Refused):
    """A policy file says something it may not: says file, line, key, what is wrong and the rule it breaks."""

    code = "policy.pack_refused"
    text = Text(
        "规则包文件 {file} 第 {line} 行 {key}:{problem}（依据：{rule}）",
        "Policy file {file}, line {line}, {key}: {problem} (rule: {rule})",
    )
    next_step = Text(
        "请修正该文件后重新检查；在此之前，仍使用旧规则包或停止受理。",
        "Correct the file and check again; until then the pack is not used.",
    )

    def __init__(self, *, file: str, key: str, line: int | None, problem: Text, rule: str) -> None:
        super().__init__(file=file, key=key, line=line, problem=problem, rule=rule)
        self.file, self.key, self.line, self.problem, self.rule = file, key, line, problem, rule
        self.others: tuple[PolicyRefused, ...] = ()  # further faults found in the same reading

    @property
    def all(self) -> tuple[PolicyRefused, ...]:
        """This fault and every other one of the same reading."""
        return (self, *self.others)

    @property
    def message(self) -> Text:
        """The sentence; the problem is itself a text in both languages."""
        where = {"file": self.file, "key": self.key, "line": self.line or "?", "rule": self.rule}
        return Text(
            zh=self.text.zh.format(problem=self.problem.zh, **where),
            en=self.text.en.format(problem=self.problem.en, **where),
        )


class PolicyNotFound(NotFound):
    """No pack was in force on that day, or no pack has that version."""

    code = "policy.pack_not_found"
    text = Text("没有适用的规则包：{wanted}。", "No policy pack for {wanted}.")
    next_step = Text(
        "请在规则包目录中放入一个生效日期更早的版本。",
        "Put a version with an earlier effective date into the policy folder.",
    )


class PackVersionNotFound(NotFound):
    """There is no such version among those drafted here."""

    code = "policy.version_not_found"
    text = Text("没有这个策略版本。", "There is no such policy version.")


class PackVersionStateConflict(Conflict):
    """The version is in another state than the step needs."""

    code = "policy.version_state"
    text = Text("该版本当前为“{state_zh}”，不能进行此操作。", "The version is {state_en}; this step is not possible now.")
    next_step = Text("请刷新页面，按流程进行下一步。", "Reload the page and take the next step of the process.")


class PackEditedMeanwhile(Conflict):
    """Somebody else saved the draft after it was opened."""

    code = "policy.edited_meanwhile"
    text = Text("草稿已被他人修改，您的内容尚未保存。", "The draft was changed by somebody else; yours is not saved.")
    next_step = Text("请复制您的修改，重新打开草稿后再保存。", "Copy your change, open the draft again and save there.")


class SecondPersonNeeded(Forbidden):
    """Whoever wrote a version may neither approve nor publish it (R8.6)."""

    code = "policy.second_person_needed"
    text = Text("起草或修改过该版本的人不能复核或发布。", "Whoever wrote or changed this version may not approve or publish it.")
    next_step = Text("请由另一位有权限的同事办理。", "Ask another colleague who holds the permission.")


class ShadowTaken(Conflict):
    """Another version is in shadow or waits to be published; only one can be at a time."""

    code = "policy.shadow_taken"
    text = Text("已有其他版本正在影子运行或等待发布。", "Another version is in shadow or waits to be published.")
    next_step = Text("请先发布、退回或撤回该版本。", "Publish, return or withdraw that one first.")


class EffectiveDatePassed(Refused):
    """A version cannot hold for days that are over."""

    code = "policy.effective_date_passed"
    text = Text("生效日期 {on} 已过，规则不能追溯适用。", "The effective date {on} has passed; rules do not hold for the past.")
    next_step = Text("退回草稿，在 pack.toml 中改为今天或以后的日期，重新验证与复核。",
                     "Return it to draft, set today or a later day in pack.toml, then validate and approve again.")


class PackCodeDiffers(Refused):
    """A version of another pack cannot continue this one's history."""

    code = "policy.pack_code_differs"
    text = Text("规则包代码为 {found}，本机构使用的是 {wanted}。", "The pack's code is {found}; this installation uses {wanted}.")


class NothingToRollBack(Conflict):
    """The version is not the newest published one."""

    code = "policy.nothing_to_roll_back"
    text = Text("只能回滚最近发布且仍有效的版本。", "Only the newest published version that still holds can be rolled back.")


class PackContentChanged(Refused):
    """The stored content is not what was validated."""

    code = "policy.content_changed"
    text = Text("内容与验证时的摘要不一致，不能继续。", "The content does not match the digest taken when it was validated.")
    next_step = Text("请撤回该版本并报告合规。", "Withdraw the version and tell compliance.")


class ReplayNotFound(NotFound):
    """There is no such replay."""

    code = "policy.replay_not_found"
    text = Text("没有这个回放。", "There is no such replay.")


class ReplayPeriodEmpty(Invalid):
    """The period of a replay is empty or longer than a year."""

    code = "policy.replay_period"
    text = Text("回放期间须为 1 天至 366 天。", "A replay covers 1 to 366 days.")

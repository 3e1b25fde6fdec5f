"""Refusals of the policy room: a pack that is malformed or illegal, and a day without a pack."""

from __future__ import annotations

from weidai.kernel.errors import NotFound, Refused
from weidai.kernel.text import Text


class PolicyRefused(Refused):
    """A policy file says something it may not: says file, line, key, what is wrong and the rule it breaks."""

    code = "policy.pack_refused"
    text = Text(
        "规则包文件 {file} 第 {line} 行 {key}:{problem}(依据:{rule})",
        "Policy file {file}, line {line}, {key}: {problem} (rule: {rule})",
    )
    next_step = Text(
        "请修正该文件后重新检查;在此之前,仍使用旧规则包或停止受理。",
        "Correct the file and check again; until then the pack is not used.",
    )

    def __init__(self, *, file: str, key: str, line: int | None, problem: Text, rule: str) -> None:
        super().__init__(file=file, key=key, line=line, problem=problem, rule=rule)
        self.file, self.key, self.line, self.problem, self.rule = file, key, line, problem, rule

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
    text = Text("没有适用的规则包:{wanted}。", "No policy pack for {wanted}.")
    next_step = Text(
        "请在规则包目录中放入一个生效日期更早的版本。",
        "Put a version with an earlier effective date into the policy folder.",
    )

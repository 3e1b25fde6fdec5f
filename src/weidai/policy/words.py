"""Words for the states of a version and of a replay."""

from __future__ import annotations

from weidai.kernel.text import Text

STATE_NAMES: dict[str, Text] = {
    "draft": Text("草稿", "draft"), "validated": Text("已验证", "validated"), "shadow": Text("影子运行", "in shadow"),
    "approved": Text("已复核", "approved"), "live": Text("已发布", "published"), "retired": Text("已回滚", "rolled back"),
    "withdrawn": Text("已撤回", "withdrawn"),
}
STANDING_NAMES: dict[str, Text] = {
    "in_force": Text("生效中", "in force"), "scheduled": Text("待生效", "scheduled"),
    "superseded": Text("已被替代", "superseded"), "folder": Text("目录版本", "folder"),
}
REPLAY_STATE_NAMES: dict[str, Text] = {
    "waiting": Text("排队中", "waiting"), "running": Text("运行中", "running"), "done": Text("已完成", "done"),
    "failed": Text("失败", "failed"),
}
SECTION_NAMES: dict[str, Text] = {
    "pack": Text("规则包", "Pack"), "identity": Text("实名认证", "Identity"), "assessment": Text("资质评估", "Assessment"),
    "products": Text("产品", "Products"), "origination": Text("申请与审核", "Applications"),
    "limits": Text("额度", "Limits"), "wages": Text("平均工资", "Average wages"), "lending": Text("借款", "Lending"),
    "servicing": Text("还款与贷后", "Servicing"), "risk": Text("交易风控", "Transaction risk"),
    "retention": Text("资料留存", "Retention"), "cases": Text("标准用例", "Golden cases"),
    "replay": Text("回放假设", "Replay assumptions"),
}

"""States, stages and steps in words."""

from weidai.kernel.text import Text

STATE_TEXTS: dict[str, Text] = {
    "draft": Text("填写中", "draft"),
    "submitted": Text("已提交", "submitted"),
    "screening": Text("初审中", "in screening"),
    "verification": Text("复审中", "in verification"),
    "awaiting_customer": Text("待补充资料", "waiting for you"),
    "final_review": Text("终审中", "in final review"),
    "offered": Text("已批准，待确认", "approved, waiting for your answer"),
    "accepted": Text("已接受", "accepted"),
    "declined": Text("未通过", "declined"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "expired": Text("已过期", "expired"),
}
STAGE_TEXTS: dict[str, Text] = {
    "verification": Text("复审", "Verification"),
    "appeal": Text("申诉复核", "Appeal"),
}
OUTCOME_TEXTS: dict[str, Text] = {
    "approve": Text("通过", "approved"),
    "decline": Text("拒绝", "declined"),
    "return": Text("退回补充", "returned to the customer"),
    "uphold": Text("维持原决定", "the decision stands"),
    "reopen": Text("重新审核", "the case is looked at again"),
}
APPEAL_TEXTS: dict[str, Text] = {
    "open": Text("复核中", "being reviewed"),
    "upheld": Text("维持原决定", "the decision stands"),
    "reopened": Text("已重新进入审核", "back in review"),
}

"""Words for what was deleted, why, and what cleaning took away; pages of borrowers and staff share them."""

from __future__ import annotations

from weidai.kernel.text import Text

WHAT = {
    "file": Text("文件已删除", "File deleted"),
    "voiceprint": Text("声纹已销毁", "Voiceprint destroyed"),
    "biometrics": Text("生物特征已销毁", "Biometrics destroyed"),
    "everything": Text("账户资料已彻底删除", "All data erased"),
}
REASONS = {
    "retention_over": Text("保存期限届满", "The time it may be kept was over"),
    "customer_request": Text("应客户要求", "Asked for by the customer"),
    "consent_withdrawn": Text("授权已撤回", "The consent was withdrawn"),
    "account_closed": Text("账户已关闭", "The account was closed"),
    "origination.paper_removed": Text("客户撤下材料", "The customer took the paper back"),
    "origination.draft_over": Text("申请未提交即结束", "The application ended before it was handed in"),
    "origination.paper_refused": Text("材料未被接收", "The paper was not taken"),
    "regulator": Text("监管要求", "Demanded by the regulator"),
}
REMOVED = {
    "metadata": Text("拍摄信息", "camera data"),
    "place": Text("地点", "place"),
    "animation": Text("动画", "animation"),
    "hidden_content": Text("隐藏内容", "hidden content"),
}


def words_of(code: str, table: dict[str, Text]) -> Text:
    """Return the words of a code; a code without words stands for itself."""
    return table.get(code, Text(code, code))

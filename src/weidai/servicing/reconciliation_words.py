"""Outcomes of reconciliation and what to do about them, in words (R7.11)."""

from __future__ import annotations

from weidai.kernel.text import Text

OUTCOME_TEXTS: dict[str, Text] = {
    "matched": Text("相符", "matched"),
    "timing": Text("跨日在途", "timing"),
    "missing_at_bank": Text("银行缺失", "missing at the bank"),
    "missing_here": Text("我方缺失", "missing here"),
    "amount_differs": Text("金额不符", "amount differs"),
}
ADVICE_TEXTS: dict[str, Text] = {
    "": Text("无需处理", "nothing to do"),
    "booked_other_day": Text("两边在相邻日入账，合计一致，无需处理",
                             "booked on neighbouring days; the sums agree; nothing to do"),
    "expected_next_day": Text("预计银行次日入账，次日对账自动核销",
                              "the bank books it the next day; the next run closes it"),
    "posted_from_file": Text("已按银行对账单补记，请核对入账结果", "booked from the bank's file; check the booking"),
    "posted_by_query": Text("已按银行查询结果入账", "booked by the bank's answer to a query"),
    "voided": Text("银行确认未入账，已撤销并释放额度", "the bank did not book it: taken back, nothing is owed"),
    "bank_deciding": Text("银行处理中，已再次查询，次日再核",
                          "the bank is still deciding; asked again; looked at the next day"),
    "bank_silent": Text("银行未应答，稍后自动再查", "the bank did not answer; asked again by itself"),
    "contradiction": Text("与我方已定结果相反，请到「放款与扣款差异」处理",
                          "it contradicts our books: see the discrepancies page"),
    "look_into_request": Text("未能自动入账，请核查该笔请求",
                              "it could not be booked by itself; look into the request"),
    "ask_bank": Text("账上有而银行没有：凭流水号向银行查询；确未到账则冲正",
                     "in our books only: ask the bank by the number; reverse it if the money never came"),
    "bring_to_bank": Text("非银行渠道收款：确认现金已缴存收款账户",
                          "not received through the bank: check that the cash was paid in"),
    "unknown_request": Text("银行有而账上没有：查明来源后登记暂收款",
                            "at the bank only: find out whose it is, then keep it in suspense"),
    "look_into_amount": Text("两边金额不同：调取银行回单核对", "the amounts differ: compare with the bank's slip"),
}
STATE_TEXTS: dict[str, Text] = {
    "waiting": Text("等待银行文件", "waiting for the bank's file"),
    "balanced": Text("已平", "balanced"),
    "different": Text("有差异", "differences"),
}
KIND_TEXTS: dict[str, Text] = {
    "payout": Text("放款", "payout"), "debit": Text("扣款", "debit"), "refund": Text("退款", "refund"),
    "transfer": Text("客户转账", "transfer"), "counter": Text("柜台", "counter"), "other": Text("其他", "other"),
}
ACCOUNT_TEXTS: dict[str, Text] = {
    "settlement": Text("放款户", "settlement account"), "collection": Text("收款户", "collection account"),
}

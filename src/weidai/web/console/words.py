"""Codes of the rooms in words, with the tone of their badge. A code without words shows as it is."""

from __future__ import annotations

from weidai.kernel.text import Text
from weidai.ledger.rules import CHART
from weidai.servicing.reconciliation_words import OUTCOME_TEXTS, STATE_TEXTS
from weidai.web.shared.language import lazy_text

Status = tuple[str, Text]


def _all(tone: str, **words: tuple[str, str]) -> dict[str, Status]:
    return {code: (tone, Text(*pair)) for code, pair in words.items()}


STATUSES: dict[str, dict[str, Status]] = {
    "customer": {"active": ("ok", Text("正常", "Active")), "closed": ("muted", Text("已注销", "Closed"))},
    "check": {
        "passed": ("ok", Text("通过", "Passed")), "failed": ("danger", Text("未通过", "Failed")),
        "inconclusive": ("warning", Text("无法判定", "Inconclusive")), "refused": ("danger", Text("不通过", "Refused")),
        "attention": ("warning", Text("需关注", "Attention")), "waiting": ("wait", Text("待核验", "Waiting")),
    },
    "id_card": {
        "missing": ("muted", Text("未上传", "Missing")), "not_yet_valid": ("warning", Text("未生效", "Not yet valid")),
        "valid": ("ok", Text("有效", "Valid")), "expiring": ("warning", Text("即将到期", "Expiring")),
        "expired": ("danger", Text("已过期", "Expired")),
    },
    "line": {"granted": ("wait", Text("待开通", "To be activated")), "activated": ("ok", Text("可用", "Activated")),
             "paused": ("warning", Text("已暂停", "Paused")),
             "closed": ("muted", Text("已关闭", "Closed"))},
    "application": {
        "draft": ("muted", Text("填写中", "Draft")), "submitted": ("info", Text("已提交", "Submitted")),
        "screening": ("info", Text("初审中", "Screening")), "verification": ("wait", Text("复审中", "Verification")),
        "awaiting_customer": ("warning", Text("待客户补充", "Waiting for customer")),
        "final_review": ("info", Text("终审中", "Final review")), "offered": ("wait", Text("待客户确认", "Offered")),
        "accepted": ("ok", Text("已接受", "Accepted")), "declined": ("danger", Text("未通过", "Declined")),
        "withdrawn": ("muted", Text("已撤回", "Withdrawn")), "expired": ("muted", Text("已过期", "Expired")),
    },
    "loan": {
        "pending": ("wait", Text("放款中", "Paying out")), "active": ("ok", Text("还款中", "Active")),
        "overdue": ("danger", Text("已逾期", "Overdue")), "settled": ("muted", Text("已结清", "Settled")),
        "cancelled": ("muted", Text("已取消", "Cancelled")),
    },
    "installment": {
        "paid": ("ok", Text("已还", "Paid")), "overdue": ("danger", Text("逾期", "Overdue")),
        "due": ("warning", Text("今日到期", "Due today")), "planned": ("muted", Text("待还", "Planned")),
        "grace": ("warning", Text("宽限期内", "In its grace days")),
    },
    "payout": {"pending": ("wait", Text("待银行确认", "Waiting for the bank")), "succeeded": ("ok", Text("已到账", "Arrived")),
               "failed": ("danger", Text("失败", "Failed"))},
    "debit": {
        "created": ("muted", Text("等待扣款", "Waiting")), "sent": ("wait", Text("处理中", "Processing")),
        "unknown": ("warning", Text("结果待确认", "Result unknown")), "succeeded": ("ok", Text("成功", "Succeeded")),
        "failed": ("danger", Text("失败", "Failed")), "cancelled": ("muted", Text("已取消", "Cancelled")),
    },
    "refund": {"created": ("wait", Text("待发送", "To be sent")), "sent": ("wait", Text("银行处理中", "At the bank")),
               "succeeded": ("ok", Text("已退回", "Given back")), "failed": ("danger", Text("退款失败", "Failed"))},
    "repayment": {"booked": ("ok", Text("已入账", "Booked")), "reversed": ("danger", Text("已冲正", "Reversed"))},
    "outbox": {"pending": ("wait", Text("等待发送", "Waiting")),
               "retrying": ("warning", Text("等待重试", "Waiting to retry")), "parked": ("danger", Text("已搁置", "Parked")),
               "done": ("ok", Text("已完成", "Done"))},
    "video": {"waiting": ("wait", Text("等待中", "Waiting")), "passed": ("ok", Text("通过", "Passed")),
              "refused": ("danger", Text("未通过", "Not passed")), "unfinished": ("muted", Text("未完成", "Not finished"))},
    "inbox": {"received": ("wait", Text("已收到", "Received")), "parked": ("warning", Text("已搁置", "Parked")),
              "applied": ("ok", Text("已处理", "Applied"))},
    "book": {"live": ("ok", Text("运行中", "Live")), "loading": ("wait", Text("载入中", "Loading"))},
    "risk": {"allow": ("ok", Text("放行", "Allow")), "challenge": ("warning", Text("加强核验", "Challenge")),
             "block": ("danger", Text("拦截", "Block"))},
    "phase": {
        "pending": ("wait", Text("预记", "Pending")), "posted": ("ok", Text("已过账", "Posted")),
        "post_pending": ("ok", Text("预记转过账", "Pending posted")),
        "void_pending": ("muted", Text("预记取消", "Pending voided")),
    },
    "offer": {"open": ("wait", Text("待确认", "Open")), "accepted": ("ok", Text("已接受", "Accepted")),
              "declined": ("muted", Text("已谢绝", "Declined")), "expired": ("muted", Text("已过期", "Expired"))},
    "bucket": {
        "current": ("ok", Text("未逾期", "Current")), "days_1_30": ("warning", Text("逾期 1–30 天", "1–30 days")),
        "days_31_60": ("danger", Text("逾期 31–60 天", "31–60 days")),
        "days_61_90": ("danger", Text("逾期 61–90 天", "61–90 days")),
        "days_91_180": ("danger", Text("逾期 91–180 天", "91–180 days")),
        "days_181_plus": ("danger", Text("逾期 181 天以上", "181 days or more")),
    },
    "category": {
        "normal": ("ok", Text("正常", "Normal")), "special_mention": ("warning", Text("关注", "Special mention")),
        "substandard": ("danger", Text("次级", "Substandard")), "doubtful": ("danger", Text("可疑", "Doubtful")),
        "loss": ("danger", Text("损失", "Loss")),
    },
    "policy": {
        "draft": ("muted", Text("草稿", "Draft")), "validated": ("info", Text("已验证", "Validated")),
        "shadow": ("wait", Text("影子运行", "In shadow")), "approved": ("info", Text("已复核", "Approved")),
        "live": ("ok", Text("已发布", "Published")), "retired": ("muted", Text("已回滚", "Rolled back")),
        "withdrawn": ("muted", Text("已撤回", "Withdrawn")), "in_force": ("ok", Text("生效中", "In force")),
        "scheduled": ("wait", Text("待生效", "Scheduled")), "superseded": ("muted", Text("已被替代", "Superseded")),
    },
    "replay": {"waiting": ("wait", Text("排队中", "Waiting")), "running": ("wait", Text("运行中", "Running")),
               "done": ("ok", Text("已完成", "Done")), "failed": ("danger", Text("失败", "Failed"))},
    "reconciliation": {code: (tone, STATE_TEXTS[code]) for code, tone in (
        ("waiting", "wait"), ("balanced", "ok"), ("different", "danger"))},
    "outcome": {code: (tone, OUTCOME_TEXTS[code]) for code, tone in (
        ("matched", "ok"), ("timing", "info"), ("missing_at_bank", "danger"), ("missing_here", "danger"),
        ("amount_differs", "danger"))},
    "actor": _all("info", customer=("客户", "Customer"), staff=("员工", "Staff"), system=("系统", "System"),
                  partner=("外部机构", "Partner")),
    "sms": _all("info", waiting=("等待发送", "Waiting"), sent=("已发送", "Sent"), delivered=("已送达", "Delivered"),
                failed=("失败", "Failed"), accepted=("已受理", "Accepted")),
}

WORDS: dict[str, dict[str, Text]] = {
    "step_code": {f"origination.{code}": Text(*pair) for code, pair in {
        "duplicate_customer": ("身份信息已用于另一账户", "identity used by another account"),
        "duplicate_application": ("同一产品已有申请", "another application for the product"),
        "papers_sent": ("客户附上了材料", "the customer sent papers"),
        "blocklist": ("名单核查", "lists"), "completeness": ("资料不完整", "papers missing"),
        "face_screen_pattern": ("疑似屏幕翻拍", "pattern as of a screen"),
        "face_flat_surface": ("疑似照片（平面）", "moved like a flat sheet"),
        "face_weak_consistency": ("画面间人脸不一致", "face differs between frames"),
        "face_other_person": ("曾出现他人的脸", "another face before"),
        "face_many_captures": ("多次采集未通过", "many captures did not pass"),
        "face_near_duplicate": ("人脸与另一账户相似", "face like another account's"),
        "id_card_typed": ("证件手动填写", "ID card typed"),
        "id_card_name_corrected": ("识别姓名与核验姓名不一致", "name corrected"),
        "id_card_corrected": ("客户更正了识别结果", "corrected by the customer"),
        "id_card_doubted": ("证件照片有不符之处", "pictures contradict"), "id_card_marked": ("样本或复印件", "specimen or copy"),
        "id_card_picture_poor": ("证件照片质量差", "poor pictures"),
        "id_card_refused_before": ("曾填写未通过核验的姓名或号码", "names or numbers refused before"),
        "staff_video_remark": ("视频核验有备注", "remark of the video talk"),
        "device_shared": ("同一设备有多个账户", "many accounts on one device"),
        "ocr_corrected": ("客户修改了识别结果", "corrected OCR fields"), "student": ("学生身份", "student"),
        "human_review_wanted": ("客户要求人工审核", "the customer wants a person"),
        "large_amount": ("大额申请", "large amount"), "fraud_blocked": ("安全核查未通过", "security check not passed"),
        "fraud_challenged": ("安全核查需人工确认", "security check needs a person"),
        "income_unknown": ("收入尚未核实", "income not verified"),
        "income_below_wage": ("收入低于当地工资标准", "income below the local wage"),
        "customer_answered": ("客户已补充", "the customer answered"),
        "offer_declined": ("客户谢绝报价", "offer declined by the customer"),
        "appeal_reopened": ("申诉后重新审核", "reopened by appeal"),
        "grade_too_low": ("等级低于准入", "grade too low"),
        "limit_below_minimum": ("额度低于最低额度", "limit below the minimum"),
        "no_room": ("总额度已用完", "total limit taken"), "debt_to_income": ("负债收入比过高", "debt too high for the income"),
        "overdue": ("有逾期借款", "a loan is overdue"),
        "credit_report_consent_withdrawn": ("征信授权已撤回", "credit-report consent withdrawn"),
    }.items()},
    "book_name": {"main": Text("主账册", "main"), "second wave": Text("第二批", "second wave"),
                  "papers": Text("材料故事", "stories with papers")},
    "item": {
        "id_card": Text("身份证", "ID card"), "face": Text("人脸核验", "Face check"),
        "staff_video": Text("人工视频", "Staff video"), "bank_card": Text("银行卡", "Bank card"),
        "mobile": Text("手机号", "Mobile number"),
    },
    "method": {
        "id_registry": Text("身份信息库", "ID registry"), "face_vendor": Text("人脸服务商", "Face vendor"),
        "face_engine": Text("本机人脸引擎", "Embedded face engine"), "customer": Text("客户", "Customer"),
        "card_network": Text("银行卡清算机构", "Card network"), "mobile_operator": Text("运营商", "Mobile operator"),
        "staff": Text("人工", "Staff"), "sms_code": Text("短信验证码", "Text message code"),
    },
    "assurance": {"certified": Text("认证级", "certified"), "demo": Text("演示级", "demo level")},
    "face_signal": {
        "screen_pattern": Text("疑似屏幕翻拍", "pattern of a screen"),
        "flat_surface": Text("疑似平面照片", "moves like a flat sheet"),
        "near_duplicate": Text("与其他账户人脸相似", "face much like another account's"),
    },
    "purpose": {"real_name": Text("实名认证", "Real-name verification"), "activation": Text("额度开通", "Activation")},
    "paper_kind": {
        "salary_statement": Text("工资流水", "salary statement"), "bank_statement": Text("银行流水", "bank statement"),
        "turnover_record": Text("经营流水", "turnover record"), "payslip": Text("工资单", "payslips"),
        "tax_certificate": Text("纳税记录", "tax record"), "business_licence": Text("营业执照", "business licence"),
        "social_insurance": Text("社保记录", "social insurance"), "property_certificate": Text("房产证明", "proof of property"),
        "second_repayment_source": Text("第二还款来源证明", "second source"),
    },
    "occupation": {
        "employed": Text("受雇", "Employed"), "self_employed": Text("自营", "Self-employed"),
        "student": Text("学生", "Student"), "other": Text("其他", "Other"), "": Text("未填写", "Not given"),
    },
    "sex": {"male": Text("男", "Male"), "female": Text("女", "Female"), "M": Text("男", "Male"), "F": Text("女", "Female")},
    "event": {
        "application": Text("申请", "Application"), "drawdown": Text("借款", "Drawdown"), "payment": Text("支付", "Payment"),
        "card_change": Text("换卡", "Card change"), "device_change": Text("换设备", "Device change"),
    },
    "list_kind": {
        "id_number": Text("身份证号", "ID number"), "mobile": Text("手机号", "Mobile number"),
        "card_number": Text("银行卡号", "Card number"), "customer": Text("客户编号", "Customer id"),
    },
    "debit_kind": {"requested": Text("客户主动", "By the borrower"), "automatic": Text("自动扣款", "Automatic")},
    "intent": {"amount": Text("指定金额", "An amount"), "due": Text("应还款项", "What is due"),
               "settle": Text("提前结清", "Settle in full")},
    "source": {"callback": Text("银行通知", "Bank's message"), "query": Text("银行查询", "Bank's answer to a query"),
               "statement": Text("银行对账单", "Bank statement")},
    "account": {str(row.code): Text(row.name_zh, row.name_en) for row in CHART},
    "field": {"name": Text("姓名", "Name"), "id_number": Text("身份证号", "ID number"), "mobile": Text("手机号", "Mobile")},
}


def status_of(group: str, code: str) -> Status:
    """Return tone and words of a state; an unknown one is muted and shows as it is."""
    return STATUSES[group].get(code, ("muted", Text(code, code)))


def word(group: str, code: str) -> Text:
    """Return the words of a code."""
    return WORDS[group].get(code, Text(code, code))


def choices(group: str, *, everything: bool = True) -> list[tuple[str, object]]:
    """Return (code, label) for a form field, "all" first; labels read in the language of the page."""
    table = {code: status[1] for code, status in STATUSES[group].items()} if group in STATUSES else WORDS[group]
    first: list[tuple[str, object]] = [("", lazy_text("全部", "All"))] if everything else []
    return first + [(code, lazy_text(text.zh, text.en)) for code, text in table.items() if code]

"""Every sentence the customer is told, in both languages. `{name_fen}` is shown in yuan; other values as they are.

The in-app notice shows title and body, the text message only the body behind the sender's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from weidai.kernel.text import Text
from weidai.messaging.rules import Kind


@dataclass(frozen=True, slots=True)
class Template:
    """One thing to tell; its kind decides whether it waits for the morning."""

    title: Text
    body: Text
    kind: Kind = "transaction"


SENDER = Text("【微贷】", "[weidai] ")

TEMPLATES: dict[str, Template] = {
    # identity and security
    "identity.real_name_passed": Template(
        Text("实名认证已完成", "Real-name verification done"),
        Text("您的实名认证已完成，现在可以查看适合您的产品。",
             "Your identity is verified. You can now see the products open to you."),
    ),
    "identity.staff_video_passed": Template(
        Text("人工视频核验已通过", "Staff video check passed"),
        Text("您的人工视频核验已通过，可以继续下一步。", "Your staff video check passed; you can take the next step."),
    ),
    "identity.staff_video_refused": Template(
        Text("人工视频核验未通过", "Staff video check not passed"),
        Text("您的人工视频核验未通过：{reason}。您可以重新预约，或联系客服。",
             "Your staff video check was not passed: {reason}. You can ask again or contact customer service."),
    ),
    "identity.staff_video_unfinished": Template(
        Text("人工视频核验没有完成", "Staff video check not finished"),
        Text("您的人工视频核验没有完成：{reason}。这不影响您的申请，可以重新预约，也可以改用人脸识别。",
             "Your staff video check could not be finished: {reason}. This counts against nothing; you can ask again, or take "
             "the face check."),
    ),
    "identity.bank_card_bound": Template(
        Text("银行卡已绑定", "Bank card bound"),
        Text("您已绑定银行卡 {card_masked}。如非本人操作，请立即联系客服。",
             "You bound the bank card {card_masked}. If this was not you, contact customer service at once."),
    ),
    "identity.default_card_changed": Template(
        Text("默认银行卡已更换", "Default card changed"),
        Text("您的默认银行卡已更换为 {card_masked}。如非本人操作，请立即联系客服。",
             "Your default card is now {card_masked}. If this was not you, contact customer service at once."),
    ),
    "identity.voiceprint_enrolled": Template(
        Text("声纹已录入", "Voiceprint enrolled"),
        Text("您已录入声纹。如非本人操作，请立即在“安全中心 → 声纹”移除并联系客服。",
             "A voiceprint was enrolled. If this was not you, remove it under Security center → Voiceprint and contact "
             "customer service at once."),
    ),
    "identity.mobile_changed": Template(
        Text("手机号已更换", "Mobile number changed"),
        Text("您的登录手机号已更换。如非本人操作，请立即联系客服。",
             "Your sign-in mobile number was changed. If this was not you, contact customer service at once."),
    ),
    "identity.id_card_ending": Template(
        Text("身份证即将到期", "Your ID card is about to end"),
        Text("您的身份证有效期至 {day}。请在到期前换领新证并重新核验，以免影响借款。",
             "Your ID card is valid to {day}. Renew it and have the new one checked before then, so that you "
             "can go on borrowing."),
        kind="reminder",
    ),
    "identity.id_card_ended": Template(
        Text("身份证已过期", "Your ID card has ended"),
        Text("您的身份证已过有效期，新的借款已暂停，还款不受影响。换领新证并重新核验后自动恢复。",
             "Your ID card has ended. New borrowing is paused, repaying is not affected. It resumes by itself once the new card "
             "is checked."),
    ),
    "security.payment_password_set": Template(
        Text("支付密码已设置", "Payment password set"),
        Text("您的支付密码已设置。请勿告知任何人，工作人员也不会向您索要。",
             "Your payment password is set. Tell it to nobody; our staff will never ask for it."),
    ),
    "security.new_device": Template(
        Text("新设备登录", "Sign-in on a new device"),
        Text("您的账户于 {at} 在新设备（{device}）上登录。如非本人操作，请在安全中心锁定该设备并联系客服。",
             "Your account was signed in on a new device ({device}) at {at}. If this was not you, lock the device in the "
             "security center and contact customer service."),
    ),
    "security.device_bound": Template(
        Text("已绑定新设备", "A device was bound"),
        Text("您的账户已绑定设备（{device}），可用于确认借款；冷静期内每笔限额较低。如非本人操作，请立即在安全中心锁定该设备并联系客服。",
             "A device ({device}) was bound to your account and can sign loans, at a lower limit during the cooling-off. If "
             "this was not you, lock it in the security center at once and contact customer service."),
    ),
    "security.payment_password_changed": Template(
        Text("支付密码已修改", "Payment password changed"),
        Text("您的支付密码已修改。如非本人操作，请立即联系客服。",
             "Your payment password was changed. If this was not you, contact customer service at once."),
    ),
    # assessment, products, application
    "assessment.updated": Template(
        Text("信用评估已更新", "Credit assessment updated"),
        Text("您的最新评估为 {score} 分，等级 {grade}。各项指标的说明见评估进度。",
             "Your latest assessment is {score} points, grade {grade}. Assessment progress explains each indicator."),
    ),
    "assessment.rules_changed": Template(
        Text("信用评估规则有变化", "The assessment rules change"),
        Text("自 {effective_on} 起，信用评估规则有 {count} 处变化。每一处见“信用画像 → 规则变化”。",
             "From {effective_on} the rules of the credit assessment differ in {count} point(s). Each one is shown under "
             "Credit profile → Rule changes."),
    ),
    "products.invitation_issued": Template(
        Text("您收到一份邀请", "You are invited"),
        Text("您获得一份产品邀请，{expires_on} 前可申请。是否申请由您决定，请理性借贷。",
             "You are invited to a product and may apply until {expires_on}. It is your choice."),
        kind="marketing",
    ),
    "origination.submitted": Template(
        Text("申请已提交", "Application submitted"),
        Text("您的{product}申请已提交，预计 {expected} 前有结果。",
             "Your application for {product} is in; expect a result by {expected}."),
    ),
    "origination.awaiting_customer": Template(
        Text("申请需要补充资料", "Your application needs more documents"),
        Text("您的申请需要补充：{missing}。补充后将继续审核。",
             "Your application needs: {missing}. Review continues once you add it."),
    ),
    "origination.offered": Template(
        Text("审批结果：可获额度", "Result: a limit is offered"),
        Text("您的{product}申请已通过，额度 {amount_fen} 元，请在 {until_on} 前确认是否接受。",
             "Your application for {product} was approved: {amount_fen} yuan. Accept or decline by {until_on}."),
    ),
    "origination.declined": Template(
        Text("审批结果：未通过", "Result: declined"),
        Text("您的{product}申请未通过：{reason}。您可以申请人工复核。",
             "Your application for {product} was declined: {reason}. You can ask a person to review it."),
    ),
    "origination.appeal_answered": Template(
        Text("复核已有结果", "Your appeal was answered"),
        Text("您的人工复核已有结果：{outcome}。", "A person reviewed your case: {outcome}."),
    ),
    # limits
    "limits.granted": Template(
        Text("额度已生效", "Credit limit granted"),
        Text("您的{product}额度为 {amount_fen} 元。激活后即可使用。",
             "Your limit for {product} is {amount_fen} yuan. Activate it to use it."),
    ),
    "limits.changed": Template(
        Text("额度已调整", "Credit limit changed"),
        Text("您的额度由 {before_fen} 元调整为 {after_fen} 元：{reason}。",
             "Your limit changed from {before_fen} to {after_fen} yuan: {reason}."),
    ),
    "limits.increase_offered": Template(
        Text("可提升额度", "A higher limit is offered"),
        Text("您的额度可由 {before_fen} 元提升至 {after_fen} 元，需您同意后生效。",
             "Your limit can rise from {before_fen} to {after_fen} yuan once you accept."),
        kind="marketing",
    ),
    "limits.hold_placed": Template(
        Text("额度暂停使用", "Credit line on hold"),
        Text("您的额度已暂停使用，原因和恢复办法见额度页。",
             "Your credit line is on hold. The limit page tells why and what lifts it."),
    ),
    "limits.hold_released": Template(
        Text("额度已恢复使用", "Credit line released"),
        Text("您的额度已恢复使用。", "Your credit line can be used again."),
    ),
    # lending
    "lending.activated": Template(
        Text("额度已激活", "Credit line activated"),
        Text("您的{product}额度已激活。借款前请阅读综合融资成本明示表。",
             "Your {product} line is active. Read the cost sheet before you borrow."),
    ),
    "lending.payout_succeeded": Template(
        Text("借款已到账", "Loan paid out"),
        Text("您借的 {amount_fen} 元已到账 {card_masked}，首期还款日 {first_due_on}。",
             "{amount_fen} yuan arrived on {card_masked}. The first installment is due on {first_due_on}."),
    ),
    "lending.payout_failed": Template(
        Text("放款未成功", "Payout failed"),
        Text("您借的 {amount_fen} 元未能到账：{reason}。额度已退回，不产生利息。",
             "{amount_fen} yuan could not be paid out: {reason}. The limit was given back and no interest is charged."),
    ),
    "lending.payout_delayed": Template(
        Text("放款处理中", "Payout in progress"),
        Text("您借的 {amount_fen} 元正在处理，最迟次日到账；自到账日起计息。",
             "{amount_fen} yuan are being paid out, by the next day at the latest; interest starts when they arrive."),
    ),
    # servicing
    "servicing.due_soon": Template(
        Text("还款提醒", "Payment reminder"),
        Text("您有 {amount_fen} 元将于 {due_on} 到期，请保证账户余额充足。",
             "{amount_fen} yuan are due on {due_on}. Please keep enough money in your account."),
        kind="reminder",
    ),
    "servicing.due_soon_and_later": Template(
        Text("还款提醒", "Payment reminder"),
        Text("您有 {amount_fen} 元将于 {due_on} 到期，另有 {later_fen} 元最迟于 {later_on} 到期，请保证账户余额充足。",
             "{amount_fen} yuan are due on {due_on}, and {later_fen} yuan more by {later_on}."
             " Please keep enough money in your account."),
        kind="reminder",
    ),
    "servicing.repaid": Template(
        Text("还款成功", "Repayment received"),
        Text("已收到您的还款 {amount_fen} 元。", "We received your repayment of {amount_fen} yuan."),
    ),
    "servicing.repayment_reversed": Template(
        Text("还款已撤销", "Repayment reversed"),
        Text("您 {received_on} 的还款 {amount_fen} 元已撤销：{reason}。相应欠款恢复，请查看账单并及时还款。",
             "Your repayment of {amount_fen} yuan of {received_on} was reversed: {reason}. It is owed again; please see"
             " your bills."),
    ),
    "servicing.settled": Template(
        Text("借款已结清", "Loan settled"),
        Text("您的借款已结清，可下载结清证明。", "Your loan is settled. You can download the settlement certificate."),
    ),
    "servicing.debit_failed": Template(
        Text("自动扣款未成功", "Auto-debit failed"),
        Text("本次自动扣款 {amount_fen} 元未成功：{reason}。请在 {due_on} 24:00 前还款。",
             "The auto-debit of {amount_fen} yuan failed: {reason}. Please repay by 24:00 on {due_on}."),
        kind="reminder",
    ),
    "servicing.overdue": Template(
        Text("您的借款已逾期", "Your loan is overdue"),
        Text("您有 {amount_fen} 元已逾期 {days} 天，新的借款已暂停。如有困难，请联系客服协商。",
             "{amount_fen} yuan are {days} days overdue and new borrowing is paused. In difficulty? Contact us."),
        kind="reminder",
    ),
    "servicing.refunded": Template(
        Text("退款已到账", "Refund paid"),
        Text("多扣的 {amount_fen} 元已退回 {card_masked}。",
             "The {amount_fen} yuan paid too much were returned to {card_masked}."),
    ),
    "servicing.standing_restored": Template(
        Text("信用等级已恢复", "Standing restored"),
        Text("您已按时还款，平台内信用等级恢复一级。此变化不影响央行征信记录。",
             "You paid on time; your standing with us rises one step. Your credit-bureau record is unchanged."),
    ),
}


def templates_register(templates: Mapping[str, Template]) -> None:
    """Add a room's own templates; a code that exists already is a bug."""
    assert not templates.keys() & TEMPLATES.keys(), sorted(templates.keys() & TEMPLATES.keys())
    TEMPLATES.update(templates)


def template(code: str) -> Template:
    """Return a template; an unknown code is a bug of the caller."""
    assert code in TEMPLATES, f"no message template {code}"
    return TEMPLATES[code]

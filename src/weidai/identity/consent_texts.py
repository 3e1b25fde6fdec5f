"""What a customer agrees to, purpose by purpose, in both languages (R1.9; PIPL 14 to 17, 23, 29; FACTS §2.7).

One text has one purpose and one recipient. A changed text gets a new version. An act that rests on it asks again
(`present_consent_require`); what runs on, such as an auto-debit, runs on under the text that was agreed to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from weidai.kernel.text import Text

ID_CARD_PICTURES = "id_card_pictures"
INCOME_PAPERS = "income_papers"
WITHDRAW = Text("随时可在“我的 → 合同与授权”中撤回，与同意一样只需一步；撤回前已依法进行的处理不受影响。",
                "Withdraw at any time under Me → Documents and consents, in one step as when giving it. "
                "What was lawfully done before stays valid.")


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One consent as the customer reads it."""

    purpose: str
    recipient: str  # stable word stored with the consent
    version: str
    title: Text
    recipient_name: Text
    body: Text
    kinds_of_data: Text
    period: Text
    refusal_means: Text
    is_optional: bool = False
    how_to_withdraw: Text = WITHDRAW

    @property
    def digest(self) -> str:
        """SHA-256 over everything shown, in both languages: the evidence of which text was agreed to."""
        parts = (self.title, self.recipient_name, self.body, self.kinds_of_data, self.period, self.refusal_means,
                 self.how_to_withdraw)
        words = [self.purpose, self.recipient, self.version, *(text for part in parts for text in (part.zh, part.en))]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()


_ONCE = Text("仅用于本次核验；核验结果保存至账户注销后依法应保存的期限。",
             "For this check only; its result is kept as long as the law requires after the account is closed.")

CONSENT_TEXTS: tuple[ConsentText, ...] = (
    ConsentText(
        purpose="real_name_check", recipient="id_registry", version="2026-11",
        title=Text("身份信息核验授权书", "Consent to an identity check"),
        recipient_name=Text("公民身份信息核验服务机构", "Resident identity verification service"),
        body=Text("您同意我们将您的姓名和身份证号发送给核验机构，以确认二者一致、证件有效。",
                  "You agree that we send your name and ID number to the verification service, to confirm that "
                  "they belong "
                  "together and that the card is valid."),
        kinds_of_data=Text("姓名、身份证号", "Name, ID number"), period=_ONCE,
        refusal_means=Text("不同意则无法完成实名认证，因此不能申请贷款；其他页面仍可浏览。",
                           "Without it real-name verification, and so an application, is not possible; you can "
                           "still browse."),
    ),
    ConsentText(
        purpose="id_card_pictures", recipient="lender", version="2026-11",
        title=Text("身份证照片识别与使用同意书", "Consent to pictures of your ID card"),
        recipient_name=Text("本公司（照片不发送给第三方）", "This lender (the pictures are sent to nobody else)"),
        body=Text("您同意我们读取您拍摄的身份证正反两面，识别其中的文字，供您逐项核对后完成实名核验，并由审核人员在留痕的情况下查看；"
                  "在您另行同意人脸识别时，将证件上的头像与现场画面比对。识别和比对都在我们自己的服务器上完成。证件照片属于敏感个人信息，"
                  "不用于其他用途。",
                  "You agree that we read both sides of your ID card from your pictures, for you to check line by line and "
                  "have verified; that permitted staff may look at them, which is recorded; and that, if you separately agree to "
                  "the face check, the portrait on the card is compared with your live frames. Reading and comparing are done "
                  "on our own servers. Pictures of an ID card are sensitive personal data and are used for nothing else."),
        kinds_of_data=Text("证件照片（含头像）、姓名、性别、民族、出生日期、住址、公民身份号码、签发机关、有效期限",
                           "Pictures of the card with its portrait; name, sex, ethnic group, birth date, address, ID number, "
                           "issuing authority, validity"),
        period=Text("自同意起至您撤回同意或注销账户，届时删除照片和识别内容；曾借款的，依法须留存的部分转入受限档案，不再使用。",
                    "Until you withdraw this consent or close the account; then pictures and what was read are deleted. If you "
                    "have borrowed, what the law makes us keep goes to a restricted archive and is not used any more."),
        refusal_means=Text("不同意不影响使用：可手动填写姓名和身份证号完成核验，效力相同，可能多一道人工核对。",
                           "You can refuse: type in name and ID number instead. It counts the same; a person may look at it "
                           "once more."),
        is_optional=True,
    ),
    ConsentText(
        purpose="income_papers", recipient="lender", version="2026-11",
        title=Text("收入与资产材料处理同意书", "Consent to papers on income and assets"),
        recipient_name=Text("本公司（材料不发送给第三方）", "This lender (the papers are sent to nobody else)"),
        body=Text("您同意我们保存并识别您为申请上传的银行流水、工资单、纳税记录、社保与房产证明、营业执照等材料，供您逐项核对，"
                  "并由审核人员在留痕的情况下查看，用于核实收入和还款能力。识别在我们自己的服务器上完成。银行流水等属于敏感个人信息，"
                  "可能反映您的消费和往来对象：只用于审核本次申请和该额度的贷后管理，不用于营销，不据此建立画像。",
                  "You agree that we keep and read the bank statements, payslips, tax records, proofs of social insurance or "
                  "property, business licences and similar papers that you send with an application, for you to check line by "
                  "line, and that permitted staff may look at them, which is recorded, to verify your income and your ability "
                  "to repay. They are read on our own servers. Statements are sensitive personal data and may show how you "
                  "spend and with whom you deal: they are used for this application and for managing its credit line only, "
                  "never for marketing or profiling."),
        kinds_of_data=Text("您上传的材料（图片或 PDF）及从中识别出的姓名、单位、金额、交易记录",
                           "The papers you send (pictures or PDF) and what is read from them: name, employer, amounts, "
                           "bookings"),
        period=Text("申请未提交的，撤回或到期即删除；未获批或放弃的，结束后最多保留 90 天以备申诉，随后删除；"
                    "获批后未借款的，至额度关闭后 90 天；曾借款的，依法须留存的部分转入受限档案，不再使用。",
                    "Of an application not handed in: deleted when it is withdrawn or expires. Declined or given up: kept at "
                    "most 90 days for an appeal, then deleted. Approved and never drawn: until 90 days after the line is closed. "
                    "If you have borrowed, what the law makes us keep goes to a restricted archive and is not used any more."),
        refusal_means=Text("不同意则不能上传材料。材料为选填的产品仍可申请，未核实收入时额度上限较低；须凭材料审核的产品无法申请。",
                           "Without it no papers can be sent. Where papers are optional you can still apply, with a lower limit "
                           "while your income is not verified; a product that needs papers cannot be applied for."),
        is_optional=True,
    ),
    ConsentText(
        purpose="face", recipient="face_vendor", version="2026-11",
        title=Text("人脸信息处理单独同意书", "Separate consent to face recognition"),
        recipient_name=Text("人脸核身服务商", "Face verification vendor"),
        body=Text("您同意我们在您按随机提示完成动作时采集现场画面，与证件照片比对，并发送给人脸核身服务商，以确认是您本人操作；"
                  "并保存一份加密的人脸特征，用于发现一人多户。人脸信息属于敏感个人信息，不用于其他用途。",
                  "You agree that we take live frames while you follow random prompts, compare them with your ID portrait "
                  "and send them to the face vendor, to confirm that it is you; and that we keep one encrypted face "
                  "template to notice several accounts of one person. Face data is sensitive personal data and is used "
                  "for nothing else."),
        kinds_of_data=Text("现场画面、加密的人脸特征、比对结果、姓名、身份证号",
                           "Live frames, encrypted face template, result, name, ID number"),
        period=Text("现场画面核验后即删除；人脸特征保存至您撤回同意或注销账户；比对结果依法保存。",
                    "Frames are dropped right after the check; the template is kept until you withdraw this consent or close "
                    "the account; the result as long as the law requires."),
        refusal_means=Text("不同意不影响使用：可选择人工视频核验，效力相同。",
                           "You can refuse without any disadvantage: the staff video check counts the same."),
        is_optional=True,
    ),
    ConsentText(
        purpose="voiceprint", recipient="lender", version="2026-11",
        title=Text("声纹信息处理单独同意书", "Separate consent to voiceprint recognition"),
        recipient_name=Text("本公司（不发送给第三方）", "This lender (sent to nobody else)"),
        body=Text("您同意我们在您按提示朗读随机数字时录音，提取一份加密的声纹特征并保存，以后在您选择用声纹核验时与新的录音比对，"
                  "以确认是您本人操作。录音只在核验时于内存中处理，不留存。声纹属于敏感个人信息，不用于其他用途，不参与信用评分；核验通过只为身份强度加分。"
                  "这里的比对为演示级，不是持证服务商的结论。",
                  "You agree that we record you while you read random digits, extract an encrypted voiceprint and keep it, and "
                  "compare it with a new recording when you choose to confirm something by voice, to be sure that it is you. "
                  "Recordings are processed in memory only and are not kept. A voiceprint is sensitive personal data; it is "
                  "used for nothing else and takes no part in credit scoring; a check that matched only adds to your identity "
                  "strength. The comparison is at demo level, not a certified vendor's word."),
        kinds_of_data=Text("朗读数字的录音（不留存）、声纹特征、比对结果",
                           "Recordings of spoken digits (not kept), voiceprint, result"),
        period=Text("声纹特征保存至您移除声纹、撤回同意或注销账户，随即销毁并出具回执。",
                    "The voiceprint is kept until you remove it, withdraw this consent or close the account; then it is "
                    "destroyed and you get a receipt."),
        refusal_means=Text("不同意没有任何不利：申请、审批和额度上限均不需要声纹，需要确认身份时可使用支付密码、人脸识别或人工视频。",
                           "You can refuse without any disadvantage: no application, decision or full limit needs a voiceprint. "
                           "Where you are asked to confirm, use the payment password, the face check or staff video."),
        is_optional=True,
    ),
    ConsentText(
        purpose="bank_card_check", recipient="card_network", version="2026-11",
        title=Text("银行卡核验授权书", "Consent to a bank card check"),
        recipient_name=Text("银行卡清算机构及发卡银行", "Card network and issuing bank"),
        body=Text("您同意我们将姓名、身份证号、银行卡号和预留手机号发送给清算机构核验是否一致。银行账户属于敏感个人信息。",
                  "You agree that we send your name, ID number, card number and the mobile number kept by your "
                  "bank to the card "
                  "network, to check that they belong together. Bank accounts are sensitive personal data."),
        kinds_of_data=Text("姓名、身份证号、银行卡号、预留手机号",
                           "Name, ID number, card number, mobile number"), period=_ONCE,
        refusal_means=Text("不同意则不能绑卡，无法放款和还款。",
                           "Without it no card can be bound, and no money paid out or back."),
    ),
    ConsentText(
        purpose="mobile_check", recipient="mobile_operator", version="2026-11",
        title=Text("手机号核验授权书", "Consent to a mobile number check"),
        recipient_name=Text("您的电信运营商", "Your mobile operator"),
        body=Text("您同意我们向运营商核验姓名、身份证号与手机号是否一致，并查询号码状态和在网时长，用于防范冒用。",
                  "You agree that we ask your operator whether name, ID number and mobile belong together, and "
                  "for the number's "
                  "status and time in use, to prevent misuse."),
        kinds_of_data=Text("姓名、身份证号、手机号、号码状态、在网时长",
                           "Name, ID number, mobile, its status and time in use"),
        period=Text("用于本次核验，以及此后您登录时的复核（不多于每 90 天一次），以免号码易主后他人进入您的账户；核验结果保存至"
                    "账户注销后依法应保存的期限。",
                    "For this check, and for asking again when you sign in later (at most once in 90 days), so that a new holder "
                    "of the number cannot enter your account; the result is kept as long as the law requires after the account "
                    "is closed."),
        refusal_means=Text("不同意则身份强度少 15 分，可用额度可能较低。",
                           "Without it your identity strength lacks 15 points and your limit may be lower."),
        is_optional=True,
    ),
    ConsentText(
        purpose="credit_report", recipient="credit_bureau", version="2026-11",
        title=Text("个人征信查询授权书", "Consent to a credit-report query"),
        recipient_name=Text("金融信用信息基础数据库", "National financial credit information database"),
        body=Text("您同意我们为审批贷款和贷后管理查询您的信用报告。查询会留下记录；我们不会用于其他用途，也不会提供给第三方。",
                  "You agree that we query your credit report to decide on a loan and to manage it. The query "
                  "leaves a record; we "
                  "use it for nothing else and pass it to nobody."),
        kinds_of_data=Text("姓名、身份证号、信用报告", "Name, ID number, credit report"),
        period=Text("自同意起至申请结束；有未结清借款时至结清。",
                    "From consent until the application ends; with an open loan, until it is settled."),
        refusal_means=Text("不同意则无法完成贷款审批，其他服务不受影响。",
                           "Without it a loan cannot be decided; nothing else is affected."),
    ),
    ConsentText(
        purpose="credit_reporting", recipient="credit_bureau", version="2026-11",
        title=Text("个人信用信息报送授权书", "Consent to credit reporting"),
        recipient_name=Text("金融信用信息基础数据库", "National financial credit information database"),
        body=Text("您同意我们按法律规定报送您的借款与还款信息。报送不良信息前我们会事先告知您。",
                  "You agree that we report your borrowing and repayment as the law requires. We tell you before "
                  "we report anything "
                  "negative."),
        kinds_of_data=Text("身份信息、借款、还款、逾期信息", "Identity, borrowing, repayment and overdue data"),
        period=Text("借款存续期间及结清后依法应报送的期间。",
                    "While a loan exists, and after that as the law requires."),
        refusal_means=Text("不同意则不能借款。", "Without it borrowing is not possible."),
    ),
    ConsentText(
        purpose="payment_data", recipient="payment_platform", version="2026-11",
        title=Text("支付与资产数据使用授权书", "Consent to the use of payment and balance data"),
        recipient_name=Text("支付平台", "Payment platform"),
        body=Text("您同意我们向支付平台查询您的支付笔数与金额、余额和理财余额、信用卡额度，用于信用评估。",
                  "You agree that we ask the payment platform for the number and amount of your payments, your "
                  "balances, wealth "
                  "products and card limits, to assess your credit."),
        kinds_of_data=Text("月度支付汇总、日均余额、理财余额、信用卡总额度",
                           "Monthly payment totals, mean balances, wealth products, total card limits"),
        period=Text("自同意起至撤回。", "From consent until it is withdrawn."),
        refusal_means=Text("不同意则相关指标无数据、不得分，可能影响评估结果。",
                           "Without it those indicators have no data and give no points, which may change the result."),
    ),
    ConsentText(
        purpose="social_data", recipient="social_platform", version="2026-11",
        title=Text("社交关系数据使用授权书", "Consent to the use of contact counts"),
        recipient_name=Text("社交平台", "Social platform"),
        body=Text("您同意我们查询您的有效联系人数量（仅数量，不含联系人是谁、聊了什么），用于信用评估。",
                  "You agree that we ask how many active contacts you have (the number only: not who they are, "
                  "nor what is said), to "
                  "assess your credit."),
        kinds_of_data=Text("联系人数量、近 90 天有互动的数量",
                           "Number of contacts, and of those active within 90 days"),
        period=Text("自同意起至撤回。", "From consent until it is withdrawn."),
        refusal_means=Text("不同意没有任何不利：该项分值按比例分到其他指标，也不会因此拒绝您。",
                           "You can refuse without any disadvantage: its points are spread over the others, and "
                           "nobody is refused "
                           "for it."),
        is_optional=True,
    ),
    ConsentText(
        purpose="auto_debit", recipient="collection_bank", version="2026-11",
        title=Text("自动扣款授权书", "Auto-debit authorization"),
        recipient_name=Text("合作银行", "Partner bank"),
        body=Text("您同意在还款日从您选定的银行卡扣收当期应还金额，不会多扣；扣款时间为还款日 6:00、12:00、20:00。"
                  "如您另选备用卡，前一张卡扣款失败时，按您排定的顺序依次尝试；逾期款项每日尝试一次。",
                  "You agree that what is due is taken from the card you choose on the due date, never more; "
                  "attempts are at 6:00, 12:00 and 20:00. If you name backup cards, they are tried in your order when "
                  "the card before failed; overdue money is tried once a day."),
        kinds_of_data=Text("银行卡号、姓名、应还金额", "Card number, name, amount due"),
        period=Text("自同意起至撤回或全部结清。", "From consent until it is withdrawn or everything is settled."),
        refusal_means=Text("不同意则需自行按时还款，其他不受影响。",
                           "Without it you repay by hand in time; nothing else changes."),
        is_optional=True,
    ),
    ConsentText(
        purpose="marketing", recipient="lender", version="2026-11",
        title=Text("营销信息接收同意", "Consent to marketing messages"),
        recipient_name=Text("本公司", "This lender"),
        body=Text("您同意我们通过站内消息和短信告知产品与活动。",
                  "You agree that we tell you about products in the app and by text."),
        kinds_of_data=Text("手机号", "Mobile number"),
        period=Text("自同意起至撤回。", "From consent until it is withdrawn."),
        refusal_means=Text("不同意没有任何影响。", "Refusing changes nothing."),
        is_optional=True,
    ),
)


def consent_text(purpose: str, recipient: str | None = None) -> ConsentText | None:
    """Return the present text of a purpose (and recipient, when given), None when there is none."""
    return next((text for text in CONSENT_TEXTS
                 if text.purpose == purpose and recipient in (None, text.recipient)), None)

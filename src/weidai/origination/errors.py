"""Refusals of the origination room (R3.4, R4)."""

from __future__ import annotations

from collections.abc import Sequence

from weidai.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from weidai.kernel.text import Text
from weidai.products.rules import Reason


class ApplicationNotFound(NotFound):
    """There is no such application of this customer."""

    code = "origination.application_not_found"
    text = Text("没有找到该申请。", "There is no such application.")
    next_step = Text("请在申请记录中查看。", "See your list of applications.")


class ApplicationExists(Conflict):
    """An application for the product is already being handled."""

    code = "origination.application_exists"
    text = Text("您有一笔该产品的申请正在处理。", "An application for this product is being handled.")
    next_step = Text("请查看申请进度。", "See its progress.")


class NotEligible(Refused):
    """The product is not open to this customer now; every reason and what would change it (R3.2)."""

    code = "origination.not_eligible"
    text = Text("您目前不符合该产品的申请条件：{why}", "You cannot apply for this product now: {why}")

    def __init__(self, *, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__()

    @property
    def message(self) -> Text:
        """The sentence with each reason."""
        return Text(zh=self.text.zh.format(why="".join(reason.text.zh for reason in self.reasons)),
                    en=self.text.en.format(why=" ".join(reason.text.en for reason in self.reasons)))

    @property
    def advice(self) -> Text | None:
        """What would change each reason."""
        return Text(zh="".join(reason.remedy.zh for reason in self.reasons),
                    en=" ".join(reason.remedy.en for reason in self.reasons))


class ProductNotOpen(Refused):
    """The lender shows the product but takes no applications for it yet."""

    code = "origination.product_not_open"
    text = Text("该产品暂未开放申请。", "This product is not open for applications yet.")
    next_step = Text("您可以申请其他已开放的产品。", "You can apply for another product that is open.")


class CreditReportConsentRequired(Refused):
    """An application cannot be decided without the customer's own authorization to query the credit report (R4.2)."""

    code = "origination.credit_report_consent_required"
    text = Text("提交申请前，需要您单独授权查询征信报告。",
                "Before applying, give your own authorization to query the credit report.")
    next_step = Text("请阅读并签署征信授权。", "Read and give the credit-report authorization.")


class DeclaredIncomeInvalid(Invalid):
    """Declared income is missing or not plausible."""

    code = "origination.declared_income_invalid"
    text = Text("请填写每月收入，以元为单位。", "Enter your monthly income in yuan.")
    next_step = Text("没有收入请填写 0。", "Enter 0 if you have none.")

    def __init__(self) -> None:
        super().__init__(field="declared_monthly_income")


class RequestedAmountInvalid(Invalid):
    """The wanted limit is outside the product's range."""

    code = "origination.requested_amount_invalid"
    text = Text("希望额度须在 {least} 元至 {most} 元之间。",
                "The wanted limit must be between {least} and {most} yuan.")
    next_step = Text("也可以不填，由系统评定。", "You may leave it empty.")


class RegionInvalid(Invalid):
    """The region code is not two digits."""

    code = "origination.region_invalid"
    text = Text("请选择所在地区。", "Choose your region.")


class SecondSourceRequired(Invalid):
    """Students need a second source of repayment (R3.5)."""

    code = "origination.second_source_required"
    text = Text("在校学生须说明第二还款来源，并由人工审核。",
                "Students must name a second source of repayment; a person reviews it.")


class ApplicationStateConflict(Conflict):
    """The application is in another state than this step needs (R4.4)."""

    code = "origination.state_conflict"
    text = Text("申请当前状态为“{state}”，不能进行此操作。", "The application is “{state}”; this is not possible now.")
    next_step = Text("请刷新页面查看最新进度。", "Reload the page to see where it stands.")


class OfferExpired(Refused):
    """The offer was not taken in time."""

    code = "origination.offer_expired"
    text = Text("该额度邀约已过有效期。", "The offer has expired.")
    next_step = Text("可重新申请。", "You can apply again.")


class OfferTooLarge(Refused):
    """Lines accepted since the offer was made leave less than it promises; together they stay within the total (R5.2)."""

    code = "origination.offer_too_large"
    text = Text("您已接受其他额度，总额度中只剩 {left} 元，低于本次邀约。",
                "Other lines you accepted leave {left} yuan of your total, less than this offer.")
    next_step = Text("请放弃本次邀约后重新申请，新的申请按剩余额度核定。",
                     "Decline this offer and apply again; the new one is worked out on what is left.")


class ReviewTaskNotFound(NotFound):
    """There is no such open task."""

    code = "origination.task_not_found"
    text = Text("没有找到该审核任务。", "There is no such review task.")
    next_step = Text("请返回队列。", "Go back to the queue.")


class ReviewTaskLocked(Conflict):
    """Another person is working on the case; the lock ends by itself (R4.6)."""

    code = "origination.task_locked"
    text = Text("该案件正由其他审批员处理。", "Another reviewer is working on this case.")
    next_step = Text("请处理下一件，锁定到期后自动释放。", "Take the next case; the lock ends by itself.")


class ReviewTaskNotClaimed(Conflict):
    """Claim the case before deciding it, and decide while the lock holds."""

    code = "origination.task_not_claimed"
    text = Text("请先领取案件再作决定，或重新领取（锁定可能已过期）。",
                "Claim the case first; your lock may have expired.")
    next_step = Text("点击“领取”后再提交。", "Claim it and submit again.")


class SecondPersonRequired(Forbidden):
    """The second person is never the first (R4.6); someone else than the first decider answers an appeal (R4.5)."""

    code = "origination.second_person_required"
    text = Text("您已参与该案件的决定，须由另一位同事处理。",
                "You took part in this decision; a colleague must handle it.")
    next_step = Text("请处理下一件。", "Take the next case.")


class ReviewDecisionInvalid(Invalid):
    """The decision is incomplete: unknown outcome, no reason, or no note."""

    code = "origination.review_decision_invalid"
    text = Text("决定不完整：{problem}", "The decision is incomplete: {problem}")

    def __init__(self, *, problem: Text, field: str) -> None:
        self.problem = problem
        super().__init__(field=field)

    @property
    def message(self) -> Text:
        """The sentence with the problem in words."""
        return Text(zh=self.text.zh.format(problem=self.problem.zh), en=self.text.en.format(problem=self.problem.en))


class AppealNotPossible(Conflict):
    """Only a declined application can be appealed, once (R4.5)."""

    code = "origination.appeal_not_possible"
    text = Text("该申请目前不能申请复核。", "This application cannot be appealed now.")
    next_step = Text("每笔被拒的申请可申请一次人工复核；也可联系客服。",
                     "Each declined application can be appealed once; customer service can help as well.")


class AppealStatementRequired(Invalid):
    """The reasons are missing, too short to work with, or too long: one letter would use up the only appeal (R4.5)."""

    code = "origination.appeal_statement_required"
    text = Text("请说明希望复核的理由，{least} 至 {most} 字。",
                "Say what should be looked at again, in {least} to {most} characters.")

    def __init__(self, *, least: int, most: int) -> None:
        super().__init__(field="statement", least=least, most=most)


class PaperNotFound(NotFound):
    """There is no such paper of this customer, or it was taken back."""

    code = "origination.paper_not_found"
    text = Text("没有找到这份材料。", "There is no such paper.")
    next_step = Text("请返回申请资料页查看。", "See the documents of your application.")


class PapersClosed(Conflict):
    """Papers can be sent and taken back before handing in, and when a reviewer asked for something (R4.4)."""

    code = "origination.papers_closed"
    text = Text("申请当前状态为“{state}”，不能再更改材料。",
                "The application is “{state}”; its papers cannot be changed now.")
    next_step = Text("如需补充，审核人员会退回并写明所需材料。", "If more is needed, the reviewer asks for it.")


class PaperKindUnknown(Invalid):
    """The product asks for no paper of this kind, or it is taken in elsewhere (the ID card)."""

    code = "origination.paper_kind_unknown"
    text = Text("该产品不需要这类材料。", "This product asks for no paper of this kind.")
    next_step = Text("请从申请资料页选择材料。", "Choose one on the documents page.")


class TooManyPapers(Refused):
    """Enough pages for one application."""

    code = "origination.too_many_papers"
    text = Text("一笔申请最多 {count} 页材料。", "An application takes at most {count} pages.")
    next_step = Text("请先撤下不需要的材料。", "Take back what is not needed first.")


class PaperTooLarge(Invalid):
    """More bytes than the pack allows for a paper."""

    code = "origination.paper_too_large"
    text = Text("文件超过 {limit_mb} MB。", "The file is larger than {limit_mb} MB.")
    next_step = Text("请压缩或重新拍摄后上传。", "Please take a smaller picture or compress the file, then send it again.")


class PaperNotRead(Conflict):
    """Nothing was read of the page, so there is nothing to confirm or judge field by field."""

    code = "origination.paper_not_read"
    text = Text("这一页没有自动识别的内容。", "Nothing was read of this page by machine.")
    next_step = Text("无需核对，由审核人员查看。", "There is nothing to confirm; a reviewer looks at it.")


class PaperValueInvalid(Invalid):
    """A field was put in a form it cannot have: no amount, no month, no date."""

    code = "origination.paper_value_invalid"
    text = Text("“{label}”的格式不正确。", "“{label}” has a form it cannot have.")
    next_step = Text("金额用元，月份如 2026-08，日期如 2026-08-31。",
                     "Amounts in yuan, months like 2026-08, dates like 2026-08-31.")


class PaperVerdictInvalid(Invalid):
    """Unknown verdict or field, or a correction without its value."""

    code = "origination.paper_verdict_invalid"
    text = Text("请选择属实、存疑或更正；更正须填写内容。",
                "Choose accepted, doubted or corrected; a correction needs its value.")


class PaperNoteRequired(Invalid):
    """A doubt or a correction without its reason, or one that is too long."""

    code = "origination.paper_note_required"
    text = Text("存疑或更正须写明理由，不超过 200 字。", "A doubt or a correction needs its reason, in at most 200 characters.")


class PaperNotReadable(Conflict):
    """A PDF, or a kind of paper that has no reader."""

    code = "origination.paper_not_readable"
    text = Text("这一页不能自动识别。", "This page cannot be read by machine.")
    next_step = Text("请查看原件并人工录入。", "Look at it and type what counts.")


class PapersNotReviewed(Conflict):
    """An approval by somebody who has not worked through the papers as the pack wants (R4.1)."""

    code = "origination.papers_not_reviewed"
    text = Text("材料还没有核对完：{left}。", "The papers are not worked through: {left}.")
    next_step = Text("请打开每页材料，逐项核对后再通过。", "Open each page, judge its fields, then approve.")

    def __init__(self, *, left: Sequence[Text]) -> None:
        self.left = tuple(left)
        super().__init__(field="outcome")

    @property
    def message(self) -> Text:
        """The sentence with what is left."""
        return Text(self.text.zh.format(left=";".join(one.zh for one in self.left)),
                    self.text.en.format(left="; ".join(one.en for one in self.left)))


class AnswerEmpty(Invalid):
    """A reviewer asked for something and nothing came: neither a paper nor a word."""

    code = "origination.answer_empty"
    text = Text("请上传所要求的材料，或填写说明。", "Send what was asked for, or write your answer.")


class PapersMissing(Invalid):
    """The product needs papers that were not sent (R4.1)."""

    code = "origination.papers_missing"
    text = Text("还缺少材料：{papers}。", "These papers are missing: {papers}.")
    next_step = Text("请在申请资料页上传后再提交。", "Send them on the documents page, then submit.")

    def __init__(self, *, papers: Sequence[Text]) -> None:
        self.papers = tuple(papers)
        super().__init__()

    @property
    def message(self) -> Text:
        """The sentence with each paper's name."""
        return Text(self.text.zh.format(papers="、".join(one.zh for one in self.papers)),
                    self.text.en.format(papers=", ".join(one.en for one in self.papers)))

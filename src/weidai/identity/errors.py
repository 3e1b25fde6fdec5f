"""Refusals of identity, each with what to do next."""

from __future__ import annotations

from weidai.identity.face_errors import FaceNotMatched as FaceNotMatched
from weidai.identity.talk_errors import StaffVideoDecided as StaffVideoDecided
from weidai.identity.talk_errors import StaffVideoEndUnknown as StaffVideoEndUnknown
from weidai.identity.talk_errors import StaffVideoLocked as StaffVideoLocked
from weidai.identity.talk_errors import StaffVideoPointsMissing as StaffVideoPointsMissing
from weidai.identity.talk_errors import StaffVideoReasonMissing as StaffVideoReasonMissing
from weidai.identity.talk_errors import StaffVideoRemarkUnknown as StaffVideoRemarkUnknown
from weidai.identity.talk_errors import StaffVideoSecondPerson as StaffVideoSecondPerson
from weidai.identity.talk_errors import StaffVideoUnclaimed as StaffVideoUnclaimed
from weidai.identity.talk_errors import StaffVideoWaiting as StaffVideoWaiting
from weidai.kernel.errors import Conflict, Invalid, NotFound, Refused, TooManyRequests
from weidai.kernel.text import Text

_ASK_SERVICE = Text("如有疑问，请联系客服。", "If this looks wrong, please contact customer service.")
_CHECK_AGAIN = Text("请核对后重新填写。", "Please check it and enter it again.")


class CustomerNotFound(NotFound):
    """No such customer."""

    code = "identity.customer_not_found"
    text = Text("没有找到该客户。", "There is no such customer.")


class AccountClosed(Refused):
    """The account was closed."""

    code = "identity.account_closed"
    text = Text("该账户已注销。", "This account has been closed.")
    next_step = _ASK_SERVICE


class MobileRecycled(Refused):
    """The operator gave the number back: whoever holds it now may be somebody else (R1.1)."""

    code = "identity.mobile_recycled"
    text = Text("运营商显示该手机号已停用或重新发放，不能用它登录原账户。",
                "The operator reports this number as cancelled or given to somebody else; it cannot open its "
                "former account.")
    next_step = Text("如您是该号码的新机主，可为自己开通新账户；如原账户是您的，请联系客服，凭身份证和人脸更换手机号。",
                     "If the number is new to you, you can open an account of your own. If the former account is yours, "
                     "contact customer service and change the number with ID card and face.")


class MobileUnchanged(Invalid):
    """The number is the present one."""

    code = "identity.mobile_unchanged"
    text = Text("这就是您现在的手机号。", "This is your number already.")
    next_step = Text("请填写要更换的新号码。", "Enter the number you want to change to.")


class MobileTaken(Refused):
    """Another account signs in with this number."""

    code = "identity.mobile_taken"
    text = Text("该手机号已用于另一个账户。", "This mobile number belongs to another account.")
    next_step = Text("请使用其他手机号，或用该号码登录原账户。",
                     "Use another number, or sign in to that account with it.")


class ConsentRequired(Refused):
    """The separate consent for this step is not in force (R1.9)."""

    code = "identity.consent_required"
    text = Text("需要先单独同意《{title}》。", "This step needs its own consent: {title}.")
    next_step = Text("请阅读并决定是否同意。", "Please read it and decide.")

    def __init__(self, *, purpose: str, title: Text) -> None:
        super().__init__(purpose=purpose)
        self.purpose = purpose
        self._title = title

    @property
    def message(self) -> Text:
        """The sentence with the consent's title in its own language."""
        return Text(self.text.zh.format(title=self._title.zh), self.text.en.format(title=self._title.en))


class AgreementRequired(Invalid):
    """Nobody gets an account, or into it, without having agreed to terms and privacy notice."""

    code = "identity.agreement_required"
    text = Text("需要先同意用户服务协议和隐私政策。", "Agree to the terms of service and the privacy notice first.")
    next_step = Text("请返回上一步，阅读并勾选同意。", "Go back one step, read them and tick to agree.")


class ConsentTextUnknown(Invalid):
    """No such consent text."""

    code = "identity.consent_text_unknown"
    text = Text("没有这项授权文本。", "There is no such consent text.")


class ConsentTextOutdated(Conflict):
    """The text changed since the page was opened."""

    code = "identity.consent_text_outdated"
    text = Text("授权文本已更新。", "The consent text has changed meanwhile.")
    next_step = Text("请重新阅读后再决定。", "Please read the present text and decide again.")


class ConsentNotGiven(Conflict):
    """Nothing to withdraw."""

    code = "identity.consent_not_given"
    text = Text("这项授权目前没有生效。", "This consent is not in force.")


class ProfileInvalid(Invalid):
    """A declared fact cannot be right."""

    code = "identity.profile_invalid"
    text = Text("填写的资料有误。", "A declared fact cannot be right.")
    next_step = _CHECK_AGAIN


class IncomeInvalid(Invalid):
    """A declared monthly income below zero, or so high that it must be a slip of the pen."""

    code = "identity.income_invalid"
    text = Text("月收入应在 0 至 {most} 元之间。", "The monthly income is between 0 and {most} yuan.")
    next_step = _CHECK_AGAIN


class NameInvalid(Invalid):
    """Not a name as on the card."""

    code = "identity.name_invalid"
    text = Text("请填写身份证上的姓名。", "Enter the name as it stands on the ID card.")
    next_step = _CHECK_AGAIN


class AgeTooYoung(Refused):
    """Under the minimum age (R1.1)."""

    code = "identity.too_young"
    text = Text("未满 {age} 周岁，不能使用本服务。", "This service is for people of {age} or older.")
    next_step = Text("年满 {age} 周岁后再来。", "You are welcome once you are {age}.")


class AgeTooOld(Refused):
    """Over the maximum age (R1.1)."""

    code = "identity.too_old"
    text = Text("已超过 {age} 周岁，不能申请。", "Applicants may be at most {age}.")
    next_step = _ASK_SERVICE


class IdNumberTaken(Refused):
    """One person, one account (R1.1)."""

    code = "identity.id_number_taken"
    text = Text("该身份证号已在另一个账户完成认证，一人只能有一个账户。",
                "This ID number is verified in another account; one person has one account.")
    next_step = Text("请用原手机号登录原账户；原手机号已不用的，请联系客服更换。",
                     "Sign in with that account's number; if you no longer have it, customer service can change it.")


class AlreadyVerified(Conflict):
    """The account belongs to a verified person and cannot become another one."""

    code = "identity.already_verified"
    text = Text("账户已完成实名认证，不能更换为其他人。", "This account is verified and cannot become somebody else's.")
    next_step = _ASK_SERVICE


class IdCardMismatch(Refused):
    """The registry says name and number do not belong together, or does not know the number."""

    code = "identity.id_card_mismatch"
    text = Text("姓名与身份证号不一致，或查无此号。",
                "Name and ID number do not belong together, or the number is unknown.")
    next_step = Text("请对照身份证核对；确认无误的，请联系发证机关或客服。",
                     "Compare with your card; if it is right, ask the issuing authority or customer service.")


class ValidityInvalid(Invalid):
    """The last day is neither a day nor 长期."""

    code = "identity.validity_invalid"
    text = Text("有效期请填写日期（如 2039-09-07）或「长期」。",
                "Enter the last day as 2039-09-07, or 长期 for a card without end.")
    next_step = _CHECK_AGAIN


class IdCardNotValid(Refused):
    """Expired, lost or not yet valid (R1.4)."""

    code = "identity.id_card_not_valid"
    text = Text("身份证已过期、挂失或尚未生效。", "The ID card is expired, reported lost or not yet valid.")
    next_step = Text("请换领新证后再来。", "Please renew the card first.")


class IdCardRequired(Refused):
    """Needs the ID card first."""

    code = "identity.id_card_required"
    text = Text("请先完成身份证核验。", "Please verify your ID card first.")


class RealNameRequired(Refused):
    """ID card and face, or ID card and staff video, come first (R1.3)."""

    code = "identity.real_name_required"
    text = Text("请先完成实名认证（身份证，以及人脸识别或人工视频核验）。",
                "Real-name verification comes first: ID card, then face check or staff video check.")
    next_step = Text("请到“我的 → 实名认证”完成。", "Complete it under Me → Real-name verification.")


class PictureInvalid(Invalid):
    """Not a picture's digest."""

    code = "identity.picture_invalid"
    text = Text("没有收到照片。", "No picture was received.")
    next_step = Text("请重新拍摄，或选择人工视频核验。", "Please take it again, or choose the staff video check.")


class VerificationInconclusive(Refused):
    """The partner could not tell."""

    code = "identity.verification_inconclusive"
    text = Text("核验机构暂时无法给出结论。", "The verification service could not give a result.")
    next_step = Text("请稍后再试。", "Please try again later.")


class TooManyAttempts(TooManyRequests):
    """Enough for one day."""

    code = "identity.too_many_attempts"
    text = Text("今天的核验次数已用完。", "You have used up today's attempts.")
    next_step = Text("请明天再试，或联系客服。", "Please try again tomorrow or contact customer service.")


class CardNumberInvalid(Invalid):
    """Not a card number."""

    code = "identity.card_number_invalid"
    text = Text("银行卡号应为 12 至 19 位数字。", "A card number has 12 to 19 digits.")
    next_step = _CHECK_AGAIN


class CardMismatch(Refused):
    """The network says the four elements do not belong together."""

    code = "identity.card_mismatch"
    text = Text("银行卡与您的姓名、身份证号或预留手机号不一致。",
                "The card does not belong to your name, ID number or the mobile number kept by the bank.")
    next_step = Text("请使用本人银行卡，并填写银行预留手机号。",
                     "Use your own card and the mobile number your bank has on file.")


class CardNotAccepted(Refused):
    """Not a debit card of a supported bank, or closed (R1.6)."""

    code = "identity.card_not_accepted"
    text = Text("仅支持名单内银行的本人借记卡，且账户须正常。",
                "Only open debit cards of the supported banks can be bound.")
    next_step = Text("请更换一张借记卡。", "Please use another debit card.")


class CardTaken(Refused):
    """Bound in another account."""

    code = "identity.card_taken"
    text = Text("该银行卡已绑定在另一个账户。", "This card is bound to another account.")
    next_step = _ASK_SERVICE


class CardAlreadyBound(Conflict):
    """Bound already."""

    code = "identity.card_already_bound"
    text = Text("该银行卡已绑定。", "This card is already bound.")


class CardNotFound(NotFound):
    """No such card of this customer."""

    code = "identity.card_not_found"
    text = Text("没有找到该银行卡。", "There is no such card.")


class CardLimitReached(Refused):
    """As many cards as the pack allows."""

    code = "identity.card_limit_reached"
    text = Text("最多可绑定 {count} 张银行卡。", "At most {count} cards can be bound.")
    next_step = Text("请先解绑一张。", "Please remove one first.")


class DefaultCardNotRemovable(Conflict):
    """The default card is where money goes."""

    code = "identity.default_card_not_removable"
    text = Text("默认银行卡不能解绑。", "The default card cannot be removed.")
    next_step = Text("请先将另一张卡设为默认。", "Make another card the default first.")


class MobileMismatch(Refused):
    """The operator says the number is not this person's."""

    code = "identity.mobile_mismatch"
    text = Text("运营商登记的机主与您的姓名、身份证号不一致。",
                "The operator's records do not show this number as yours.")
    next_step = Text("请使用本人名下的手机号。", "Please use a number registered in your own name.")


class MobileChangedMeanwhile(Conflict):
    """The operator was asked about a number that is not the account's any more."""

    code = "identity.mobile_changed_meanwhile"
    text = Text("核验期间手机号已更换，这次结果没有记录。",
                "The number was changed while it was being checked; nothing was kept of this check.")
    next_step = Text("请用新号码重新核验。", "Please check the new number.")


class MobileNotInUse(Refused):
    """Suspended, cancelled or recycled."""

    code = "identity.mobile_not_in_use"
    text = Text("该手机号未处于正常使用状态。", "This mobile number is not in normal use.")
    next_step = Text("请更换本人名下在用的手机号。", "Please change to a number of your own that is in use.")


class IdCardSideNotFound(NotFound):
    """The verified card has no such picture, or it was deleted."""

    code = "identity.id_card_side_not_found"
    text = Text("没有这一面证件照片，或已按规定删除。",
                "There is no such picture of the card, or it was deleted as the rules say.")


class IdCardVerdictInvalid(Invalid):
    """Unknown verdict or field, or a correction with a value the field cannot have."""

    code = "identity.id_card_verdict_invalid"
    text = Text("请选择属实、存疑或更正；更正须填写有效内容，日期如 2030-08-31 或“长期”。",
                "Choose accepted, doubted or corrected; a correction needs a value the field can have, "
                "dates like 2030-08-31 or 长期.")


class IdCardNoteRequired(Invalid):
    """A doubt or a correction without its reason, or one that is too long."""

    code = "identity.id_card_note_required"
    text = Text("存疑或更正须写明理由，不超过 200 字。", "A doubt or a correction needs its reason, in at most 200 characters.")


class RevealNotJustified(Invalid):
    """Personal data was asked for without saying which or why (R8.6)."""

    code = "identity.reveal_not_justified"
    text = Text("请选择要查看的项目和理由。", "Choose what you need to see and why.")


class RevealReferenceInvalid(Invalid):
    """What is kept of a look for ever must not itself name anybody (R8.6, R9.6)."""

    code = "identity.reveal_reference_invalid"
    text = Text("工单或案件编号只含字母、数字和横线，不能是手机号、证件号或卡号。",
                "A ticket or case number has letters, digits and dashes only; no mobile, ID or card number.")


class OpenBusiness(Refused):
    """Something is still going on that the data is needed for (R8.5)."""

    code = "identity.open_business"
    text = Text("您还有进行中的申请、复核、额度或调查，现在不能注销并删除资料。",
                "An application, an appeal, a credit line or an investigation is still open, so the data cannot be deleted yet.")
    next_step = Text("请先撤回申请、关闭额度，复核请等待答复，再提出删除。",
                     "Withdraw the application, close the line or wait for the answer to the appeal, then ask again.")

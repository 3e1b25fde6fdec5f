"""Consents: one page for each purpose with its whole text, and the centre that lists and withdraws them (R1.9)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from weidai.identity import selectors, services
from weidai.identity.consent_texts import ConsentText, consent_text
from weidai.kernel.text import Text
from weidai.web.h5.deeds import page_address, safe_address, was_done, with_query
from weidai.web.shared.borrower import borrower_page
from weidai.web.shared.forms import Form, status_of
from weidai.web.shared.language import say

AUTO_DEBIT = "auto_debit"
# Where "not now" leads when the address does not say.
_HOME_OF = {
    "real_name_check": "onboard",
    "id_card_pictures": "onboard",
    "face": "onboard_face",
    "voiceprint": "voice",
    "bank_card_check": "onboard",
    "mobile_check": "onboard",
    "payment_data": "credit",
    "social_data": "credit",
    "credit_report": "credit",
}
AFTER_WITHDRAWING: dict[str, Text] = {
    "real_name_check": Text(
        "已完成的实名认证继续有效；以后需要重新核验身份证时会再次征求同意。",
        "Verification already done stays valid; a new check will ask again.",
    ),
    "id_card_pictures": Text(
        "证件照片和识别出的内容立即删除（曾借款的，依法须留存的转入受限档案，不再使用）；人脸识别不再与证件头像比对。"
        "已完成的实名认证继续有效，以后更新证件时可手动填写。",
        "The pictures and what was read are deleted at once (if you have borrowed, what the law makes us keep goes to a "
        "restricted archive and is not used); the face check no longer compares with the card's portrait. Verification "
        "already done stays valid; a renewed card can be typed in.",
    ),
    "income_papers": Text(
        "您上传的收入与资产材料和识别出的内容立即删除，并出具回执（曾借款的，已获批申请中依法须留存的部分转入受限档案，不再使用）。"
        "审核中的申请将在没有这些材料的情况下继续，可能因此退回补充或未获批；已核实的额度不变。",
        "The papers on income and assets and what was read from them are deleted at once, with a receipt (if you have borrowed, "
        "what the law makes us keep of approved applications goes to a restricted archive and is not used). An application under "
        "review goes on without them and may be returned or declined for that; a limit already granted stays.",
    ),
    "face": Text(
        "以后不再使用人脸识别，改用人工视频核验。",
        "Face recognition is no longer used; the staff video check takes its place.",
    ),
    "voiceprint": Text(
        "声纹立即销毁并出具回执；需要确认身份时改用支付密码、人脸识别或人工视频，没有任何不利。",
        "The voiceprint is destroyed at once and you get a receipt. Where you are asked to confirm, use the payment password, "
        "the face check or staff video; there is no disadvantage.",
    ),
    "bank_card_check": Text(
        "已绑定的卡继续可用；绑定新卡时会再次征求同意。", "Bound cards keep working; a new card will ask again."
    ),
    "mobile_check": Text("已完成的手机核验继续有效。", "A finished mobile check stays valid."),
    "credit_report": Text(
        "不再查询您的征信报告。处理中的申请将无法完成审批，新申请也无法提交。",
        "Your credit report is no longer queried. An application in progress cannot be decided, and a new one "
        "cannot be submitted.",
    ),
    "credit_reporting": Text(
        "不能再发起新的借款；法律要求报送的在途借款除外。",
        "No new loan is possible; loans that exist are still reported as the law requires.",
    ),
    "payment_data": Text(
        "下次评估不再使用您的支付与资产数据，相关指标不得分，额度可能下降。",
        "The next assessment does without these data; their indicators give no points and your limit may fall.",
    ),
    "social_data": Text(
        "下次评估不再使用联系人数量，其分值分摊到其他指标，对您没有不利。",
        "The next assessment does without contact counts; their points are spread over the others. No disadvantage.",
    ),
    "auto_debit": Text(
        "不再自动扣款，请在还款日前自行还款，以免逾期。",
        "Nothing is debited any more; repay by hand before the due date.",
    ),
    "marketing": Text("不再收到营销信息。", "You get no marketing messages any more."),
}


def consent_address(purpose: str, *, onward: str, back: str = "") -> str:
    """The page of a consent; it goes on to `onward` when given and to `back` on "not now"."""
    values = {"next": onward, **({"back": back} if back else {})}
    return with_query(page_address("consent", purpose=purpose), **values)


@borrower_page
def consent(request: HttpRequest, purpose: str) -> HttpResponse:
    """The text of one purpose, with agree and not now."""
    if purpose == AUTO_DEBIT:  # its consent and its agreement are given and ended together, on one page
        return HttpResponseRedirect(page_address("autopay"))
    text = _text(purpose)
    onward = safe_address(request, "next", page_address("consents"))
    back = safe_address(request, "back", page_address(_HOME_OF.get(purpose, "consents")))
    form = Form(request.POST or None)
    if request.method == "POST":
        form.is_valid()
        given = was_done(
            form,
            lambda: services.consent_give(
                request.customer_id,
                purpose=purpose,
                recipient=text.recipient,
                text_version=request.POST.get("text_version", ""),
            ),
        )
        if given:
            return HttpResponseRedirect(onward)
    return render(
        request,
        "h5/pages/consent.html",
        {
            "text": text,
            "form": form,
            "onward": onward,
            "back": back,
            "is_given": selectors.has_present_consent(request.customer_id, purpose),
            "earlier": _earlier(request, purpose),
        },
        status=status_of(form),
    )


def _earlier(request: HttpRequest, purpose: str) -> selectors.ConsentInForce | None:
    """The consent in force when it was given to an earlier text."""
    if selectors.has_present_consent(request.customer_id, purpose):
        return None
    return selectors.consent_in_force(request.customer_id, purpose)


@borrower_page
def centre(request: HttpRequest) -> HttpResponse:
    """Every purpose, given or not; one for something this server does not offer only where it was ever given."""
    hidden = frozenset() if selectors.voice_is_offered() else frozenset({"voiceprint"})
    rows = [row for row in selectors.consents(request.customer_id) if row.given_at or row.text.purpose not in hidden]
    return render(
        request, "h5/pages/consents.html", {"rows": rows, "active_tab": "me", "here": page_address("consents")})


@borrower_page
def withdraw(request: HttpRequest, purpose: str) -> HttpResponse:
    """What withdrawing means, and doing it: no reason asked."""
    if purpose == AUTO_DEBIT:  # its consent and its agreement are given and ended together, on one page
        return HttpResponseRedirect(page_address("autopay"))
    text, form = _text(purpose), Form(request.POST or None)
    if request.method == "POST":
        form.is_valid()
        if was_done(
            form, lambda: services.consent_withdraw(request.customer_id, purpose=purpose, recipient=text.recipient)
        ):
            messages.success(request, say(Text("已撤回：{title}", "Withdrawn: {title}").format(title=say(text.title))))
            return HttpResponseRedirect(page_address("consents"))
    return render(
        request,
        "h5/pages/consent_withdraw.html",
        {
            "text": text,
            "form": form,
            "consequence": AFTER_WITHDRAWING.get(purpose, text.refusal_means),
            "is_given": selectors.has_consent(request.customer_id, purpose),
        },
        status=status_of(form),
    )


def _text(purpose: str) -> ConsentText:
    text = consent_text(purpose)
    if text is None:
        raise Http404
    return text


urlpatterns = [
    path("consent/<slug:purpose>", consent, name="consent"),
    path("me/consents/", centre, name="consents"),
    path("me/consents/<slug:purpose>/withdraw", withdraw, name="consent_withdraw"),
]

"""Borrowing in five screens: what is shown, what is refused, what going back and clicking twice do (R6.2, R6.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.services.lending_support import deliver
from tests.web.h5_lending.conftest import Reader
from weidai.lending.models import CostSheet, Drawdown, Loan, LoanAgreement
from weidai.limits import services as limits
from weidai.limits.models import CreditLine
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.security.models import SmsChallenge


def test_the_first_screen_fills_in_neither_amount_nor_term(reader: Reader):
    page = reader.get(reader.borrow_address)
    form = page.context["form"]
    assert form["amount"].value() is None
    assert form["term_months"].value() is None
    assert form["purpose"].value() is None
    text = page.content.decode()
    assert "14.60%" in text and "0.04%" in text  # APR and daily rate of the line
    assert "暂不借款" in text


def test_preview_shows_every_figure_without_writing(reader: Reader):
    answer = reader.post(reader.borrow_address, preview="1", **reader.wish(purpose=""))
    assert answer.status_code == 302
    page = reader.get(answer.url)
    text = page.content.decode()
    quote = page.context["quote"]
    assert (quote.interest_fen, quote.total_fen) == (95_400, 1_295_400)
    for shown in ("14.60%", "0.04%", quote.irr_simple_text, quote.irr_effective_text, "954.00 元", "12,954.00 元",
                  "2026年4月4日"):
        assert shown in text, shown
    fragment = reader.get(f"{reader.borrow_address}preview", data={
        "amount": "12000", "term_months": "12", "method": "equal_principal"})
    assert "954.00 元" in fragment.content.decode() and "<html" not in fragment.content.decode()
    assert not Drawdown.objects.exists()


@pytest.mark.parametrize(("changes", "field", "sentence"), [
    ({"amount": ""}, "amount", "请填写借款金额"),
    ({"amount": "abc"}, "amount", "请输入金额"),
    ({"amount": "99"}, "amount", "100.00 元至 30,000.00 元之间"),
    ({"amount": "100.50"}, "amount", "整元"),
    ({"amount": "30001"}, "amount", "100.00 元至 30,000.00 元之间"),
    ({"term_months": "7"}, "term_months", "请从列表中选择期限"),
    ({"method": "bullet"}, "method", "请从列表中选择还款方式"),
    ({"purpose": "securities"}, "purpose", "请从列表中选择借款用途"),
    ({"purpose": ""}, "purpose", "请选择借款用途"),
    ({"card": str(uuid7())}, "card", "请从列表中选择银行卡"),
])
def test_wrong_input_is_told_beside_its_field_and_nothing_is_written(reader: Reader, changes, field, sentence):
    page = reader.post(reader.borrow_address, **reader.wish(**changes))
    assert page.status_code == 422
    assert sentence in str(page.context["form"].errors[field])
    assert sentence in page.content.decode()
    if changes.get("amount"):
        assert f'value="{changes["amount"]}"' in page.content.decode()
    assert not Drawdown.objects.exists()


def test_a_wrong_preview_names_the_field(reader: Reader):
    text = reader.get(f"{reader.borrow_address}preview", data={
        "amount": "99", "term_months": "12", "method": "equal_principal"}).content.decode()
    assert "100.00 元至 30,000.00 元之间" in text
    calm = reader.get(f"{reader.borrow_address}preview", data={"amount": "500"}).content.decode()
    assert "wd-field__error" not in calm


def test_a_hold_is_a_page_with_what_ends_it(reader: Reader):
    limits.hold_place(reader.who.id, kind="customer_lock", source="customer", reason="customer_request")
    page = reader.get(reader.borrow_address)
    assert page.templates[0].name == "h5/pages/borrow_blocked.html"
    assert not reader.post(reader.borrow_address, **reader.wish()).has_header("Location")
    assert not Drawdown.objects.exists()


def test_the_only_line_is_gone_to_straight(reader: Reader):
    assert reader.get("/h5/borrow/").url == reader.borrow_address


def test_the_sheet_cannot_be_confirmed_before_its_time(reader: Reader):
    at = reader.ask()
    page = reader.get(f"{at}/sheet")
    text = page.content.decode()
    sheet = CostSheet.objects.get()
    assert sheet.sha256 in text
    for line in sheet.content_zh.split("\n"):
        for part in line.replace(" | ", "\n").replace("  ", "\n").split("\n"):
            assert part.split("：", 1)[-1].strip() in text.replace("&#x27;", "'"), part
    assert 'id="confirm-button"' in text and "disabled" not in text.split('id="confirm-button"')[1][:40]
    with clock.travel_to(clock.now() + timedelta(seconds=3)):
        refused = reader.post(f"{at}/sheet")
    assert refused.status_code == 409
    assert "请再阅读 7 秒后确认" in refused.content.decode()
    assert Drawdown.objects.get().state == "sheet_shown"
    with clock.travel_to(clock.now() + timedelta(seconds=10)):
        assert reader.post(f"{at}/sheet").url == f"{at}/agreement"


def test_the_agreement_shows_its_hash_and_both_answers(reader: Reader):
    at = reader.ask()
    reader.read(at)
    text = reader.get(f"{at}/agreement").content.decode()
    assert LoanAgreement.objects.get().sha256 in text and CostSheet.objects.get().sha256 in text
    assert "暂不借款" in text and "同意合同并继续" in text
    assert reader.get(f"{at}/sheet").context["next_url"] == f"{at}/agreement"


def test_not_now_ends_it_at_every_screen(reader: Reader):
    at = reader.ask()
    assert reader.post(f"{at}/cancel").url == "/h5/"
    assert Drawdown.objects.get().state == "cancelled"
    for page in ("sheet", "agreement", "code"):
        assert reader.get(f"{at}/{page}").url == f"{at}/result"
    assert "没有产生借款和费用" in reader.get(f"{at}/result").content.decode()
    assert reader.post(f"{at}/cancel").url == f"{at}/result"


def test_the_code_page_repeats_amount_card_and_number(reader: Reader):
    at = reader.ask()
    reader.read(at)
    reader.sign(at)
    text = reader.get(f"{at}/code").content.decode()
    for shown in ("12,000.00", "招商银行", "6225****", "138****0001", "收不到验证码", "14.60%"):
        assert shown in text, shown
    assert "请先获取验证码" in reader.keyed(f"{at}/code", code="123456").content.decode()
    sent = reader.post(f"{at}/code/send")
    page = reader.get(sent.url)
    assert 0 < page.context["wait_seconds"] <= 60
    again = reader.post(f"{at}/code/send")
    assert again.status_code == 429 and "秒后可重新获取" in again.content.decode()
    assert "重新发起借款" not in again.content.decode()  # another drawdown would have to wait just as long


def test_starting_again_is_offered_where_it_helps(reader: Reader):
    at = reader.ask()
    reader.read(at)
    reader.sign(at)
    with clock.travel_to(clock.now() + timedelta(seconds=30)):
        sent = reader.code(at)
        CreditLine.objects.filter(id=reader.who.line_id).update(daily_rate_e8=45_000)
        page = reader.keyed(f"{at}/code", **sent).content.decode()
    assert "借款条件已变化" in page and f'href="{reader.borrow_address}">重新发起借款' in page


def test_a_line_under_a_hold_is_never_called_usable(reader: Reader):
    assert "可用</span>" in reader.get("/h5/limit/").content.decode()
    limits.hold_place(reader.who.id, kind="overdue", source="test", reason="overdue")
    for lang, word in (("zh", "借款暂停"), ("en", "Paused")):
        page = reader.get(f"/h5/limit/?lang={lang}").content.decode()
        assert f"{word}</span>" in page and "badge--ok" not in page


def test_a_wrong_code_is_told_beside_the_field_and_the_right_one_still_works(reader: Reader):
    at = reader.ask()
    reader.read(at)
    reader.sign(at)
    with clock.travel_to(clock.now() + timedelta(seconds=30)):
        sent = reader.code(at)
        wrong = f"{(int(sent['code']) + 1) % 1_000_000:06d}"
        page = reader.keyed(f"{at}/code", **{**sent, "code": wrong})
        assert page.status_code == 422 and "验证码不正确" in str(page.context["form"].errors["code"])
        assert reader.keyed(f"{at}/code", **{**sent, "code": "12"}).status_code == 422
        assert reader.post(f"{at}/code", **sent).status_code == 422  # without its key
        assert not Loan.objects.exists()
        assert reader.keyed(f"{at}/code", **sent).url == f"{at}/result"
    assert Loan.objects.count() == 1


def test_clicking_twice_and_going_back_make_one_loan(reader: Reader):
    at = reader.ask()
    reader.read(at)
    assert reader.post(f"{at}/sheet").url == f"{at}/agreement"  # confirming again changes nothing
    reader.sign(at)
    assert reader.post(f"{at}/agreement").url == f"{at}/code"
    assert reader.get(f"{at}/agreement").url == f"{at}/code"
    with clock.travel_to(clock.now() + timedelta(seconds=30)):
        sent, key = reader.code(at), str(uuid7())
        for _ in range(2):
            assert reader.keyed(f"{at}/code", idempotency_key=key, **sent).url == f"{at}/result"
        assert reader.keyed(f"{at}/code", **sent).url == f"{at}/result"  # another tab, another key
    for page in ("sheet", "agreement", "code"):
        again = reader.get(f"{at}/{page}")
        assert again.status_code in (200, 302)
    assert reader.post(f"{at}/cancel").url == f"{at}/result"
    assert (Loan.objects.count(), SmsChallenge.objects.filter(purpose="drawdown").count()) == (1, 1)


def test_starting_again_from_the_first_screen_cancels_the_first_try(reader: Reader):
    first, second = reader.ask(), reader.ask()
    assert [row.state for row in Drawdown.objects.order_by("id")] == ["cancelled", "draft"]
    assert reader.get(f"{first}/sheet").url == f"{first}/result"
    assert reader.get(f"{second}/sheet").status_code == 200


def test_processing_polls_and_becomes_success(reader: Reader, bank):
    at = reader.ask()
    reader.read(at)
    reader.sign(at)
    with clock.travel_to(clock.now() + timedelta(seconds=30)):
        reader.keyed(f"{at}/code", **reader.code(at))
    page = reader.get(f"{at}/result")
    assert page.templates[0].name == "h5/pages/drawdown_processing.html"
    assert 'hx-trigger="every 1s"' in page.content.decode()
    assert reader.get(f"{at}/result", headers={"HX-Request": "true"}).status_code == 204
    home = reader.get("/h5/").content.decode()
    assert "放款中" in home and f'href="{at}/result"' in home
    with clock.travel_to(clock.now() + timedelta(minutes=4)):
        page = reader.get(f"{at}/result", headers={"HX-Request": "true"})
        assert "银行尚未答复" in page.content.decode() and f'hx-get="{at}/result?waited=1"' in page.content.decode()
        assert reader.get(f"{at}/result?waited=1", headers={"HX-Request": "true"}).status_code == 204
    deliver(reader.who)
    page = reader.get(f"{at}/result?waited=1", headers={"HX-Request": "true"})
    assert page.templates[0].name == "h5/pages/drawdown_success.html"
    assert "every 1s" not in page.content.decode() and "12,000.00 元 已到账" in page.content.decode()


def test_a_failed_payout_has_its_own_page(reader: Reader, bank):
    bank.fail_with = "card_closed"
    at = reader.ask()
    reader.read(at)
    reader.sign(at)
    with clock.travel_to(clock.now() + timedelta(seconds=30)):
        reader.keyed(f"{at}/code", **reader.code(at))
    deliver(reader.who)
    page = reader.get(f"{at}/result")
    assert page.templates[0].name == "h5/pages/drawdown_failed.html"
    assert "收款卡已注销" in page.content.decode() and "额度已退回" in page.content.decode()


def test_a_block_by_risk_control_has_its_own_page(reader: Reader, monkeypatch):
    from weidai.lending.services import confirmation

    at = reader.ask()
    reader.read(at)
    reader.sign(at)
    monkeypatch.setattr(confirmation, "_is_blocked", lambda drawdown: True)
    with clock.travel_to(clock.now() + timedelta(seconds=30)):
        assert reader.keyed(f"{at}/code", **reader.code(at)).url == f"{at}/result"
    page = reader.get(f"{at}/result")
    assert page.templates[0].name == "h5/pages/drawdown_refused.html"
    assert "本次借款未通过" in page.content.decode() and not Loan.objects.exists()


def test_after_eleven_at_night_it_says_so_before_signing(reader: Reader):
    with clock.travel_to(datetime(2026, 3, 4, 15, 30, tzinfo=UTC)):  # 23:30 in Shanghai
        assert "次日到账" in reader.get(reader.borrow_address).content.decode()
        at = reader.ask()
        assert "次日到账" in reader.get(f"{at}/sheet").content.decode()


def test_nobody_elses_drawdown_is_found(reader: Reader):
    from tests.services.lending_support import borrower_make

    at = reader.ask()
    other = Reader(borrower_make(2))
    for page in ("sheet", "agreement", "code", "result", "face"):
        assert other.get(f"{at}/{page}").status_code == 404
    assert other.post(f"{at}/cancel").status_code == 404
    assert other.get(reader.borrow_address).status_code == 404
    assert Drawdown.objects.get().state == "draft"

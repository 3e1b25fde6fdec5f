"""The pages of using and repaying in headless Chromium: they fit, load cleanly, pass axe, and the courtesies work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.services.lending_support import FakeBank, at, deliver, loan_make
from tests.support.browsers import NO_BROWSER
from tests.web.h5_lending.conftest import Reader
from tests.web.h5_onboarding.test_browser import Viewer
from weidai.identity.models import BankCard
from weidai.lending import selectors
from weidai.lending.models import Loan
from weidai.limits import services as limits
from weidai.platform import clock
from weidai.security import services as security
from weidai.security.models import DeviceKey, SmsAllowance, SmsChallenge
from weidai.servicing import services as servicing
from weidai.web.shared.borrower import COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.skipif(NO_BROWSER, reason="no Chromium here")]


def test_every_page_fits_and_is_accessible(
    browser: Any, live_server: Any, reader: Reader, bank: FakeBank,
) -> None:
    present = clock.wall_now()
    viewer = Viewer(browser, live_server.url)
    viewer.sign_in(reader)
    look = viewer.look
    BankCard.objects.create(
        customer_id=reader.who.id, card_number="6222021234567890123", digest="second", bank_code="ICBC",
        bank_name_zh="工商银行", account_class="I", masked="6222****0123", is_default=False, bound_at=present)
    security.payment_password_set(reader.who.id, password="250918")
    look("40_bills_empty", "/h5/bills/")
    look("41_loans_empty", "/h5/loans/")
    with at(present - timedelta(days=40)):
        late = loan_make(reader.who, amount_fen=600_000, term_months=6)
    with at(present - timedelta(days=39)):
        settled = loan_make(reader.who, amount_fen=300_000, term_months=3)
    with at(present - timedelta(days=20)):
        quote = servicing.settle_quote(reader.who.id, loan_id=settled.id)
        servicing.repayment_receive(reader.who.id, amount_fen=quote.total_fen, received_at=clock.now(), channel="debit",
                                    reference="early", loan_id=settled.id)
    with at(present):
        look("42_borrow", reader.borrow_address)
        look("43_borrow_preview",
             f"{reader.borrow_address}?amount=12000&term_months=12&method=level_payment&purpose=travel")
        look("44_borrow_wrong", f"{reader.borrow_address}?amount=12&term_months=12&method=level_payment")
        ways = reader.ask()
        reader.get(f"{ways}/sheet")
        look("45_sheet", f"{ways}/sheet")
    with at(present + timedelta(seconds=30)):
        reader.read(ways)
        look("46_agreement", f"{ways}/agreement")
        reader.sign(ways)
        look("47_code", f"{ways}/code")
        look("47_code_unbound", f"{ways}/code?unbound=1")
        look("47_bind", "/h5/me/security/devices/bind")
        look("47_devices", "/h5/me/security/devices/")
        look("47_reset", "/h5/me/security/password/reset")
        look("48_step_up", f"{ways}/face")
        reader.keyed(f"{ways}/code", **reader.code(ways))
    look("49_processing", f"{ways}/result")
    deliver(reader.who)
    look("50_success", f"{ways}/result")
    failing = failed_drawdown(reader, bank)
    look("51_failed", f"{failing}/result")
    look("52_cancelled", f"{cancelled_drawdown(reader)}/result")
    limits.hold_place(reader.who.id, kind="overdue", source="servicing", reason="overdue")
    look("53_bills_overdue", "/h5/bills/")
    look("54_loans", "/h5/loans/")
    look("55_loan_late", f"/h5/loans/{late.id}/")
    look("56_loan_settled", f"/h5/loans/{settled.id}/")
    look("57_agreement_kept", f"/h5/loans/{late.id}/papers/agreement")
    look("58_sheet_kept", f"/h5/loans/{late.id}/papers/cost-sheet")
    look("59_certificate", f"/h5/loans/{settled.id}/certificate")
    look("60_repay", f"/h5/repay/{late.id}/")
    card = reader.who.card_id
    look("61_confirm", f"/h5/repay/{late.id}/confirm?kind=amount&amount=3000&choice=smaller_installments&card={card}")
    bank.fail_with = "insufficient_funds"
    with at(present):
        look("62_debit_processing", debit := ask_debit(reader, late.id))
        deliver(reader.who)
        look("63_debit_failed", debit)
        bank.fail_with = None
        debit = ask_debit(reader, late.id)
        deliver(reader.who)
    look("64_debit_success", debit)
    look("65_history", "/h5/bills/paid")
    look("66_receipt", f"/h5/receipts/{reader.get('/h5/bills/paid').context['rows'][0].id}")
    look("67_blocked", reader.borrow_address)
    look("68_autopay_off", "/h5/autopay/")
    servicing.auto_debit_authorize(reader.who.id, card_id=card)
    look("69_autopay_on", "/h5/autopay/")
    look("70_me", "/h5/me/")
    look("71_cards", "/h5/me/cards/")
    other = BankCard.objects.get(digest="second")
    look("72_card_default", f"/h5/me/cards/{other.id}/default")
    look("73_security", "/h5/me/security/")
    look("74_password", "/h5/me/security/password")
    limits.hold_place(reader.who.id, kind="customer_lock", source="customer", reason="customer_request")
    look("75_security_frozen", "/h5/me/security/")
    look("76_unfreeze", "/h5/me/security/unfreeze")
    look("77_help", "/h5/help")
    assert viewer.wrong == [], "\n".join(viewer.wrong)


def ask_debit(reader: Reader, loan_id: Any) -> str:
    asked = reader.post(f"/h5/repay/{loan_id}/", kind="due", card=str(reader.who.card_id)).url
    quote = reader.get(asked).context["quote"]
    return str(reader.keyed(f"/h5/repay/{loan_id}/confirm", kind="due", choice="shorten_term",
                            card=str(reader.who.card_id), seen_fen=str(quote.amount_fen)).url)


def failed_drawdown(reader: Reader, bank: FakeBank) -> str:
    with at(clock.wall_now() + timedelta(minutes=2)):
        bank.fail_with = "card_closed"
        ways = reader.ask()
        reader.read(ways)
        reader.sign(ways)
        with at(clock.now() + timedelta(seconds=30)):
            reader.keyed(f"{ways}/code", **reader.code(ways))
        deliver(reader.who)
        bank.fail_with = None
    return ways


def cancelled_drawdown(reader: Reader) -> str:
    ways = reader.ask()
    reader.post(f"{ways}/cancel")
    return ways


@pytest.fixture
def page(browser: Any, live_server: Any, reader: Reader) -> Any:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.add_cookies([{"name": COOKIE, "value": reader.client.cookies[COOKIE].value, "domain": "localhost",
                          "path": "/h5/"}])
    page = context.new_page()
    page.wrong = []
    page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
    yield page
    context.close()


def test_borrowing_by_clicks(page: Any, live_server: Any, reader: Reader) -> None:
    """The preview follows the figures, the button waits for the reading, the device is bound and signs, the result arrives."""
    DeviceKey.objects.all().delete()  # this browser is to be the first one
    security.payment_password_set(reader.who.id, password="250918")
    page.goto(f"{live_server.url}{reader.borrow_address}")
    page.get_by_label("借款金额").fill("9000")
    page.get_by_label("12 个月", exact=True).check()
    page.get_by_label("等额本金").check()
    page.get_by_text("利息合计", exact=True).wait_for()
    assert "14.60%" in page.locator("#preview").inner_text()
    page.get_by_label("借款用途").select_option("travel")
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/sheet")
    button = page.get_by_role("button", name="我已阅读并知悉全部成本")
    assert button.is_disabled()
    page.wait_for_timeout(8_000)
    assert button.is_disabled()
    button.click()  # waits until it may
    page.wait_for_url("**/agreement")
    page.locator(".wd-reading__text").evaluate("box => { box.scrollTop = box.scrollHeight; }")
    page.get_by_role("button", name="同意合同并继续").click()
    page.wait_for_url("**/code")
    page.get_by_role("link", name="绑定本机").click()
    page.get_by_role("button", name="获取验证码").click()
    page.wait_for_url("**/bind?*challenge=*")
    page.get_by_label("短信验证码").fill(SmsChallenge.objects.get(purpose="device").code)
    page.get_by_label("支付密码").fill("250918")
    page.get_by_role("button", name="绑定本机").click()
    page.wait_for_url("**/code")
    page.wait_for_selector("html[data-device=bound]")
    SmsAllowance.objects.all().delete()  # a minute has passed
    page.get_by_role("button", name="获取验证码").click()
    page.wait_for_url("**/code?challenge=*")
    page.get_by_label("短信验证码").fill(SmsChallenge.objects.get(purpose="drawdown").code)
    page.get_by_role("button", name="确认借款").click()
    page.wait_for_url("**/result")
    assert "银行正在放款" in page.content()
    deliver(reader.who)
    page.get_by_role("heading", name="借款已到账").wait_for()
    page.go_back()
    page.wait_for_load_state()
    assert page.wrong == []
    assert Loan.objects.count() == 1
    evidence = selectors.agreement_text(reader.who.id, loan_id=Loan.objects.get().id).signed_by
    assert evidence is not None and evidence.holds

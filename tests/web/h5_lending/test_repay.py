"""Bills, repaying, receipts, auto-debit, loans and their papers (R6.5, R6.6, R7.1, R7.3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.services.lending_support import AT, at, deliver
from tests.web.h5_lending.conftest import Reader
from weidai.jobs.end_of_day import day_close
from weidai.kernel.days import shanghai_instant
from weidai.lending.models import CostSheet, LoanAgreement
from weidai.platform import books, clock
from weidai.platform.ids import uuid7
from weidai.servicing import services as servicing
from weidai.servicing.models import DebitInstruction, Repayment

DUE = date(2026, 4, 4)
FIRST_FEN = 114_880  # 1,000.00 and the interest of 31 days on 12,000.00


def noon(day: date) -> datetime:
    return shanghai_instant(day) + timedelta(hours=12)


def close_days(until: date) -> None:
    while books.business_date() < until:
        with at(shanghai_instant(books.business_date() + timedelta(days=1)) + timedelta(minutes=5)):
            day_close(books.MAIN_BOOK)


def test_no_loans_no_bills(reader: Reader):
    assert "没有待还账单" in reader.get("/h5/bills/").content.decode()
    assert "还没有借款" in reader.get("/h5/loans/").content.decode()
    assert "还没有还款" in reader.get("/h5/bills/paid").content.decode()


def test_bills_on_the_due_day(reader: Reader):
    reader.borrow()
    page = reader.get("/h5/bills/").content.decode()
    assert "2026年4月4日，还有 31 天，1,148.80 元" in page
    with at(noon(DUE)):
        text = reader.get("/h5/bills/").content.decode()
    assert "1,148.80<small>" in text and "今日到期" in text


def test_the_due_day_names_the_installment_after_it_as_the_next(reader: Reader):
    loan = reader.borrow()
    with at(noon(DUE)):
        text = reader.get(f"/h5/repay/{loan.id}/").content.decode()
    assert "现在应还" in text and "下次应还 2026年5月4日" in text and "下次应还 2026年4月4日" not in text


def test_home_offers_repaying_when_something_is_owed(reader: Reader):
    assert "还款</a>" not in reader.get("/h5/").content.decode()
    reader.borrow()
    assert "提前还款</a>" in reader.get("/h5/").content.decode()
    assert "Pay ahead</a>" in reader.get("/h5/?lang=en").content.decode()
    with at(noon(DUE)):
        assert ">还款</a>" in reader.get("/h5/?lang=zh").content.decode()


def test_bills_overdue_tell_cost_freeze_and_the_way_back(reader: Reader):
    reader.borrow()
    close_days(date(2026, 4, 6))
    with at(noon(date(2026, 4, 6))):
        text = reader.get("/h5/bills/").content.decode()
        blocked = reader.get(reader.borrow_address).content.decode()
    # two days of 0.05 % on 1,000.00
    assert "已逾期 2 天" in text and "其中罚息 1.00 元" in text and "每天约增加 0.50 元" in text
    assert "存在逾期" in text and "72 小时" in text and "不会改变央行征信记录" in text
    assert "存在逾期" in blocked


def test_what_is_due_is_looked_at_then_taken_once(reader: Reader, bank):
    loan = reader.borrow()
    with at(noon(DUE)):
        page = reader.get(f"/h5/repay/{loan.id}/")
        assert page.context["form"]["kind"].value() is None and page.context["form"]["amount"].value() is None
        asked = reader.post(f"/h5/repay/{loan.id}/", kind="due", amount="", card=str(reader.who.card_id))
        assert asked.status_code == 302 and "/confirm?" in asked.url
        assert not DebitInstruction.objects.exists()
        quote = reader.get(asked.url).context["quote"]
        assert (quote.amount_fen, quote.principal_fen, quote.interest_fen, quote.penalty_fen, quote.fee_fen) == (
            FIRST_FEN, 100_000, 14_880, 0, 0)
        values = {"kind": "due", "choice": "shorten_term", "card": str(reader.who.card_id), "seen_fen": str(FIRST_FEN),
                  "idempotency_key": str(uuid7())}
        first, second = (reader.post(f"/h5/repay/{loan.id}/confirm", **values) for _ in range(2))
        assert first.url == second.url and DebitInstruction.objects.count() == 1
        waiting = reader.get(first.url)
        assert waiting.templates[0].name == "h5/pages/debit_processing.html"
        assert reader.get(first.url, headers={"HX-Request": "true"}).status_code == 204
        assert "正在处理" in reader.get(f"/h5/repay/{loan.id}/").content.decode()
        busy = reader.keyed(f"/h5/repay/{loan.id}/confirm", **{**values, "idempotency_key": str(uuid7())})
        assert busy.status_code == 409 and "一笔扣款正在处理中" in busy.content.decode()
        deliver(reader.who)
        done = reader.get(first.url)
        assert done.templates[0].name == "h5/pages/debit_success.html"
        assert "1,000.00 元" in done.content.decode() and "148.80 元" in done.content.decode()
        paid = Repayment.objects.get()
        receipt = reader.get(f"/h5/receipts/{paid.id}").content.decode()
        assert "1,148.80<small>" in receipt and "148.80 元" in receipt
        assert f"/h5/receipts/{paid.id}" in reader.get("/h5/bills/paid").content.decode()
    assert bank.count("debit") == 1


def test_settling_early_costs_the_days_used_only(reader: Reader):
    loan = reader.borrow()
    day = date(2026, 3, 14)
    with at(noon(day)):
        text = reader.get(f"/h5/repay/{loan.id}/").content.decode()
        assert "12,048.00 元" in text and "48.00 元" in text and "提前还款手续费" in text  # ten days of 4.80
        asked = reader.post(f"/h5/repay/{loan.id}/", kind="settle", card=str(reader.who.card_id))
        page = reader.get(asked.url)
        quote = page.context["quote"]
        assert (quote.amount_fen, quote.interest_fen, quote.interest_saved_fen, quote.is_settled) == (
            1_204_800, 4_800, 95_400 - 4_800, True)
        answer = reader.keyed(f"/h5/repay/{loan.id}/confirm", kind="settle", choice="shorten_term",
                              card=str(reader.who.card_id), seen_fen="1204800")
        deliver(reader.who)
        assert "借款已结清" in reader.get(answer.url).content.decode()
        certificate = reader.get(f"/h5/loans/{loan.id}/certificate")
        assert "下载 PDF" in certificate.content.decode()
        pdf = reader.get(f"/h5/loans/{loan.id}/certificate.pdf")
        assert pdf.content.startswith(b"%PDF-") and pdf["Content-Type"] == "application/pdf"
        assert pdf["Content-Disposition"] == f'attachment; filename="settlement-{loan.number}.pdf"'


def test_within_a_day_only_the_principal_goes_back(reader: Reader):
    loan = reader.borrow()
    with at(AT + timedelta(hours=20)):
        text = reader.get(f"/h5/repay/{loan.id}/").content.decode()
        assert "只还本金" in text
        asked = reader.post(f"/h5/repay/{loan.id}/", kind="settle", card=str(reader.who.card_id))
        quote = reader.get(asked.url).context["quote"]
    assert (quote.amount_fen, quote.interest_fen, quote.is_cooling_off) == (1_200_000, 0, True)


def test_money_ahead_of_time_shortens_or_shrinks_as_chosen(reader: Reader):
    loan = reader.borrow()
    found = {}
    with at(noon(date(2026, 3, 14))):
        for choice in ("shorten_term", "smaller_installments"):
            asked = reader.post(f"/h5/repay/{loan.id}/", kind="amount", amount="5000", choice=choice,
                                card=str(reader.who.card_id))
            found[choice] = reader.get(asked.url).context["quote"]
        assert found["shorten_term"].rows_left < found["smaller_installments"].rows_left == 12
        assert found["smaller_installments"].next_due_fen < FIRST_FEN
        quote = found["smaller_installments"]
        reader.keyed(f"/h5/repay/{loan.id}/confirm", kind="amount", amount="5000", choice="smaller_installments",
                     card=str(reader.who.card_id), seen_fen="500000")
        deliver(reader.who)
        page = reader.get(f"/h5/loans/{loan.id}/")
    statement = page.context["statement"]
    assert (statement.owed.next_due_on, statement.owed.next_due_fen) == (quote.next_due_on, quote.next_due_fen)
    left = sum(row.interest_fen - row.interest_paid_fen for row in statement.rows)
    assert 95_400 - left - quote.interest_fen == quote.interest_saved_fen


@pytest.mark.parametrize(("values", "field", "sentence"), [
    ({}, "kind", "请选择还款方式"),
    ({"kind": "amount"}, "amount", "请填写还款金额"),
    ({"kind": "amount", "amount": "0"}, "amount", "金额太小"),
    ({"kind": "amount", "amount": "1.234"}, "amount", "最多两位小数"),
    ({"kind": "amount", "amount": "99999999"}, "amount", "不能超过结清金额"),
    ({"kind": "everything"}, "kind", "请从列表中选择"),
    ({"kind": "settle", "card": str(uuid7())}, "card", "请从列表中选择"),
    ({"kind": "settle", "choice": "lottery"}, "choice", "请从列表中选择"),
])
def test_wrong_repayments_are_told_beside_the_field(reader: Reader, values, field, sentence):
    loan = reader.borrow()
    page = reader.post(f"/h5/repay/{loan.id}/", **{"card": str(reader.who.card_id), **values})
    assert page.status_code == 422 and sentence in str(page.context["form"].errors[field])
    assert sentence in page.content.decode()
    assert not DebitInstruction.objects.exists()


def test_a_figure_that_changed_is_looked_at_again(reader: Reader):
    loan = reader.borrow()
    with at(noon(date(2026, 3, 14))):
        values = {"kind": "settle", "choice": "shorten_term", "card": str(reader.who.card_id), "seen_fen": "1204800"}
    with at(noon(date(2026, 3, 15))):
        page = reader.keyed(f"/h5/repay/{loan.id}/confirm", **values)
        assert page.status_code == 409 and "金额已更新" in page.content.decode()
        assert 'value="1205280"' in page.content.decode()
        assert reader.post(f"/h5/repay/{loan.id}/confirm", **values).status_code == 422  # without its key
    assert not DebitInstruction.objects.exists()


def test_a_failed_debit_has_its_own_page(reader: Reader, bank):
    loan = reader.borrow()
    bank.fail_with = "insufficient_funds"
    with at(noon(DUE)):
        answer = reader.keyed(f"/h5/repay/{loan.id}/confirm", kind="due", choice="shorten_term",
                              card=str(reader.who.card_id), seen_fen=str(FIRST_FEN))
        deliver(reader.who)
        page = reader.get(answer.url)
    assert page.templates[0].name == "h5/pages/debit_failed.html"
    assert "余额不足" in page.content.decode() and not Repayment.objects.exists()


def test_auto_debit_is_given_by_its_own_text_and_taken_back(reader: Reader):
    page = reader.get("/h5/autopay/")
    text = page.content.decode()
    assert "06:00 / 12:00 / 20:00" in text and "自动扣款授权书" in text and "暂不开通" in text
    version = page.context["text"].version
    old = reader.post("/h5/autopay/", card=str(reader.who.card_id), text_version="1999-01")
    assert old.status_code in (409, 422) and servicing_agreement(reader) is None
    wrong = reader.post("/h5/autopay/", card=str(uuid7()), text_version=version)
    assert wrong.status_code == 422 and "请从列表中选择银行卡" in wrong.content.decode()
    for _ in range(2):
        assert reader.post("/h5/autopay/", card=str(reader.who.card_id), text_version=version).status_code == 302
    assert servicing_agreement(reader).card_id == reader.who.card_id
    assert "自动扣款" in reader.get("/h5/bills/").content.decode()
    for _ in range(2):
        assert reader.post("/h5/autopay/withdraw").url == "/h5/autopay/"
    assert servicing_agreement(reader) is None


def test_the_consent_centre_leads_to_the_page_that_ends_consent_and_agreement_together(reader: Reader):
    for address in ("/h5/consent/auto_debit", "/h5/me/consents/auto_debit/withdraw"):
        assert reader.get(address).url == "/h5/autopay/"
        assert reader.post(address).url == "/h5/autopay/"


def servicing_agreement(reader: Reader):
    from weidai.servicing.selectors import auto_debit_for

    return auto_debit_for(reader.who.id)


def test_a_loan_shows_schedule_papers_and_history(reader: Reader):
    loan = reader.borrow()
    text = reader.get(f"/h5/loans/{loan.id}/").content.decode()
    for shown in (loan.number, "14.60%", "0.04%", "2027年3月4日", "款项到账，开始计息"):
        assert shown in text, shown
    agreement = reader.get(f"/h5/loans/{loan.id}/papers/agreement").content.decode()
    assert LoanAgreement.objects.get().sha256 in agreement and "个人借款合同" in agreement
    sheet = reader.get(f"/h5/loans/{loan.id}/papers/cost-sheet").content.decode()
    assert CostSheet.objects.get().sha256 in sheet
    assert reader.get(f"/h5/loans/{loan.id}/papers/diary").status_code == 404
    assert "结清后可随时下载" in reader.get(f"/h5/loans/{loan.id}/certificate").content.decode()
    assert reader.get(f"/h5/loans/{loan.id}/certificate.pdf").status_code == 409


def test_unknown_and_foreign_ids_are_not_found(reader: Reader):
    from tests.services.lending_support import borrower_make

    loan = reader.borrow()
    servicing.repayment_receive(reader.who.id, amount_fen=100, received_at=clock.now(), channel="debit", reference="r")
    other, paid = Reader(borrower_make(2)), Repayment.objects.get()
    for name in (str(loan.id), str(uuid7())):
        for address in (f"/h5/loans/{name}/", f"/h5/repay/{name}/", f"/h5/repay/{name}/confirm",
                        f"/h5/loans/{name}/certificate", f"/h5/loans/{name}/certificate.pdf",
                        f"/h5/loans/{name}/papers/agreement", f"/h5/debits/{name}", f"/h5/receipts/{name}"):
            assert other.get(address).status_code == 404, address
    assert other.get(f"/h5/receipts/{paid.id}").status_code == 404
    assert reader.get("/h5/loans/not-a-number/").status_code == 404


def test_late_at_night_is_another_day_in_shanghai(reader: Reader):
    reader.borrow()
    with at(datetime(2026, 4, 3, 16, 30, tzinfo=UTC)):  # 00:30 on 4 April in Shanghai
        assert "今日到期" in reader.get("/h5/bills/").content.decode()

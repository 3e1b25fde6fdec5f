"""A whole loan lived in the browser against real processes, and what the lender's staff see of it (must show 2).

Register, verify, be assessed, compare, apply, be approved, activate, borrow 3,000 over 12 months, pay twice, miss once,
be frozen and charged, pay, settle early, take the certificate. Nothing is called behind the pages' back except the
clock and the bank account of the sandbox.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.browsers import NO_BROWSER
from tests.web.journey.person import PASSWORD, Person, Watched, chromium  # noqa: F401 (a fixture)
from tests.web.journey.stack import Stack, running_stack

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
]
OPERATOR, AUDITOR = "operations", "auditor"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    kept = Path(os.environ.get("WEIDAI_SCREENSHOTS") or tmp_path)
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def test_a_loan_from_registration_to_certificate(chromium: Any, stack: Stack, pictures: Path) -> None:  # noqa: F811
    wrong: list[str] = []
    person = Person(chromium, stack, stack.person("young_worker"), pictures=pictures, wrong=wrong)
    staff = Staff(chromium, stack, pictures=pictures, wrong=wrong)
    try:
        _everything(person, staff)
    except Exception as error:
        error.add_note(stack.told())
        raise
    assert wrong == [], "\n".join(wrong)


def _everything(person: Person, staff: Staff) -> None:
    _registers(person)
    _verifies(person)
    _is_assessed_and_compares(person)
    _applies_and_accepts(person)
    _activates(person)
    staff.log_in(OPERATOR)
    _borrows(person)
    staff.move_a_day()
    number = _pays_twice(person)
    _misses_one(person)
    _pays_late(person)
    _settles_early(person)
    staff.sees(person, number)


def _registers(person: Person) -> None:
    person.open("/h5/")
    person.shot("01_login")
    person.sign_in()
    person.shot("02_home_new")


def _verifies(person: Person) -> None:
    person.open("/h5/onboard/").shot("03_onboard")
    person.agreed_tap("继续：")
    if "/id-card/photos" in person.page.url:  # pictures are read here; their own tests take them
        person.shot("04_id_photos").tap("改为手动填写")
    person.fill(name=person.facts["name"], id_number=person.facts["id_number"]).shot("04_id_card")
    person.tap("提交核验")
    if "/onboard/face" not in person.page.url:
        person.agreed_tap("继续：")
    person.show_face()
    person.open("/h5/onboard/").see("实名认证已完成").agreed_tap("继续：")
    person.fill(card_number=person.card()).shot("05_bank_card")
    person.tap("核验并绑定")
    person.open("/h5/onboard/").agreed_tap("继续：").shot("06_mobile")
    person.tap("开始核验")
    person.open("/h5/onboard/profile")
    person.choose("occupation", "employed")
    person.fill(employer=person.facts["employer"] or "某公司",
                declared_monthly_income_fen=str(person.facts["monthly_income_fen"] // 100))
    person.choose("region_code", person.facts["region_code"])
    person.shot("07_profile").tap("保存")
    person.open("/h5/onboard/").shot("08_onboard_done")


def _is_assessed_and_compares(person: Person) -> None:
    person.open("/h5/credit/").shot("09_credit_empty")
    for purpose in ("payment_data", "social_data", "credit_report"):
        person.open(f"/h5/consent/{purpose}?next=/h5/credit/").agree()
    person.open("/h5/credit/").tap("立即评估")
    person.see("六项指标").shot("10_credit")
    person.open("/h5/products/").shot("11_products")


def _applies_and_accepts(person: Person) -> None:
    person.open("/h5/apply/consumer_installment_line/")
    while person.page.locator(".wd-action a").filter(has_text="阅读《").count():
        person.agreed_tap("阅读《")
        person.open("/h5/apply/consumer_installment_line/")
    person.fill(declared_monthly_income=str(person.facts["monthly_income_fen"] // 100))
    person.shot("12_apply").tap("提交申请")
    person.page.wait_for_url("**/applications/**")
    person.shot("13_progress")
    person.see("额度是这样算的").shot("14_offer")
    person.tap("接受额度")


def _activates(person: Person) -> None:
    if "/activate/" not in person.page.url:
        person.tap("去开通")
    if not person.page.locator("[name=card_id]:checked").count():
        person.choose("card_id")
    person.shot("15_activate_card").tap("确认此卡")
    person.fill(password=PASSWORD, again=PASSWORD).shot("16_activate_password").tap("下一步")
    person.see("方式一：人脸识别").shot("17_activate_face").show_face()
    if person.page.get_by_text("完成开通").count():
        person.tap("完成开通")
    person.shot("18_activate_done")
    person.open("/h5/").see("可用额度").shot("19_home")


def _borrows(person: Person) -> None:
    person.tap("借款").fill(amount="3000").choose("term_months", "12").choose("method", "level_payment")
    person.choose("purpose", "daily_consumption").see("年化").shot("20_borrow")
    person.tap("下一步")
    person.page.wait_for_url("**/sheet")
    assert person.page.locator("#confirm-button").is_disabled(), "the reading time is not over"
    person.shot("21_cost_sheet")
    person.page.locator(".ln-hash").first.scroll_into_view_if_needed()
    person.page.locator("#confirm-button:enabled").click()
    person.page.wait_for_url("**/agreement")
    person.page.locator("[data-reading-seconds]").first.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    person.shot("22_agreement")
    person.page.locator("#confirm-button:enabled").click()
    person.page.wait_for_url("**/code**")
    person.shot("23_code")
    person.ask_for_code()
    person.fill(code=person.code()).tap("确认借款")
    person.page.wait_for_url("**/result")
    person.see("借款已到账").shot("24_money_arrived")
    person.outside.open("/bank").see("3,000.00").shot("25_sandbox_bank")
    person.tap("查看借款与还款计划").shot("26_loan")


def _pays_twice(person: Person) -> str:
    found = re.search(r"JK\d{8}[0-9A-F]{10}", person.text())
    assert found is not None
    person.money_in_bank(30_000)
    for turn in ("first", "second"):
        person.stack.cli("clock", "forward", str(person.days_left()))
        person.come("/h5/").shot(f"30_{turn}_home")
        person.repay("due", f"31_{turn}").see("还款成功").shot(f"31_{turn}_3_paid")
    return found[0]


def _misses_one(person: Person) -> None:
    days = person.days_left()
    person.money_in_bank(0)
    person.stack.cli("clock", "forward", str(days))
    person.repay("due", "40_no_money").see("还款未成功", "余额不足").shot("40_no_money_3_failed")
    person.stack.cli("clock", "forward", "2")
    person.come("/h5/").see("已逾期 2 天").shot("41_home_overdue")
    person.come("/h5/bills/").see("罚息").shot("42_bills_overdue")
    person.come("/h5/limit/").shot("43_limit_frozen")


def _pays_late(person: Person) -> None:
    person.money_in_bank(30_000)
    person.repay("due", "44_late").see("还款成功").shot("44_late_3_paid")
    person.come("/h5/").shot("45_home_cured")
    assert "已逾期" not in person.text()
    assert "借款暂停" not in person.text()


def _settles_early(person: Person) -> None:
    person.repay("settle", "50_settle").see("借款已结清").shot("50_settle_3_paid")
    person.tap("结清证明").see("不再负有任何债务").shot("51_certificate")
    with person.page.expect_download() as download:
        person.tap("下载 PDF")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    person.come("/h5/").shot("52_home_after")


class Staff(Watched):
    """A member of staff at the console."""

    def __init__(self, browser: Any, stack: Stack, *, pictures: Path, wrong: list[str]) -> None:
        super().__init__(browser, stack.web, width=1280, pictures=pictures, wrong=wrong)
        self.stack = stack

    def log_in(self, username: str) -> None:
        """Password, then the authenticator's code."""
        self.page.context.clear_cookies()
        self.open("/console/").fill(login=username, password=self.stack.staff(username)["password"])
        self.tap("登录")
        self.fill(code=self.stack.code_now(username))
        self.tap("登录")
        self.page.wait_for_url(re.compile(r"/console/?$"))
        self.shot(f"60_workbench_{username}")

    def move_a_day(self) -> None:
        """Move business time with the console's own control."""
        self.open("/console/end-of-day").shot("61_end_of_day")
        self.tap("前进一天")
        self.see("已到达").tap("刷新页面")
        self.page.locator("tbody").get_by_text("已完成").first.wait_for()
        self.shot("62_end_of_day_moved")

    def sees(self, person: Person, number: str) -> None:
        """Look at everything the borrower did, as the auditor."""
        self.log_in(AUDITOR)
        self.open("/console/customers").shot("70_customers")
        self.page.locator("tbody a[href^='/console/customers/']").first.click()
        self.shot("71_customer")
        assert person.facts["id_number"] not in self.text()
        self.open("/console/applications")
        self.page.locator("tbody a[href^='/console/applications/']").first.click()
        self.shot("72_case")
        self.open("/console/loans").see(number).shot("73_loans")
        self.page.locator("tbody a[href^='/console/loans/']").first.click()
        self.see(number, "还款计划", "账务分录", "已结清").shot("74_loan")
        self.open("/console/repayments").shot("75_repayments")
        self.open("/console/end-of-day").shot("76_end_of_day")
        self.open("/console/ledger").shot("77_ledger")
        self.open("/console/events?name=lending").see("lending.").shot("78_events")

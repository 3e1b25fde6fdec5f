"""Papers end to end in headless Chromium: payslip, hand-in, the reviewer's return, statement, back in verification (R4.1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.services.origination.paper_kit import debit_card, picture, reads, slip, statement
from tests.support.browsers import NO_BROWSER
from tests.web.h5_onboarding.conftest import PRODUCT, Borrower
from tests.web.h5_onboarding.test_id_photos_browser import opened, shot
from weidai.origination import selectors, services
from weidai.origination.models import ReviewTask
from weidai.platform import clock

pytestmark = [
    pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
]
SALARIES = [(f"2026-{5 + at // 2:02d}-{15 + at % 2 * 5:02d}", "代发工资" if at % 2 == 0 else "快捷支付",
             750_000 if at % 2 == 0 else -120_000, 900_000 + (at // 2) * 630_000 - (at % 2) * 120_000) for at in range(10)]


def files(folder: Path, *shades: int) -> list[str]:
    paths = [folder / f"page{shade}.jpg" for shade in shades]
    for path, shade in zip(paths, shades, strict=True):
        path.write_bytes(picture(shade))
    return [str(path) for path in paths]


def in_the_dark(browser: Any, host: str, borrower: Borrower, address: str, name: str) -> None:
    page = opened(browser, host, borrower, color_scheme="dark")
    page.goto(f"{address}?lang=en")
    shot(page, name)
    page.goto(f"{address}?lang=zh")  # the language belongs to the person
    page.context.close()


def test_r4_1_a_payslip_a_return_and_a_statement(
    browser: Any, live_server: Any, borrower: Borrower, monkeypatch: Any, tmp_path: Path,
) -> None:
    host = live_server.url.replace("127.0.0.1", "localhost")
    borrower.sign_in().verify().agree("payment_data", "credit_report", "credit_reporting", "income_papers").step("/h5/credit/")
    name = borrower.person.name
    broken = (*SALARIES, ("2026-10-15", "代发工资", 980_000, 99_999_900))
    reads(monkeypatch, slip(name=name, pay_month="2026-10"), statement(*broken[:6], name=name), statement(*broken[6:], name=name))
    page = opened(browser, host, borrower)
    page.goto(f"{host}/h5/apply/{PRODUCT}/")
    shot(page, "pa_1_apply")
    page.get_by_role("button", name="上传材料").click()
    page.get_by_role("heading", name="申请资料").wait_for()
    shot(page, "pa_2_list_empty")
    page.get_by_role("link", name="+ 工资单").first.click()
    shot(page, "pa_3_send")
    page.set_input_files("input[type=file]", files(tmp_path, 40))
    page.locator("#use").wait_for()
    shot(page, "pa_4_review")
    page.click("#use")
    page.get_by_text("正在识别 1 页").wait_for()
    shot(page, "pa_5_reading")
    borrower.deliver()
    page.get_by_role("link", name="去核对").wait_for()  # the page asks by itself
    shot(page, "pa_6_to_check")
    page.get_by_role("link", name="去核对").click()
    assert page.input_value("[name=net_fen]") == "7500.00"
    shot(page, "pa_7_check")
    in_the_dark(browser, host, borrower, page.url, "pa_7_check_dark_en")
    page.fill("[name=net_fen]", "7600")
    page.get_by_role("button", name="核对无误").click()
    page.get_by_role("heading", name="申请资料").wait_for()
    shot(page, "pa_8_checked")
    page.get_by_role("link", name="继续填写申请").click()
    page.fill("[name=declared_monthly_income]", "7600")
    page.locator("[name=occupation][value=employed]").check(force=True)
    page.fill("[name=employer]", "云麓软件")
    page.select_option("[name=region_code]", "31")
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url("**/applications/**")
    borrower.deliver()
    application = selectors.applications_for(borrower.customer_id)[0]
    assert application.state == "verification"
    page.reload()
    shot(page, "pa_9_progress")
    page.get_by_role("link", name="已提交的材料").click()
    assert page.get_by_role("button", name="撤下").count() == 0
    shot(page, "pa_10_handed_in")
    task = ReviewTask.objects.get(application_id=application.id, state="open")
    with clock.travel_to(clock.now() + timedelta(seconds=1)):
        services.verification_claim(borrower.customer_id, task_id=task.id, staff_id="reviewer")
        services.verification_decide(borrower.customer_id, task_id=task.id, staff_id="reviewer", outcome="return",
                                     note="请补充近 6 个月工资流水。", codes=["statement"])
    page.wait_for_timeout(1100)
    page.goto(f"{host}/h5/applications/{application.id}/")
    page.get_by_role("link", name="去补充").click()
    page.get_by_role("button", name="交回审核").click()
    page.get_by_text("请上传所要求的材料，或填写说明").first.wait_for()
    shot(page, "pa_11_asked")
    page.get_by_role("link", name="+ 工资卡银行流水").first.click()
    page.set_input_files("input[type=file]", files(tmp_path, 60, 80))
    page.get_by_text("已选择 2 个文件").wait_for()
    shot(page, "pa_12_two_files")
    page.click("#use")
    page.get_by_text("正在识别 2 页").wait_for()
    borrower.deliver()
    page.get_by_role("link", name="去核对").first.click()
    shot(page, "pa_13_statement")
    page.get_by_role("button", name="核对无误").click()
    page.get_by_text("接不上").first.wait_for()
    shot(page, "pa_14_statement_broken")
    in_the_dark(browser, host, borrower, page.url, "pa_14_statement_broken_dark_en")
    page.get_by_role("button", name="核对无误").click()
    page.get_by_role("button", name="交回审核").click()
    page.wait_for_url(f"**/applications/{application.id}/")
    assert selectors.application_get(borrower.customer_id, application.id).state == "verification"
    found = selectors.papers_found(borrower.customer_id, application.id)
    assert {one.kind: one.monthly_fen for one in found.proposal.sources} == {"payslip": 760_000, "salary_statement": 750_000}
    assert {"balance_broken", "corrected"} <= {one.code for one in found.findings}
    assert [what for what in page.wrong if "422" not in what] == []


def test_r1_6_a_card_by_its_picture(browser: Any, live_server: Any, borrower: Borrower, monkeypatch: Any, tmp_path: Path) -> None:
    host = live_server.url.replace("127.0.0.1", "localhost")
    borrower.sign_in().agree("real_name_check", "bank_card_check")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    reads(monkeypatch, debit_card(borrower.card_number))
    page = opened(browser, host, borrower)
    page.goto(f"{host}/h5/onboard/bank-card")
    shot(page, "pa_20_card")
    page.get_by_role("link", name="拍卡识别卡号").click()
    shot(page, "pa_21_card_photo")
    page.set_input_files("input[type=file]", files(tmp_path, 30))
    page.click("#use")
    page.get_by_text("卡号已识别").wait_for()
    shot(page, "pa_22_card_read")
    page.get_by_role("button", name="核验并绑定").click()
    page.wait_for_url("**/onboard**")
    assert len(borrower.cards()) == 1 and page.wrong == []

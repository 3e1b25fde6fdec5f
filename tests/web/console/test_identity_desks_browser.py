"""The desks of identity in headless Chromium: the ID card, the video talk, the access log; axe finds nothing (R1.5, R9.1)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.browsers import AXE, NO_BROWSER
from tests.web.console.test_id_card_desk import case  # noqa: F401 (fixture)
from tests.web.console.test_paper_desk_browser import LOOKS, _page
from tests.web.staff_session import staff_client, staff_user
from weidai.identity.models import StaffVideoRequest
from weidai.origination.models import ReviewTask
from weidai.platform import clock
from weidai.platform.ids import uuid7
from weidai.staff.models import StaffRole
from weidai.staff.rules import Role
from weidai.vision.rules.fields import Kind

pytestmark = [
    pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(NO_BROWSER, reason="no Chromium here (set WEIDAI_CHROMIUM)"),
]
FOR_YEARS = datetime(2090, 1, 1, tzinfo=UTC)  # the server's threads live in real time
SHOTS = os.environ.get("WEIDAI_SHOTS")  # a folder: keep a picture of every page


def _held(case: Any) -> list[str]:  # noqa: F811
    application, task, sides = case
    holder = staff_user([Role.REVIEWER], "one")
    StaffRole.objects.create(user=holder, role=Role.AUDITOR.value)
    ReviewTask.objects.filter(id=task.id).update(claimed_by=str(holder.pk), locked_until=FOR_YEARS)
    talk = StaffVideoRequest.objects.create(
        id=uuid7(), customer_id=application.customer_id, purpose="real_name", requested_at=clock.now(),
        claimed_by=str(holder.pk), locked_until=FOR_YEARS)
    at = f"/console/applications/{application.id}"
    return [at, f"{at}/id-card/{sides[Kind.ID_FRONT].reading_id}", f"{at}/id-card/{sides[Kind.ID_BACK].reading_id}",
            f"/console/video-checks/{talk.id}", "/console/video-checks", "/console/looks"]


@pytest.mark.parametrize("look", LOOKS)
def test_r9_1_the_desks_of_identity_are_clean_in_both_languages_and_looks(
    browser: Any, live_server: Any, case: Any, look: str,  # noqa: F811
) -> None:
    page, wrong = _page(browser, live_server.url, LOOKS[look])
    for number, address in enumerate(_held(case)):
        for width in (1400, 1024):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{live_server.url}{address}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{number}_{look}_{width}.png", full_page=True)
        page.evaluate(AXE)
        found = page.evaluate("async () => (await axe.run()).violations.map(one => [one.id, one.nodes[0].html])")
        assert found == [], address
    assert wrong == []


def test_r1_5_only_what_belongs_to_the_outcome_is_asked(browser: Any, live_server: Any, case: Any) -> None:  # noqa: F811
    talk = _held(case)[3]
    page, wrong = _page(browser, live_server.url, {})
    page.goto(f"{live_server.url}{talk}")
    page.locator('input[name="passed"][value="no"]').check()
    assert not page.locator('input[name="points"]').first.is_visible()
    assert page.locator('input[name="code"]').first.is_visible()
    page.locator('input[name="passed"][value="yes"]').check()
    assert page.locator('input[name="points"]').first.is_visible() and not page.locator('input[name="code"]').first.is_visible()
    for box in page.locator('input[name="points"]').all():
        box.check()
    page.fill('textarea[name="reason"]', "证件与本人一致")
    page.locator('.pp-talk button[type="submit"]').click()
    page.wait_for_url("**/console/video-checks")
    assert "结论已保存" in page.inner_text("main") and wrong == []
    assert staff_client(Role.REVIEWER, username="one").get(talk).status_code == 200

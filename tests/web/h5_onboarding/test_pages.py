"""Every page in both languages, known and unknown addresses, and how many queries each takes (R9.1, R10.6)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.web.h5_onboarding.conftest import PRODUCT, Borrower

OPEN_TO_ALL = ("/h5/login", "/h5/legal/terms", "/h5/legal/privacy")
PAGES = {  # the most queries, for a customer with one line
    "/h5/": 14, "/h5/messages/": 3, "/h5/onboard/": 12, "/h5/onboard/id-card": 7, "/h5/onboard/face": 8,
    "/h5/onboard/bank-card": 8, "/h5/onboard/mobile": 7, "/h5/onboard/profile": 6, "/h5/credit/": 9,
    "/h5/products/": 14, "/h5/limit/": 6, "/h5/me/consents/": 3, "/h5/me/consents/face/withdraw": 3,
    "/h5/consent/face": 3, "/h5/applications/": 6,
}
MOST_BYTES = 60 * 1024


@pytest.mark.django_db
@pytest.mark.parametrize("address", OPEN_TO_ALL)
def test_open_pages_in_both_languages(client: Any, address: str) -> None:
    chinese = client.get(address)
    assert chinese.status_code == 200
    assert 'lang="zh-CN"' in chinese.content.decode()
    english = client.get(address, {"lang": "en"})
    assert english.status_code == 200
    assert 'lang="en"' in english.content.decode()


SOMETHING = "01890000-0000-7000-8000-000000000001"  # a fixed id: parallel workers must collect the same tests


@pytest.mark.django_db
@pytest.mark.parametrize("address", [*PAGES, f"/h5/apply/{PRODUCT}/", f"/h5/activate/{SOMETHING}/"])
def test_pages_need_a_session(client: Any, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/h5/login?next=")


def test_every_page_of_an_active_customer_in_both_languages(
    borrower: Borrower, django_assert_max_num_queries: Any,
) -> None:
    activate = borrower.sign_in().verify().activated()
    application = borrower.client.get("/h5/applications/").context["applications"][0]
    borrower.agree("social_data").step("/h5/credit/")
    pages = {**PAGES, activate: 4, f"/h5/applications/{application.id}/": 8}
    for address, most in pages.items():
        for language in ("zh", "en"):
            borrower.client.cookies["weidai_lang"] = language  # `?lang=` writes the choice as well
            with django_assert_max_num_queries(most):
                response = borrower.client.get(address)
            assert response.status_code == 200, address
            page = response.content.decode()
            assert len(response.content) < MOST_BYTES, address
            chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in page)
            assert (chinese > 20) if language == "zh" else (chinese < 40), (address, language, chinese)


def test_a_product_held_is_open_and_leads_to_its_line(borrower: Borrower) -> None:
    borrower.sign_in().verify().activated()
    page = borrower.client.get("/h5/products/").content.decode()
    assert "已开通</span>" in page
    assert 'href="/h5/limit/">查看额度' in page


def test_unknown_things_are_not_found(borrower: Borrower) -> None:
    borrower.sign_in()
    for address in (f"/h5/applications/{uuid4()}/", f"/h5/applications/{uuid4()}/part", f"/h5/activate/{uuid4()}/",
                    "/h5/apply/no_such_product/", "/h5/consent/no_such_purpose", "/h5/legal/none",
                    "/h5/me/consents/none/withdraw"):
        assert borrower.client.get(address).status_code == 404, address
    for address in (f"/h5/applications/{uuid4()}/accept", f"/h5/limit/increase/{uuid4()}/accept"):
        assert borrower.post(address).status_code == 404, address
    assert borrower.client.get("/h5/messages/?before=nonsense").status_code == 200


def test_another_customers_application_is_not_found(borrower: Borrower, world: Any) -> None:
    progress = borrower.sign_in().verify().applied()
    people, _ = world.people("young_worker", 5)
    other = Borrower(world, people[0]).sign_in()
    assert other.client.get(progress).status_code == 404
    assert other.post(f"{progress}accept").status_code == 404


def test_a_step_left_out_is_not_shown_as_done(borrower: Borrower) -> None:
    """The bank card may come before the face check: only what is verified has its tick (R1.2)."""
    borrower.sign_in().agree("real_name_check", "bank_card_check")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    page = borrower.client.get("/h5/onboard/bank-card?lang=en").content.decode()
    steps = page[page.index('<ol class="wd-steps"'):page.index("</ol>")]
    assert steps.count("✓") == steps.count('class="is-done"') == 1
    assert steps.index("ID card") < steps.index('"wd-hidden"> done') < steps.index("Face or video")

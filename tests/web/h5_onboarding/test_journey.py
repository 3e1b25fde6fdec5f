"""From arrival to an activated line through the pages, against a real sandbox world (R1, R2, R4, R5, R6.1)."""

from __future__ import annotations

from tests.web.h5_onboarding.conftest import PRODUCT, Borrower
from weidai.identity import selectors as identity
from weidai.limits import selectors as limits
from weidai.web.shared.borrower import COOKIE


def test_from_arrival_to_an_activated_line(borrower: Borrower) -> None:
    borrower.sign_in()
    cookie = borrower.client.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "去认证" in borrower.client.get("/h5/").content.decode()
    borrower.verify()
    assert identity.is_real_name(borrower.customer_id)
    assert identity.identity_strength(borrower.customer_id).points >= 80
    progress = borrower.applied()
    assert "初审" in borrower.client.get(progress).content.decode()
    borrower.deliver()
    offer = borrower.client.get(progress).content.decode()
    assert "额度是这样算的" in offer
    assert "年化利率（单利）" in offer
    address = borrower.step(f"{progress}accept").client.get("/h5/limit/").context["lines"][0]
    line = address.row
    assert (line.status, line.product, line.used_fen) == ("granted", PRODUCT, 0)
    activate = f"/h5/activate/{line.id}/"
    assert "确认此卡" in borrower.client.get(activate).content.decode()
    borrower.step(f"{activate}card", card_id=str(borrower.cards()[0].id))
    assert "支付密码" in borrower.client.get(activate).content.decode()
    borrower.step(f"{activate}password", password="250918", again="250918")
    assert "人工视频" in borrower.client.get(activate).content.decode()
    borrower.step(f"{activate}face", picture=borrower.picture())
    assert "额度已开通" in borrower.client.get(activate).content.decode()
    assert limits.line_get(borrower.customer_id, line.id).is_activated
    home = borrower.client.get("/h5/").content.decode()
    assert "可用额度" in home
    assert "借 1,000 元用 1 天" in home
    assert home.index("年化利率（单利）") < home.index("日利率")


def test_staff_video_takes_the_place_of_the_face_check(borrower: Borrower) -> None:
    from weidai.identity import services

    borrower.sign_in().agree("real_name_check")
    borrower.step("/h5/onboard/id-card", name=borrower.person.name, id_number=borrower.person.id_number)
    page = borrower.client.get("/h5/onboard/face").content.decode()
    assert "阅读单独同意书" in page
    assert "预约人工视频" in page
    borrower.step("/h5/onboard/video", purpose="real_name")
    waiting = identity.staff_video_waiting(borrower.customer_id, purpose="real_name")
    assert waiting is not None
    borrower.step("/h5/onboard/video", purpose="real_name")  # a second tap is the same request
    assert "等待工作人员" in borrower.client.get("/h5/onboard/face").content.decode()
    services.staff_video_claim(borrower.customer_id, request_id=waiting.id, staff_id="7")
    services.staff_video_decide(borrower.customer_id, request_id=waiting.id, staff_id="7", outcome=services.TalkOutcome(
        passed=True, note="本人", points=tuple(services.STAFF_VIDEO_POINTS)))
    assert identity.is_real_name(borrower.customer_id)


def test_sign_out_ends_the_session_on_the_server(borrower: Borrower) -> None:
    borrower.sign_in()
    token = borrower.client.cookies[COOKIE].value
    assert borrower.post("/h5/logout").status_code == 302
    borrower.client.cookies[COOKIE] = token
    assert borrower.client.get("/h5/").headers["Location"].startswith("/h5/login")


def test_declined_application_gives_reasons_and_an_appeal(borrower: Borrower) -> None:
    borrower.sign_in().verify()
    borrower.agree("credit_report", "credit_reporting")  # no payment data: the grade stays low
    response = borrower.post(f"/h5/apply/{PRODUCT}/", declared_monthly_income="0", occupation="other", region_code="31")
    progress = response.headers["Location"]
    borrower.deliver()
    page = borrower.client.get(progress)
    assert page.context["application"].state == "declined", page.context["application"].state
    assert "申诉，由人工复核" in page.content.decode()
    borrower.step(f"{progress}appeal", statement="收入证明有误，请复核。")
    assert "复核中" in borrower.client.get(progress).content.decode()


def test_consent_is_withdrawn_in_one_step(borrower: Borrower) -> None:
    borrower.sign_in().agree("social_data")
    page = borrower.client.get("/h5/me/consents/social_data/withdraw").content.decode()
    assert "没有不利" in page
    borrower.step("/h5/me/consents/social_data/withdraw")
    assert not identity.has_consent(borrower.customer_id, "social_data")


def test_a_hold_is_said_in_plain_words_and_stops_the_button(borrower: Borrower) -> None:
    from weidai.limits.services import hold_place

    borrower.sign_in().verify().activated()
    hold_place(borrower.customer_id, kind="aml", source="risk", reason="list_match", is_notified=False)
    hold_place(borrower.customer_id, kind="fraud", source="risk", reason="velocity", is_notified=False)
    for address in ("/h5/", "/h5/limit/"):
        page = borrower.client.get(address).content.decode()
        assert page.count("安全核查中") == 1, "fraud and aml read the same and once (R8.8)"
        assert "aml" not in page
        assert "list_match" not in page
    assert 'aria-disabled="true"' in borrower.client.get("/h5/").content.decode()
    assert borrower.client.get("/h5/borrow/").headers["Location"] == "/h5/limit/"


def test_the_part_that_is_polled_stops_asking_when_decided(borrower: Borrower) -> None:
    progress = borrower.sign_in().verify().applied()
    part = borrower.client.get(f"{progress}part").content.decode()
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part
    borrower.deliver()
    assert "hx-trigger" not in borrower.client.get(f"{progress}part").content.decode()


def test_offer_can_be_refused_and_nothing_is_granted(borrower: Borrower) -> None:
    progress = borrower.sign_in().verify().applied()
    borrower.deliver()
    borrower.step(f"{progress}decline")
    assert "申请已撤回" in borrower.client.get(progress).content.decode()
    assert limits.lines_for(borrower.customer_id) == []
    assert borrower.post(f"{progress}accept").status_code == 409


def test_accepting_twice_gives_one_line(borrower: Borrower) -> None:
    progress = borrower.sign_in().verify().applied()
    borrower.deliver()
    first = borrower.post(f"{progress}accept").headers["Location"]
    assert borrower.post(f"{progress}accept").headers["Location"] == first
    assert len(limits.lines_for(borrower.customer_id)) == 1


def test_staff_video_also_finishes_an_activation(borrower: Borrower) -> None:
    from weidai.identity import services

    address = borrower.sign_in().verify().granted()
    borrower.step(f"{address}card", card_id=str(borrower.cards()[0].id))
    borrower.step(f"{address}password", password="250918", again="250918")
    assert borrower.post("/h5/onboard/video", purpose="activation", next=address).headers["Location"] == address
    waiting = identity.staff_video_waiting(borrower.customer_id, purpose="activation")
    assert waiting is not None
    services.staff_video_claim(borrower.customer_id, request_id=waiting.id, staff_id="7")
    services.staff_video_decide(borrower.customer_id, request_id=waiting.id, staff_id="7", outcome=services.TalkOutcome(
        passed=True, note="本人", points=tuple(services.STAFF_VIDEO_POINTS)))
    assert "完成开通" in borrower.client.get(address).content.decode()
    borrower.step(f"{address}finish")
    assert "额度已开通" in borrower.client.get(address).content.decode()


def test_a_person_reviews_when_the_customer_wants_it(borrower: Borrower) -> None:
    borrower.sign_in().verify().agree("payment_data", "credit_report", "credit_reporting").step("/h5/credit/")
    response = borrower.post(f"/h5/apply/{PRODUCT}/", declared_monthly_income="12000", occupation="employed",
                             employer="某公司", region_code="31", wants_person="on")
    progress = response.headers["Location"]
    assert "复审（人工）" in borrower.client.get(progress).content.decode()
    borrower.deliver()
    page = borrower.client.get(progress).content.decode()
    assert "复审中" in page
    assert "hx-trigger" not in page, "a person takes days: nothing to poll for"
    borrower.step(f"{progress}withdraw")
    assert "申请已撤回" in borrower.client.get(progress).content.decode()

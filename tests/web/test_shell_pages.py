"""Language, theme, headers, error pages and the weight of a borrower page (R9.1, R9.3, R10.6)."""

from __future__ import annotations

import gzip
import logging
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from weidai.kernel.errors import Invalid
from weidai.web.shared.forms import Form, YuanField, form_with_refusal, status_of
from weidai.web.shared.paging import MAX_OFFSET, csv_response, page_of, slice_asked
from weidai.web.shared.style_guide import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.shell_urls")]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("language", "html"), [("zh", "zh-CN"), ("en", "en")])
def test_every_component_page_opens_in_both_languages(client: Client, page: str, language: str, html: str) -> None:
    response = client.get(f"/style-guide/h5/{page}?lang={language}")
    assert response.status_code == 200
    body = response.content.decode()
    assert f'<html lang="{html}"' in body
    assert response["Content-Language"] == html
    if language == "en":
        visible = re.sub(r"<[^>]*>", "", body).replace("中文", "")
        assert not re.search(r"[\u4e00-\u9fff]", visible)


def test_chinese_unless_chosen_and_the_choice_is_remembered(client: Client) -> None:
    assert client.get("/", headers={"accept-language": "en"})["Content-Language"] == "zh-CN"
    assert client.get("/?lang=en")["Content-Language"] == "en"
    assert client.get("/")["Content-Language"] == "en"
    assert client.get("/?lang=zh")["Content-Language"] == "zh-CN"
    assert client.get("/?lang=fr")["Content-Language"] == "zh-CN"


def test_behind_https_every_cookie_is_for_https_only(client: Client, settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    response = client.post("/preferences", {"theme": "dark"})
    assert response.cookies
    assert all(cookie["secure"] for cookie in response.cookies.values())


def test_theme_and_care_mode_are_kept_in_cookies(client: Client) -> None:
    response = client.post("/preferences", {"theme": "dark", "care": "1", "lang": "en", "next": "/h5/preferences"})
    assert (response.status_code, response["Location"]) == (302, "/h5/preferences")
    body = client.get("/h5/preferences").content.decode()
    assert '<html lang="en" data-theme="dark" data-care="1">' in body
    assert '<body data-weui-theme="dark"' in body


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_saving_preferences_never_leads_elsewhere(client: Client, elsewhere: str) -> None:
    assert client.post("/preferences", {"next": elsewhere})["Location"] == "/h5/"


def test_nonsense_preferences_change_nothing(client: Client) -> None:
    client.post("/preferences", {"theme": "pink", "lang": "xx", "care": "7"})
    assert '<html lang="zh-CN" data-theme="auto">' in client.get("/").content.decode()


def test_pages_carry_the_strict_policy_and_are_not_cached(client: Client) -> None:
    response = client.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_request_id_is_taken_if_well_formed_and_made_otherwise(client: Client) -> None:
    assert client.get("/", headers={"x-request-id": "abc-12345678"})["X-Request-Id"] == "abc-12345678"
    made = client.get("/", headers={"x-request-id": "<script>"})["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)


@pytest.mark.parametrize("path", ["/nope", "/h5/nope", "/console/nope", "/style-guide/h5/nope"])
@pytest.mark.parametrize(("language", "words"), [("zh", "没有找到"), ("en", "Not found")])
def test_unknown_pages_say_so_in_the_readers_language(client: Client, path: str, language: str, words: str) -> None:
    response = client.get(f"{path}?lang={language}")
    assert response.status_code == 404
    body = response.content.decode()
    assert words in body
    assert response["X-Request-Id"] in body


def test_api_answers_problem_json(client: Client) -> None:
    response = client.get("/api/test-refuse")
    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    assert response.json()["code"] == "tests.frozen"
    assert response.json()["request_id"] == response["X-Request-Id"]


@pytest.mark.parametrize("path", ["/h5/test-refuse", "/console/account/test-refuse"])
def test_refusal_becomes_a_page_with_its_next_step(client: Client, path: str) -> None:
    response = client.get(f"{path}?lang=en")
    body = response.content.decode()
    assert response.status_code == 409
    assert "The line is frozen: &lt;b&gt;x&lt;/b&gt;" in body
    assert "Contact us." in body
    assert "tests.frozen" in body


def test_too_many_requests_says_when_to_come_back(client: Client) -> None:
    response = client.get("/h5/test-hurry")
    assert (response.status_code, response["Retry-After"]) == (429, "30")


def test_a_bug_shows_a_page_with_its_number_and_no_detail(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="django.request")
    response = client.get("/h5/test-broken")
    body = response.content.decode()
    assert response.status_code == 500
    assert response["X-Request-Id"] in body
    assert "ZeroDivision" not in body


def test_form_from_an_expired_page_is_explained() -> None:
    response = Client(enforce_csrf_checks=True).post("/preferences", {"theme": "dark"})
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


def test_wrong_form_shows_errors_beside_fields_and_keeps_values(client: Client) -> None:
    response = client.post("/style-guide/h5/form", {"amount_fen": "12.345", "mobile": "1", "payment_password": "123"})
    body = response.content.decode()
    assert response.status_code == 422
    assert 'id="id_amount_fen_error">金额最多两位小数。' in body
    assert 'value="12.345"' in body
    assert 'aria-describedby="id_amount_fen_help id_amount_fen_error" aria-invalid="true"' in body
    assert 'value="123"' not in body, "a payment password is never sent back"


def test_refusal_of_a_service_goes_to_its_field_or_above_the_form(client: Client) -> None:
    good = {"term_months": "3", "purpose": "daily", "mobile": "13812345678", "code": "123456",
            "payment_password": "123456", "has_agreed": "on"}
    beside = client.post("/style-guide/h5/form", {**good, "amount_fen": "5000"})
    assert beside.status_code == 422
    assert 'id="id_amount_fen_error">最多可借 3,000.00 元。' in beside.content.decode()
    above = client.post("/style-guide/h5/form?lang=en", {**good, "amount_fen": "500"})
    assert above.status_code == 409
    assert "Your credit line is frozen" in above.content.decode()


def test_consent_is_not_ticked_and_no_amount_is_filled_in(client: Client) -> None:
    body = client.get("/style-guide/h5/form").content.decode()
    assert " checked" not in body
    assert not re.search(r'name="amount_fen"[^>]*value=', body)


def test_form_with_refusal_hands_back_the_result() -> None:
    class AmountForm(Form):
        amount_fen = YuanField()

    def refuse() -> None:
        raise Invalid(field="amount_fen")

    assert form_with_refusal(AmountForm({"amount_fen": "1"}), lambda: 7) == 7
    form = AmountForm({"amount_fen": "1"})
    assert form_with_refusal(form, refuse) is None
    assert list(form.errors) == ["amount_fen"]
    assert status_of(form) == 422


@pytest.mark.parametrize("page", PAGES)
def test_borrower_page_weighs_at_most_60_kib_compressed(client: Client, page: str) -> None:
    body = client.get(f"/style-guide/h5/{page}").content
    parts = [body, *(Path(finders.find(name)).read_bytes()
                     for name in re.findall(r'(?:src|href)="/static/([^"]+)"', body.decode()))]
    weight = sum(len(gzip.compress(part, 9)) for part in parts)
    assert len(parts) >= 5
    assert weight <= 60 * 1024, weight


def test_paging_bounds(rf) -> None:  # type: ignore[no-untyped-def]
    asked = slice_asked(rf.get("/?page=2&size=50"))
    assert (asked.offset, asked.limit) == (50, 51)
    page = page_of(asked, list(range(51)))
    assert (len(page.rows), page.has_next, page.first_row, page.last_row) == (50, True, 51, 100)
    for query in ("page=0", "page=-1", "page=x", "page=²", "size=1000000", "page="):
        assert slice_asked(rf.get(f"/?{query}")).number == 1
    assert slice_asked(rf.get("/?page=999999999")).offset <= MAX_OFFSET


def test_csv_has_a_mark_for_chinese_and_defuses_formulas() -> None:
    response = csv_response("x", ["甲"], [("=1+1",), ("-3",), (None,), (5,)], lambda row: row)
    assert b"".join(response.streaming_content) == "\ufeff甲\r\n'=1+1\r\n'-3\r\n\"\"\r\n5\r\n".encode()

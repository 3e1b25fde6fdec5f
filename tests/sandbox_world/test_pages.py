"""The pages: every one opens, says that all is invented, and does what its forms say; nobody from outside gets in."""

import re
from typing import Any

import httpx
import pytest
from werkzeug.test import Client as WsgiClient

from sandbox_world.testing import RunningWorld
from tests.sandbox_world.client import Client

PAGES = ("/", "/sms", "/people", "/bank", "/faults", "/callbacks")


@pytest.fixture
def browser(running: RunningWorld, client: Client) -> Any:
    with httpx.Client(base_url=running.base_url, headers={"Accept": "text/html"}, follow_redirects=True) as browser:
        browser.get("/")
        yield browser


def form(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    page = browser.get("/faults").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    return browser.post(path, data={"csrf_token": token[1], **fields})


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_and_says_that_it_is_a_sandbox(browser: httpx.Client, path: str) -> None:
    page = browser.get(path)
    assert page.status_code == 200
    assert "均为虚构" in page.text
    assert "every person, account and amount here is invented" in page.text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]  # the empty icon of every page
    assert not re.search(r'(src|href)="(https?:)?//', page.text)


def test_the_inbox_shows_newest_first_and_filters(browser: httpx.Client, client: Client) -> None:
    for number, mobile in (("1", "13800000000"), ("2", "13900000000"), ("3", "13800000000")):
        client.post("/v1/sms", {"message_id": number, "mobile": mobile, "text": f"<b>code</b> 48291{number}"})
    page = browser.get("/sms?mobile=13800000000").text
    assert page.index("482913") < page.index("482911")
    assert "482912" not in page
    assert "&lt;b&gt;code" in page
    assert "11 位" in browser.get("/sms?mobile=abc").text


def test_people_are_found_by_persona_and_text(browser: httpx.Client, person: dict[str, Any]) -> None:
    assert person["id_number"] in browser.get(f"/people?q={person['id_number']}").text
    assert browser.get("/people?persona=student&page=999").status_code == 200
    assert browser.get("/people?persona=nobody&page=-5&q=%00").status_code == 200
    page = browser.get(f"/people/{person['id_number']}").text
    assert person["name"] in page
    assert person["cards"][0]["card_number"][-3:] in page


def test_a_person_pays_the_lender(browser: httpx.Client, client: Client, person: dict[str, Any]) -> None:
    path, number = f"/people/{person['id_number']}", person["cards"][0]["card_number"]
    assert form(browser, f"{path}/balance", card_number=number, balance="100.00").status_code == 200
    done = form(browser, f"{path}/transfer", card_number=number, amount="80.50", memo="还款")
    assert "已转账" in done.text
    rows = client.get("/v1/bank/statement?date=2026-11-23")["rows"]
    assert [(row["kind"], row["amount_fen"], row["memo"]) for row in rows] == [("transfer", 8_050, "还款")]
    assert "80.50" in browser.get("/bank").text
    short = form(browser, f"{path}/transfer", card_number=number, amount="80.50")
    assert (short.status_code, "insufficient_funds" in short.text) == (422, True)
    for amount in ("", "abc", "-1", "1.005", "1e9999999", "NaN", "9" * 30):
        assert form(browser, f"{path}/transfer", card_number=number, amount=amount).status_code == 400
    assert form(browser, f"{path}/transfer", card_number="1", amount="1").status_code == 404


def test_facts_and_cards_change(browser: httpx.Client, client: Client, person: dict[str, Any]) -> None:
    path, number = f"/people/{person['id_number']}", person["cards"][0]["card_number"]
    form(browser, f"{path}/facts", id_card_status="lost", number_status="suspended")
    form(browser, f"{path}/card", card_number=number, action="close")
    changed = client.get(f"/v1/control/people/{person['id_number']}")
    assert (changed["id_card"]["status"], changed["cards"][0]["card_status"]) == ("lost", "closed")
    form(browser, f"{path}/card", card_number=number, action="reopen")
    assert client.get(f"/v1/control/people/{person['id_number']}")["cards"][0]["card_status"] == "active"


def test_faults_are_switched_on_the_page(browser: httpx.Client, client: Client) -> None:
    form(
        browser,
        "/faults/add",
        target="bank/payouts",
        mode="async_accept",
        count="2",
        delay_ms="",
        hold="on",
        variant="failed_but_done",
    )
    fault = client.get("/v1/control/faults")["faults"][0]
    assert (fault["mode"], fault["count"], fault["hold"], fault["delay_ms"]) == ("async_accept", 2, True, 1000)
    assert form(browser, "/faults/add", target="bank/payouts", mode="delay", count="x").status_code == 400
    assert form(browser, f"/faults/{fault['fault_id']}/remove").status_code == 200
    assert client.get("/v1/control/faults")["faults"] == []


def test_callbacks_are_retried_and_the_sandbox_emptied(
    browser: httpx.Client, client: Client, payout: dict[str, Any]
) -> None:
    client.post("/v1/bank/payouts", payout)
    row = client.get("/v1/control/callbacks")["callbacks"][0]
    assert row["event_id"] in browser.get("/callbacks?state=waiting").text
    assert form(browser, "/callbacks/url", url="http://127.0.0.1:9/x").status_code == 200
    assert form(browser, f"/callbacks/{row['callback_id']}/retry").status_code == 200
    assert client.get("/v1/control/callbacks")["callbacks"][0]["attempts"] >= 1
    assert form(browser, "/callbacks/999999/retry").status_code == 404
    assert form(browser, "/callbacks/flush").status_code == 200
    assert form(browser, "/callbacks/url", url="").status_code == 200
    assert form(browser, "/reset").status_code == 400
    assert form(browser, "/reset", sure="on").status_code == 200
    assert client.get("/v1/control/callbacks")["callbacks"] == []


def test_forms_need_their_token_and_their_origin(running: RunningWorld, browser: httpx.Client) -> None:
    for data, headers in (({}, {}), ({"csrf_token": "guess"}, {})):
        answer = browser.post("/faults/clear", data=data, headers=headers)
        assert (answer.status_code, "control.csrf_refused" in answer.text) == (403, True)
    token = browser.cookies["sandbox_world_csrf"]
    foreign = browser.post("/faults/clear", data={"csrf_token": token}, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    with httpx.Client(base_url=running.base_url) as fresh:
        assert fresh.post("/faults/clear", data={"csrf_token": ""}).status_code == 403


def test_pages_are_for_this_machine_only(running: RunningWorld) -> None:
    outside = WsgiClient(running.app)
    for environment in (
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "evil.example"},
        {"REMOTE_ADDR": ""},
    ):
        answer = outside.get("/people", environ_overrides=environment)
        assert answer.status_code == 403
        assert answer.json["code"] == "control.loopback_only"


def test_strange_addresses_are_refused_politely(browser: httpx.Client) -> None:
    assert browser.get("/nothing").status_code == 404
    assert browser.get("/people/123").status_code == 404
    assert browser.get("/static/../views.py").status_code == 404
    assert browser.get("/bank?date=tomorrow").status_code == 200
    assert browser.get("/bank?date=0001-01-01").status_code == 200
    assert browser.get("/bank?date=9999-12-31").status_code == 200

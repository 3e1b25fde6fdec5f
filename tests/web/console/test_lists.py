"""Every list: in both languages, empty and full, with as many queries for fifty rows as for five; files on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.services.credit_support import customer_make, id_number
from tests.web.console.rows import everything, loan_row
from tests.web.staff_session import staff_client
from weidai.audit.models import Event
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db
LISTS = {
    "customers": Role.OPERATIONS, "review": Role.REVIEWER, "applications": Role.AUDITOR, "appeals": Role.SENIOR_REVIEWER,
    "video-checks": Role.REVIEWER, "loans": Role.OPERATIONS, "repayments": Role.OPERATIONS, "debits": Role.OPERATIONS,
    "discrepancies": Role.OPERATIONS, "suspense": Role.OPERATIONS, "messages": Role.OPERATIONS,
    "end-of-day": Role.OPERATIONS, "ledger": Role.OPERATIONS, "reconciliation": Role.OPERATIONS,
    "risk/decisions": Role.FRAUD_ANALYST,
    "risk/lists": Role.FRAUD_ANALYST, "events": Role.AUDITOR, "evidence": Role.AUDITOR, "jobs": Role.OPERATIONS,
    "partners": Role.OPERATIONS, "staff": Role.ADMINISTRATOR, "": Role.SENIOR_REVIEWER,
}


def _body(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def _queries(client: Client, address: str) -> list[str]:
    """What a page asks the database; the clock's offset is read once a second and does not count."""
    with CaptureQueriesContext(connection) as captured:
        _body(client, address)
    return [query["sql"] for query in captured if "platform_clockoffset" not in query["sql"]]


@pytest.mark.parametrize("name", LISTS)
def test_list_opens_empty_in_both_languages(name: str) -> None:
    client = staff_client(LISTS[name])
    chinese, english = _body(client, f"/console/{name}?lang=zh"), _body(client, f"/console/{name}?lang=en")
    assert 'lang="zh-CN"' in chinese
    assert 'lang="en"' in english
    assert chinese != english


@pytest.mark.parametrize("name", LISTS)
def test_fifty_rows_cost_no_more_queries_than_five(name: str) -> None:
    client, address = staff_client(LISTS[name]), f"/console/{name}?size=100"
    everything(1, 5)
    client.get(address)  # caches of content types, sites and the like
    few = _queries(client, address)
    everything(6, 45)
    many = _queries(client, address)
    assert len(many) <= len(few), many[-10:]
    assert len(many) <= 40


@pytest.mark.parametrize(("name", "word"), [
    ("customers", "138****"), ("loans", "JK20260304"), ("repayments", "ref1"), ("applications", "2026"),
    ("events", "lending.loan.paid_out"), ("reconciliation", "missing here")])
def test_file_holds_the_rows_and_is_on_record(name: str, word: str) -> None:
    everything(1, 3)
    client = staff_client(LISTS[name])
    response = client.get(f"/console/{name}?format=csv&lang=en")
    content = b"".join(response.streaming_content).decode()
    assert response["Content-Type"].startswith("text/csv")
    assert word in content
    assert "13800000001" not in content
    exported = Event.objects.get(name="staff.list.exported")
    assert exported.actor_kind == "staff"
    assert exported.facts["filters"] == []


def test_customer_is_found_by_exact_values_only() -> None:
    from weidai.identity.services.records import digest_claim

    customer_id = customer_make(7)
    other = customer_make(8)
    digest_claim("mobile", "13800000007", customer_id)
    digest_claim("id_number", id_number(7), customer_id)
    loan_row(customer_id, 7)
    client = staff_client(Role.OPERATIONS)
    for query in ("13800000007", id_number(7), str(customer_id), "JK202603040000000007"):
        found = client.post("/console/customers", {"q": query})
        assert (found.status_code, found.headers["Location"]) == (302, f"/console/customers/{customer_id}"), query
    for query in ("1380000000", "nobody", "JK1", "%", str(other).replace("0", "9")):
        nobody = client.post("/console/customers", {"q": query})
        assert nobody.status_code == 200
        assert "没有符合条件的客户" in nobody.content.decode(), query
    assert client.post("/console/customers", {"q": " "}).status_code == 422
    assert "王伟" not in _body(client, "/console/customers")


def test_numbers_of_a_person_are_never_part_of_an_address() -> None:
    body = _body(staff_client(Role.OPERATIONS), "/console/customers")
    lookup = body[: body.index('name="q"')].rsplit("<form", 1)[1]
    assert 'method="post"' in lookup


@pytest.mark.parametrize("query", [
    "since=yesterday", "page=0", "page=-3&size=7", "page=99999999999", "status=%00", "q=%27%3B--", "verified=maybe",
    "q=" + "9" * 300, "until=2026-02-31", "size=abc"])
def test_nonsense_in_the_address_is_no_error(query: str) -> None:
    customer_make(1)
    assert _body(staff_client(Role.OPERATIONS), f"/console/customers?{query}")


@pytest.mark.parametrize("query", ["customer=nobody", "subject=1", "since=x", "actor=nobody", "name=%25", "actor_kind=zz"])
def test_nonsense_in_the_event_search_is_no_error(query: str) -> None:
    assert _body(staff_client(Role.AUDITOR), f"/console/events?{query}")


def test_malformed_day_says_so_beside_its_field() -> None:
    body = _body(staff_client(Role.OPERATIONS), "/console/customers?since=yesterday&lang=en")
    assert "Enter a day such as 2026-03-01." in body
    assert 'value="yesterday"' in body


@pytest.mark.parametrize("address", [
    "video-checks?show=all&since=0001-01-01", "video-checks?show=all&until=9999-12-31", "customers?until=9999-12-31",
    "applications?until=9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_says_so_beside_its_field(address: str) -> None:
    role = LISTS[address.partition("?")[0]]
    assert "日期须在 2000 年至 2100 年之间。" in _body(staff_client(role), f"/console/{address}")


def test_pages_go_on_and_keep_the_filters() -> None:
    everything(1, 30)
    client = staff_client(Role.OPERATIONS)
    first = _body(client, "/console/loans?state=overdue")
    assert "page=2" in first
    assert "state=overdue&amp;page=2" in first
    second = _body(client, "/console/loans?state=overdue&page=2")
    assert "page=1" in second


def test_overdue_buckets_follow_the_days_past_due() -> None:
    customer_id = customer_make(1)
    for number, days in enumerate((1, 30, 31, 60, 200), start=1):
        loan_row(customer_id, number, overdue_days=days)
    client = staff_client(Role.OPERATIONS)

    def found(bucket: str) -> int:
        return _body(client, f"/console/loans?bucket={bucket}").count("JK20260304")

    assert [found(code) for code in ("days_1_30", "days_31_60", "days_61_90", "days_181_plus")] == [2, 2, 0, 1]
    assert found("days_7_9") == 5  # a bucket nobody knows does not filter, and the field says so


def test_partner_page_leads_to_the_sandbox_only_in_a_demonstration(settings: Any) -> None:
    client = staff_client(Role.OPERATIONS)
    assert settings.SANDBOX_URL in _body(client, "/console/partners")
    settings.DEMO = False
    assert f'href="{settings.SANDBOX_URL}' not in _body(client, "/console/partners")

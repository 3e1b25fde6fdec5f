"""Papers over the API: what is needed, a file, what was read, confirmed, taken back (R4.1, R9.2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.services.credit_support import AT, customer_make, papers_consent, partners  # noqa: F401 (fixture)
from tests.services.origination.paper_kit import picture, reads, slip
from tests.web.api.conftest import PREFIX, problem_of, signed_in
from weidai.origination import services
from weidai.platform import clock, outbox

pytestmark = pytest.mark.django_db


def _send(caller: Any, address: str, kind: str, content: bytes) -> Any:
    body = encode_multipart(BOUNDARY, {"kind": kind, "file": SimpleUploadedFile("slip.jpg", content)})
    return caller.client.generic("POST", PREFIX + address, body, content_type=MULTIPART_CONTENT,
                                 headers={"Authorization": f"Bearer {caller.token}", "Accept-Language": "en"})


def test_r4_1_papers_are_sent_read_confirmed_and_taken_back(partners: Any, monkeypatch: Any) -> None:  # noqa: F811
    reads(monkeypatch, slip())
    with clock.travel_to(AT):
        customer, other = customer_make(), customer_make(2)
        caller = signed_in(customer)
        address = f"/applications/{services.application_open(customer, product='consumer_installment_line').id}/papers"
        needs = caller.ok("GET", address)["needs"]
        assert [kind["code"] for kind in needs[0]["kinds"]] == ["salary_statement", "payslip", "tax_certificate"]
        problem_of(_send(caller, address, "payslip", picture()), 409, "identity.consent_required")
        papers_consent(customer)
        problem_of(_send(caller, address, "payslip", b"MZ" + b"x" * 200), 422, "files.type_refused")
        problem_of(_send(caller, address, "id_card_front", picture()), 422, "origination.paper_kind_unknown")
        problem_of(_send(signed_in(other), address, "payslip", picture()), 404, "origination.application_not_found")
        sent = _send(caller, address, "payslip", picture())
        assert (sent.status_code, sent.json()["reading"], sent.json()["reading_text"]) == (201, "waiting", "being read")
        paper = f"{address}/{sent.json()['id']}"
        problem_of(caller.post(f"{paper}/confirm", {"values": {}}), 409, "origination.paper_not_read")
        while outbox.deliver_due(customer_id=customer):
            pass
        assert caller.ok("GET", address)["papers"][0]["needs_confirm"]
        problem_of(caller.post(f"{paper}/confirm", {"values": {"net_fen": "much"}}), 422, "origination.paper_value_invalid")
        done = caller.ok("POST", f"{paper}/confirm", {"values": {"net_fen": "760000"}})
        assert {row["code"]: row["value"] for row in done["fields"] if row["is_corrected"]} == {"net_fen": "760000"}
        problem_of(signed_in(other).post(f"{paper}/remove"), 404, "origination.paper_not_found")
        assert caller.ok("POST", f"{paper}/remove")["papers"] == []

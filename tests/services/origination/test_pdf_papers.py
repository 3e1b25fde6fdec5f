"""PDFs among the papers of an application: refused, read in the background, never counted when their text lies (R4.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.services import credit_support
from tests.services.origination.paper_kit import PDF, reads, reads_pdfs, slip, statement

from weidai.files.models import StoredFile
from weidai.origination import deliveries, selectors
from weidai.origination import services as origination
from weidai.origination.models import ApplicationPaper
from weidai.platform import clock, outbox
from weidai.platform.models import OutboxMessage
from weidai.vision import errors as vision_errors
from weidai.vision import selectors as vision
from weidai.vision import services as readings
from weidai.vision.models import ReadingAttempt
from weidai.vision.rules.fields import Check

pytestmark = pytest.mark.django_db
assert deliveries


@pytest.fixture
def draft(partners, monkeypatch):
    reads(monkeypatch, slip())
    customer = credit_support.customer_make()
    credit_support.papers_consent(customer)
    return customer, origination.application_open(customer, product="consumer_installment_line").id


def sent(draft, kind="payslip"):
    return origination.paper_send(draft[0], application_id=draft[1], kind=kind, content=PDF, name="a.pdf")


def delivered(customer):
    while outbox.deliver_due(customer_id=customer):
        pass


@pytest.mark.parametrize("refusal", [
    vision_errors.PdfLocked(field="file"), vision_errors.PdfBroken(field="file"),
    vision_errors.PdfTooLong(field="file", count=30)], ids=lambda refusal: refusal.code)
def test_r4_1_a_pdf_nobody_could_look_at_is_refused_and_leaves_nothing(draft, monkeypatch, refusal):
    reads_pdfs(monkeypatch, slip())

    def sizes(_content):
        raise refusal

    monkeypatch.setattr(vision, "page_sizes", sizes)
    with pytest.raises(type(refusal)) as no:
        sent(draft)
    assert no.value.field == "file" and no.value.advice and "{" not in no.value.message.zh
    assert not ApplicationPaper.objects.exists() and not StoredFile.objects.filter(deleted_at=None).exists()


def test_r4_1_a_pdf_is_asked_for_until_it_was_read_and_costs_no_attempt_meanwhile(draft, monkeypatch):
    asked = reads_pdfs(monkeypatch, vision_errors.PdfStillRead(), slip(), pages=21)
    paper = sent(draft)
    assert (paper.reading, len(asked)) == ("waiting", 0)
    delivered(draft[0])
    assert (selectors.paper_get(draft[0], paper.id).reading, len(asked)) == ("waiting", 1)
    assert not ReadingAttempt.objects.exists()
    OutboxMessage.objects.update(not_before=clock.wall_now())
    delivered(draft[0])
    paper = selectors.paper_get(draft[0], paper.id)
    assert (paper.reading, paper.needs_confirm, paper.pdf_pages, len(asked)) == ("read", True, 21, 2)
    assert ReadingAttempt.objects.filter(reason="vision.more_pages").count() == 2  # 21 pages are three pictures of the day


def test_r4_1_without_the_reader_of_pdfs_a_person_reads_them(draft):
    paper = sent(draft)
    assert paper.reading == "by_person" and "不能自动识别 PDF" in paper.unread_text.zh


def test_r4_1_a_pdf_kept_unread_is_read_later_by_a_click(draft, monkeypatch):
    paper = sent(draft)
    reads_pdfs(monkeypatch, vision_errors.PdfStillRead(), slip())
    with pytest.raises(vision_errors.PdfStillRead):
        origination.paper_read_again(draft[0], paper_id=paper.id, staff_id="staff-1")
    assert origination.paper_read_again(draft[0], paper_id=paper.id, staff_id="staff-1").reading == "read"


def test_r4_1_a_pdf_whose_text_is_not_what_it_shows_counts_for_nothing(draft, monkeypatch):
    honest = statement(("2026-01-15", "工资", 750_000, 950_000), ("2026-02-15", "工资", 750_000, 1_700_000))
    lying = replace(slip(net_fen="9000000"), checks=(Check("pay_adds_up", True), Check("text_as_drawn", False)))
    reads_pdfs(monkeypatch, lying, honest)
    sent(draft)
    delivered(draft[0])
    found = selectors.papers_found(draft[0], draft[1])
    assert found.proposal.monthly_fen is None and "text_differs" in {one.code for one in found.findings}
    assert [("未计入" in line.text.zh) for one in found.proposal.sources for line in one.left_out] == [True]
    origination.paper_send(draft[0], application_id=draft[1], kind="salary_statement", content=PDF)
    delivered(draft[0])
    found = selectors.papers_found(draft[0], draft[1])
    assert (found.proposal.monthly_fen, found.proposal.kind) == (750_000, "salary_statement")


def test_r1_4_old_readings_without_pages_are_still_understood(draft, monkeypatch):
    from weidai.vision.rules.wire import from_plain, to_plain

    reads_pdfs(monkeypatch, slip())
    row = readings.paper_take(draft[0], picture=PDF, kind="payslip", file_id=None)
    plain = to_plain(row.paper)
    assert from_plain(plain) == row.paper and len(row.paper.pages) == 2
    del plain["pages"]
    assert from_plain(plain).pages == ()

"""Papers of an application: kept before they are read, confirmed, taken back, handed in, asked for again (R4.1, R4.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from tests.services.credit_support import AT, customer_make, papers_consent
from tests.services.origination.paper_kit import PDF, picture, reads, slip, statement

from weidai.audit.models import Event
from weidai.files import selectors as file_rows
from weidai.files.errors import FileTypeRefused
from weidai.files.models import StoredFile
from weidai.identity import services as identity
from weidai.identity.errors import ConsentRequired
from weidai.origination import deliveries, errors, selectors
from weidai.origination import services as origination
from weidai.origination.models import Appeal, Application, ApplicationPaper, ReviewTask
from weidai.origination.services import paper_retention, papers
from weidai.platform import clock, outbox
from weidai.platform.models import OutboxMessage
from weidai.vision import asking as vision_asking
from weidai.vision import errors as vision_errors
from weidai.vision import selectors as vision
from weidai.vision.models import PaperReading

pytestmark = pytest.mark.django_db
LINE = "consumer_installment_line"
STAFF = "staff-1"
assert deliveries


@pytest.fixture
def draft(partners, monkeypatch):
    reads(monkeypatch, slip())
    customer = customer_make()
    papers_consent(customer)
    return customer, origination.application_open(customer, product=LINE).id


def sent(customer, application, kind="payslip", content=None):
    return origination.paper_send(customer, application_id=application, kind=kind, content=content or picture())


def delivered(customer):
    while outbox.deliver_due(customer_id=customer):
        pass


def submitted(customer, application, **changes):
    stated = {"declared_monthly_income_fen": 750_000, "region_code": "11", "employer": "云麓软件"} | changes
    return origination.application_submit(customer, application_id=application, **stated)


def confirmed(customer, paper, **changed):
    values = {row.code: row.read_value for row in selectors.paper_get(customer, paper.id).fields}
    return origination.paper_confirm(customer, paper_id=paper.id, values=values | changed)


def claimed(customer, application):
    task = ReviewTask.objects.get(customer_id=customer, application_id=application, state="open")
    origination.verification_claim(customer, task_id=task.id, staff_id=STAFF)
    return task.id


def test_r4_1_a_page_is_kept_first_then_read_then_confirmed_with_corrections_marked(draft):
    customer, application = draft
    paper = sent(customer, application)
    assert (paper.state, paper.reading, paper.fields, paper.needs_confirm) == ("sent", "waiting", (), False)
    assert sent(customer, application).id == paper.id  # the same again: a double click
    delivered(customer)
    paper = selectors.paper_get(customer, paper.id)
    assert (paper.reading, paper.needs_confirm) == ("read", True)
    done = confirmed(customer, paper, net_fen="800000", name="王  伟")
    values = {row.code: (row.value, row.is_corrected) for row in done.fields}
    assert (values["net_fen"], values["name"]) == (("800000", True), ("王伟", False))
    assert done.state == "confirmed"
    with connection.cursor() as cursor:
        cursor.execute("SELECT stated FROM origination_applicationpaper")
        assert "800000" not in cursor.fetchone()[0]
    names = Event.objects.filter(subject_id=paper.id).order_by("recorded_at").values_list("name", "facts")
    assert [name.rpartition(".")[2] for name, _ in names] == ["sent", "read", "confirmed"]
    assert "800000" not in str(list(names)) and "王伟" not in str(list(names))
    with pytest.raises(errors.PaperValueInvalid) as no:
        confirmed(customer, paper, pay_month="last month")
    assert no.value.field == "pay_month"


@pytest.mark.parametrize(("kind", "content", "reason"), [
    ("payslip", PDF, "pdf"), ("property_certificate", None, "no_reader")])
def test_r4_1_what_no_machine_reads_is_kept_for_a_person(draft, kind, content, reason):
    customer, application = draft
    paper = sent(customer, application, kind, content)
    assert (paper.reading, paper.unread_text is not None, paper.needs_confirm) == ("by_person", True, False)
    assert ApplicationPaper.objects.get().unread_reason == reason
    assert not OutboxMessage.objects.filter(kind="origination.paper_read").exists()
    with pytest.raises(errors.PaperNotRead):
        origination.paper_confirm(customer, paper_id=paper.id, values={})


def test_r4_1_a_busy_or_absent_reader_never_loses_the_page(draft, monkeypatch):
    customer, application = draft
    asked = reads(monkeypatch, vision_errors.ReadingBusy(), vision_errors.ReadingUnavailable(), slip())
    paper = sent(customer, application)
    for _ in range(3):
        OutboxMessage.objects.update(not_before=AT)
        outbox.deliver_due(customer_id=customer)
    assert (len(asked), selectors.paper_get(customer, paper.id).reading) == (3, "read")
    reads(monkeypatch, vision_errors.ReadingUnavailable())
    other = sent(customer, application, content=picture(10))
    with pytest.raises(outbox.TryAgain):
        origination.paper_read(customer, paper_id=other.id, attempt=3)
    origination.paper_read(customer, paper_id=other.id, attempt=20)  # patience is over: a person reads it
    assert selectors.paper_get(customer, other.id).reading == "by_person"
    assert not StoredFile.objects.filter(id=other.file_id, deleted_at__isnull=False).exists()


def test_r4_1_an_unclear_page_is_kept_and_told(draft, monkeypatch):
    customer, application = draft
    reads(monkeypatch, slip(gross_fen="", net_fen=""))
    paper = sent(customer, application)
    delivered(customer)
    paper = selectors.paper_get(customer, paper.id)
    assert paper.reading == "by_person" and "重拍" in paper.unread_text.zh
    monkeypatch.setattr(vision, "is_installed", lambda: False)
    assert sent(customer, application, content=picture(11)).reading == "by_person"


def test_r4_4_taken_back_before_handing_in_file_and_reading_are_gone(draft):
    customer, application = draft
    paper = sent(customer, application)
    delivered(customer)
    origination.paper_remove(customer, paper_id=paper.id)
    origination.paper_remove(customer, paper_id=paper.id)  # the back button
    assert StoredFile.objects.get(id=paper.file_id).deletion_reason == "origination.paper_removed"
    assert not PaperReading.objects.exists()
    assert selectors.application_papers(customer, application) == ()
    again = sent(customer, application)
    delivered(customer)
    submitted(customer, application)
    for change in (lambda: origination.paper_remove(customer, paper_id=again.id), lambda: confirmed(customer, again),
                   lambda: sent(customer, application, content=picture(3))):
        with pytest.raises(errors.PapersClosed):
            change()
    assert StoredFile.objects.filter(deleted_at=None).count() == 1  # nothing of the refused page stayed


@pytest.mark.parametrize("by", ["the worker", "a reviewer"])
def test_r4_4_taken_back_while_it_is_read_leaves_no_reading(draft, monkeypatch, by):
    """The page goes in the seconds the reader needs: what was read of it stays with nobody (R8.5)."""
    customer, application = draft
    paper, read = sent(customer, application), vision_asking.paper_read

    def taken_back(*question, **more):
        origination.paper_remove(customer, paper_id=paper.id)
        return read(*question, **more)

    monkeypatch.setattr(vision_asking, "paper_read", taken_back)
    if by == "the worker":
        origination.paper_read(customer, paper_id=paper.id, attempt=1)
    else:
        with pytest.raises(errors.PaperNotFound):
            origination.paper_read_again(customer, paper_id=paper.id, staff_id=STAFF)
    assert ApplicationPaper.objects.get(id=paper.id).state == "removed"
    assert not PaperReading.objects.exists()
    assert not StoredFile.objects.filter(customer_id=customer, deleted_at=None).exists()


def test_r4_4_a_withdrawn_draft_leaves_no_papers(draft):
    customer, application = draft
    sent(customer, application)
    origination.withdraw(customer, application_id=application)
    assert StoredFile.objects.get().deletion_reason == "origination.draft_over"


def test_r4_1_refused_pages_leave_nothing(draft, monkeypatch):
    customer, application = draft
    for kind in ("id_card_front", "business_licence", "nonsense"):
        with pytest.raises(errors.PaperKindUnknown):
            sent(customer, application, kind)
    with pytest.raises(FileTypeRefused):
        sent(customer, application, content=b"MZ" + b"x" * 600)
    with pytest.raises(errors.PaperTooLarge):
        sent(customer, application, content=b"\xff\xd8\xff" + b"x" * 11_000_000)
    with pytest.raises(errors.ApplicationNotFound):
        sent(customer_make(2), application)
    for number in range(20):
        ApplicationPaper.objects.create(
            customer_id=customer, application_id=application, kind="payslip", file_id=UUID(int=number), sent_at=AT)
    with pytest.raises(errors.TooManyPapers):
        sent(customer, application)
    assert not StoredFile.objects.filter(deleted_at=None).exists()


def test_r4_1_papers_bring_a_person_and_the_proposal_is_tested_never_counted(draft):
    customer, application = draft
    paper = sent(customer, application)
    delivered(customer)
    confirmed(customer, paper, gross_fen="950000", net_fen="800000")
    submitted(customer, application)
    delivered(customer)
    row = selectors.application_get(customer, application)
    assert (row.state, row.verified_monthly_income_fen) == ("verification", None)
    checks = {one.code: one.state for one in selectors.case(application).checks}
    assert {checks[code] for code in ("papers_sent", "ocr_corrected", "income_below_wage")} == {"attention"}
    found = selectors.papers_found(customer, application)
    # Beijing's average wage is 105,931 a year; one and a half times a twelfth of it is asked for
    assert (found.proposal.monthly_fen, found.test.state, found.test.needed_fen) == (800_000, "below", 1_324_137)
    assert [one.code for one in found.findings] == ["corrected"]
    assert found.points_below == 30


def test_r4_6_sent_back_a_statement_is_added_and_handed_back(draft, monkeypatch):
    customer, application = draft
    first = sent(customer, application)
    delivered(customer)
    confirmed(customer, first)
    submitted(customer, application)
    delivered(customer)
    with clock.travel_to(AT + timedelta(hours=1)):
        origination.verification_decide(customer, task_id=claimed(customer, application), staff_id=STAFF, outcome="return",
                                        note="请补流水", codes=["statement"])
    reads(monkeypatch, statement(("2026-01-15", "代发工资", 750_000, 950_000), ("2026-01-20", "消费", -50_000, 900_000),
                                 ("2026-02-15", "代发工资", 750_000, 9_999_900)))
    with clock.travel_to(AT + timedelta(days=1)):
        needs = selectors.paper_needs(customer, application)
        assert (needs[0].code, needs[0].is_asked, needs[0].is_met) == ("asked.statement", True, False)
        with pytest.raises(errors.AnswerEmpty):
            origination.application_answer(customer, application_id=application, note=" ")
        with pytest.raises(errors.PapersClosed):
            origination.paper_remove(customer, paper_id=first.id)  # handed in: it stays
        page = sent(customer, application, "salary_statement")
        delivered(customer)
        page = selectors.paper_get(customer, page.id)
        assert [row.follows for row in page.bookings] == [None, True, False]
        assert selectors.paper_needs(customer, application)[0].is_met
        origination.application_answer(customer, application_id=application, note="")
        found = selectors.papers_found(customer, application)
    assert Application.objects.get().state == "verification"
    source = next(one for one in found.proposal.sources if one.kind == "salary_statement")
    assert (source.monthly_fen, source.months) == (750_000, 1)  # the row that does not follow is left out
    assert source.left_out[0].amount_fen == 750_000
    assert "balance_broken" in [one.code for one in found.findings]


def test_r4_1_what_a_pack_requires_must_be_there_unless_verification_is_skipped(draft, monkeypatch):
    customer, application = draft
    policy = selectors.needs.current(clock.today())
    wanted = replace(policy, documents=tuple(
        replace(row, is_required=True) if "payslip" in row.any_of else row for row in policy.documents))
    monkeypatch.setattr(selectors.needs, "current", lambda _on: wanted)
    assert selectors.papers_missing(customer, application, occupation="employed") == ()  # skipped: nobody would read them
    real = selectors.needs.products.product_get
    monkeypatch.setattr(selectors.needs.products, "product_get", lambda code, *, on: replace(
        real(code, on=on), skips_verification=False))
    with pytest.raises(errors.PapersMissing) as no:
        submitted(customer, application)
    assert "收入证明" in no.value.message.zh and "Income proof" in no.value.message.en
    assert Application.objects.get().state == "draft"
    sent(customer, application)
    assert submitted(customer, application).state == "submitted"


def test_r1_9_no_paper_without_its_consent_and_withdrawing_deletes_them_with_proof(draft):
    customer, application = draft
    paper = sent(customer, application)
    delivered(customer)
    reading = selectors.paper_get(customer, paper.id).reading_id
    submitted(customer, application)
    delivered(customer)
    identity.consent_withdraw(customer, purpose="income_papers")  # while a person reviews it
    row = ApplicationPaper.objects.get(id=paper.id)
    assert (row.state, row.removed_reason, row.stated, row.reading_id) == ("removed", "consent_withdrawn", None, None)
    assert StoredFile.objects.get(id=paper.file_id).deletion_reason == "consent_withdrawn"
    assert not PaperReading.objects.filter(id=reading).exists()
    assert file_rows.deletion_receipts(customer)[0].reason == "consent_withdrawn"
    assert selectors.papers_withdrawn(customer, application) == 1
    assert Application.objects.get(id=application).state == "verification"  # goes on without them
    other = origination.application_open(customer_make(2), product=LINE)
    with pytest.raises(ConsentRequired):
        sent(other.customer_id, other.id)
    assert not StoredFile.objects.filter(customer_id=other.customer_id).exists()


def test_r1_9_a_consent_withdrawn_while_a_page_is_on_its_way_leaves_no_page(draft, monkeypatch):
    customer, application = draft
    store = papers.files.file_store

    def withdrawn(*what, **more):
        kept = store(*what, **more)
        identity.consent_withdraw(customer, purpose="income_papers")
        return kept

    monkeypatch.setattr(papers.files, "file_store", withdrawn)
    with pytest.raises(ConsentRequired):
        sent(customer, application)
    assert not StoredFile.objects.filter(customer_id=customer, deleted_at=None).exists()
    assert not ApplicationPaper.objects.exclude(state="removed").exists()


def test_r8_5_papers_go_by_timer_once_their_purpose_has_ended(draft):
    customer, application = draft
    paper = sent(customer, application)
    delivered(customer)
    submitted(customer, application)
    delivered(customer)
    task = claimed(customer, application)
    origination.verification_decide(customer, task_id=task, staff_id=STAFF, outcome="decline", note="n",
                                    codes=["income_not_proved"])
    origination.appeal_open(customer, application_id=application, statement="please look again")
    with clock.travel_to(AT + timedelta(days=91)):
        assert origination.papers_expire() == 0  # the appeal is open
        Appeal.objects.filter(application_id=application).update(state="upheld", answered_at=AT)
        assert origination.papers_expire() == 1
        assert origination.papers_expire() == 0
    row = ApplicationPaper.objects.get(id=paper.id)
    assert (row.state, row.removed_reason) == ("removed", "retention_over")
    assert StoredFile.objects.get(id=paper.file_id).deleted_at is not None


def test_r8_5_papers_of_borrowers_take_nobodys_place_among_those_that_go(draft, monkeypatch):
    first, application = draft
    second = customer_make(2)
    papers_consent(second)
    kept, gone = sent(first, application), sent(second, origination.application_open(second, product=LINE).id, content=picture(2))
    Application.objects.update(state="accepted")
    closed = list(Application.objects.order_by("id").values_list("id", flat=True))
    monkeypatch.setattr(paper_retention.limits, "applications_of_undrawn_lines", lambda *, closed_before: closed)
    monkeypatch.setattr(paper_retention.identity, "has_borrowed", lambda customer_id: customer_id == first)
    assert origination.papers_expire(limit=1) == 1
    states = {one.id: one.state for one in ApplicationPaper.objects.all()}
    assert (states[kept.id], states[gone.id]) == ("sent", "removed")

"""Stories about pictures, papers and voices: photographed ID cards, payslips, statements, spoken digits.

Pages are drawn (`demo.specimens`) and voices made (`demo.voices`); what reads and hears them takes a second or two each.
So these are lived after the first wave, beside the visitor.
"""

from __future__ import annotations

from weidai.demo import papers, specimens
from weidai.demo.borrower import PAYMENT_PASSWORD, Borrower, staff_id
from weidai.demo.lives import YUAN, Life, Story, active_line, is_ordinary
from weidai.identity import consent_texts
from weidai.identity import services as identity
from weidai.platform import clock

_TYPED_OVER_YUAN = 2_000


def _verified(b: Borrower, *, by_pictures: bool = False, **said: str) -> Story:
    """Everything before an application; the ID card from pictures where asked."""
    b.register()
    if by_pictures:
        papers.id_card_pictured(b, said=said)
    else:
        b.type_id_card()
    b.show_face()
    b.prove_card_and_mobile()
    b.declare()
    yield 1
    b.assess()
    b.apply_begin()


def papers_complete(b: Borrower) -> Story:
    """Sent a payslip and the salary statement as a PDF, both checked, and waits for a reviewer."""
    yield from _verified(b, by_pictures=True)
    _payslip_send(b)
    papers.paper_send(b, "salary_statement", specimens.statement(
        papers.bank_of(b.person), b.person.name, papers.salaries_booked(b.person, clock.today()), as_pdf=True))
    yield 0
    b.apply(requested_fen=b.wish_fen)


def papers_corrected(b: Borrower) -> Story:
    """Put the address of the ID card and the pay of the payslip differently from what was read."""
    yield from _verified(b, by_pictures=True, address=f"{b.person.address}（乙）")
    _payslip_send(b, net_fen=str(b.person.monthly_income_fen + _TYPED_OVER_YUAN * YUAN))
    yield 0
    b.apply(requested_fen=b.wish_fen)


def papers_unreadable(b: Borrower) -> Story:
    """Sent a payslip that nobody's machine can read, and a proof of property that a person reads."""
    yield from _verified(b)
    _payslip_send(b, is_blurred=True)
    papers.paper_send(b, "property_certificate", specimens.property_certificate(b.person.name, b.person.address))
    yield 0
    b.apply(requested_fen=b.wish_fen)


def papers_altered(b: Borrower) -> Story:
    """Sent a statement in which one salary was raised by hand: its balance does not follow."""
    yield from _verified(b)
    papers.paper_send(b, "salary_statement", specimens.statement(
        papers.bank_of(b.person), b.person.name, papers.salaries_booked(b.person, clock.today(), raised_percent=125)))
    yield 0
    b.apply(requested_fen=b.wish_fen)


def papers_asked_again(b: Borrower) -> Story:
    """Was asked for a clearer payslip and a statement, and has not answered."""
    yield from _verified(b)
    _payslip_send(b, is_blurred=True)
    b.apply(requested_fen=b.wish_fen)
    yield 1
    papers.papers_returned(b, staff_id=staff_id("reviewer"), codes=("clearer_papers", "statement"),
                           note="工资单照片太模糊，看不清金额；请重拍，并补充近六个月的工资卡流水。")


def papers_to_check(b: Borrower) -> Story:
    """Sent a payslip with the draft; what was read waits to be checked."""
    yield from _verified(b)
    _payslip_send(b, is_checked=False)


def papers_judged(b: Borrower) -> Story:
    """Sent an income tax record; two reviewers worked through it, and an offer is there."""
    yield from _verified(b)
    papers.paper_send(b, "tax_certificate", specimens.tax_record(b.person.name, papers.tax_months(b.person, clock.today())))
    b.apply(requested_fen=b.wish_fen)
    yield 1
    b.reviewed()


def pictures_withdrawn(b: Borrower) -> Story:
    """Verified by pictures of the ID card, then withdrew that consent: pictures and reading were deleted (R1.9)."""
    b.register()
    papers.id_card_pictured(b)
    b.show_face()
    yield 2
    identity.consent_withdraw(b.customer_id, purpose=consent_texts.ID_CARD_PICTURES)


def voice_enrolled(b: Borrower) -> Story:
    """Read digits aloud, was recognised once, and may confirm by voice where that is one more way (R1.8)."""
    from weidai.demo.voices import recording_make, speaker_draw  # needs numpy

    yield from active_line(b)
    b.consent("voiceprint")
    speaker = speaker_draw(b.person.index)
    for purpose in ("enrol", "verify"):
        password = PAYMENT_PASSWORD if purpose == "enrol" else None
        asked = identity.voice_challenge_issue(b.customer_id, purpose=purpose, session=str(b.customer_id),
                                               payment_password=password)
        said = [recording_make(speaker, digits, seed=number) for number, digits in enumerate(asked.digits)]
        identity.voice_challenge_submit(b.customer_id, challenge_id=asked.id, session=str(b.customer_id),
                                        recordings=[identity.Spoken(one.windows_ms, one.wav) for one in said])
        yield 0


def _payslip_send(b: Borrower, *, is_blurred: bool = False, is_checked: bool = True, **said: str) -> None:
    pay = papers.pay_of(b.person, papers.months_before(clock.today())[-1])
    papers.paper_send(b, "payslip", specimens.payslip(pay, is_blurred=is_blurred), said=said, is_checked=is_checked)


VOICE_LIFE = Life("salaried", voice_enrolled, "已录入声纹", "voiceprint enrolled", 5, suits=is_ordinary)
PAPER_LIVES: tuple[Life, ...] = (
    Life("salaried", papers_complete, "材料齐全，等待复审", "papers complete, waiting for a reviewer", 2, suits=is_ordinary),
    Life("young_worker", papers_corrected, "改正了识别结果，等待复审", "corrected what was read, waiting for a reviewer", 3,
         suits=is_ordinary),
    Life("salaried", papers_unreadable, "工资单拍糊了，等待复审", "blurred payslip, waiting for a reviewer", 2,
         suits=is_ordinary),
    Life("salaried", papers_altered, "流水余额对不上，等待复审", "altered statement, waiting for a reviewer", 4,
         suits=is_ordinary),
    Life("salaried", papers_asked_again, "请补充材料", "asked for more papers", 4, suits=is_ordinary),
    Life("young_worker", papers_to_check, "工资单待本人核对", "payslip to be checked", 1, suits=is_ordinary),
    Life("salaried", papers_judged, "材料已核对，有授信方案", "papers worked through, an offer to answer", 5, suits=is_ordinary),
    Life("young_worker", pictures_withdrawn, "撤回证件照片授权并删除", "ID pictures withdrawn and deleted", 4, suits=is_ordinary),
)

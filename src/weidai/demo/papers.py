"""What demo people photograph and send, and how the lender's reviewers work through it (R1.4, R4.1, R4.6)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from weidai.audit.services import Actor, acting_as
from weidai.demo import specimens
from weidai.demo.specimens import Booked, Holder, Pay
from weidai.demo.world import WorldPerson
from weidai.identity import consent_texts
from weidai.identity import policy as identity_policy
from weidai.identity import services as identity
from weidai.jobs.end_of_day import drain
from weidai.kernel.id_card import id_card_number
from weidai.origination import selectors as applications
from weidai.origination import services as origination
from weidai.origination.selectors import ApplicationPaperRow
from weidai.origination.services import Verdict
from weidai.platform import clock
from weidai.vision import errors as vision_errors
from weidai.vision import selectors as vision
from weidai.vision.rules.id_card import NO_END

if TYPE_CHECKING:
    from weidai.demo.borrower import Borrower

_NOTHING: Mapping[str, str] = {}
_AWAY = (vision_errors.ReadingUnavailable, vision_errors.ReadingBusy, vision_errors.ReadingFailed)
_TRIES = 30  # with a second between them
_MONTHS = 6  # of a statement or a tax record
_PAYDAY = 10
INCOME_PAPERS = "income_papers"


def id_card_pictured(b: Borrower, *, said: Mapping[str, str] = _NOTHING) -> None:
    """Photograph both sides, put right what was misread and what `said` says, and confirm (R1.4).

    Typed in instead where no machine reads here.
    """
    holder = _holder(b.person)
    if not vision.is_available():
        b.type_id_card()
        return
    b.consent("real_name_check", consent_texts.ID_CARD_PICTURES)
    try:
        sides = [identity.id_card_picture_take(b.customer_id, side=side, picture=draw(holder))
                 for side, draw in (("front", specimens.card_front), ("back", specimens.card_back))]
    except _AWAY:
        b.type_id_card()
        return
    values = _printed(holder) | said
    identity.id_card_confirm(b.customer_id, front_id=sides[0].id, back_id=sides[1].id, values=values)


def paper_send(b: Borrower, kind: str, page: bytes, *, said: Mapping[str, str] = _NOTHING, is_checked: bool = True) -> UUID:
    """Send a page of a paper and check what was read of it; `said` is what the customer puts differently (R4.1)."""
    if consent_texts.consent_text(INCOME_PAPERS) is not None:
        b.consent(INCOME_PAPERS)
    row = origination.paper_send(b.customer_id, application_id=b.application_id, kind=kind, content=page,
                                 name=f"{kind}.{'pdf' if page.startswith(b'%PDF') else 'jpg'}")
    if is_checked and _read(b, row.id).needs_confirm:
        origination.paper_confirm(b.customer_id, paper_id=row.id, values=said)
    return row.id


def _read(b: Borrower, paper_id: UUID) -> ApplicationPaperRow:
    """Wait until a page was read or left to a person; the pages of a PDF take a while, the days of a story do not."""
    for _ in range(_TRIES):
        drain()
        pages = applications.application_papers(b.customer_id, b.application_id)
        found = next(page for page in pages if page.id == paper_id)
        if found.reading != "waiting":
            break
        time.sleep(1)
    return found


def pages_judged(b: Borrower, *, staff_id: str) -> int | None:
    """Look at every page, accept every field that has no verdict yet, and return the income the papers propose, in fen."""
    pages = applications.application_papers(b.customer_id, b.application_id)
    for page in pages:
        origination.paper_look(b.customer_id, paper_id=page.id, staff_id=staff_id)
        open_codes = [row.code for row in (*page.fields, *(one for one in page.bookings if one.follows is False))
                      if row.verdict is None]
        origination.paper_judge(b.customer_id, paper_id=page.id, staff_id=staff_id,
                                verdicts={code: Verdict("accepted") for code in open_codes})
    return applications.papers_found(b.customer_id, b.application_id).proposal.monthly_fen


def papers_returned(b: Borrower, *, staff_id: str, codes: Sequence[str], note: str) -> None:
    """Let a reviewer look at the pages and hand the case back to the customer with what is wanted (R4.6)."""
    task = next(t for t in applications.case(b.application_id).tasks if t.state == "open")
    with acting_as(Actor("staff", staff_id)):
        origination.verification_claim(b.customer_id, task_id=task.id, staff_id=staff_id)
        for page in applications.application_papers(b.customer_id, b.application_id):
            origination.paper_look(b.customer_id, paper_id=page.id, staff_id=staff_id)
        origination.verification_decide(b.customer_id, task_id=task.id, staff_id=staff_id, outcome="return", note=note,
                                        codes=codes)
    drain()


def pay_of(person: WorldPerson, month: date) -> Pay:
    """Return a month's payslip of somebody whose net pay is their income."""
    gross_fen = person.monthly_income_fen * 5 // 4
    social_fen, fund_fen = gross_fen * 105 // 1000, gross_fen * 7 // 100
    tax_fen = gross_fen - social_fen - fund_fen - person.monthly_income_fen
    return Pay(person.employer.removesuffix("（虚构）"), person.name, month, gross_fen, social_fen, fund_fen, tax_fen)


def months_before(on: date, count: int = _MONTHS) -> list[date]:
    """Return the first days of the last `count` months that are over, oldest first."""
    found = [on.replace(day=1)]
    for _ in range(count):
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[:0:-1]


def salaries_booked(person: WorldPerson, on: date, *, raised_percent: int = 100) -> list[Booked]:
    """Return half a year of salary and spending; above 100 the last but one salary was altered after printing."""
    balance_fen, rows = person.monthly_income_fen // 3 + person.index % 97 * 1_00, []
    for number, month in enumerate(months_before(on)):
        net_fen = person.monthly_income_fen
        spent_fen = net_fen * (61 + (person.index + 7 * number) % 29) // 100
        for day, summary, amount_fen in ((_PAYDAY, "工资", net_fen), (_PAYDAY + 8, "转账汇出", -spent_fen)):
            balance_fen += amount_fen
            is_altered = raised_percent > 100 and summary == "工资" and number == _MONTHS - 2
            shown_fen = amount_fen * raised_percent // 100 if is_altered else amount_fen
            rows.append(Booked(month.replace(day=day), summary, shown_fen, balance_fen))
    return rows


def tax_months(person: WorldPerson, on: date) -> list[tuple[str, int, int]]:
    """Return what a tax record says of the last months: month, income, tax."""
    return [(f"{month:%Y-%m}", (pay := pay_of(person, month)).gross_fen, pay.tax_fen) for month in months_before(on)]


def bank_of(person: WorldPerson) -> str:
    """Return the name of the main card's bank."""
    code = next(card.bank_code for card in person.cards if card.is_main)
    return next(bank.name.zh for bank in identity_policy.current(clock.today()).banks if bank.code == code)


def _holder(person: WorldPerson) -> Holder:
    number = id_card_number(person.id_number, on=clock.today())
    return Holder(person.name, {"male": "男", "female": "女"}[number.sex], number.birth_on, person.address, person.id_number,
                  person.id_card_authority, person.id_card_from, person.id_card_to)


def _printed(holder: Holder) -> dict[str, str]:
    """Return what stands on the card, field by field."""
    return {"name": holder.name, "sex": holder.sex, "ethnicity": "汉", "birth_on": holder.birth_on.isoformat(),
            "address": holder.address, "id_number": holder.id_number, "authority": holder.authority,
            "valid_from": holder.valid_from.isoformat(),
            "valid_to": holder.valid_to.isoformat() if holder.valid_to else NO_END}

"""Which page a drawdown is at, and the few things all its pages show (R6.2)."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect

from weidai.identity import selectors as identity
from weidai.identity.selectors import BankCardRow
from weidai.kernel.text import Text
from weidai.lending import selectors
from weidai.lending.selectors import DrawdownRow
from weidai.platform import clock
from weidai.security.rules import RESEND_AFTER
from weidai.web.h5.deeds import page_address, uuid_or_none

STEPS = [Text("金额", "Amount"), Text("成本", "Cost"), Text("合同", "Contract"), Text("验证码", "Code"), Text("结果", "Result")]
_PAGES = {"draft": "drawdown_sheet", "sheet_shown": "drawdown_sheet", "confirmed": "drawdown_agreement",
          "signed": "drawdown_code"}
FINAL_STATES = ("posted", "failed", "cancelled")


def step_address(drawdown: DrawdownRow) -> str:
    """The page that this drawdown waits at; a result once it is signed or given up."""
    return page_address(_PAGES.get(drawdown.state, "drawdown_result"), drawdown_id=drawdown.id)


def elsewhere(drawdown: DrawdownRow, *states: str) -> HttpResponseRedirect | None:
    """A redirect to the page the drawdown is at, None when it is in one of the states: going back is harmless."""
    return None if drawdown.state in states else HttpResponseRedirect(step_address(drawdown))


def card_of(request: HttpRequest, card_id: UUID) -> BankCardRow | None:
    """The borrower's card with this id, None when it was removed."""
    return next((card for card in identity.bank_cards(request.customer_id) if card.id == card_id), None)


def drawdown_of(request: HttpRequest, drawdown_id: UUID) -> DrawdownRow:
    """The borrower's own drawdown; another's is not found."""
    return selectors.drawdown_get(request.customer_id, drawdown_id)


def challenge_of(request: HttpRequest) -> UUID | None:
    """The number of the code that was sent, from the address or the form. Useless without the code itself."""
    return uuid_or_none(request.POST.get("challenge") or request.GET.get("challenge") or "")


def seconds_until_resend(challenge_id: UUID | None) -> int:
    """How long another code would be refused: the number of the last one carries its instant (UUIDv7)."""
    if challenge_id is None or challenge_id.version != 7:
        return 0
    sent_at = datetime.fromtimestamp((challenge_id.int >> 80) / 1000, tz=UTC)
    left = RESEND_AFTER - (clock.wall_now() - sent_at)
    return math.ceil(max(timedelta(0), min(left, RESEND_AFTER)).total_seconds())

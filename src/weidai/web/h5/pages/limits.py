"""Credit lines: approved, used, reserved, available, why they changed, and what holds them (R5)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.kernel.text import Text
from weidai.limits import selectors, services
from weidai.limits.selectors import LimitChangeRow, LineRow
from weidai.limits.services.reviews import REVIEW_REASONS
from weidai.origination.selectors import TermRow, terms_rows
from weidai.platform import clock
from weidai.products import selectors as products
from weidai.products.rules import apr_e8
from weidai.web.h5.deeds import address_or_none, page_address
from weidai.web.shared.borrower import borrower_page

_REASONS: dict[str, Text] = {**REVIEW_REASONS, "application": Text("申请审批", "your application"),
                             "customer_request": Text("您的要求", "your request")}


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with its name, price and where to draw it."""

    row: LineRow
    name: Text
    apr_e8: int
    used_share: int  # percent of the approved limit, for the bar
    borrow_url: str  # empty when the line cannot be drawn now
    tone: str  # of the badge that says the state
    state_text: Text  # the line's state, or that a hold stands over it


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change of a limit with its reason in words."""

    row: LimitChangeRow
    name: Text
    reason: Text
    terms: tuple[TermRow, ...]


def line_badge(line: LineRow, *, is_held: bool) -> tuple[str, Text]:
    """Tone and words for the state of a line; a line under a hold is never called usable (R5.5)."""
    if line.is_activated and is_held:
        return "warning", Text("借款暂停", "Paused")
    return ("ok" if line.is_activated else "wait"), line.status_text


def line_view(line: LineRow, *, is_held: bool) -> LineView:
    """A line ready to show."""
    taken = line.used_fen + line.reserved_fen
    can_draw = line.is_activated and line.available_fen > 0 and not is_held
    tone, state_text = line_badge(line, is_held=is_held)
    return LineView(line, products.product_get(line.product, on=clock.today()).name, apr_e8(line.daily_rate_e8),
                    taken * 100 // line.approved_fen if line.approved_fen else 0,
                    address_or_none("borrow", line_id=line.id) if can_draw else "", tone, state_text)


@borrower_page
def show(request: HttpRequest) -> HttpResponse:
    """Lines, holds and history."""
    holds = {hold.kind_text: hold for hold in selectors.holds_for(request.customer_id)}
    views = [line_view(line, is_held=bool(holds)) for line in selectors.lines_for(request.customer_id)]
    names = {view.row.id: view.name for view in views}
    changes = [
        ChangeView(change, names.get(change.line_id, Text("", "")),
                   _REASONS.get(change.reason, Text("复核", "review")), terms_rows(change.terms))
        for change in selectors.changes_for(request.customer_id, limit=20)
    ]
    return render(request, "h5/pages/limit.html", {
        "lines": views, "changes": changes, "holds": holds.values(), "active_tab": "me",
        "today": clock.today(),
        "offers": [change for change in changes if change.row.is_open_offer],
    })


@borrower_page
def borrow_start(request: HttpRequest) -> HttpResponse:
    """Where borrowing begins: the one line that can be drawn, else the list of lines with what holds each."""
    is_held = bool(selectors.hold_kinds(request.customer_id))
    views = [line_view(line, is_held=is_held) for line in selectors.lines_for(request.customer_id)]
    addresses = [view.borrow_url for view in views if view.borrow_url]
    return HttpResponseRedirect(addresses[0] if len(addresses) == 1 else page_address("limit"))


@borrower_page
@require_POST
def increase_accept(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Take an offered increase; increases need the customer's yes (R5.3)."""
    services.increase_accept(request.customer_id, change_id=change_id)
    return HttpResponseRedirect(page_address("limit"))


@borrower_page
@require_POST
def increase_decline(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Say no to an offered increase; the limit stays."""
    services.increase_decline(request.customer_id, change_id=change_id)
    return HttpResponseRedirect(page_address("limit"))


urlpatterns = [
    path("limit/", show, name="limit"),
    path("borrow/", borrow_start, name="borrow_start"),
    path("limit/increase/<uuid:change_id>/accept", increase_accept, name="increase_accept"),
    path("limit/increase/<uuid:change_id>/decline", increase_decline, name="increase_decline"),
]

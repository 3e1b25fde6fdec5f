"""The home page: what to do next, or what can be borrowed and what is due; and the messages (R6.6, R8.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from weidai.identity import selectors as identity
from weidai.identity.selectors import CustomerRow
from weidai.kernel.text import Text
from weidai.lending import selectors as lending
from weidai.limits import selectors as limits
from weidai.limits.selectors import LineRow
from weidai.messaging import selectors as messaging
from weidai.messaging import services as messages
from weidai.origination import selectors as origination
from weidai.origination.selectors import ApplicationRow
from weidai.platform import clock
from weidai.servicing import selectors as servicing
from weidai.servicing.selectors import Bills
from weidai.web.h5.deeds import address_or_none, lender, page_address, uuid_or_none
from weidai.web.h5.pages.limits import LineView, line_view
from weidai.web.shared.borrower import borrower_page

STEPS = [Text("实名认证", "Verify"), Text("申请额度", "Apply"), Text("开通使用", "Activate"), Text("借款", "Borrow")]
EXAMPLE_FEN = 100_000  # 1,000 yuan, for the cost of one day
_PAGE = 20


@dataclass(frozen=True, slots=True)
class NextAct:
    """The one thing to do now: which of STEPS, in words, and where."""

    step: int
    title: Text
    text: Text
    button: Text
    address: str


@dataclass(frozen=True, slots=True)
class NextDue:
    """What is due next over all loans, in fen; `days` until then, or days past due."""

    on: date | None
    days: int
    amount_fen: int
    is_overdue: bool


@borrower_page
def home(request: HttpRequest) -> HttpResponse:
    """Progress to the first loan, or the lines and what is due."""
    on = clock.today()
    customer, lines = identity.customer_get(request.customer_id), limits.lines_for(request.customer_id)
    active = [line for line in lines if line.is_activated]
    waiting = next((line for line in lines if not line.is_activated), None)
    running = origination.open_application(request.customer_id)
    holds = list({hold.kind_text: hold for hold in limits.holds_for(request.customer_id)}.values())
    views = [line_view(line, is_held=bool(holds)) for line in active]
    bills = servicing.bills_for(request.customer_id, on=on) if active else None
    return render(
        request,
        "h5/pages/home.html",
        {
            "customer": customer,
            "lines": views,
            "on_the_way": [row for row in lending.drawdowns_for(request.customer_id) if row.is_paying]
            if any(line.reserved_fen for line in active) else [],
            "price": _price(views),
            "holds": holds,
            "waiting_line": waiting,
            "available_fen": sum(line.available_fen for line in active),
            "approved_fen": sum(line.approved_fen for line in active),
            "act": None if active else _next_act(customer, waiting, running),
            "running": running,
            "steps": STEPS,
            "due": _next_due(bills, on) if bills else None,
            "has_loan": bills is not None and bills.payoff_fen > 0,
            "owes_now": bills is not None and bills.due_now_fen > 0,
            "lender": lender(on),
            "today": on,
            "unread": messaging.unread_count(request.customer_id),
            "active_tab": "home",
            "borrow_url": page_address("borrow_start"),
            "repay_url": address_or_none("bills"),
            "is_held": bool(holds),
        },
    )


def _price(lines: list[LineView]) -> dict[str, int] | None:
    """The dearest of the lines: APR, daily rate, and what 1,000 yuan cost for a day in fen."""
    if not lines:
        return None
    dearest = max(lines, key=lambda line: line.row.daily_rate_e8)
    exact = EXAMPLE_FEN * dearest.row.daily_rate_e8
    return {
        "apr_e8": dearest.apr_e8,
        "daily_e8": dearest.row.daily_rate_e8,
        "day_fen": (exact * 2 + 10**8) // (2 * 10**8),
    }


def _next_act(customer: CustomerRow, waiting: LineRow | None, running: ApplicationRow | None) -> NextAct:
    """What stands between this customer and a usable line."""
    if waiting is not None:
        return NextAct(
            3,
            Text("额度已批准，待开通", "Your line is granted and waits for activation"),
            Text(
                "确认银行卡、设置支付密码、核验本人，约 2 分钟。",
                "Card, payment password, face or video: about two minutes.",
            ),
            Text("去开通", "Activate"),
            page_address("activate", line_id=waiting.id),
        )
    if running is not None and running.state != "draft":
        words = Text("查看结果", "See the result") if running.state == "offered" else Text("查看进度", "See progress")
        return NextAct(
            2,
            Text(
                f"{running.product_name.zh}:{running.state_text.zh}",
                f"{running.product_name.en}: {running.state_text.en}",
            ),
            Text("批准不等于必须借款，您可自行决定。", "An approval does not oblige you to borrow; it is your choice."),
            words,
            page_address("application", application_id=running.id),
        )
    if not customer.is_real_name:
        page = "onboard_face" if customer.has_id_card and customer.id_card_status != "expired" else "onboard_id_card"
        return NextAct(
            1,
            Text("先完成实名认证", "First, verify who you are"),
            Text(
                "身份证加人脸识别或人工视频，约 3 分钟。",
                "ID card, then face check or staff video: about three minutes.",
            ),
            Text("去认证", "Verify"),
            page_address(page),
        )
    return NextAct(
        2,
        Text("选择产品并申请额度", "Choose a product and apply"),
        Text("申请免费，先看利率和条件再决定。", "Applying is free. See rates and conditions first."),
        Text("查看产品", "See products"),
        page_address("products"),
    )


def _next_due(bills: Bills, on: date) -> NextDue | None:
    """What is overdue or due today, else the nearest day something falls due."""
    if bills.overdue_fen:
        late = max(row.days_past_due for row in bills.rows)
        return NextDue(None, late, bills.due_now_fen, is_overdue=True)
    if bills.due_now_fen:
        return NextDue(on, 0, bills.due_now_fen, is_overdue=False)
    if bills.next_due_on is None:
        return None
    return NextDue(bills.next_due_on, (bills.next_due_on - on).days, bills.next_due_fen, is_overdue=False)


@borrower_page
def inbox(request: HttpRequest) -> HttpResponse:
    """What the customer was told, newest first."""
    notices = messaging.notices_for(
        request.customer_id, limit=_PAGE + 1, before=uuid_or_none(request.GET.get("before", ""))
    )
    return render(
        request,
        "h5/pages/messages.html",
        {
            "notices": notices[:_PAGE],
            "older": notices[_PAGE - 1].id if len(notices) > _PAGE else None,
            "has_unread": any(not notice.is_read for notice in notices),
            "active_tab": "home",
        },
    )


@borrower_page
@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    messages.notices_mark_read(request.customer_id)
    return HttpResponseRedirect(page_address("messages"))


urlpatterns = [
    path("", home, name="home"),
    path("messages/", inbox, name="messages"),
    path("messages/read", inbox_read, name="messages_read"),
]

"""The stories demo borrowers live: generators that act and then yield how many days pass until they act again.

Each story is one sort of customer a lender meets. Amounts are fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from weidai.demo.borrower import Borrower
from weidai.demo.world import WorldPerson
from weidai.platform import clock

# A story yields days to wait; 0 means "later the same day" (the history moves a few minutes on).
Story = Iterator[int]
YUAN = 100
# Who brings income proof to a reviewer: with verified income the line follows what they really earn (R5.6).
_SHOW_INCOME = frozenset({"salaried", "high_net_worth", "shop_owner"})


def anybody(_: WorldPerson) -> bool:
    """Take whoever comes next."""
    return True


def is_ordinary(person: WorldPerson) -> bool:
    """No trap, an ID card that lasts, and a Type I account as main card: nothing of theirs stops a story."""
    lasts = person.id_card_to is None or person.id_card_to > clock.today() + timedelta(days=400)
    return person.trap is None and lasts and any(
        card.is_main and card.card_type == "debit" and card.account_class == "I" for card in person.cards)


@dataclass(frozen=True, slots=True)
class Life:
    """Who lives which story, and how many days before the last day it begins; `suits` says whom it takes."""

    persona: str
    story: Callable[[Borrower], Story]
    title_zh: str
    title_en: str
    begins_days_before: int
    suits: Callable[[WorldPerson], bool] = anybody
    can_sign_in: bool = True


def just_registered(b: Borrower) -> Story:
    """Signed up and looked around."""
    b.register()
    yield 1


def half_verified(b: Borrower) -> Story:
    """Real name is done; card and mobile are not."""
    b.register()
    b.prove_identity()
    yield 1


def assessed(b: Borrower) -> Story:
    """Looks at the credit profile and thinks about it."""
    b.register()
    b.prove_identity()
    b.prove_card_and_mobile()
    b.declare()
    yield 1
    b.assess(is_social=False)


def waiting_for_review(b: Borrower) -> Story:
    """Asked for a person to look at the application."""
    yield from assessed(b)
    b.apply(wants_person=True, requested_fen=b.wish_fen)
    yield 1


def turned_down(b: Borrower) -> Story:
    """Applies and is declined, with reasons."""
    yield from assessed(b)
    b.apply(requested_fen=b.wish_fen)
    yield 1


def appeals(b: Borrower) -> Story:
    """Was declined, and asked for a person to look again (R4.5)."""
    from weidai.origination import services as origination

    yield from turned_down(b)
    yield 2
    origination.appeal_open(b.customer_id, application_id=b.application_id,
                            statement="上月已还清两笔其他机构的借款，工资也已调整，请人工重新评估我的还款能力。")


def offer_on_the_table(b: Borrower) -> Story:
    """Has an offer and has not answered."""
    yield from assessed(b)
    b.apply(wants_person=True)
    yield 1
    b.reviewed()


def active_line(b: Borrower, product: str = "consumer_installment_line") -> Story:
    """Everything up to a line that can be drawn."""
    b.register()
    b.prove_identity()
    b.prove_card_and_mobile()
    b.declare()
    yield 0
    b.assess()
    b.apply(product, wants_person=b.person.persona in _SHOW_INCOME)
    yield 1
    b.reviewed()
    b.accept()
    yield 0
    b.activate()
    b.auto_debit()
    yield 1


def ready_to_borrow(b: Borrower) -> Story:
    """Activated, nothing drawn."""
    yield from active_line(b)


def accepted_line(b: Borrower) -> Story:
    """Accepted the line and stopped there."""
    yield from assessed(b)
    b.apply(wants_person=True)
    yield 1
    b.reviewed()
    b.accept()
    yield 1


def _borrow(b: Borrower, yuan: int, months: int, *, method: str = "level_payment",
            purpose: str = "daily_consumption") -> Story:
    """Borrow about `yuan`: people differ, so the amount moves by up to a third with the person, in whole hundreds."""
    yuan += yuan * (b.person.index % 7 - 3) // 9 // 100 * 100
    drawdown = b.borrow_begin(yuan * YUAN, months=months, method=method, purpose=purpose)
    yield 0
    b.borrow_sign(drawdown)
    yield 1


def steady(b: Borrower) -> Story:
    """Borrows for a year and pays by auto-debit on every due date."""
    yield from active_line(b)
    b.money_in_bank(30_000 * YUAN)
    yield from _borrow(b, 3_000, 12)


def two_loans(b: Borrower) -> Story:
    """A second loan four months into the first."""
    yield from active_line(b)
    b.money_in_bank(40_000 * YUAN)
    yield from _borrow(b, 2_000, 12, purpose="household_goods")
    yield 120
    yield from _borrow(b, 1_500, 6, method="equal_principal", purpose="education")


def settles_early(b: Borrower) -> Story:
    """Pays everything off after about three months."""
    yield from active_line(b)
    b.money_in_bank(30_000 * YUAN)
    yield from _borrow(b, 4_000, 12, purpose="travel")
    yield 95
    b.money_in_bank(30_000 * YUAN)
    b.pay("settle")
    yield 1


def prepays_a_part(b: Borrower) -> Story:
    """Pays 1,000 yuan ahead in the third month."""
    yield from active_line(b)
    b.money_in_bank(30_000 * YUAN)
    yield from _borrow(b, 3_600, 12, purpose="medical")
    yield 70
    b.pay("amount", amount_fen=1_000 * YUAN)
    yield 1


def _runs_dry(b: Borrower, days_paying: int) -> Story:
    yield from active_line(b)
    b.money_in_bank(30_000 * YUAN)
    yield from _borrow(b, 3_000, 12)
    yield days_paying
    b.money_in_bank(0, freeze_income=True)


def cured_at_once(b: Borrower) -> Story:
    """Misses one due date and pays two days later."""
    yield from _runs_dry(b, 45)
    yield from _until_overdue(b)
    yield 1
    b.money_in_bank(60_000 * YUAN)
    b.pay("due")
    yield 1


def cured_late(b: Borrower) -> Story:
    """Overdue for three weeks, then catches up."""
    yield from _runs_dry(b, 75)
    yield from _until_overdue(b)
    yield 20
    b.money_in_bank(60_000 * YUAN)
    b.pay("due")
    yield 1


def _until_overdue(b: Borrower) -> Story:
    """Wait day by day until an installment is overdue (at most two months)."""
    from weidai.servicing import selectors

    for _ in range(62):
        if selectors.bills_for(b.customer_id).overdue_fen > 0:
            return
        yield 1


def falls_behind(b: Borrower) -> Story:
    """Pays twice, then no more."""
    yield from _runs_dry(b, 62)


def freezes_borrowing(b: Borrower) -> Story:
    """Has a loan and has locked further borrowing."""
    from weidai.limits import services as limits

    yield from active_line(b)
    b.money_in_bank(30_000 * YUAN)
    yield from _borrow(b, 1_200, 6)
    limits.hold_place(b.customer_id, kind="customer_lock", source="customer", reason="customer_request")


def invited(b: Borrower) -> Story:
    """A high-credit customer by invitation."""
    from weidai.products import services as products

    b.register()
    b.prove_identity()
    b.prove_card_and_mobile()
    b.declare()
    yield 0
    b.assess()
    products.invitation_issue(b.customer_id)
    yield 1
    b.apply("invited_cash_loan", wants_person=True)
    yield 1
    b.reviewed()
    b.accept()
    yield 0
    b.activate()
    b.auto_debit()
    b.money_in_bank(200_000 * YUAN)
    yield 1
    yield from _borrow(b, 10_000, 10, method="equal_principal")


FOREGROUND: tuple[Life, ...] = (
    Life("young_worker", just_registered, "刚注册", "just registered", 2),
    Life("thin_file", half_verified, "实名未完成", "identity half done", 6),
    Life("salaried", assessed, "已评估，未申请", "assessed, not applied", 9),
    Life("student", assessed, "学生，已评估", "student, assessed", 12),
    Life("young_worker", waiting_for_review, "等待人工复审", "waiting for a reviewer", 2),
    Life("salaried", waiting_for_review, "等待人工复审", "waiting for a reviewer", 3),
    Life("shop_owner", waiting_for_review, "等待人工复审", "waiting for a reviewer", 4),
    Life("over_indebted", appeals, "被拒，已申诉", "declined, has appealed", 8),
    Life("over_indebted", turned_down, "被拒，可申诉", "declined, may appeal", 30),
    Life("student", turned_down, "学生申请", "student applying", 15),
    Life("fraudster", turned_down, "被拦截", "stopped", 20),
    Life("fraudster", turned_down, "被拦截", "stopped", 5),
    Life("salaried", offer_on_the_table, "有授信方案待确认", "an offer to answer", 3),
    Life("high_net_worth", offer_on_the_table, "有授信方案待确认", "an offer to answer", 2),
    Life("salaried", accepted_line, "已授信，未激活", "line granted, not activated", 6),
    Life("young_worker", ready_to_borrow, "可以借款", "ready to borrow", 10),
    Life("salaried", ready_to_borrow, "可以借款", "ready to borrow", 40),
    Life("salaried", steady, "按期还款", "pays on time", 215),
    Life("young_worker", steady, "按期还款", "pays on time", 180),
    Life("shop_owner", steady, "按期还款", "pays on time", 150),
    Life("thin_file", steady, "按期还款", "pays on time", 130),
    Life("salaried", two_loans, "两笔借款", "two loans", 210),
    Life("high_net_worth", two_loans, "两笔借款", "two loans", 190),
    Life("salaried", settles_early, "已提前结清", "settled early", 200),
    Life("young_worker", settles_early, "已提前结清", "settled early", 150),
    Life("salaried", prepays_a_part, "部分提前还款", "prepaid a part", 165),
    Life("salaried", cured_at_once, "逾期后很快还清", "overdue, cured at once", 175),
    Life("young_worker", cured_late, "逾期三周后还清", "overdue three weeks, cured", 205),
    Life("young_worker", falls_behind, "逾期中", "overdue", 115),
    Life("salaried", falls_behind, "逾期中（较久）", "overdue for longer", 130),
    Life("shop_owner", falls_behind, "严重逾期", "deeply overdue", 212),
    Life("salaried", freezes_borrowing, "自己锁定借款", "locked borrowing", 60),
    Life("high_net_worth", invited, "受邀客户", "by invitation", 120),
    Life("high_net_worth", invited, "受邀客户", "by invitation", 170),
)

# What a lender's portfolio is mostly made of, for the second wave: weights per hundred.
BACKGROUND_MIX: tuple[tuple[int, str, Callable[[Borrower], Story]], ...] = (
    (18, "salaried", steady), (12, "young_worker", steady), (8, "shop_owner", steady), (6, "thin_file", steady),
    (8, "salaried", two_loans), (4, "high_net_worth", two_loans), (6, "salaried", settles_early),
    (5, "young_worker", settles_early), (5, "salaried", prepays_a_part), (4, "young_worker", cured_at_once),
    (3, "salaried", cured_late), (4, "young_worker", falls_behind), (2, "shop_owner", falls_behind),
    (5, "over_indebted", turned_down), (3, "student", turned_down), (2, "fraudster", turned_down),
    (3, "salaried", ready_to_borrow), (2, "high_net_worth", invited),
)

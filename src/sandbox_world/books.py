"""The world's own books: every booking moves money from one account to another, nothing appears or vanishes."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from sandbox_world.population.banks import BANK_BY_CODE, CORPORATE_PREFIX, luhn_digit
from sandbox_world.population.draws import Draws
from sandbox_world.population.months import (
    instant_text,
    month_after,
    month_of,
    month_start,
    shanghai_day,
    shanghai_instant,
)
from sandbox_world.population.people import Card, Person
from sandbox_world.population.register import HasPopulation
from sandbox_world.store import Store

SETTLEMENT, COLLECTION = "settlement", "collection"
OPENING, EMPLOYERS = "world:opening", "world:employers"
LENDER_ACCOUNTS = (SETTLEMENT, COLLECTION)
LENDER_OPENING_FEN = 1_000_000_000_000
LENDER_OPENED = "2000-01-01"
PAY_DAY = 10
MAX_PAY_MONTHS = 120
TYPE_II_DAY_LIMIT_FEN = 1_000_000
SAVED_SHARE = {
    "student": 0.30,
    "young_worker": 0.32,
    "salaried": 0.40,
    "high_net_worth": 0.50,
    "shop_owner": 0.40,
    "thin_file": 0.28,
    "over_indebted": 0.10,
    "fraudster": 0.08,
}


@dataclass(frozen=True, slots=True)
class Booking:
    """One movement of money, before it is booked."""

    kind: str
    debit_account: str
    credit_account: str
    amount_fen: int
    at: datetime
    memo: str = ""
    request_id: str | None = None
    original_request_id: str | None = None
    counterparty_number: str | None = None
    counterparty_name: str | None = None


class Books:
    """Accounts and entries. Every method that writes expects to run inside `store.writing()`."""

    def __init__(self, store: Store, people: HasPopulation) -> None:
        """Open the lender's accounts when they are missing."""
        self._store, self._people = store, people
        self.open_lender()

    def open_lender(self) -> None:
        """Give the lender its settlement money, once."""
        with self._store.writing() as connection:
            for number, may_overdraw in ((OPENING, 1), (EMPLOYERS, 1), (SETTLEMENT, 0), (COLLECTION, 0)):
                connection.execute(
                    "INSERT OR IGNORE INTO account (number, balance_fen, may_overdraw) VALUES (?, 0, ?)",
                    (number, may_overdraw),
                )
            if not self._store.number("SELECT count(*) FROM entry WHERE credit_account = ?", (SETTLEMENT,)):
                at = shanghai_instant(month_start("2000-01"), second=0)
                self.book(Booking("opening", OPENING, SETTLEMENT, LENDER_OPENING_FEN, at, "期初资金 / opening funds"))

    def book(self, booking: Booking) -> int:
        """Move money and return the entry's number."""
        connection = self._store.connection()
        for number, change_fen in (
            (booking.debit_account, -booking.amount_fen),
            (booking.credit_account, booking.amount_fen),
        ):
            changed = connection.execute(
                "UPDATE account SET balance_fen = balance_fen + ? WHERE number = ?", (change_fen, number)
            )
            if changed.rowcount != 1:
                raise sqlite3.IntegrityError(f"account {number} was never opened")
        return self._store.insert(
            "entry",
            kind=booking.kind,
            debit_account=booking.debit_account,
            credit_account=booking.credit_account,
            amount_fen=booking.amount_fen,
            request_id=booking.request_id,
            original_request_id=booking.original_request_id,
            counterparty_number=booking.counterparty_number,
            counterparty_name=booking.counterparty_name,
            memo=booking.memo,
            booked_at=instant_text(booking.at),
            business_day=shanghai_day(booking.at).isoformat(),
        )

    def touch(self, number: str, *, at: datetime) -> int:
        """Open a person's account when it is new, pay the salaries that fell due, and return the balance."""
        person, card = self._people.population.by_card[number]
        row = self._store.row("SELECT * FROM account WHERE number = ?", (number,))
        due_month = _last_pay_month(at)
        if row is None:
            connection = self._store.connection()
            connection.execute(
                "INSERT INTO account (number, balance_fen, paid_through) VALUES (?, 0, ?)", (number, due_month)
            )
            opening_fen = opening_balance(person, card)
            if opening_fen:
                self.book(Booking("opening", OPENING, number, opening_fen, at, "期初余额 / opening balance"))
        elif card.is_main and row["paid_through"] < due_month:
            self._pay(person, number, row=row, through=due_month)
        return self.balance(number)

    def _pay(self, person: Person, number: str, *, row: sqlite3.Row, through: str) -> None:
        """Book the saved part of each salary since the account was last looked at."""
        connection = self._store.connection()
        month = max(row["paid_through"], month_after(through, by=-MAX_PAY_MONTHS))
        while month < through and not row["income_frozen"]:
            month = month_after(month)
            at = shanghai_instant(month_start(month).replace(day=PAY_DAY), second=9 * 3600)
            self.book(
                Booking("salary", EMPLOYERS, number, saved_income(person, month), at, "工资结余 / salary not spent")
            )
        connection.execute("UPDATE account SET paid_through = ? WHERE number = ?", (through, number))

    def balance(self, number: str) -> int:
        """Return the balance of an open account."""
        return self._store.number("SELECT balance_fen FROM account WHERE number = ?", (number,))

    def balance_set(self, number: str, *, balance_fen: int, at: datetime, freeze_income: bool) -> None:
        """Bring an account to a balance by a booking against the opening account."""
        if number not in LENDER_ACCOUNTS:
            self.touch(number, at=at)
        change_fen = balance_fen - self.balance(number)
        giver, taker = (OPENING, number) if change_fen > 0 else (number, OPENING)
        if change_fen:
            self.book(Booking("adjustment", giver, taker, abs(change_fen), at, "沙盒调整 / set on the control page"))
        self._store.connection().execute(
            "UPDATE account SET income_frozen = ? WHERE number = ?", (int(freeze_income), number)
        )

    def spent_on_day(self, number: str, *, at: datetime) -> int:
        """Return what left an account on the business day, for the Type II limit."""
        return self._store.number(
            "SELECT sum(amount_fen) FROM entry WHERE debit_account = ? AND business_day = ?"
            " AND kind IN ('debit', 'transfer')",
            (number, shanghai_day(at).isoformat()),
        )


def opening_balance(person: Person, card: Card) -> int:
    """Return what lies on an account when the world first looks at it."""
    draws = Draws(person.seed, "account", card.number)
    if card.card_type == "corporate" and person.business:
        return int(person.business.yearly_turnover_fen * draws.share(0.02, 0.06)) // 100 * 100
    times = draws.share(0.4, 2.5) if card.is_main else draws.share(0.02, 0.6)
    if person.persona.code == "over_indebted":
        times *= 0.12
    balance_fen = int(person.monthly_income_fen * times)
    return min(balance_fen, 2_000_000) if card.account_class == "II" else balance_fen


def saved_income(person: Person, month: str) -> int:
    """Return the part of a month's income that stays on the account."""
    swing = Draws(person.seed, "salary", person.index, month).share(0.9, 1.1)
    return max(int(person.monthly_income_fen * SAVED_SHARE[person.persona.code] * swing), 1)


def lender_account_number(account: str) -> str:
    """Return the number that stands on the lender's statement."""
    digits = f"{CORPORATE_PREFIX}00000000000{1 + LENDER_ACCOUNTS.index(account)}"
    return digits + luhn_digit(digits)


def bank_name(bank_code: str) -> str:
    """Return a bank's Chinese name."""
    return BANK_BY_CODE[bank_code].name_zh


def _last_pay_month(at: datetime) -> str:
    day = shanghai_day(at)
    return month_of(day) if day.day >= PAY_DAY else month_after(month_of(day), by=-1)

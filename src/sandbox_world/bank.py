"""Money requests: payouts, debits, refunds and transfers; each takes effect once, whatever is answered."""

import json
import sqlite3
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sandbox_world.books import COLLECTION, SETTLEMENT, TYPE_II_DAY_LIMIT_FEN, Booking, Books
from sandbox_world.callbacks import Callbacks, EventPlan, event_plan
from sandbox_world.facts import Facts
from sandbox_world.faults import CallFaults, Fault
from sandbox_world.population.banks import masked_number
from sandbox_world.population.months import instant_text, shanghai_day, shanghai_instant
from sandbox_world.population.register import HasPopulation
from sandbox_world.problems import Problem
from sandbox_world.store import Store

NEXT_DAY_SECOND = 8 * 3600


@dataclass(frozen=True, slots=True)
class MoneyCommand:
    """What was asked for. `number` and `name` belong to the account at the other end."""

    kind: str
    request_id: str
    amount_fen: int
    memo: str
    number: str | None = None
    name: str | None = None
    agreement_id: str | None = None
    original_request_id: str | None = None

    def digest(self) -> str:
        """Return what tells two bodies apart."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request."""

    state: str
    reason: str | None = None
    entry_id: int | None = None
    booked_at: str | None = None
    number: str | None = None


def failed(reason: str) -> Outcome:
    """Return a refusal by the bank."""
    return Outcome("failed", reason)


class Bank:
    """The bank's counter."""

    def __init__(self, store: Store, people: HasPopulation, books: Books, facts: Facts, callbacks: Callbacks) -> None:
        """Use the world's books and callback queue."""
        self._store, self._people, self._books = store, people, books
        self._facts, self._callbacks = facts, callbacks

    def request(self, command: MoneyCommand, *, at: datetime, faults: CallFaults) -> dict[str, object]:
        """Carry out a request once and return the first answer; repeat that answer ever after."""
        with self._store.writing():
            row = self._store.row(
                "SELECT body_digest, answer FROM money_request WHERE request_id = ?", (command.request_id,)
            )
            if row:
                if row["body_digest"] != command.digest():
                    raise Problem(
                        409, "request.id_conflict", "This request_id was used with another content.", field="request_id"
                    )
                first: dict[str, object] = json.loads(row["answer"])
                return first
            answer = self._first_answer(command, at=at, faults=faults)
        self._callbacks.wake()
        return answer

    def _first_answer(self, command: MoneyCommand, *, at: datetime, faults: CallFaults) -> dict[str, object]:
        plan = event_plan(faults.callbacks)
        if fault := faults.answer_mode("async_accept"):
            return self._accept(command, at=at, fault=fault, plan=plan)
        reject, contradiction = faults.answer_mode("reject"), faults.answer_mode("contradictory")
        if reject:
            truth = failed(reject.reason)
        elif contradiction and contradiction.variant == "succeeded_but_not_done":
            truth = failed(contradiction.reason)
        else:
            truth = self._execute(command, at=at)
        answered = _contradicted(truth, contradiction, at=at) if contradiction else truth
        answer = self._answer(command, answered, number=truth.number)
        self._insert(command, truth, at=at, answer=answer, plan=plan)
        announced = truth
        if contradiction and contradiction.variant == "accepted_then_opposite":
            announced = failed(contradiction.reason)
        self._announce(command, announced, at=at, plan=plan)
        return answer

    def _accept(self, command: MoneyCommand, *, at: datetime, fault: Fault, plan: EventPlan) -> dict[str, object]:
        answer = self._answer(command, Outcome("accepted"), number=command.number)
        settle_at = None if fault.hold else time.time() + fault.delay_ms / 1000
        book_at = (
            shanghai_instant(shanghai_day(at) + timedelta(days=1), second=NEXT_DAY_SECOND)
            if fault.book_next_day
            else at
        )
        self._insert(command, Outcome("accepted"), at=at, answer=answer, plan=plan)
        self._store.connection().execute(
            "UPDATE money_request SET settle_at = ?, book_not_before = ? WHERE request_id = ?",
            (settle_at, book_at.isoformat(), command.request_id),
        )
        return answer

    def settle(self, *, due_by: float | None, at: datetime | None = None) -> int:
        """Finish accepted requests: those due by a real instant, or all of them (None); return how many."""
        rows = self._store.rows(
            "SELECT * FROM money_request WHERE state = 'accepted' AND (? IS NULL OR settle_at <= ?)"
            " ORDER BY request_id",
            (due_by, due_by),
        )
        for row in rows:
            with self._store.writing() as connection:
                if self._store.number(
                    "SELECT state = 'accepted' FROM money_request WHERE request_id = ?", (row["request_id"],)
                ):
                    self._settle_one(connection, row, at=at)
        if rows:
            self._callbacks.wake()
        return len(rows)

    def _settle_one(self, connection: sqlite3.Connection, row: sqlite3.Row, *, at: datetime | None) -> None:
        command = _command_of(row)
        book_at = datetime.fromisoformat(row["book_not_before"])
        if at and at > book_at:
            book_at = at
        outcome = self._execute(command, at=book_at)
        connection.execute(
            "UPDATE money_request SET state = ?, reason = ?, booked_at = ?, entry_id = ?, number = coalesce(number, ?),"
            " settle_at = NULL WHERE request_id = ?",
            (outcome.state, outcome.reason, outcome.booked_at, outcome.entry_id, outcome.number, command.request_id),
        )
        self._announce(command, outcome, at=book_at, plan=EventPlan.from_text(row["event_plan"]))

    def found(self, request_id: str) -> dict[str, object]:
        """Return the truth about a request."""
        row = self._store.row("SELECT * FROM money_request WHERE request_id = ?", (request_id,))
        if row is None:
            return {"request_id": request_id, "state": "not_found"}
        truth = Outcome(row["state"], row["reason"], row["entry_id"], row["booked_at"], row["number"])
        return self._answer(_command_of(row), truth, number=row["number"])

    def _execute(self, command: MoneyCommand, *, at: datetime) -> Outcome:
        if command.kind == "refund":
            return self._refund(command, at=at)
        refusal = self._account_refusal(command)
        if refusal:
            return failed(refusal)
        number = command.number or ""
        balance_fen = self._books.touch(number, at=at)
        if command.kind == "payout":
            if self._books.balance(SETTLEMENT) < command.amount_fen:
                return failed("lender_funds_insufficient")
            return self._book(command, SETTLEMENT, number, at=at)
        _, card = self._people.population.by_card[number]
        if balance_fen < command.amount_fen:
            return failed("insufficient_funds")
        if (
            card.account_class == "II"
            and self._books.spent_on_day(number, at=at) + command.amount_fen > TYPE_II_DAY_LIMIT_FEN
        ):
            return failed("account_limit")
        return self._book(command, number, COLLECTION, at=at)

    def _account_refusal(self, command: MoneyCommand) -> str | None:
        """Return why the account at the other end cannot be used."""
        found = self._people.population.by_card.get(command.number or "")
        if not found:
            return "card_not_found"
        person, card = found
        if card.card_type == "credit":
            return "card_type_refused"
        if command.name is not None and command.name != card.holder_name:
            return "name_mismatch"
        return "card_closed" if self._facts.card_status(person, card) == "closed" else None

    def _refund(self, command: MoneyCommand, *, at: datetime) -> Outcome:
        original = self._store.row(
            "SELECT debit_account, amount_fen FROM entry WHERE request_id = ? AND kind IN ('debit', 'transfer')",
            (command.original_request_id,),
        )
        if original is None:
            return failed("original_not_found")
        number = original["debit_account"]
        refunded_fen = self._store.number(
            "SELECT sum(amount_fen) FROM entry WHERE original_request_id = ? AND kind = 'refund'",
            (command.original_request_id,),
        )
        person, card = self._people.population.by_card[number]
        reason = None
        if refunded_fen + command.amount_fen > original["amount_fen"]:
            reason = "refund_exceeds_original"
        elif self._facts.card_status(person, card) == "closed":
            reason = "card_closed"
        elif self._books.balance(COLLECTION) < command.amount_fen:
            reason = "lender_funds_insufficient"
        if reason:
            return Outcome("failed", reason, number=number)
        self._books.touch(number, at=at)
        return self._book(command, COLLECTION, number, at=at)

    def _book(self, command: MoneyCommand, debit_account: str, credit_account: str, *, at: datetime) -> Outcome:
        number = credit_account if debit_account in (SETTLEMENT, COLLECTION) else debit_account
        _, card = self._people.population.by_card[number]
        entry_id = self._books.book(
            Booking(
                command.kind,
                debit_account,
                credit_account,
                command.amount_fen,
                at,
                command.memo,
                command.request_id,
                command.original_request_id,
                number,
                card.holder_name,
            )
        )
        return Outcome("succeeded", None, entry_id, instant_text(at), number)

    def _insert(
        self, command: MoneyCommand, truth: Outcome, *, at: datetime, answer: dict[str, object], plan: EventPlan
    ) -> None:
        self._store.insert(
            "money_request",
            request_id=command.request_id,
            kind=command.kind,
            body_digest=command.digest(),
            answer=json.dumps(answer),
            state=truth.state,
            reason=truth.reason,
            amount_fen=command.amount_fen,
            number=command.number or truth.number,
            name=command.name,
            memo=command.memo,
            original_request_id=command.original_request_id,
            business_at=instant_text(at),
            booked_at=truth.booked_at,
            entry_id=truth.entry_id,
            event_plan=plan.to_text(),
        )

    def _answer(self, command: MoneyCommand, outcome: Outcome, *, number: str | None) -> dict[str, object]:
        number = command.number or number
        found = self._people.population.by_card.get(number or "")
        return {
            "request_id": command.request_id,
            "kind": command.kind,
            "state": outcome.state,
            "reason": outcome.reason,
            "amount_fen": command.amount_fen,
            "booked_at": outcome.booked_at,
            "entry_id": None if outcome.entry_id is None else f"e-{outcome.entry_id:012d}",
            "bank_code": found[1].bank_code if found else None,
            "masked": masked_number(number) if number else None,
        }

    def _announce(self, command: MoneyCommand, outcome: Outcome, *, at: datetime, plan: EventPlan) -> None:
        """Queue the event of a final outcome; a transfer that failed concerns nobody but the payer."""
        if command.kind == "transfer" and outcome.state != "succeeded":
            return
        facts = self._answer(command, outcome, number=outcome.number)
        event: dict[str, object] = {
            "type": f"bank.{command.kind}.updated",
            "occurred_at": instant_text(at),
            "sequence": 2,
        }
        if command.kind == "transfer":
            _, card = self._people.population.by_card[command.number or ""]
            event |= {
                "type": "bank.transfer.received",
                "transfer_id": command.request_id,
                "amount_fen": command.amount_fen,
                "payer_name": card.holder_name,
                "payer_masked": masked_number(card.number),
                "payer_card_number": card.number,
                "account": COLLECTION,
                "memo": command.memo,
                "booked_at": facts["booked_at"],
                "entry_id": facts["entry_id"],
            }
        else:
            event |= {
                name: facts[name]
                for name in ("request_id", "kind", "state", "reason", "amount_fen", "booked_at", "entry_id")
            }
        self._callbacks.enqueue(event, plan=plan)


def _contradicted(truth: Outcome, fault: Fault, *, at: datetime) -> Outcome:
    """Return what the bank answers while the truth is another."""
    if fault.variant == "failed_but_done":
        return failed(fault.reason)
    if fault.variant == "succeeded_but_not_done":
        return Outcome("succeeded", None, 0, instant_text(at), truth.number)
    return Outcome("accepted", number=truth.number)


def _command_of(row: sqlite3.Row) -> MoneyCommand:
    return MoneyCommand(
        row["kind"],
        row["request_id"],
        row["amount_fen"],
        row["memo"],
        row["number"],
        row["name"],
        original_request_id=row["original_request_id"],
    )

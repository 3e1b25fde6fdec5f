"""Card network and bank."""

from datetime import datetime

from flask import Blueprint, g

from sandbox_world.api.identity import forced_result
from sandbox_world.bank import MoneyCommand
from sandbox_world.books import LENDER_ACCOUNTS, bank_name, lender_account_number
from sandbox_world.calls import Answer, body, business_at, partner_call, query, world
from sandbox_world.fields import Fields
from sandbox_world.population.banks import BANKS, masked_number
from sandbox_world.problems import Problem, field_invalid
from sandbox_world.statement import statement

blueprint = Blueprint("bank", __name__, url_prefix="/v1")

CARD_FACTS = ("bank_code", "bank_name_zh", "account_class", "card_type", "card_status")


@blueprint.get("/cards/banks")
@partner_call("cards", "banks")
def banks() -> Answer:
    """List the seventeen banks."""
    query().done()
    return {
        "banks": [
            {"code": bank.code, "name_zh": bank.name_zh, "name_en": bank.name_en, "bin_prefixes": [bank.debit_prefix]}
            for bank in BANKS
        ]
    }


def _four_answer(result: str, *, masked: str | None, mismatched: list[str] | None = None, **facts: object) -> Answer:
    return {"result": result, **dict.fromkeys(CARD_FACTS), "masked": masked, "mismatched": mismatched or [], **facts}


@blueprint.post("/cards/four-elements")
@partner_call("cards", "four-elements", refusal=lambda reason: _four_answer(forced_result(reason), masked=None))
def four_elements() -> Answer:
    """Compare name, ID number and mobile with what the card's bank knows."""
    fields = body()
    name, id_number, number, mobile = fields.name(), fields.id_number(), fields.card_number(), fields.mobile()
    fields.done()
    found = world().population.by_card.get(number)
    if found is None:
        return _four_answer("not_found", masked=masked_number(number))
    person, card = found
    known = {"name": card.holder_name, "id_number": person.id_number, "mobile": person.mobile}
    asked = {"name": name, "id_number": id_number, "mobile": mobile}
    mismatched = [field for field in known if known[field] != asked[field]]
    return _four_answer(
        "mismatch" if mismatched else "match",
        masked=masked_number(number),
        mismatched=mismatched,
        bank_code=card.bank_code,
        bank_name_zh=bank_name(card.bank_code),
        account_class=card.account_class,
        card_type=card.card_type,
        card_status=world().facts.card_status(person, card),
    )


def _carry_out(command: MoneyCommand) -> Answer:
    return world().bank.request(command, at=business_at(), faults=g.faults)


def _memo(fields: Fields) -> str:
    return fields.text("memo", longest=140, may_be_empty=True)


@blueprint.post("/bank/payouts")
@partner_call("bank", "payouts", refuses_itself=True)
def payout() -> Answer:
    """Pay from the lender's settlement account to a card."""
    fields = body()
    command = MoneyCommand(
        "payout",
        fields.identifier("request_id"),
        fields.amount_fen(),
        _memo(fields),
        fields.card_number(),
        fields.name(),
    )
    fields.done()
    return _carry_out(command)


@blueprint.post("/bank/debits")
@partner_call("bank", "debits", refuses_itself=True)
def debit() -> Answer:
    """Collect from a card under an agreement."""
    fields = body()
    command = MoneyCommand(
        "debit",
        fields.identifier("request_id"),
        fields.amount_fen(),
        _memo(fields),
        fields.card_number(),
        fields.name(),
        agreement_id=fields.identifier("agreement_id"),
    )
    fields.done()
    return _carry_out(command)


@blueprint.post("/bank/refunds")
@partner_call("bank", "refunds", refuses_itself=True)
def refund() -> Answer:
    """Give back a debit or a transfer, in whole or in part."""
    fields = body()
    command = MoneyCommand(
        "refund",
        fields.identifier("request_id"),
        fields.amount_fen(),
        _memo(fields),
        original_request_id=fields.identifier("original_request_id"),
    )
    fields.done()
    return _carry_out(command)


@blueprint.post("/bank/transfers")
@partner_call("bank", "transfers", refuses_itself=True)
def transfer() -> Answer:
    """Play the borrower who pays the lender's collection account."""
    fields = body()
    command = MoneyCommand(
        "transfer", fields.identifier("request_id"), fields.amount_fen(), _memo(fields), fields.card_number()
    )
    fields.done()
    return _carry_out(command)


@blueprint.get("/bank/requests/<request_id>")
@partner_call("bank", "requests")
def money_request(request_id: str) -> Answer:
    """Tell the truth about a request."""
    query().done()
    return world().bank.found(request_id)


def account_row(number: str, *, at: datetime) -> Answer:
    """Return an account with its balance, opening it when it is new."""
    here = world()
    if number in LENDER_ACCOUNTS:
        return {
            "card_number": number,
            "bank_code": None,
            "holder_name": "放款机构 / lender",
            "account_class": None,
            "card_status": "active",
            "balance_fen": here.books.balance(number),
        }
    found = here.population.by_card.get(number)
    if found is None or found[1].card_type == "credit":
        raise Problem(404, "card.not_found", "No account of the sandbox has this number.")
    person, card = found
    with here.store.writing():
        balance_fen = here.books.touch(number, at=at)
    return {
        "card_number": number,
        "bank_code": card.bank_code,
        "holder_name": card.holder_name,
        "account_class": card.account_class,
        "card_status": here.facts.card_status(person, card),
        "balance_fen": balance_fen,
    }


@blueprint.get("/bank/accounts/<number>")
@partner_call("bank", "accounts")
def account(number: str) -> Answer:
    """Show a person's account."""
    query().done()
    return account_row(number, at=business_at())


@blueprint.get("/bank/lender-accounts")
@partner_call("bank", "lender-accounts")
def lender_accounts() -> Answer:
    """Show the lender's two accounts."""
    query().done()
    return {
        "accounts": [
            {"account": name, "account_number": lender_account_number(name), "balance_fen": world().books.balance(name)}
            for name in LENDER_ACCOUNTS
        ]
    }


@blueprint.get("/bank/statement")
@partner_call("bank", "statement")
def day_statement() -> Answer:
    """Return the lender's bookings of one business day."""
    fields = query()
    if not fields.has("date"):
        raise Problem(400, "request.field_missing", "Send the field date.", field="date")
    day = fields.day("date", default=business_at().date())
    limit = fields.whole("limit", low=1, high=5_000, default=1_000)
    after = fields.whole("cursor", low=0, high=10**15, default=0)
    fields.done()
    if day.year < 2000:
        raise field_invalid("date", "The books begin in 2000.")
    return statement(world().store, day=day.isoformat(), limit=limit, after=after)

"""What the pages can do: pay as a borrower, change facts, switch faults, send events again."""

import re
import secrets
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from sandbox_world.api.bank import account_row
from sandbox_world.api.control import MAX_BALANCE_FEN, callback_url_check, person_named
from sandbox_world.bank import MoneyCommand
from sandbox_world.calls import world
from sandbox_world.facts import NUMBER_STATUSES
from sandbox_world.faults import fault_read
from sandbox_world.fields import MAX_AMOUNT_FEN, Fields
from sandbox_world.pages.views import blueprint, page_now, page_today
from sandbox_world.problems import Problem, field_invalid

YUAN = re.compile(r"([0-9]{1,14})(?:\.([0-9]{1,2}))?")
WHOLE_FAULT_FIELDS = ("count", "delay_ms", "hold_ms", "copies", "status", "seed")
FLAG_FAULT_FIELDS = ("hold", "book_next_day")


def _fen(name: str, *, high: int = MAX_AMOUNT_FEN) -> int:
    """Read an amount in yuan from the form."""
    found = YUAN.fullmatch(request.form.get(name, "").replace(",", "").replace("¥", "").strip())
    if not found:
        raise field_invalid(
            name, "请输入金额，最多两位小数 / Enter an amount with at most two decimals, such as 100.00."
        )
    fen = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if fen > high:
        raise field_invalid(name, "金额过大 / The amount is too large.")
    return fen


def _card_of(id_number: str) -> str:
    number = request.form.get("card_number", "")
    found = world().population.by_card.get(number)
    if found is None or found[0] is not person_named(id_number):
        raise Problem(404, "card.not_found", "此人没有这张卡 / This person has no such card.")
    return number


def _back(endpoint: str, done: str, **arguments: Any) -> ResponseReturnValue:
    return redirect(url_for(f"pages.{endpoint}", done=done, **arguments), code=303)


@blueprint.post("/people/<id_number>/transfer")
def transfer(id_number: str) -> ResponseReturnValue:
    """Pay the lender's collection account as this person."""
    number, amount_fen = _card_of(id_number), _fen("amount")
    fields = Fields(request.form.to_dict())
    memo = fields.text("memo", longest=140, may_be_empty=True) if request.form.get("memo") else ""
    if amount_fen == 0:
        raise field_invalid("amount", "金额须大于零 / The amount must be more than zero.")
    command = MoneyCommand("transfer", f"tr-{secrets.token_hex(8)}", amount_fen, memo, number)
    answer = world().bank.request(command, at=page_now(), faults=world().faults.strike("bank", "transfers"))
    if answer["state"] == "failed":
        raise Problem(422, "bank.transfer_failed", f"转账失败 / The transfer failed: {answer['reason']}")
    return _back("person", "paid", id_number=id_number)


@blueprint.post("/people/<id_number>/balance")
def balance(id_number: str) -> ResponseReturnValue:
    """Bring one account to a balance."""
    number, balance_fen = _card_of(id_number), _fen("balance", high=MAX_BALANCE_FEN)
    account_row(number, at=page_now())
    with world().store.writing():
        freeze = request.form.get("freeze_income") == "on"
        world().books.balance_set(number, balance_fen=balance_fen, at=page_now(), freeze_income=freeze)
    return _back("person", "saved", id_number=id_number)


@blueprint.post("/people/<id_number>/card")
def card(id_number: str) -> ResponseReturnValue:
    """Close or reopen one card."""
    number = _card_of(id_number)
    closed = "1" if request.form.get("action") == "close" else None
    world().facts.keep(person_named(id_number), {f"closed:{number}": closed})
    return _back("person", "saved", id_number=id_number)


@blueprint.post("/people/<id_number>/facts")
def facts(id_number: str) -> ResponseReturnValue:
    """Change the state of the ID card and of the mobile number."""
    who, fields = person_named(id_number), Fields(request.form.to_dict())
    changes: dict[str, str | None] = {
        "id_card_status": fields.one_of("id_card_status", ("valid", "lost")),
        "number_status": fields.one_of("number_status", NUMBER_STATUSES),
    }
    if request.form.get("renew") == "on":
        changes["id_card_renewed_on"] = page_today().isoformat()
    world().facts.keep(who, changes)
    return _back("person", "saved", id_number=id_number)


@blueprint.post("/faults/add")
def fault_add() -> ResponseReturnValue:
    """Switch a fault on from the form."""
    values: dict[str, object] = {name: value for name, value in request.form.items() if value and name != "csrf_token"}
    partner, _, call = str(values.pop("target", "")).partition("/")
    values |= {"partner": partner, "call": call}
    for name in WHOLE_FAULT_FIELDS:
        text = values.get(name)
        if isinstance(text, str):
            values[name] = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text
    for name in FLAG_FAULT_FIELDS:
        if name in values:
            values[name] = values[name] == "on"
    world().faults.add(fault_read(Fields(values)))
    return _back("faults", "fault_on")


@blueprint.post("/faults/clear")
def fault_clear() -> ResponseReturnValue:
    """Switch every fault off."""
    world().faults.clear()
    return _back("faults", "fault_off")


@blueprint.post("/faults/<fault_id>/remove")
def fault_remove(fault_id: str) -> ResponseReturnValue:
    """Switch one fault off."""
    world().faults.remove(fault_id)
    return _back("faults", "fault_off")


@blueprint.post("/callbacks/<int:callback_id>/retry")
def callback_retry(callback_id: int) -> ResponseReturnValue:
    """Send one event again now."""
    if callback_id >= 2**63:
        raise Problem(404, "callback.not_found", "没有这条回调 / There is no callback with this id.")
    world().callbacks.retry(callback_id)
    return _back("callbacks", "sent")


@blueprint.post("/callbacks/flush")
def callbacks_flush() -> ResponseReturnValue:
    """Settle and send everything that waits."""
    world().flush(at=page_now())
    return _back("callbacks", "sent")


@blueprint.post("/callbacks/url")
def callback_url() -> ResponseReturnValue:
    """Send events elsewhere from now on."""
    url = request.form.get("url", "").strip()
    world().callbacks.url_keep(callback_url_check(url) if url else None)
    return _back("callbacks", "saved")


@blueprint.post("/reset")
def reset() -> ResponseReturnValue:
    """Forget everything that was played."""
    if request.form.get("sure") != "on":
        raise field_invalid("sure", "请先勾选确认 / Tick the box first.")
    world().reset()
    return _back("overview", "reset")

"""Mobile operator and SMS."""

import sqlite3

from flask import Blueprint, g

from sandbox_world.api.identity import forced_result
from sandbox_world.calls import Answer, body, business_at, business_on, partner_call, query, world
from sandbox_world.facts import months_in_use
from sandbox_world.population.months import instant_text
from sandbox_world.population.people import other_holder_name
from sandbox_world.problems import Problem

blueprint = Blueprint("operator", __name__, url_prefix="/v1")


def _three_answer(result: str, **facts: object) -> Answer:
    empty: Answer = {"operator": None, "number_status": None, "months_in_use": None, "mismatched": []}
    return {"result": result, **empty, "as_of": business_on().isoformat(), **facts}


@blueprint.post("/operator/three-elements")
@partner_call("operator", "three-elements", refusal=lambda reason: _three_answer(forced_result(reason)))
def three_elements() -> Answer:
    """Compare name and ID number with the holder of a mobile number."""
    fields = body()
    name, id_number, mobile = fields.name(), fields.id_number(), fields.mobile()
    fields.done()
    person = world().population.by_mobile.get(mobile)
    if person is None:
        return _three_answer("not_found")
    holder = other_holder_name(person) if person.trap == "mobile_name_mismatch" else person.name
    known = {"name": holder, "id_number": person.id_number}
    asked = {"name": name, "id_number": id_number}
    mismatched = [field for field in known if known[field] != asked[field]]
    if mismatched:
        return _three_answer("mismatch", operator=person.operator, mismatched=mismatched)
    return _three_answer(
        "match",
        operator=person.operator,
        number_status=world().facts.number_status(person),
        months_in_use=months_in_use(person, on=business_on()),
    )


@blueprint.post("/sms")
@partner_call("sms", "send", refuses_itself=True)
def sms_send() -> Answer:
    """Put one message into the inbox of a number."""
    fields = body()
    message_id, mobile, text = fields.identifier("message_id"), fields.mobile(), fields.text("text", longest=1_000)
    fields.done()
    reject = g.faults.answer_mode("reject")
    state, reason = ("failed", reject.reason) if reject else ("delivered", None)
    with world().store.writing() as connection:
        row = world().store.row("SELECT * FROM sms WHERE message_id = ?", (message_id,))
        if row is None:
            connection.execute(
                "INSERT INTO sms (message_id, mobile, text, state, reason, delivered_at) VALUES (?, ?, ?, ?, ?, ?)",
                (message_id, mobile, text, state, reason, instant_text(business_at())),
            )
            row = world().store.row("SELECT * FROM sms WHERE message_id = ?", (message_id,))
    if row is None or (row["mobile"], row["text"]) != (mobile, text):
        raise Problem(409, "request.id_conflict", "This message_id was used with another content.", field="message_id")
    delivered_at = row["delivered_at"] if row["state"] == "delivered" else None
    return {"message_id": message_id, "state": row["state"], "reason": row["reason"], "delivered_at": delivered_at}


def sms_rows(*, mobile: str | None, limit: int) -> list[sqlite3.Row]:
    """Return delivered messages, newest first."""
    return world().store.rows(
        "SELECT * FROM sms WHERE state = 'delivered' AND (? IS NULL OR mobile = ?) ORDER BY id DESC LIMIT ?",
        (mobile, mobile, limit),
    )


@blueprint.get("/sms")
@partner_call("sms", "inbox")
def sms_inbox() -> Answer:
    """Read an inbox."""
    fields = query()
    mobile = fields.mobile() if fields.has("mobile") else None
    limit = fields.whole("limit", low=1, high=200, default=50)
    fields.done()
    names = ("message_id", "mobile", "text", "delivered_at")
    return {"messages": [{name: row[name] for name in names} for row in sms_rows(mobile=mobile, limit=limit)]}

"""Credit bureau: reports out, records in."""

import json
import re

from flask import Blueprint

from sandbox_world.calls import Answer, body, business_at, business_on, paged, partner_call, query, world
from sandbox_world.fields import Fields
from sandbox_world.population.credit import NOT_FOUND, bureau_facts, report_id_for
from sandbox_world.population.months import instant_text
from sandbox_world.problems import field_invalid

blueprint = Blueprint("bureau", __name__, url_prefix="/v1")

REASONS = ("loan_approval", "post_loan", "limit_review")
KIND = re.compile(r"[a-z_]{1,40}")
PERIOD = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?")
MAX_RECORDS = 1_000
MAX_CONTENT_CHARACTERS = 20_000


@blueprint.post("/bureau/reports")
@partner_call("bureau", "reports")
def report() -> Answer:
    """Return the credit report of a person who authorized it."""
    fields = body()
    name, id_number = fields.name(), fields.id_number()
    authorization_id = fields.identifier("authorization_id")
    fields.one_of("reason", REASONS)
    fields.done()
    as_of = business_on()
    person = world().population.by_id_number.get(id_number)
    if person is None or person.name != name or person.trap == "registry_unknown":
        return {"report_id": None, **NOT_FOUND, "as_of": as_of.isoformat()}
    report_id = report_id_for(person, authorization_id=authorization_id, as_of=as_of)
    return {"report_id": report_id, **bureau_facts(person, as_of), "as_of": as_of.isoformat()}


@blueprint.post("/bureau/records")
@partner_call("bureau", "records")
def records_accept() -> Answer:
    """Take in a batch of records; each counts once."""
    fields = body()
    records = fields.raw("records")
    fields.done()
    if not isinstance(records, list) or not 1 <= len(records) <= MAX_RECORDS:
        raise field_invalid("records", f"records is a list of 1 to {MAX_RECORDS} objects.")
    read = [_record_read(record) for record in records]
    with world().store.writing():
        results = [_record_keep(record) for record in read]
    counts = {state: sum(result["state"] == state for result in results) for state in ("accepted", "duplicate")}
    return {**counts, "results": results}


def _record_read(record: object) -> dict[str, str]:
    if not isinstance(record, dict):
        raise field_invalid("records", "Each record is an object.")
    fields = Fields(record)
    read = {
        "record_id": fields.identifier("record_id"),
        "id_number": fields.id_number(),
        "kind": fields.pattern("kind", KIND, what="a word of small letters and _"),
        "period": fields.pattern("period", PERIOD, what="YYYY-MM or YYYY-MM-DD"),
    }
    content = fields.raw("content")
    fields.done()
    read["content"] = json.dumps(content, sort_keys=True)
    if not isinstance(content, dict) or len(read["content"]) > MAX_CONTENT_CHARACTERS:
        raise field_invalid("content", f"content is an object of at most {MAX_CONTENT_CHARACTERS} characters.")
    return read


def _record_keep(record: dict[str, str]) -> Answer:
    store = world().store
    known = store.row("SELECT * FROM bureau_record WHERE record_id = ?", (record["record_id"],))
    state, reason = "accepted", None
    if known:
        same = all(known[name] == value for name, value in record.items())
        state, reason = ("duplicate", None) if same else ("rejected", "content_conflict")
    elif record["id_number"] not in world().population.by_id_number:
        state, reason = "rejected", "person_not_found"
    else:
        store.insert("bureau_record", **record, accepted_at=instant_text(business_at()))
    return {"record_id": record["record_id"], "state": state, "reason": reason}


@blueprint.get("/bureau/records")
@partner_call("bureau", "records-list")
def records_list() -> Answer:
    """List the accepted records of a person."""
    fields = query()
    id_number = fields.id_number()
    rows = world().store.rows("SELECT * FROM bureau_record WHERE id_number = ? ORDER BY id", (id_number,))
    names = ("record_id", "id_number", "kind", "period", "accepted_at")
    items: list[Answer] = [
        {**{name: row[name] for name in names}, "content": json.loads(row["content"])} for row in rows
    ]
    page, next_cursor = paged(items, fields, limit=100, longest=1_000)
    fields.done()
    return {"records": page, "next_cursor": next_cursor}

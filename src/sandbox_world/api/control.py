"""Control calls: faults, callbacks, people, balances, reset. Signed, for tests and demonstrations."""

from collections import Counter
from datetime import date
from urllib.parse import urlsplit

from flask import Blueprint

from sandbox_world.api.bank import account_row
from sandbox_world.books import LENDER_ACCOUNTS
from sandbox_world.callbacks import STATES
from sandbox_world.calls import Answer, body, business_at, business_on, paged, query, world
from sandbox_world.facts import NUMBER_STATUSES, person_row
from sandbox_world.faults import fault_read
from sandbox_world.population.people import Person
from sandbox_world.population.personas import PERSONA_BY_CODE
from sandbox_world.problems import Problem, field_invalid

blueprint = Blueprint("control", __name__, url_prefix="/v1/control")

MAX_BALANCE_FEN = 10**15
MAX_PORTRAIT = 1_000_000  # as Base64


def callback_url_check(url: str) -> str:
    """Return a usable callback URL, or refuse it."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isascii()
    except ValueError:
        usable = False
    if not usable or any(sign.isspace() for sign in url):
        raise field_invalid("url", "url is an http or https address in ASCII.")
    return url


@blueprint.post("/faults")
def fault_add() -> Answer:
    """Switch a fault on."""
    return world().faults.add(fault_read(body()))


@blueprint.get("/faults")
def fault_list() -> Answer:
    """List the faults."""
    query().done()
    return {"faults": world().faults.listed()}


@blueprint.delete("/faults")
def fault_clear() -> Answer:
    """Switch every fault off."""
    return {"cleared": world().faults.clear()}


@blueprint.delete("/faults/<fault_id>")
def fault_remove(fault_id: str) -> Answer:
    """Switch one fault off."""
    world().faults.remove(fault_id)
    return {"cleared": 1}


@blueprint.post("/callbacks/flush")
def callbacks_flush() -> Answer:
    """Settle and send everything that waits."""
    body().done()
    return dict(world().flush(at=business_at()))


@blueprint.get("/callbacks")
def callback_list() -> Answer:
    """Show the log of events."""
    fields = query()
    state = fields.one_of("state", STATES) if fields.has("state") else None
    limit = fields.whole("limit", low=1, high=1_000, default=100)
    fields.done()
    return {"callbacks": world().callbacks.listed(state=state, limit=limit)}


@blueprint.post("/callbacks/<int:callback_id>/retry")
def callback_retry(callback_id: int) -> Answer:
    """Send one event again."""
    body().done()
    if callback_id >= 2**63:
        raise Problem(404, "callback.not_found", "There is no callback with this id.")
    return world().callbacks.retry(callback_id)


@blueprint.post("/callback-url")
def callback_url_set() -> Answer:
    """Send events elsewhere from now on."""
    fields = body()
    url = callback_url_check(fields.text("url", longest=500)) if fields.has("url") else None
    fields.done()
    world().callbacks.url_keep(url)
    return {"url": url}


@blueprint.get("/personas")
def personas() -> Answer:
    """Count the people of each persona."""
    query().done()
    counts = Counter(person.persona.code for person in world().population.people)
    return {"personas": [{"persona": code, "count": counts[code]} for code in PERSONA_BY_CODE]}


@blueprint.get("/people")
def people() -> Answer:
    """Pick people."""
    fields = query()
    persona = fields.one_of("persona", tuple(PERSONA_BY_CODE)) if fields.has("persona") else None
    text = fields.text("query", longest=40) if fields.has("query") else None
    found = world().population.matching(persona=persona, query=text)
    chosen: list[Answer] = [{"index": person.index} for person in found]
    page, next_cursor = paged(chosen, fields, limit=20, longest=200)
    fields.done()
    indexes = {int(str(row["index"])) for row in page}
    rows = [person_row(person, world().facts, on=business_on()) for person in found if person.index in indexes]
    return {"people": rows, "next_cursor": next_cursor}


def person_named(id_number: str) -> Person:
    """Return a person by ID number, or refuse."""
    person = world().population.by_id_number.get(id_number)
    if person is None:
        raise Problem(404, "person.not_found", "Nobody in the sandbox has this ID number.")
    return person


@blueprint.get("/people/<id_number>")
def person_get(id_number: str) -> Answer:
    """Show one person."""
    query().done()
    return person_row(person_named(id_number), world().facts, on=business_on())


@blueprint.post("/people/<id_number>/facts")
def person_facts(id_number: str) -> Answer:
    """Change facts about a person on purpose."""
    person, fields = person_named(id_number), body()
    changes: dict[str, str | None] = {}
    if fields.has("id_card_status"):
        changes["id_card_status"] = fields.one_of("id_card_status", ("valid", "lost"))
    if fields.has("id_card_renewed_on"):
        changes["id_card_renewed_on"] = fields.day("id_card_renewed_on", default=date.max).isoformat()
    if fields.has("number_status"):
        changes["number_status"] = fields.one_of("number_status", NUMBER_STATUSES)
    for name, value in (("closed_card", "1"), ("reopened_card", None)):
        if fields.has(name):
            number = fields.card_number(name)
            found = world().population.by_card.get(number)
            if found is None or found[0] is not person:
                raise Problem(404, "card.not_found", "This person has no such card.", field=name)
            changes[f"closed:{number}"] = value
    fields.done()
    renewed_on = changes.get("id_card_renewed_on")
    if renewed_on and not "2000-01-01" <= renewed_on <= "2035-12-31":
        raise field_invalid("id_card_renewed_on", "id_card_renewed_on lies between 2000 and 2035.")
    world().facts.keep(person, changes)
    return person_row(person, world().facts, on=business_on())


@blueprint.post("/people/<id_number>/portrait")
def person_portrait(id_number: str) -> Answer:
    """Give a person the portrait that the registry shows; an empty text takes it back."""
    person, fields = person_named(id_number), body()
    portrait = fields.text("portrait_base64", longest=MAX_PORTRAIT, may_be_empty=True)
    fields.done()
    world().facts.keep(person, {"portrait": portrait or None})
    return {"has_portrait": bool(portrait)}


@blueprint.post("/accounts/<number>/balance")
def balance_set(number: str) -> Answer:
    """Bring an account to a balance."""
    fields = body()
    balance_fen = fields.whole("balance_fen", low=0, high=MAX_BALANCE_FEN)
    freeze_income = fields.flag("freeze_income")
    fields.done()
    if number not in LENDER_ACCOUNTS:
        account_row(number, at=business_at())
    with world().store.writing():
        world().books.balance_set(number, balance_fen=balance_fen, at=business_at(), freeze_income=freeze_income)
    return account_row(number, at=business_at())


@blueprint.post("/reset")
def reset() -> Answer:
    """Forget everything that was played."""
    body().done()
    world().reset()
    return {"reset": True}

"""Identity registry, business registry and face vendor."""

import json
import re

from flask import Blueprint

from sandbox_world.calls import Answer, body, business_at, business_on, content_digest, partner_call, world
from sandbox_world.facts import id_card_row
from sandbox_world.population.draws import Draws
from sandbox_world.population.months import instant_text
from sandbox_world.problems import Problem, field_invalid

blueprint = Blueprint("identity", __name__, url_prefix="/v1")

RESULTS = ("match", "mismatch", "not_found", "inconclusive")
IMAGE_DIGEST = re.compile(r"[0-9a-f]{64}")
USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
ACTION = re.compile(r"[a-z_]{1,32}")
FACE_PASS_SCORE = 80


def forced_result(reason: str) -> str:
    """Return the result that a `reject` fault asks for."""
    return reason if reason in RESULTS else "inconclusive"


def _check_answer(result: str, **facts: object) -> Answer:
    empty = {"id_number": None, "sex": None, "birth_on": None, "id_card": None, "as_of": business_on().isoformat()}
    return {"result": result, **empty, **facts}


@blueprint.post("/registry/check")
@partner_call("registry", "check", refusal=lambda reason: _check_answer(forced_result(reason)))
def registry_check() -> Answer:
    """Compare a name and a number, and show the ID card in force."""
    fields = body()
    name, id_number = fields.name(), fields.id_number()
    fields.done()
    person = world().population.by_id_number.get(id_number)
    if person is None or person.trap == "registry_unknown":
        return _check_answer("not_found", id_number=id_number)
    if person.name != name:
        return _check_answer("mismatch", id_number=id_number)
    id_card, status = world().facts.id_card(person, on=business_on())
    return _check_answer(
        "match",
        id_number=id_number,
        sex=person.sex,
        birth_on=person.birth_on.isoformat(),
        id_card=id_card_row(id_card, status),
    )


@blueprint.post("/registry/portrait")
@partner_call("registry", "portrait", refusal=lambda _: {"portrait_base64": None})
def registry_portrait() -> Answer:
    """Give the portrait that a control call put there; people of the population have none of their own."""
    fields = body()
    name, id_number = fields.name(), fields.id_number()
    fields.done()
    person = world().population.by_id_number.get(id_number)
    known = person is not None and person.name == name
    return {"portrait_base64": world().facts.all_of(person).get("portrait") if person and known else None}


def _business_answer(result: str, **facts: object) -> Answer:
    empty = dict.fromkeys(("status", "registered_on", "corporate_account", "bank_code", "yearly_turnover_fen"))
    return {"result": result, **empty, "as_of": business_on().isoformat(), **facts}


@blueprint.post("/registry/business-check")
@partner_call("registry", "business-check", refusal=lambda reason: _business_answer(forced_result(reason)))
def business_check() -> Answer:
    """Compare a shop's name, number and legal person."""
    fields = body()
    business_name, legal_person_name = fields.name("business_name"), fields.name("legal_person_name")
    uscc = fields.pattern("uscc", USCC, what="a unified social credit code of 18 characters")
    fields.done()
    person = world().population.by_uscc.get(uscc)
    if person is None or person.business is None:
        return _business_answer("not_found")
    business = person.business
    if business.business_name != business_name or person.name != legal_person_name:
        return _business_answer("mismatch")
    return _business_answer(
        "match",
        status="active",
        registered_on=business.registered_on.isoformat(),
        corporate_account=business.corporate_account,
        bank_code=business.bank_code,
        yearly_turnover_fen=business.yearly_turnover_fen,
    )


def _face_refusal(reason: str) -> Answer:
    fields = body()
    return {
        "request_id": fields.identifier("request_id"),
        "result": forced_result(reason),
        "liveness": "failed",
        "score": 0,
        "assurance": "certified",
        "verified_at": instant_text(business_at()),
    }


@blueprint.post("/face/verifications")
@partner_call("face", "verifications", refusal=_face_refusal)
def face_verify() -> Answer:
    """Answer as a certified vendor would, from the person's facts: the sandbox sees no picture."""
    fields = body()
    request_id, name, id_number = fields.identifier("request_id"), fields.name(), fields.id_number()
    image = fields.pattern("image_sha256", IMAGE_DIGEST, what="64 lower-case hex digits")
    actions = fields.raw("liveness_actions")
    fields.done()
    if (
        not isinstance(actions, list)
        or len(actions) > 8
        or not all(isinstance(word, str) and ACTION.fullmatch(word) for word in actions)
    ):
        raise field_invalid("liveness_actions", "liveness_actions is a list of at most 8 words.")
    digest = content_digest([name, id_number, image, actions])
    with world().store.writing() as connection:
        row = world().store.row("SELECT * FROM face WHERE request_id = ?", (request_id,))
        if row:
            if row["body_digest"] != digest:
                raise Problem(
                    409, "request.id_conflict", "This request_id was used with another content.", field="request_id"
                )
            first: Answer = json.loads(row["answer"])
            return first
        answer: Answer = {"request_id": request_id, **_face_result(name, id_number, image)}
        connection.execute("INSERT INTO face VALUES (?, ?, ?)", (request_id, digest, json.dumps(answer)))
    return answer


def _face_result(name: str, id_number: str, image: str) -> Answer:
    person = world().population.by_id_number.get(id_number)
    draws = Draws("face", id_number, image)
    score = draws.whole(86, 99)
    if person is None or person.trap == "registry_unknown":
        result, score = "not_found", 0
    elif person.name != name or person.trap == "face_mismatch":
        result, score = "mismatch", draws.whole(12, FACE_PASS_SCORE - 20)
    else:
        result = "match"
    liveness = "passed" if result != "not_found" else "failed"
    return {
        "result": result,
        "liveness": liveness,
        "score": score,
        "assurance": "certified",
        "verified_at": instant_text(business_at()),
    }


@blueprint.get("/face/verifications/<request_id>")
@partner_call("face", "verifications")
def face_verification_get(request_id: str) -> Answer:
    """Return an earlier answer."""
    row = world().store.row("SELECT answer FROM face WHERE request_id = ?", (request_id,))
    found: Answer = json.loads(row["answer"]) if row else {"request_id": request_id, "result": "unknown_request"}
    return found

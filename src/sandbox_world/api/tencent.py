"""Tencent Cloud FaceID played over its own protocol: POST / with TC3-HMAC-SHA256 (docs/reference/sandbox-protocol.md, 3)."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
import uuid
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from sandbox_world.calls import Answer, content_digest, partner_call, world
from sandbox_world.keys import tencent_secret_load
from sandbox_world.population.draws import Draws

blueprint = Blueprint("tencent", __name__)

VERSION, SERVICE = "2018-03-01", "faceid"
PASS_SCORE = 80
LARGEST_FILM = 5 * 1024 * 1024  # as Base64
TOLERANCE_SECONDS = 300
CREDENTIAL = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]{1,64})/(\d{4}-\d{2}-\d{2})/faceid/tc3_request, SignedHeaders=content-type;host, "
    r"Signature=([0-9a-f]{64})"
)


class Refused(Exception):
    """The service's own error: a code and a sentence inside a 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


@blueprint.post("/")
def called() -> Response:
    """Check the signature, then answer the action; errors stand inside the answer, as the real service writes them."""
    try:
        _signature_check()
        action = request.headers.get("X-TC-Action", "")
        if request.headers.get("X-TC-Version") != VERSION:
            raise Refused("InvalidParameter", "X-TC-Version")
        if action not in ACTIONS:
            raise Refused("InvalidAction", action)
        content = ACTIONS[action]()
    except Refused as refused:
        content = {"Error": {"Code": refused.code, "Message": refused.message}}
    body = json.dumps({"Response": {**content, "RequestId": str(uuid.uuid4())}}, ensure_ascii=False)
    return Response(body.encode(), mimetype="application/json")


def _signature_check() -> None:
    found = CREDENTIAL.fullmatch(request.headers.get("Authorization", ""))
    stamp = request.headers.get("X-TC-Timestamp", "")
    if found is None or not stamp.isdecimal() or len(stamp) > 12:
        raise Refused("AuthFailure.InvalidAuthorization", "Authorization or X-TC-Timestamp is malformed.")
    if abs(int(stamp) - time.time()) > TOLERANCE_SECONDS:
        raise Refused("AuthFailure.SignatureExpire", "The timestamp is too far away.")
    secret_id, secret_key = tencent_secret_load(world().settings.home / "keys")
    day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
    if found[1] != secret_id or found[2] != day:
        raise Refused("AuthFailure.SecretIdNotFound", "The secret id is unknown.")
    canonical = "\n".join(
        (
            "POST",
            "/",
            "",
            f"content-type:{request.headers.get('Content-Type', '')}\nhost:{request.headers.get('Host', '')}\n",
            "content-type;host",
            hashlib.sha256(request.get_data()).hexdigest(),
        )
    )
    scope = f"{day}/{SERVICE}/tc3_request"
    text = "\n".join(("TC3-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"TC3{secret_key}".encode()
    for part in (day, SERVICE, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), found[3]):
        raise Refused("AuthFailure.SignatureFailure", "The signature does not fit the request.")


def _parameters(*names: str) -> list[str]:
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise Refused("InvalidParameter", "The body is not JSON.") from None
    values = [body.get(name) for name in names] if isinstance(body, dict) else []
    if len(values) != len(names) or not all(isinstance(value, str) and value for value in values):
        raise Refused("InvalidParameter", f"Send {', '.join(names)}.")
    return values


def _film_check(text: str) -> None:
    """The sandbox looks at no picture; it refuses what the real service could not play."""
    try:
        head = base64.b64decode(text[:64], validate=True)
    except binascii.Error:
        raise Refused("InvalidParameterValue", "VideoBase64 is not Base64.") from None
    if len(text) > LARGEST_FILM or head[:4] != b"RIFF" or head[8:12] != b"AVI ":
        raise Refused("FailedOperation.VideoDecodeFailed", "Only AVI films up to 5 MB are played here.")


def _refusal(reason: str) -> Answer:
    return {"Result": f"FailedOperation.{reason}", "Description": "Refused on demand.", "Sim": 0.0}


@partner_call("face", "liveness", refusal=_refusal)
def liveness_recognition() -> Answer:
    """A film against the national portrait, answered from the person's facts."""
    id_number, name, film, kind = _parameters("IdCard", "Name", "VideoBase64", "LivenessType")
    if kind != "SILENT":
        raise Refused("InvalidParameterValue", "The sandbox plays LivenessType SILENT only.")
    _film_check(film)
    person = world().population.by_id_number.get(id_number)
    draws = Draws("liveness", id_number, content_digest(film))
    if person is None or person.trap == "registry_unknown":
        return {"Result": "FailedOperation.IdNoExistSystem", "Description": "No record.", "Sim": 0.0}
    if person.name != name:
        return {"Result": "FailedOperation.IdNameMisMatch", "Description": "Name and number do not match.", "Sim": 0.0}
    if person.trap == "face_mismatch":
        return {"Result": "FailedOperation.CompareLowSimilarity", "Description": "Low similarity.",
                "Sim": float(draws.whole(12, PASS_SCORE - 20))}  # fmt: skip
    return {"Result": "Success", "Description": "Success", "Sim": float(draws.whole(86, 99)), "BestFrameBase64": None}


@partner_call("face", "liveness", refusal=_refusal)
def liveness_compare() -> Answer:
    """A film against a given picture: the sandbox sees neither and finds them alike."""
    picture, film, kind = _parameters("ImageBase64", "VideoBase64", "LivenessType")
    if kind != "SILENT":
        raise Refused("InvalidParameterValue", "The sandbox plays LivenessType SILENT only.")
    _film_check(film)
    return {"Result": "Success", "Description": "Success", "Sim": float(Draws("compare", picture[:80]).whole(86, 99)),
            "BestFrameBase64": None}  # fmt: skip


@partner_call("registry", "check", refusal=lambda _: {"Result": "-3", "Description": "Refused on demand."})
def id_card_verification() -> Answer:
    """Name and number."""
    id_number, name = _parameters("IdCard", "Name")
    person = world().population.by_id_number.get(id_number)
    if person is None or person.trap == "registry_unknown":
        return {"Result": "-5", "Description": "No record."}
    return {"Result": "0" if person.name == name else "-1", "Description": ""}


@partner_call("cards", "four-elements", refusal=lambda _: {"Result": "-16", "Description": "Refused on demand."})
def bank_card_verification() -> Answer:
    """Name, number, card and mobile."""
    name, id_number, card_number, mobile = _parameters("Name", "IdCard", "BankCard", "Phone")
    person = world().population.by_id_number.get(id_number)
    card = person and next((one for one in person.cards if one.number == card_number), None)
    fits = person is not None and person.name == name and card is not None and person.mobile == mobile
    return {"Result": "0" if fits else "-1", "Description": ""}


@partner_call("operator", "three-elements", refusal=lambda _: {"Result": "-9", "Description": "Refused on demand."})
def phone_verification() -> Answer:
    """Name, number and mobile."""
    id_number, name, mobile = _parameters("IdCard", "Name", "Phone")
    person = world().population.by_id_number.get(id_number)
    if person is None:
        return {"Result": "-5", "Description": "No record."}
    return {"Result": "0" if (person.name, person.mobile) == (name, mobile) else "-4", "Description": ""}


ACTIONS = {
    "LivenessRecognition": liveness_recognition,
    "LivenessCompare": liveness_compare,
    "IdCardVerification": id_card_verification,
    "BankCard4EVerification": bank_card_verification,
    "PhoneVerification": phone_verification,
}

"""Tencent Cloud FaceID (人脸核身, API 2018-03-01): signed calls, and what their answers mean for us (R1.5, R9.4).

Actions used: LivenessRecognition (film against the national portrait), LivenessCompare (film against a given picture),
IdCardVerification, BankCard4EVerification, PhoneVerification. Host, region and keys come from the settings; the sandbox
world plays the same protocol. The live service was not called from here: an operator proves it with their own account.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog

from weidai.adapters.motion_jpeg import avi_of_jpegs
from weidai.identity.ports import FaceAnswer, LiveCapture, MatchResult
from weidai.kernel.errors import PartnerUnavailable
from weidai.kernel.text import Text
from weidai.platform import clock

log = structlog.get_logger(__name__)

SERVICE, VERSION, ALGORITHM = "faceid", "2018-03-01", "TC3-HMAC-SHA256"
DEFAULT_HOST = "https://faceid.tencentcloudapi.com"
TIMEOUT_SECONDS = 15.0
MOST_ANSWERS = 10_000  # ids of answers remembered by this process
MOST_FILM_BYTES = 3_900_000  # of AVI: 5 MB as Base64 is the service's limit
_CONTENT_TYPE = "application/json; charset=utf-8"
_SIGNED_HEADERS = "content-type;host"

# What a `Result` says about the person. Everything else (poor pictures, faults on their side) decides nothing.
_OTHER_PERSON = {"FailedOperation.CompareLowSimilarity", "FailedOperation.IdNameMisMatch"}
_NOBODY = {"FailedOperation.IdNoExistSystem"}
_NOT_ALIVE = {"FailedOperation.LivessDetectFake", "FailedOperation.LifePhotoDetectFake", "FailedOperation.SilentPictureLiveFail",
              "FailedOperation.LivessDetectFail", "FailedOperation.SilentDetectFail"}


class FaceIdUnavailable(PartnerUnavailable):
    """The vendor gave no usable answer."""

    code = "adapters.face_vendor_unavailable"
    text = Text("人脸核身服务商暂时没有答复，您的资料没有变化。", "The face vendor gave no answer. Nothing was changed.")
    next_step = Text("请稍后重试，或选择人工视频核验。", "Try again later, or choose the staff video check.")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key of the operator's account; the secret is never logged and never sent."""

    secret_id: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Question:
    """One call as it is signed."""

    host: str
    action: str
    payload: bytes
    timestamp: int


def authorization(question: Question, keys: Credentials, *, service: str = SERVICE) -> str:
    """Return the Authorization header of TC3-HMAC-SHA256 (签名方法 v3): POST to `/`, JSON body, two signed headers."""
    day = datetime.fromtimestamp(question.timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    canonical = "\n".join((
        "POST", "/", "", f"content-type:{_CONTENT_TYPE}\nhost:{question.host}\n", _SIGNED_HEADERS,
        hashlib.sha256(question.payload).hexdigest()))
    to_sign = "\n".join((ALGORITHM, str(question.timestamp), scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = ("TC3" + keys.secret_key).encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return (f"{ALGORITHM} Credential={keys.secret_id}/{scope}, SignedHeaders={_SIGNED_HEADERS}, "
            f"Signature={signature}")


class TencentFaceId:
    """Fills `identity.ports.liveness_vendor`; its other calls answer the same questions as registry, network, operator."""

    def __init__(self, keys: Callable[[], Credentials], *, host: str = DEFAULT_HOST, region: str = "ap-guangzhou",
                 timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._keys, self._region, self._host = keys, region, urlsplit(host).netloc
        self._lock, self._answers = threading.Lock(), OrderedDict[str, None]()
        self._http = httpx.Client(base_url=host, timeout=timeout_seconds, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close the pool."""
        self._http.close()

    def verify_live(self, request_id: str, name: str, id_number: str, capture: LiveCapture) -> FaceAnswer:
        """Let the vendor look for a living person in the film and compare with the national portrait (LivenessRecognition)."""
        body = self._asked(request_id, "LivenessRecognition", {
            "IdCard": id_number, "Name": name, "LivenessType": "SILENT", "VideoBase64": _film(capture)})
        return _face_answer(body)

    def compare_live(self, request_id: str, picture: bytes, capture: LiveCapture) -> FaceAnswer:
        """Let the vendor look for a living person in the film and compare with a picture of ours (LivenessCompare)."""
        body = self._asked(request_id, "LivenessCompare", {
            "ImageBase64": base64.b64encode(picture).decode(), "LivenessType": "SILENT", "VideoBase64": _film(capture)})
        return _face_answer(body)

    def id_card_match(self, request_id: str, name: str, id_number: str) -> MatchResult:
        """Say whether name and number belong together (IdCardVerification)."""
        body = self._asked(request_id, "IdCardVerification", {"IdCard": id_number, "Name": name})
        return _by_code(body, {"0": MatchResult.MATCH, "-1": MatchResult.MISMATCH, "-2": MatchResult.MISMATCH,
                               "-5": MatchResult.NOT_FOUND})

    def bank_card_match(self, request_id: str, name: str, id_number: str, card_number: str, mobile: str) -> MatchResult:
        """Say whether the four belong together (BankCard4EVerification)."""
        body = self._asked(request_id, "BankCard4EVerification", {
            "Name": name, "IdCard": id_number, "BankCard": card_number, "Phone": mobile})
        return _by_code(body, {"0": MatchResult.MATCH, "-1": MatchResult.MISMATCH})

    def mobile_match(self, request_id: str, name: str, id_number: str, mobile: str) -> MatchResult:
        """Say whether the three belong together (PhoneVerification)."""
        body = self._asked(request_id, "PhoneVerification", {"IdCard": id_number, "Name": name, "Phone": mobile})
        return _by_code(body, {"0": MatchResult.MATCH, "-5": MatchResult.NOT_FOUND}
                        | dict.fromkeys(("-1", "-2", "-3", "-4"), MatchResult.MISMATCH))

    def _asked(self, request_id: str, action: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        payload = json.dumps(parameters, ensure_ascii=False, separators=(",", ":")).encode()
        question = Question(self._host, action, payload, int(clock.wall_now().timestamp()))
        headers = {
            "Authorization": authorization(question, self._keys()), "Content-Type": _CONTENT_TYPE, "Host": self._host,
            "X-TC-Action": action, "X-TC-Version": VERSION, "X-TC-Timestamp": str(question.timestamp),
            "X-TC-Region": self._region, "X-Request-Id": request_id,
        }
        try:
            answer = self._http.post("/", content=payload, headers=headers)
            body = answer.json()["Response"] if answer.status_code == 200 else None
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise self._unknown(action, type(error).__name__) from error
        if not isinstance(body, dict):
            raise self._unknown(action, f"status_{answer.status_code}")
        if "Error" in body:
            raise self._unknown(action, str(body["Error"].get("Code", ""))[:60])
        if not self._is_new(str(body.get("RequestId") or "")):
            raise self._unknown(action, "answer_repeated")
        return body

    def _is_new(self, answer_id: str) -> bool:
        """Say whether an answer was not given before: each carries its own RequestId, one played back a known one."""
        with self._lock:
            if not answer_id or answer_id in self._answers:
                return False
            self._answers[answer_id] = None
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)
            return True

    @staticmethod
    def _unknown(action: str, reason: str) -> FaceIdUnavailable:
        log.warning("face_vendor.no_usable_answer", action=action, reason=reason)
        return FaceIdUnavailable()


def _film(capture: LiveCapture) -> str:
    frames = list(capture.frames)
    while len(frames) > 8 and sum(len(data) for _, data in frames) > MOST_FILM_BYTES:
        frames = frames[::2]
    try:
        return base64.b64encode(avi_of_jpegs(frames)).decode()
    except ValueError:
        raise FaceIdUnavailable from None


def _face_answer(body: Mapping[str, Any]) -> FaceAnswer:
    """Read `Result` and `Sim` (0 to 100; the vendor states 70 for one false acceptance in 1,000 and 80 for 10,000)."""
    result = str(body.get("Result") or "")
    score = int(float(body.get("Sim") or 0))
    if result == "Success":
        return FaceAnswer(MatchResult.MATCH, True, score, "certified")
    if result in _OTHER_PERSON:
        return FaceAnswer(MatchResult.MISMATCH, True, score, "certified")
    if result in _NOBODY:
        return FaceAnswer(MatchResult.NOT_FOUND, False, score, "certified")
    if result in _NOT_ALIVE:
        return FaceAnswer(MatchResult.MISMATCH, False, score, "certified")
    return FaceAnswer(MatchResult.INCONCLUSIVE, False, score, "certified")


def _by_code(body: Mapping[str, Any], known: Mapping[str, MatchResult]) -> MatchResult:
    return known.get(str(body.get("Result")), MatchResult.INCONCLUSIVE)

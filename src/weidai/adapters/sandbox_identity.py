"""Registry, face vendor, card network and mobile operator as the sandbox world plays them (protocol §2 to §5)."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from weidai.adapters.sandbox_client import SandboxClient, SandboxUnavailable
from weidai.identity.ports import CardAnswer, FaceAnswer, MatchResult, OperatorAnswer, RegistryAnswer

# The random challenge is given by the page; without a camera the vendor is told that none was made.
_NO_ACTIONS: list[str] = []


class SandboxIdRegistry:
    """Fills `identity.ports.id_registry`."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def check(self, name: str, id_number: str) -> RegistryAnswer:
        """Ask the registry; asking again has no effect."""
        body = self._client.post("registry", "/v1/registry/check", {"name": name, "id_number": id_number},
                                 repeatable=True)
        card = body.get("id_card") or {}
        return RegistryAnswer(_result("registry", body), card.get("status") or "", _day(card.get("valid_from")),
                              _day(card.get("valid_to")))


class SandboxPortraits:
    """Fills `identity.ports.portrait_source`: the portraits that a control call gave to people of the world."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def portrait(self, name: str, id_number: str) -> bytes | None:
        """Return the registered portrait, None when there is none."""
        body = self._client.post("registry", "/v1/registry/portrait", {"name": name, "id_number": id_number},
                                 repeatable=True)
        text = body.get("portrait_base64")
        return base64.b64decode(text) if text else None


class SandboxFaceVendor:
    """Fills `identity.ports.face_vendor`: a check that the vendor made by itself, for the demonstration."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def verify(self, request_id: str, name: str, id_number: str, image_sha256: str) -> FaceAnswer:
        """Ask for one verification; the same request id gets the same answer."""
        body = self._client.post("face", "/v1/face/verifications", {
            "request_id": request_id, "name": name, "id_number": id_number, "image_sha256": image_sha256,
            "liveness_actions": _NO_ACTIONS}, repeatable=True)
        return FaceAnswer(_result("face", body), body.get("liveness") == "passed", int(body.get("score") or 0),
                          body.get("assurance") or "")


class SandboxCardNetwork:
    """Fills `identity.ports.card_network`."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def four_elements(self, name: str, id_number: str, card_number: str, mobile: str) -> CardAnswer:
        """Ask whether the four belong together."""
        body = self._client.post("cards", "/v1/cards/four-elements", {
            "name": name, "id_number": id_number, "card_number": card_number, "mobile": mobile}, repeatable=True)
        return CardAnswer(
            _result("cards", body), body.get("bank_code") or "", body.get("bank_name_zh") or "",
            body.get("account_class") or "", body.get("card_type") or "", body.get("masked") or "",
            body.get("card_status") or "", tuple(body.get("mismatched") or ()))


class SandboxMobileOperator:
    """Fills `identity.ports.mobile_operator`."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def three_elements(self, name: str, id_number: str, mobile: str) -> OperatorAnswer:
        """Ask whether the three belong together."""
        body = self._client.post("operator", "/v1/operator/three-elements", {
            "name": name, "id_number": id_number, "mobile": mobile}, repeatable=True)
        return OperatorAnswer(
            _result("operator", body), body.get("operator") or "", body.get("number_status") or "",
            body.get("months_in_use"), tuple(body.get("mismatched") or ()))


def _result(partner: str, body: dict[str, Any]) -> MatchResult:
    try:
        return MatchResult(str(body.get("result")))
    except ValueError:
        raise SandboxUnavailable(partner=partner) from None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

"""The SMS gateway as the sandbox world plays it: every message lands in an inbox that people can read (§5)."""

from __future__ import annotations

from weidai.adapters.sandbox_client import SandboxClient
from weidai.messaging.ports import SmsAnswer

_TEXT_LENGTH = 1_000


class SandboxSms:
    """Fills `messaging.ports.sms_gateway`."""

    def __init__(self, client: SandboxClient) -> None:
        self._client = client

    def send(self, message_id: str, mobile: str, text: str) -> SmsAnswer:
        """Hand one message over; the same id is one message, so that a time-out may be tried again."""
        body = self._client.post("sms", "/v1/sms", {
            "message_id": message_id, "mobile": mobile, "text": text[:_TEXT_LENGTH]}, repeatable=True)
        return SmsAnswer(body.get("state") == "delivered", body.get("reason"))

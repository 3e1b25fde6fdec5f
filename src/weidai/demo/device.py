"""A phone made of software: holds a P-256 key and signs with it as a browser does (R6.2)."""

from __future__ import annotations

import base64
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from weidai.security import selectors, services, signing
from weidai.security.asking import asked_from
from weidai.security.services import DeviceProof, KeyOffer

_IPHONE = "Mozilla/5.0 (iPhone) MicroMessenger/8.0"
ANDROID = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0"


class SoftwareDevice:
    """One key, kept as long as the object is."""

    def __init__(self, user_agent: str = _IPHONE) -> None:
        self._user_agent = user_agent
        self._key = ec.generate_private_key(ec.SECP256R1())
        spki = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key = base64.b64encode(spki).decode()
        self.fingerprint = signing.fingerprint(self.public_key)

    def signature(self, text: str) -> str:
        """Sign a text: r and s of 32 bytes each, base64."""
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()

    def offer(self, text: str) -> KeyOffer:
        """Offer the key to be bound."""
        return KeyOffer(self.public_key, self.signature(text))

    def proof(self, text: str) -> DeviceProof:
        """Sign as a bound device."""
        return DeviceProof(self.fingerprint, self.signature(text))

    def sign_in(self, customer_id: UUID) -> UUID:
        """Begin a session on this device and return its id."""
        with asked_from(ip="", device=self.fingerprint):
            token = services.session_start(customer_id, user_agent=self._user_agent, ip="")
        session = selectors.session_get(token)
        assert session is not None, "begun a moment ago"
        return session.session_id

    def id_of(self, customer_id: UUID) -> UUID:
        """Return the device that this key is bound to in an account."""
        keys = selectors.device_keys(customer_id)
        return next(key.device_id for key in keys if key.fingerprint == self.fingerprint)

    def bound_first(self, customer_id: UUID) -> UUID:
        """Sign in and bind this device as the account's first; returns the session's id."""
        session_id = self.sign_in(customer_id)
        offer = self.offer(signing.key_text(customer_id, nonce="first"))
        services.device_key_first(customer_id, session_id=session_id, offer=offer, nonce="first")
        return session_id

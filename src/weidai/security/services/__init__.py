"""What security does, one file per kind of secret."""

from weidai.security.services.codes import Signer, sms_code_check, sms_code_send
from weidai.security.services.codes import SmsChallengeIssued as SmsChallenge
from weidai.security.services.deeds import PERSON_FRESH_FOR, DeedProof, DeviceProof, deed_nonce, deed_require
from weidai.security.services.device_keys import (
    BindRequest,
    BoundKey,
    KeyOffer,
    device_code_send,
    device_key_bind,
    device_key_first,
)
from weidai.security.services.devices import device_lock, device_unlock
from weidai.security.services.erasure import secrets_erase, traces_forget
from weidai.security.services.passwords import (
    payment_password_change,
    payment_password_check,
    payment_password_reset,
    payment_password_set,
)
from weidai.security.services.sessions import session_end, session_end_others, session_revoke, session_start

__all__ = [
    "PERSON_FRESH_FOR",
    "BindRequest",
    "BoundKey",
    "DeedProof",
    "DeviceProof",
    "KeyOffer",
    "Signer",
    "SmsChallenge",
    "deed_nonce",
    "deed_require",
    "device_code_send",
    "device_key_bind",
    "device_key_first",
    "device_lock",
    "device_unlock",
    "payment_password_change",
    "payment_password_check",
    "payment_password_reset",
    "payment_password_set",
    "secrets_erase",
    "session_end",
    "session_end_others",
    "session_revoke",
    "session_start",
    "sms_code_check",
    "sms_code_send",
    "traces_forget",
]

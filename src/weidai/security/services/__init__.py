"""What security does, one file per kind of secret."""

from weidai.security.services.codes import SmsChallengeIssued as SmsChallenge
from weidai.security.services.codes import sms_code_check, sms_code_send
from weidai.security.services.devices import device_key_prove, device_lock, device_unlock
from weidai.security.services.erasure import secrets_erase
from weidai.security.services.passwords import payment_password_change, payment_password_check, payment_password_set
from weidai.security.services.sessions import session_end, session_end_others, session_revoke, session_start

__all__ = [
    "SmsChallenge",
    "device_key_prove",
    "device_lock",
    "device_unlock",
    "payment_password_change",
    "payment_password_check",
    "payment_password_set",
    "secrets_erase",
    "session_end",
    "session_end_others",
    "session_revoke",
    "session_start",
    "sms_code_check",
    "sms_code_send",
]

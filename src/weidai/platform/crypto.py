"""Field encryption and keyed digests for look-up without plain text (R9.6, R1.1): what rooms use of `platform.keys`."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag

from weidai.platform.keys.datakeys import KeyDestroyed, KeyUnknown, keys_destroy
from weidai.platform.keys.fields import EncryptedTextField
from weidai.platform.keys.indexes import digest_mark, digest_text_for_writing, index_digests, index_digests_for_writing
from weidai.platform.keys.keyfile import key_directory
from weidai.platform.keys.sealing import (
    digest_text,
    digest_texts,
    same_digest,
    seal,
    seal_bytes,
    secret_digest,
    secret_digests,
    unseal,
    unseal_bytes,
)

__all__ = [
    "EncryptedTextField",
    "KeyDestroyed",
    "KeyUnknown",
    "decrypt_text",
    "digest_mark",
    "digest_text",
    "digest_text_for_writing",
    "digest_texts",
    "encrypt_text",
    "index_digests",
    "index_digests_for_writing",
    "key_directory",
    "keys_destroy",
    "same_digest",
    "seal_bytes",
    "secret_digest",
    "secret_digests",
    "unseal_bytes",
]


def encrypt_text(value: str, purpose: str) -> str:
    """Return `value` sealed with the institution's key and bound to `purpose`, for what is no column of a row."""
    return seal(value, purpose)


def decrypt_text(sealed: str, purpose: str) -> str:
    """Return the plain text; raises InvalidTag when the value was altered or meant for another purpose."""
    try:
        return unseal(sealed, purpose)
    except (ValueError, KeyUnknown) as error:  # a value that was never ours
        raise InvalidTag from error

"""Sealed files in an S3-compatible store: four requests signed by AWS Signature Version 4, path style, over HTTPS.

Content arrives sealed; the store sees no plain byte. The signature covers method, path, query, date and the SHA-256 of the body.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
from defusedxml import ElementTree

from weidai.kernel.errors import PartnerUnavailable
from weidai.platform import clock

TIMEOUT_SECONDS = 20.0
MOST_PAGES = 100_000
_SCHEME = "AWS4-HMAC-SHA256"
_MISSING = 404


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the store is and who we are there."""

    url: str  # https://host[:port]
    bucket: str
    region: str
    access_key: str
    secret_key: str
    prefix: str = "weidai/"


class S3Shelf:
    """Fills `files.ports.shelf` with objects `<prefix><key>` of one bucket."""

    def __init__(self, place: S3Place, *, transport: httpx.BaseTransport | None = None) -> None:
        self._place = place
        self._client = httpx.Client(base_url=place.url, timeout=TIMEOUT_SECONDS, transport=transport)

    def put(self, key: str, content: bytes) -> None:
        """Keep the bytes; returns after the store has said so."""
        self._ask("PUT", self._path(key), body=content)

    def get(self, key: str) -> bytes | None:
        """Return the bytes, None when there are none."""
        answer = self._ask("GET", self._path(key), may_be_missing=True)
        return None if answer.status_code == _MISSING else answer.content

    def delete(self, key: str) -> None:
        """Remove the bytes."""
        self._ask("DELETE", self._path(key), may_be_missing=True)

    def kept(self) -> Iterator[tuple[str, datetime]]:
        """Yield every key with the instant it was put at, a page of the store's list at a time."""
        token = ""
        for _ in range(MOST_PAGES):
            query = {"list-type": "2", "prefix": self._place.prefix} | ({"continuation-token": token} if token else {})
            page = ElementTree.fromstring(self._ask("GET", f"/{self._place.bucket}", query=query).content)
            space = page.tag[:page.tag.index("}") + 1] if page.tag.startswith("{") else ""
            for entry in page.iter(f"{space}Contents"):
                name = (entry.findtext(f"{space}Key") or "").removeprefix(self._place.prefix)
                put_at = datetime.fromisoformat((entry.findtext(f"{space}LastModified") or "").replace("Z", "+00:00"))
                try:
                    yield str(UUID(name)), put_at
                except ValueError:
                    continue  # somebody else's object
            token = page.findtext(f"{space}NextContinuationToken") or ""
            if not token:
                return

    def _path(self, key: str) -> str:
        return f"/{self._place.bucket}/{quote(self._place.prefix)}{UUID(key)}"

    def _ask(self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: bytes = b"",
             may_be_missing: bool = False) -> httpx.Response:
        """Send one signed request; anything but success is a partner without an answer."""
        asked = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
                         for name, value in sorted((query or {}).items()))
        headers = signed_headers(self._place, method, path, query=asked, body=body, at=clock.wall_now())
        try:
            answer = self._client.request(method, f"{path}?{asked}" if asked else path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise PartnerUnavailable from error
        if not (answer.is_success or (may_be_missing and answer.status_code == _MISSING)):
            raise PartnerUnavailable
        return answer


def signed_headers(
    place: S3Place, method: str, path: str, *, query: str, body: bytes, at: datetime,
) -> dict[str, str]:
    """Return the headers that prove the request (AWS Signature Version 4)."""
    stamp, body_digest = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(body).hexdigest()
    headers = {"host": urlsplit(place.url).netloc, "x-amz-content-sha256": body_digest, "x-amz-date": stamp}
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{body_digest}"
    scope = f"{stamp[:8]}/{place.region}/s3/aws4_request"
    to_sign = f"{_SCHEME}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{place.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={place.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "authorization": f"{_SCHEME} {credential}"}

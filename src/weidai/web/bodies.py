"""Slow senders do not take the server: few requests at a time wait for their body, and none waits for a trickle (R10.2).

A thread that waits for a body can do nothing else. So only some of them may wait at once, fewer still for one address,
and a body that comes slower than any telephone sends it is given up. A proxy in front that collects bodies is better.
"""

from __future__ import annotations

import io
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from django.conf import settings

WAITING_TOGETHER, WAITING_OF_ONE = 5, 3  # of the eight threads of a process
PATIENCE_SECONDS = 1.0  # for a place: ordinary bodies are here in less
GRACE_SECONDS, LEAST_BYTES_A_SECOND = 15.0, 2_048
_SLOW_PIECE_SECONDS, _LARGEST_PIECE = 0.25, 65_536
SMALL_BYTES = 65_536
_SLOW = "请求内容到达过慢，请检查网络后重试。 / The request came too slowly; check the connection and try again.\n".encode()
_BUSY = "请求较多，请稍后重试。 / Many requests are arriving; please try again in a moment.\n".encode()

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Readable(Protocol):
    """What a server gives for a body: blocks until all that was asked for is there, or the end."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""


class TooSlow(OSError):
    """The body trickles; Django answers as for a connection that broke."""


class Places:
    """Counts who waits for a body."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._waiting: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Take a place, waiting a little for one; False when there is none."""
        with self._free:
            has_room = self._free.wait_for(lambda: self._has_room(address), timeout=PATIENCE_SECONDS)
            if has_room:
                self._waiting[address] += 1
            return has_room

    def leave(self, address: str) -> None:
        """Give the place back."""
        with self._free:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]
            self._free.notify_all()

    def _has_room(self, address: str) -> bool:
        return self._waiting[address] < WAITING_OF_ONE and self._waiting.total() < WAITING_TOGETHER


class Body(io.RawIOBase):
    """A request's body: read piece by piece while it flows, given up when it trickles; leaves its place at the end."""

    def __init__(self, source: Readable, length: int, leave: Callable[[], None]) -> None:
        super().__init__()
        self._source, self._left, self._leave = source, length, leave
        self._begun, self._received, self._piece, self._is_over = time.monotonic(), 0, 1, False

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that is left without it; raises TooSlow."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        parts: list[bytes] = []
        while wanted > 0:
            part = self._next(min(wanted, self._piece))
            if not part:
                self._left = 0
                break
            parts.append(part)
            wanted -= len(part)
            self._left -= len(part)
        if not self._left:
            self.over()
        return b"".join(parts)

    def _next(self, size: int) -> bytes:
        asked_at = time.monotonic()
        part = self._source.read(size)
        now = time.monotonic()
        self._received += len(part)
        self._piece = 1 if now - asked_at > _SLOW_PIECE_SECONDS else min(self._piece * 4, _LARGEST_PIECE)
        waited = now - self._begun
        if waited > GRACE_SECONDS and self._received < waited * LEAST_BYTES_A_SECOND and self._left > len(part):
            self.over()
            raise TooSlow("the body trickles")
        return part

    def over(self) -> None:
        """Leave the place; once is enough."""
        if not self._is_over:
            self._is_over = True
            self._leave()


def bounded(application: Application) -> Application:
    """Return the application behind bounded places for bodies.

    A small body is read before anything else is done for its request: it holds its place for no longer than it travels.
    """
    places = Places()

    def guarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = _length(environ)
        if not length:
            return application(environ, start_response)
        address = _address(environ)
        if not places.take(address):
            return _answer(start_response, "503 Service Unavailable", _BUSY, ("Retry-After", "5"))
        body = Body(environ["wsgi.input"], length, lambda: places.leave(address))
        try:
            environ["wsgi.input"] = io.BytesIO(body.read()) if length <= SMALL_BYTES else body
        except OSError:  # it trickles, or its sender has gone
            body.over()
            return _answer(start_response, "408 Request Timeout", _SLOW)
        try:
            return application(environ, start_response)
        finally:
            body.over()

    return guarded


def _answer(start_response: Any, status: str, words: bytes, *headers: tuple[str, str]) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(words))), *headers])
    return [words]


def _length(environ: dict[str, Any]) -> int:
    try:
        return max(int(environ.get("CONTENT_LENGTH") or 0), 0)
    except ValueError:
        return 0


def _address(environ: dict[str, Any]) -> str:
    """Return who sends; behind our own proxies the address that the outermost of them saw."""
    heard = [part.strip() for part in str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    if settings.PROXY_COUNT and len(heard) >= settings.PROXY_COUNT:
        return heard[-settings.PROXY_COUNT]
    return str(environ.get("REMOTE_ADDR", ""))

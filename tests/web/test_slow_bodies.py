"""Bodies that trickle: few wait at a time, fewer of one address, and a trickle is given up (R10.2)."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from weidai.web import bodies


class Trickle:
    """A body of one byte a second, by the clock of the test."""

    def __init__(self, clock: list[float], size: int) -> None:
        self.clock, self.left = clock, size

    def read(self, size: int, /) -> bytes:
        count = min(size, self.left)
        self.left -= count
        self.clock[0] += count
        return b"x" * count


@pytest.fixture
def clock(monkeypatch: Any) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(bodies.time, "monotonic", lambda: now[0])
    return now


def test_a_body_that_trickles_is_given_up_and_its_place_with_it(clock: list[float]) -> None:
    left: list[bool] = []
    body = bodies.Body(Trickle(clock, 5_000_000), 5_000_000, lambda: left.append(True))
    with pytest.raises(bodies.TooSlow):
        body.read(8_192)
    assert bodies.GRACE_SECONDS < clock[0] < 4 * bodies.GRACE_SECONDS
    assert left == [True]


def test_a_body_comes_whole_whatever_pieces_are_asked_for(clock: list[float]) -> None:
    content, left = bytes(range(256)) * 1_000, []
    for size in (-1, 1, 7_000, 300_000):
        body, parts = bodies.Body(io.BytesIO(content + b"beyond"), len(content), lambda: left.append(True)), []
        while part := body.read(size):
            parts.append(part)
        assert b"".join(parts) == content
    assert len(left) == 4
    cut = bodies.Body(io.BytesIO(content[:100]), len(content), lambda: None)
    assert (cut.read(), cut.read(10)) == (content[:100], b"")


def test_django_reads_forms_and_files_through_it() -> None:
    content = (b'--b\r\nContent-Disposition: form-data; name="side"\r\n\r\nfront\r\n--b\r\nContent-Disposition: form-data; '
               b'name="picture"; filename="a.jpg"\r\n\r\n' + b"x" * 300_000 + b"\r\n--b--\r\n")
    seen: list[WSGIRequest] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        request = WSGIRequest(environ)
        assert request.POST["side"] == "front"
        seen.append(request)
        start_response("200 OK", [])
        return [b"done"]

    environ = {**RequestFactory()._base_environ(), "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(content)),
               "CONTENT_TYPE": "multipart/form-data; boundary=b", "wsgi.input": io.BytesIO(content)}
    bodies.bounded(application)(environ, lambda *_said: None)
    assert seen[0].FILES["picture"].size == 300_000


def answered(application: Any, address: str, body: Any = None, size: int = 3) -> str:
    said: list[str] = []
    environ = {"CONTENT_LENGTH": str(size) if size else "", "REMOTE_ADDR": address, "wsgi.input": body or io.BytesIO(b"abc")}
    assert application(environ, lambda status, _headers: said.append(status))
    return said[0]


def test_one_address_takes_a_few_places_and_everybody_together_not_all(monkeypatch: Any, settings: Any) -> None:
    monkeypatch.setattr(bodies, "PATIENCE_SECONDS", 0.01)
    go, begun = threading.Event(), threading.Semaphore(0)

    class Stuck:
        def read(self, _size: int, /) -> bytes:
            begun.release()
            go.wait(20)
            return b""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", [])
        return [b"done"]

    bounded = bodies.bounded(application)
    senders = [threading.Thread(target=answered, args=(bounded, address, Stuck()))
               for address in (*["192.0.2.1"] * bodies.WAITING_OF_ONE, *["192.0.2.2"] * 2)]
    for sender in senders[:bodies.WAITING_OF_ONE]:
        sender.start()
        assert begun.acquire(timeout=20)
    assert answered(bounded, "192.0.2.1").startswith("503")
    assert answered(bounded, "192.0.2.3") == "200 OK"
    for sender in senders[bodies.WAITING_OF_ONE:]:
        sender.start()
        assert begun.acquire(timeout=20)
    assert answered(bounded, "192.0.2.3").startswith("503")
    go.set()
    for sender in senders:
        sender.join(20)
    assert answered(bounded, "192.0.2.1") == "200 OK"
    settings.PROXY_COUNT = 1
    assert bodies._address({"HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7", "REMOTE_ADDR": "127.0.0.1"}) == "198.51.100.7"


def test_a_page_that_is_only_read_needs_no_place(monkeypatch: Any) -> None:
    monkeypatch.setattr(bodies, "WAITING_TOGETHER", 0)

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    assert answered(bodies.bounded(application), "192.0.2.1", size=0) == "200 OK"


def test_a_form_is_read_before_anything_is_done_for_it_and_a_trickled_one_is_told_so(clock: list[float]) -> None:
    calls: list[bytes] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        assert isinstance(environ["wsgi.input"], io.BytesIO)  # it waits for nobody any more, and holds no place
        calls.append(environ["wsgi.input"].read())
        start_response("200 OK", [])
        return [b"done"]

    served = bodies.bounded(application)
    assert answered(served, "10.0.0.1") == "200 OK"
    assert answered(served, "10.0.0.1", Trickle(clock, 60_000), 60_000) == "408 Request Timeout"
    assert calls == [b"abc"]

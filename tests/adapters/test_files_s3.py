"""Sealed files in an S3-compatible store: signatures by the published examples, and a small server that checks them (R9.6)."""

import hashlib
import hmac
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from weidai.adapters.files_s3 import S3Place, S3Shelf, signed_headers
from weidai.kernel.errors import PartnerUnavailable
from weidai.platform.ids import uuid7

EXAMPLE = S3Place("https://examplebucket.s3.amazonaws.com", "examplebucket", "us-east-1", "AKIAIOSFODNN7EXAMPLE",
                  "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


@pytest.mark.parametrize(("query", "signature"), [
    ("lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    ("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
])
def test_signatures_are_those_of_the_published_examples(query, signature):
    headers = signed_headers(EXAMPLE, "GET", "/", query=query, body=b"", at=datetime(2013, 5, 24, tzinfo=UTC))
    assert headers["authorization"].endswith(f"Signature={signature}")


class Store(BaseHTTPRequestHandler):
    """Keeps objects in memory and refuses what is not signed with its key. Two keys a page."""

    objects: dict[str, bytes] = {}
    secret = "its secret"

    def log_message(self, *_arguments):
        """Nothing."""

    def answer(self, status, content=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.is_signed(body):
            return self.answer(403)
        path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        if "list-type" in query:
            return self.answer(200, self.page(query))
        name = path.removeprefix("/bucket/")
        if self.command == "PUT":
            self.objects[name] = body
        elif self.command == "DELETE":
            self.objects.pop(name, None)
        elif name not in self.objects:
            return self.answer(404)
        return self.answer(200, self.objects.get(name, b"") if self.command == "GET" else b"")

    do_GET = do_PUT = do_DELETE = handle_request  # noqa: N815 (named by the base class)

    def is_signed(self, body):
        claimed = self.headers["authorization"].rsplit("Signature=")[1]
        stamp, parts = self.headers["x-amz-date"], urlsplit(self.path)
        query = "&".join(sorted(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in parse_qsl(parts.query)))
        digest = hashlib.sha256(body).hexdigest()
        canonical = (f"{self.command}\n{parts.path}\n{query}\nhost:{self.headers['host']}\nx-amz-content-sha256:{digest}\n"
                     f"x-amz-date:{stamp}\n\nhost;x-amz-content-sha256;x-amz-date\n{digest}")
        scope = f"{stamp[:8]}/cn-north-1/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = ("AWS4" + self.secret).encode()
        for part in [*scope.split("/")[:3], "aws4_request"]:
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(claimed, hmac.new(key, text.encode(), "sha256").hexdigest())

    def page(self, query):
        names = sorted(name for name in self.objects if name.startswith(query["prefix"]))
        start = int(query.get("continuation-token", "0"))
        rows = "".join(f"<Contents><Key>{name}</Key><LastModified>2026-06-01T04:00:00.000Z</LastModified></Contents>"
                       for name in names[start:start + 2])
        more = f"<NextContinuationToken>{start + 2}</NextContinuationToken>" if start + 2 < len(names) else ""
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return f'<?xml version="1.0"?><ListBucketResult xmlns="{space}">{rows}{more}</ListBucketResult>'.encode()


@pytest.fixture
def store():
    Store.objects = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def shelf_at(url, secret=Store.secret):
    return S3Shelf(S3Place(url, "bucket", "cn-north-1", "us", secret))


def test_what_is_put_is_got_listed_and_deleted(store):
    shelf, keys = shelf_at(store), [str(uuid7()) for _ in range(5)]
    for key in keys:
        shelf.put(key, key.encode() * 1000)
    Store.objects["weidai/somebody-elses"] = b"x"
    assert shelf.get(keys[0]) == keys[0].encode() * 1000
    assert sorted(key for key, _ in shelf.kept()) == sorted(keys)
    assert next(shelf.kept())[1] == datetime(2026, 6, 1, 4, tzinfo=UTC)
    shelf.delete(keys[0])
    shelf.delete(keys[0])
    assert shelf.get(keys[0]) is None


def test_a_wrong_secret_and_a_store_that_is_away_are_partners_without_an_answer(store):
    with pytest.raises(PartnerUnavailable):
        shelf_at(store, secret="another").put(str(uuid7()), b"x")
    with pytest.raises(PartnerUnavailable):
        shelf_at("http://127.0.0.1:9").get(str(uuid7()))
    with pytest.raises(ValueError, match="badly formed"):
        shelf_at(store).get("../../etc/passwd")

"""The protocol page and the code say the same: codes, calls, modes, and the signing example."""

import base64
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sandbox_world.faults import CALLS, MODES, VARIANTS, Fault
from sandbox_world.population.banks import BANKS
from sandbox_world.population.personas import PERSONAS, TRAPS
from sandbox_world.testing import RunningWorld

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/sandbox-protocol.md").read_text()
CODE = "\n".join(path.read_text() for path in (ROOT / "src/sandbox_world").rglob("*.py"))


def test_every_problem_code_is_on_the_page() -> None:
    codes = set(
        re.findall(r'"((?:request|signature|control|person|card|fault|callback|world|bank)\.[a-z_0-9]+)"', CODE)
    )
    codes -= {"world.sqlite3", "bank.transfer.received"}
    codes = {code for code in codes if not code.endswith(".html")}
    assert len(codes) > 20
    assert sorted(code for code in codes if f"`{code}`" not in PAGE) == []


def test_every_word_of_the_protocol_is_on_the_page() -> None:
    words = [*MODES, *VARIANTS, *CALLS, *(call for calls in CALLS.values() for call in calls), *TRAPS]
    words += [persona.code for persona in PERSONAS]
    assert [word for word in words if f"`{word}`" not in PAGE] == []
    assert [bank.code for bank in BANKS if f" {bank.code}" not in PAGE] == []
    assert [name for name in Fault.__slots__ if f'"{name}"' not in PAGE] == []


def test_every_call_is_on_the_page(running: RunningWorld) -> None:
    rules = [rule.rule for rule in running.app.url_map.iter_rules() if rule.rule.startswith("/v1/")]  # type: ignore[attr-defined]
    assert len(rules) > 30
    missing = []
    for rule in rules:
        pattern = re.sub(r"<[^>]+>", "{[a-z_]+}", rule)
        if not re.search(pattern + r"[`?&]", PAGE):
            missing.append(rule)
    assert missing == []


@pytest.mark.parametrize("kind", ["request", "answer"])
def test_the_signing_example_is_right(kind: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    assert key.public_key().public_bytes_raw().hex() in PAGE
    body = re.search(r"\| body \| `([^`]+)` \|" if kind == "request" else r"status 200 \| `([^`]+)` \|", PAGE)
    signature = re.search(rf"\| {kind} signature \| `([^`]+)` \|", PAGE)
    assert body
    assert signature
    head = "POST\n/v1/registry/check\n1795420978\nsandbox-nonce-0001\n"
    if kind == "answer":
        head = "1795420978\nsandbox-nonce-0001\n200\n"
    assert base64.b64encode(key.sign((head + body[1]).encode())).decode() == signature[1]

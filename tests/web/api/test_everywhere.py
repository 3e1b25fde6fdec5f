"""What holds for every operation: a token, whole input, one's own records, one shape of error (R9.2, R9.3)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from tests.services.lending_support import borrower_make
from tests.web.api.conftest import PREFIX, Caller, Owner, problem_of, signed_in
from weidai.web.api.reference import schema
from weidai.web.shared.borrower import COOKIE

OPERATIONS = [(method.upper(), path.removeprefix("/api/v1"), operation) for path, found in schema()["paths"].items()
              for method, operation in found.items()]
SECURED = [(method, path) for method, path, operation in OPERATIONS if operation.get("security")]
WITH_BODY = [(method, path, operation) for method, path, operation in OPERATIONS
             if "application/json" in operation.get("requestBody", {}).get("content", {})]
# Files of many parts are sent as such and have tests of their own (test_face.py).
OF_ONE = [(method, path, operation) for method, path, operation in OPERATIONS if "_id}" in path
          and "multipart/form-data" not in operation.get("requestBody", {}).get("content", {})]
KEY = "key-00000001"


def _filled(path: str, **ids: Any) -> str:
    for name in ("application_id", "paper_id", "line_id", "drawdown_id", "loan_id", "debit_id", "card_id",
                 "challenge_id", "session_id", "device_id"):
        path = path.replace(f"{{{name}}}", str(ids.get(name, uuid4())))
    return path.replace("{purpose}", "face")


def _example(operation: dict[str, Any]) -> dict[str, Any]:
    """A body that is right in form."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return {}
    shape = schema()["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[-1]]
    return {name: _value(name, shape["properties"][name]) for name in shape.get("required", [])}


def _value(name: str, kind: dict[str, Any]) -> Any:
    if kind.get("format") == "uuid":
        return str(uuid4())
    if kind.get("type") == "integer":
        return 12
    if "enum" in kind or "const" in kind:
        return kind.get("const") or kind["enum"][0]
    if kind.get("type") == "object":
        return {}
    return {"mobile": "13800000000", "code": "123456", "password": "123456", "payment_password": "123456",
            "signature": "A" * 86 + "=="}.get(name, "31")


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), SECURED, ids=lambda value: str(value))
def test_without_a_token_it_is_401(method: str, path: str) -> None:
    answer = Caller().call(method, _filled(path))
    problem_of(answer, 401, "api.not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_only_sign_in_products_and_documents_are_open() -> None:
    assert {path for method, path, operation in OPERATIONS if not operation.get("security")} == {
        "/legal-documents", "/sign-in/code", "/sign-in", "/products"}


@pytest.mark.parametrize("token", ["x", "0" * 32 + ".x", "y" * 600, "nothex" * 6 + ".abc", "é.x"])
def test_a_wrong_token_is_401(token: str, owner: Owner) -> None:
    problem_of(Caller(token).get("/me"), 401, "api.not_signed_in")


def test_a_cookie_is_no_token(owner: Owner) -> None:
    caller = Caller()
    caller.client.cookies[COOKIE] = owner.token
    problem_of(caller.get("/me"), 401, "api.not_signed_in")


@pytest.mark.parametrize(("method", "path", "operation"), WITH_BODY, ids=lambda value: str(value)[:60])
def test_wrong_input_is_422_with_a_stable_code(method: str, path: str, operation: Any, owner: Owner) -> None:
    address = _filled(path)
    for body in ("", "{", "[]", '"text"', "null", "[" * 3000, '{"a":', b"\xff\xfe"):
        answer = owner.call(method, address, body)
        assert answer.status_code == 422, (body, answer.content)
        assert answer.json()["code"].startswith("api."), answer.content
    unknown = owner.call(method, address, {**_example(operation), "nonsense": 1}, Idempotency_Key=KEY)
    assert problem_of(unknown, 422, "api.field_unknown")["field"] == "nonsense"
    for name in _example(operation):
        short = {key: value for key, value in _example(operation).items() if key != name}
        assert problem_of(owner.call(method, address, short, Idempotency_Key=KEY), 422, "api.field_missing")["field"] == name
        for wrong in ([], 1.5, "a\x00b", "x" * 5000, -1, 10**30, True, "\ud800"):
            answer = owner.call(method, address, {**_example(operation), name: wrong}, Idempotency_Key=KEY)
            found = answer.json()
            assert answer.status_code == 422, (name, wrong, found)
            assert found["code"].startswith("api.field_"), (name, wrong, found)
            assert found["errors"][0]["field"].startswith(name), (name, wrong, found)


@pytest.mark.parametrize(("method", "path", "operation"), OF_ONE, ids=lambda value: str(value)[:60])
def test_somebody_elses_record_is_404(method: str, path: str, operation: Any, owner: Owner) -> None:
    drawdown_id = owner.start().rsplit("/", 1)[-1]
    ids = {"line_id": owner.who.line_id, "drawdown_id": drawdown_id, "card_id": owner.who.card_id}
    other = signed_in(borrower_make(2).id)
    body = _example(operation) if operation.get("requestBody") else None
    for address in (_filled(path), _filled(path, **ids)):  # nobody's, and the owner's
        answer = other.call(method, address, body, Idempotency_Key=KEY)
        assert answer.status_code == 404, (address, answer.content.decode())
        assert answer.json()["code"].endswith("not_found"), answer.json()
    assert other.get("/drawdowns").json()["items"] == []


def test_somebody_elses_ids_in_a_body_are_not_found(owner: Owner) -> None:
    loan = owner.borrow()
    other = signed_in(borrower_make(2).id)
    for path, body in (("/drawdowns/quote", owner.wish()), ("/drawdowns", owner.wish(purpose="daily_consumption")),
                       ("/repayments", {"loan_id": loan.rsplit("/", 1)[-1], "kind": "settle"})):
        answer = other.post(path, body, Idempotency_Key=KEY)
        assert answer.status_code == 404, (path, answer.content.decode())
    for path in (loan, f"{loan}/schedule", f"{loan}/settlement-quote"):
        problem_of(other.get(path), 404, "lending.loan_not_found")


def test_the_language_is_the_callers(owner: Owner) -> None:
    assert owner.get("/lines").headers["Content-Language"] == "zh-CN"
    assert owner.ok("GET", "/lines")[0]["status_text"] == "可用"
    for language in ("en", "en-GB,zh;q=0.5", "fr, en;q=0.8, zh;q=0.1"):
        owner.language = language
        assert owner.ok("GET", "/lines")[0]["status_text"] == "activated"
    found = problem_of(owner.get(f"/loans/{uuid4()}"), 404, "lending.loan_not_found")
    assert (found["title"], found["title_en"], found["detail"]) == ("没有找到", "Not found", "There is no such loan.")
    owner.language = "de;q=x, *"
    assert problem_of(owner.get(f"/loans/{uuid4()}"), 404, "lending.loan_not_found")["detail"] == "没有找到这笔借款。"


def test_unknown_addresses_and_methods_have_the_same_shape(owner: Owner) -> None:
    problem_of(owner.get("/nothing/here"), 404, "api.not_found")
    problem_of(owner.get("/loans/not-an-id"), 404, "api.not_found")
    answer = owner.call("DELETE", "/loans")
    problem_of(answer, 405, "api.method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_a_body_has_a_limit(owner: Owner) -> None:
    problem_of(owner.call("PUT", "/me/profile", b"x" * 3_000_000), 413, "api.body_too_large")


def test_answers_are_not_kept_by_caches(owner: Owner) -> None:
    answer = owner.get("/me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Authorization" in answer.headers["Vary"]
    assert not answer.cookies


def test_pages_go_on_from_their_cursor(owner: Owner) -> None:
    begun = [owner.start() for _ in range(3)]
    first = owner.ok("GET", "/drawdowns?limit=2")
    second = owner.ok("GET", f"/drawdowns?limit=2&after={first['next']}")
    assert [f"/drawdowns/{row['id']}" for row in first["items"] + second["items"]] == begun[::-1]
    assert second["next"] is None
    problem_of(owner.get(f"/drawdowns?after={uuid4()}"), 422, "api.cursor_unknown")
    assert problem_of(owner.get("/drawdowns?limit=1000"), 422, "api.field_range")["field"] == "limit"
    assert problem_of(owner.get("/drawdowns?after=x"), 422, "api.field_invalid")["field"] == "after"


def test_the_schema_is_whole() -> None:
    """OpenAPI 3.1: every reference leads somewhere, every operation has one id, its words and its answers."""
    document = schema()
    assert document["openapi"].startswith("3.")
    assert document["components"]["securitySchemes"]["Bearer"] == {"type": "http", "scheme": "bearer"}
    kinds = [kind.__name__ for kind in _kinds(BaseModel) if kind.__module__.startswith("weidai.web.api")]
    assert len(kinds) == len(set(kinds)), "two shapes with one name would be one shape in the document"
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))
    for method, path, operation in OPERATIONS:
        assert operation["description"], path
        assert any(str(status).startswith("2") for status in operation["responses"]), path
        assert operation["responses"]["default"]["content"]["application/problem+json"], path
        declared = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert declared == {part.strip("{}") for part in path.split("/") if part.startswith("{")}, (method, path)
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(_references(document)) <= known
    money = {path for _, path, operation in OPERATIONS
             if any(one["name"] == "Idempotency-Key" and one["required"] for one in operation.get("parameters", []))}
    assert money == {"/drawdowns/{drawdown_id}/confirm", "/repayments"}


def _kinds(kind: type) -> list[type]:
    return [found for one in kind.__subclasses__() for found in (one, *_kinds(one))]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [found for key, value in node.items()
                for found in ([value] if key == "$ref" and isinstance(value, str) else _references(value))]
    return [found for one in node for found in _references(one)] if isinstance(node, list) else []


@pytest.mark.django_db
def test_the_reference_is_served_without_scripts() -> None:
    client = Caller().client
    answer = client.get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["paths"].keys() == schema()["paths"].keys()
    page = client.get(f"{PREFIX}/docs").content.decode()
    assert "<script" not in page
    assert "style=" not in page
    assert "//" not in page.replace("https://", "").split("<h2>")[0].split("stylesheet")[1][:60]
    for path in schema()["paths"]:
        assert path.replace("{", "{") in page

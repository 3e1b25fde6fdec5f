"""The WSGI application: signatures on every call under /v1, problem bodies for every refusal."""

import json
import logging
import time

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from sandbox_world.api import bank, behaviour, bureau, control, identity, operator, tencent
from sandbox_world.calls import world
from sandbox_world.pages import actions
from sandbox_world.pages.views import page_words
from sandbox_world.problems import Problem
from sandbox_world.settings import settings_from_environment
from sandbox_world.signing import CLOCK_TOLERANCE_SECONDS, SignedRequest, answer_headers, request_verify
from sandbox_world.world import World

MAX_BODY_BYTES = 8 * 1024 * 1024
BLUEPRINTS = (identity, bank, operator, bureau, behaviour, control, tencent, actions)
HTTP_CODES = {404: "request.path_unknown", 405: "request.method_refused", 413: "request.too_large"}
log = logging.getLogger("sandbox_world")


class WorldFlask(Flask):
    """Flask that writes answers as compact UTF-8 JSON."""

    def make_response(self, rv: ResponseReturnValue) -> Response:
        """Turn a plain object into a JSON answer."""
        return json_response(rv) if isinstance(rv, dict) else super().make_response(rv)


def json_response(content: dict[str, object], *, status: int = 200, mimetype: str = "application/json") -> Response:
    """Write an object as JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status=status, mimetype=mimetype)


def create_app(played: World) -> Flask:
    """Build the application around a world."""
    app = WorldFlask(__name__, static_folder=None, template_folder="pages/templates")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions["sandbox_world"] = played
    for module in BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    app.before_request(_signature_check)
    app.after_request(_answer_sign)
    app.register_error_handler(Problem, _problem_answer)
    app.register_error_handler(HTTPException, _http_answer)
    app.register_error_handler(Exception, _bug_answer)
    app.add_url_rule("/health", view_func=health)
    return app


def create_app_from_environment() -> Flask:
    """Build and start a world from the environment; the server's worker calls this."""
    played = World(settings_from_environment())
    played.start()
    return create_app(played)


def health() -> dict[str, object]:
    """Say that the world turns; cheap and unsigned."""
    here = world()
    return {
        "status": "ok",
        "service": "sandbox_world",
        "people": here.settings.people,
        "seed": here.settings.seed,
        "waiting_callbacks": here.callbacks.waiting_count(),
        "faults": here.faults.active_count(),
    }


def _is_signed_path() -> bool:
    return request.path.startswith("/v1/")


def _signature_check() -> None:
    if not _is_signed_path():
        return
    here, query = world(), request.environ.get("QUERY_STRING", "")
    signed = SignedRequest(request.method, request.path + (f"?{query}" if query else ""), request.get_data())
    request_verify(
        signed,
        request.headers,
        public_key=here.keys.client_public,
        key_id="client",
        nonce_take=lambda nonce: here.store.nonce_take(
            nonce, now=time.time(), keep_seconds=2 * CLOCK_TOLERANCE_SECONDS + 60
        ),
    )


def _answer_sign(response: Response) -> Response:
    if _is_signed_path():
        nonce = request.headers.get("Sandbox-Nonce", "")
        response.headers.update(
            answer_headers(response.status_code, response.get_data(), nonce=nonce, key=world().keys.world)
        )
        response.headers["Cache-Control"] = "no-store"
    return response


def _problem_answer(problem: Problem) -> Response:
    if not _is_signed_path() and request.path != "/health" and "text/html" in request.headers.get("Accept", ""):
        page = render_template("problem.html", problem=problem, **page_words())
        return Response(page, status=problem.status, mimetype="text/html")
    return json_response(problem.to_body(), status=problem.status, mimetype="application/problem+json")


def _http_answer(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]  # redirects of the router
    code = HTTP_CODES.get(status, "request.refused")
    return _problem_answer(Problem(status, code, error.description or error.name))


def _bug_answer(error: Exception) -> Response:
    log.error("bug in the sandbox world at %s", request.path, exc_info=error)
    return _problem_answer(Problem(500, "world.internal_error", "The sandbox world has a bug; its log says more."))

"""Structured logs with request ids; nothing personal is ever a field (R9.6, R9.7)."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

# Keys that would carry personal data or secrets: their values never reach a log line, whoever passes them.
_NEVER = frozenset({
    "name", "full_name", "id_number", "mobile", "card_number", "password", "payment_password", "code", "sms_code",
    "token", "openid", "address", "secret",
})


def _drop_personal(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: "[hidden]" if key in _NEVER else value for key, value in event.items()}


def configure_logs(*, as_json: bool, level: str) -> None:
    """Send structlog and the standard library's records to stderr in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_personal,
    ]
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback)  # never the local variables: they hold facts of people
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info,
                    renderer] if as_json else
                   [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    ))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("httpx").setLevel("WARNING")
    logging.getLogger("procrastinate").setLevel("WARNING")
    logging.getLogger("psycopg.pool").setLevel("WARNING")  # it tells every request's connection
    logging.getLogger("fontTools").setLevel("ERROR")
    logging.getLogger("fpdf").setLevel("ERROR")

"""Headless Chromium for tests of pages, and what it showed when a test fails: address, words, faults and a picture.

A busy machine makes nothing here fail: waits are for conditions, and their limits cost time only where something is wrong.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

AXE = (Path(__file__).parents[1] / "web/vendor/axe.min.js").read_text(encoding="utf-8")
CHROMIUM = Path(os.environ.get("WEIDAI_CHROMIUM", "/usr/bin/chromium"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
PICTURES = os.environ.get("WEIDAI_SCREENSHOTS")
# Where a browser is required (CI), a missing one fails instead of being skipped.
NO_BROWSER = not CHROMIUM.exists() and os.environ.get("WEIDAI_REQUIRE_BROWSER") != "1"
WAIT_MS = 90_000
_WORDS, _NOTES = 3_000, 30
_open: dict[Any, list[str]] = {}  # each window with what went wrong in it


@contextmanager
def playwright_running(*, database: bool = True) -> Iterator[Any]:
    """Playwright for one module; with `database` its tests may use the database beside the event loop it keeps."""
    from playwright.sync_api import sync_playwright

    if database:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            yield playwright
    finally:
        if database:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def chromium_running(playwright: Any, *flags: str) -> Iterator[Any]:
    """A browser whose windows are watched; told of where something fails while they are open."""
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *flags], timeout=WAIT_MS)
    open_one = browser.new_context

    def new_context(**options: Any) -> Any:
        context = open_one(**options)
        context.set_default_timeout(WAIT_MS)
        _watch(context)
        return context

    browser.new_context = new_context
    try:
        yield browser
    except Exception as error:
        add_note(error)
        raise
    finally:
        for context in browser.contexts:
            _open.pop(context, None)
        browser.close()


def add_note(error: BaseException) -> None:
    """Say beside an error what every open window shows."""
    if not getattr(error, "_windows_told", False):
        error._windows_told = True  # type: ignore[attr-defined]
        for title, told in windows_told("stopped"):
            error.add_note(f"--- {title}\n{told}")


def windows_told(name: str) -> list[tuple[str, str]]:
    """What each open window shows: its address, its words, what went wrong in it, and where its picture was put."""
    found = []
    for context, notes in list(_open.items()):
        with suppress(Exception):  # a window that cannot be asked any more must not hide why the test failed
            found += [_told(page, name, notes) for page in context.pages]
    return found


def windows_close() -> None:
    """Close what a test left open: a page that goes on asking would disturb the next test."""
    for context in list(_open):
        _open.pop(context, None)
        with suppress(Exception):  # its browser may have ended
            context.close()


def _watch(context: Any) -> None:
    _open[context] = notes = []
    context.on("close", lambda closed: _open.pop(closed, None))
    context.on("console", lambda message: notes.append(f"{message.type}: {message.text}")
               if message.type in ("error", "warning") else None)
    context.on("weberror", lambda error: notes.append(f"script: {error.error}"))
    context.on("response", lambda answer: notes.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    context.on("requestfailed", lambda asked: notes.append(f"{asked.failure} {asked.url}"))


def _told(page: Any, name: str, notes: list[str]) -> tuple[str, str]:
    words = ""
    with suppress(Exception):
        words = page.inner_text("body", timeout=5_000)[:_WORDS]
    folder = Path(PICTURES or Path(tempfile.gettempdir()) / "weidai-failed")
    picture = folder / f"{re.sub(r'[^A-Za-z0-9_]+', '_', name)[-120:]}_{os.getpid()}_{id(page):x}.png"
    with suppress(Exception):
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(picture), full_page=True, timeout=10_000)
    seen = f"picture: {picture}\n" if picture.exists() else ""
    return f"window at {page.url}", "\n".join([f"{seen}{words}", *(f"! {note}" for note in notes[-_NOTES:])])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium for the tests of one module, with a camera that shows Chromium's own test picture."""
    with playwright_running() as playwright, chromium_running(playwright, "--use-fake-device-for-media-stream") as chromium:
        yield chromium


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    """Playwright itself, for tests that start Chromium in ways of their own."""
    with playwright_running() as started:
        yield started

"""Loading the demo: the first wave before the page opens, the second behind it; log-ins for people to try."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from weidai.demo.history import Cast, History, Played, background_lives
from weidai.demo.identity_lives import IDENTITY_LIVES
from weidai.demo.lives import FOREGROUND, Life
from weidai.demo.paper_lives import PAPER_LIVES, VOICE_LIFE
from weidai.identity.selectors import voice_is_offered
from weidai.jobs.identity_watch import identity_watch_run
from weidai.platform import books, clock
from weidai.platform.postgres import home_directory

FIRST_BOOK, SECOND_BOOK, PAPER_BOOK = books.MAIN_BOOK, 2, 3
_FIRST_WAVE_PERSONAS = 60  # the second wave starts behind the people the first may use

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DemoBorrower:
    """A borrower one can log in as."""

    mobile: str
    name: str
    persona: str
    title_zh: str
    title_en: str


def is_loaded() -> bool:
    """Say whether the first wave is in place."""
    return books.book_state(FIRST_BOOK) == "live"


def first_wave(progress: Progress) -> dict[str, int]:
    """Live the first wave's history; returns refusals by code. Does nothing when it is in place."""
    if is_loaded():
        return {}
    is_fresh = books.book_state(FIRST_BOOK) is None  # else an interrupted load: its days are finished without stories
    lives = (*FOREGROUND, *IDENTITY_LIVES)
    history = _history(FIRST_BOOK, "main", _span(lives))
    cast = Cast()
    played = [history.join(life, cast.next_of(life.persona, life.suits)) for life in lives] if is_fresh else []
    _live(history, progress)
    identity_watch_run(clock.today())  # the worker has looked before these people came, and looks once a day
    _borrowers_keep(played)
    return dict(history.refusals)


def paper_wave(progress: Progress) -> dict[str, int]:
    """Live the stories that machines read or hear, in a book of their own; does nothing when they were lived."""
    if books.book_state(PAPER_BOOK) == "live":
        return {}
    is_fresh = books.book_state(PAPER_BOOK) is None
    lives = (*PAPER_LIVES, VOICE_LIFE) if voice_is_offered() else PAPER_LIVES
    history = _history(PAPER_BOOK, "papers", _span(lives))
    kept = logins()
    cast = Cast(taken=frozenset([*kept.get("cast", ()), *(row["mobile"] for row in kept.get("borrowers", ()))]))
    played = [history.join(life, cast.next_of(life.persona, life.suits)) for life in lives] if is_fresh else []
    _live(history, progress)
    _borrowers_keep(played)
    return dict(history.refusals)


def second_wave(count: int, progress: Progress) -> dict[str, int]:
    """Live `count` more lives in a book of their own, which goes live when it has caught up."""
    if books.book_state(SECOND_BOOK) == "live":
        return {}
    lives = list(background_lives(count))
    is_fresh = books.book_state(SECOND_BOOK) is None
    history = _history(SECOND_BOOK, "second wave", _span(lives))
    if is_fresh:
        cast = Cast(skip=_FIRST_WAVE_PERSONAS)
        for life in lives:
            history.join(life, cast.next_of(life.persona))
    _live(history, progress)
    return dict(history.refusals)


def _span(lives: Sequence[Life]) -> int:
    return max((life.begins_days_before for life in lives), default=1)


def _history(book_id: int, name: str, days: int) -> History:
    last_day = clock.today() - timedelta(days=1)
    books.book_open(book_id, name=name, on=last_day - timedelta(days=days), loading=True)
    return History(book_id, last_day)


def _live(history: History, progress: Progress) -> None:
    first = books.business_date(history.book_id)
    total = (history.last_day - first).days + 1

    def report(day: date) -> None:
        progress((day - first).days + 1, total)

    history.live(report)


def _logins_file() -> Path:
    return home_directory() / "demo-logins.json"


def _borrowers_keep(played: Sequence[Played]) -> None:
    """Add people to the list of log-ins, and to those who play already."""
    kept = logins()
    shown = [asdict(DemoBorrower(p.borrower.person.mobile, p.borrower.person.name, p.life.persona, p.life.title_zh,
                                 p.life.title_en)) for p in played if p.life.can_sign_in]
    _logins_write(kept | {"borrowers": [*kept.get("borrowers", ()), *shown],
                          "cast": [*kept.get("cast", ()), *(p.borrower.person.mobile for p in played)]})


def logins() -> dict[str, list[Any]]:
    """Return what was kept of the demo's log-ins: staff with passwords, borrowers by story."""
    try:
        return dict(json.loads(_logins_file().read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def staff_ensure() -> None:
    """Create the demo's staff accounts once and keep their passwords in the home directory (0600)."""
    from weidai.staff import services as staff

    if logins().get("staff"):
        return
    accounts = staff.demo_staff_create()
    _logins_write(logins() | {"staff": [
        {"username": a.username, "display_name": a.display_name, "password": a.password, "totp_secret": a.totp_secret}
        for a in accounts
    ]})


def _logins_write(content: dict[str, list[dict[str, str]]]) -> None:
    path = _logins_file()
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(content, handle, ensure_ascii=False, indent=2)
    temporary.replace(path)

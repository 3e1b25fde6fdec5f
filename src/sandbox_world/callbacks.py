"""Events to the lender: a queue in the store, a sender in the background, retries with growing pauses."""

import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sandbox_world.faults import Fault
from sandbox_world.problems import Problem
from sandbox_world.signing import SignedRequest, request_headers
from sandbox_world.store import Store

PAUSES_SECONDS = (1, 2, 5, 15, 60, 300, 900, 3600)
TIMEOUT_SECONDS = 5
SENDERS = 4
ROUND_SIZE = 16
LONGEST_SLEEP_SECONDS = 5.0
STATES = ("waiting", "delivered", "failed", "lost")
URL_SETTING = "callback_url"


@dataclass(frozen=True, slots=True)
class EventPlan:
    """How the event of one request is to go wrong."""

    copies: int = 0
    stale_after_ms: int | None = None
    is_lost: bool = False

    def to_text(self) -> str:
        """Write the plan for the store."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_text(text: str) -> "EventPlan":
        """Read the plan from the store."""
        return EventPlan(**json.loads(text))


def event_plan(faults: Iterable[Fault]) -> EventPlan:
    """Return the plan that the callback faults of a call ask for."""
    copies, stale_after_ms, is_lost = 0, None, False
    for fault in faults:
        if fault.mode == "duplicate_callback":
            copies += fault.copies
        elif fault.mode == "out_of_order_callback":
            stale_after_ms = fault.delay_ms
        else:
            is_lost = True
    return EventPlan(copies, stale_after_ms, is_lost)


class Callbacks:
    """The queue and its sender."""

    def __init__(self, store: Store, key: Ed25519PrivateKey, *, url: str | None) -> None:
        """Use the store; the thread starts with `start`."""
        self._store, self._key, self._option_url = store, key, url
        self._wake, self._stop, self._round = threading.Event(), threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str | None:
        """Return where events go: the kept setting, else the option."""
        kept = self._store.setting(URL_SETTING)
        return self._option_url if kept is None else kept or None

    def url_keep(self, url: str | None) -> None:
        """Send events elsewhere from now on; None holds them back."""
        self._store.setting_keep(URL_SETTING, url or "")
        self.wake()

    def enqueue(self, event: dict[str, object], *, plan: EventPlan) -> None:
        """Write an event into the queue, inside the transaction of its cause."""
        now = time.time()
        state = "lost" if plan.is_lost else "waiting"
        event_id = self._insert(event, state=state, at=now)
        for _ in range(plan.copies):
            self._insert({**event, "event_id": event_id}, state=state, at=now)
        if plan.stale_after_ms is not None and "request_id" in event:
            stale = {**event, "sequence": 1, "state": "accepted", "reason": None, "booked_at": None, "entry_id": None}
            self._insert(stale, state=state, at=now + max(plan.stale_after_ms, 1) / 1000)

    def _insert(self, event: dict[str, object], *, state: str, at: float) -> str:
        connection = self._store.connection()
        cursor = connection.execute(
            "INSERT INTO callback (event_id, type, body, state, next_try_at, created_at) VALUES ('', ?, '', ?, ?, ?)",
            (event["type"], state, at, time.time()),
        )
        event_id = str(event.get("event_id") or f"evt-{cursor.lastrowid:012d}")
        body = json.dumps({"event_id": event_id, **event}, ensure_ascii=False, separators=(",", ":"))
        connection.execute(
            "UPDATE callback SET event_id = ?, body = ? WHERE id = ?", (event_id, body, cursor.lastrowid)
        )
        return event_id

    def wake(self) -> None:
        """Tell the sender that something may be due."""
        self._wake.set()

    def start(self, settle_due: Callable[[float], object]) -> None:
        """Start the sender; it also settles accepted requests when they fall due."""
        self._thread = threading.Thread(target=self._run, args=(settle_due,), name="sandbox-callbacks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the sender; what waits stays in the queue."""
        self._stop.set()
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=TIMEOUT_SECONDS + 1)

    def _run(self, settle_due: Callable[[float], object]) -> None:
        with ThreadPoolExecutor(SENDERS, thread_name_prefix="sandbox-sender") as pool:
            while not self._stop.is_set():
                self._wake.clear()
                try:
                    settle_due(time.time())
                    sent = self._send_round(pool) if self.url else 0
                    pause = 0.0 if sent else self._pause()
                except sqlite3.Error:
                    if self._stop.is_set():
                        return  # the store was closed under us
                    pause = 1.0
                self._wake.wait(pause)

    def _pause(self) -> float:
        """Return how long nothing is due."""
        due = self._store.row(
            "SELECT min(at) FROM (SELECT next_try_at AS at FROM callback WHERE state = 'waiting' AND ?"
            " UNION ALL SELECT settle_at FROM money_request WHERE state = 'accepted')",
            (int(bool(self.url)),),
        )
        if not due or due[0] is None:
            return LONGEST_SLEEP_SECONDS
        return min(max(float(due[0]) - time.time(), 0.005), LONGEST_SLEEP_SECONDS)

    def _send_round(self, pool: ThreadPoolExecutor) -> int:
        with self._round:
            rows = self._store.rows(
                "SELECT id FROM callback WHERE state = 'waiting' AND next_try_at <= ? ORDER BY next_try_at, id LIMIT ?",
                (time.time(), ROUND_SIZE),
            )
            list(pool.map(self._send, [row["id"] for row in rows]))
        return len(rows)

    def flush(self) -> dict[str, int]:
        """Send every waiting event now, one after the other in order of due time, one attempt each."""
        counts = {"sent": 0, "failed": 0}
        if not self.url:
            return counts
        with self._round:
            for row in self._store.rows("SELECT id FROM callback WHERE state = 'waiting' ORDER BY next_try_at, id"):
                counts["sent" if self._send(row["id"]) else "failed"] += 1
        return counts

    def retry(self, callback_id: int) -> dict[str, object]:
        """Send one event now, whatever became of it before."""
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE callback SET state = 'waiting', next_try_at = ? WHERE id = ?", (time.time(), callback_id)
            )
        if self.url:
            with self._round:
                self._send(callback_id)
        return self.one(callback_id)

    def one(self, callback_id: int) -> dict[str, object]:
        """Return one row of the log."""
        row = self._store.row("SELECT * FROM callback WHERE id = ?", (callback_id,))
        if row is None:
            raise Problem(404, "callback.not_found", "There is no callback with this id.")
        return {
            "callback_id": row["id"],
            "event_id": row["event_id"],
            "type": row["type"],
            "state": row["state"],
            "attempts": row["attempts"],
            "last_error": row["last_error"],
            "next_try_at": row["next_try_at"],
            "body": json.loads(row["body"]),
        }

    def listed(self, *, state: str | None, limit: int) -> list[dict[str, object]]:
        """Return the log, newest first."""
        rows = self._store.rows(
            "SELECT id FROM callback WHERE ? IS NULL OR state = ? ORDER BY id DESC LIMIT ?", (state, state, limit)
        )
        return [self.one(row["id"]) for row in rows]

    def waiting_count(self) -> int:
        """Count the events that wait."""
        return self._store.number("SELECT count(*) FROM callback WHERE state = 'waiting'")

    def _send(self, callback_id: int) -> bool:
        row = self._store.row("SELECT body, attempts, state FROM callback WHERE id = ?", (callback_id,))
        if row is None or row["state"] != "waiting":
            return False
        error = self._post(row["body"].encode())
        attempts = row["attempts"] + 1
        state, next_try_at = "delivered", time.time()
        if error:
            state = "waiting" if attempts <= len(PAUSES_SECONDS) else "failed"
            next_try_at += PAUSES_SECONDS[min(attempts, len(PAUSES_SECONDS)) - 1]
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE callback SET state = ?, attempts = ?, last_error = ?, next_try_at = ? WHERE id = ?",
                (state, attempts, error, next_try_at, callback_id),
            )
        return error is None

    def _post(self, body: bytes) -> str | None:
        """Send one signed request and return what went wrong, if anything did."""
        url = urlsplit(self.url or "")
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = request_headers(SignedRequest("POST", path, body), key=self._key, key_id="world")
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname or "127.0.0.1", url.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", path, body, {**headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read(65_536)
        except (OSError, http.client.HTTPException) as problem:
            return f"{type(problem).__name__}: {problem}"[:200]
        finally:
            connection.close()
        return None if 200 <= answer.status < 300 else f"HTTP {answer.status}"

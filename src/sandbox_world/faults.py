"""Faults on demand: which call goes wrong, how, and how often (docs/reference/sandbox-protocol.md, 9)."""

import json
import threading
from dataclasses import asdict, dataclass, fields, replace

from sandbox_world.fields import Fields
from sandbox_world.population.draws import Draws
from sandbox_world.problems import Problem, field_invalid
from sandbox_world.store import Store

MONEY_CALLS = ("payouts", "debits", "refunds", "transfers")
CALLS: dict[str, tuple[str, ...]] = {
    "registry": ("check", "business-check", "portrait"),
    "face": ("verifications", "liveness"),
    "cards": ("banks", "four-elements"),
    "bank": (*MONEY_CALLS, "requests", "accounts", "lender-accounts", "statement"),
    "operator": ("three-elements",),
    "sms": ("send", "inbox"),
    "bureau": ("reports", "records", "records-list"),
    "data": ("profile", "profiles", "summary", "payments", "balances", "contacts", "card-limits"),
}
CALLBACK_MODES = ("duplicate_callback", "out_of_order_callback", "lost_callback")
MONEY_MODES = ("async_accept", "contradictory", *CALLBACK_MODES)
MODES = ("delay", "timeout_before_effect", "timeout_after_effect", "error_5xx", "reject", *MONEY_MODES)
VARIANTS = ("failed_but_done", "succeeded_but_not_done", "accepted_then_opposite")
MAX_FAULTS = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One switched-on fault, as it was asked for."""

    partner: str
    call: str
    mode: str
    count: int | None
    probability: float
    seed: int
    delay_ms: int
    hold_ms: int
    copies: int
    status: int
    reason: str
    variant: str
    hold: bool
    book_next_day: bool

    def concerns(self, partner: str, call: str) -> bool:
        """Tell whether this fault is about a call."""
        return self.partner in (partner, "*") and self.call in (call, "*")


@dataclass(slots=True)
class _Switched:
    """A fault with its counters."""

    fault_id: int
    fault: Fault
    left_over: int | None
    hits: int
    draws: int

    def to_row(self) -> dict[str, object]:
        return {"fault_id": f"f-{self.fault_id}", **asdict(self.fault), "hits": self.hits, "left_over": self.left_over}


@dataclass(frozen=True, slots=True)
class CallFaults:
    """What goes wrong with one call."""

    delay_ms: int = 0
    answer: Fault | None = None
    callbacks: tuple[Fault, ...] = ()

    def answer_mode(self, *modes: str) -> Fault | None:
        """Return the answer fault when its mode is one of these."""
        return self.answer if self.answer and self.answer.mode in modes else None


NO_FAULTS = CallFaults()


def fault_read(body: Fields) -> Fault:
    """Read a fault from a body, or refuse it."""
    partner = body.one_of("partner", ("*", *CALLS))
    calls = ("*",) if partner == "*" else ("*", *CALLS[partner])
    fault = Fault(
        partner=partner,
        call=body.one_of("call", calls),
        mode=body.one_of("mode", MODES),
        count=body.whole("count", low=1, high=1_000_000) if body.has("count") else None,
        probability=_probability(body),
        seed=body.whole("seed", low=0, high=2**53, default=1),
        delay_ms=body.whole("delay_ms", low=0, high=120_000, default=1_000),
        hold_ms=body.whole("hold_ms", low=0, high=120_000, default=8_000),
        copies=body.whole("copies", low=1, high=20, default=1),
        status=body.whole("status", low=500, high=599, default=503),
        reason=body.text("reason", longest=64) if body.has("reason") else "rejected",
        variant=body.one_of("variant", VARIANTS, default=VARIANTS[0]),
        hold=body.flag("hold"),
        book_next_day=body.flag("book_next_day"),
    )
    body.done()
    if fault.mode in MONEY_MODES and (fault.partner != "bank" or fault.call not in ("*", *MONEY_CALLS)):
        raise field_invalid("mode", f"{fault.mode} is for the partner bank and the calls {', '.join(MONEY_CALLS)}.")
    return fault


def _probability(body: Fields) -> float:
    if not body.has("probability"):
        return 1.0
    value = body.raw("probability")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise field_invalid("probability", "probability lies between 0 and 1.")
    return float(value)


class FaultSwitch:
    """The faults that are switched on; kept in the store, read from memory."""

    def __init__(self, store: Store) -> None:
        """Load what was switched on before."""
        self._store, self._lock = store, threading.Lock()
        self._switched: list[_Switched] = []
        self.load()

    def load(self) -> None:
        """Read the faults from the store."""
        known = {field.name for field in fields(Fault)}
        rows = self._store.rows("SELECT * FROM fault ORDER BY id")
        with self._lock:
            self._switched = [
                _Switched(
                    row["id"],
                    Fault(**{name: value for name, value in json.loads(row["body"]).items() if name in known}),
                    row["left_over"],
                    row["hits"],
                    row["draws"],
                )
                for row in rows
            ]

    def add(self, fault: Fault) -> dict[str, object]:
        """Switch a fault on."""
        with self._lock:
            if len(self._switched) >= MAX_FAULTS:
                raise field_invalid("mode", f"{MAX_FAULTS} faults are on already; clear some first.")
            with self._store.writing() as connection:
                cursor = connection.execute(
                    "INSERT INTO fault (body, left_over, hits, draws) VALUES (?, ?, 0, 0)",
                    (json.dumps(asdict(fault)), fault.count),
                )
            switched = _Switched(int(cursor.lastrowid or 0), fault, fault.count, 0, 0)
            self._switched.append(switched)
            return switched.to_row()

    def listed(self) -> list[dict[str, object]]:
        """Return every fault with its hits; one that is used up stays until cleared."""
        with self._lock:
            return [switched.to_row() for switched in self._switched]

    def active_count(self) -> int:
        """Count the faults that can still strike."""
        with self._lock:
            return sum(switched.left_over != 0 for switched in self._switched)

    def clear(self) -> int:
        """Switch every fault off."""
        with self._lock:
            cleared = len(self._switched)
            with self._store.writing() as connection:
                connection.execute("DELETE FROM fault")
            self._switched = []
            return cleared

    def remove(self, fault_id: str) -> None:
        """Switch one fault off."""
        with self._lock:
            kept = [switched for switched in self._switched if f"f-{switched.fault_id}" != fault_id]
            if len(kept) == len(self._switched):
                raise Problem(404, "fault.not_found", "There is no fault with this id.")
            with self._store.writing() as connection:
                connection.execute("DELETE FROM fault WHERE id = ?", (int(fault_id[2:]),))
            self._switched = kept

    def strike(self, partner: str, call: str) -> CallFaults:
        """Decide what goes wrong with this call and count it."""
        if not self._switched:
            return NO_FAULTS
        struck = NO_FAULTS
        with self._lock, self._store.writing() as connection:
            for switched in self._switched:
                if switched.left_over == 0 or not switched.fault.concerns(partner, call):
                    continue
                wider = _wider(struck, switched.fault)
                if wider is None:
                    continue
                switched.draws += 1
                if Draws("fault", switched.fault.seed, switched.draws).chance(switched.fault.probability):
                    switched.hits += 1
                    switched.left_over = None if switched.left_over is None else switched.left_over - 1
                    struck = wider
                connection.execute(
                    "UPDATE fault SET left_over = ?, hits = ?, draws = ? WHERE id = ?",
                    (switched.left_over, switched.hits, switched.draws, switched.fault_id),
                )
        return struck


def _wider(struck: CallFaults, fault: Fault) -> CallFaults | None:
    """Add a fault to those that struck; None when an older answer fault leaves no room."""
    if fault.mode == "delay":
        return replace(struck, delay_ms=struck.delay_ms + fault.delay_ms)
    if fault.mode in CALLBACK_MODES:
        return replace(struck, callbacks=(*struck.callbacks, fault))
    return replace(struck, answer=fault) if struck.answer is None else None

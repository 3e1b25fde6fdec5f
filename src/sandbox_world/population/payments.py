"""What a person pays, month by month: totals first, then single events that sum to exactly these totals."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from sandbox_world.population.draws import Draws
from sandbox_world.population.lists import MERCHANTS
from sandbox_world.population.months import instant_text, month_days, month_start, shanghai_instant
from sandbox_world.population.people import Person

ROOT_OF_THREE = 3**0.5
LEAST_MONTH_FEN = 5_000
WAKING_SECONDS = (7 * 3600, 23 * 3600 + 1800)


@dataclass(frozen=True, slots=True)
class MonthOfPayments:
    """One month in sums; `amount_fen` is what was spent: payments minus refunds, without transfers."""

    month: str
    payment_count: int
    gross_fen: int
    refund_fen: int
    amount_fen: int
    transfer_count: int
    transfer_fen: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """The sums of a month and the amounts that must occur in it."""

    totals: MonthOfPayments
    refunds: tuple[int, ...]
    transfers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Habit:
    """How a person pays in any month."""

    spend_fen: int
    variation: float
    payments: int
    is_heavy: bool


def payment_habit(person: Person) -> _Habit:
    """Return the person's lasting habit: usual spend, how much it varies, how many payments."""
    draws = Draws(person.seed, "habit", person.index)
    persona = person.persona
    spend_fen = draws.whole(*persona.spend) * 100 + draws.whole(0, 99)
    variation = draws.share(*persona.spend_variation)
    payments = draws.whole(*persona.payments_a_month)
    return _Habit(spend_fen, variation, payments, draws.chance(persona.heavy_share))


def month_totals(person: Person, month: str, *, habit: _Habit | None = None) -> MonthOfPayments | None:
    """Return the sums of one month, None before the person's first month."""
    if month < person.first_data_month:
        return None
    return _plan(person, month, habit or payment_habit(person)).totals


def months_of_payments(person: Person, months: list[str]) -> list[dict[str, object]]:
    """Return the sums of several months as JSON rows, leaving out months without history."""
    habit = payment_habit(person)
    rows = (month_totals(person, month, habit=habit) for month in months)
    return [asdict(row) for row in rows if row]


def _plan(person: Person, month: str, habit: _Habit) -> _Plan:
    draws = Draws(person.seed, "month", person.index, month)
    swing = 1 + habit.variation * ROOT_OF_THREE * draws.share(-1, 1)
    amount_fen = max(int(habit.spend_fen * max(swing, 0.08)), LEAST_MONTH_FEN)
    count = draws.whole(156, 178) if habit.is_heavy else min(max(habit.payments + draws.whole(-8, 8), 20), 150)
    refunds = tuple(draws.whole(900, 26_000) for _ in range(draws.whole(0, max(count // 25, 1))))
    transfers = tuple(draws.whole(2_000, 90_000) for _ in range(draws.whole(0, 5)))
    refund_fen = sum(refunds)
    totals = MonthOfPayments(
        month, count, amount_fen + refund_fen, refund_fen, amount_fen, len(transfers), sum(transfers)
    )
    return _Plan(totals, refunds, transfers)


def month_events(person: Person, month: str) -> list[dict[str, object]]:
    """Return the single events of a month in order of time; each refund gives back one whole payment of the month."""
    if month < person.first_data_month:
        return []
    plan = _plan(person, month, payment_habit(person))
    draws = Draws(person.seed, "events", person.index, month)
    kept = _parts(draws, plan.totals.amount_fen, plan.totals.payment_count - len(plan.refunds))
    events: list[dict[str, object]] = []
    refunded_from = len(kept)
    for place, amount_fen in enumerate((*kept, *plan.refunds)):
        day = draws.whole(0, month_days(month) - 1)
        event = _event(person, month, f"p{place:03d}", day=day, second=draws.whole(*WAKING_SECONDS))
        event.update(kind="payment", amount_fen=amount_fen, merchant=draws.one_of(MERCHANTS), refund_of=None)
        events.append(event)
        if place >= refunded_from:
            later = min(day + draws.whole(0, 6), month_days(month) - 1)
            refund = _event(person, month, f"r{place:03d}", day=later, second=WAKING_SECONDS[1] + draws.whole(1, 1700))
            refund.update(kind="refund", amount_fen=amount_fen, merchant=event["merchant"], refund_of=event["id"])
            events.append(refund)
    for place, amount_fen in enumerate(plan.transfers):
        event = _event(
            person,
            month,
            f"t{place:03d}",
            day=draws.whole(0, month_days(month) - 1),
            second=draws.whole(*WAKING_SECONDS),
        )
        event.update(kind="transfer", amount_fen=amount_fen, merchant=None, refund_of=None)
        events.append(event)
    return sorted(events, key=lambda event: (str(event["at"]), str(event["id"])))


def _parts(draws: Draws, total_fen: int, count: int) -> list[int]:
    """Split a total into `count` positive amounts, many small and a few large."""
    weights = [draws.unit() ** 3 + 0.02 for _ in range(count)]
    whole = sum(weights)
    spare = total_fen - count
    amounts = [1 + int(spare * weight / whole) for weight in weights]
    amounts[-1] += total_fen - sum(amounts)
    return amounts


def _event(person: Person, month: str, code: str, *, day: int, second: int) -> dict[str, object]:
    at = shanghai_instant(month_start(month) + timedelta(days=day), second=second)
    return {"id": f"{person.index:06d}-{month}-{code}", "at": instant_text(at)}

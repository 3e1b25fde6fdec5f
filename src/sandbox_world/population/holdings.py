"""What a person holds and whom they know, day by day: wallet, wealth products, contacts, cards of other banks."""

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox_world.population.draws import Draws
from sandbox_world.population.months import (
    WINDOW_DAYS,
    instant_text,
    month_of,
    month_start,
    shanghai_instant,
    window_days,
)
from sandbox_world.population.people import Person

WEALTH_PRODUCTS = (("W01", "货币基金"), ("W02", "稳健理财90天"), ("W03", "债券基金"))


@dataclass(frozen=True, slots=True)
class DayBalance:
    """What a person holds at the end of one day."""

    on: date
    wallet_fen: int
    wealth_fen: int


class _Means:
    """The person's lasting means: the level around which balances move."""

    __slots__ = ("has_wealth", "product_count", "wallet_fen", "wealth_fen")

    def __init__(self, person: Person) -> None:
        draws = Draws(person.seed, "means", person.index)
        self.wallet_fen = draws.whole(*person.persona.wallet) * 100
        self.wealth_fen = draws.whole(*person.persona.wealth) * 100
        self.product_count = draws.whole(1, 3) if self.wealth_fen > 5_000_000 else 1


def daily_balances(person: Person, as_of: date) -> list[DayBalance]:
    """Return the balances of the ninety days before the as-of day, fewer for a young history."""
    first_day, means = month_start(person.first_data_month), _Means(person)
    months: dict[str, tuple[list[float], int]] = {}
    rows: list[DayBalance] = []
    for day in window_days(as_of):
        if day < first_day:
            continue
        month = month_of(day)
        if month not in months:
            draws = Draws(person.seed, "balance", person.index, month)
            months[month] = (
                [draws.share(0.7, 1.3) for _ in range(31)],
                int(means.wealth_fen * draws.share(0.92, 1.08)),
            )
        swings, wealth_fen = months[month]
        rows.append(DayBalance(day, int(means.wallet_fen * swings[day.day - 1]), wealth_fen))
    return rows


def balance_facts(person: Person, as_of: date) -> dict[str, int]:
    """Return the mean daily balance over ninety days (floor) and the balances of the last day."""
    rows = daily_balances(person, as_of)
    if not rows:
        return {"mean_daily_90d_fen": 0, "days": 0, "wallet_fen": 0, "wealth_fen": 0}
    total = sum(row.wallet_fen + row.wealth_fen for row in rows)
    return {
        "mean_daily_90d_fen": total // len(rows),
        "days": len(rows),
        "wallet_fen": rows[-1].wallet_fen,
        "wealth_fen": rows[-1].wealth_fen,
    }


def wealth_products(person: Person, *, wealth_fen: int) -> list[dict[str, object]]:
    """Split the wealth of a day over the person's products; the parts sum to the whole."""
    if wealth_fen <= 0:
        return []
    count = _Means(person).product_count
    share = wealth_fen // count
    amounts = [share] * (count - 1) + [wealth_fen - share * (count - 1)]
    return [
        {"code": code, "name": name, "amount_fen": amount_fen}
        for (code, name), amount_fen in zip(WEALTH_PRODUCTS, amounts, strict=False)
    ]


def _contact_rhythms(person: Person) -> list[tuple[int, int]]:
    """Return (days between two interactions, phase) of each contact: two thirds are met often, one third seldom."""
    draws = Draws(person.seed, "contacts", person.index)
    unit = draws.unit
    count = draws.whole(*person.persona.contacts)
    rhythms = []
    for _ in range(count):
        period = 2 + int(unit() * 58) if unit() < 0.65 else 91 + int(unit() * 400)
        rhythms.append((period, int(unit() * period)))
    return rhythms


def contact_facts(person: Person, as_of: date) -> dict[str, int]:
    """Count the contacts, and those with an interaction within the ninety days before the as-of day."""
    if as_of <= month_start(person.first_data_month):
        return {"contacts": 0, "effective_contacts": 0}
    yesterday = as_of.toordinal() - 1
    rhythms = _contact_rhythms(person)
    effective = sum((yesterday - phase) % period < WINDOW_DAYS for period, phase in rhythms)
    return {"contacts": len(rhythms), "effective_contacts": effective}


def contact_items(person: Person, as_of: date) -> list[dict[str, str]]:
    """Return each contact with its last interaction before the as-of day."""
    if as_of <= month_start(person.first_data_month):
        return []
    yesterday = as_of.toordinal() - 1
    items = []
    for place, (period, phase) in enumerate(_contact_rhythms(person)):
        day = date.fromordinal(yesterday - (yesterday - phase) % period)
        at = shanghai_instant(day, second=28_800 + (phase * 977 + place * 131) % 50_000)
        items.append({"contact_id": f"c-{person.index:06d}-{place:04d}", "last_interaction_at": instant_text(at)})
    return items


def card_limit_facts(person: Person, as_of: date) -> dict[str, object]:
    """Return the credit cards of other banks opened by the as-of day, with their limits."""
    cards = [card for card in person.cards if card.card_type == "credit" and card.opened_on <= as_of]
    return {
        "total_fen": sum(card.limit_fen for card in cards),
        "cards": [
            {"bank_code": card.bank_code, "limit_fen": card.limit_fen, "since": card.opened_on.isoformat()}
            for card in cards
        ],
    }


def last_day(as_of: date) -> date:
    """Return the last complete day before the as-of day."""
    return as_of - timedelta(days=1)

"""What the credit bureau knows about a person on a day."""

from datetime import date
from hashlib import blake2b

from sandbox_world.population.draws import Draws
from sandbox_world.population.holdings import card_limit_facts
from sandbox_world.population.months import month_of
from sandbox_world.population.people import Person

WITHOUT_EMPLOYMENT = ("student", "thin_file", "shop_owner")
NOT_FOUND: dict[str, object] = {
    "found": False,
    "score": None,
    "total_debt_fen": None,
    "monthly_payment_fen": None,
    "overdue_24m_count": None,
    "employment": None,
    "credit_card_limit_fen": None,
    "inquiries_3m": None,
}


def bureau_facts(person: Person, as_of: date) -> dict[str, object]:
    """Return score, debts and history; score and debts move a little from month to month."""
    draws = Draws(person.seed, "bureau", person.index)
    persona = person.persona
    base_score = draws.whole(*persona.bureau_score)
    is_thin = draws.chance(persona.thin_share)
    ratio = draws.share(*persona.debt_to_yearly_income)
    base_overdue = draws.whole(2, 6) if persona.code == "over_indebted" else (1 if draws.chance(0.06) else 0)
    base_inquiries = draws.whole(4, 12) if persona.code in ("over_indebted", "fraudster") else draws.whole(0, 3)
    of_month = Draws(person.seed, "bureau", person.index, month_of(as_of))
    score = None if is_thin else min(max(base_score + of_month.whole(-6, 6), 0), 1000)
    debt_fen = int(person.monthly_income_fen * 12 * ratio * of_month.share(0.94, 1.06)) // 10_000 * 10_000
    return {
        "found": True,
        "score": score,
        "total_debt_fen": debt_fen,
        "monthly_payment_fen": debt_fen // 30,
        "overdue_24m_count": 0 if is_thin else base_overdue,
        "employment": None
        if persona.code in WITHOUT_EMPLOYMENT
        else {"employer": person.employer, "since": month_of(person.employed_since)},
        "credit_card_limit_fen": card_limit_facts(person, as_of)["total_fen"],
        "inquiries_3m": base_inquiries,
    }


def report_id_for(person: Person, *, authorization_id: str, as_of: date) -> str:
    """Return the report's number: the same for the same person, authorization and day."""
    words = f"{person.seed}|{person.id_number}|{authorization_id}|{as_of}".encode()
    return f"br-{blake2b(words, digest_size=10).hexdigest()}"

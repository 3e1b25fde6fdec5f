"""Everything an assessment needs about one person, in one object."""

from datetime import date

from sandbox_world.population.holdings import balance_facts, card_limit_facts, contact_facts, wealth_products
from sandbox_world.population.months import complete_months
from sandbox_world.population.payments import months_of_payments
from sandbox_world.population.people import Person


def profile(person: Person, *, as_of: date, months: int) -> dict[str, object]:
    """Return payments, balances, contacts, card limits and wealth as they stood before the as-of day."""
    balances = balance_facts(person, as_of)
    return {
        "id_number": person.id_number,
        "found": True,
        "as_of": as_of.isoformat(),
        "first_data_month": person.first_data_month,
        "payments": months_of_payments(person, complete_months(as_of, count=months)),
        "balances": balances,
        "contacts": contact_facts(person, as_of),
        "card_limits": card_limit_facts(person, as_of),
        "wealth_products": wealth_products(person, wealth_fen=balances["wealth_fen"]),
    }


def unknown_profile(id_number: str, *, as_of: date) -> dict[str, object]:
    """Return the answer about somebody whom the data source does not know."""
    return {"id_number": id_number, "found": False, "as_of": as_of.isoformat()}

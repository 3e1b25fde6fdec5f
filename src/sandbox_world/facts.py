"""Facts about people that someone changed on purpose: a lost or renewed ID card, a recycled number, a closed card."""

from datetime import date

from sandbox_world.population.people import Card, IdCard, Person, id_card_for
from sandbox_world.store import Store

NUMBER_STATUSES = ("in_use", "suspended", "cancelled", "recycled")


class Facts:
    """Overrides kept in the store; everything else follows from the seed."""

    def __init__(self, store: Store) -> None:
        """Use the store."""
        self._store = store

    def all_of(self, person: Person) -> dict[str, str]:
        """Return every changed fact of a person."""
        rows = self._store.rows("SELECT name, value FROM fact WHERE id_number = ?", (person.id_number,))
        return {row["name"]: row["value"] for row in rows}

    def keep(self, person: Person, changes: dict[str, str | None]) -> None:
        """Change facts; None takes a change back."""
        with self._store.writing() as connection:
            for name, value in changes.items():
                connection.execute("DELETE FROM fact WHERE id_number = ? AND name = ?", (person.id_number, name))
                if value is not None:
                    connection.execute("INSERT INTO fact VALUES (?, ?, ?)", (person.id_number, name, value))

    def id_card(self, person: Person, *, on: date) -> tuple[IdCard, str]:
        """Return the ID card in force on a day and whether it is valid, expired or lost."""
        changed = self.all_of(person)
        card = person.id_card
        renewed_on = date.fromisoformat(changed["id_card_renewed_on"]) if "id_card_renewed_on" in changed else None
        if renewed_on and renewed_on <= on:
            card = id_card_for(person.birth_on, issued_on=renewed_on, authority=card.issuing_authority)
        status = changed.get("id_card_status", "lost" if person.trap == "id_card_lost" else "valid")
        if status == "valid" and card.valid_to is not None and card.valid_to < on:
            status = "expired"
        return card, status

    def number_status(self, person: Person) -> str:
        """Return the state of the person's mobile number."""
        return self.all_of(person).get("number_status", "in_use")

    def card_status(self, person: Person, card: Card) -> str:
        """Tell whether a card is active or closed."""
        return "closed" if f"closed:{card.number}" in self.all_of(person) else "active"


def id_card_row(card: IdCard, status: str) -> dict[str, object]:
    """Write an ID card the way the protocol does."""
    return {
        "status": status,
        "valid_from": card.valid_from.isoformat(),
        "valid_to": card.valid_to.isoformat() if card.valid_to else None,
        "is_long_term": card.valid_to is None,
        "issuing_authority": card.issuing_authority,
    }


def person_row(person: Person, facts: Facts, *, on: date) -> dict[str, object]:
    """Write a person the way the control calls do."""
    id_card, id_card_status = facts.id_card(person, on=on)
    business = person.business
    return {
        "index": person.index,
        "persona": person.persona.code,
        "name": person.name,
        "id_number": person.id_number,
        "sex": person.sex,
        "birth_on": person.birth_on.isoformat(),
        "region_code": person.region_code,
        "region_name": person.region_name,
        "address": person.address,
        "mobile": person.mobile,
        "operator": person.operator,
        "employer": person.employer,
        "monthly_income_fen": person.monthly_income_fen,
        "trap": person.trap,
        "id_card": id_card_row(id_card, id_card_status),
        "cards": [
            {
                "card_number": card.number,
                "bank_code": card.bank_code,
                "account_class": card.account_class,
                "card_type": card.card_type,
                "is_main": card.is_main,
                "card_status": facts.card_status(person, card),
            }
            for card in person.cards
        ],
        "business": business
        and {
            "business_name": business.business_name,
            "uscc": business.uscc,
            "registered_on": business.registered_on.isoformat(),
            "corporate_account": business.corporate_account,
            "bank_code": business.bank_code,
            "yearly_turnover_fen": business.yearly_turnover_fen,
        },
    }


def months_in_use(person: Person, *, on: date) -> int:
    """Return how many whole months the person has had the mobile number."""
    since = person.mobile_since
    return max((on.year - since.year) * 12 + on.month - since.month - (on.day < since.day), 0)

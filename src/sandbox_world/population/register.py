"""Finding people: by ID number, mobile, card, business number. Built once, in memory, when first asked."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from sandbox_world.population.people import Card, Person, person_at


@dataclass(frozen=True, slots=True)
class Population:
    """All people of one seed, with their look-up tables."""

    seed: int
    people: tuple[Person, ...]
    by_id_number: dict[str, Person]
    by_mobile: dict[str, Person]
    by_card: dict[str, tuple[Person, Card]]
    by_uscc: dict[str, Person]

    def matching(self, *, persona: str | None, query: str | None) -> list[Person]:
        """Return people of a persona whose name, number, mobile or card contains the query."""
        found = [person for person in self.people if persona is None or person.persona.code == persona]
        if query:
            found = [person for person in found if _contains(person, query)]
        return found


class HasPopulation(Protocol):
    """Whoever can show the people, composing them only when asked."""

    @property
    def population(self) -> Population:
        """Return the people."""
        ...


@lru_cache(maxsize=8)
def population_for(seed: int, size: int) -> Population:
    """Compose the whole population of a seed (about 0.2 s for 2,400 people)."""
    people = tuple(person_at(seed, index) for index in range(size))
    by_card: dict[str, tuple[Person, Card]] = {}
    for person in people:
        for card in person.cards:
            by_card[card.number] = (person, card)
        if person.business:
            business = person.business
            account = Card(
                business.corporate_account, business.bank_code, "corporate", None, business.business_name, False
            )
            by_card[account.number] = (person, account)
    return Population(
        seed,
        people,
        by_id_number={person.id_number: person for person in people},
        by_mobile={person.mobile: person for person in people},
        by_card=by_card,
        by_uscc={person.business.uscc: person for person in people if person.business},
    )


def _contains(person: Person, query: str) -> bool:
    return (
        query in person.name
        or query in person.id_number
        or query in person.mobile
        or any(query in card.number for card in person.cards)
    )

"""One world: its people, books, faults and callback queue, put together in one place."""

from datetime import UTC, datetime, timedelta

from sandbox_world.bank import Bank
from sandbox_world.books import Books
from sandbox_world.callbacks import Callbacks
from sandbox_world.facts import Facts
from sandbox_world.faults import FaultSwitch
from sandbox_world.keys import keys_ensure
from sandbox_world.population.register import Population, population_for
from sandbox_world.settings import Settings
from sandbox_world.store import Store

STORE_FILE = "world.sqlite3"


class World:
    """Everything that the HTTP side needs."""

    def __init__(self, settings: Settings) -> None:
        """Open or create the home folder."""
        self.settings = settings
        self.keys = keys_ensure(settings.home / "keys")
        self.store = Store(settings.home / STORE_FILE)
        self.facts = Facts(self.store)
        self.faults = FaultSwitch(self.store)
        self.books = Books(self.store, self)
        self.callbacks = Callbacks(self.store, self.keys.world, url=settings.callback_url)
        self._clock_ahead = timedelta(0)
        self.bank = Bank(self.store, self, self.books, self.facts, self.callbacks)

    @property
    def population(self) -> Population:
        """Return the people; composed when first asked, so that the world starts at once."""
        return population_for(self.settings.seed, self.settings.people)

    def business_heard(self, at: datetime) -> None:
        """Note how far the lender's clock is from the real one, for the pages, which bring no business time."""
        self._clock_ahead = at - real_now()

    def business_now(self) -> datetime:
        """Return the lender's clock as last heard, moved on by real time; the real clock when it was never heard."""
        return real_now() + self._clock_ahead

    def start(self) -> None:
        """Start the background sender."""
        self.callbacks.start(lambda now: self.bank.settle(due_by=now))

    def stop(self) -> None:
        """Stop the background sender and close the store."""
        self.callbacks.stop()
        self.store.close()

    def flush(self, *, at: datetime) -> dict[str, int]:
        """Settle every accepted request and send every waiting event now."""
        return {"settled": self.bank.settle(due_by=None, at=at), **self.callbacks.flush()}

    def reset(self) -> None:
        """Forget everything that was played; keys, people and callback URL stay."""
        with self.store.writing():
            self.store.forget()
            self.books.open_lender()
        self.faults.load()


def real_now() -> datetime:
    """Read the real clock: the business time of requests that bring none."""
    return datetime.now(UTC)

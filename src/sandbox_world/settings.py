"""How one sandbox world is set up. Read from the command line, handed to the worker through the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "SANDBOX_WORLD_"
DEFAULT_SEED = 20_260_101
DEFAULT_PEOPLE = 2_400
MAX_PEOPLE = 100_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a world must be told."""

    home: Path
    callback_url: str | None = None
    seed: int = DEFAULT_SEED
    people: int = DEFAULT_PEOPLE

    def to_environment(self) -> dict[str, str]:
        """Write the settings as environment variables for the worker process."""
        return {
            f"{PREFIX}HOME": str(self.home),
            f"{PREFIX}CALLBACK_URL": self.callback_url or "",
            f"{PREFIX}SEED": str(self.seed),
            f"{PREFIX}PEOPLE": str(self.people),
        }


def settings_from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings that `to_environment` wrote."""
    return Settings(
        home=Path(environment[f"{PREFIX}HOME"]),
        callback_url=environment.get(f"{PREFIX}CALLBACK_URL") or None,
        seed=int(environment.get(f"{PREFIX}SEED", DEFAULT_SEED)),
        people=int(environment.get(f"{PREFIX}PEOPLE", DEFAULT_PEOPLE)),
    )

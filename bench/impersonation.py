"""How much of a stated set of impersonation attacks the identity layer stops, and how often it refuses the right person (R8.1).

`python -m bench.impersonation [TRIES] [--json FILE]`: its own database and sandbox world on this machine, the real services
and the real face engine, no browser. Everything is synthetic: AI-made stills warped by a guessed head shape stand in for
people, and the sandbox's registry, card network, operator and certified vendor answer from their population. The vendor
looks at no picture, so whatever only a certified vendor could see counts as not stopped. The figures say that the chain
works and where it does not; they are no accuracy on people.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

if TYPE_CHECKING:
    from bench.impersonation_scene import End

console = Console(width=None if sys.stdout.isatty() else 150)
PEOPLE = 16_000
OURS = {"identity.face_engine_busy", "identity.face_challenge_expired"}
SEED = 20_261_124  # never used while building: development uses --seed 1


@dataclass
class Tally:
    """One kind of attack (or the genuine applicant): where each try ended; None is a verified account."""

    kind: str
    words: str
    ends: Counter[str | None] = field(default_factory=Counter)
    by_vendor: int = 0  # stopped by the certified vendor, after the embedded engine had passed it
    screened: Counter[str] = field(default_factory=Counter)  # of the verified: what screening made of the application
    reasons: Counter[str] = field(default_factory=Counter)
    captures: Counter[int] = field(default_factory=Counter)
    void: int = 0

    @property
    def tries(self) -> int:
        """How many there were."""
        return sum(self.ends.values())

    @property
    def stopped(self) -> int:
        """How many did not end with a verified account."""
        return self.tries - self.ends[None]

    @property
    def held(self) -> int:
        """How many were stopped or are decided by a person."""
        return self.stopped + self.screened["person"]

    def add(self, end: End) -> None:
        """Count one try; one that this machine was too slow for says nothing and is made again."""
        if end.stopped_at in OURS:
            self.void += 1
            return
        self.ends[end.stopped_at] += 1
        self.by_vendor += end.by_vendor
        self.captures[end.captures] += 1
        self.reasons.update(end.reasons)
        if end.screened:
            self.screened[end.screened] += 1


def wilson(hits: int, tries: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson)."""
    if not tries:
        return 0.0, 1.0
    share, square = hits / tries, z * z
    middle = (share + square / (2 * tries)) / (1 + square / tries)
    reach = z * math.sqrt(share * (1 - share) / tries + square / (4 * tries * tries)) / (1 + square / tries)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def main() -> None:
    """Run every kind and print the table; ended from outside, it removes its database all the same."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("tries", nargs="?", type=int, default=100)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--kinds", default="", help="only these, with commas")
    parser.add_argument("--minutes", type=float, default=0, help="end after so long, with the tries there are")
    parser.add_argument("--seed", type=int, default=SEED, help="of people, stills, noise and challenges' luck")
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="weidai-impersonation-"))
    home.chmod(0o711)
    from weidai.platform.postgres import Cluster

    cluster = Cluster(home, profile="test")
    try:
        cluster.start()
        os.environ.update({
            "WEIDAI_HOME": str(home), "DATABASE_URL": cluster.url("owner"), "WEIDAI_DB_ROLE": "owner", "WEIDAI_DEMO": "0",
            "WEIDAI_SANDBOX_URL": "", "WEIDAI_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "weidai.platform.settings"})
        subprocess.run([sys.executable, "-m", "bench.tables"], check=True)
        _report(_run(home, asked), asked.json)
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def _run(home: Path, asked: argparse.Namespace) -> tuple[list[Tally], float]:
    import django

    django.setup()
    from bench.impersonation_attacks import ATTACKS, GENUINE
    from bench.impersonation_scene import Scene
    from sandbox_world import testing
    from weidai import wiring

    running = testing.start(home / "sandbox", people=PEOPLE)
    client = wiring.wire_sandbox(running.base_url, running.keys_folder, timeout_seconds=30)
    tallies = {attack.kind: Tally(attack.kind, attack.words) for attack in (GENUINE, *ATTACKS)}
    scene, began = Scene(running.world.population.people, client, random.Random(asked.seed)), time.monotonic()
    kinds = asked.kinds.split(",") if asked.kinds else list(tallies)
    wanted = [attack for attack in (GENUINE, *ATTACKS) if attack.runs and attack.kind in kinds]
    if not wanted:
        raise SystemExit(f"no such kind: {asked.kinds}; there are {', '.join(tallies)}")
    for turn in track(range(3 * asked.tries), console=console, disable=not console.is_terminal):
        is_over = asked.minutes and time.monotonic() - began > 60 * asked.minutes
        if is_over or all(tallies[attack.kind].tries >= asked.tries for attack in wanted):
            break
        for attack in wanted:  # in turns, so that a run ended early has as many tries of each
            if tallies[attack.kind].tries < asked.tries:
                scene.forget_faces()
                for end in attack.runs(scene):
                    tallies[end.kind].add(end)
        if turn % 10 == 9 and not console.is_terminal:
            console.print(f"{turn + 1} turns after {time.monotonic() - began:.0f} s")
    scene.close()
    client.close()
    running.stop()
    return [row for row in tallies.values() if row.tries or row.kind == "genuine"], time.monotonic() - began


def _report(found: tuple[list[Tally], float], file: Path | None) -> None:
    tallies, seconds = found
    genuine, attacks = tallies[0], tallies[1:]
    table = Table(title="Impersonation: stated attack set, synthetic faces and people; intervals 95 % Wilson")
    for heading in ("attack", "tries", "stopped, engine alone", "stopped, with the sandbox's vendor", "stopped or to a person",
                    "stopped by", "to a person because of"):
        table.add_column(heading)
    for row in attacks:
        table.add_row(row.words, str(row.tries), _share(row.stopped - row.by_vendor, row.tries), _share(row.stopped, row.tries),
                      _share(row.held, row.tries), _counted(row.ends), _counted(row.reasons))
    console.print(table)
    tries, first = genuine.tries, genuine.captures[1]
    if tries:
        console.print(f"Genuine applicants: first capture refused {_share(tries - first, tries)}; refused after three captures "
                      f"{_share(genuine.stopped, tries)} ({_counted(genuine.ends)}); sent to a person "
                      f"{_share(genuine.screened['person'], tries)} ({_counted(genuine.reasons)}).")
    console.print(f"{seconds:.0f} s; {sum(row.void for row in tallies)} tries void (this machine was too slow) and made again.")
    console.print("Synthetic throughout: no rate for real people follows from it. The sandbox's vendor sees no picture; a "
                  "puppet that follows the prompts is stopped by a certified vendor or by nothing.")
    if file:
        file.write_text(json.dumps([{
            "kind": row.kind, "tries": row.tries, "stopped": row.stopped, "by_vendor": row.by_vendor, "held": row.held,
            "interval": wilson(row.stopped, row.tries), "held_interval": wilson(row.held, row.tries),
            "screened": dict(row.screened), "reasons": dict(row.reasons), "captures": dict(row.captures),
            "ends": {end or "verified": count for end, count in row.ends.items()}} for row in tallies], indent=1))


def _counted(found: Counter[Any]) -> str:
    return ", ".join(f"{count} {str(what).split('.')[-1]}" for what, count in found.most_common() if what)


def _share(hits: int, tries: int) -> str:
    low, high = wilson(hits, tries)
    return f"{100 * hits / max(tries, 1):.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


if __name__ == "__main__":
    main()

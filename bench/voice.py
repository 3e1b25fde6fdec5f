"""What the voiceprint engine tells apart, and what passes it, on synthetic speakers (R1.8).

`python -m bench.voice [SPEAKERS] [--tries N] [--dev] [--json FILE]` needs espeak-ng and the group `voice`; no database.
A synthesizer repeats itself as nobody does, and its voices differ in other ways than people's: the figures say that the chain
works and where it does not. They are no accuracy on people. `--dev` runs over the voices the thresholds were chosen on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # as in the voice process; before numpy is imported

import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402

from bench import voice_speakers as made  # noqa: E402
from bench.impersonation import wilson  # noqa: E402
from weidai.voices import judge  # noqa: E402
from weidai.voices.engine import Engine, Listened, heard_beside  # noqa: E402
from weidai.voices.heard import Enrolled, Heard  # noqa: E402
from weidai.voices.models import is_installed  # noqa: E402
from weidai.voices.voiceprint import Voiceprint, voiceprint_read  # noqa: E402

console = Console(width=None if sys.stdout.isatty() else 150)
Channel = Callable[..., np.ndarray]
CONDITIONS: dict[str, tuple[Channel, Channel]] = {
    "clean": (made.clean, made.clean), "living room": (made.room, made.room), "telephone band": (made.phone, made.phone),
    "clean, then living room": (made.clean, made.room),
}
ASKED, PARTS, PACKS = 6, 4, 3


@dataclass
class Trials:
    """Everything heard under one condition."""

    speakers: int = 0
    packs_refused: Counter[str] = field(default_factory=Counter)
    never_enrolled: int = 0
    genuine: list[Heard] = field(default_factory=list)
    unusable: Counter[str] = field(default_factory=Counter)
    impostor_e4: list[int] = field(default_factory=list)
    impostor_matches: int = 0


@dataclass
class Bench:
    """The engine, the speakers, and what listening has cost (CPU seconds, one thread)."""

    speakers: Sequence[made.Speaker]
    tries: int
    engine: Engine = field(default_factory=Engine)
    enrol_cost: list[float] = field(default_factory=list)
    verify_cost: list[float] = field(default_factory=list)

    def enrol(self, number: int, channel: Channel, *, take: int = 0, odd: str = "") -> Enrolled:
        """Return what comes of a pack of 4 recordings of 5 digits; `odd` makes the third one another's voice or other digits."""
        order = "".join(np.random.default_rng((1, number, take)).permutation(list("01234567890123456789")))
        pack = []
        for part in range(PARTS):
            digits, speaker = order[part * 5:part * 5 + 5], self.speakers[number]
            spoken = digits
            if odd and part == 2:
                speaker = self.speakers[(number + 1) % len(self.speakers)] if odd == "voice" else speaker
                spoken = digits if odd == "voice" else "".join(str((int(digit) + 3) % 10) for digit in digits)
            seed = (2, number, take, part)
            pack.append(made.recorded(channel(made.said(speaker, spoken, seed=seed), seed=seed), digits))
        began = time.process_time()
        found = self.engine.enrol(pack)
        self.enrol_cost.append(time.process_time() - began)
        return found

    def listen(self, sound: np.ndarray, digits: str) -> Listened:
        """Return what is heard in a recording of the digits asked."""
        return self.engine.listen(made.recorded(sound, digits))

    def verify(self, enrolled: Voiceprint, sound: np.ndarray, digits: str) -> Heard:
        """Return the verdict, and count what it costs."""
        recording = made.recorded(sound, digits)
        began = time.process_time()
        found = heard_beside(enrolled, self.engine.listen(recording))
        self.verify_cost.append(time.process_time() - began)
        return found


def condition_run(bench: Bench, name: str) -> tuple[Trials, dict[int, Voiceprint]]:
    """Enrol everybody (up to three packs each), then let everybody say digits before their own and all other voiceprints."""
    trials, prints = Trials(len(bench.speakers)), {}
    enrol_in, verify_in = CONDITIONS[name]
    for number in track(range(len(bench.speakers)), f"{name}: enrol", console=console, disable=not sys.stdout.isatty()):
        for take in range(PACKS):
            found = bench.enrol(number, enrol_in, take=take)
            if found.voiceprint:
                prints[number] = voiceprint_read(found.voiceprint)
                break
            trials.packs_refused.update(found.faults)
    trials.never_enrolled = len(bench.speakers) - len(prints)
    for number in track(list(prints), f"{name}: verify", console=console, disable=not sys.stdout.isatty()):
        for attempt in range(bench.tries):
            digits = made.digits_draw(ASKED, seed=(3, number, attempt))
            seed = (4, number, attempt)
            sound = verify_in(made.said(bench.speakers[number], digits, seed=seed), seed=seed)
            heard = bench.listen(sound, digits)
            own = heard_beside(prints[number], heard)
            trials.unusable.update(own.faults)
            if own.verdict == "unusable":
                continue
            trials.genuine.append(own)
            for other, enrolled in prints.items():
                if other != number:
                    alike = judge.e4(float(heard.voice @ enrolled.voice))
                    trials.impostor_e4.append(alike)
                    trials.impostor_matches += alike >= judge.MATCH_E4 and heard_beside(enrolled, heard).verdict == "match"
    return trials, prints


def equal_error(genuine: Sequence[int], impostor: Sequence[int]) -> tuple[float, int]:
    """Return the rate at which as many of the one are refused as of the other are let pass, and the threshold of it."""
    marks = np.unique([*genuine, *impostor])
    refused = np.searchsorted(np.sort(genuine), marks, side="left") / len(genuine)
    passed = 1 - np.searchsorted(np.sort(impostor), marks, side="left") / len(impostor)
    at = int(np.argmin(np.abs(refused - passed)))
    return float(refused[at] + passed[at]) / 2, int(marks[at])


def attacks_run(bench: Bench, prints: dict[int, Voiceprint]) -> dict[str, list[Heard]]:
    """Return the verdicts on stated attacks against voiceprints enrolled in the living room."""
    found: dict[str, list[Heard]] = {}
    for number, enrolled in track(list(prints.items()), "attacks", console=console, disable=not sys.stdout.isatty()):
        speaker = bench.speakers[number]
        for attempt in range(bench.tries):
            digits = made.digits_draw(ASKED, seed=(5, number, attempt))
            others = made.digits_draw(ASKED, seed=(6, number, attempt))
            seed = (7, number, attempt)
            known = "".join(np.random.default_rng(seed).permutation(list("0123456789")))
            overheard = made.room(made.said(speaker, known, seed=(8, number, attempt)), seed=(8, number, attempt))
            old = made.room(made.said(speaker, others, seed=seed), seed=seed)
            alike = made.said(speaker.alike(), digits, seed=seed)
            silence = np.zeros(ASKED * 1200 * 16 + 11_200, np.float32)
            for kind, sound in (
                ("recording of an earlier challenge, played again", made.loudspeaker(old, seed=(9, number, attempt))),
                ("recording of an earlier challenge, sent as a file", old),
                ("same person, other digits", made.room(made.said(speaker, others, seed=(10, number, attempt)), seed=seed)),
                ("same synthetic voice at another pitch, right digits", made.room(alike, seed=seed)),
                ("ten overheard digits, cut and sent in the right order", made.spliced([(overheard, known)], digits)),
                ("the same, played through a loudspeaker", made.loudspeaker(
                    made.spliced([(overheard, known)], digits), seed=(9, number, attempt))),
                ("noise only", made.clean(silence, seed=seed) * 40),
            ):
                found.setdefault(kind, []).append(bench.verify(enrolled, sound, digits))
    return found


def show_conditions(rows: dict[str, Trials]) -> None:
    """Print what is told apart under each condition."""
    table = Table(title=f"{ASKED} digits beside 20 enrolled; accepted from {judge.MATCH_E4 / 10_000:.2f}, one may be misheard")
    for heading in ("condition", "packs refused", "not enrolled", "unusable", "EER of voices", "voice refused", "digits refused",
                    "right person refused [95 % Wilson]", "other person accepted [95 % Wilson]"):
        table.add_column(heading)
    for name, row in rows.items():
        scores = [heard.similarity_e4 for heard in row.genuine]
        rate, mark = equal_error(scores, row.impostor_e4)
        table.add_row(
            name, ", ".join(f"{fault} {count}" for fault, count in row.packs_refused.items()) or "0", str(row.never_enrolled),
            str(sum(row.unusable.values())), f"{rate:.1%} at {mark / 10_000:.2f}",
            str(sum(score < judge.MATCH_E4 for score in scores)),
            str(sum(heard.digits_right < heard.digits_asked - 1 for heard in row.genuine)),
            _share(sum(heard.verdict != "match" for heard in row.genuine), len(row.genuine)),
            _share(row.impostor_matches, len(row.impostor_e4)))
    console.print(table)


def show_attacks(found: dict[str, list[Heard]], odd: dict[str, list[Enrolled]]) -> None:
    """Print what passes, and what is noticed while enrolling."""
    table = Table(title="Attacks on voiceprints enrolled in a living room")
    for heading in ("attack", "tries", "accepted [95 % Wilson]", "voice alike enough", "digits right enough", "unusable"):
        table.add_column(heading)
    for kind, verdicts in found.items():
        table.add_row(
            kind, str(len(verdicts)), _share(sum(heard.verdict == "match" for heard in verdicts), len(verdicts)),
            str(sum(heard.similarity_e4 >= judge.MATCH_E4 for heard in verdicts)),
            str(sum(heard.verdict != "unusable" and heard.digits_right >= heard.digits_asked - 1 for heard in verdicts)),
            str(sum(heard.verdict == "unusable" for heard in verdicts)))
    for kind, packs in odd.items():
        table.add_row(kind, str(len(packs)), _share(sum(not pack.faults for pack in packs), len(packs)), "", "",
                      ", ".join(f"{fault} {count}" for fault, count in Counter(f for p in packs for f in p.faults).items()))
    console.print(table)


def main() -> None:
    """Run the conditions and the attacks, and print what they showed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("speakers", nargs="?", type=int, default=24)
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--dev", action="store_true", help="the voices the thresholds were chosen on")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    if not is_installed() or which("espeak-ng") is None:
        sys.exit("Needs `make setup-voice` and espeak-ng (apt-get install espeak-ng).")
    variants, seed = (made.DEVELOPMENT, 7) if asked.dev else (made.MEASURED, 2026)
    bench = Bench(made.speakers_draw(variants, asked.speakers, seed=seed), asked.tries)
    rows: dict[str, Trials] = {}
    prints: dict[int, Voiceprint] = {}
    for name in CONDITIONS:
        rows[name], enrolled = condition_run(bench, name)
        prints = enrolled if name == "living room" else prints
    odd = {"enrolment, one recording in another voice": "voice", "enrolment, other digits said in one recording": "digits"}
    packs = {words: [bench.enrol(number, made.room, take=50, odd=kind) for number in range(len(bench.speakers))]
             for words, kind in odd.items()}
    found = attacks_run(bench, prints)
    show_conditions(rows)
    show_attacks(found, packs)
    costs = {name: [round(1000 * float(np.quantile(cost, at))) for at in (0.5, 0.95)]
             for name, cost in (("enrol", bench.enrol_cost), ("verify", bench.verify_cost))}
    console.print(f"CPU milliseconds, one thread, median and 95th percentile: {costs}; load {os.getloadavg()[0]:.1f}; "
                  f"{len(bench.speakers)} synthetic speakers, {bench.tries} tries each")
    if asked.json:
        asked.json.write_text(json.dumps({
            "conditions": {name: {"genuine": [heard.similarity_e4 for heard in row.genuine], "impostor": row.impostor_e4,
                                  "digits": [heard.digits_right for heard in row.genuine]} for name, row in rows.items()},
            "attacks": {kind: [[heard.similarity_e4, heard.digits_right, heard.verdict] for heard in verdicts]
                        for kind, verdicts in found.items()}, "cpu_ms": costs}))


def _share(hits: int, tries: int) -> str:
    low, high = wilson(hits, tries)
    return f"{hits} of {tries}, {hits / max(tries, 1):.1%} [{low:.1%}, {high:.1%}]"


if __name__ == "__main__":
    main()

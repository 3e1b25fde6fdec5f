"""`make bench-ocr`: how often every field of a specimen is read exactly, in three tiers of bad photographs (R1.4, R4.1).

Seeds and fonts are not the ones the reader was built with, and the network is cut while it reads. Figures are about
drawn specimens: they show that the reader works and where it breaks, not how it does on real cards.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.specimens import fonts
from tests.specimens.measure import DRAWN, EIGHT, CardResult, PaperResult, card_read, network_cut, paper_read

FIRST_SEED, FIRST_PAPER_SEED = 700_000, 800_000
BUILD_SEED, BUILD_PAPER_SEED = 1_000, 5_000
PAPERS = 10  # of each kind and tier
TARGETS = "number ≥ 99 % · all eight ≥ 95 % (tiers 0–1), ≥ 65 % (tier 2) · valid but wrong 0 · median ≤ 1.2 core-seconds a side"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code is 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="bench.ocr")
    parser.add_argument("cards", type=int, nargs="?", default=300)
    parser.add_argument("--papers", type=int, default=PAPERS)
    parser.add_argument("--build", action="store_true", help="the seeds and fonts used while building, with every mistake")
    parser.add_argument("--tier", type=int, choices=(0, 1, 2))
    parser.add_argument("--from", dest="start", type=int, default=0, help="added to the first seed")
    parser.add_argument("--json", dest="path")
    asked = parser.parse_args(arguments)
    faces = [face for face in (fonts.BUILD if asked.build else fonts.HELD_OUT) if face.is_there]
    if not faces:
        packages = " ".join(sorted({face.package for face in fonts.HELD_OUT}))
        print(f"No font to measure with: apt-get install {packages}", file=sys.stderr)
        return 2
    with network_cut() as tried:
        cards, papers = _measured(asked, faces)
    tables = [_card_table(cards), _paper_table(papers)] if papers else [_card_table(cards)]
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {platform.machine()} · Python {platform.python_version()} · load "
          f"{os.getloadavg()[0]:.1f} · fonts {', '.join(face.name for face in faces)} · addresses tried: {len(tried)}")
    print("\n\n".join(tables))
    met = _targets(cards) if cards else True
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:,.0f} MiB · targets: {TARGETS}: {'met' if met else 'MISSED'}")
    if asked.build:
        _print_mistakes(cards, papers)
    if asked.path:
        with open(asked.path, "w", encoding="utf-8") as file:
            json.dump([[card.tier, card.seed, card.font, sorted(card.exact), card.seconds, card.wrong] for card in cards], file)
    return 0 if met and not tried else 1


def _measured(asked: argparse.Namespace, faces: Sequence[fonts.Face]) -> tuple[list[CardResult], list[PaperResult]]:
    from weidai.vision.reader import Reader

    reader, cards, papers = Reader(), [], []
    first = (BUILD_SEED if asked.build else FIRST_SEED) + asked.start
    for place in range(asked.cards):
        tier = place % 3 if asked.tier is None else asked.tier
        cards.append(card_read(reader, first + place, faces[place // 3 % len(faces)], tier))
        if sys.stderr.isatty() and place % 10 == 9:
            print(f"\r{place + 1} / {asked.cards}", end="", file=sys.stderr, flush=True)
    first = (BUILD_PAPER_SEED if asked.build else FIRST_PAPER_SEED) + asked.start
    for kind in DRAWN:
        for place in range(asked.papers * 3):
            tier = place % 3 if asked.tier is None else asked.tier
            papers.append(paper_read(reader, kind, first + place, faces[place // 3 % len(faces)], tier))
    return cards, papers


def _card_table(cards: Sequence[CardResult]) -> str:
    lines = [f"ID cards, both sides: {len(cards)}", "| field | " + " | ".join(f"tier {tier}" for tier in range(3)) + " |",
             "|---|---|---|---|"]
    by_tier = [[card for card in cards if card.tier == tier] for tier in range(3)]
    for code in EIGHT:
        counts = [f"{sum(code in card.exact for card in some)}/{len(some)}" for some in by_tier]
        lines.append(f"| {code} | {' | '.join(counts)} |")
    whole = [_share(sum(len(card.exact) == 8 for card in some), len(some)) for some in by_tier]
    lines.append(f"| **all eight** | {' | '.join(whole)} |")
    number = sum("id_number" in card.exact for card in cards)
    seconds = sorted(value for card in cards for value in card.seconds)
    lines.append(f"number exact {_share(number, len(cards))} · valid but wrong {sum(card.wrong_but_valid for card in cards)}")
    if seconds:
        lines.append(f"core-seconds a side: median {statistics.median(seconds):.2f}, p95 {seconds[int(len(seconds) * 0.95)]:.2f}")
    return "\n".join(lines)


def _paper_table(papers: Sequence[PaperResult]) -> str:
    lines = ["Other papers", "| paper | field | tier 0 | tier 1 | tier 2 |", "|---|---|---|---|---|"]
    for kind in DRAWN:
        by_tier = [[paper for paper in papers if paper.kind is kind and paper.tier == tier] for tier in range(3)]
        codes = list(next(paper for paper in papers if paper.kind is kind).fields)
        for code in codes:
            lines.append(f"| {kind} | {code} | " + " | ".join(
                f"{sum(paper.fields[code] for paper in some)}/{len(some)}" for some in by_tier) + " |")
        if any(paper.rows for paper in papers if paper.kind is kind):
            lines.append(f"| {kind} | rows exact | " + " | ".join(
                f"{sum(paper.rows_exact for paper in some)}/{sum(paper.rows for paper in some)}" for some in by_tier) + " |")
            lines.append(f"| {kind} | rows wrong though the balance runs | " + " | ".join(
                str(sum(paper.rows_wrong_but_running for paper in some)) for some in by_tier) + " |")
        seconds = statistics.median(paper.seconds for paper in papers if paper.kind is kind)
        lines.append(f"| {kind} | median core-seconds | {seconds:.2f} | | |")
    return "\n".join(lines)


def _targets(cards: Sequence[CardResult]) -> bool:
    easy = [len(card.exact) == 8 for card in cards if card.tier < 2]
    hard = [len(card.exact) == 8 for card in cards if card.tier == 2]
    number = sum("id_number" in card.exact for card in cards) / len(cards)
    median = statistics.median(value for card in cards for value in card.seconds)
    return (number >= 0.99 and (not easy or sum(easy) / len(easy) >= 0.95) and (not hard or sum(hard) / len(hard) >= 0.65)
            and not any(card.wrong_but_valid for card in cards) and median <= 1.2)


def _share(hits: int, of: int) -> str:
    """Return hits, share and the 95 % Wilson interval."""
    if not of:
        return "–"
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{hits}/{of} = {share:.1%} ({middle - half:.1%}–{min(middle + half, 1):.1%})"


def _print_mistakes(cards: Sequence[CardResult], papers: Sequence[PaperResult]) -> None:
    for card in cards:
        for code, drawn, read, sure in card.wrong:
            print(f"{card.seed} tier {card.tier} {card.font}: {code} {drawn!r} read {read!r} ({sure:.2f})")
    for paper in papers:
        for code, drawn, read in paper.wrong:
            print(f"{paper.kind} tier {paper.tier}: {code} {drawn!r} read {read!r}")


if __name__ == "__main__":
    sys.exit(main())

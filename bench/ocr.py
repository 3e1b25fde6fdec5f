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

from tests.specimens.fonts import Face
from tests.specimens.measure import EIGHT, CardResult, PaperResult, card_read, network_cut, paper_read
from tests.specimens.styles import STYLES, Style

from weidai.vision.rules.fields import Kind

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
    parser.add_argument("--style", choices=("both", *STYLES), default="both", help="which generator draws (both)")
    parser.add_argument("--kind", help="only this kind of other paper")
    asked = parser.parse_args(arguments)
    outcomes = [_style_measured(asked, style) for name, style in STYLES.items() if asked.style in ("both", name)]
    return max(outcomes)


def _style_measured(asked: argparse.Namespace, style: Style) -> int:
    """Measure one style and print its tables; 1 when a target was missed, 2 without a font."""
    chosen = style.build if asked.build else style.held_out
    faces = [face for face in chosen if face.is_there]
    if not faces:
        packages = " ".join(sorted({face.package for face in chosen}))
        print(f"No font to measure the {style.name} style with: apt-get install {packages}", file=sys.stderr)
        return 2
    with network_cut() as tried:
        cards, papers = _measured(asked, style, faces)
    tables = ([_card_table(cards)] if cards else []) + ([_paper_table(papers)] if papers else [])
    print(f"\n{style.name} style · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {platform.machine()} · "
          f"Python {platform.python_version()} · load {os.getloadavg()[0]:.1f} · fonts "
          f"{', '.join(face.name for face in faces)} · addresses tried: {len(tried)}")
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


def _measured(asked: argparse.Namespace, style: Style, faces: Sequence[Face]) -> tuple[list[CardResult], list[PaperResult]]:
    from weidai.vision.reader import Reader

    reader, cards, papers = Reader(), list[CardResult](), list[PaperResult]()
    first = BUILD_SEED if asked.build else FIRST_SEED
    first_paper = BUILD_PAPER_SEED if asked.build else FIRST_PAPER_SEED
    jobs: list[tuple[Kind | None, int]] = [(None, place) for place in range(asked.cards)]
    jobs += [(kind, place) for kind in style.papers if asked.kind in (None, kind) for place in range(asked.papers * 3)]
    jobs.sort(key=lambda job: job[1] / (asked.papers * 3 if job[0] else asked.cards))  # stopped early, some of each are read
    try:
        for done, (kind, place) in enumerate(jobs, start=1):
            tier = place % 3 if asked.tier is None else asked.tier
            face = faces[place // 3 % len(faces)]
            if kind is None:
                cards.append(card_read(reader, first + asked.start + place, face, tier, style=style))
            else:
                papers.append(paper_read(reader, kind, first_paper + asked.start + place, face, tier, style=style))
            if done % 10 == 0:
                print(f"\r{style.name} {done} / {len(jobs)}", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print(f"\nstopped after {len(cards) + len(papers)} of {len(jobs)}: the tables show what was read", file=sys.stderr)
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
    lines.append(f"number exact {_share(number, len(cards))} · valid but wrong {sum(card.wrong_but_valid for card in cards)} · "
                 f"fields wrong without a sign {sum(card.silent for card in cards)} of {8 * len(cards)}")
    if seconds:
        lines.append(f"core-seconds a side: median {statistics.median(seconds):.2f}, p95 {seconds[int(len(seconds) * 0.95)]:.2f}")
    return "\n".join(lines)


def _paper_table(papers: Sequence[PaperResult]) -> str:
    lines = ["Other papers", "| paper | field | tier 0 | tier 1 | tier 2 |", "|---|---|---|---|---|"]
    for kind in dict.fromkeys(paper.kind for paper in papers):
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
        silent = " | ".join(str(sum(paper.silent for paper in some)) for some in by_tier)
        lines.append(f"| {kind} | wrong without a sign | {silent} |")
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
        for code, drawn, read, sure in paper.wrong:
            print(f"{paper.kind} {paper.seed} tier {paper.tier} {paper.font}: {code} {drawn!r} read {read!r} ({sure:.2f})")


if __name__ == "__main__":
    sys.exit(main())

"""`make bench-ocr STYLE=pdf`: how exactly papers sent as PDF are read, with a text layer, scanned, and told otherwise (R4.1).

Seeds and fonts are not the ones the reader was built with. Figures are about drawn specimens.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.specimens import fonts, pdfs
from tests.specimens.fonts import Face
from tests.specimens.measure import network_cut
from tests.specimens.pdf_measure import PdfResult, compared

from weidai.vision.rules.fields import Kind

FIRST_SEED, BUILD_SEED = 910_000, 9_000  # 900,000 showed that fonts lie about the room of their signs
LIES = "told otherwise"  # text layers in which one amount is another than the one drawn


def measure(of_each: int, *, build: bool) -> int:
    """Read so many PDFs of each kind and form, print the table; 1 when anything wrong carried no sign, 2 without a font."""
    faces = [face for face in (fonts.BUILD if build else fonts.HELD_OUT) if face.is_there]
    if not faces:
        print("No font to measure with: apt-get install fonts-wqy-microhei fonts-arphic-uming", file=sys.stderr)
        return 2
    from weidai.vision.reader import Reader

    reader, found = Reader(), dict[tuple[Kind, str], list[PdfResult]]()
    with network_cut() as tried:
        try:
            for number in range(of_each):
                for kind in pdfs.DRAWN:
                    for form in (*pdfs.FORMS, LIES):
                        drawn = specimen(kind, form, (BUILD_SEED if build else FIRST_SEED) + number, faces[number % len(faces)])
                        found.setdefault((kind, form), []).append(compared(reader, drawn))
                        print(f"\rPDF {sum(map(len, found.values()))} / {of_each * 12}", end="", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            print("\nstopped: the table shows what was read", file=sys.stderr)
    print(f"\nPDF · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {platform.machine()} · Python {platform.python_version()} · "
          f"load {os.getloadavg()[0]:.1f} · fonts {', '.join(face.name for face in faces)} · addresses tried: {len(tried)}")
    print(_table(found))
    if build:
        for (kind, form), results in found.items():
            for one in results:
                print(*(f"{kind} {form}: {wrong}" for wrong in one.wrong), sep="\n")
    honest = not any(one.silent for results in found.values() for one in results)
    caught = all(one.as_drawn is not True for (_, form), results in found.items() if form == LIES for one in results)
    return 0 if honest and caught and not tried else 1


def specimen(kind: Kind, form: str, seed: int, face: Face) -> pdfs.PdfPaper:
    """Return a specimen the face can draw; of one that is told otherwise, the amount that would raise the income most."""
    for step in range(50):
        at = seed + step * 1_000_080
        drawn = pdfs.DRAWN[kind](at, face, form="text" if form == LIES else form)  # type: ignore[operator]
        if fonts.can_draw(face, "".join(drawn.fields.values()) + "".join(row[1] for row in drawn.rows)):
            if form != LIES:
                return drawn
            fen = next(row[3] for row in drawn.rows if row[2] > 0) if drawn.rows else int(
                drawn.fields.get("net_fen") or drawn.fields["income_fen"])
            told = pdfs.Told(instead={pdfs.yuan(fen): pdfs.yuan(fen + 1_000_000)})
            return pdfs.DRAWN[kind](at, face, told=told)  # type: ignore[operator]
    raise AssertionError(f"{face.name} can draw nothing near seed {seed}")


def _table(found: dict[tuple[Kind, str], list[PdfResult]]) -> str:
    lines = ["| paper | form | fields exact | rows exact | wrong without a sign | text refuted | core-seconds a page |",
             "|---|---|---|---|---|---|---|"]
    for (kind, form), results in found.items():
        fields = sum(sum(one.fields.values()) for one in results), sum(len(one.fields) for one in results)
        rows = sum(one.rows_exact for one in results), sum(one.rows for one in results)
        lines.append(f"| {kind} | {form} | {fields[0]}/{fields[1]} | {f'{rows[0]}/{rows[1]}' if rows[1] else '–'} | "
                     f"{sum(one.silent for one in results)} | {sum(one.as_drawn is False for one in results)}/{len(results)} | "
                     f"{statistics.median(one.seconds for one in results):.2f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure with the words of `bench.ocr`: how many of each kind and form, and whether with the fonts of building."""
    import argparse

    parser = argparse.ArgumentParser(prog="bench.ocr_pdf")
    parser.add_argument("each", type=int, nargs="?", default=4)
    parser.add_argument("--build", action="store_true", help="the seeds and fonts used while building, with every mistake")
    asked = parser.parse_args(arguments)
    return measure(asked.each, build=asked.build)


if __name__ == "__main__":
    sys.exit(main())

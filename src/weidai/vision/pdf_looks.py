"""Looking at a PDF through two helpers: one opens pages, one recognises text. Plain values and pictures in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any

from weidai.vision.pdf_reading import Drawn
from weidai.vision.rules.agreement import Looked
from weidai.vision.rules.fields import Kind
from weidai.vision.rules.lines import Line, Quad
from weidai.vision.rules.sheets import Leaf
from weidai.vision.rules.wire import lines_of, quality_of

Recognise = Callable[[Mapping[str, Any], bytes], Awaitable[dict[str, Any]]]  # a question about a picture
Open = Callable[[Mapping[str, Any]], Awaitable[tuple[dict[str, Any], bytes]]]  # a question about the PDF


class Looks:
    """`pdf_reading.Looker` over two helpers; raises what they raise."""

    def __init__(self, recognise: Recognise, open_page: Open) -> None:
        self._recognise, self._open = recognise, open_page
        self.engine = ""

    async def page(self, number: int) -> Drawn:
        """Return a page, counted from 0."""
        head, picture = await self._open({"do": "page", "page": number})
        return Drawn(picture, head["width"], head["height"], lines_of(head["lines"]), head["leaning"])

    async def whole(self, picture: bytes, kind: Kind, on: date) -> Leaf:
        """Read a page as a picture."""
        said = await self._asked({"do": "whole", "kind": kind.value, "on": on.isoformat()}, picture)
        return Leaf(said["width"], said["height"], lines_of(said["lines"]), 0, said["turned"], quality_of(said["quality"]))

    async def beside(self, picture: bytes, known: Sequence[Quad]) -> tuple[int, tuple[Line, ...]]:
        """Return how many pieces of text a page shows, and those that stand beside the known ones."""
        said = await self._asked({"do": "beside", "quads": known}, picture)
        return said["shown"], lines_of(said["lines"])

    async def strips(self, picture: bytes, quads: Sequence[Quad], *, closely: bool) -> list[list[Looked]]:
        """Recognise what is drawn at some places; `closely` in several treatments."""
        said = await self._asked({"do": "strips", "quads": quads, "closely": closely}, picture)
        return [[(text, score) for text, score in looks] for looks in said["looks"]]

    async def _asked(self, question: Mapping[str, Any], picture: bytes) -> dict[str, Any]:
        said = await self._recognise(question, picture)
        self.engine = said["engine"]
        return said

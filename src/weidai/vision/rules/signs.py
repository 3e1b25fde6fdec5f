"""The text layer of a PDF: signs with their places, put together to pieces of text as a recogniser would see them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weidai.vision.rules.lines import Line

_INK_LEAST = 0.5  # of the room's height: a line of dashes is as high as its neighbours
_ROOM = 0.15  # of the ink's height, above and below
_APART = 0.6  # of the height: a wider gap between two signs parts columns
_SAME_LINE = 0.45  # of the smaller height the middles of two signs may differ by
MOST_SIGNS = 20_000  # of one page; more is no paper


@dataclass(frozen=True, slots=True)
class Sign:
    """One visible, level sign in pixels of the drawn page, y downwards: the room its font gives it, and where its ink is.

    Fonts lie about the room (some give it half a line too high), so where a piece stands is told by the ink.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    ink: tuple[float, float]  # top and bottom

    @property
    def height(self) -> float:
        """How high it is, never nothing."""
        return max(self.bottom - self.top, 1.0)

    @property
    def middle(self) -> float:
        """Half-way between top and bottom."""
        return (self.top + self.bottom) / 2


def lines_of(signs: Iterable[Sign]) -> tuple[Line, ...]:
    """Return pieces of text from top to bottom and left to right, sure by themselves: nothing was guessed.

    Order in the file means nothing: a PDF may write its signs in any. Blanks part nothing but columns.
    """
    levels: list[list[Sign]] = []
    for sign in sorted((one for one in signs if one.text.strip()), key=lambda one: one.middle):
        for level in reversed(levels[-3:]):
            last = level[-1]
            if abs(last.middle - sign.middle) < _SAME_LINE * min(last.height, sign.height):
                level.append(sign)
                break
        else:
            levels.append([sign])
    return tuple(_line(piece) for level in levels for piece in _pieces(sorted(level, key=lambda one: one.left)))


def _pieces(level: Sequence[Sign]) -> list[list[Sign]]:
    """Return signs of one level parted where a gap is; a sign drawn twice at one place (bold by hand) counts once."""
    pieces: list[list[Sign]] = [[level[0]]]
    for sign in level[1:]:
        last = pieces[-1][-1]
        if sign.text == last.text and abs(sign.left - last.left) < 0.25 * sign.height:
            continue
        if sign.left - last.right > _APART * min(last.height, sign.height):
            pieces.append([sign])
        else:
            pieces[-1].append(sign)
    return pieces


def _line(piece: Sequence[Sign]) -> Line:
    left, right = piece[0].left, max(sign.right for sign in piece)
    top, bottom = min(sign.ink[0] for sign in piece), max(sign.ink[1] for sign in piece)
    more = max(_ROOM * (bottom - top), (_INK_LEAST * max(sign.height for sign in piece) - (bottom - top)) / 2)
    top, bottom = top - more, bottom + more
    return Line("".join(sign.text for sign in piece), 1.0, ((left, top), (right, top), (right, bottom), (left, bottom)))

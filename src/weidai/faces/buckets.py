"""Coarse words for a descriptor, so that alike faces can be looked up without comparing everybody (R1.1). Pure.

Each of `BANDS` words is made of the sides of `BITS` random planes the descriptor lies on. Two pictures of one face share
at least one word nearly always, two different faces seldom; what shares a word is then really compared.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache

BANDS, BITS, NUMBERS = 24, 12, 128
# Where descriptors lie on the average (hundredths), so that planes through it halve them. A scale, nobody's face.
_MIDDLE = (
    -12, 9, 6, -5, -12, -5, -3, -11, 16, -6, 19, -5, -22, -5, -4, 15, -17, -14, -8, -6, 3, 4, 2, 5,
    -11, -31, -8, -8, 2, -9, 0, 10, -19, -7, 4, 10, -3, -7, 18, 0, -21, -2, 7, 27, 20, 1, 1, -8,
    12, -24, 3, 16, 8, 6, 3, -15, 4, 13, -17, 4, 11, -13, -3, -7, 21, 7, -12, -14, 14, -14, -6, 7,
    -13, -17, -30, 2, 39, 10, -16, 4, -9, 0, 4, 11, -4, -1, -11, 2, 21, -5, 0, 22, 0, 1, 1, 5,
    -10, 0, -12, 0, 2, -8, -1, 10, -18, 13, 0, 0, -1, -5, -7, -5, 16, -24, 20, 18, 4, 14, 7, 8,
    -1, -3, -15, -6, 5, -3, 2, 4,
)


@lru_cache(maxsize=1)
def _planes() -> tuple[tuple[float, ...], ...]:
    drawn = random.Random(20_260_101)  # noqa: S311 (a fixed choice of planes, no secret)
    return tuple(tuple(drawn.gauss(0, 1) for _ in range(NUMBERS)) for _ in range(BANDS * BITS))


def bucket_words(descriptor: Sequence[float]) -> tuple[str, ...]:
    """Return the words of a descriptor, one per band."""
    assert len(descriptor) == NUMBERS, len(descriptor)
    offset = [value - middle / 100 for value, middle in zip(descriptor, _MIDDLE, strict=True)]
    sides = "".join("1" if sum(a * b for a, b in zip(plane, offset, strict=True)) > 0 else "0" for plane in _planes())
    return tuple(sides[band * BITS:(band + 1) * BITS] for band in range(BANDS))

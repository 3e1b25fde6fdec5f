"""Deterministic chance: the same words give the same numbers on every machine and every run."""

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of draws named by words, built only on `Random.random`, whose sequence Python promises to keep."""

    __slots__ = ("unit",)

    def __init__(self, *words: object) -> None:
        """Open the stream that belongs to these words."""
        name = "|".join(map(str, words)).encode()
        self.unit = Random(int.from_bytes(blake2b(name, digest_size=8).digest())).random

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def share(self, low: float, high: float) -> float:
        """Return a real number between low and high."""
        return low + self.unit() * (high - low)

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.unit() < probability

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of the choices, all equally likely."""
        return choices[int(self.unit() * len(choices))]

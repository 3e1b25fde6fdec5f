"""What the recogniser saw, character by character: a line of twenty sure characters and one guessed is not sure (R1.4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode

_GUESSED = 0.9  # below it a character may be another one
_LEAST = 0.02  # of the other one, to be worth a thought
_MOST_OTHERS = 4

Extra = tuple[float, tuple[str, ...]]


class Decoder(CTCLabelDecode):
    """Decodes as the library does, and gives with every line its least sure character and its next best readings."""

    def __call__(
        self, preds: NDArray[np.float32], return_word_box: bool = False, **_: Any,
    ) -> tuple[list[tuple[str, float]], list[Extra]]:
        """Return text and mean confidence of each line; and for each the least confidence and other readings."""
        assert return_word_box, "the extras travel in the place of the words"
        seen = [self._line(steps) for steps in preds]
        return [(text, score) for text, score, _ in seen], [extra for *_, extra in seen]

    def _line(self, steps: NDArray[np.float32]) -> tuple[str, float, Extra]:
        best = steps.argmax(axis=1)
        sure = steps[np.arange(len(steps)), best]
        begins = best != 0
        begins[1:] &= best[1:] != best[:-1]
        places = np.flatnonzero(begins)
        if not len(places):
            return "", 0.0, (0.0, ())
        signs = [self.character[best[place]] for place in places]
        peaks = [_peak(best, sure, int(place)) for place in places]
        told = [float(sure[peak]) for peak, sign in zip(peaks, signs, strict=True) if not sign.isspace()]
        score = round(float(sure[places].mean()), 5)
        return "".join(signs), score, (round(min(told, default=0.0), 5), self._others(steps, signs, peaks))

    def _others(self, steps: NDArray[np.float32], signs: list[str], peaks: list[int]) -> tuple[str, ...]:
        """Return the line with one guessed character as what it may be instead, the likeliest first."""
        found = []
        for place, peak in enumerate(peaks):
            step = steps[peak].copy()
            first = float(step[1:].max())
            if first >= _GUESSED:
                continue
            step[0] = step[int(steps[peak].argmax())] = 0.0
            second = int(step.argmax())
            if step[second] >= _LEAST:
                found.append((float(step[second]) / first, "".join((*signs[:place], self.character[second], *signs[place + 1:]))))
        return tuple(text for _, text in sorted(found, reverse=True)[:_MOST_OTHERS])


def _peak(best: NDArray[np.int64], sure: NDArray[np.float32], begins: int) -> int:
    """Return where a character that was seen in several steps was seen best."""
    ends = begins
    while ends + 1 < len(best) and best[ends + 1] == best[begins]:
        ends += 1
    return begins + int(sure[begins:ends + 1].argmax())

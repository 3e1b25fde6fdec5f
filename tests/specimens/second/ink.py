"""Drawing with ink that runs a little: text in places and steps, marks, pale patterns."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from tests.specimens.fonts import Face
from tests.specimens.second import fonts

Colour = tuple[int, int, int]
MARKS = ("测试样本", "样本 SPECIMEN", "SPECIMEN", "测试样本 非真实证件", "样本")


@dataclass(slots=True)
class Pen:
    """A picture one writes on in one face; places are in pixels of the paper."""

    picture: Image.Image
    face: Face

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        """Return what draws on the picture."""
        return ImageDraw.Draw(self.picture)

    def text(
        self,
        at: tuple[float, float],
        text: str,
        size: int,
        colour: Colour = (25, 25, 28),
        *,
        anchor: str = "lm",
        step: float = 0.0,
        face: Face | None = None,
    ) -> float:
        """Write a text; `step` adds room after every character. Returns where it ends."""
        font = fonts.of_size(face or self.face, size)
        x, y = at
        if not step:
            self.draw.text((x, y), text, colour, font=font, anchor=anchor)
            return x + font.getlength(text)
        for sign in text:
            self.draw.text((x, y), sign, colour, font=font, anchor=anchor)
            x += font.getlength(sign) + step
        return x

    def width(self, text: str, size: int) -> float:
        """Return how wide a text is."""
        return fonts.of_size(self.face, size).getlength(text)

    def wrapped(self, text: str, size: int, width: float) -> list[str]:
        """Return a text in lines no wider than `width`."""
        lines = [""]
        for sign in text:
            if self.width(lines[-1] + sign, size) > width:
                lines.append("")
            lines[-1] += sign
        return lines

    def mark(self, dice: random.Random, at: tuple[float, float], *, size: int, slant: float = 0.0, strength: int = 255) -> None:
        """Stamp one of the marks around a place."""
        text = dice.choice(MARKS)
        colour = dice.choice(((200, 30, 40), (60, 60, 160), (120, 120, 120), (210, 110, 20)))
        font = fonts.of_size(fonts.CARRIED, size)
        box = font.getbbox(text)
        layer = Image.new("RGBA", (int(box[2]) + 8, int(box[3]) + 8), (255, 255, 255, 0))
        ImageDraw.Draw(layer).text((4, 4), text, (*colour, strength), font=font)
        layer = layer.rotate(slant, expand=True, resample=Image.Resampling.BICUBIC)
        self.picture.paste(layer, (int(at[0] - layer.width / 2), int(at[1] - layer.height / 2)), layer)


def tinted(size: tuple[int, int], dice: random.Random, first: Colour, second: Colour) -> Image.Image:
    """Return a paper that fades from one colour to another in some direction."""
    ramp = Image.linear_gradient("L").rotate(dice.choice((0, 90, 180, 270))).resize(size)
    return Image.composite(Image.new("RGB", size, first), Image.new("RGB", size, second), ramp)


def rosettes(picture: Image.Image, dice: random.Random, colour: Colour, count: int) -> None:
    """Draw thin looping lines as security papers have."""
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    for _ in range(count):
        x, y, size = dice.uniform(0, width), dice.uniform(0, height), dice.uniform(0.2, 0.6) * height
        petals, turns = dice.choice((3, 5, 7, 8)), dice.uniform(0.3, 0.8)
        points = []
        for place in range(241):
            angle = place / 240 * math.tau
            radius = size * (0.55 + 0.45 * math.cos(petals * angle) * turns)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
        draw.line(points, fill=colour, width=1)

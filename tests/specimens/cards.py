"""Both sides of a specimen ID card, 1012 × 638 pixels: the shape of the real one, visibly marked as none (R1.4)."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw

from tests.specimens.fonts import Face, font
from tests.specimens.people import Person

SIZE = (1012, 638)
LABEL, VALUE, MARK = (64, 104, 160), (24, 24, 28), (214, 40, 40)
ADDRESS_LINE = 11  # characters


def front(person: Person, face: Face, *, seed: int) -> Image.Image:
    """Return the side with the portrait: six fields, and a head that is nobody's."""
    picture = _paper(seed)
    draw = ImageDraw.Draw(picture)
    small, value = font(face, 30), font(face, 38)
    for text, at in (("姓名", (58, 78)), ("性别", (58, 158)), ("民族", (300, 158)), ("出生", (58, 236)), ("住址", (58, 318))):
        draw.text(at, text, LABEL, small)
    draw.text((160, 68), person.name, VALUE, font(face, 44))
    draw.text((160, 152), person.sex, VALUE, value)
    draw.text((392, 152), person.ethnicity, VALUE, value)
    born = person.birth_on
    for text, at, colour, used in (
        (str(born.year), (160, 230), VALUE, value), ("年", (258, 236), LABEL, small), (str(born.month), (312, 230), VALUE, value),
        ("月", (370, 236), LABEL, small), (str(born.day), (424, 230), VALUE, value), ("日", (482, 236), LABEL, small),
    ):
        draw.text(at, text, colour, used)
    for row in range(0, len(person.address), ADDRESS_LINE):
        draw.text((160, 312 + row // ADDRESS_LINE * 50), person.address[row:row + ADDRESS_LINE], VALUE, value)
    draw.text((58, 550), "公民身份号码", LABEL, small)
    _spaced(draw, (330, 540), person.number, font(face, 46), step=32)
    _head(draw, seed)
    _marks(picture, face, at=(706, 460), diagonal=(590, 180))
    return picture


def back(person: Person, face: Face, *, seed: int) -> Image.Image:
    """Return the side with the authority and the validity."""
    picture = _paper(seed + 1)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((60, 60, 220, 220), fill=(196, 62, 54))
    draw.ellipse((84, 84, 196, 196), outline=(240, 206, 120), width=6)
    _spaced(draw, (330, 66), "中华人民共和国", font(face, 56), step=84)
    _spaced(draw, (330, 150), "居民身份证", font(face, 72), step=116)
    draw.text((230, 462), "签发机关", LABEL, font(face, 30))
    draw.text((410, 456), person.authority, VALUE, font(face, 36 if len(person.authority) <= 15 else 29))
    draw.text((230, 540), "有效期限", LABEL, font(face, 30))
    ends = person.valid_to.strftime("%Y.%m.%d") if person.valid_to else "长期"
    draw.text((410, 534), f"{person.valid_from:%Y.%m.%d}-{ends}", VALUE, font(face, 36))
    _marks(picture, face, at=(64, 260), diagonal=(300, 250))
    return picture


def _spaced(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, used: object, *, step: int) -> None:
    for place, character in enumerate(text):
        draw.text((at[0] + place * step, at[1]), character, VALUE, used)


def _paper(seed: int) -> Image.Image:
    """Return a pale ground with a gradient and fine waves."""
    dice = random.Random(f"paper {seed}")
    picture = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(picture)
    left, right = (226, 238, 246), (238, 232, 244)
    for x in range(SIZE[0]):
        share = x / SIZE[0]
        draw.line((x, 0, x, SIZE[1]), tuple(round(a + (b - a) * share) for a, b in zip(left, right, strict=True)))
    for wave in range(26):
        phase, height = dice.random() * 6.3, dice.uniform(6, 22)
        points = [(x, 26 * wave + height * math.sin(x / 70 + phase)) for x in range(0, SIZE[0] + 8, 8)]
        draw.line(points, fill=(206, 222, 234), width=1)
    return picture


def _head(draw: ImageDraw.ImageDraw, seed: int) -> None:
    dice = random.Random(f"head {seed}")
    tone = dice.randrange(120, 190)
    draw.rectangle((664, 76, 940, 430), fill=(236, 238, 240))
    draw.ellipse((728, 120, 876, 306), fill=(tone, tone - 18, tone - 30))
    draw.pieslice((680, 300, 924, 560), 180, 360, fill=(70, 80, 96))
    draw.rectangle((664, 430, 940, 434), fill=(236, 238, 240))


def _marks(picture: Image.Image, face: Face, *, at: tuple[int, int], diagonal: tuple[int, int]) -> None:
    """Write 样本 SPECIMEN where no value stands, and large and faint across the card."""
    draw = ImageDraw.Draw(picture)
    draw.text(at, "样本 SPECIMEN", MARK, font(face, 32))
    draw.text((360, 10), "样本 SPECIMEN 非真实证件", MARK, font(face, 26))
    layer = Image.new("RGBA", (420, 90), (0, 0, 0, 0))
    ImageDraw.Draw(layer).text((0, 10), "样本SPECIMEN", (*MARK, 60), font(face, 54))
    turned = layer.rotate(18, expand=True)
    picture.paste(turned, diagonal, turned)

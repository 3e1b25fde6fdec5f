"""The resident ID card in the second style: 1,012 by 638 pixels, laid out anew for every seed within what cards allow."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from tests.specimens.fonts import Face
from tests.specimens.people import Person
from tests.specimens.second import fonts
from tests.specimens.second.ink import Colour, Pen, rosettes, tinted

SIZE = (1012, 638)


def front(person: Person, face: Face, *, seed: int) -> Image.Image:
    """Return the portrait side."""
    dice = random.Random(f"front {seed}")
    pen = Pen(_card(dice), face)
    label, ink = _label_colour(dice), _dark(dice)
    small, large = dice.choice((30, 32, 34)), dice.choice((36, 38, 40))
    left, value = 58 + dice.randrange(14), 168 + dice.randrange(14)
    rows = [70 + dice.randrange(-4, 8)]
    for gap in (82, 74, 82):
        rows.append(rows[-1] + gap + dice.randrange(-5, 5))
    step = dice.choice((0, 0, 4, 10))
    pen.text((left, rows[0]), "姓名", small, label, step=step)
    pen.text(
        (value, rows[0]),
        person.name,
        large + 4 if len(person.name) < 5 else large - 4,
        ink,
        step=dice.choice((0, 6)) if len(person.name) < 4 else 0,
    )
    pen.text((left, rows[1]), "性别", small, label, step=step)
    pen.text((value, rows[1]), person.sex, large - 2, ink)
    ended = pen.text((value + 120, rows[1]), "民族", small, label, step=step)
    pen.text((ended + 22, rows[1]), person.ethnicity, large - 2, ink)
    pen.text((left, rows[2]), "出生", small, label, step=step)
    _birth(pen, person, (value, rows[2]), (small, large - 3), (label, ink), dice)
    pen.text((left, rows[3]), "住址", small, label, step=step)
    size = large - 4
    for place, line in enumerate(pen.wrapped(person.address, size, 11.1 * size)):
        pen.text((value, rows[3] + place * (size + dice.choice((10, 12)))), line, size, ink)
    _silhouette(pen.picture, dice)
    y = 566 + dice.randrange(-6, 8)
    pen.text((left, y), "公民身份号码", small, label, step=dice.choice((0, 2)))
    digits = next((found for found in dice.sample(fonts.DIGITS, 3) if found.is_there), face)
    pen.text((342 + dice.randrange(16), y), person.number, 46, ink, step=dice.choice((1, 4, 7)), face=digits)
    _marks(pen, dice, (((800, 498), 32), ((800, 40), 30), ((520, 18), 24), ((800, 300), 40)))
    return pen.picture


def back(person: Person, face: Face, *, seed: int) -> Image.Image:
    """Return the side with authority and validity."""
    dice = random.Random(f"back {seed}")
    pen = Pen(_card(dice), face)
    label, ink = _label_colour(dice), _dark(dice)
    draw = pen.draw
    draw.ellipse((60, 50, 230, 220), fill=(196, 60, 50))
    draw.polygon(
        [(145, 70), (165, 130), (215, 135), (175, 165), (190, 210), (145, 185), (100, 210), (115, 165), (75, 135), (125, 130)],
        fill=(236, 196, 70),
    )
    title = (30, 30, 34) if dice.random() < 0.7 else (90, 40, 40)
    pen.text((290, 110), "中华人民共和国", 62, title, step=dice.choice((8, 16)))
    pen.text((290, 230), "居民身份证", 84, title, step=dice.choice((12, 26)))
    size, small = dice.choice((34, 36, 38)), dice.choice((32, 34))
    y, value = 456 + dice.randrange(-8, 10), 404 + dice.randrange(20)
    pen.text((value - 24, y), "签发机关", small, label, anchor="rm")
    pen.text((value, y), person.authority, size if pen.width(person.authority, size) < 560 else 32, ink)
    y += 84 + dice.randrange(-6, 8)
    pen.text((value - 24, y), "有效期限", small, label, anchor="rm")
    until = "长期" if person.valid_to is None else f"{person.valid_to:%Y.%m.%d}"
    pen.text((value, y), f"{person.valid_from:%Y.%m.%d}-{until}", size, ink, step=dice.choice((0, 1, 2)))
    _marks(pen, dice, (((560, 340), 40), ((150, 300), 34), ((860, 40), 30), ((500, 606), 28)))
    return pen.picture


def _card(dice: random.Random) -> Image.Image:
    first = dice.choice(((226, 238, 246), (238, 240, 232), (232, 228, 240), (244, 236, 228)))
    second = dice.choice(((208, 226, 238), (246, 232, 226), (222, 238, 226)))
    picture = tinted(SIZE, dice, first, second)
    rosettes(picture, dice, tuple(max(part - 22, 0) for part in second), 7)  # type: ignore[arg-type]
    return picture


def _birth(
    pen: Pen, person: Person, at: tuple[float, float], sizes: tuple[int, int], colours: tuple[Colour, Colour], dice: random.Random
) -> None:
    """Write year, month and day with their labels in the labels' ink, the numbers a little apart from them."""
    x, y = at
    room = dice.choice((6, 12, 18))
    for number, unit in ((person.birth_on.year, "年"), (person.birth_on.month, "月"), (person.birth_on.day, "日")):
        x = pen.text((x, y), str(number), sizes[1], colours[1]) + room
        x = pen.text((x, y), unit, sizes[0], colours[0]) + room


def _silhouette(picture: Image.Image, dice: random.Random) -> None:
    draw = ImageDraw.Draw(picture)
    cloth, skin = dice.choice(((60, 70, 100), (120, 60, 60), (40, 40, 44))), dice.choice(((226, 190, 166), (204, 164, 138)))
    draw.rounded_rectangle((690, 400, 930, 490), 40, fill=cloth)
    draw.rectangle((776, 330, 844, 420), fill=skin)
    draw.ellipse((724, 130, 896, 370), fill=skin)
    draw.pieslice((712, 90, 908, 320), 180, 360, fill=(34, 28, 26))


def _marks(pen: Pen, dice: random.Random, places: tuple[tuple[tuple[int, int], int], ...]) -> None:
    at, size = dice.choice(places)
    pen.mark(dice, at, size=size, slant=dice.choice((0, 0, 7, -7)))
    if dice.random() < 0.35:  # and once across everything, as thin as a copy's watermark
        pen.mark(dice, (SIZE[0] / 2, SIZE[1] / 2), size=110, slant=dice.choice((28, -28)), strength=26)


def _label_colour(dice: random.Random) -> Colour:
    return dice.choice(((40, 110, 170), (60, 120, 150), (30, 90, 140), (80, 80, 90)))


def _dark(dice: random.Random) -> Colour:
    return dice.choice(((20, 20, 22), (40, 38, 40), (26, 30, 48)))

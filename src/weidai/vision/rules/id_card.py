"""Both sides of the resident ID card, from lines of text to eight fields with their cross-checks (R1.4). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from weidai.kernel.errors import Invalid
from weidai.kernel.id_card import IdCardNumber, id_card_number
from weidai.vision.rules import areas
from weidai.vision.rules.dates import real_date
from weidai.vision.rules.fields import Check, Field, Kind, Reading, made
from weidai.vision.rules.lines import Line, Placed, Row, placed, rows
from weidai.vision.rules.words import CHINESE, ETHNICITIES, is_mark, nearest, simplified

FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_on", "address", "id_number")
BACK_FIELDS = ("authority", "valid_from", "valid_to")
NO_END = "长期"

# Letters a number is sometimes read as; a number has no other letters than a closing X.
_AS_DIGIT = str.maketrans("OoQDIlZSBx", "0000112 58X".replace(" ", ""))
_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
_LOOSE_NUMBER = re.compile(r"[0-9OoQDIlZSBxX]{14,20}")
_NUMBER_LABEL = re.compile(r"^(?:公民身份号码|公民身份|身份号码|公民|号码)[::]?")
_BORN = re.compile(r"((?:19|20)\d{2})\D{0,2}?(\d{1,2})\D{1,2}?(\d{1,2})\D?")
_PERIOD = re.compile(r"(\d{4})\D?(\d{2})\D?(\d{2})\D{0,3}?(?:(\d{4})\D?(\d{2})\D?(\d{2})|(长期|长|期))")
_ADDRESS_LABEL = re.compile(r"^[住佳往][址]?|^址")
_YEARS = (5, 10, 20)


def front(lines: Sequence[Line], *, on: date) -> Reading:
    """Read the portrait side: name, sex, ethnicity, birth date, address, number."""
    marked = any(is_mark(line.tidy) for line in lines)
    pieces = [piece for piece in placed(lines) if piece.text and not is_mark(piece.text)]
    number, number_row = _number(pieces, on)
    above = [piece for piece in pieces if not _is_number_label(piece.text)
             and (number_row is None or piece.middle < number_row.middle - 0.5 * piece.height)]
    sheet = rows(above)
    known = _known(number.value, on)
    birth, birth_row = _birth(sheet, known)
    sex, ethnicity, sex_row = _sex_row(sheet, known)
    name = _name(sheet, before=sex_row or birth_row)
    address = _address(sheet, after=birth_row or sex_row)
    checks: tuple[Check, ...] = (
        Check("birth_matches_number", birth.value == known.birth_on.isoformat() if known and birth.lines else None),
        Check("sex_matches_number", sex.value == {"male": "男", "female": "女"}[known.sex] if known and sex.lines else None),
    )
    if any(check.passed is False for check in checks):
        number = made("id_number", number.value, _pieces(pieces, number), number.checks, most=0.5)
    checks += (Check("side", _is_side(pieces, front_side=True) or bool(number.value)),)
    return Reading(Kind.ID_FRONT, (name, sex, ethnicity, birth, address, number), checks, is_marked=marked)


def back(lines: Sequence[Line], *, on: date) -> Reading:
    """Read the other side: issuing authority and validity."""
    marked = any(is_mark(line.tidy) for line in lines)
    pieces = [piece for piece in placed(lines) if piece.text and not is_mark(piece.text)]
    sheet = rows(pieces)
    authority, period = _authority(sheet), _period(sheet, on)
    side = Check("side", _is_side(pieces, front_side=False) or bool(authority.value))
    return Reading(Kind.ID_BACK, (authority, *period), (side,), is_marked=marked)


def _is_side(pieces: Sequence[Placed], *, front_side: bool) -> bool:
    """Say whether this is not clearly the other side: its title and labels are on it, none of ours."""
    text = "".join(piece.text for piece in pieces)
    theirs = ("居民身份证", "签发机关", "有效期限") if front_side else ("公民身份号码", "性别", "民族", "住址", "出生")
    return not any(word in text for word in theirs)


def _pieces(pieces: Sequence[Placed], field: Field) -> list[Placed]:
    return [piece for piece in pieces if piece.index in field.lines]


def _is_number_label(text: str) -> bool:
    return sum(character in "公民身份号码" for character in text) >= 3 and len(text) <= 8


def _known(number: str, on: date) -> IdCardNumber | None:
    try:
        return id_card_number(number, on=on)
    except Invalid:
        return None


def _number(pieces: Sequence[Placed], on: date) -> tuple[Field, Row | None]:
    """Return the number and its row: the longest run of digits, checked as far as the number itself can be."""
    best: tuple[int, str, list[Placed], Row] | None = None
    for row in rows(pieces):
        chosen = [piece for piece in row.pieces if sum(character.isdigit() for character in piece.text) >= 3]
        text = _NUMBER_LABEL.sub("", "".join(piece.text for piece in chosen))
        found = _LOOSE_NUMBER.search(text)
        if found and (best is None or len(found.group()) > best[0]):
            best = (len(found.group()), found.group().translate(_AS_DIGIT), chosen, row)
    if best is None:
        return made("id_number", "", ()), None
    exact = _NUMBER.search(best[1])
    value = exact.group() if exact else best[1]
    known = _known(value, on)
    checks = (
        Check("check_digit", known is not None),
        Check("area_known", areas.is_known(value[:6]) or None),  # abolished counties are not in the list
    )
    return made("id_number", value, best[2], checks), best[3]


def _birth(sheet: Sequence[Row], known: IdCardNumber | None) -> tuple[Field, Row | None]:
    for row in sheet:
        match = _BORN.search(row.text)
        if match and ("出" in row.text or "生" in row.text or "年" in row.text):
            found = real_date(*(int(part) for part in match.groups()))
            if found is not None:
                chosen = [piece for piece in row.pieces if any(character.isdigit() for character in piece.text)]
                return made("birth_on", found.isoformat(), chosen, (Check("real_date", True),)), row
    row_found = next((row for row in sheet if re.match(r"出生|出|[^住址]?生", row.text)), None)
    if known is not None:  # the number says it too; nothing printed was compared
        return Field("birth_on", known.birth_on.isoformat(), 0.8, None, (Check("real_date", None),)), row_found
    return made("birth_on", "", ()), row_found


def _sex_row(sheet: Sequence[Row], known: IdCardNumber | None) -> tuple[Field, Field, Row | None]:
    for row in sheet:
        match = re.search(r"(?:性?别|性)?([男女])?.{0,2}?民?族[::]?([\u3400-\u9fff]{1,4})", row.text)
        only_sex = re.search(r"(?:性别|性|别)([男女])", row.text)
        if match is None and only_sex is None:
            continue
        sex = (match and match.group(1)) or (only_sex and only_sex.group(1)) or ""
        sexed = [piece for piece in row.pieces if sex and sex in piece.text]
        folk = simplified(match.group(2)).removesuffix("族") if match else ""
        folk_pieces = [piece for piece in row.pieces if folk and folk[-1] in simplified(piece.text)][-1:]
        return _sex(sex, sexed, known), _ethnicity(folk, folk_pieces), row
    return _sex("", [], known), made("ethnicity", "", ()), None


def _sex(sex: str, pieces: Sequence[Placed], known: IdCardNumber | None) -> Field:
    if not sex and known is not None:
        return Field("sex", {"male": "男", "female": "女"}[known.sex], 0.8)
    return made("sex", sex, pieces)


def _ethnicity(folk: str, pieces: Sequence[Placed]) -> Field:
    if folk and folk not in ETHNICITIES and (near := nearest(folk, ETHNICITIES, most=1)) and len(near) > 1:
        return made("ethnicity", near, pieces, (Check("ethnicity_known", True),), most=0.85)
    return made("ethnicity", folk, pieces, (Check("ethnicity_known", folk in ETHNICITIES),) if folk else ())


def _name(sheet: Sequence[Row], *, before: Row | None) -> Field:
    """Return the name: after its label, else the row above the sexes."""
    for row in sheet:
        if before is not None and row.middle >= before.middle:
            break
        match = re.match(r"(?:姓名|姓|名)[::]?(.{2,30})$", row.text)
        if match:
            return _name_field(match.group(1), row)
    above = [row for row in sheet if before is not None and row.middle < before.middle and CHINESE.search(row.text)]
    if above:
        value = re.sub(r"^(?:姓名|姓|名)[::]?", "", above[-1].text)
        return _name_field(value, above[-1])
    return made("name", "", ())


def _name_field(value: str, row: Row) -> Field:
    value = re.sub(r"[^\u3400-\u9fff\U00020000-\U0003ffff·]", "", value.replace("•", "·"))
    chosen = [piece for piece in row.pieces if value and value[-1] in piece.text][-1:] or list(row.pieces)
    return made("name", value, chosen, (Check("name_shape", 2 <= len(value) <= 30),))


def _address(sheet: Sequence[Row], *, after: Row | None) -> Field:
    """Return the address: the rows between birth date and number, without their label."""
    found: list[Placed] = []
    for row in sheet:
        if after is not None and row.middle <= after.middle + 0.4 * row.pieces[0].height:
            continue
        if after is None and not (found or _ADDRESS_LABEL.match(row.text)):
            continue
        found += [piece for piece in row.pieces if not re.fullmatch(r"[住佳往]?址?", piece.text)]
    text = "".join(piece.text for piece in found)
    text = re.sub(r"^[^\u3400-\u9fff]{0,2}[住佳往]?址", "", text, count=1)
    text = simplified(re.sub(r"[^\u3400-\u9fff\U00020000-\U0003ffff0-9A-Za-z\-()#]", "", text))
    value, begins = _area_repaired(text)
    return made("address", value, found, (Check("address_begins", begins),) if value else (),
                most=1.0 if value == text else 0.85)


def _area_repaired(text: str) -> tuple[str, bool | None]:
    """Return the address with a misread county name put right where only one is that near, and whether it begins known."""
    for beginning in areas.beginnings():
        if text.startswith(beginning):
            return text, True
    best: list[tuple[int, str, int]] = []
    for beginning in areas.beginnings():
        if beginning[:1] != text[:1] and beginning[1:3] != text[1:3]:
            continue
        for length in (len(beginning), len(beginning) - 1, len(beginning) + 1):
            if len(beginning) >= 5 and nearest(text[:length], (beginning,), most=1):
                best.append((abs(length - len(beginning)), beginning, length))
    names = {name for _, name, _ in best}
    if len(names) != 1:
        return text, None
    _, name, length = min(best)
    return name + text[length:], True


def _authority(sheet: Sequence[Row]) -> Field:
    for row in sheet:
        match = re.search(r"(?:签发机关|发机关|签发机|机关)[::]?(.+)$", row.text)
        value = match.group(1) if match else row.text if "公安局" in row.text or row.text.endswith("分局") else ""
        if not value:
            continue
        chosen = [piece for piece in row.pieces if value[-2:] in piece.text] or list(row.pieces)
        value = simplified(re.sub(r"[^\u3400-\u9fff]", "", value))
        near = value if value in _authorities() else nearest(value, _near_authorities(value), most=1)
        known = near is not None
        return made("authority", near or value, chosen, (Check("authority_known", known or None),),
                    most=1.0 if near in (None, value) else 0.85)
    return made("authority", "", ())


def _near_authorities(value: str) -> list[str]:
    return [name for name in _authorities() if abs(len(name) - len(value)) <= 1
            and (name[:2] == value[:2] or name[-5:] == value[-5:])]


def _authorities() -> frozenset[str]:
    global _known_authorities
    if _known_authorities is None:
        found = set()
        for area in areas.counties():
            found.add(f"{area.name}公安局")
            if area.name.endswith("区"):
                found.add(f"{area.city or area.province}公安局{area.name.removesuffix('区')}分局")
            if area.city:
                found.add(f"{area.city}公安局")
        _known_authorities = frozenset(found)
    return _known_authorities


_known_authorities: frozenset[str] | None = None  # built once: five thousand names from the area list


def _period(sheet: Sequence[Row], on: date) -> tuple[Field, Field]:
    for row in sheet:
        match = _PERIOD.search(row.text.replace("限", ""))
        if match is None:
            continue
        chosen = [piece for piece in row.pieces if any(character.isdigit() for character in piece.text)]
        begins = real_date(*(int(part) for part in match.groups()[:3]))
        if match.group(7):
            ends: date | None = None
        else:
            ends = real_date(*(int(part) for part in match.groups()[3:6]))
        lasts_right = match.group(7) is not None or _lasts(begins, ends)
        checks = (Check("period_length", lasts_right), Check("period_begun", begins is not None and begins <= on))
        last = NO_END if match.group(7) else ends.isoformat() if ends else ""
        return (made("valid_from", begins.isoformat() if begins else "", chosen, checks),
                made("valid_to", last, chosen, checks[:1]))
    return made("valid_from", "", ()), made("valid_to", "", ())


def _lasts(begins: date | None, ends: date | None) -> bool:
    """Say whether a period is of one of the lengths cards are issued for (29 February may end a day later)."""
    if begins is None or ends is None:
        return False
    return ends.year - begins.year in _YEARS and abs((ends.month - begins.month) * 31 + ends.day - begins.day) <= 1

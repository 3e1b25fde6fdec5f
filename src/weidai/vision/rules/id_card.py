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
from weidai.vision.rules.words import CHINESE, ETHNICITIES, is_latin, is_mark, is_stray, nearest, simplified

FRONT_FIELDS = ("name", "sex", "ethnicity", "birth_on", "address", "id_number")
BACK_FIELDS = ("authority", "valid_from", "valid_to")
NO_END = "长期"

# Letters a number is sometimes read as; a number has no other letters than a closing X.
_AS_DIGIT = str.maketrans("OoQDIlZSBx", "0000112 58X".replace(" ", ""))
_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
_LOOSE_NUMBER = re.compile(r"[0-9OoQDIlZSBxX]{14,20}")
_NUMBER_LABEL = re.compile(r"^(?:公民身份号码|公民身份|身份号码|公民|号码):?")
_BORN = re.compile(r"((?:19|20)\d{2})\D{0,2}?(\d{1,2})\D{1,2}?(\d{1,2})\D?")
_PERIOD = re.compile(r"(\d{4})\D?(\d{2})\D?(\d{2})\D{0,3}?(?:(\d{4})\D?(\d{2})\D?(\d{2})|(长期|长|期))")
_ADDRESS_LABEL = re.compile(r"^[住佳往][址]?|^址")
_YEARS = (5, 10, 20)
# How addresses end: with a number's unit or a kind of place. One that ends otherwise may have lost what followed.
_ENDS = re.compile(
    r"[号室组楼栋幢座房户队社村屯庄园院庭城苑层里区厦舍所司校处弄巷街道路场厂店站湾坊]$|[栋幢座楼元][0-9A-Za-z\-]+$|[0-9]-[0-9]+$")
# A unit without the number before it.
_BARE = re.compile(r"(?<![0-9A-Za-z一二三四五六七八九十甲乙丙丁东南西北大小中])[号组栋幢弄室]|(?<![0-9一二三四五六七八九十])单元")
_PUT_RIGHT = 0.85  # confidence of what was put right, or what nothing confirms
_SURELY_READ = 0.995  # mean confidence of a line whose every character is believed


def front(lines: Sequence[Line], *, on: date) -> Reading:
    """Read the portrait side: name, sex, ethnicity, birth date, address, number."""
    marked = any(is_mark(line.tidy) for line in lines)
    pieces = [piece for piece in placed(lines) if piece.text and not is_stray(piece.text) and not is_latin(piece.text)]
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
    pieces = [piece for piece in placed(lines) if piece.text and not is_stray(piece.text) and not is_latin(piece.text)]
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
    """Return the number and its row: one that holds, else one of eighteen characters, else the longest run of digits.

    A label before it may have been read as digits too, so pieces count alone as well as together.
    """
    best: tuple[tuple[bool, bool, int], str, list[Placed], Row] | None = None
    for row in rows(pieces):
        digits = [piece for piece in row.pieces if sum(character.isdigit() for character in piece.text) >= 3]
        for chosen in (digits, *([piece] for piece in digits if len(digits) > 1)):
            found = _LOOSE_NUMBER.search(_NUMBER_LABEL.sub("", "".join(piece.text for piece in chosen)))
            if found is None:
                continue
            text = found.group().translate(_AS_DIGIT)
            exact = _NUMBER.search(text)
            rank = (exact is not None and _known(exact.group(), on) is not None, exact is not None, len(text))
            if best is None or rank > best[0]:
                best = (rank, text, chosen, row)
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
        text = simplified(row.text)
        said = re.search(r"民?族:?([\u3400-\u9fff]{1,5})$", text)
        sex = re.search(r"[男女]", text[:said.start()] if said else text)
        folk = said.group(1).removesuffix("族") if said else _folk_at_end(text) if sex else ""
        if not folk and not (sex and re.search(r"性|别", text)):
            continue
        sexed = [piece for piece in row.pieces if sex and sex.group() in piece.text][:1]
        folk_pieces = [piece for piece in row.pieces if folk and folk[-1] in simplified(piece.text)][-1:]
        return _sex(sex.group() if sex else "", sexed, known), _ethnicity(folk, folk_pieces), row
    return _sex("", [], known), made("ethnicity", "", ()), None


def _folk_at_end(text: str) -> str:
    """Return the ethnic group a row ends with, behind a label that was misread."""
    found = [folk for folk in ETHNICITIES if re.search(rf"[男女].{{1,3}}{folk}$", text)]
    return max(found, key=len, default="")


def _sex(sex: str, pieces: Sequence[Placed], known: IdCardNumber | None) -> Field:
    if not sex and known is not None:
        return Field("sex", {"male": "男", "female": "女"}[known.sex], 0.8)
    return made("sex", sex, pieces)


def _ethnicity(folk: str, pieces: Sequence[Placed]) -> Field:
    if folk and folk not in ETHNICITIES and (near := nearest(folk, ETHNICITIES, most=1)) and len(near) > 1:
        return made("ethnicity", near, pieces, (Check("ethnicity_known", True),), most=_PUT_RIGHT)
    return made("ethnicity", folk, pieces, (Check("ethnicity_known", folk in ETHNICITIES),) if folk else ())


def _name(sheet: Sequence[Row], *, before: Row | None) -> Field:
    """Return the name: after its label, else the row above the sexes."""
    for row in sheet:
        if before is not None and row.middle >= before.middle:
            break
        match = re.match(r"(?:姓名|姓|名):?(.{2,30})$", row.text)
        if match:
            return _name_field(match.group(1), row)
    above = [row for row in sheet if before is not None and row.middle < before.middle and CHINESE.search(row.text)]
    if above:
        return _name_field(_unlabelled(above[-1].text, "姓名"), above[-1])
    return made("name", "", ())


def _unlabelled(text: str, label: str) -> str:
    """Return a row's text without its label, of which half may be misread."""
    alike = sum(one == other for one, other in zip(text, label, strict=False))
    return text[len(label):].removeprefix(":") if alike * 2 >= len(label) else text


def _name_field(value: str, row: Row) -> Field:
    """Return the name as printed; a form no card is printed in becomes the one it stands for, and is doubted."""
    value = re.sub(r"[^\u3400-\u9fff\U00020000-\U0003ffff·]", "", value.replace("•", "·"))
    plain = simplified(value)
    chosen = [piece for piece in row.pieces if value and value[-1] in piece.text][-1:] or list(row.pieces)
    return made("name", plain, chosen, (Check("name_shape", 2 <= len(value) <= 30),), most=1.0 if plain == value else _PUT_RIGHT)


def _address(sheet: Sequence[Row], *, after: Row | None) -> Field:
    """Return the address: the rows between birth date and number, without their label."""
    found: list[Placed] = []
    for row in sheet:
        if after is not None and row.middle <= after.middle + 0.4 * row.pieces[0].height:
            continue
        if after is None and not (found or _ADDRESS_LABEL.match(row.text)):
            continue
        found += _together(row.pieces, is_first=not found)
    text = "".join(piece.text for piece in found)
    text = re.sub(r"^[^\u3400-\u9fff]{0,2}[住佳往]?址", "", text, count=1)
    text = simplified(re.sub(r"[^\u3400-\u9fff\U00020000-\U0003ffff0-9A-Za-z\-()#]", "", text))
    sure = bool(found) and found[0].line.score >= _SURELY_READ
    value, begins = (text, _begins(text)) if sure else _area_repaired(text)
    return made("address", value, found, (Check("address_begins", begins),) if value else (),
                most=1.0 if _is_whole(value) and (sure or (value == text and begins)) else _PUT_RIGHT)


def _is_whole(address: str) -> bool:
    """Say whether an address ends as addresses do, and every unit in it has its number: a digit before it may have been lost."""
    return _ENDS.search(address) is not None and _BARE.search(address) is None


def _together(pieces: Sequence[Placed], *, is_first: bool) -> list[Placed]:
    """Return the pieces of an address row: without the label, however misread, and what stands far off (the portrait)."""
    kept = [piece for piece in pieces if not re.fullmatch(r"[住佳往]?址?", piece.text)]
    if is_first and len(kept) == len(pieces) > 1 and len(kept[0].text) <= 2 and not kept[0].text.isdigit() and (
            kept[1].left - kept[0].right > 0.5 * kept[0].height):
        kept = kept[1:]
    near = kept[:1]
    for piece in kept[1:]:
        if piece.left - near[-1].right > 2 * near[-1].height:
            break
        near.append(piece)
    return near


def _begins(text: str) -> bool | None:
    """Say whether an address begins with a known area; None where the list does not know it."""
    return True if any(text.startswith(beginning) for beginning in areas.beginnings()) else None


def _area_repaired(text: str) -> tuple[str, bool | None]:
    """Return the address with one misread character of its area put right where only one area is that near."""
    if _begins(text):
        return text, True
    names = {name for name in areas.beginnings() if len(name) >= 5 and _misread(name, text[:len(name)])}
    longest = max(map(len, names), default=0)
    best = [name for name in names if len(name) == longest]
    return (best[0] + text[longest:], True) if len(best) == 1 else (text, None)


def _authority(sheet: Sequence[Row]) -> Field:
    """Return who issued the card; one misread character is put right where only one known name is that near.

    A name that was surely read stays as it is, known or not: counties are renamed faster than lists.
    """
    for row in sheet:
        text = simplified(row.text)
        match = re.search(r"(?:签发机关|发机关|机关):?(.+)$", text)
        value = match.group(1) if match else _unlabelled(text, "签发机关") if re.search(r"公安|分局$", text) else ""
        if not value:
            continue
        chosen = [piece for piece in row.pieces if value[-2:] in simplified(piece.text)] or list(row.pieces)
        value = re.sub(r"[^\u3400-\u9fff]", "", value)
        if value not in _authorities() and min(piece.line.score for piece in chosen) < _SURELY_READ:
            near = _near_authority(value)
            return made("authority", near or value, chosen, (Check("authority_known", near is not None or None),),
                        most=_PUT_RIGHT)
        return made("authority", value, chosen, (Check("authority_known", value in _authorities() or None),))
    return made("authority", "", ())


def _near_authority(value: str) -> str | None:
    """Return the one known name that differs in a single character, or that a misread label stands before."""
    ends = [value[begins:] for begins in range(min(len(value) - 4, 6)) if value[begins:] in _authorities()]
    if ends:
        return ends[0]
    near = {name for begins in range(min(max(len(value) - 5, 1), 6)) for name in _authorities()
            if len(name) == len(value) - begins and _misread(name, value[begins:])}
    longest = max(map(len, near), default=0)
    best = [name for name in near if len(name) == longest]
    return best[0] if len(best) == 1 else None


def _misread(name: str, text: str) -> bool:
    """Say whether a text is a name of the same length with one character wrong."""
    return len(name) == len(text) and sum(one != other for one, other in zip(name, text, strict=True)) == 1


def _authorities() -> frozenset[str]:
    global _known_authorities
    if _known_authorities is None:
        found = set()
        for area in areas.counties():
            found.add(f"{area.name}公安局")
            above = area.city or area.province
            if area.name.endswith("区"):
                shorter = {area.name, area.name.removesuffix("区"), area.name.removesuffix("新区")}
                found |= {f"{above}公安局{name}分局" for name in shorter}
            if area.city:
                found.add(f"{area.city}公安局")
        _known_authorities = frozenset(found)
    return _known_authorities


_known_authorities: frozenset[str] | None = None  # built once: eight thousand names from the area list


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

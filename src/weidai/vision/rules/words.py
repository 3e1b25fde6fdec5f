"""Closed lists and near matches: what a field may say, and which known word a misread one must have been. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

ETHNICITIES = (
    "汉", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白",
    "土家", "哈尼", "哈萨克", "傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇",
    "柯尔克孜", "土", "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒",
    "乌孜别克", "俄罗斯", "鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺",
)

_MARK = re.compile(r"样本|样木|复印件|SPECIMEN|仅供|非真实|测试")
_MARK_PIECE = re.compile(r"[样本非真实证件测试SPECIMEN]{2,}")
# Recognisers sometimes answer with the traditional form of a simplified character. Never applied to names.
_SIMPLE = str.maketrans(
    "漢滿維爾東縣區號單樓鎮鄉鐵龍陽陰臨寧廣雲貴遼蘇無錫蕪濱濟萊門馬長興榮華豐義烏麗紹亞島橋莊園灣鋪嶺爐溝達賓綏運齊靈棟層",
    "汉满维尔东县区号单楼镇乡铁龙阳阴临宁广云贵辽苏无锡芜滨济莱门马长兴荣华丰义乌丽绍亚岛桥庄园湾铺岭炉沟达宾绥运齐灵栋层",
)
CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def is_mark(text: str) -> bool:
    """Say whether a tidy line is a watermark or a piece of one, not part of the paper."""
    letters = sum(character.isascii() and character.isalpha() for character in text)
    is_word = letters >= 2 and letters * 2 >= len(text) and not any(character.isdigit() for character in text)
    return bool(_MARK.search(text)) or is_word or (bool(_MARK_PIECE.fullmatch(text)) and text not in ("证件",))


def simplified(text: str) -> str:
    """Return place words in the simplified form cards are printed in."""
    return text.translate(_SIMPLE)


def distance(first: str, second: str, *, most: int) -> int:
    """Return the edit distance of two texts, or `most` + 1 when it is larger."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    previous = list(range(len(second) + 1))
    for row, character in enumerate(first, start=1):
        current = [row]
        for column, other in enumerate(second, start=1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (character != other)))
        if min(current) > most:
            return most + 1
        previous = current
    return min(previous[-1], most + 1)


def nearest(text: str, known: Iterable[str], *, most: int) -> str | None:
    """Return the one known word within `most` edits; None when there is none or when two are equally near."""
    best, found = most + 1, None
    for word in known:
        apart = distance(text, word, most=most)
        if apart < best:
            best, found = apart, word
        elif apart == best:
            found = None
    return found

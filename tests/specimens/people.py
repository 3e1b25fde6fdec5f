"""People who do not exist, from a seed: what stands on an ID card, consistent in itself as a real one is (R1.4)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from weidai.kernel.id_card import id_card_check_digit
from weidai.vision.rules import areas

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任卢姚沈钟姜崔谭陆汪范石"
    "廖贾夏韦方付白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
SURNAMES_OF_TWO = ("欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟")
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰玉萍红鹏辉玲健丹斌梅林建华文志国海燕春雪飞云龙凤鑫宇浩轩子涵梓欣怡雨婷嘉"
    "琪博思远晨阳佳宁俊豪一诺可馨瑞泽雯倩莹璐瑶琳珊颖慧洁蕾薇晓东西南北安康乐天立成永长青山川江河松柏竹菊荷若兮奕辰昊然睿"
    "翔懿恒毅峰岚峻熙烨煜炜焕彤彬枫桐梦梧楠森淼渊淳清澜澈瀚灵犀珂珏琛瑜瑾璇祺禹秋穗"
)
ETHNICITIES = ("汉",) * 28 + (
    "壮", "回", "满", "维吾尔", "苗", "彝", "土家", "藏", "蒙古", "侗", "布依", "瑶", "白", "朝鲜", "哈尼", "黎", "哈萨克", "傣",
    "畲", "傈僳", "东乡", "仡佬", "拉祜", "佤", "水", "纳西", "羌", "土",
)
STREETS = (
    "人民路", "解放路", "建设大街", "中山北路", "和平西路", "新华街", "文化路", "胜利东街", "青年路", "滨河南路",
    "长江路", "学府路",
    "幸福里", "光明巷", "站前街", "工农路", "桂花村", "柳林镇大沟村", "石桥乡王家湾村", "河口镇东风村",
    "龙泉镇红星村", "白马乡李家坪村",
)
PLACES = ("阳光花园", "锦绣小区", "紫荆苑", "安居家园", "东方名城", "翠湖天地", "御景湾", "惠民小区")


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person as the card shows them; `valid_to` None is 长期."""

    name: str
    sex: str
    ethnicity: str
    birth_on: date
    address: str
    number: str
    authority: str
    valid_from: date
    valid_to: date | None


def person(seed: int) -> Person:
    """Return the person of a seed."""
    dice = random.Random(f"person {seed}")
    area = dice.choice(areas.counties())
    sex = dice.choice("男女")
    birth_on = date(1955, 1, 1) + timedelta(days=dice.randrange(52 * 365))
    serial = dice.randrange(100) * 10 + dice.randrange(5) * 2 + (sex == "男")
    first_17 = f"{area.code}{birth_on:%Y%m%d}{serial:03d}"
    home = area if dice.random() < 0.85 else dice.choice(areas.counties())  # people move, the number stays
    valid_from = date(2012, 1, 1) + timedelta(days=dice.randrange(13 * 365))
    years = dice.choice((10, 20, 20, 0))
    valid_to = None if not years else valid_from.replace(year=valid_from.year + years, day=min(valid_from.day, 28))
    if valid_to is not None:
        valid_from = valid_from.replace(day=valid_to.day)
    return Person(
        name=_name(dice), sex=sex, ethnicity=dice.choice(ETHNICITIES), birth_on=birth_on, address=_address(dice, home),
        number=first_17 + id_card_check_digit(first_17), authority=authority_of(home), valid_from=valid_from,
        valid_to=valid_to,
    )


def _name(dice: random.Random) -> str:
    surname = dice.choice(SURNAMES_OF_TWO) if dice.random() < 0.03 else dice.choice(SURNAMES)
    return surname + "".join(dice.choice(GIVEN) for _ in range(1 if dice.random() < 0.25 else 2))


def _address(dice: random.Random, home: areas.Area) -> str:
    tail = f"{dice.choice(STREETS)}{dice.randrange(1, 400)}号"
    if dice.random() < 0.6:
        tail += f"{dice.choice(PLACES)}{dice.randrange(1, 40)}栋"
    if dice.random() < 0.5:
        tail += f"{dice.randrange(1, 7)}单元{dice.randrange(1, 33)}{dice.randrange(1, 9):02d}室"
    return home.full_name + tail


def authority_of(area: areas.Area) -> str:
    """Return the police office that issues cards in a county."""
    if area.name.endswith("区") and area.city:
        return f"{area.city}公安局{area.name.removesuffix('区')}分局"
    if area.name.endswith("区"):  # a district of a municipality
        return f"{area.province}公安局{area.name.removesuffix('区')}分局"
    return f"{area.name}公安局"

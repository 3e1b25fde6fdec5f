"""Made-up people of the second style: every ethnic group, long names, addresses as cards print them, any county."""

from __future__ import annotations

import random
from datetime import date, timedelta

from tests.specimens.fonts import Face
from tests.specimens.people import Person
from tests.specimens.second import fonts

ON = date(2026, 6, 1)  # the day the specimens are read on; nobody's card is younger

# county code, how an address begins, who issues. Hand-written: unions of districts, short forms, abolished and new counties.
PLACES = (
    ("110108", "北京市海淀区", "北京市公安局海淀分局"),
    ("110103", "北京市崇文区", "北京市公安局崇文分局"),
    ("310115", "上海市浦东新区", "上海市公安局浦东分局"),
    ("310103", "上海市卢湾区", "上海市公安局卢湾分局"),
    ("120104", "天津市南开区", "天津市公安局南开分局"),
    ("500112", "重庆市渝北区", "重庆市公安局渝北区分局"),
    ("440106", "广州市天河区", "广州市公安局天河区分局"),
    ("440305", "广东省深圳市南山区", "深圳市公安局南山分局"),
    ("441322", "广东省博罗县", "博罗县公安局"),
    ("411525", "河南省固始县", "固始县公安局"),
    ("330114", "浙江省杭州市钱塘区", "杭州市公安局钱塘区分局"),
    ("370116", "济南市莱芜区", "济南市公安局莱芜区分局"),
    ("653101", "新疆喀什市", "喀什市公安局"),
    ("650102", "乌鲁木齐市天山区", "乌鲁木齐市公安局天山区分局"),
    ("540102", "西藏拉萨市城关区", "拉萨市公安局城关分局"),
    ("522632", "贵州省榕江县", "榕江县公安局"),
    ("150104", "呼和浩特市玉泉区", "呼和浩特市公安局玉泉区分局"),
    ("533423", "云南省迪庆藏族自治州维西傈僳族自治县", "维西傈僳族自治县公安局"),
    ("513431", "四川省凉山彝族自治州昭觉县", "昭觉县公安局"),
    ("222401", "吉林省延吉市", "延吉市公安局"),
    ("640302", "宁夏吴忠市利通区", "吴忠市公安局利通区分局"),
    ("451022", "广西田东县", "田东县公安局"),
    ("320506", "江苏省苏州市吴中区", "苏州市公安局吴中分局"),
    ("350582", "福建省晋江市", "晋江市公安局"),
    ("420106", "武汉市武昌区", "武汉市公安局武昌区分局"),
    ("430122", "湖南省望城县", "望城县公安局"),
    ("610118", "西安市鄠邑区", "西安市公安局鄠邑分局"),
    ("210102", "沈阳市和平区", "沈阳市公安局和平分局"),
    ("230103", "哈尔滨市南岗区", "哈尔滨市公安局南岗分局"),
    ("469024", "海南省临高县", "临高县公安局"),
)
_SURNAMES = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    *"王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文覃韦农蓝",
)
_GIVEN = (
    "伟强磊军勇杰涛明超刚平辉健波宁斌鹏飞凯旭东海龙志建国庆春秋冬雪梅兰竹菊芳娜敏静丽艳娟霞秀英华玉红萍玲桂珍凤琴云莲真环翠雅芝"
    "浩宇轩博文昊天子涵欣怡梓萱思琪雨桐一诺可馨沐宸奕辰若曦语嫣佳倩颖晗琳瑶瑾璇淼焱垚鑫森晶犇"
)
_LONG = (
    (
        "维吾尔",
        (
            "阿卜杜热西提·买买提",
            "古丽娜尔·艾合买提",
            "努尔艾力·吐尔逊",
            "热孜宛古丽·阿布都克里木",
            "艾尔肯·依明",
            "帕提古丽·玉素甫",
        ),
    ),
    ("哈萨克", ("巴合提别克·沙吾列提", "叶尔兰·木合塔尔", "阿依努尔·哈德尔")),
    ("藏", ("扎西顿珠", "次仁旺姆", "格桑德吉", "洛桑平措", "才让卓玛")),
    ("蒙古", ("巴特尔", "乌兰其其格", "苏日娜", "宝音德力格尔", "那仁图雅")),
    ("彝", ("吉克阿依", "沙马拉且", "阿苦惹古莫")),
    ("柯尔克孜", ("吐尔干拜·阿布迪卡德尔",)),
    ("塔吉克", ("古丽夏提·米尔扎",)),
    ("傣", ("岩温罕", "玉儿香", "刀建国")),
)
_FOLKS = (
    "满",
    "回",
    "苗",
    "壮",
    "布依",
    "朝鲜",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
)
_TOWNS = ("城关镇", "新华街道", "东风乡", "解放镇", "石桥铺镇", "大坪乡", "柳林镇", "河口镇", "沙坝乡", "白云街道")
_VILLAGES = ("前进村", "小李庄村", "上湾村", "联合村委会", "幸福村", "河东村", "石门坎村", "大树村", "红旗社区")
_ROADS = (
    "人民南路",
    "中山路",
    "建设西路",
    "长江道",
    "文化巷",
    "学府街",
    "滨河大道",
    "解放路",
    "五一路",
    "和平里",
    "青年路",
    "科技二路",
)
_ESTATES = ("阳光花园", "翠湖豪庭", "金地小区", "东方家园", "世纪城", "教师公寓", "碧水湾", "职工宿舍")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def person(seed: int, face: Face) -> Person:
    """Return the person of a seed, one whose card a face can draw."""
    for turn in range(200):
        found = _person(random.Random(seed * 1009 + turn))
        if fonts.draws(face, found.name, found.ethnicity, found.address, found.authority):
            return found
    raise AssertionError(f"{face.name} draws nobody")


def _person(dice: random.Random) -> Person:
    code, begins, authority = dice.choice(PLACES)
    born = date(1944, 1, 1) + timedelta(days=dice.randrange(22_800))
    number = _number(dice, code, born)
    ethnicity, name = _named(dice)
    since = max(date(2006, 1, 1), ON - timedelta(days=dice.randrange(20, 6_900)))
    years = dice.choice((10, 10, 20, 20, 20, 5)) if born.year > 1972 else 0
    until = None if not years or dice.random() < 0.1 else _years_on(since, years)
    return Person(
        name, "男" if int(number[16]) % 2 else "女", ethnicity, born, begins + _street(dice), number, authority, since, until
    )


def _number(dice: random.Random, code: str, born: date) -> str:
    """Return a number; one in four ends in X, which is what is misread most."""
    wants_x = dice.random() < 0.25
    while True:
        body = f"{code}{born:%Y%m%d}{dice.randrange(1, 1000):03d}"
        check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]
        if (check == "X") == wants_x:
            return body + check


def _named(dice: random.Random) -> tuple[str, str]:
    chance = dice.random()
    if chance < 0.18:
        folk, names = dice.choice(_LONG)
        return folk, dice.choice(names)
    folk = "汉" if chance < 0.62 else dice.choice(_FOLKS)
    return folk, dice.choice(_SURNAMES) + "".join(dice.sample(_GIVEN, dice.choice((1, 2, 2, 2))))


def _street(dice: random.Random) -> str:
    number = dice.randrange(1, 1200)
    building, unit, room = dice.randrange(1, 40), dice.randrange(1, 6), dice.randrange(101, 2804)
    return dice.choice(
        (
            f"{dice.choice(_TOWNS)}{dice.choice(_VILLAGES)}{dice.randrange(1, 20)}组",
            f"{dice.choice(_TOWNS)}{dice.choice(_VILLAGES)}{dice.randrange(1, 20)}组{number}号",
            f"{dice.choice(_ROADS)}{number}号{building}栋{unit}单元{room}",
            f"{dice.choice(_ROADS)}{number}号{dice.choice(_ESTATES)}{building}-{unit}-{room}",
            f"{dice.choice(_ROADS)}{number}弄{building}号{room}室",
            f"{dice.choice(_ROADS)}{number}号{dice.choice('ABCD')}座{room}房",
            f"{dice.choice(_ROADS)}{number}号附{building}号",
            f"{dice.choice(_ESTATES)}{dice.choice('ABCDEF')}{building}-{room}",
            f"{dice.choice(_ROADS)}{number}号",
            f"{dice.choice(_ESTATES)}{building}号楼{unit}单元{room}号",
        )
    )


def _years_on(day: date, years: int) -> date:
    return date(day.year + years, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)

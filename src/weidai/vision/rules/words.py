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

# What is stamped on copies and specimens; "for reference only" and "copies are void" stand on originals.
_MARK = re.compile(r"样本|样木|复印件(?!无效)|SPECIMEN|仅供(?!参考)|非真实|测试样|测试件|^测试$")
_MARK_PIECE = re.compile(r"[样本非真实证件测试SPECIMEN]{2,}")
# Recognisers sometimes answer with the traditional or Japanese form of a simplified character; papers here have none of them.
_SIMPLE = str.maketrans(
    "學號別陽漢滿維爾東縣區單樓鎮鄉鐵龍陰臨寧廣雲貴遼蘇無錫蕪濱濟萊門馬長興榮華豐義烏麗紹亞島橋莊園灣鋪嶺爐溝達賓綏運齊靈"
    "棟層羅趙陳張劉楊黃吳孫鄭謝許馮蕭鄧葉閻餘鍾譚鄒陸賈韋盧顧錢湯賀賴龔藍農蔣嚴衛倫傑濤剛輝鵬凱慶國軍偉強蘭靜豔艷紅鳳連蓮"
    "環穎璣勝愛賢歡樂夢瑤瓊瑩雙飛騰駿驥銀鈺鋒錦鎖鏡鋼鐘釗銘銳錄開關閣間聞閩陝際隊階險隴雞離難電霧響頂順須頭題類風飯館養馳"
    "駐騎驗魚魯鮮鳥鴻鶴鷹鹽麥黨點龜個們倉側備傳債傷價儀億優儲兒內兩冊凍劃劇劍動務勞勢勛協卻參員問啟喬嗎團圍圖圓場塊堅報墊"
    "壯壽夾奧婦媽孃寶實審寫寬將專尋對導屆屬岡峽崗嶽巖帥師帳帶幣幫幾庫廠廟廢廳彌彎彥徑從復恆憑應懷戲戶拋掃換揚損搶擇擊擔據"
    "擴攝敗數斷時晉暉暢曆書會條來極構標樞樹樸機檔檢權欄歐歲歷歸殘氣決沖淚淺減測渾湧溫滄滅滬漁漲潔潤潯澤濃濰瀋瀏瀟瀾灘災為"
    "煙煉熱燈燒營爭爺牆狀獅獎獨獲現瑪產畝畢畫異當療發盡監盤眾睏碼磚礦禮禪種稅積穩窪窩競筆節築簡簽籃糧糾紀約納紐純紙級紡細"
    "紳終組結絡給統絲經綜綠網綿緒線緣編練縱總績織繡繩繳繼續罷羨習翹聖聯聲職聽肅腦膠臉臺與舉舊舖艦蘆莖萬葦蓋蔭蔥蔔薩薦薺藝"
    "藥蘋處虛蝦蟲術補裝見規視親覺觀訂計討訓記設訪評詞試詩話該詳認誠語說課調談請論諾謀證識議護讀變讓豬貓負財貢貨責貝購費貼"
    "貸貿資賣賞質贊贏車軌軒軟軸載輕輛輪輸轉辦辭邊遠適選遷遺還進過違郵鄰醫釋釐鈞鉤銅銷錯鍊鍛鎬鑄鑰閘閒闊闢陣隨隸雜韓頁項預"
    "領頤頻顏願顯飲飾餅騷驛鬧鯉鳴鵝麼齡児図県広読売対実帰応戸栄楽歩歳気沢満発絵経緑続総縄蔵薬訳豊転鉄銭関陥険隣霊顔駅験黒"
    "斉団囲塩壱変姫宮専巌庁従徳恵悪戦拡掲揺暁検権歓浜渓渋焼犠産疎瀬穏竜粛糸縦聡臓荘観謡譲辺遅郷醸鉱鋳錬闘駆髪鶏斎呂祿淸靑"
    "眞敎敍録兌脫閱悅",
    "学号别阳汉满维尔东县区单楼镇乡铁龙阴临宁广云贵辽苏无锡芜滨济莱门马长兴荣华丰义乌丽绍亚岛桥庄园湾铺岭炉沟达宾绥运齐灵"
    "栋层罗赵陈张刘杨黄吴孙郑谢许冯萧邓叶阎余钟谭邹陆贾韦卢顾钱汤贺赖龚蓝农蒋严卫伦杰涛刚辉鹏凯庆国军伟强兰静艳艳红凤连莲"
    "环颖玑胜爱贤欢乐梦瑶琼莹双飞腾骏骥银钰锋锦锁镜钢钟钊铭锐录开关阁间闻闽陕际队阶险陇鸡离难电雾响顶顺须头题类风饭馆养驰"
    "驻骑验鱼鲁鲜鸟鸿鹤鹰盐麦党点龟个们仓侧备传债伤价仪亿优储儿内两册冻划剧剑动务劳势勋协却参员问启乔吗团围图圆场块坚报垫"
    "壮寿夹奥妇妈娘宝实审写宽将专寻对导届属冈峡岗岳岩帅师帐带币帮几库厂庙废厅弥弯彦径从复恒凭应怀戏户抛扫换扬损抢择击担据"
    "扩摄败数断时晋晖畅历书会条来极构标枢树朴机档检权栏欧岁历归残气决冲泪浅减测浑涌温沧灭沪渔涨洁润浔泽浓潍沈浏潇澜滩灾为"
    "烟炼热灯烧营争爷墙状狮奖独获现玛产亩毕画异当疗发尽监盘众困码砖矿礼禅种税积稳洼窝竞笔节筑简签篮粮纠纪约纳纽纯纸级纺细"
    "绅终组结络给统丝经综绿网绵绪线缘编练纵总绩织绣绳缴继续罢羡习翘圣联声职听肃脑胶脸台与举旧铺舰芦茎万苇盖荫葱卜萨荐荠艺"
    "药苹处虚虾虫术补装见规视亲觉观订计讨训记设访评词试诗话该详认诚语说课调谈请论诺谋证识议护读变让猪猫负财贡货责贝购费贴"
    "贷贸资卖赏质赞赢车轨轩软轴载轻辆轮输转办辞边远适选迁遗还进过违邮邻医释厘钧钩铜销错炼锻镐铸钥闸闲阔辟阵随隶杂韩页项预"
    "领颐频颜愿显饮饰饼骚驿闹鲤鸣鹅么龄儿图县广读卖对实归应户荣乐步岁气泽满发绘经绿续总绳藏药译丰转铁钱关陷险邻灵颜驿验黑"
    "齐团围盐壹变姬宫专岩厅从德惠恶战扩揭摇晓检权欢滨溪涩烧牺产疏濑稳龙肃丝纵聪脏庄观谣让边迟乡酿矿铸炼斗驱发鸡斋吕禄清青"
    "真教叙录兑脱阅悦",
)
# What bookings are usually called; a misread text looks like none of these.
_USUAL = (
    "工资 代发工资 奖金 代发奖金 报销 转账 转账存入 转账支取 转账汇入 转账汇出 汇款 汇入 汇出 跨行转账 跨行汇款 "
    "网银转账 手机转账 手机银行转账 快捷支付 网上支付 网上消费 网银支付 消费 消费支付 POS消费 刷卡消费 扫码支付 "
    "扫二维码付款 微信支付 支付宝 支付宝支付 财付通支付 银联消费 结息 利息 利息税 批量结息 存款利息 退款 消费退款 "
    "退货 冲正 现金存入 现金支取 现存 现支 存现 取现 存款 取款 ATM取款 ATM存款 ATM转账 柜面取款 "
    "柜面存款 还款 信用卡还款 贷款还款 贷款发放 还贷 代扣 批量代扣 代收 代付 水电费 水费 电费 燃气费 话费 "
    "手机充值 物业费 房租 学费 保险费 保费 社保 公积金 医保 税款 个税 手续费 短信服务费 短信费 年费 账户管理费 "
    "工本费 提现 充值 理财 理财购买 理财赎回 基金申购 基金赎回 定期存入 转存 开户 红包 转入 转出 "
)
USUAL_BOOKINGS = frozenset(_USUAL.split())
CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def is_mark(text: str) -> bool:
    """Say whether a tidy line is the mark of a copy or specimen: with one on it, a paper is not an original."""
    letters = re.sub(r"[^A-Z]", "", text.upper())
    misread = 6 <= len(letters) <= 10 and len(letters) * 2 > len(text) and distance(letters, "SPECIMEN", most=3) <= 3
    return bool(_MARK.search(text)) or misread


def is_stray(text: str) -> bool:
    """Say whether a tidy line is a mark or a piece of one, not part of what is read."""
    return is_mark(text) or (bool(_MARK_PIECE.fullmatch(text)) and text != "证件")


def is_latin(text: str) -> bool:
    """Say whether a tidy line is a Latin word: on an ID card only marks are."""
    letters = sum(character.isascii() and character.isalpha() for character in text)
    return letters >= 2 and letters * 2 >= len(text) and not any(character.isdigit() for character in text)


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

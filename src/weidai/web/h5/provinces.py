"""Provinces by the first two digits of the region code, for choices on forms (GB/T 2260)."""

from __future__ import annotations

from django.utils.functional import Promise

from weidai.web.shared.language import lazy_text

_PROVINCES = (
    ("11", "北京", "Beijing"),
    ("12", "天津", "Tianjin"),
    ("13", "河北", "Hebei"),
    ("14", "山西", "Shanxi"),
    ("15", "内蒙古", "Inner Mongolia"),
    ("21", "辽宁", "Liaoning"),
    ("22", "吉林", "Jilin"),
    ("23", "黑龙江", "Heilongjiang"),
    ("31", "上海", "Shanghai"),
    ("32", "江苏", "Jiangsu"),
    ("33", "浙江", "Zhejiang"),
    ("34", "安徽", "Anhui"),
    ("35", "福建", "Fujian"),
    ("36", "江西", "Jiangxi"),
    ("37", "山东", "Shandong"),
    ("41", "河南", "Henan"),
    ("42", "湖北", "Hubei"),
    ("43", "湖南", "Hunan"),
    ("44", "广东", "Guangdong"),
    ("45", "广西", "Guangxi"),
    ("46", "海南", "Hainan"),
    ("50", "重庆", "Chongqing"),
    ("51", "四川", "Sichuan"),
    ("52", "贵州", "Guizhou"),
    ("53", "云南", "Yunnan"),
    ("54", "西藏", "Tibet"),
    ("61", "陕西", "Shaanxi"),
    ("62", "甘肃", "Gansu"),
    ("63", "青海", "Qinghai"),
    ("64", "宁夏", "Ningxia"),
    ("65", "新疆", "Xinjiang"),
)
PROVINCE_CHOICES: tuple[tuple[str, Promise], ...] = (
    ("", lazy_text("请选择", "Choose")),
    *((code, lazy_text(zh, en)) for code, zh, en in _PROVINCES),
)
OCCUPATION_CHOICES: tuple[tuple[str, Promise], ...] = (
    ("employed", lazy_text("受雇工作", "Employed")),
    ("self_employed", lazy_text("个体经营", "Self-employed")),
    ("student", lazy_text("在校学生", "Student")),
    ("other", lazy_text("其他", "Other")),
)

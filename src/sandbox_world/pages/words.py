"""What the pages call things: Chinese first, English second."""

import re
from datetime import datetime

from markupsafe import Markup, escape

from sandbox_world.population.banks import BANK_BY_CODE
from sandbox_world.population.months import SHANGHAI
from sandbox_world.population.personas import PERSONAS

PERSONA_WORDS = {persona.code: (persona.name_zh, persona.code.replace("_", " ")) for persona in PERSONAS}
WORDS: dict[str, tuple[str, str]] = {
    **PERSONA_WORDS,
    "male": ("男", "male"),
    "female": ("女", "female"),
    "valid": ("有效", "valid"),
    "expired": ("已过期", "expired"),
    "lost": ("已挂失", "lost"),
    "active": ("正常", "active"),
    "closed": ("已销户", "closed"),
    "in_use": ("在用", "in use"),
    "suspended": ("停机", "suspended"),
    "cancelled": ("销号", "cancelled"),
    "recycled": ("二次放号", "recycled"),
    "debit": ("扣款", "debit"),
    "credit": ("信用卡", "credit"),
    "corporate": ("对公账户", "corporate"),
    "payout": ("放款", "payout"),
    "refund": ("退款", "refund"),
    "transfer": ("转账还款", "transfer"),
    "opening": ("期初", "opening"),
    "salary": ("工资结余", "salary kept"),
    "adjustment": ("调整", "adjustment"),
    "settlement": ("放款结算户", "settlement"),
    "collection": ("收款户", "collection"),
    "waiting": ("待发送", "waiting"),
    "delivered": ("已送达", "delivered"),
    "failed": ("失败", "failed"),
    "accepted": ("已受理", "accepted"),
    "succeeded": ("成功", "succeeded"),
    "china_mobile": ("中国移动", "China Mobile"),
    "china_unicom": ("中国联通", "China Unicom"),
    "china_telecom": ("中国电信", "China Telecom"),
    "china_broadnet": ("中国广电", "China Broadnet"),
    "mobile_name_mismatch": ("手机号登记在他人名下", "mobile belongs to another name"),
    "id_card_lost": ("身份证已挂失", "ID card reported lost"),
    "registry_unknown": ("户籍库查无此人", "unknown to the registry"),
    "card_name_mismatch": ("银行卡户名不符", "cards carry another name"),
    "face_mismatch": ("人脸不符", "face does not match"),
}
CODE = re.compile(r"(?<!\d)\d{4,8}(?!\d)")


def both(chinese: str, english: str) -> Markup:
    """Write a text in both languages, Chinese first."""
    return Markup('<span class="zh">{}</span> <span class="en" lang="en">{}</span>').format(chinese, english)


def word(code: str | None) -> Markup:
    """Write a code of the protocol in both languages; unknown codes stay as they are."""
    if code is None:
        return Markup("—")
    known = WORDS.get(code)
    return both(*known) if known else Markup("<code>{}</code>").format(code)


def yuan(amount_fen: int | None) -> str:
    """Write fen as yuan."""
    if amount_fen is None:
        return "—"
    sign, whole = "-" if amount_fen < 0 else "", abs(amount_fen)
    return f"{sign}¥{whole // 100:,}.{whole % 100:02d}"


def local_time(text: str | float | None) -> str:
    """Write an instant as Shanghai wall time."""
    if text is None:
        return "—"
    at = datetime.fromtimestamp(text, SHANGHAI) if isinstance(text, float) else datetime.fromisoformat(text)
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def bank_word(code: str | None) -> Markup:
    """Write a bank's name in both languages."""
    bank = BANK_BY_CODE.get(code or "")
    return both(bank.name_zh, bank.name_en) if bank else Markup("—")


def grouped(number: str) -> str:
    """Write a card number in groups of four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def with_codes(text: str) -> Markup:
    """Write a message with its codes set off, so that they are easy to read."""
    return Markup(CODE.sub(lambda found: f'<strong class="code">{found[0]}</strong>', str(escape(text))))  # noqa: S704 - escaped first

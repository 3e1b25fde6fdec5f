"""The five tables of an extract and every reason to set a row aside (R2.5, docs/reference/extracts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from weidai.kernel.text import Text

Kind = Literal["whole", "text", "day"]
LARGEST_AMOUNT_FEN = 10**10  # one payment, balance or limit: 100 million yuan
LARGEST_MONTH_FEN = 10**11  # one person's month: what the exact arithmetic of `measures.payments` is proved for
LARGEST_NUMBER = 10**15


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its type, whether it must be there, and its bounds."""

    name: str
    kind: Kind
    meaning: Text
    low: int | None = None
    high: int | None = None
    one_of: tuple[str, ...] = ()
    pattern: str = ""  # a regular expression for the whole text
    is_optional: bool = False  # the column may be missing, a cell empty


@dataclass(frozen=True, slots=True)
class Table:
    """One file of an extract, in one or several parts: `payments.parquet`, `payments-01.csv` …"""

    name: str
    title: Text
    fields: tuple[Field, ...]
    key: tuple[str, ...]  # a second row with the same key is set aside

    def field(self, name: str) -> Field:
        """Return a column of that name."""
        return next(field for field in self.fields if field.name == name)


_PERSON = Field("person_no", "whole", Text("数据源内的人员编号", "the source's own number of the person"), low=1,
                high=LARGEST_NUMBER)


def _amount(name: str, zh: str, en: str, *, low: int = 0) -> Field:
    return Field(name, "whole", Text(zh, en), low=low, high=LARGEST_AMOUNT_FEN)


PEOPLE = Table(
    "people", Text("人员", "people: who has which number"),
    (_PERSON,
     Field("id_digest", "text", Text("身份证号的带密钥摘要（HMAC-SHA-256，十六进制）",
                                     "keyed digest of the ID number: HMAC-SHA-256 in hexadecimal"),
           pattern="[0-9a-f]{64}")),
    key=("person_no",))
PAYMENTS = Table(
    "payments", Text("支付", "payments: every payment, refund and transfer of the month"),
    (Field("event_id", "text", Text("事件编号", "id of the event"), pattern="[!-~]{1,64}"),
     _PERSON,
     Field("at_us", "whole", Text("发生时间，UTC 微秒", "instant in microseconds since 1970-01-01T00:00Z"),
           low=1_000_000_000_000_000, high=4_102_444_800_000_000),
     Field("kind", "text", Text("类型", "what it is"), one_of=("payment", "refund", "transfer")),
     _amount("amount_fen", "金额（分），退款亦为正数", "amount in fen, positive for refunds too", low=1),
     Field("category", "text", Text("商户类别，如 green、welfare", "kind of merchant, such as green or welfare"),
           pattern="[a-z_]{1,32}", is_optional=True)),
    key=("event_id",))
BALANCES = Table(
    "balances", Text("余额", "balances: end of day, wallet fund and wealth products"),
    (_PERSON, Field("on", "day", Text("日期", "day in Asia/Shanghai")),
     _amount("wallet_fen", "零钱通余额（分）", "wallet fund in fen"),
     _amount("wealth_fen", "理财通余额（分）", "wealth products in fen")),
    key=("person_no", "on"))
CONTACTS = Table(
    "contacts", Text("好友", "contacts: as they stand at the end of the month"),
    (_PERSON, Field("contact_no", "whole", Text("好友编号", "the source's own number of the contact"), low=1,
                    high=LARGEST_NUMBER),
     Field("last_at_us", "whole", Text("最近互动时间，UTC 微秒", "last interaction in microseconds since 1970-01-01T00:00Z"),
           low=0, high=4_102_444_800_000_000)),
    key=("person_no", "contact_no"))
CARD_LIMITS = Table(
    "card_limits", Text("他行信用卡额度", "card_limits: credit cards of other banks"),
    (_PERSON, Field("card_no", "whole", Text("卡编号（非卡号）", "the source's own number of the card, not the card number"),
                    low=1, high=LARGEST_NUMBER),
     _amount("limit_fen", "额度（分）", "limit in fen")),
    key=("person_no", "card_no"))
TABLES = {table.name: table for table in (PEOPLE, PAYMENTS, BALANCES, CONTACTS, CARD_LIMITS)}

REASONS: dict[str, Text] = {
    "wrong_field_count": Text("该行列数与表头不符。", "The row has more or fewer fields than the header."),
    "wrong_encoding": Text("该行不是有效的 UTF-8 文本或含控制字符。", "The row is not UTF-8 text, or holds control characters."),
    "blank_row": Text("空行。", "The row is blank."),
    "missing_column": Text("文件缺少必需的列。", "The file lacks a column that is needed."),
    "missing_value": Text("必填项为空。", "A value that is needed is missing."),
    "wrong_type": Text("类型不符：应为整数、日期（年-月-日）或文本。",
                       "Wrong type: a whole number, a day (YYYY-MM-DD) or text is wanted."),
    "negative_amount": Text("金额为负。", "The amount is negative."),
    "out_of_range": Text("数值超出允许范围。", "The value is outside its bounds."),
    "unknown_value": Text("不是允许的取值。", "The value is none of those allowed."),
    "duplicate_id": Text("同一编号已在前面的行出现，以先出现者为准。",
                         "The same id stands in an earlier row; the earlier one counts."),
    "already_loaded": Text("该事件已随其他月份的文件入库。", "The event was loaded with another month's extract."),
    "after_month": Text("发生在本月之后。", "It happened after the month of the extract."),
    "before_history": Text("早于保留的历史。", "It is older than the history that is kept."),
    "month_total_too_large": Text("该人该月合计超出可精确计算的范围。",
                                  "The person's total of the month is beyond exact arithmetic."),
    "file_unreadable": Text("文件无法读取（损坏或被截断）。", "The file cannot be read: damaged or cut off."),
    "file_empty": Text("文件为空。", "The file is empty."),
}

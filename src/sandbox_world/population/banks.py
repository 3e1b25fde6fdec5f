"""The seventeen banks of the sandbox card network. The BIN prefixes are a demo table, not the real one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank with the prefixes of its debit and credit cards."""

    code: str
    name_zh: str
    name_en: str
    debit_prefix: str
    credit_prefix: str


BANKS: tuple[Bank, ...] = (
    Bank("ICBC", "中国工商银行", "Industrial and Commercial Bank of China", "622202", "625330"),
    Bank("ABC", "中国农业银行", "Agricultural Bank of China", "622848", "625996"),
    Bank("BOC", "中国银行", "Bank of China", "621661", "625908"),
    Bank("CCB", "中国建设银行", "China Construction Bank", "621700", "625362"),
    Bank("BOCOM", "交通银行", "Bank of Communications", "622262", "625028"),
    Bank("PSBC", "中国邮政储蓄银行", "Postal Savings Bank of China", "622188", "625367"),
    Bank("CMB", "招商银行", "China Merchants Bank", "621483", "625802"),
    Bank("CITIC", "中信银行", "China CITIC Bank", "621768", "622688"),
    Bank("CEB", "中国光大银行", "China Everbright Bank", "622660", "625976"),
    Bank("HXB", "华夏银行", "Hua Xia Bank", "622632", "625967"),
    Bank("CMBC", "中国民生银行", "China Minsheng Bank", "622622", "625911"),
    Bank("CGB", "广发银行", "China Guangfa Bank", "622568", "625810"),
    Bank("PAB", "平安银行", "Ping An Bank", "622298", "625360"),
    Bank("CIB", "兴业银行", "Industrial Bank", "622909", "625960"),
    Bank("SPDB", "浦发银行", "Shanghai Pudong Development Bank", "622521", "625957"),
    Bank("CZB", "浙商银行", "China Zheshang Bank", "622309", "625821"),
    Bank("CBHB", "渤海银行", "China Bohai Bank", "622884", "625122"),
)

BANK_BY_CODE: dict[str, Bank] = {bank.code: bank for bank in BANKS}
CORPORATE_PREFIX = "629900"


def luhn_digit(digits: str) -> str:
    """Return the Luhn check digit that completes `digits`."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2 == 0:
            value *= 2
            if value > 9:
                value -= 9
        total += value
    return str(-total % 10)


def masked_number(number: str) -> str:
    """Show the first four and last four digits only."""
    return f"{number[:4]}{'*' * 8}{number[-4:]}" if len(number) >= 12 else "*" * len(number)


def masked_name(name: str) -> str:
    """Show the first character of a name only."""
    return name[:1] + "*" * max(len(name) - 1, 1)

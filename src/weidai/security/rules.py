"""What makes a password weak, how codes are counted, what a browser is called. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from weidai.kernel.text import Text

Purpose = Literal["register", "login", "drawdown", "rebind", "device", "password"]
PURPOSES: tuple[Purpose, ...] = ("register", "login", "drawdown", "rebind", "device", "password")

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=5)
CODE_ATTEMPTS = 5
RESEND_AFTER = timedelta(seconds=60)
CODES_PER_DAY = 10
ADDRESS_WINDOW = timedelta(minutes=10)
NO_TIME = timedelta(0)
PASSWORD_ATTEMPTS = 5
PASSWORD_LOCKS = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=24))  # the first, the second, every further one
GUESSES_PER_DEVICE = 10  # wrong payment passwords from one device, over all accounts
GUESSES_PER_ADDRESS = 50
GUESS_WINDOW = timedelta(hours=24)
DEVICE_KEYS = 5  # bound devices at once
SESSION_LIFE = timedelta(days=7)

LOOPBACK = "loopback"  # this machine: its operator, or a proxy whose clients are not told apart


class Bounds(NamedTuple):
    """How many codes in ten minutes and in a day."""

    per_window: int
    per_day: int


ADDRESS_BOUNDS = Bounds(10, 50)
LOOPBACK_BOUNDS = Bounds(300, 3000)
DEVICE_BOUNDS = Bounds(8, 20)

_SIX_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)
_STEPS = {1, -1}

CODE_MESSAGES: dict[str, Text] = {
    "register": Text("验证码 {code}，用于登录或注册，{minutes} 分钟内有效。工作人员不会索要验证码，请勿告知他人。",
                     "{code} is your code to sign in or register, valid {minutes} minutes. Never tell it to anyone."),
    "login": Text("验证码 {code}，用于登录，{minutes} 分钟内有效。工作人员不会索要验证码，请勿告知他人。",
                  "{code} is your code to sign in, valid {minutes} minutes. Never tell it to anyone."),
    "drawdown": Text("验证码 {code}，用于确认借款 {amount} 元、{term_months} 个月，{minutes} 分钟内有效。"
                     "如非本人操作，请勿输入并联系客服。",
                     "{code} confirms your loan of CNY {amount} over {term_months} months, valid {minutes} minutes. "
                     "Not you? Do not enter it; contact us."),
    "device": Text("验证码 {code}，用于绑定新设备，{minutes} 分钟内有效。如非本人操作，请勿告知他人并联系客服。",
                   "{code} binds a new device to your account, valid {minutes} minutes. Not you? Tell nobody; contact us."),
    "password": Text("验证码 {code}，用于重设支付密码，{minutes} 分钟内有效。如非本人操作，请勿告知他人并联系客服。",
                     "{code} resets your payment password, valid {minutes} minutes. Not you? Tell nobody; contact us."),
    "rebind": Text("验证码 {code}，用于更换手机号，{minutes} 分钟内有效。如非本人操作，请联系客服。",
                   "{code} confirms your new mobile number, valid {minutes} minutes. If this was not you, contact us."),
}


def client_network(ip: str) -> str | None:
    """Return what counts as one address: an IPv4 address, the /64 of an IPv6 one, LOOPBACK; None for no address."""
    try:
        address = ipaddress.ip_address(ip.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return LOOPBACK if address.is_loopback else str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return LOOPBACK if address.is_loopback else str(address)


def address_bounds(network: str) -> Bounds:
    """Return how many codes an address may ask for: many for this machine, behind which everybody may stand."""
    return LOOPBACK_BOUNDS if network == LOOPBACK else ADDRESS_BOUNDS


def password_is_six_digits(password: str) -> bool:
    """Say whether this has the shape of a payment password."""
    return _SIX_DIGITS.fullmatch(password) is not None


def password_weakness(password: str, avoid: Sequence[str] = ()) -> Text | None:
    """Return why six digits are too easy to guess, None when they are not.

    Refused: at most two different digits, runs up or down, one half repeated, and digits that stand in a text to avoid
    (birth date, ID number, mobile number).
    """
    steps = {int(after) - int(before) for before, after in pairwise(password)}
    if len(set(password)) <= 2:
        return Text("数字重复过多", "too many equal digits")
    if len(steps) == 1 and steps <= _STEPS:
        return Text("连续数字", "a run of digits")
    if password[:3] == password[3:] or password[:2] * 3 == password:
        return Text("重复的数字组合", "a repeated pattern")
    if any(password in text for text in avoid):
        return Text("取自您的生日、身份证号或手机号", "part of your birth date, ID number or mobile number")
    return None


def password_lock(before: int) -> timedelta:
    """Return how long a lock lasts after this many locks without a right attempt between."""
    return PASSWORD_LOCKS[min(before, len(PASSWORD_LOCKS) - 1)]


def device_label(user_agent: str) -> str:
    """Return a browser as its owner would recognise it in a list: "iPhone · WeChat"."""
    devices = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
               ("Mac OS", "Mac"), ("Linux", "Linux"))
    browsers = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
                ("Safari", "Safari"))
    device = next((label for word, label in devices if word in user_agent), "")
    browser = next((label for word, label in browsers if word in user_agent), "")
    return " · ".join(part for part in (device, browser) if part)

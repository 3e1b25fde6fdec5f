"""Who a person is: name, number, cards, phone, work. A pure function of (seed, index)."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sandbox_world.population import lists
from sandbox_world.population.banks import BANKS, CORPORATE_PREFIX, Bank, luhn_digit
from sandbox_world.population.draws import Draws
from sandbox_world.population.personas import (
    PERSONA_BY_CODE,
    TOO_OLD_BORN,
    TOO_YOUNG_BORN,
    TRAPS,
    Persona,
    is_age_outlier,
    is_too_young,
    persona_for,
)

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
SPREAD = 61_803_399  # odd and no multiple of five: a bijection modulo powers of ten, so numbers never repeat
CARD_SLOTS = 8  # numbers kept for one person: up to three debit, four credit, one corporate
SHORT_PLACES = {"内蒙古自治区": "内蒙古", "广西壮族自治区": "广西", "西藏自治区": "西藏", "宁夏回族自治区": "宁夏",
                "新疆维吾尔自治区": "新疆"}
FORGETFUL_ONE_IN = 20  # people whose ID card runs out in the first half of 2027


@dataclass(frozen=True, slots=True)
class Card:
    """One card, or the corporate account of a shop."""

    number: str
    bank_code: str
    card_type: str  # debit, credit, corporate
    account_class: str | None  # I, II; None for credit and corporate
    holder_name: str
    is_main: bool
    limit_fen: int = 0  # credit cards only
    opened_on: date = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class IdCard:
    """The ID card in force."""

    valid_from: date
    valid_to: date | None  # None: 长期
    issuing_authority: str


@dataclass(frozen=True, slots=True)
class Business:
    """The shop of a shop owner."""

    business_name: str
    uscc: str
    registered_on: date
    corporate_account: str
    bank_code: str
    yearly_turnover_fen: int


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person."""

    seed: int
    index: int
    persona: Persona
    name: str
    id_number: str
    sex: str
    birth_on: date
    region_code: str
    region_name: str
    address: str
    mobile: str
    operator: str
    mobile_since: date
    employer: str
    employed_since: date
    monthly_income_fen: int
    trap: str | None
    id_card: IdCard
    cards: tuple[Card, ...]
    business: Business | None
    first_data_month: str

    @property
    def main_card(self) -> Card:
        """Return the card that the salary goes to."""
        return self.cards[0]


def id_check_digit(first_17: str) -> str:
    """Return the GB 11643 check character of the first 17 digits."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first_17, ID_WEIGHTS, strict=True)) % 11]


def uscc_check_digit(first_17: str) -> str:
    """Return the GB 32100 check character of the first 17 characters."""
    total = sum(USCC_ALPHABET.index(sign) * weight for sign, weight in zip(first_17, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def id_card_for(birth_on: date, *, issued_on: date, authority: str) -> IdCard:
    """Return an ID card issued on a day, valid as long as the law gives at that age: 5, 10, 20 years or for good."""
    age = issued_on.year - birth_on.year - ((issued_on.month, issued_on.day) < (birth_on.month, birth_on.day))
    if age >= 46:
        return IdCard(issued_on, None, authority)
    years = 5 if age < 16 else 10 if age < 26 else 20
    return IdCard(issued_on, _years_later(issued_on, years), authority)


@lru_cache(maxsize=65_536)
def person_at(seed: int, index: int) -> Person:
    """Compose the person of one index."""
    draws = Draws(seed, "person", index)
    persona = persona_for(draws, index=index)
    sex = "male" if draws.chance(0.52) else "female"
    birth_on = _birth(draws, persona, index)
    name = draws.one_of(lists.SURNAMES) + draws.one_of(lists.GIVEN_MALE if sex == "male" else lists.GIVEN_FEMALE)
    area_code, province, county = draws.one_of(lists.AREAS)
    sequence = (index % 499 + 1) * 2 - (1 if sex == "male" else 0)
    first_17 = f"{area_code}{birth_on:%Y%m%d}{sequence:03d}"
    operator, mobile = _mobile(draws, seed=seed, index=index)
    trap = TRAPS[index % len(TRAPS)] if persona.code == "fraudster" else None
    adult_on = _years_later(birth_on, 18)
    income_fen = draws.whole(*persona.income) * 100
    return Person(
        seed=seed,
        index=index,
        persona=persona,
        name=name,
        id_number=first_17 + id_check_digit(first_17),
        sex=sex,
        birth_on=birth_on,
        region_code=area_code[:2],
        region_name=province,
        address=f"{province}{county}{_street(draws)}",
        mobile=mobile,
        operator=operator,
        mobile_since=_mobile_since(draws, persona, adult_on),
        employer=_employer(draws, persona, province),
        employed_since=max(adult_on, date(draws.whole(2012, 2024), draws.whole(1, 12), 1)),
        monthly_income_fen=income_fen,
        trap=trap,
        id_card=_first_id_card(draws, birth_on, province + county),
        cards=_cards(draws, persona, _Holder(seed, index, name, trap)),
        business=_business(draws, persona, _Holder(seed, index, name, trap)),
        first_data_month=_first_data_month(draws, persona),
    )


@dataclass(frozen=True, slots=True)
class _Holder:
    """What the cards of a person need to know."""

    seed: int
    index: int
    name: str
    trap: str | None


def _birth(draws: Draws, persona: Persona, index: int) -> date:
    years = persona.born
    if is_age_outlier(index):
        years = TOO_YOUNG_BORN if is_too_young(index) else TOO_OLD_BORN
    return date(draws.whole(*years), 1, 1) + timedelta(days=draws.whole(0, 364))


def _street(draws: Draws) -> str:
    street = draws.one_of(lists.STREETS)
    return f"{street}{draws.whole(1, 288)}号{draws.whole(1, 20)}栋{draws.whole(101, 2604)}室"


def _mobile(draws: Draws, *, seed: int, index: int) -> tuple[str, str]:
    position = draws.unit()
    operator = (
        "china_mobile"
        if position < 0.52
        else "china_unicom"
        if position < 0.76
        else "china_telecom"
        if position < 0.97
        else "china_broadnet"
    )
    suffix = (index * SPREAD + seed * 31 + 20_000_000) % 100_000_000
    return operator, f"{draws.one_of(lists.MOBILE_PREFIXES[operator])}{suffix:08d}"


def _mobile_since(draws: Draws, persona: Persona, adult_on: date) -> date:
    if persona.code == "fraudster":
        return date(2026, draws.whole(4, 9), draws.whole(1, 28))
    return max(adult_on - timedelta(days=700), date(draws.whole(2010, 2024), draws.whole(1, 12), draws.whole(1, 28)))


def _employer(draws: Draws, persona: Persona, province: str) -> str:
    place = SHORT_PLACES.get(province) or province.removesuffix("省").removesuffix("市")
    if persona.code == "student":
        return f"{place}{draws.one_of(lists.EMPLOYER_STEMS)}{draws.one_of(lists.SCHOOLS)}（虚构）"
    return f"{place}{draws.one_of(lists.EMPLOYER_STEMS)}{draws.one_of(lists.EMPLOYER_TRADES)}有限公司（虚构）"


def _first_id_card(draws: Draws, birth_on: date, place: str) -> IdCard:
    authority = f"{place.split('市')[-1] or place}公安局"
    forgetful = draws.whole(1, FORGETFUL_ONE_IN) == 1
    runs_out_on = date(2027, draws.whole(1, 6), draws.whole(1, 28))
    issued_on = date(draws.whole(2018, 2024), draws.whole(1, 12), draws.whole(1, 28))
    if forgetful:
        for years in (20, 10, 5):
            candidate = id_card_for(birth_on, issued_on=_years_later(runs_out_on, -years), authority=authority)
            if candidate.valid_to == runs_out_on and candidate.valid_from > birth_on:
                return candidate
    return id_card_for(birth_on, issued_on=issued_on, authority=authority)


def _cards(draws: Draws, persona: Persona, holder: _Holder) -> tuple[Card, ...]:
    """Return one to three debit cards, the main one first, then credit cards of other banks."""
    debit_count = draws.one_of((1, 2, 2, 3))
    banks = _different_banks(draws, debit_count + persona.card_count[1])
    card_name = _other_name(draws, holder.name) if holder.trap == "card_name_mismatch" else holder.name
    cards: list[Card] = []
    for place in range(debit_count):
        account_class = "I" if draws.chance(0.88 if place == 0 else 0.35) else "II"
        number = _number(banks[place].debit_prefix, holder, slot=place, length=19)
        cards.append(Card(number, banks[place].code, "debit", account_class, card_name, place == 0))
    for place in range(draws.whole(*persona.card_count)):
        bank = banks[debit_count + place]
        number = _number(bank.credit_prefix, holder, slot=3 + place, length=16)
        limit_fen = draws.whole(persona.card_limits[0] // 1000, persona.card_limits[1] // 1000) * 100_000
        opened_on = date(draws.whole(2018, 2025), draws.whole(1, 12), 1)
        cards.append(Card(number, bank.code, "credit", None, holder.name, False, limit_fen, opened_on))
    return tuple(cards)


def _different_banks(draws: Draws, count: int) -> list[Bank]:
    chosen: list[Bank] = []
    while len(chosen) < count:
        bank = draws.one_of(BANKS)
        if bank not in chosen:
            chosen.append(bank)
    return chosen


def _number(prefix: str, holder: _Holder, *, slot: int, length: int) -> str:
    room = 10 ** (length - len(prefix) - 1)
    body = ((holder.index * CARD_SLOTS + slot) * SPREAD + holder.seed * 17) % room
    digits = f"{prefix}{body:0{length - len(prefix) - 1}d}"
    return digits + luhn_digit(digits)


def _business(draws: Draws, persona: Persona, holder: _Holder) -> Business | None:
    if persona.code != "shop_owner":
        return None
    trade, stem = draws.one_of(lists.SHOP_TRADES), draws.one_of(lists.EMPLOYER_STEMS)
    serial = f"{(holder.index * SPREAD + 7) % 10**9:09d}"
    first_17 = f"92{draws.one_of(lists.AREAS)[0]}{serial}"
    return Business(
        business_name=f"{stem}{holder.name[0]}记{trade}（虚构）",
        uscc=first_17 + uscc_check_digit(first_17),
        registered_on=date(draws.whole(2012, 2023), draws.whole(1, 12), draws.whole(1, 28)),
        corporate_account=_number(CORPORATE_PREFIX, holder, slot=7, length=19),
        bank_code=draws.one_of(BANKS).code,
        yearly_turnover_fen=draws.whole(30, 240) * 1_000_000,
    )


def _first_data_month(draws: Draws, persona: Persona) -> str:
    """Thin files are partly people who only just came: three in ten have a young history."""
    month = draws.whole(6, 10)
    return f"2026-{month:02d}" if persona.code == "thin_file" and draws.chance(0.30) else "2021-01"


def _other_name(draws: Draws, name: str) -> str:
    other = name
    while other == name:
        other = draws.one_of(lists.SURNAMES) + draws.one_of(lists.GIVEN_MALE + lists.GIVEN_FEMALE)
    return other


def _years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def other_holder_name(person: Person) -> str:
    """Return the name under which the operator knows the phone of a person with that trap."""
    return _other_name(Draws(person.seed, "other-name", person.index), person.name)


__all__ = ["PERSONA_BY_CODE", "Business", "Card", "IdCard", "Person", "id_card_for", "other_holder_name", "person_at"]

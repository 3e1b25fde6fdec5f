"""People are valid, unique and the same everywhere; their data are pure functions that agree with each other."""

import statistics
from collections import Counter, defaultdict
from datetime import UTC, date, datetime

import pytest

from sandbox_world.population.banks import BANK_BY_CODE, BANKS
from sandbox_world.population.credit import bureau_facts
from sandbox_world.population.holdings import contact_facts, contact_items, daily_balances
from sandbox_world.population.lists import MOBILE_PREFIXES
from sandbox_world.population.months import complete_months
from sandbox_world.population.payments import month_events, month_totals
from sandbox_world.population.people import Person, person_at, uscc_check_digit
from sandbox_world.population.profile import profile
from sandbox_world.population.register import Population, population_for
from sandbox_world.settings import DEFAULT_PEOPLE, DEFAULT_SEED

AS_OF = date(2026, 11, 23)
WEIGHTS = [pow(2, 17 - place, 11) for place in range(17)]


@pytest.fixture(scope="module")
def population() -> Population:
    return population_for(DEFAULT_SEED, DEFAULT_PEOPLE)


def luhn_holds(number: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def test_two_thousand_people_with_unique_numbers(population: Population) -> None:
    assert len(population.people) >= 2_000
    assert len(population.by_id_number) == len(population.by_mobile) == len(population.people)
    cards = [card.number for person in population.people for card in person.cards]
    corporate = [person.business.corporate_account for person in population.people if person.business]
    assert len(set(cards + corporate)) == len(cards) + len(corporate) == len(population.by_card)


def test_id_numbers_are_valid_by_gb_11643(population: Population) -> None:
    for person in population.people:
        number = person.id_number
        remainder = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True)) % 11
        assert number[17] == "10X98765432"[remainder]
        assert number[6:14] == f"{person.birth_on:%Y%m%d}"
        assert (int(number[16]) % 2 == 1) == (person.sex == "male")
        assert person.region_code == number[:2]


def test_mobiles_and_cards_are_well_formed(population: Population) -> None:
    assert len(BANKS) == 17
    for person in population.people:
        assert len(person.mobile) == 11
        assert person.mobile[:3] in MOBILE_PREFIXES[person.operator]
        debit = [card for card in person.cards if card.card_type == "debit"]
        assert 1 <= len(debit) <= 3
        assert [card.is_main for card in person.cards].count(True) == 1
        for card in person.cards:
            assert card.number.startswith("62")
            assert len(card.number) == (19 if card.card_type == "debit" else 16)
            assert luhn_holds(card.number)
            assert card.bank_code in BANK_BY_CODE
            assert card.account_class in (("I", "II") if card.card_type == "debit" else (None,))
        if person.business:
            assert person.business.uscc[17] == uscc_check_digit(person.business.uscc[:17])


def test_about_twenty_people_are_too_young_or_too_old(population: Population) -> None:
    ages = [(AS_OF - person.birth_on).days / 365.2425 for person in population.people]
    young, old = sum(age < 18 for age in ages), sum(age > 60 for age in ages)
    assert (young, old) == (12, 12)


def test_fraudsters_each_have_a_trap_and_nobody_else_has(population: Population) -> None:
    traps = Counter(person.trap for person in population.people if person.persona.code == "fraudster")
    assert None not in traps
    assert len(traps) == 5
    assert all(person.trap is None for person in population.people if person.persona.code != "fraudster")


def test_a_person_is_a_pure_function_of_seed_and_index() -> None:
    person_at.cache_clear()
    first = person_at(7, 42)
    person_at.cache_clear()
    assert person_at(7, 42) == first
    assert person_at(8, 42) != first
    known = person_at(DEFAULT_SEED, 0)  # a change here changes everybody's demonstration data
    assert (known.name, known.id_number, known.mobile) == ("乔娟", "650102198402220029", "18048063131")
    assert known.main_card.number == "6226600003444217171"


@pytest.mark.parametrize("month", ["2023-02", "2026-10", "2030-12"])
def test_events_of_a_month_sum_to_its_totals(population: Population, month: str) -> None:
    for person in population.people[:120]:
        events, totals = month_events(person, month), month_totals(person, month)
        if totals is None:
            assert events == []
            continue
        sums = defaultdict(int)
        counts: Counter[object] = Counter(event["kind"] for event in events)
        for event in events:
            assert isinstance(event["amount_fen"], int)
            assert event["amount_fen"] > 0
            sums[event["kind"]] += event["amount_fen"]
        assert sums["payment"] == totals.gross_fen
        assert sums["refund"] == totals.refund_fen
        assert sums["transfer"] == totals.transfer_fen
        assert totals.amount_fen == totals.gross_fen - totals.refund_fen
        assert (counts["payment"], counts["transfer"]) == (totals.payment_count, totals.transfer_count)
        assert 20 <= totals.payment_count <= 180
        assert len({event["id"] for event in events}) == len(events)


def test_refunds_give_back_one_earlier_payment_within_its_month(population: Population) -> None:
    seen = 0
    for person in population.people[:60]:
        events = month_events(person, "2026-09")
        by_id = {event["id"]: event for event in events}
        for refund in (event for event in events if event["kind"] == "refund"):
            payment = by_id[refund["refund_of"]]
            assert payment["amount_fen"] == refund["amount_fen"]
            assert str(payment["at"]) < str(refund["at"])
            seen += 1
        for event in events:
            shanghai = datetime.fromisoformat(str(event["at"])).timestamp() + 8 * 3600
            assert datetime.fromtimestamp(shanghai, UTC).strftime("%Y-%m") == "2026-09"
    assert seen > 50


@pytest.mark.parametrize("as_of", [date(2023, 1, 1), AS_OF, date(2030, 12, 31)])
def test_a_profile_is_the_same_whenever_asked(population: Population, as_of: date) -> None:
    for person in population.people[:40]:
        assert profile(person, as_of=as_of, months=12) == profile(person, as_of=as_of, months=12)
        assert bureau_facts(person, as_of) == bureau_facts(person, as_of)


def test_profile_sums_agree_with_single_data(population: Population) -> None:
    for person in population.people[:60]:
        facts = profile(person, as_of=AS_OF, months=12)
        days = daily_balances(person, AS_OF)
        balances = facts["balances"]
        assert isinstance(balances, dict)
        assert len(days) == balances["days"]
        if days:
            assert balances["mean_daily_90d_fen"] == sum(day.wallet_fen + day.wealth_fen for day in days) // len(days)
            assert (days[0].on, days[-1].on) == (date(2026, 8, 25), date(2026, 11, 22)) or len(days) < 90
        products = facts["wealth_products"]
        assert isinstance(products, list)
        assert sum(row["amount_fen"] for row in products) == balances["wealth_fen"]
        since, until = datetime(2026, 8, 24, 16, tzinfo=UTC), datetime(2026, 11, 22, 16, tzinfo=UTC)
        last = [datetime.fromisoformat(item["last_interaction_at"]) for item in contact_items(person, AS_OF)]
        assert contact_facts(person, AS_OF) == {
            "contacts": len(last),
            "effective_contacts": sum(since <= at < until for at in last),
        }


def test_a_young_history_has_fewer_months(population: Population) -> None:
    young = [person for person in population.people if person.first_data_month > "2026-05"]
    assert len(young) > 30
    for person in young[:10]:
        facts = profile(person, as_of=date(2026, 12, 1), months=12)
        months = [row["month"] for row in facts["payments"]]  # type: ignore[attr-defined]
        assert months == [
            month for month in complete_months(date(2026, 12, 1), count=12) if month >= person.first_data_month
        ]


def score_of(person: Person) -> float:
    """Score a person without own loans by the points of R2.1 and R2.2."""
    facts = profile(person, as_of=AS_OF, months=6)
    amounts = [row["amount_fen"] for row in facts["payments"]]  # type: ignore[attr-defined]
    score = 250.0 + (10 if person.main_card.account_class == "I" else 0)
    if len(amounts) == 6:
        mean = statistics.mean(amounts)
        variation = statistics.stdev(amounts) / mean
        score += 200 if mean >= 300_000 else 160 * mean / 300_000
        score += 150 if variation <= 0.15 else 120 * 0.15 / variation
    effective = contact_facts(person, AS_OF)["effective_contacts"]
    balance_fen = facts["balances"]["mean_daily_90d_fen"]  # type: ignore[index]
    score += 50 if effective >= 200 else 40 * effective / 200
    score += 150 if balance_fen >= 500_000 else 120 * balance_fen / 500_000
    bureau = bureau_facts(person, AS_OF)["score"]
    return score + (100 if bureau is None else 200 if bureau >= 650 else 160 * bureau / 650)  # type: ignore[operator]


def test_the_thresholds_tell_the_personas_apart(population: Population) -> None:
    grades: dict[str, Counter[str]] = defaultdict(Counter)
    for person in population.people:
        score = score_of(person)
        grade = next(
            (letter for letter, floor in (("A", 850), ("B", 720), ("C", 600), ("D", 450)) if score >= floor), "E"
        )
        grades[person.persona.code][grade] += 1

    def share(persona: str, letters: str) -> float:
        return sum(grades[persona][letter] for letter in letters) / grades[persona].total()

    assert share("salaried", "BC") > 0.90
    assert share("high_net_worth", "A") > 0.75
    assert share("high_net_worth", "AB") == 1.0
    assert grades["young_worker"].most_common(1)[0][0] == "C"
    assert grades["student"].most_common(1)[0][0] == "D"
    assert share("shop_owner", "AB") > 0.80
    assert share("thin_file", "DE") > 0.90
    assert share("over_indebted", "CD") > 0.90
    assert all(sum(grades[code][letter] for code in grades) > 20 for letter in "ABCDE")


def test_the_over_indebted_fail_by_score_and_by_debt(population: Population) -> None:
    for person in population.people:
        facts = bureau_facts(person, AS_OF)
        if person.persona.code == "over_indebted":
            assert facts["score"] < 650  # type: ignore[operator]
            assert facts["total_debt_fen"] / (person.monthly_income_fen * 12) > 0.5  # type: ignore[operator]
        if person.persona.code == "thin_file":
            assert facts["score"] is None
            assert facts["found"] is True

"""Behaviour data: payments, balances, contacts, card limits; alone or all at once."""

from datetime import date

from flask import Blueprint

from sandbox_world.calls import Answer, body, business_on, paged, partner_call, query, world
from sandbox_world.fields import ID_NUMBER, Fields
from sandbox_world.population.holdings import (
    balance_facts,
    card_limit_facts,
    contact_facts,
    contact_items,
    daily_balances,
    wealth_products,
)
from sandbox_world.population.months import complete_months
from sandbox_world.population.payments import month_events, months_of_payments
from sandbox_world.population.people import Person
from sandbox_world.population.profile import profile, unknown_profile
from sandbox_world.problems import field_invalid

blueprint = Blueprint("behaviour", __name__, url_prefix="/v1/data")

MAX_BATCH = 500
MAX_MONTHS = 24


def _person(id_number: str) -> Person | None:
    return world().population.by_id_number.get(id_number)


def _months(fields: Fields) -> int:
    return fields.whole("months", low=1, high=MAX_MONTHS, default=12)


def _profile(id_number: str, *, as_of: date, months: int) -> Answer:
    person = _person(id_number)
    return profile(person, as_of=as_of, months=months) if person else unknown_profile(id_number, as_of=as_of)


@blueprint.post("/profile")
@partner_call("data", "profile")
def profile_get() -> Answer:
    """Return everything about one person."""
    fields = body()
    id_number, as_of, months = fields.id_number(), fields.as_of(business_on=business_on()), _months(fields)
    fields.done()
    return _profile(id_number, as_of=as_of, months=months)


@blueprint.post("/profiles")
@partner_call("data", "profiles")
def profiles_get() -> Answer:
    """Return everything about up to five hundred people."""
    fields = body()
    id_numbers, as_of, months = fields.raw("id_numbers"), fields.as_of(business_on=business_on()), _months(fields)
    fields.done()
    if not isinstance(id_numbers, list) or not 1 <= len(id_numbers) <= MAX_BATCH:
        raise field_invalid("id_numbers", f"id_numbers is a list of 1 to {MAX_BATCH} numbers.")
    if not all(isinstance(number, str) and ID_NUMBER.fullmatch(number) for number in id_numbers):
        raise field_invalid("id_numbers", "Each ID number has 17 digits and a digit or X.")
    profiles = [_profile(number, as_of=as_of, months=months) for number in id_numbers]
    return {"as_of": as_of.isoformat(), "profiles": profiles}


@blueprint.get("/payments/summary")
@partner_call("data", "summary")
def payments_summary() -> Answer:
    """Return the payments of complete months in sums."""
    fields = query()
    id_number, as_of, months = fields.id_number(), fields.as_of(business_on=business_on()), _months(fields)
    fields.done()
    person = _person(id_number)
    if person is None:
        return unknown_profile(id_number, as_of=as_of)
    rows = months_of_payments(person, complete_months(as_of, count=months))
    return {
        "id_number": id_number,
        "found": True,
        "as_of": as_of.isoformat(),
        "first_data_month": person.first_data_month,
        "payments": rows,
    }


@blueprint.get("/payments")
@partner_call("data", "payments")
def payment_events() -> Answer:
    """Return the single events of one month."""
    fields = query()
    id_number, month = fields.id_number(), fields.month()
    person = _person(id_number)
    events: list[Answer] = month_events(person, month) if person else []
    page, next_cursor = paged(events, fields, limit=200, longest=1_000)
    fields.done()
    if person is None:
        return {"id_number": id_number, "found": False, "month": month}
    return {"id_number": id_number, "found": True, "month": month, "events": page, "next_cursor": next_cursor}


@blueprint.get("/balances")
@partner_call("data", "balances")
def balances() -> Answer:
    """Return ninety days of wallet and wealth balances."""
    fields = query()
    id_number, as_of = fields.id_number(), fields.as_of(business_on=business_on())
    fields.done()
    person = _person(id_number)
    if person is None:
        return unknown_profile(id_number, as_of=as_of)
    facts = balance_facts(person, as_of)
    daily = [
        {"on": row.on.isoformat(), "wallet_fen": row.wallet_fen, "wealth_fen": row.wealth_fen}
        for row in daily_balances(person, as_of)
    ]
    return {
        "id_number": id_number,
        "found": True,
        "as_of": as_of.isoformat(),
        "balances": facts,
        "daily": daily,
        "wealth_products": wealth_products(person, wealth_fen=facts["wealth_fen"]),
    }


@blueprint.get("/contacts")
@partner_call("data", "contacts")
def contacts() -> Answer:
    """Return contacts with their last interaction."""
    fields = query()
    id_number, as_of = fields.id_number(), fields.as_of(business_on=business_on())
    person = _person(id_number)
    items: list[Answer] = [dict(item) for item in contact_items(person, as_of)] if person else []
    page, next_cursor = paged(items, fields, limit=500, longest=1_000)
    fields.done()
    if person is None:
        return unknown_profile(id_number, as_of=as_of)
    return {
        "id_number": id_number,
        "found": True,
        "as_of": as_of.isoformat(),
        **contact_facts(person, as_of),
        "items": page,
        "next_cursor": next_cursor,
    }


@blueprint.get("/card-limits")
@partner_call("data", "card-limits")
def card_limits() -> Answer:
    """Return credit-card limits at other banks."""
    fields = query()
    id_number, as_of = fields.id_number(), fields.as_of(business_on=business_on())
    fields.done()
    person = _person(id_number)
    if person is None:
        return unknown_profile(id_number, as_of=as_of)
    return {
        "id_number": id_number,
        "found": True,
        "as_of": as_of.isoformat(),
        "card_limits": card_limit_facts(person, as_of),
    }

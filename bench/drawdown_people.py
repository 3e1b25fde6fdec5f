"""Prepare N customers whose drawdowns are read, signed and sent a code; runs in a process of its own with the app's rights.

One drawdown is made by the services; the others are copies of its rows with ids, cards, codes and sessions of their own.
Codes are stored as in reality, as a keyed digest over challenge, purpose, transaction and code, and checked by it; each
customer has a device key of their own, which signs the transaction.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import django

PERSONAS = ("salaried", "shop_owner", "thin_file")
PRODUCT, LINE_FEN, AMOUNT_FEN = "consumer_installment_line", 3_000_000, 500_000
CODE = "483920"
CHUNK = 2_000


def people(count: int) -> list[Any]:
    """Return people of the world with an own debit card that takes money; fewer than wanted are used again."""
    from weidai.demo.world import world

    found: list[Any] = []
    for persona in PERSONAS:
        cursor: str | None = None
        while len(found) < count:
            page, cursor = world().people(persona, 200, cursor)
            for person in page:
                card = next((c for c in person.cards if c.is_main and c.card_type == "debit" and c.account_class), None)
                if card is not None and person.trap is None:
                    found.append((person, card))
            if cursor is None:
                break
    return found


def template() -> dict[str, Any]:
    """Bring one drawdown to the accepted agreement with the services, and return its rows."""
    from weidai.kernel.days import shanghai_date
    from weidai.lending import services as lending
    from weidai.lending.models import CostSheet, Drawdown, LoanAgreement
    from weidai.limits import services as limits
    from weidai.limits.models import CreditLine
    from weidai.platform import books, clock
    from weidai.platform.ids import uuid7

    began = clock.now() - timedelta(seconds=60)
    with clock.travel_to(began):
        books.book_open(books.MAIN_BOOK, name="main", on=shanghai_date(clock.now()))
        person, card = people(1)[0]
        rows = customer_rows(person, card, at=began)
        for row in rows.values():
            row.save(force_insert=True)
        customer_id = rows["customer"].id
        line = limits.line_grant(customer_id, product=PRODUCT, amount_fen=LINE_FEN, grade="B", daily_rate_e8=40_000,
                                 terms=(), application_id=uuid7())
        limits.line_activate(customer_id, line_id=line.id)
        drawdown_id = lending.drawdown_start(customer_id, line_id=line.id, amount_fen=AMOUNT_FEN, term_months=12,
                                             purpose="daily_consumption", method="level_payment")
        lending.cost_sheet_open(customer_id, drawdown_id=drawdown_id)
    with clock.travel_to(began + timedelta(seconds=30)):
        lending.cost_sheet_confirm(customer_id, drawdown_id=drawdown_id)
        lending.agreement_open(customer_id, drawdown_id=drawdown_id)
        lending.agreement_sign(customer_id, drawdown_id=drawdown_id)
    mine = {"customer_id": customer_id}
    return {"line": CreditLine.objects.get(**mine), "drawdown": Drawdown.objects.get(**mine),
            "sheet": CostSheet.objects.get(**mine), "agreement": LoanAgreement.objects.get(**mine)}


def customer_rows(person: Any, card: Any, *, at: Any) -> dict[str, Any]:
    """Return a verified customer with card and consent, not saved."""
    from weidai.identity.models import BankCard, Consent, Customer
    from weidai.platform.ids import uuid7

    customer_id = uuid7()
    return {
        "customer": Customer(id=customer_id, customer_id=customer_id, mobile=person.mobile, name=person.name,
                             id_number=person.id_number, region_code="31", occupation="employed",
                             declared_monthly_income_fen=1_200_000, registered_at=at),
        "card": BankCard(customer_id=customer_id, card_number=card.card_number, digest=str(customer_id), bank_code="CMB",
                         bank_name_zh="招商银行", account_class="I", masked="6225****", is_default=True, bound_at=at),
        "consent": Consent(customer_id=customer_id, purpose="credit_reporting", recipient="credit_bureau",
                           text_version="2025-01", text_digest="0" * 64, given_at=at),
    }


def copy_of(row: Any, **changes: Any) -> Any:
    """Return a copy of a stored row with other values, not saved."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.generated}
    return type(row)(**{**values, **changes})


def signed_rows(made: dict[str, Any], person: Any, card: Any) -> tuple[list[Any], dict[str, str]]:
    """Return everything of one customer up to the code that was sent, and what the caller of the API knows."""
    from weidai.demo.device import SoftwareDevice
    from weidai.lending.services.signing import summary_of
    from weidai.platform import clock
    from weidai.platform.crypto import digest_text, secret_digest
    from weidai.platform.ids import uuid7
    from weidai.security import signing
    from weidai.security.models import BorrowerSession, DeviceKey, SmsChallenge
    from weidai.security.rules import CODE_LIFE, SESSION_LIFE
    from weidai.security.services.codes import code_digests

    moment = clock.now()
    rows = customer_rows(person, card, at=moment)
    customer_id = rows["customer"].id
    line = copy_of(made["line"], id=uuid7(), customer_id=customer_id, application_id=uuid7())
    drawdown = copy_of(made["drawdown"], id=uuid7(), customer_id=customer_id, line_id=line.id, card_id=rows["card"].id)
    sheet = copy_of(made["sheet"], id=uuid7(), customer_id=customer_id, drawdown_id=drawdown.id)
    agreement = copy_of(made["agreement"], id=uuid7(), customer_id=customer_id, drawdown_id=drawdown.id)
    challenge_id, token, phone = uuid7(), f"{customer_id.hex}.{'t' * 43}", SoftwareDevice()
    summary = summary_of(drawdown, agreement_sha256=agreement.sha256)
    challenge = SmsChallenge(
        id=challenge_id, customer_id=customer_id, purpose="drawdown", mobile_digest=digest_text(person.mobile, "mobile"),
        mobile=person.mobile, code=CODE, code_digest=code_digests(challenge_id, "drawdown", summary, CODE)[-1],
        created_at=moment, expires_at=moment + CODE_LIFE, sent_at=moment)
    session = BorrowerSession(
        customer_id=customer_id, token_digest=secret_digest(token, "security.session"), device="WeChat", ip="127.0.0.1",
        started_at=moment, expires_at=clock.wall_now() + SESSION_LIFE)
    key = DeviceKey(customer_id=customer_id, device_id=uuid7(), fingerprint=phone.fingerprint, public_key=phone.public_key,
                    bound="first", registered_at=moment, full_from=moment)
    told = {"drawdown_id": str(drawdown.id), "token": token, "challenge_id": str(challenge_id), "code": CODE,
            "device_key": phone.fingerprint,
            "device_signature": phone.signature(signing.drawdown_text(summary, challenge_id=challenge_id))}
    return [*rows.values(), line, drawdown, sheet, agreement, challenge, session, key], told


def main() -> None:
    """Arguments: how many, and the file that gets one line of JSON for each."""
    count, file = int(sys.argv[1]), Path(sys.argv[2])
    django.setup()
    from weidai.lending.models import Drawdown

    kept = Drawdown.objects.filter(state="signed").order_by("started_at").first()
    made = template() if kept is None else _stored(kept)
    everybody = cycle(people(2_000))
    with file.open("w") as lines:
        for start in range(0, count, CHUNK):
            by_kind: dict[type, list[Any]] = {}
            for person, card in islice(everybody, min(CHUNK, count - start)):
                rows, told = signed_rows(made, person, card)
                for row in rows:
                    by_kind.setdefault(type(row), []).append(row)
                lines.write(json.dumps(told) + "\n")
            for kind, found in by_kind.items():
                kind._default_manager.bulk_create(found)


def _stored(drawdown: Any) -> dict[str, Any]:
    """Return the rows of the drawdown that an earlier call made with the services."""
    from weidai.lending.models import CostSheet, LoanAgreement
    from weidai.limits.models import CreditLine
    from weidai.platform import clock

    mine = {"customer_id": drawdown.customer_id}
    sheet = CostSheet.objects.get(**mine)
    sheet.confirmed_at = clock.now()
    return {"line": CreditLine.objects.get(**mine), "drawdown": drawdown, "sheet": sheet,
            "agreement": LoanAgreement.objects.get(**mine)}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    main()

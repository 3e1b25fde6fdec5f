"""Telling the customer something, in the transaction in which it became true; text messages leave after commit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from weidai.audit import services as audit
from weidai.kernel.text import Text
from weidai.messaging import rules
from weidai.messaging.models import Notice
from weidai.messaging.ports import SmsAnswer, sms_gateway
from weidai.messaging.templates import SENDER, template
from weidai.platform import clock, outbox, statements
from weidai.platform.ids import uuid7
from weidai.platform.transactions import joined

SMS_KIND = "messaging.sms"
IN_APP, SMS = "in_app", "sms"
BULK_LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class NewNotice:
    """One thing to tell one customer."""

    customer_id: UUID
    template: str
    values: Mapping[str, object]


@joined
def notice_send(
    customer_id: UUID, *, template: str, values: Mapping[str, object], channels: Sequence[str] = (IN_APP, SMS),
) -> UUID:
    """Tell the customer something in the app and by text message; return the message's id.

    Reminders and marketing wait for 08:00 when it is night (R6.5). Values hold amounts (`*_fen`), days, masked words or
    a `Text`; never personal data.
    """
    stored, message_id = _checked(template, values), uuid7()
    assert set(channels) <= {IN_APP, SMS}, channels
    if IN_APP in channels:
        statements.count("""INSERT INTO messaging_notice (id, customer_id, template, "values", created_at)
                            VALUES (%s, %s, %s, %s::jsonb, %s)""",
                         [message_id, customer_id, template, json.dumps(stored), clock.now()])
    if SMS in channels:
        statements.count("""INSERT INTO messaging_textmessage (id, customer_id, template, "values", state, reason, created_at)
                            VALUES (%s, %s, %s, %s::jsonb, 'waiting', '', %s)""",
                         [message_id, customer_id, template, json.dumps(stored), clock.now()])
        outbox.enqueue(customer_id, kind=SMS_KIND, subject_id=message_id)
    audit.event_record(
        "messaging.notice.sent", customer_id=customer_id, subject_type="notice", subject_id=message_id,
        facts={"template": template, "channels": list(channels)},
    )
    return message_id


@transaction.atomic
def notices_send_bulk(rows: Sequence[NewNotice], *, channels: Sequence[str] = (IN_APP, SMS)) -> int:
    """Tell many customers with one statement a table (nightly runs); return how many were told."""
    assert len(rows) <= BULK_LIMIT, "send in chunks"
    assert set(channels) <= {IN_APP, SMS}, channels
    if not rows:
        return 0
    prepared = [(uuid7(), row, _checked(row.template, row.values)) for row in rows]
    columns = [clock.now(), [key for key, _, _ in prepared], [row.customer_id for _, row, _ in prepared],
               [row.template for _, row, _ in prepared], [json.dumps(stored) for _, _, stored in prepared]]
    source = "FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::jsonb[])"
    if IN_APP in channels:
        with connection.cursor() as cursor:
            cursor.execute('INSERT INTO messaging_notice (created_at, id, customer_id, template, "values")'
                           f" SELECT %s, * {source}", columns)
    if SMS in channels:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO messaging_textmessage (created_at, state, reason, id, customer_id, template,"
                           f""" "values") SELECT %s, 'waiting', '', * {source}""", columns)
        outbox.enqueue_many([(row.customer_id, key) for key, row, _ in prepared], kind=SMS_KIND)
    audit.events_record([
        audit.NewEvent("messaging.notice.sent", "notice", key, row.customer_id,
                       {"template": row.template, "channels": list(channels)}) for key, row, _ in prepared])
    return len(prepared)


@transaction.atomic
def notices_mark_read(customer_id: UUID, *, notice_ids: Sequence[UUID] | None = None) -> int:
    """Mark the customer's notices as read, all of them when none are named; return how many were unread."""
    unread = Notice.objects.filter(customer_id=customer_id, read_at=None)
    if notice_ids is not None:
        unread = unread.filter(id__in=notice_ids[:BULK_LIMIT])
    count = unread.update(read_at=clock.now())
    if count:
        audit.event_record("messaging.notices.read", customer_id=customer_id, subject_type="customer",
                           subject_id=customer_id, facts={"count": count})
    return count


def sms_deliver(message_id: UUID, *, mobile: str, text: Text, language: str = "zh") -> SmsAnswer:
    """Hand one text message to the gateway now, behind the sender's name. Called outside any transaction."""
    words = SENDER.in_language(language) + text.in_language(language)
    return sms_gateway().send(str(message_id), mobile, words)


def _checked(code: str, values: Mapping[str, object]) -> dict[str, object]:
    """Return the values as stored, after filling the template once: a missing value is the caller's bug, found here."""
    stored = rules.storable(values)
    rules.filled(template(code).body, stored)
    return stored

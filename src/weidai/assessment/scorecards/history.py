"""Past assessments with what became of the loans, as a table to learn from: numbers and dates only (R2.6, R9.6)."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from weidai.assessment.inputs import inputs_from_json
from weidai.assessment.models import Assessment
from weidai.assessment.ports import own_loans
from weidai.assessment.scorecards.live import features_of
from weidai.kernel.days import months_later
from weidai.platform import clock

_CHUNK = 500
_MOST_ROWS = 5_000_000


def history_write(path: Path, *, months: int) -> int:
    """Write one row per assessment of a borrower whose outcome is known; return how many.

    Bad: an overdue spell began after the assessment within `months`. People without a loan have no outcome and are left out.
    """
    latest = months_later(clock.today(), -months)
    found, written = Assessment.objects.filter(assessed_on__lte=latest).order_by("assessed_on", "id"), 0
    writer = None
    with path.open("w", newline="", encoding="utf-8") as stream:
        chunk: list[Assessment] = []
        for one in found[:_MOST_ROWS].iterator(chunk_size=_CHUNK):
            if chunk and (one.assessed_on != chunk[0].assessed_on or len(chunk) >= _CHUNK):
                written, writer = _chunk(stream, writer, chunk, months, written)
                chunk = []
            chunk.append(one)
        if chunk:
            written, writer = _chunk(stream, writer, chunk, months, written)
    if not written:
        path.unlink()
    return written


def _chunk(stream, writer, chunk: list[Assessment], months: int, written: int):  # type: ignore[no-untyped-def]
    on: date = chunk[0].assessed_on
    ids = [one.customer_id for one in chunk]
    before = own_loans().repayment_facts_for(ids, on=on)
    after = own_loans().repayment_facts_for(ids, on=months_later(on, months))
    for one in chunk:
        outcome = after.get(one.customer_id)
        if outcome is None:
            continue
        known = before.get(one.customer_id)
        row = features_of(inputs_from_json(one.inputs))
        row |= {"assessed_on": on.isoformat(),
                "bad": int(outcome.overdue_event_count > (known.overdue_event_count if known else 0))}
        if writer is None:
            writer = csv.DictWriter(stream, fieldnames=list(row))
            writer.writeheader()
        writer.writerow(row)
        written += 1
    return written, writer

"""Events of the day that is about to be closed, so that its seal has a typical day's size. Argument: how many, the day."""

from __future__ import annotations

import os
import sys
from datetime import date, time
from uuid import UUID

import django

_BATCH = 10_000


def main() -> None:
    """Record them through the audit room, in batches."""
    count, day = int(sys.argv[1]), date.fromisoformat(sys.argv[2])
    django.setup()
    from weidai.audit.services import NewEvent, events_record
    from weidai.kernel.days import shanghai_instant
    from weidai.platform.ids import uuid7

    for start in range(0, count, _BATCH):
        events_record(
            [NewEvent("servicing.repayment.received", "servicing.repayment", uuid7(), UUID(int=number + 1),
                      {"amount_fen": 10_000 + number, "channel": "debit", "received_on": day})
             for number in range(start, min(start + _BATCH, count))], at=shanghai_instant(day, time(10)))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    main()

"""What our own loans say about a customer: the answer to assessment's port, put in place by wiring (R2.1, R7.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from weidai.assessment.ports import RepaymentFacts
from weidai.kernel.days import shanghai_date
from weidai.lending import selectors as lending
from weidai.servicing import policy
from weidai.servicing.models import OverdueSpell
from weidai.servicing.standing import Spell, standing_on


class OwnLoans:
    """Fills `assessment.ports.own_loans`."""

    def repayment_facts(self, customer_id: UUID, *, on: date) -> RepaymentFacts:
        """Return the facts of one customer."""
        return self.repayment_facts_for([customer_id], on=on).get(customer_id, RepaymentFacts())

    def repayment_facts_for(self, customer_ids: Sequence[UUID], *, on: date) -> dict[UUID, RepaymentFacts]:
        """Return the facts of many with two statements; a customer without loans may be left out."""
        spells: dict[UUID, list[Spell]] = defaultdict(list)
        for row in OverdueSpell.objects.filter(customer_id__in=list(customer_ids), is_void=False):
            if shanghai_date(row.started_at) <= on:
                spells[row.customer_id].append(Spell(row.started_at, row.ended_at, row.cured_within_72h))
        debts = lending.outstanding_by_customer(customer_ids)
        standing = policy.current(on).standing
        return {
            customer_id: RepaymentFacts(
                overdue_event_count=len(spells[customer_id]),
                standing_notches=standing_on(spells[customer_id], policy=standing, on=on).notches,
                outstanding_principal_fen=debts.get(customer_id, 0),
                is_overdue=any(spell.ended_at is None for spell in spells[customer_id]))
            for customer_id in set(spells) | set(debts)}

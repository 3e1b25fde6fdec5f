"""Is the number still this person's? Asked again at a sign-in long after the last answer: numbers go to new holders (R1.1)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from weidai.identity import policy, selectors
from weidai.identity.models import Verification
from weidai.identity.ports import MatchResult, mobile_operator
from weidai.identity.services import records
from weidai.identity.services.records import Checked
from weidai.kernel.errors import PartnerUnavailable
from weidai.platform import clock


def mobile_recheck_is_due(customer_id: UUID) -> bool:
    """Say whether the operator is asked again: it knew the number as this person's once, the pack's days ago or longer.

    Only under the consent that names such a check; nobody is asked about somebody whose number never matched.
    """
    today = clock.today()
    rows = Verification.objects.filter(customer_id=customer_id, item=Verification.Item.MOBILE)
    row = rows.exclude(state=Verification.State.INCONCLUSIVE).order_by("-checked_at", "-id").first()
    days = policy.current(today).answers.mobile_days
    if not days or row is None or row.state != Verification.State.PASSED:
        return False
    return row.checked_at <= clock.now() - timedelta(days=days) and selectors.has_present_consent(customer_id, "mobile_check")


def mobile_recheck(customer_id: UUID) -> None:
    """Ask and keep the answer; a silent or undecided operator changes nothing, and the sign-in goes on.

    A number that matched once and does not now has another holder: it opens this account no more (`mobile_status`).
    """
    row = records.customer(customer_id)
    if row.name is None or row.id_number is None:
        return
    try:
        answer = mobile_operator().three_elements(row.name, row.id_number, row.mobile)
    except PartnerUnavailable:
        return
    if answer.result is MatchResult.INCONCLUSIVE:
        return
    is_theirs = answer.result is MatchResult.MATCH
    state = Verification.State.PASSED if is_theirs and answer.number_status == "in_use" else Verification.State.FAILED
    with transaction.atomic():
        if records.customer_lock(customer_id).mobile != row.mobile:
            return  # changed while the operator was asked: the answer is about another number
        records.checked_keep(customer_id, Checked(
            Verification.Item.MOBILE, state, "mobile_operator",
            facts={"result": answer.result.value, "operator": answer.operator, "number_status": answer.number_status,
                   "months_in_use": answer.months_in_use, "asked_at": "sign_in", "holder_changed": not is_theirs}))

"""Collecting an assessment's facts from ports, each only with the consent it needs. Never inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weidai.assessment.inputs import AssessmentInputs, CreditFacts
from weidai.assessment.models import CreditReport
from weidai.assessment.ports import BehaviourProfile, RepaymentFacts
from weidai.assessment.rules import BureauReport, MonthlyPayments, ProfileFacts, ReportAbsence

PAYMENT_CONSENT = "payment_data"
SOCIAL_CONSENT = "social_data"
CREDIT_REPORT_CONSENT = "credit_report"
HISTORY_MONTHS = 12  # the limit formula looks at 12 complete months (R5.2); indicators at fewer


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one customer before the rules run."""

    customer_id: UUID
    has_payment_consent: bool
    has_social_consent: bool
    has_report_consent: bool
    has_type_i_default_card: bool
    profile: BehaviourProfile | None
    report: CreditReport | None
    repayment: RepaymentFacts


def inputs_of(known: Known, *, on: date) -> AssessmentInputs:
    """Turn what is known into the rules' facts; what has no consent is not there at all."""
    profile = known.profile if known.profile is not None and known.profile.found else None
    payments = profile if known.has_payment_consent else None
    social = profile if known.has_social_consent else None
    months = tuple(MonthlyPayments(date.fromisoformat(f"{row.month}-01"), row.amount_fen, row.payment_count,
                                   row.more)
                   for row in payments.payments) if payments else ()
    report = known.report if known.report is not None and known.report.is_found else None
    facts = ProfileFacts(
        months=months,
        payments_on=payments.as_of if payments else None,
        has_payment_consent=known.has_payment_consent,
        has_social_consent=known.has_social_consent,
        effective_contacts=social.contacts.effective_contacts if social and social.contacts else None,
        contacts_on=social.as_of if social else None,
        mean_daily_balance_fen=payments.balances.mean_daily_90d_fen if payments and payments.balances else None,
        balance_on=payments.as_of if payments else None,
        overdue_events=known.repayment.overdue_event_count,
        bureau=BureauReport(score=report.score, reported_on=report.as_of) if report else None,
        bureau_absence=_report_absence(known),
        has_type_i_default_card=known.has_type_i_default_card,
        standing_notches=known.repayment.standing_notches,
    )
    return AssessmentInputs(on=on, facts=facts, credit=_credit_facts(payments, report, known.repayment, on))


def _report_absence(known: Known) -> ReportAbsence:
    if not known.has_report_consent:
        return "no_report"
    return "not_queried" if known.report is None else "not_found"


def _credit_facts(
    payments: BehaviourProfile | None, report: CreditReport | None, repayment: RepaymentFacts, on: date,
) -> CreditFacts:
    first = on.replace(year=on.year - 1, day=1).strftime("%Y-%m")
    this_month = on.strftime("%Y-%m")
    volume = sum(row.amount_fen for row in payments.payments if first <= row.month < this_month) if payments else 0
    card_limits = payments.card_limit_total_fen if payments else (report.credit_card_limit_fen or 0 if report else 0)
    return CreditFacts(
        payment_volume_12m_fen=max(volume, 0),
        other_card_limits_fen=card_limits,
        wealth_products_fen=payments.wealth_products_fen if payments else 0,
        bureau_debt_fen=report.total_debt_fen if report else None,
        is_employed_in_report=report.is_employed if report else False,
        own_debt_fen=repayment.outstanding_principal_fen,
        is_overdue=repayment.is_overdue,
    )

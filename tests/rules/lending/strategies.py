"""Random loans beyond the reference pack: rates up to the annual cap, any due day, tiny to large principals."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from weidai.lending.rules import LoanTerms, RepaymentMethod

CAP_PPM = 240_000
LARGEST_RATE_E8 = CAP_PPM * 100 // 365

starts = st.dates(date(2019, 1, 1), date(2030, 12, 31))
methods = st.sampled_from(list(RepaymentMethod))


@st.composite
def loan_terms(
    draw: st.DrawFn, *, smallest_fen: int = 1, methods: st.SearchStrategy[RepaymentMethod] = methods
) -> LoanTerms:
    """Draw terms; the contract rate may be 0 or equal to the cap, the penalty rate far above it."""
    return LoanTerms(
        principal_fen=draw(st.one_of(st.integers(smallest_fen, 2_000), st.integers(10_000, 50_000_000))),
        daily_rate_e8=draw(st.one_of(st.sampled_from([20_000, 40_000, 50_000]), st.integers(0, LARGEST_RATE_E8))),
        method=draw(methods),
        term_months=draw(st.integers(1, 36)),
        starts_on=draw(starts),
        due_day=draw(st.one_of(st.none(), st.integers(1, 31))),
        penalty_daily_rate_e8=draw(st.one_of(st.just(50_000), st.integers(0, 300_000))),
        annual_cap_ppm=CAP_PPM,
        grace_days=draw(st.sampled_from([0, 0, 0, 1, 3])),
    )

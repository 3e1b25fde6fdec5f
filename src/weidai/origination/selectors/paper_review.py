"""What a reviewer has still to do with the papers before approving: look at each page, judge its fields (R4.1, R4.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from weidai.audit import selectors as audit
from weidai.kernel.text import Text
from weidai.origination.policy import PaperReviewPolicy, current
from weidai.origination.selectors.id_sides import IdSideRow, id_sides
from weidai.origination.selectors.needs import NeedRow, PapersFound, paper_needs, papers_found
from weidai.origination.selectors.papers import ApplicationPaperRow, application_papers
from weidai.platform import clock

PAPER_VIEWED = "origination.paper.viewed"  # recorded by `services.paper_look`


@dataclass(frozen=True, slots=True)
class PageProgress:
    """One page and what its reader has done: `open_codes` are fields and rows without a verdict that the pack wants."""

    paper: ApplicationPaperRow
    is_seen: bool
    open_codes: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Looked at, nothing left to judge."""
        return self.is_seen and not self.open_codes


@dataclass(frozen=True, slots=True)
class ReviewNeed:
    """One requirement with its pages; `is_met` when at least one was sent."""

    name: Text
    is_required: bool
    is_met: bool
    pages: tuple[PageProgress, ...]


@dataclass(frozen=True, slots=True)
class PapersReview:
    """The checklist of one application for one reviewer; approving is possible once nothing is `left`."""

    needs: tuple[ReviewNeed, ...]
    sides: tuple[IdSideRow, ...]
    found: PapersFound
    left: tuple[Text, ...]
    must_judge_all: bool

    @property
    def is_complete(self) -> bool:
        """Everything the pack wants was done."""
        return not self.left

    @property
    def pages(self) -> tuple[PageProgress, ...]:
        """Every page in the order shown."""
        return tuple(page for need in self.needs for page in need.pages)


def papers_review(customer_id: UUID, application_id: UUID, *, staff_id: str) -> PapersReview:
    """Return the papers of an application as this person has worked through them; the number of statements is fixed."""
    pages = application_papers(customer_id, application_id)
    policy = current(clock.today()).paper_review
    seen = audit.subjects_seen(PAPER_VIEWED, actor_id=staff_id, subject_ids=[page.id for page in pages])
    done = {page.id: PageProgress(page, page.id in seen, _open_codes(page, policy)) for page in pages}
    needs = _needs(paper_needs(customer_id, application_id, pages=pages), done)
    sides = id_sides(customer_id, staff_id=staff_id, policy=policy)
    return PapersReview(needs, sides, papers_found(customer_id, application_id, pages=pages),
                        _left(needs, sides, policy), policy.judge == "every_field")


def _open_codes(page: ApplicationPaperRow, policy: PaperReviewPolicy) -> tuple[str, ...]:
    """Return what has no verdict yet: fields as the pack wants, and every row whose balance does not follow."""
    fields = [row.code for row in page.fields if row.verdict is None and (
        policy.judge == "every_field" or not row.is_sure or row.is_corrected
        or any(check.passed is False for check in row.checks))]
    return (*fields, *(row.code for row in page.bookings if row.follows is False and row.verdict is None))


def _needs(needs: Sequence[NeedRow], done: dict[UUID, PageProgress]) -> tuple[ReviewNeed, ...]:
    """Return the requirements with their pages; a page that serves two stands with the first, a stray one at the end."""
    shown: set[UUID] = set()
    rows = []
    for need in needs:
        mine = [page.id for page in need.papers if page.id not in shown]
        shown.update(mine)
        rows.append(ReviewNeed(need.name, need.is_required, need.is_met, tuple(done[key] for key in mine)))
    if stray := tuple(page for key, page in done.items() if key not in shown):
        rows.append(ReviewNeed(Text("其他材料", "Other papers"), False, True, stray))
    return tuple(rows)


def _left(needs: Sequence[ReviewNeed], sides: Sequence[IdSideRow], policy: PaperReviewPolicy) -> tuple[Text, ...]:
    found = [one for side in sides for one in _left_of_side(side)]
    for need in needs:
        if need.is_required and not need.is_met:
            found.append(Text("缺少{name}", "{name} is missing").format(name=need.name))
        if not need.is_required and policy.look_at == "required":
            continue
        for page in need.pages:
            name = {"kind": page.paper.kind_text, "page": page.paper.page}
            if not page.is_seen:
                found.append(Text("{kind}第 {page} 页未查看", "{kind}, page {page}: not looked at").format(**name))
            elif page.open_codes:
                found.append(Text("{kind}第 {page} 页还有 {n} 项未核对", "{kind}, page {page}: {n} not judged").format(
                    n=len(page.open_codes), **name))
    return tuple(found)


def _left_of_side(side: IdSideRow) -> list[Text]:
    """What a side of the ID card still wants; a doubt about who it is cannot be approved away."""
    if not side.is_seen:
        return [Text("{side}未查看", "{side}: not looked at").format(side=side.name)]
    doubt = Text("{side}的{field}未获认可，只能退回或拒绝",
                 "{side}: {field} was not accepted, so the case is returned or declined")
    found = [doubt.format(side=side.name, field=one.label) for one in side.not_accepted]
    if side.open_codes:
        found.append(Text("{side}还有 {n} 项未核对", "{side}: {n} not judged").format(side=side.name, n=len(side.open_codes)))
    return found

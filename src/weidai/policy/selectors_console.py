"""Reading versions, their standing, differences, shadows and replays, for the console and the command line (R8.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from weidai.kernel.text import Text
from weidai.platform import clock
from weidai.policy import registry, selectors
from weidai.policy.errors import PackVersionNotFound, PolicyNotFound, ReplayNotFound
from weidai.policy.models import PackVersion, PolicyTerm, ReplayChange, ReplayRun, ShadowDecision
from weidai.policy.pack import HEAD, Pack
from weidai.policy.rules.comparing import Totals
from weidai.policy.rules.diffing import Difference, differences, flat
from weidai.policy.words import REPLAY_STATE_NAMES, SECTION_NAMES, STATE_NAMES


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A drafted version as shown. Staff stand as ids; `standing` says what a published one is worth today."""

    id: UUID
    title: str
    state: str
    state_text: Text
    standing: str  # in_force, scheduled or superseded; empty before publication
    version: str
    based_on: str
    revision: int
    effective_from: date | None
    content_hash: str
    author: str
    editors: tuple[str, ...]
    drafted_at: datetime
    edited_at: datetime
    validated_by: str
    validated_at: datetime | None
    shadow_at: datetime | None
    approved_by: str
    approved_at: datetime | None
    approval_note: str
    published_by: str
    published_at: datetime | None
    ended_by: str
    ended_at: datetime | None
    end_reason: str
    files: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its version, or that it is a draft still."""
        return self.version or self.title


@dataclass(frozen=True, slots=True)
class HeldRow:
    """From when to when a version held: what is asked when an old decision is looked at."""

    version: str
    since: date
    until: date | None  # first day on which another one holds
    is_published: bool  # in this installation; else from the folder
    placed_by: str
    reason: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """One file of a pack as rows of key and value."""

    name: str
    title: Text
    rows: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True)
class ShadowTotals:
    """How often the version in shadow agrees with what was decided."""

    kind: str
    name: Text
    count: int
    same_count: int

    @property
    def different_count(self) -> int:
        """Decisions it would have made differently."""
        return self.count - self.same_count

    @property
    def agreement(self) -> Fraction:
        """Share of the decisions that agree."""
        return Fraction(self.same_count, self.count) if self.count else Fraction(0)


@dataclass(frozen=True, slots=True)
class DecisionDifference:
    """One decision that comes out differently, in a shadow or a replay."""

    customer_id: UUID
    kind: str
    kind_name: Text
    subject_id: UUID
    decided_at: datetime
    pack_version: str
    changes: Sequence[Sequence[Any]]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A replay as shown."""

    id: UUID
    under: str
    since: datetime
    until: datetime
    kinds: tuple[str, ...]
    state: str
    state_text: Text
    total_count: int
    done_count: int
    totals: Mapping[str, Totals]
    failure: str
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None

    @property
    def last_day(self) -> datetime:
        """An instant of the last day of the period."""
        return self.until - timedelta(seconds=1)

    @property
    def is_open(self) -> bool:
        """It waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def same_count(self) -> int:
        """Decisions that came out bit for bit as they were."""
        return sum(one.same_count for one in self.totals.values())


def versions_list() -> list[VersionRow]:
    """Return every version drafted here, newest first."""
    standing = _standing()
    return [_version_row(row, standing) for row in PackVersion.objects.order_by("-id")]


def version_get(version_id: UUID) -> VersionRow:
    """Return one drafted version."""
    row = PackVersion.objects.filter(id=version_id).first()
    if row is None:
        raise PackVersionNotFound
    return _version_row(row, _standing())


def version_find(text: str) -> VersionRow:
    """Return a drafted version by its id, its version or the beginning of either (command line)."""
    for row in versions_list():
        if text and (str(row.id).startswith(text) or str(row.id).endswith(text) or row.version.startswith(text)):
            return row
    raise PackVersionNotFound


def held_list() -> list[HeldRow]:
    """Return which version held when, oldest first: the folder's and what was published here."""
    published = [(term.effective_from, 1, term.id, term.version, term.placed_by, term.reason)
                 for term in PolicyTerm.objects.order_by("id")]
    folder = [(pack.head.effective_from, 0, 0, pack.version, "", "") for pack in selectors.pack_list()]
    latest: dict[date, tuple[date, int, int, str, str, str]] = {}
    for one in sorted(folder + published):
        latest[one[0]] = one  # of two from one day the later one holds
    entries = [latest[day] for day in sorted(latest)]
    today = clock.today()
    rows = []
    for place, (since, is_term, _, version, placed_by, reason) in enumerate(entries):
        until = entries[place + 1][0] if place + 1 < len(entries) else None
        rows.append(HeldRow(version, since, until, bool(is_term), placed_by, reason,
                            is_now=since <= today and (until is None or today < until)))
    return rows


def pack_named(text: str) -> Pack:
    """Return a pack by version, by the id of a drafted version, or by the beginning of either; "live" is the one now."""
    if text in ("", "live"):
        return selectors.pack(clock.today())
    for pack in selectors.pack_list():
        if pack.version == text or pack.version.startswith(text) or pack.head.effective_from.isoformat() == text:
            return pack
    try:
        found = version_find(text)
    except PackVersionNotFound:
        raise PolicyNotFound(wanted=text) from None
    return pack_of(found)


def pack_of(row: VersionRow) -> Pack:
    """Return the pack of a drafted version; PolicyRefused when its draft is not even TOML with a head."""
    from weidai.policy.pack import pack_from_files

    return pack_from_files(row.files, label=row.title)


def diff(before: Pack, after: Pack) -> list[Difference]:
    """Return what differs between two packs, key by key in words."""
    return differences(_content(before), _content(after))


def sections_of(pack: Pack) -> list[SectionView]:
    """Return a pack's files as tables."""
    return [SectionView(name, section_title(name), tuple(flat(content))) for name, content in _content(pack).items()]


def section_title(name: str) -> Text:
    """Return the words for a section."""
    return SECTION_NAMES.get(name, Text(name, name))


def shadow_totals(version: str) -> list[ShadowTotals]:
    """Return the agreement of a version in shadow, by kind of decision."""
    rows = ShadowDecision.objects.filter(shadow_version=version).values("kind").annotate(
        count=Count("id"), same=Count("id", filter=Q(is_same=True))).order_by("kind")
    return [ShadowTotals(row["kind"], _kind_name(row["kind"]), row["count"], row["same"]) for row in rows]


def shadow_differences(version: str, *, offset: int = 0, limit: int = 50) -> list[DecisionDifference]:
    """Return decisions the version in shadow would have made differently, newest first."""
    rows = ShadowDecision.objects.filter(shadow_version=version, is_same=False).order_by("-decided_at", "-id")
    return [DecisionDifference(row.customer_id, row.kind, _kind_name(row.kind), row.subject_id, row.decided_at,
                               row.live_version, row.changes, row.live_effect, row.shadow_effect)
            for row in rows[offset:offset + limit]]


def replays_list(*, offset: int = 0, limit: int = 50) -> list[ReplayRow]:
    """Return replays, newest first."""
    return [_replay_row(row) for row in ReplayRun.objects.order_by("-id")[offset:offset + limit]]


def replay_get(run_id: UUID) -> ReplayRow:
    """Return one replay."""
    row = ReplayRun.objects.filter(id=run_id).first()
    if row is None:
        raise ReplayNotFound
    return _replay_row(row)


def replay_changes(run_id: UUID, *, offset: int = 0, limit: int = 50) -> list[DecisionDifference]:
    """Return what comes out differently in a replay, in the order in which it was decided."""
    rows = ReplayChange.objects.filter(run_id=run_id).order_by("decided_at", "id")
    return [_change_row(row) for row in rows[offset:offset + limit]]


def replay_changes_iterate(run_id: UUID, *, limit: int) -> Iterator[DecisionDifference]:
    """Return the same for a file, read in slices."""
    rows = ReplayChange.objects.filter(run_id=run_id).order_by("decided_at", "id")
    return (_change_row(row) for row in rows[:limit].iterator(chunk_size=500))


def kind_names() -> dict[str, Text]:
    """Return the kinds of decisions that can be made again, with their names."""
    return {code: kind.name for code, kind in registry.decision_kinds().items()}


def _kind_name(code: str) -> Text:
    return kind_names().get(code, Text(code, code))


def _content(pack: Pack) -> dict[str, Mapping[str, Any]]:
    head = {field: getattr(pack.head, field) for field in pack.head.__dataclass_fields__}
    words = {key: {"zh": value.zh, "en": value.en} if isinstance(value, Text) else value for key, value in head.items()}
    return {HEAD: words, **{name: section.raw for name, section in pack.sections.items()}}


def _standing() -> dict[str, str]:
    """Return what each published version is worth today."""
    found: dict[str, str] = {}
    today = clock.today()
    for row in held_list():
        if row.is_now:
            found[row.version] = "in_force"
        elif row.since > today:
            found.setdefault(row.version, "scheduled")
        else:
            found.setdefault(row.version, "superseded")
    return found


def _version_row(row: PackVersion, standing: Mapping[str, str]) -> VersionRow:
    return VersionRow(
        id=row.id, title=row.title, state=row.state, state_text=STATE_NAMES[row.state],
        standing=standing.get(row.version, "superseded") if row.state == PackVersion.State.LIVE else "",
        version=row.version, based_on=row.based_on, revision=row.revision, effective_from=row.effective_from,
        content_hash=row.content_hash, author=row.author, editors=tuple(row.editors), drafted_at=row.drafted_at,
        edited_at=row.edited_at, validated_by=row.validated_by, validated_at=row.validated_at, shadow_at=row.shadow_at,
        approved_by=row.approved_by, approved_at=row.approved_at, approval_note=row.approval_note,
        published_by=row.published_by, published_at=row.published_at, ended_by=row.ended_by, ended_at=row.ended_at,
        end_reason=row.end_reason, files=row.files)


def _replay_row(row: ReplayRun) -> ReplayRow:
    return ReplayRow(
        id=row.id, under=row.under, since=row.since, until=row.until, kinds=tuple(row.kinds), state=row.state,
        state_text=REPLAY_STATE_NAMES[row.state], total_count=row.total_count, done_count=row.done_count,
        totals={kind: Totals(**totals) for kind, totals in row.totals.items()}, failure=row.failure,
        asked_by=row.asked_by, asked_at=row.asked_at, finished_at=row.finished_at)


def _change_row(row: ReplayChange) -> DecisionDifference:
    return DecisionDifference(row.customer_id, row.kind, _kind_name(row.kind), row.subject_id, row.decided_at,
                              row.pack_version, row.changes, row.before, row.after)

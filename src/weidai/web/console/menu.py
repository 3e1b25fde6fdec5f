"""The side bar: which areas exist, and which of their entries a person sees (R8.6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from django.urls import reverse

from weidai.kernel.text import Text
from weidai.staff import rules

# One module per area; each has `urlpatterns` and `MENU`. Add the name of a new module here, nothing else.
AREAS: tuple[str, ...] = (
    "workbench", "review", "staff_video", "customers", "loans", "repayments", "money_back", "exceptions", "adjustments", "books",
    "reconciliation", "fraud", "papers", "paper_desk", "id_card_desk", "policy", "policy_edit", "policy_replay", "models",
    "audit_log", "staff", "system", "personal_data",
)


class Section:
    """The headings of the side bar, in their order (keys of SECTIONS)."""

    WORK = "work"
    REVIEW = "review"
    CUSTOMERS = "customers"
    SERVICING = "servicing"
    COLLECTIONS = "collections"
    FRAUD = "fraud"
    CASES = "cases"
    POLICY = "policy"
    PORTFOLIO = "portfolio"
    REGULATOR = "regulator"
    AUDIT = "audit"
    SYSTEM = "system"


SECTIONS: dict[str, Text] = {
    Section.WORK: Text("工作台", "Workbench"),
    Section.REVIEW: Text("审批", "Review"),
    Section.CUSTOMERS: Text("客户", "Customers"),
    Section.SERVICING: Text("贷后", "Servicing"),
    Section.COLLECTIONS: Text("催收", "Collections"),
    Section.FRAUD: Text("风控", "Fraud"),
    Section.CASES: Text("争议投诉", "Cases"),
    Section.POLICY: Text("策略与产品", "Policy"),
    Section.PORTFOLIO: Text("组合监测", "Portfolio"),
    Section.REGULATOR: Text("监管", "Regulator"),
    Section.AUDIT: Text("审计与存证", "Audit"),
    Section.SYSTEM: Text("系统", "System"),
}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry: where it stands, what it says, the page it opens and the permission that page carries."""

    section: str
    label: Text
    url_name: str
    permission: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An entry as drawn."""

    label: Text
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A heading with its entries."""

    label: Text
    items: tuple[ShownItem, ...]


@lru_cache(maxsize=1)
def menu_items() -> tuple[MenuItem, ...]:
    """The entries of all areas, read once a process."""
    return tuple(item for area in AREAS for item in import_module(f"weidai.web.console.pages.{area}").MENU)


def menu_for(roles: Iterable[rules.Role], path: str) -> list[ShownSection]:
    """What these roles see at `path`; the longest matching entry is the current one. Empty headings are left out."""
    held = rules.permissions_of(roles)
    items = [(item, reverse(item.url_name)) for item in menu_items() if item.permission in held]
    home = reverse("console:workbench")  # the start page is not the parent of every other page
    matching = [url for _, url in items if path == url or (url != home and path.startswith(f"{url}/"))]
    current = max(matching, key=len, default="")
    shown = []
    for key, label in SECTIONS.items():
        entries = tuple(ShownItem(item.label, url, url == current) for item, url in items if item.section == key)
        if entries:
            shown.append(ShownSection(label, entries))
    return shown

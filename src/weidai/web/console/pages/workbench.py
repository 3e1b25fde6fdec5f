"""The first page after log-in: who you are, what you may do, where it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.kernel.text import Text
from weidai.staff import rules
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.permissions import staff_page, staff_roles

MENU = (MenuItem(Section.WORK, Text("我的工作台", "My workbench"), "console:workbench", "staff.workbench.view"),)


@staff_page("staff.workbench.view")
def show(request: HttpRequest) -> HttpResponse:
    """Roles and permissions of the person who is logged in."""
    roles = sorted(staff_roles(request))
    held = rules.permissions_of(roles)
    return render(request, "console/pages/workbench.html", {
        "role_names": [rules.ROLE_NAMES[role] for role in roles],
        "permissions": [(code, rules.PERMISSIONS[code].meaning) for code in rules.PERMISSIONS if code in held],
    })


urlpatterns = [path("", show, name="workbench")]

"""Staff accounts and the permission table, to see and to search."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from weidai.kernel.text import Text
from weidai.staff import rules, selectors
from weidai.web.console.menu import MenuItem, Section
from weidai.web.shared.language import say
from weidai.web.shared.paging import csv_response, page_of, slice_asked
from weidai.web.shared.permissions import staff_page

MENU = (
    MenuItem(Section.SYSTEM, Text("用户与角色", "Users and roles"), "console:staff_list", "staff.user.view"),
    MenuItem(Section.SYSTEM, Text("权限表", "Permission table"), "console:permission_table", "staff.user.view"),
)


@staff_page("staff.user.view")
def staff_list(request: HttpRequest) -> HttpResponse:
    """Accounts with roles, second factor and last log-in."""
    asked = slice_asked(request)
    rows = selectors.staff_user_list(offset=asked.offset, limit=asked.limit)
    return render(request, "console/pages/staff_list.html", {
        "page": page_of(asked, rows), "role_names": rules.ROLE_NAMES,
    })


@staff_page("staff.user.view")
def permission_table(request: HttpRequest) -> HttpResponse:
    """Permission × role, as kept in `weidai.staff.rules`; also as CSV."""
    roles = list(rules.Role)
    if request.GET.get("format") == "csv":
        headings = [Text("权限", "Permission"), Text("含义", "Meaning"), *(rules.ROLE_NAMES[role] for role in roles)]
        return csv_response("permissions", headings, rules.PERMISSIONS.items(), lambda item: [
            item[0], say(item[1].meaning), *("1" if role in item[1].roles else "" for role in roles)])
    rows = [(code, permission.meaning, [role in permission.roles for role in roles])
            for code, permission in rules.PERMISSIONS.items()]
    return render(request, "console/pages/permission_table.html", {
        "role_names": [rules.ROLE_NAMES[role] for role in roles], "rows": rows,
    })


urlpatterns = [
    path("staff", staff_list, name="staff_list"),
    path("staff/permissions", permission_table, name="permission_table"),
]

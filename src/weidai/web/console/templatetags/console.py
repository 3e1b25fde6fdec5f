"""The side bar of the console. `{% load console %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from weidai.staff import rules
from weidai.web.console.menu import ShownSection, menu_for
from weidai.web.shared.permissions import second_factor_given, staff_roles

register = template.Library()


@register.simple_tag(takes_context=True)
def side_bar(context: RequestContext) -> list[ShownSection]:
    """The entries this person sees; nothing before the second factor is given."""
    request = context["request"]
    if not request.user.is_authenticated or not second_factor_given(request):
        return []
    return menu_for(staff_roles(request), request.path)


@register.filter
def role_name(role: str) -> Any:
    """The words for a role."""
    return rules.ROLE_NAMES[rules.Role(role)]

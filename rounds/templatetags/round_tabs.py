"""The header that all staff pages of a round share."""

from django import template
from django.template.context import Context

from rounds.models import DockingRound
from rounds.views.staff import round_pages

register = template.Library()


@register.inclusion_tag("rounds/staff/_round_tabs.html", takes_context=True)
def round_tabs(context: Context, docking_round: DockingRound) -> dict:
    """Back link, name, time and state of the round, its pages as tabs, and the parts of the current one."""
    request = context["request"]
    url_name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    return {
        "round": docking_round,
        "tabs": round_pages.round_tabs(docking_round, request.user, url_name),
        "parts": round_pages.part_tabs(docking_round, url_name),
        "site": context.get("site"),
    }

"""Template tags of the guest pages: answer badge, progress of a district, figures that link to their rows."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rounds.models import Party
from rounds.views.staff.guests.exports import STATES
from rounds.views.staff.guests.figures import TARGETS, Line, Where

register = template.Library()

ANSWERS = {"listed": "b-plain", "invited": "b-wait", "coming": "b-ok", "declined": "b-no", "withdrawn": "b-no"}
PROGRESS = {"far": "b-no", "behind": "b-wait", "going": "b-go", "done": "b-ok", "free": "b-plain"}


@register.simple_tag
def answer(party: Party) -> SafeString:
    """Return a badge for a guest's answer."""
    return format_html('<span class="badge {}">{}</span>', ANSWERS[party.answer], party.get_answer_display())


@register.simple_tag
def progress(line: Line) -> SafeString:
    """Return a badge for a district's progress, and what is missing."""
    badge = format_html('<span class="badge {}">{}</span>', PROGRESS[line.state], STATES[line.state])
    if not line.missing:
        return badge
    return format_html('{} <span class="small">{}</span>', badge, "；".join(line.missing))


@register.simple_tag
def figure(line: Line, name: str, where: Where) -> SafeString:
    """Return a district's figure as a link to its rows."""
    number = line.counts[name]
    if not number or line.region is None:
        return format_html("{}", number)
    query = urlencode({"round": where.held.public_id, "region": line.region.code})
    return format_html('<a href="{}?{}">{}</a>', reverse("admin:rounds_board_rows", args=[name]), query, number)


@register.simple_tag
def measured(line: Line, kind: str, where: Where) -> SafeString:
    """Return a district's figure and its target: 12/20."""
    target = line.targets.get(kind)
    return format_html("{}/{}", figure(line, TARGETS[kind], where), "—" if target is None else target)

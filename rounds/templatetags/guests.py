"""Tags of the pages about guests: an answer, a district's progress, and a figure that links to its rows."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rounds.models import Party
from rounds.views.staff.pre_docking_export import STATES
from rounds.views.staff.pre_docking_figures import TARGETS, BoardScope, DistrictRow

register = template.Library()

ANSWERS = {
    "listed": "b-plain",
    "invited": "b-wait",
    "coming": "b-ok",
    "declined": "b-no",
    "waiting": "b-wait",
    "withdrawn": "b-no",
}
PROGRESS = {"far": "b-no", "behind": "b-wait", "going": "b-go", "done": "b-ok", "free": "b-plain"}


@register.simple_tag
def answer(party: Party) -> SafeString:
    """A badge for the answer of a guest."""
    return format_html('<span class="badge {}">{}</span>', ANSWERS[party.answer], party.get_answer_display())


@register.simple_tag
def progress(row: DistrictRow) -> SafeString:
    """The state of a district in a word, and the figures below their target."""
    badge = format_html('<span class="badge {}">{}</span>', PROGRESS[row.state], STATES[row.state])
    if not row.missing:
        return badge
    return format_html('{} <span class="small">{}</span>', badge, "；".join(row.missing))


@register.simple_tag
def figure(row: DistrictRow, name: str, scope: BoardScope) -> SafeString:
    """A district's figure with a link to the rows it counts."""
    number = row.counts[name]
    if not number or row.region is None:
        return format_html("{}", number)
    query = urlencode({"round": scope.docking_round.public_id, "region": row.region.code})
    return format_html('<a href="{}?{}">{}</a>', reverse("admin:rounds_board_rows", args=[name]), query, number)


@register.simple_tag
def measured(row: DistrictRow, kind: str, scope: BoardScope) -> SafeString:
    """A district's figure and its target: 12/20."""
    target = row.targets.get(kind)
    return format_html("{}/{}", figure(row, TARGETS[kind], scope), "—" if target is None else target)

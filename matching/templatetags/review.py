"""Template tags of the review desk."""

from django import template

from accounts.models import User
from matching.desk_tabs import DeskTab, tabs_of
from matching.models import Match
from matching.readings.shown import ShownReading, readings_of
from matching.shown_feedback import feedback_of

register = template.Library()


@register.simple_tag
def queue_state(row: Match, user: User) -> str:
    """State of an entry of the list for the scripts and styles: its status, or why a proposed match waits."""
    if row.status != Match.Status.PROPOSED:
        return row.status
    if row.is_asked:
        return "asked"
    if row.is_on_hold:
        return "held"
    return "given" if row.assigned_to_id not in (None, user.pk) else "due"


@register.simple_tag
def reading_of(match: Match) -> ShownReading | None:
    """What the second reader said of a match, if it read it. One query."""
    return readings_of([match]).get(match.pk)


@register.simple_tag
def feedback_on(match: Match) -> list[str]:
    """What the sides themselves say against a match. One query."""
    return feedback_of([match]).get((match.achievement_id, match.demand_id), [])


@register.simple_tag(takes_context=True)
def desk_tabs(context: template.Context) -> list[DeskTab]:
    """Tabs of apps above this one."""
    return tabs_of(context["request"].user)

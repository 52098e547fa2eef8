"""The page on which staff settle each item of a round's checklist."""

from django.urls import NoReverseMatch, reverse

from rounds.models import DockingRound

PAGES = {
    "home": ("rounds_home", "{pk}", ""),
    "round": ("rounds_dockinground_change", "{pk}", ""),
    "halls": ("rounds_venue_places", "{pk}", ""),
    "venue": ("rounds_venue", "{pk}", ""),
    "agenda": ("rounds_agenda", "{pk}", ""),
    "papers": ("rounds_papers", "{pk}", ""),
    "timetable": ("rounds_timetable", "{pk}", ""),
    "meeting_requests": ("rounds_timetable_requests", "{pk}", ""),
    "talks": ("rounds_talks", "{pk}", ""),
    "late_answers": ("rounds_late_answers", "{pk}", ""),
    "calls": ("rounds_calls", "{pk}", ""),
    "outbox": ("rounds_outbox", "{pk}", ""),
    "guests": ("rounds_board", "", "?round={public_id}"),
    "featured": ("rounds_featured", "{pk}", ""),
    "report": ("rounds_report", "{pk}", ""),
    "meetings": ("rounds_day_day", "{public_id}", ""),
    "day": ("rounds_day_day", "{public_id}", ""),
    "after": ("deals_after", "", "?round={public_id}"),
    "matches": ("matching_match_changelist", "", "?run__id__exact={run}"),
}
"""Key of a checklist item → (URL name in the admin, its argument, query or fragment)."""


def checklist_link(key: str, docking_round: DockingRound) -> str:
    """The address for a key of PAGES; empty without a key, or if the page is not installed."""
    if not key:
        return ""
    name, argument, rest = PAGES[key]
    values = {"pk": docking_round.pk, "public_id": docking_round.public_id, "run": docking_round.match_run_id or ""}
    try:
        path = reverse(f"admin:{name}", args=[argument.format(**values)] if argument else [])
    except NoReverseMatch:
        return ""
    return path + rest.format(**values)

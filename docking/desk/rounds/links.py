"""Where each line of a checklist can be mended."""

from django.urls import NoReverseMatch, reverse

from docking.models import DockingRound

PAGES = {
    "round": ("docking_dockinground_change", "{pk}", ""),
    "halls": ("docking_dockinground_change", "{pk}", "#halls"),
    "venue": ("docking_venue", "{pk}", ""),
    "agenda": ("docking_agendaitem_changelist", "", "?docking_round__id__exact={pk}"),
    "papers": ("docking_papers", "{pk}", ""),
    "timetable": ("docking_timetable", "{pk}", ""),
    "wishes": ("docking_timetable_wishes", "{pk}", ""),
    "guests": ("docking_board", "", "?round={public_id}"),
    "fifty": ("docking_fifty", "{pk}", ""),
    "report": ("docking_report", "{pk}", ""),
    "meetings": ("docking_day_day", "{public_id}", ""),
    "day": ("docking_day_day", "{public_id}", ""),
    "after": ("docking_after", "", "?round={public_id}"),
    "matches": ("matching_match_changelist", "", "?run__id__exact={run}"),
}
"""Key of a place → (name of the page in the admin, its argument, what follows the path)."""


def link_of(where: str, docking_round: DockingRound) -> str:
    """The address at which to mend what stands under `where`; empty where there is no such page."""
    name, argument, rest = PAGES[where]
    values = {"pk": docking_round.pk, "public_id": docking_round.public_id, "run": docking_round.match_run_id or ""}
    try:
        path = reverse(f"admin:{name}", args=[argument.format(**values)] if argument else [])
    except NoReverseMatch:
        return ""
    return path + rest.format(**values)

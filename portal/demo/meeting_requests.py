"""Load meeting requests for the coming round of the demo city.

Meetings are gathered but not scheduled. A firm and an institution each request one meeting; the city sets a priority
and an order.
"""

from itertools import pairwise

from portal.demo.people import DemoContext
from rounds.models import DockingRound
from rounds.services.meeting_acceptance import answer_talk
from rounds.services.meeting_orders import set_order
from rounds.services.meeting_requests import request_meeting, requestable_achievements, requestable_demands
from rounds.services.meetings import gather_meetings, set_priority

HIGHEST_PRIORITY = 3
SILENT_EVERY = 9


def load_meeting_requests(demo: DemoContext) -> None:
    """Gather meetings for each coming round that has guests and no meetings."""
    for docking_round in DockingRound.objects.filter(status=DockingRound.Status.GATHERING):
        if docking_round.parties.coming().exists() and not docking_round.meetings.exists():
            gather_meetings(docking_round, by=demo.city)
            _load_words(docking_round)
            _load_requests(docking_round, demo)


def _load_words(docking_round: DockingRound) -> None:
    """Most parties have accepted their talks, by code; of each SILENT_EVERY talks one still waits for a side."""
    for number, meeting in enumerate(docking_round.meetings.awaiting_acceptance().order_by("pk")):
        for party in meeting.asked_sides[1:] if number % SILENT_EVERY == 0 else meeting.silent_sides:
            answer_talk(meeting, party, accepts=True, by=None)


def _load_requests(docking_round: DockingRound, demo: DemoContext) -> None:
    meetings = docking_round.meetings.select_related("firm_party__organisation", "institution_party__organisation")
    gathered = list(meetings.order_by("firm_party", "pk"))
    ordered = next((pair for pair in pairwise(gathered) if pair[0].firm_party_id == pair[1].firm_party_id), None)
    if ordered is None:
        return
    set_order(*ordered, by=demo.city)
    raised = next((meeting for meeting in reversed(gathered) if meeting.priority < HIGHEST_PRIORITY), gathered[-1])
    set_priority(raised, priority=HIGHEST_PRIORITY, is_must=False, by=demo.city)
    firm, office = ordered[0].firm_party, raised.institution_party
    known = docking_round.meetings.exclude(match=None)
    offer = (
        requestable_achievements(firm)
        .exclude(pk__in=known.filter(firm_party=firm).values("match__achievement"))
        .first()
    )
    need = (
        requestable_demands(office)
        .exclude(pk__in=known.filter(institution_party=office).values("match__demand"))
        .first()
    )
    for party, target in ((firm, offer), (office, need)):
        if target is not None:
            request_meeting(party, target, by=None, is_most=party == firm)

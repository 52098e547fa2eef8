"""The meetings wanted at the demo city's coming round: gathered, not yet planned, so that the guide can plan them; and
what people have said of them: a firm and an institution wish, the city puts one first and one before another."""

from itertools import pairwise

from portal.demo.people import Cast
from rounds.models import DockingRound
from rounds.services.meeting_orders import set_order
from rounds.services.meeting_requests import achievements_for, needs_for, wish
from rounds.services.meetings import gather_meetings, set_priority

FIRST = 3
"""The highest priority."""


def want_meetings(cast: Cast) -> None:
    """For each round that is still to come and has guests; what is wanted already stays as it is."""
    for docking_round in DockingRound.objects.filter(status=DockingRound.Status.GATHERING):
        if docking_round.parties.coming().exists() and not docking_round.meetings.exists():
            gather_meetings(docking_round, by=cast.city)
            _say(docking_round, cast)


def _say(docking_round: DockingRound, cast: Cast) -> None:
    meetings = docking_round.meetings.select_related("firm_party__organisation", "office_party__organisation")
    gathered = list(meetings.order_by("firm_party", "pk"))
    ordered = next((pair for pair in pairwise(gathered) if pair[0].firm_party_id == pair[1].firm_party_id), None)
    if ordered is None:
        return
    set_order(*ordered, by=cast.city)
    raised = next((one for one in reversed(gathered) if one.priority < FIRST), gathered[-1])
    set_priority(raised, priority=FIRST, is_must=False, by=cast.city)
    firm, office = ordered[0].firm_party, raised.office_party
    known = docking_round.meetings.exclude(match=None)
    offer = achievements_for(firm).exclude(pk__in=known.filter(firm_party=firm).values("match__achievement")).first()
    need = needs_for(office).exclude(pk__in=known.filter(office_party=office).values("match__demand")).first()
    for party, target in ((firm, offer), (office, need)):
        if target is not None:
            wish(party, target, by=None, is_most=party == firm)

"""The meetings wanted at the demo city's coming round: gathered, not yet planned, so that the guide can plan them."""

from docking.models import DockingRound
from docking.services import gather_meetings
from portal.demo.people import Cast


def want_meetings(cast: Cast) -> None:
    """For each round that is still to come and has guests; what is wanted already stays as it is."""
    for docking_round in DockingRound.objects.filter(status=DockingRound.Status.GATHERING):
        if docking_round.parties.coming().exists() and not docking_round.meetings.exists():
            gather_meetings(docking_round, by=cast.city)

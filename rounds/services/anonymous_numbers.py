"""Draws the numbers under which a round shows the firms of anonymous demands."""

import secrets

from django.db import transaction
from django.db.models import Q

from demands.models import Demand
from rounds.models import AnonymousNumber, DockingRound, Meeting

SMALLEST_RANGE = 99
"""Numbers are drawn from 1 to at least this, so that two digits are enough at most rounds."""


@transaction.atomic
def assign_anonymous_numbers(docking_round: DockingRound) -> None:
    """Give each meeting about an anonymous demand the number of that demand in this round. Idempotent.

    Numbers are never given back: a card that is printed once stays true.
    """
    waiting = list(
        Meeting.objects.filter(docking_round=docking_round, anonymous_number=None)
        .filter(Q(match__demand__is_anonymous=True) | Q(match=None, unmatched_demand__is_anonymous=True))
        .select_related("match__demand", "unmatched_demand")
    )
    if not waiting:
        return
    DockingRound.objects.select_for_update(of=("self",)).get(pk=docking_round.pk)  # two calls draw one after another
    numbers = dict(docking_round.anonymous_numbers.values_list("demand", "number"))
    demands = {meeting.demand.pk: meeting.demand for meeting in waiting if meeting.demand}
    new = [demand for pk, demand in demands.items() if pk not in numbers]
    numbers |= _draw(docking_round, new, set(numbers.values()))
    for meeting in waiting:
        if meeting.demand:
            meeting.anonymous_number = numbers[meeting.demand.pk]
    Meeting.objects.bulk_update(waiting, ["anonymous_number"], batch_size=500)


def _draw(docking_round: DockingRound, demands: list[Demand], taken: set[int]) -> dict[int, int]:
    size = max(SMALLEST_RANGE, 2 * (len(taken) + len(demands)))
    free = [number for number in range(1, size + 1) if number not in taken]
    drawn = dict(zip((demand.pk for demand in demands), secrets.SystemRandom().sample(free, len(demands)), strict=True))
    AnonymousNumber.objects.bulk_create(
        AnonymousNumber(docking_round=docking_round, demand_id=demand, number=number)
        for demand, number in drawn.items()
    )
    return drawn

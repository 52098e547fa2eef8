"""Rows behind numbers of a round's home: featured achievements, people, matches after the round."""

from django.db.models import QuerySet

from accounts.models import User
from matching.models import Match
from rounds.models import Attendee, DockingRound, FeaturedAchievement, Party
from rounds.models.party import AttendeeQuerySet


def featured_rows(docking_round: DockingRound, user: User) -> QuerySet[FeaturedAchievement]:
    """The achievements on the round's list, in its order; they are public with the round."""
    return docking_round.features.select_related("achievement__institution").order_by("rank", "pk")


def open_matches(docking_round: DockingRound, user: User) -> QuerySet[Match]:
    """Proposals of the run after the round that nobody has reviewed, the best first."""
    proposed = Match.objects.managed_by(user).filter(run__docking_round=docking_round, status=Match.Status.PROPOSED)
    return proposed.select_related("demand__firm__stat_region", "achievement__institution").order_by("-score", "pk")


def expected_people(docking_round: DockingRound, user: User) -> AttendeeQuerySet:
    """The people of coming parties that the user manages."""
    coming = Party.objects.managed_by(user).coming().filter(docking_round=docking_round)
    people = Attendee.objects.managed_by(user).filter(party__in=coming).select_related("party__organisation")
    return people.order_by("party__organisation__name", "party__team", "pk")


def people_here(docking_round: DockingRound, user: User) -> AttendeeQuerySet:
    return expected_people(docking_round, user).checked_in()


def people_with_needs(docking_round: DockingRound, user: User) -> AttendeeQuerySet:
    """Expected people who eat or need something special, for the staff who prepare the day; an auditor sees none."""
    scope = user.scope
    people = expected_people(docking_round, user)
    return people.with_needs() if scope.is_city or scope.is_district else people.none()

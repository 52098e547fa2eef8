"""The owner of a follow-up: who becomes it, and who may become it."""

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Membership, Role, User
from brokers.models import Broker
from matching.models import BrokerRequest, Match
from notices.recipients import district_officers


class NoOwnerAvailable(ValidationError):
    """Neither the firm's district nor the city has an officer."""


def choose_owner(match: Match) -> User:
    """The broker who accepted, else the reviewer, else an officer of the firm's district or of the city.

    Raises NoOwnerAvailable.
    """
    taken = match.broker_requests.filter(status=BrokerRequest.Status.TAKEN).select_related("broker__user").first()
    if taken and taken.broker.user and taken.broker.user.is_active:
        return taken.broker.user
    firm = match.demand.firm
    if match.reviewed_by and match.reviewed_by.is_active and _is_staff_of(match.reviewed_by, match):
        return match.reviewed_by
    ids = district_officers([firm.stat_region_id])[firm.stat_region_id] if firm.stat_region_id else []
    city = Membership.objects.filter(role=Role.CITY, user__is_active=True).order_by("pk").values_list("user", flat=True)
    chosen = min(ids) if ids else city.first()
    if chosen is None:
        raise NoOwnerAvailable("没有可以跟进的专员，请先为区市县或市级配置专员。")
    return User.objects.get(pk=chosen)


def possible_owners(match: Match) -> QuerySet[User]:
    """Officers of the firm's district, of the city and of the institution, and certified brokers with an account."""
    active = User.objects.filter(is_active=True)
    district = active.filter(
        memberships__role=Role.DISTRICT, memberships__organisation__stat_region=match.demand.firm.stat_region_id
    )
    institution = active.filter(
        memberships__role=Role.INSTITUTION, memberships__organisation=match.achievement.institution_id
    )
    brokers = active.filter(pk__in=Broker.objects.certified().exclude(user=None).values("user"))
    ids = [rows.values("pk") for rows in (district, active.filter(memberships__role=Role.CITY), institution, brokers)]
    return active.filter(pk__in=ids[0].union(*ids[1:])).order_by("name", "pk")


def _is_staff_of(user: User, match: Match) -> bool:
    return user.scope.is_city or match.demand.firm.stat_region_id in user.scope.region_ids

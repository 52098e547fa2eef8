"""Who keeps the public page of a broker or an agency: the broker, and every broker of the agency."""

from django.core.exceptions import PermissionDenied

from accounts.models import User
from brokerage.models import Profile
from brokers.models import Agency, Broker
from mandates.permissions import represents_agent


def require_keeper(owner: Broker | Agency, by: User) -> None:
    if not represents_agent(owner, by):
        raise PermissionDenied("主页由技术经纪人本人或本机构的经纪人维护。")


def is_keeper(profile: Profile, by: User) -> bool:
    return represents_agent(profile.owner, by)

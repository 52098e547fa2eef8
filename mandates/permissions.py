"""Who may do what with a mandate: the client, the agent, and staff of the client's district."""

from django.core.exceptions import PermissionDenied

from accounts.models import Organisation, User
from brokers.models import Agency, Broker
from mandates.models import Mandate

Side = Mandate.Side


def represents_client(client: Organisation, by: User) -> bool:
    """Whether the user is an officer of the firm or institution."""
    return client.pk in by.scope.firm_ids | by.scope.institution_ids


def represents_agent(agent: Broker | Agency, by: User) -> bool:
    if not by.scope.is_broker:
        return False
    if isinstance(agent, Broker):
        return agent.user_id == by.pk
    return agent.organisation_id in by.scope.agency_ids


def is_responsible_staff(client: Organisation, by: User) -> bool:
    """City staff, and staff of the district that reports the client. Auditors only read."""
    return by.scope.is_city or client.stat_region_id in by.scope.region_ids


def acting_side(mandate: Mandate, by: User) -> str:
    """The side for which the user acts. Raises PermissionDenied for everybody else."""
    side = mandate.side_of(by.scope)
    if not side:
        raise PermissionDenied("这份委托由双方自己办理。")
    return side


def require_only_side(mandate: Mandate, by: User, side: str) -> None:
    """Nobody agrees with himself: a user of both sides cannot answer what one of them proposes."""
    is_both = represents_client(mandate.client, by) and represents_agent(mandate.agent, by)
    if is_both:
        raise PermissionDenied("您同时属于委托方和受托方，请由另一方的其他人员办理。")
    if mandate.side_of(by.scope) != side:
        raise PermissionDenied("这一步由%s办理。" % Side(side).label)

"""What the page of a demand says of its call: to read it, to handle it, or to write one."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from challenges.models import Challenge
from challenges.services.drafting import refusal_to_start
from core.scope import scope_of
from demands.models import Demand
from demands.permissions import manages, owns


@dataclass(frozen=True)
class CallLink:
    """`public`: a published call that everybody may read, and which may be connected with the demand; `own`: the call
    that the reader handles; `may_start`: whether the reader may write one."""

    public: Challenge | None
    own: Challenge | None
    may_start: bool


def call_link(demand: Demand, user: User | AnonymousUser) -> CallLink:
    """At most two queries. The public page of an anonymous demand does not lead to its call, which names the firm after
    its opening."""
    latest = Challenge.objects.filter(demand=demand).with_firm().order_by("-pk").first()
    is_manager = scope_of(user).user_id != 0 and (owns(user, demand.firm) or manages(user, demand.firm))  # type: ignore[arg-type]
    is_public = latest is not None and latest.published_at is not None and not demand.is_anonymous
    return CallLink(
        public=latest if is_public else None,
        own=latest if is_manager else None,
        may_start=is_manager and not refusal_to_start(demand),
    )

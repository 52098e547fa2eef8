"""Publish and unpublish policies."""

from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from mechanism.models import Policy
from mechanism.services.measures import require_city_staff


def publish_policy(policy: Policy, *, by: User) -> None:
    require_city_staff(by)
    now = timezone.now()
    transition(
        policy,
        when={"published_at": None},
        values={"published_at": now, "updated_at": now},
        refusal=f"“{policy}”已经公开了。",
        action="公开政策",
        by=by,
        changes={"published_at": [None, now.isoformat()]},
    )


def unpublish_policy(policy: Policy, *, by: User, reason: str) -> None:
    """Remove a policy from the public pages and from hints. The reason goes into the audit trail."""
    require_city_staff(by)
    transition(
        policy,
        when={"published_at__isnull": False},
        values={"published_at": None, "updated_at": timezone.now()},
        refusal=f"“{policy}”没有公开。",
        action="撤下政策",
        by=by,
        changes={"reason": [None, reason.strip()[:200]]},
    )

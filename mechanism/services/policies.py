"""Publish and unpublish policies."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from mechanism.models import Policy
from mechanism.services.measures import require_city_staff


@transaction.atomic
def publish_policy(policy: Policy, *, by: User) -> None:
    require_city_staff(by)
    now = timezone.now()
    if not Policy.objects.filter(pk=policy.pk, published_at=None).update(published_at=now, updated_at=now):
        raise ValidationError("“%(policy)s”已经公开了。" % {"policy": policy})
    policy.refresh_from_db()
    record("公开政策", policy, by=by, changes={"published_at": [None, now.isoformat()]})


@transaction.atomic
def unpublish_policy(policy: Policy, *, by: User, reason: str) -> None:
    """Remove a policy from the public pages and from hints. The reason goes into the audit trail."""
    require_city_staff(by)
    published = Policy.objects.filter(pk=policy.pk, published_at__isnull=False)
    if not published.update(published_at=None, updated_at=timezone.now()):
        raise ValidationError("“%(policy)s”没有公开。" % {"policy": policy})
    policy.refresh_from_db()
    record("撤下政策", policy, by=by, changes={"reason": [None, reason.strip()[:200]]})

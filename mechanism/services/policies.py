"""A policy is shown to everybody, or not any more."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from mechanism.models import Policy
from mechanism.services.work import check_city


@transaction.atomic
def publish_policy(policy: Policy, *, by) -> None:
    check_city(by)
    now = timezone.now()
    if not Policy.objects.filter(pk=policy.pk, published_at=None).update(published_at=now, updated_at=now):
        raise ValidationError(_("“%(policy)s”已经公开了。") % {"policy": policy})
    policy.refresh_from_db()
    record(_("公开政策"), policy, by=by, changes={"published_at": [None, now.isoformat()]})


@transaction.atomic
def unpublish_policy(policy: Policy, *, by, reason: str) -> None:
    """Taken off the public pages and hinted at nowhere; the trail says why."""
    check_city(by)
    hidden = Policy.objects.filter(pk=policy.pk, published_at__isnull=False)
    if not hidden.update(published_at=None, updated_at=timezone.now()):
        raise ValidationError(_("“%(policy)s”没有公开。") % {"policy": policy})
    policy.refresh_from_db()
    record(_("撤下政策"), policy, by=by, changes={"reason": [None, reason.strip()[:200]]})

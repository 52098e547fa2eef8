"""保密承诺: sign and end the undertaking with which an institution or agency reads the details of demands."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from audit.transitions import constraint_message, transition
from core.plain_text import clean_reason
from demands.models import Undertaking
from demands.models.disclosure import UNDERTAKING_DURATION, UNDERTAKING_VERSION


@transaction.atomic
def sign_undertaking(organisation: Organisation, *, by: User, has_read: bool) -> Undertaking:
    """Sign the current text for an institution or agency for a year, by one of its officers or brokers.

    Replaces an expired undertaking and one in an older version. After the city has ended an undertaking, only the city
    can allow a new one (`allow_undertaking`). Raises PermissionDenied for others, ValidationError without `has_read`
    or if one is in force.
    """
    if organisation.pk not in by.scope.institution_ids | by.scope.agency_ids:
        raise PermissionDenied("保密承诺由院所和服务机构自己的人员签署。")
    if not has_read:
        raise ValidationError("请先阅读承诺书，再勾选“已阅读并同意”。")
    rows = Undertaking.objects.select_for_update().filter(organisation=organisation)
    last = rows.order_by("-signed_at", "-pk").first()
    if last and last.is_barred:
        raise ValidationError("市科技局已终止本单位的保密承诺，请联系市科技局后再签署。")
    now = timezone.now()
    outdated = rows.filter(ended_at=None).exclude(pk__in=Undertaking.objects.in_force().values("pk"))
    outdated.update(ended_at=now, ended_by=by, end_reason="到期或文本更新，重新签署")
    signed = Undertaking(
        organisation=organisation,
        version=UNDERTAKING_VERSION,
        signed_by=by,
        signed_at=now,
        valid_until=timezone.localdate(now) + UNDERTAKING_DURATION,
    )
    try:
        with transaction.atomic():
            signed.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Undertaking)) from None
    record("签署保密承诺", signed, by=by, changes={"valid_until": [None, str(signed.valid_until)]})
    return signed


def end_undertaking(undertaking: Undertaking, *, by: User, reason: str) -> None:
    """End an undertaking at once: by the organisation itself, or by the city, which also bars a new one.

    Raises PermissionDenied for others, ValidationError without a reason or if it has ended.
    """
    is_own = undertaking.organisation_id in by.scope.institution_ids | by.scope.agency_ids
    if not (is_own or by.scope.is_city):
        raise PermissionDenied("只有本单位和市科技局可以终止保密承诺。")
    reason = clean_reason(reason, "违反承诺对外转发需求")
    transition(
        undertaking,
        when={"ended_at": None},
        values={
            "ended_at": timezone.now(),
            "ended_by": by,
            "end_reason": reason,
            "is_barred": by.scope.is_city and not is_own,
        },
        refusal="这份保密承诺已经终止了。",
        action="终止保密承诺",
        by=by,
        changes={"end_reason": ["", reason]},
    )


def allow_undertaking(undertaking: Undertaking, *, by: User) -> None:
    """Allow the organisation to sign again after the city has ended its undertaking. Raises PermissionDenied."""
    if not by.scope.is_city:
        raise PermissionDenied("只有市科技局可以允许重新签署。")
    transition(
        undertaking,
        when={"is_barred": True},
        values={"is_barred": False},
        refusal="这个单位现在可以自己签署。",
        action="允许重新签署保密承诺",
        by=by,
    )

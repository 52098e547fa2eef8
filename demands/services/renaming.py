"""Check the published anonymous demands of a firm that has a new name."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.changes import audit_value
from audit.services import record
from audit.transitions import transition
from demands.masking import INDICATOR_FIELDS, PUBLIC_FIELDS, identifying_names, mask_firm
from demands.models import Demand
from demands.services.exposure import ExposureCheck
from demands.services.notifications import notify_renamed
from demands.services.transitions import Status

HIDDEN_FROM = (Status.PUBLISHED, Status.TRACKING)
"""Statuses from which a demand can go back to diagnosis; later ones stay public, since others work with them."""


@transaction.atomic
def check_renamed_firm(firm: Organisation, *, by: User | None) -> None:
    """Mask the new name where an anonymous demand writes it, and hide the demand where it is written in disguise.

    The text is changed at once in the database, because a search reads what is stored. The firm and its district are
    told. Demands that do not mention the name stay as they are.
    """
    demands = Demand.objects.filter(firm=firm, is_anonymous=True).exclude(status=Demand.Status.CLOSED)
    rows = list(demands.order_by("pk").select_for_update(of=("self",)).select_related("firm__stat_region", "industry"))
    check = ExposureCheck() if rows else None
    for demand in rows:
        is_masked = _mask_stored_texts(demand, by)
        finds = check.assess(demand).finds if check else ()
        is_hidden = demand.status in HIDDEN_FROM and any("本企业名称" in find.kind for find in finds)
        if is_hidden:
            _hide(demand, by)
        if is_masked or is_hidden:
            notify_renamed(demand, is_hidden=is_hidden)


def _mask_stored_texts(demand: Demand, by: User | None) -> bool:
    names = identifying_names(demand)
    changes: dict[str, Any] = {}
    for field in PUBLIC_FIELDS:
        value = getattr(demand, field)
        masked = (
            [mask_firm(word, names) for word in value] if isinstance(value, list | tuple) else mask_firm(value, names)
        )
        if masked != value:
            setattr(demand, field, masked)
            changes[field] = [audit_value(value), audit_value(masked)]
    indicators = []
    for indicator in demand.indicators.all():
        before = [getattr(indicator, field) for field in INDICATOR_FIELDS]
        for field in INDICATOR_FIELDS:
            setattr(indicator, field, mask_firm(getattr(indicator, field), names))
        if before != [getattr(indicator, field) for field in INDICATOR_FIELDS]:
            indicator.save()
            indicators.append(str(indicator))
    if indicators:
        changes["indicators"] = [None, indicators]
    if not changes:
        return False
    demand.save()
    record("改名后遮盖新名称", demand, by=by, changes=changes)
    return True


def _hide(demand: Demand, by: User | None) -> None:
    reason = "单位名称变更后，文字里出现了近似新名称的写法，请修改或由企业确认后重新发布。"
    transition(
        demand,
        when={"status__in": HIDDEN_FROM},
        values={"status": Status.DIAGNOSIS, "status_reason": reason, "status_changed_at": timezone.now()},
        refusal="需求的状态刚有变化。",
        action="改名后暂停公开",
        by=by,
        changes={"status": [demand.status, Status.DIAGNOSIS]},
    )

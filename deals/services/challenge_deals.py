"""The deal between the firm of a challenge (揭榜挂帅) and the institution whose bid was awarded; its acceptance."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.services import record
from brokers.models import Agency
from core.plain_text import clean_required_text
from deals.models import Deal, OpenChallenge
from deals.permissions import is_responsible_staff, may_accept_challenge, represents
from deals.services import notifications
from deals.services.deal_parts import set_instrument
from deals.services.deals import save_new_deal
from demands.models import Demand


@transaction.atomic
def open_challenge_deal(
    demand: Demand,
    *,
    seller: Organisation,
    name: str,
    intent_wan: Decimal,
    terms: dict[str, Any],
    by: User,
    achievement: Achievement | None = None,
    agency: Agency | None = None,
) -> Deal:
    """A deal at 意向 with 揭榜挂帅 as its origin and `terms` as its instrument; both parties are asked to confirm it.

    agency: has bid together with the seller; it counts for it once both parties confirm its part in the contract.

    By the responsible staff or an officer of the firm. Raises PermissionDenied, ValidationError.
    """
    if not (is_responsible_staff(by, buyer=demand.firm) or represents(by, demand.firm)):
        raise PermissionDenied("这一榜不由您签约。")
    deal = Deal(
        origin=Deal.Origin.CHALLENGE,
        name=name[:120],
        seller=seller,
        buyer=demand.firm,
        outside_demand=demand,
        outside_achievement=achievement,
        agency=agency,
        intent_wan=intent_wan,
        made_by=by,
    )
    deal = save_new_deal(deal, None, "", by)
    set_instrument(deal, "open_challenge", by=by, **terms)
    return deal


@transaction.atomic
def record_acceptance(deal: Deal, *, accepted_on: date, verdict: str, by: User) -> None:
    """验收: by the firm that set the prize, or the responsible staff; never by who did the work. Both hear of it.

    Raises PermissionDenied, ValidationError by field.
    """
    row = Deal.objects.lock(deal)
    if not may_accept_challenge(row, by):
        raise PermissionDenied("验收由发榜企业或科技部门记录。")
    terms = OpenChallenge.objects.filter(deal=row).first()
    if row.origin != Deal.Origin.CHALLENGE or terms is None:
        raise ValidationError("只有由榜单产生的成交项目在这里验收。")
    if row.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError(f"成交项目现在是“{row.get_stage_display()}”，签约以后才能验收。")
    if accepted_on > timezone.localdate():
        raise ValidationError({"accepted_on": f"验收日期 {accepted_on} 还没有到，请填写已经验收的日期。"})
    if accepted_on < terms.closes_on:
        raise ValidationError({"accepted_on": f"验收日期 {accepted_on} 早于揭榜截止 {terms.closes_on}，请检查。"})
    prompt = "请写明验收结论，例如“连续 200 箱，平均 66 秒，通过”。"
    verdict = clean_required_text(verdict, prompt, 300, name="验收结论")
    values = {"accepted_on": accepted_on, "verdict": verdict}
    changes = {name: [str(getattr(terms, name) or ""), str(value)] for name, value in values.items()}
    OpenChallenge.objects.filter(pk=terms.pk).update(**values)
    record("记录揭榜验收", row, by=by, changes=changes)
    notifications.challenge_accepted(row, terms.list_number, accepted_on, by)

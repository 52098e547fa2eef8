"""Publicity (公示) of an agreed price, and objections to it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from deals.models import Deal, PriceObjection, PricePublicity
from deals.models.instrument import PUBLICITY_DAYS
from deals.permissions import require_deal_contributor, require_price_publisher


class PublicityProblem(NamedTuple):
    """Why a deal cannot be signed on a day. Unless `is_final`, a reason in the note of the signing settles it."""

    sentence: str
    is_final: bool


@transaction.atomic
def publish_price(
    deal: Deal, *, place: str, price_wan: Decimal, starts_on: date, ends_on: date | None = None, by: User
) -> PricePublicity:
    """Record the publication of the price by the seller, by default for 15 days.

    Raises PermissionDenied unless the user contributes to the deal, ValidationError if the period is too short or the
    deal is signed.
    """
    row = Deal.objects.lock(deal)
    require_price_publisher(row, by)
    if not Deal.objects.filter(pk=row.pk).confirmed_by_all_parties().exists():
        raise ValidationError("双方都确认这项成交以后才能公示价格，否则会以对方的名义公示。")
    if row.stage != Deal.Stage.INTENT:
        raise ValidationError("价格公示在签约之前进行。")
    if starts_on > timezone.localdate() + timedelta(days=60):
        raise ValidationError("公示开始日期太远，请核对。")
    publicity = PricePublicity(
        deal=row,
        place=place.strip(),
        price_wan=price_wan,
        starts_on=starts_on,
        ends_on=ends_on or starts_on + timedelta(days=PUBLICITY_DAYS),
        made_by=by,
    )
    publicity.full_clean()
    publicity.save(force_insert=True)
    days = [starts_on.isoformat(), publicity.ends_on.isoformat()]
    record("记录价格公示", row, by=by, changes={"publicity": [None, "—".join(days)]})
    return publicity


@transaction.atomic
def object_to_price(publicity: PricePublicity, *, who: str, text: str, raised_on: date, by: User) -> PriceObjection:
    """Record an objection raised during the publicity. Raises PermissionDenied, ValidationError."""
    row = Deal.objects.lock(publicity.deal)
    require_deal_contributor(row, by)
    if not publicity.starts_on <= raised_on <= min(publicity.ends_on, timezone.localdate()):
        raise ValidationError("异议要在公示期内提出，请核对日期。")
    objection = PriceObjection(publicity=publicity, who=who.strip(), text=text.strip(), raised_on=raised_on)
    objection.full_clean()
    objection.save(force_insert=True)
    record("记录公示异议", row, by=by, changes={"objection": [None, raised_on.isoformat()]})
    return objection


@transaction.atomic
def settle_objection(objection: PriceObjection, *, outcome: str, settled_on: date, by: User) -> None:
    """Record how an objection was settled. Raises PermissionDenied, ValidationError if it is settled already."""
    row = Deal.objects.lock(objection.publicity.deal)
    require_price_publisher(row, by)
    if not outcome.strip() or not objection.raised_on <= settled_on <= timezone.localdate():
        raise ValidationError("处理异议要写明结果和日期，日期不早于提出日期，也不晚于今天。")
    settled = PriceObjection.objects.filter(pk=objection.pk, settled_on=None).update(
        outcome=outcome.strip()[:500], settled_on=settled_on
    )
    if not settled:
        raise ValidationError("这项异议已经处理过了。")
    record("处理公示异议", row, by=by, changes={"objection": [None, settled_on.isoformat()]})
    objection.refresh_from_db()


def publicity_problem(deal: Deal, on: date) -> PublicityProblem | None:
    """Why a deal that requires publicity cannot be signed on that day; None if it can."""
    publicity = deal.publicities.first()
    if publicity is None:
        return PublicityProblem(
            "协议定价的科技成果要先公示不少于 15 日。请先记录公示；已在别处公示的，请在说明中写明公示情况。", False
        )
    if PriceObjection.objects.filter(publicity__deal=deal, settled_on=None).exists():
        return PublicityProblem("公示异议还没有处理，不能签约。", True)
    if on <= publicity.ends_on:
        return PublicityProblem("公示到 %(day)s 结束，之后才能签约。" % {"day": publicity.ends_on.isoformat()}, True)
    if deal.signed_wan != publicity.price_wan:
        return PublicityProblem(
            "签约金额与公示的 %(price)s 万元不同，请在说明中写明原因，或按新价格重新公示。"
            % {"price": publicity.price_wan},
            False,
        )
    return None

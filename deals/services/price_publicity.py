"""公示 of an agreed price, and objections to it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from deals.models import Deal, PriceObjection, PricePublicity
from deals.models.instrument import PUBLICITY_DAYS
from deals.permissions import check_part, locked_deal


class PublicityProblem(NamedTuple):
    """Why a deal cannot be signed on a day yet. Not `is_final`: no record of it here, so a reason will do."""

    sentence: str
    is_final: bool


@transaction.atomic
def publish_price(
    deal: Deal, *, place: str, price_wan: Decimal, starts_on: date, ends_on: date | None = None, by
) -> PricePublicity:
    """Write down that the price is (or was) published in the seller's unit; by default for 15 days.

    Raises PermissionDenied for strangers, ValidationError when it is too short or the deal is signed.
    """
    row = locked_deal(deal)
    check_part(row, by)
    if row.stage != Deal.Stage.INTENT:
        raise ValidationError(_("价格公示在签约之前进行。"))
    if starts_on > timezone.localdate() + timedelta(days=60):
        raise ValidationError(_("公示开始日期太远，请核对。"))
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
def object_to_price(publicity: PricePublicity, *, who: str, text: str, raised_on: date, by) -> PriceObjection:
    """Somebody objects while the price is published. Raises PermissionDenied, ValidationError."""
    row = locked_deal(publicity.deal)
    check_part(row, by)
    if not publicity.starts_on <= raised_on <= min(publicity.ends_on, timezone.localdate()):
        raise ValidationError(_("异议要在公示期内提出，请核对日期。"))
    objection = PriceObjection(publicity=publicity, who=who.strip(), text=text.strip(), raised_on=raised_on)
    objection.full_clean()
    objection.save(force_insert=True)
    record("记录公示异议", row, by=by, changes={"objection": [None, raised_on.isoformat()]})
    return objection


@transaction.atomic
def settle_objection(objection: PriceObjection, *, outcome: str, settled_on: date, by) -> None:
    """What was done about an objection. Raises PermissionDenied, ValidationError for a second settling."""
    row = locked_deal(objection.publicity.deal)
    check_part(row, by)
    if not outcome.strip() or not objection.raised_on <= settled_on <= timezone.localdate():
        raise ValidationError(_("处理异议要写明结果和日期，日期不早于提出日期，也不晚于今天。"))
    settled = PriceObjection.objects.filter(pk=objection.pk, settled_on=None).update(
        outcome=outcome.strip()[:500], settled_on=settled_on
    )
    if not settled:
        raise ValidationError(_("这项异议已经处理过了。"))
    record("处理公示异议", row, by=by, changes={"objection": [None, settled_on.isoformat()]})
    objection.refresh_from_db()


def publicity_problem(deal: Deal, on: date) -> PublicityProblem | None:
    """What stands against signing on that day an agreed price that the law wants published; None where nothing does."""
    publicity = deal.publicities.first()
    if publicity is None:
        return PublicityProblem(
            _("协议定价的科技成果要先公示不少于 15 日。请先记录公示；已在别处公示的，请在说明中写明公示情况。"), False
        )
    if PriceObjection.objects.filter(publicity__deal=deal, settled_on=None).exists():
        return PublicityProblem(_("公示异议还没有处理，不能签约。"), True)
    if on <= publicity.ends_on:
        return PublicityProblem(_("公示到 %(day)s 结束，之后才能签约。") % {"day": publicity.ends_on.isoformat()}, True)
    if deal.signed_wan != publicity.price_wan:
        return PublicityProblem(
            _("签约金额与公示的 %(price)s 万元不同，请在说明中写明原因，或按新价格重新公示。")
            % {"price": publicity.price_wan},
            False,
        )
    return None

"""Publicity (公示) of an agreed price, and objections to it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Role, User
from audit.services import record
from core.public_text import personal_data_message, personal_finds
from core.workdays import add_workdays
from deals.models import Deal, PriceObjection, PricePublicity
from deals.models.instrument import PUBLICITY_DAYS
from deals.permissions import may_publish_price, represents, require_deal_contributor, require_price_publisher
from deals.services.notifications import price_objected, price_objection_settled
from demands.masking import find_firm_mention, names_of_firm

ANSWER_WORKDAYS = 10
"""For the answer to an objection."""
MOST_OPEN = 20
PLATFORM = "平台公示页"
MOST_PROLONGED = 180


class PublicityProblem(NamedTuple):
    """Why a deal cannot be signed on a day. Unless `is_final`, a reason in the note of the signing settles it."""

    sentence: str
    is_final: bool


@transaction.atomic
def publish_price(
    deal: Deal,
    *,
    place: str,
    price_wan: Decimal,
    starts_on: date,
    ends_on: date | None = None,
    is_public: bool = False,
    by: User,
) -> PricePublicity:
    """Publicise the price on the platform, or record its publication elsewhere, by default for 15 days.

    On the platform it stands with the title of the achievement and without the buyer, and begins today or later.
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
    title = _public_title(row) if is_public else ""
    if is_public and starts_on < timezone.localdate():
        raise ValidationError("在平台上公示从今天或以后开始；以前在别处公示过的，请记录为别处的公示。")
    publicity = PricePublicity(
        deal=row,
        is_public=is_public,
        title=title,
        place=place.strip() or (PLATFORM if is_public else ""),
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


def _public_title(deal: Deal) -> str:
    """That of the achievement: a deal's own name may name the buyer. Raises ValidationError without an achievement."""
    if deal.achievement is None:
        raise ValidationError("这项成交没有关联平台上的成果，不能在平台上公示；请在本单位网站公示后记录。")
    _refuse_buyer(deal, deal.achievement.title, "成果名称")
    return deal.achievement.title


def _refuse_buyer(deal: Deal, text: str, what: str) -> None:
    """The public page does not say who buys."""
    if deal.buyer and (mention := find_firm_mention(text, names_of_firm(deal.buyer))):
        raise ValidationError(f"公示页上不写受让方的名称，请从{what}里去掉“{mention}”。")


@transaction.atomic
def prolong_publicity(publicity: PricePublicity, *, ends_on: date, reason: str, by: User) -> None:
    """Let a publicity that has not ended end later. Raises PermissionDenied, ValidationError."""
    row = Deal.objects.lock(publicity.deal)
    require_price_publisher(row, by)
    publicity.refresh_from_db()
    reason = reason.strip()
    if publicity.ends_on < timezone.localdate():
        raise ValidationError("公示已经结束，不能延长；需要的话请重新公示。")
    if not publicity.ends_on < ends_on <= publicity.ends_on + timedelta(days=MOST_PROLONGED):
        raise ValidationError(f"新的结束日期要晚于 {publicity.ends_on.isoformat()}，最多延长 {MOST_PROLONGED} 天。")
    if len(reason) < 2:
        raise ValidationError("延长公示请写明原因。")
    _refuse_buyer(row, reason, "延长原因")
    before = publicity.ends_on
    publicity.ends_on, publicity.prolonged_reason = ends_on, reason[:200]
    publicity.full_clean(exclude=["deal", "title"])
    publicity.save(update_fields=["ends_on", "prolonged_reason"])
    record("延长价格公示", row, by=by, changes={"ends_on": [before.isoformat(), ends_on.isoformat()]})


@transaction.atomic
def raise_objection(publicity: PricePublicity, *, who: str, contact: str, text: str, by: User | None) -> PriceObjection:
    """An objection by a visitor or a user, on the public page while it runs. Tells the seller's office.

    Raises ValidationError, also for more than MOST_OPEN open objections to one publicity.
    """
    row = Deal.objects.lock(publicity.deal)
    if not PricePublicity.objects.public().running().filter(pk=publicity.pk).exists():
        raise ValidationError("公示已经结束或还没有开始，现在不能提出异议。")
    if publicity.objections.filter(is_from_page=True, settled_on=None).count() >= MOST_OPEN:
        raise ValidationError("这项公示还有很多异议等处理，请过几天再提，或直接联系公示单位。")
    today = timezone.localdate()
    objection = PriceObjection(
        publicity=publicity,
        who=who.strip(),
        contact=contact.strip(),
        text=text.strip(),
        raised_on=today,
        raised_by=by,
        is_from_page=True,
        due_on=add_workdays(today, ANSWER_WORKDAYS),
    )
    if len(objection.text) < 10:
        raise ValidationError({"text": "请写明事实和理由，不少于 10 个字。"})
    objection.full_clean(exclude=["publicity", "raised_by", "settled_by"])
    objection.save(force_insert=True)
    record("提出公示异议", row, by=by, changes={"objection": [None, today.isoformat()]})
    price_objected(objection)
    return objection


def may_settle(objection: PriceObjection, user: User) -> bool:
    """Who may decide about an objection.

    One from the public page is decided by the seller's office, but neither by who made the publicity nor by who
    objected; if the office has nobody else, by the city.
    """
    deal = objection.publicity.deal
    if not may_publish_price(deal, user):
        return False
    if not objection.is_from_page:
        return True
    if user.pk in (objection.publicity.made_by_id, objection.raised_by_id):
        return False
    return represents(user, deal.seller) or (user.scope.is_city and not _has_other_officers(objection))


def _has_other_officers(objection: PriceObjection) -> bool:
    involved = [pk for pk in (objection.publicity.made_by_id, objection.raised_by_id) if pk]
    rows = Membership.objects.filter(
        organisation=objection.publicity.deal.seller_id,
        role__in=[Role.INSTITUTION, Role.FIRM],
        user__is_active=True,
    )
    return rows.exclude(user__in=involved).exists()


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
    if not may_settle(objection, by):
        raise PermissionDenied(
            "公示的经办人和提出异议的人不能处理这项异议，请本单位的另一位专员处理；没有别人的，由市科技局处理。"
        )
    if objection.is_from_page:
        _refuse_buyer(row, outcome, "处理结果")
        if finds := personal_finds(outcome):
            raise ValidationError(personal_data_message(finds))
    if not outcome.strip() or not objection.raised_on <= settled_on <= timezone.localdate():
        raise ValidationError("处理异议要写明结果和日期，日期不早于提出日期，也不晚于今天。")
    settled = PriceObjection.objects.filter(pk=objection.pk, settled_on=None).update(
        outcome=outcome.strip()[:500], settled_on=settled_on, settled_by=by
    )
    if not settled:
        raise ValidationError("这项异议已经处理过了。")
    record("处理公示异议", row, by=by, changes={"objection": [None, settled_on.isoformat()]})
    objection.refresh_from_db()
    price_objection_settled(objection)


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

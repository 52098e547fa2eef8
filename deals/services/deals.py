"""The way of a deal, stage by stage. Every step locks the deal's row first, so that two who act at once come in turn.

Which steps there are stands in `deals.stages`; what a stage needs before it can be reached stands here.
"""

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from achievements.models import Achievement
from achievements.services.lifecycle import clear_exclusive, mark_exclusive
from audit.changes import audit_value
from audit.services import record
from deals.models import Deal, DealStep
from deals.permissions import check_worker, locked_deal, speaks_for, works_on
from deals.services.price_publicity import publicity_problem
from deals.stages import NEEDS_REASON, Move, move_of
from demands.models import Demand
from matching.models import BrokerRequest, FollowUp
from matching.services.follow_ups import close_after_failed_deal, convert_to_deal
from rounds.models import Meeting
from taxonomy.models import TransferWay

Stage = Deal.Stage
WAYS_TO_PUBLISH = (TransferWay.ASSIGNMENT, TransferWay.LICENCE, TransferWay.EQUITY)


@transaction.atomic
def open_deal(
    source: FollowUp | Meeting, *, by, on: date | None = None, intent_wan: Decimal | None = None, note: str = ""
) -> Deal:
    """Carry a pair on as a deal at 意向: from its follow-up, or from a meeting.

    The follow-up, the meeting's own if it has one, is handed over in the same transaction. `intent_wan` in 万元, else
    the sum that was named in the meeting. Raises PermissionDenied for whoever does not follow the pair,
    ValidationError where it cannot be carried on, or a deal carries it already.
    """
    meeting = source if isinstance(source, Meeting) else None
    follow_up = source if meeting is None else _follow_up_of(source)
    if follow_up is not None:
        follow_up = convert_to_deal(follow_up, by=by, note=note or _("转入成交"))
        match = follow_up.match
        buyer, seller = match.demand.firm, match.achievement.institution
        meeting = meeting or Meeting.objects.held().filter(match=match).order_by("-ended_at").first()
        name = match.achievement.title
        origin = Deal.Origin.MEETING if isinstance(source, Meeting) else Deal.Origin.MATCH
    else:
        match, buyer, seller = None, meeting.firm_party.organisation, meeting.institution_party.organisation
        if not works_on(by, buyer=buyer):
            raise PermissionDenied(_("这场洽谈不由您跟进。"))
        if meeting.status != Meeting.Status.HELD:
            raise ValidationError(_("洽谈结束后才能转入成交。"))
        if meeting.deals.standing().exists():
            raise ValidationError(_("这场洽谈已经转入成交。"))
        name, origin = meeting.topic or str(meeting), Deal.Origin.MEETING
    broker = _broker_of(match)
    deal = Deal(
        origin=origin,
        follow_up=follow_up,
        meeting=meeting,
        name=name[:120],
        seller=seller,
        buyer=buyer,
        broker=broker,
        agency=broker.agency if broker else None,
        intent_wan=intent_wan if intent_wan is not None else _sum_named_in(meeting),
        made_by=by,
    )
    return _opened(deal, on, note, by)


@transaction.atomic
def open_outside_deal(
    *,
    name: str,
    seller: Organisation,
    buyer: Organisation,
    by,
    achievement: Achievement | None = None,
    demand: Demand | None = None,
    on: date | None = None,
    intent_wan: Decimal | None = None,
    note: str = "",
) -> Deal:
    """A deal that did not come about on the platform, and says so. By staff of the buyer's district or the city, or by
    one of the two sides. Raises PermissionDenied, ValidationError."""
    if not (works_on(by, buyer=buyer) or speaks_for(by, seller) or speaks_for(by, buyer)):
        raise PermissionDenied(_("只能登记本单位或本区企业的成交。"))
    if seller == buyer:
        raise ValidationError(_("转让方和受让方不能是同一个单位。"))
    if achievement and achievement.institution_id != seller.pk:
        raise ValidationError(_("“%(title)s”不是转让方的成果。") % {"title": achievement})
    if demand and demand.firm_id != buyer.pk:
        raise ValidationError(_("“%(title)s”不是受让方的需求。") % {"title": demand})
    deal = Deal(
        origin=Deal.Origin.OUTSIDE,
        name=name.strip(),
        seller=seller,
        buyer=buyer,
        achievement=achievement,
        demand=demand,
        intent_wan=intent_wan,
        made_by=by,
    )
    return _opened(deal, on, note, by)


@transaction.atomic
def sign_deal(
    deal: Deal,
    *,
    on: date,
    signed_wan: Decimal | None,
    way: str,
    by,
    licence: str = "",
    pricing: str = "",
    exclusive_from: date | None = None,
    note: str = "",
    person: str = "",
) -> DealStep:
    """→ 协议签约, with the terms. For one alone (转让, 独占, 排他) the item leaves the matching from `exclusive_from`
    on, by default from the day of signing.

    An agreed price of an institution must have been published: an unfinished publicity or an open objection refuses
    the step; where none is recorded here, `note` has to say where it was. Raises PermissionDenied, ValidationError.
    """
    row = locked_deal(deal)
    check_worker(row, by)
    if way not in TransferWay.values:
        raise ValidationError(_("请选择转化方式。"))
    if (way == TransferWay.LICENCE) != bool(licence):
        raise ValidationError(_("技术许可请选择许可方式，其他转化方式不填。"))
    if exclusive_from and exclusive_from < on:
        raise ValidationError(_("独占开始日期不能早于签约日期。"))
    row.way, row.licence, row.pricing, row.signed_wan = way, licence, pricing, signed_wan
    row.exclusive_from = (exclusive_from or on) if row.is_for_one_alone else None
    _complete(row)
    if must_publish(row) and (problem := publicity_problem(row, on)) and (problem.is_final or not note.strip()):
        raise ValidationError(problem.sentence)
    step = _take(row, Stage.SIGNED, on=on, by=by, note=note, person=person)
    terms = {name: getattr(row, name) for name in ("way", "licence", "pricing", "signed_wan", "exclusive_from")}
    Deal.objects.filter(pk=row.pk).update(**terms)
    record(
        "记录签约条件", row, by=by, changes={name: [None, audit_value(value)] for name, value in terms.items() if value}
    )
    if row.exclusive_from and row.item:
        mark_exclusive(row.item, since=row.exclusive_from, by=by)
    deal.refresh_from_db()
    return step


@transaction.atomic
def take_step(deal: Deal, target: str, *, on: date, by, note: str = "", person: str = "") -> DealStep:
    """→ `target`, on a day not before the last step's and not to come; skipping and going back say why in `note`.

    协议签约 is reached by `sign_deal`, 合同登记 by registering the contract, 未成 by `fail_deal`. Raises
    PermissionDenied for whoever does not carry the deal, ValidationError for a step that cannot be taken.
    """
    row = locked_deal(deal)
    check_worker(row, by)
    if target not in Stage.values:
        raise ValidationError(_("请选择阶段。"))
    move = move_of(row.stage, target)
    if target == Stage.FAILED:
        raise ValidationError(_("记为未成请选择原因。"))
    if target == Stage.SIGNED and move in (Move.NEXT, Move.SKIP):
        raise ValidationError(_("签约请填写签约金额和转化方式。"))
    step = _take(row, target, on=on, by=by, note=note, person=person)
    if move == Move.BACK and target == Stage.INTENT:
        _unsign(row, by=by)
    deal.refresh_from_db()
    return step


@transaction.atomic
def fail_deal(deal: Deal, *, reason: str, note: str, on: date, by) -> DealStep:
    """→ 未成, with the reason; the item is free for others again and nothing is marked as transferred or solved.

    Not while a contract of it is registered. Raises PermissionDenied, ValidationError.
    """
    row = locked_deal(deal)
    check_worker(row, by)
    if reason not in Deal.FailReason.values:
        raise ValidationError(_("记为未成请选择原因。"))
    if row.contracts.registered().exists():
        raise ValidationError(_("合同已认定登记，不能记为未成；如合同已解除，请先注销登记。"))
    step = _take(row, Stage.FAILED, on=on, by=by, note=note, failed_reason=reason)
    _free_item(row, by=by)
    if row.follow_up_id:
        close_after_failed_deal(row.follow_up, note=note, by=by)
    deal.refresh_from_db()
    return step


def registered_in_deal(deal: Deal, *, on: date, by, note: str = "") -> None:
    """A contract of a locked deal was registered: 合同登记 is reached, if it was not passed already."""
    move = move_of(deal.stage, Stage.REGISTERED)
    if move in (Move.NEXT, Move.SKIP):
        words = note or (_("由合同登记确认") if move == Move.SKIP else "")
        _take(deal, Stage.REGISTERED, on=max(on, deal.stage_on), by=by, note=words)


def unregistered_in_deal(deal: Deal, *, on: date, by, note: str) -> None:
    """The last registration of a locked deal was cancelled: it is back at 协议签约, unless it has gone on since."""
    if deal.stage == Stage.REGISTERED and not deal.contracts.registered().exists():
        _take(deal, Stage.SIGNED, on=max(on, deal.stage_on), by=by, note=note)


def performing_in_deal(deal: Deal, *, on: date, by) -> None:
    """The first money of a locked deal came in: 合同登记 → 履约到账."""
    if deal.stage == Stage.REGISTERED:
        _take(deal, Stage.PERFORMING, on=min(max(on, deal.stage_on), timezone.localdate()), by=by)


def must_publish(deal: Deal) -> bool:
    """Whether the law asks for publicity of the price: an institution's agreed one (成果转化法 art. 18)."""
    return (
        deal.pricing == Deal.Pricing.AGREED
        and deal.way in WAYS_TO_PUBLISH
        and deal.seller is not None
        and deal.seller.kind == Organisation.Kind.INSTITUTION
    )


def _opened(deal: Deal, on: date | None, note: str, by) -> Deal:
    deal.stage_on = _checked_day(on or timezone.localdate(), None)
    _complete(deal)
    try:
        with transaction.atomic():
            deal.save(force_insert=True)
    except IntegrityError:
        raise ValidationError(_("这项对接已经转入成交。")) from None
    DealStep.objects.create(
        deal=deal, stage=deal.stage, move=DealStep.Move.OPEN, on=deal.stage_on, note=note.strip()[:500], by=by
    )
    record("转入成交", deal, by=by, changes={"stage": [None, deal.stage], "origin": [None, deal.origin]})
    return deal


def _take(deal: Deal, target: str, *, on: date, by, note: str = "", person: str = "", **columns) -> DealStep:
    """The one place where a locked deal changes its stage."""
    move = move_of(deal.stage, target)
    if move is None:
        raise ValidationError(
            _("“%(deal)s”现在是“%(now)s”，不能改为“%(target)s”。")
            % {"deal": deal, "now": deal.get_stage_display(), "target": Stage(target).label}
        )
    note = note.strip()[:500]
    if move in NEEDS_REASON and not note:
        raise ValidationError(_("跳过阶段、退回或结束请说明原因。"))
    _check_reached(deal, target, move, note)
    on = _checked_day(on, deal.stage_on)
    before = deal.stage
    moved = Deal.objects.filter(pk=deal.pk, stage=before).update(stage=target, stage_on=on, **columns)
    if not moved:
        raise ValidationError(_("成交项目刚被改变，请刷新后再看。"))
    deal.stage, deal.stage_on = target, on
    for name, value in columns.items():
        setattr(deal, name, value)
    step = DealStep.objects.create(
        deal=deal, stage=target, move=move.value, on=on, note=note, person=person.strip()[:30], by=by
    )
    record("更新成交阶段", deal, by=by, changes={"stage": [before, target], "on": [None, on.isoformat()]})
    return step


def _check_reached(deal: Deal, target: str, move: Move, note: str) -> None:
    """What a stage says must be there."""
    has_registered = deal.contracts.registered().exists()
    if target == Stage.REGISTERED and not has_registered:
        raise ValidationError(_("还没有已认定登记的合同，请先在合同登记中填写登记编号。"))
    if move == Move.BACK and target in (Stage.INTENT, Stage.SIGNED) and has_registered:
        raise ValidationError(_("合同已认定登记，不能退回；如合同已解除，请先注销登记。"))
    if target == Stage.PERFORMING and move != Move.BACK and not deal.payments.counted().exists():
        raise ValidationError(_("还没有到账记录，请先记下第一笔到账。"))
    if target == Stage.LANDED and move != Move.BACK and not deal.landings.exists():
        raise ValidationError(_("请先填写落地情况（公司、产线或产品）。"))
    if target == Stage.REVIEWED and len(note) < 10:
        raise ValidationError(_("复盘请写明经验和不足，至少 10 个字。"))


def _checked_day(on: date, last: date | None) -> date:
    if on > timezone.localdate():
        raise ValidationError(_("日期不能晚于今天。"))
    if last and on < last:
        raise ValidationError(_("日期不能早于上一步的 %(day)s。") % {"day": last.isoformat()})
    return on


def _unsign(deal: Deal, *, by) -> None:
    """Back at 意向 the terms do not hold any more; the trail keeps what they were."""
    _free_item(deal, by=by)
    before = {"signed_wan": deal.signed_wan, "way": deal.way, "licence": deal.licence}
    deal.signed_wan, deal.way, deal.licence, deal.pricing, deal.exclusive_from = None, "", "", "", None
    Deal.objects.filter(pk=deal.pk).update(signed_wan=None, way="", licence="", pricing="", exclusive_from=None)
    record(
        "撤回签约条件",
        deal,
        by=by,
        changes={name: [audit_value(value), None] for name, value in before.items() if value},
    )


def _free_item(deal: Deal, *, by) -> None:
    """Nobody has the item alone because of this deal any more; the earliest day of another deal stands."""
    item = deal.item
    if deal.exclusive_from is None or item is None:
        return
    others = Deal.objects.standing().filter(exclusive_from__isnull=False).exclude(pk=deal.pk)
    days = [other.exclusive_from for other in others.with_pair() if other.item == item]
    clear_exclusive(item, by=by)
    if days:
        mark_exclusive(item, since=min(days), by=by)


def _complete(deal: Deal) -> None:
    """Texts cleaned and every constraint asked, for a sentence instead of an IntegrityError. What is unique is left to
    the database."""
    deal.full_clean(exclude=["follow_up", "public_id"], validate_unique=False)


def _follow_up_of(meeting: Meeting) -> FollowUp | None:
    return FollowUp.objects.not_withdrawn().filter(match=meeting.match_id).first() if meeting.match_id else None


def _broker_of(match):
    taken = BrokerRequest.objects.filter(match=match, status=BrokerRequest.Status.TAKEN) if match else None
    request = taken.select_related("broker__agency").order_by("-answered_at").first() if match else None
    return request.broker if request else None


def _sum_named_in(meeting: Meeting | None) -> Decimal | None:
    """The lowest sum that a side named: what both may be taken to have meant."""
    sums = meeting.outcomes.exclude(intent_wan=None).values_list("intent_wan", flat=True) if meeting else []
    return min(sums, default=None)

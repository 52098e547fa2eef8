"""A deal from stage to stage. Each step locks the row of the deal, so that steps on it run one after another.

`deals.stages` holds the possible moves; this module checks what a stage requires.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.changes import audit_value
from audit.services import record
from audit.transitions import transition
from brokers.models import Broker
from deals.models import Deal, DealStep
from deals.permissions import is_responsible_staff, represents, require_deal_manager
from deals.services import notifications
from deals.services.confirmations import ask_parties
from deals.services.payment_bounds import require_deal_covers_payments
from deals.services.price_publicity import publicity_problem
from deals.services.settlement import release_exclusivity, settle_deal, was_binding
from deals.stages import NEEDS_REASON, Move, move_between
from enquiries.mandated_work import broker_by_mandate
from enquiries.models import Approach
from matching.models import BrokerRequest, FollowUp, Match
from matching.services.follow_ups import close_after_failed_deal, convert_to_deal
from rounds.models import Meeting
from rounds.services.meeting_follow_up import both_intend
from taxonomy.models import TransferWay

Stage = Deal.Stage
WAYS_WITH_PUBLICITY = (TransferWay.ASSIGNMENT, TransferWay.LICENCE, TransferWay.EQUITY)
MIN_REVIEW_LENGTH = 10


# --- Opening ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def open_deal(
    source: FollowUp | Meeting, *, by: User, on: date | None = None, intent_wan: Decimal | None = None, note: str = ""
) -> Deal:
    """Continue a follow-up or a meeting as a deal at 意向, and hand over the follow-up, if there is one.

    `intent_wan` in 万元; by default the lowest amount in the outcomes of the meeting. Raises PermissionDenied unless
    the user follows the pair, ValidationError if it cannot be continued or has a deal already.
    """
    if isinstance(source, FollowUp):
        deal = _deal_from_follow_up(source, meeting=None, by=by, note=note)
    elif follow_up := _follow_up_of(source):
        deal = _deal_from_follow_up(follow_up, meeting=source, by=by, note=note)
    else:
        deal = _deal_from_meeting(source, by=by)
    if intent_wan is not None:
        deal.intent_wan = intent_wan
    deal.made_by = by
    return save_new_deal(deal, on, note, by)


def _deal_from_follow_up(follow_up: FollowUp, *, meeting: Meeting | None, by: User, note: str) -> Deal:
    follow_up = convert_to_deal(follow_up, by=by, note=note or "转入成交")
    match = follow_up.match
    broker = _broker_of(match)
    origin = Deal.Origin.MEETING if meeting else _origin_of(follow_up)
    meeting = meeting or Meeting.objects.held().filter(match=match).order_by("-ended_at").first()
    return Deal(
        origin=origin,
        follow_up=follow_up,
        meeting=meeting,
        name=match.achievement.title[:120],
        seller=match.achievement.institution,
        buyer=match.demand.firm,
        broker=broker,
        agency=broker.agency if broker else None,
        intent_wan=_lowest_intent(meeting),
    )


def _origin_of(follow_up: FollowUp) -> Deal.Origin:
    """主动对接 if the sides agreed to talk in an approach; else the engine proposed the pair."""
    began = Approach.objects.began_talks().filter(match=follow_up.match_id).exists()
    return Deal.Origin.APPROACH if began else Deal.Origin.MATCH


def _deal_from_meeting(meeting: Meeting, *, by: User) -> Deal:
    """For a meeting without a follow-up. Raises PermissionDenied, ValidationError."""
    buyer, seller = meeting.firm_party.organisation, meeting.institution_party.organisation
    if not is_responsible_staff(by, buyer=buyer):
        raise PermissionDenied("这场洽谈不由您跟进。")
    if meeting.status != Meeting.Status.HELD:
        raise ValidationError("洽谈结束后才能转入成交。")
    if meeting.deals.active().exists():
        raise ValidationError("这场洽谈已经转入成交。")
    if not both_intend(meeting):
        raise ValidationError("双方都由本单位记录“有意向”后，才能转入成交；现场记录不代表双方。")
    return Deal(
        origin=Deal.Origin.MEETING,
        meeting=meeting,
        name=(meeting.topic or str(meeting))[:120],
        seller=seller,
        buyer=buyer,
        intent_wan=_lowest_intent(meeting),
    )


def save_new_deal(deal: Deal, on: date | None, note: str, by: User) -> Deal:
    """Store a deal at 意向 and ask its parties. Raises ValidationError."""
    deal.stage_on = _checked_day(on or timezone.localdate(), None)
    _validate(deal)
    try:
        with transaction.atomic():
            deal.save(force_insert=True)
    except IntegrityError:
        raise ValidationError("这项对接已经转入成交。") from None
    DealStep.objects.create(
        deal=deal, stage=deal.stage, move=DealStep.Move.OPEN, on=deal.stage_on, note=note.strip()[:500], by=by
    )
    record("转入成交", deal, by=by, changes={"stage": [None, deal.stage], "origin": [None, deal.origin]})
    ask_parties(deal, by=by)
    notifications.intermediaries_named(deal, by)
    deal.refresh_from_db()
    return deal


@transaction.atomic
def correct_deal(
    deal: Deal,
    *,
    by: User,
    name: str | None = None,
    intent_wan: Decimal | None = None,
    signed_wan: Decimal | None = None,
) -> None:
    """Correct the name or an amount (万元), as after an objection; both parties are asked again.

    By a manager, or an officer of a side while the deal is 意向. Raises PermissionDenied, ValidationError.
    """
    row = Deal.objects.lock(deal)
    is_side = represents(by, row.seller) or represents(by, row.buyer)
    if not (row.stage == Stage.INTENT and is_side):
        require_deal_manager(row, by)
    if row.stage == Stage.FAILED:
        raise ValidationError("这项成交已记为未成，不能更正。")
    if signed_wan is not None and row.stage == Stage.INTENT:
        raise ValidationError("签约以后才有签约金额。")
    values = {"name": (name or "").strip() or row.name, "intent_wan": intent_wan, "signed_wan": signed_wan}
    new = {key: value for key, value in values.items() if value is not None and value != getattr(row, key)}
    if not new:
        raise ValidationError("没有改动，请先改正要更正的内容。")
    changes = {key: [audit_value(getattr(row, key)), audit_value(value)] for key, value in new.items()}
    for key, value in new.items():
        setattr(row, key, value)
    _validate(row)
    require_deal_covers_payments(row, row.signed_wan)
    Deal.objects.filter(pk=row.pk).update(**new)
    record("更正成交", row, by=by, changes=changes)
    ask_parties(row, by=by)
    deal.refresh_from_db()


# --- Stages -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def sign_deal(
    deal: Deal,
    *,
    on: date,
    signed_wan: Decimal | None,
    way: str,
    by: User,
    licence: str = "",
    pricing: str = "",
    exclusive_from: date | None = None,
    note: str = "",
    person: str = "",
) -> DealStep:
    """→ 协议签约 with the terms, which both parties are asked to confirm.

    Once they have, an exclusive deal (转让, 独占, 排他) takes the achievement out of the matching from
    `exclusive_from`, by default the day of signing.

    An agreed price of an institution needs a finished publicity without open objections; without a recorded publicity
    `note` has to say where the price was published. Raises PermissionDenied, ValidationError.
    """
    row = Deal.objects.lock(deal)
    require_deal_manager(row, by)
    _require_undisputed(row)
    if way not in TransferWay.values:
        raise ValidationError("请选择转化方式。")
    if (way == TransferWay.LICENCE) != bool(licence):
        raise ValidationError("技术许可请选择许可方式，其他转化方式不填。")
    if exclusive_from and exclusive_from < on:
        raise ValidationError("独占开始日期不能早于签约日期。")
    row.way, row.licence, row.pricing, row.signed_wan = way, licence, pricing, signed_wan
    row.exclusive_from = (exclusive_from or on) if row.is_exclusive else None
    _validate(row)
    require_deal_covers_payments(row, signed_wan)
    if requires_publicity(row) and (problem := publicity_problem(row, on)) and (problem.is_final or not note.strip()):
        raise ValidationError(problem.sentence)
    terms = {name: getattr(row, name) for name in ("way", "licence", "pricing", "signed_wan", "exclusive_from")}
    step = _change_stage(row, Stage.SIGNED, on=on, by=by, note=note, person=person, **terms)
    record(
        "记录签约条件", row, by=by, changes={name: [None, audit_value(value)] for name, value in terms.items() if value}
    )
    ask_parties(row, by=by)
    deal.refresh_from_db()
    return step


@transaction.atomic
def advance_deal(deal: Deal, target: str, *, on: date, by: User, note: str = "", person: str = "") -> DealStep:
    """→ `target` on a day between that of the last step and today. Skipping and going back need a reason in `note`.

    Use `sign_deal` for 协议签约, `register_contract` for 合同登记 and `fail_deal` for 未成. Raises PermissionDenied,
    ValidationError.
    """
    row = Deal.objects.lock(deal)
    require_deal_manager(row, by)
    if target not in Stage.values:
        raise ValidationError("请选择阶段。")
    move = move_between(row.stage, target)
    if target == Stage.FAILED:
        raise ValidationError("记为未成请选择原因。")
    if move in (Move.NEXT, Move.SKIP):
        _require_undisputed(row)
    if target == Stage.INTENT and was_binding(row):
        raise ValidationError("双方已经确认签约，不能退回意向；如已解除，请记为未成，由双方确认。")
    if target == Stage.SIGNED and move in (Move.NEXT, Move.SKIP):
        raise ValidationError("签约请填写签约金额和转化方式。")
    step = _change_stage(row, target, on=on, by=by, note=note, person=person)
    if move == Move.BACK and target == Stage.INTENT:
        _clear_terms(row, by=by)
    ask_parties(row, by=by)
    deal.refresh_from_db()
    return step


@transaction.atomic
def fail_deal(deal: Deal, *, reason: str, note: str, on: date, by: User) -> DealStep:
    """→ 未成 with a reason. Makes the achievement available again and closes the follow-up.

    If both parties had confirmed the signing, both are asked to confirm the end, and until then an exclusivity lasts.
    Refused while a contract of the deal is registered. Raises PermissionDenied, ValidationError.
    """
    row = Deal.objects.lock(deal)
    require_deal_manager(row, by)
    if reason not in Deal.FailReason.values:
        raise ValidationError("记为未成请选择原因。")
    if row.contracts.registered().exists():
        raise ValidationError("合同已认定登记，不能记为未成；如合同已解除，请先注销登记。")
    step = _change_stage(row, Stage.FAILED, on=on, by=by, note=note, failed_reason=reason)
    ask_parties(row, by=by)
    row.refresh_from_db()
    settle_deal(Deal.objects.with_pair().get(pk=row.pk), by)
    if row.follow_up:
        close_after_failed_deal(row.follow_up, note=note, by=by)
    deal.refresh_from_db()
    return step


def advance_to_registered(deal: Deal, *, on: date, by: User, note: str = "") -> None:
    """A contract of the locked deal was registered: → 合同登记, unless the deal is there or further."""
    move = move_between(deal.stage, Stage.REGISTERED)
    if move in (Move.NEXT, Move.SKIP):
        reason = note or ("由合同登记确认" if move == Move.SKIP else "")
        _change_stage(deal, Stage.REGISTERED, on=max(on, deal.stage_on), by=by, note=reason)


def return_to_signed(deal: Deal, *, on: date, by: User, note: str) -> None:
    """The registration of a contract of the locked deal was cancelled: 合同登记 → 协议签约 if it was the last one."""
    if deal.stage == Stage.REGISTERED and not deal.contracts.registered().exists():
        _change_stage(deal, Stage.SIGNED, on=max(on, deal.stage_on), by=by, note=note)


def advance_to_performing(deal: Deal, *, on: date, by: User) -> None:
    """The locked deal received its first payment: 合同登记 → 履约到账."""
    if deal.stage == Stage.REGISTERED:
        _change_stage(deal, Stage.PERFORMING, on=min(max(on, deal.stage_on), timezone.localdate()), by=by)


def requires_publicity(deal: Deal) -> bool:
    """Whether the price must be published: an agreed price of an institution (促进科技成果转化法, article 18)."""
    return (
        deal.pricing == Deal.Pricing.AGREED
        and deal.way in WAYS_WITH_PUBLICITY
        and deal.seller is not None
        and deal.seller.kind == Organisation.Kind.INSTITUTION
    )


def _require_undisputed(deal: Deal) -> None:
    if Deal.objects.filter(pk=deal.pk).disputed().exists():
        raise ValidationError("一方对这项成交有异议，请先按异议更正，由对方重新确认；不属实的请记为未成。")


def _change_stage(
    deal: Deal, target: str, *, on: date, by: User, note: str = "", person: str = "", **columns: Any
) -> DealStep:
    """Change the stage of a locked deal together with `columns`, and record the step."""
    move = move_between(deal.stage, target)
    if move is None:
        raise ValidationError(
            "“%(deal)s”现在是“%(now)s”，不能改为“%(target)s”。"
            % {"deal": deal, "now": deal.get_stage_display(), "target": Stage(target).label}
        )
    note = note.strip()[:500]
    if move in NEEDS_REASON and not note:
        raise ValidationError("跳过阶段、退回或结束请说明原因。")
    _check_stage_requirements(deal, target, move, note)
    on = _checked_day(on, deal.stage_on)
    before = deal.stage
    transition(
        deal,
        when={"stage": before},
        values={"stage": target, "stage_on": on} | columns,
        refusal="成交项目刚被改变，请刷新后再看。",
        action="更新成交阶段",
        by=by,
        changes={"stage": [before, target], "on": [None, on.isoformat()]},
    )
    return DealStep.objects.create(
        deal=deal, stage=target, move=move.value, on=on, note=note, person=person.strip()[:30], by=by
    )


def _check_stage_requirements(deal: Deal, target: str, move: Move, note: str) -> None:
    has_registered = deal.contracts.registered().exists()
    if target == Stage.REGISTERED and not has_registered:
        raise ValidationError("还没有已认定登记的合同，请先在合同登记中填写登记编号。")
    if move == Move.BACK and target in (Stage.INTENT, Stage.SIGNED) and has_registered:
        raise ValidationError("合同已认定登记，不能退回；如合同已解除，请先注销登记。")
    if target == Stage.PERFORMING and move != Move.BACK and not deal.payments.counted().exists():
        raise ValidationError("还没有到账记录，请先记下第一笔到账。")
    if target == Stage.LANDED and move != Move.BACK and not deal.landings.exists():
        raise ValidationError("请先填写落地情况（公司、产线或产品）。")
    if target == Stage.REVIEWED and len(note) < MIN_REVIEW_LENGTH:
        raise ValidationError("复盘请写明经验和不足，至少 10 个字。")


def _checked_day(on: date, earliest: date | None) -> date:
    if on > timezone.localdate():
        raise ValidationError("日期不能晚于今天。")
    if earliest and on < earliest:
        raise ValidationError("日期不能早于上一步的 %(day)s。" % {"day": earliest.isoformat()})
    return on


def _clear_terms(deal: Deal, *, by: User) -> None:
    """Clear the terms of a deal that went back to 意向; the audit entry keeps them."""
    release_exclusivity(deal, by=by)
    before = {"signed_wan": deal.signed_wan, "way": deal.way, "licence": deal.licence}
    deal.signed_wan, deal.way, deal.licence, deal.pricing, deal.exclusive_from = None, "", "", "", None
    Deal.objects.filter(pk=deal.pk).update(signed_wan=None, way="", licence="", pricing="", exclusive_from=None)
    record(
        "撤回签约条件",
        deal,
        by=by,
        changes={name: [audit_value(value), None] for name, value in before.items() if value},
    )


def _validate(deal: Deal) -> None:
    """Clean texts and check constraints, so that a violation is a message. The database checks uniqueness."""
    deal.full_clean(exclude=["follow_up", "public_id"], validate_unique=False)


def _follow_up_of(meeting: Meeting) -> FollowUp | None:
    return FollowUp.objects.not_withdrawn().filter(match=meeting.match_id).first() if meeting.match_id else None


def _broker_of(match: Match) -> Broker | None:
    """The broker who took the latest request for the match, else the agent of a side who worked on it."""
    taken = BrokerRequest.objects.filter(match=match, status=BrokerRequest.Status.TAKEN)
    request = taken.select_related("broker__agency").order_by("-answered_at").first()
    return request.broker if request else broker_by_mandate(match)


def _lowest_intent(meeting: Meeting | None) -> Decimal | None:
    """The lowest amount (万元) that a side of the meeting named itself, because both sides meant at least that."""
    amounts = meeting.outcomes.own().values_list("intent_wan", flat=True) if meeting else []
    return min((amount for amount in amounts if amount is not None), default=None)

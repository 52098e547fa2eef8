"""应答: an institution answers an open demand with one of its own achievements, or with an offer without one."""

from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import Organisation, User
from achievements.models import Achievement
from achievements.services.editing import create_achievement
from audit.transitions import transition
from core.confidentiality import find_secrecy_marking
from core.plain_text import clean_required_text
from demands.models import Demand
from enquiries.models import Approach, Offer
from enquiries.models.approach import Side
from enquiries.models.offer import MAX_DURATION, MAX_OFFER_TEXT
from enquiries.permissions import acting_side
from enquiries.services.closing import end_approach
from enquiries.services.sending import begin_approach
from enquiries.services.texts import checked_text
from enquiries.services.thread import add_event, lock_approach
from matching.models import Match
from matching.services.side_feedback import say_unfit
from taxonomy.models import Industry, TransferWay

MOST_OF_ONE_DEMAND = 3
"""Answers that one institution may give to one demand, withdrawn ones not counted."""
END_REASONS = {
    Match.RejectReason.FIELD: Approach.EndReason.NOT_FIT,
    Match.RejectReason.INDICATOR: Approach.EndReason.NOT_FIT,
    Match.RejectReason.TOO_EARLY: Approach.EndReason.NOT_FIT,
    Match.RejectReason.PRICE: Approach.EndReason.TERMS,
    Match.RejectReason.HAS_SUPPLIER: Approach.EndReason.TAKEN,
    Match.RejectReason.OTHER: Approach.EndReason.OTHER,
}
"""How an approach ends for a reason of the review."""


@dataclass(frozen=True)
class OfferDetails:
    """The fields of `Offer` as written."""

    method: str = ""
    duration: str = ""
    price_min_wan: Decimal | None = None
    price_max_wan: Decimal | None = None
    strength: str = ""


def refusal_of(demand: Demand, *, by_firms: Container[int] = ()) -> str:
    """Why a demand takes no answer of a user, as one sentence; empty if nothing is in the way.

    `by_firms`: the firms for which the user acts.
    """
    if demand.firm_id in by_firms:
        return "这是您本人所在企业的需求，不能由您应答；请由院所的其他同事办理。"
    if demand.status == Demand.Status.SOLVED:
        return "这项需求已经解决，不再接收应答。"
    if demand.status == Demand.Status.CHALLENGE:
        return "这项需求已转为揭榜挂帅，请按榜单公布的办法揭榜。"
    if not Demand.objects.open().filter(pk=demand.pk).exists():
        return "企业已暂停或关闭这项需求，现在不接收应答。"
    return ""


def lacks_undertaking(demand: Demand, *, by: User) -> bool:
    """Whether the user has to sign the undertaking before reading, and therefore answering, the demand."""
    return not Demand.objects.detailed_for(by).filter(pk=demand.pk).exists()


@transaction.atomic
def answer_demand(
    demand: Demand,
    *,
    institution: Organisation,
    text: str,
    by: User,
    achievement: Achievement | None = None,
    details: OfferDetails | None = None,
) -> Approach:
    """Send an answer to the firm of an open demand. `achievement`: of the institution and on offer; None: a free offer.

    Raises PermissionDenied for others than officers of the institution; ValidationError, by field where one is to
    blame, for a demand that takes no answers, without the undertaking that it asks for, for a second answer with the
    same achievement, beyond the limits, and for texts with personal data or a secrecy marking.
    """
    if institution.pk not in by.scope.institution_ids:
        raise PermissionDenied("只有院所自己的专员可以替院所应答。")
    # Locked, so that two colleagues at the same moment count each other's answers, and no answer follows a closure.
    demand = Demand.objects.select_for_update(of=("self",)).select_related("firm").get(pk=demand.pk)
    if refusal := refusal_of(demand, by_firms=by.scope.firm_ids):
        raise ValidationError(refusal)
    if lacks_undertaking(demand, by=by):
        raise ValidationError("企业只公开了摘要，请先签署保密承诺，看过全文再应答。")
    _check_achievement(demand, institution, achievement)
    approach = Approach(
        kind=Approach.Kind.ANSWER,
        firm=demand.firm,
        institution=institution,
        achievement=achievement,
        demand=demand,
        purpose=Approach.Purpose.OFFER,
        text=text,
        is_anonymous=demand.is_anonymous,
        public_alias=demand.public_alias if demand.is_anonymous else "",
        created_by=by,
    )
    offer = Offer(approach=approach, **vars(details or OfferDetails()))
    _check_texts(approach, offer)
    offer.approach = begin_approach(approach)
    offer.save(force_insert=True)
    return approach


@transaction.atomic
def decline_answer(approach: Approach, *, reason: str, by: User, note: str = "") -> None:
    """谢绝 by the firm, with a reason of `Match.RejectReason`, which the institution reads and the engine learns from.

    Raises PermissionDenied for others, ValidationError without a reason or if the answer is over.
    """
    row = lock_approach(approach)
    if row.is_enquiry or acting_side(row, by) != Side.FIRM:
        raise PermissionDenied("应答由需求的企业谢绝。")
    if reason not in Match.RejectReason.values:
        raise ValidationError("请选择谢绝的原因。")
    label = Match.RejectReason(reason).label
    if reason == Match.RejectReason.OTHER and not note.strip():
        raise ValidationError("选“其他原因”时，请用一句话说明。")
    words = f"{label}：{note.strip()}" if note.strip() else str(label)
    end_approach(row, reason=END_REASONS[Match.RejectReason(reason)], by=by, note=words)
    Offer.objects.filter(approach=row).update(decline_reason=reason)
    if row.achievement and row.demand:
        with suppress(ValidationError, PermissionDenied):  # a pair that the matching has heard of, or a closed demand
            say_unfit(row.achievement, row.demand, reason=reason, by=by, note=note)
    approach.refresh_from_db()


@transaction.atomic
def name_achievement(approach: Approach, achievement: Achievement, *, by: User) -> None:
    """The institution says with which of its achievements a free offer continues; it may be an unpublished draft.

    Raises PermissionDenied for others, ValidationError for a foreign or withdrawn achievement, or if one is named.
    """
    row = lock_approach(approach)
    if row.is_enquiry or acting_side(row, by) != Side.INSTITUTION:
        raise PermissionDenied("用哪项成果对接，由应答的院所指明。")
    over = (Achievement.Status.WITHDRAWN, Achievement.Status.TRANSFERRED, Achievement.Status.PAUSED)
    if achievement.institution_id != row.institution_id or achievement.status in over:
        raise ValidationError("只能指明本单位的成果，且没有转化、暂停或下架。")
    same = Approach.objects.answers().open().filter(demand=row.demand, achievement=achievement)
    if same.exists():
        raise ValidationError("贵单位已用这项成果应答过这项需求，请在那一条应答里继续。")
    transition(
        row,
        when={"achievement": None, "status__in": Approach.OPEN},
        values={"achievement": achievement},
        refusal="已经指明过成果，或应答已经结束。",
        action="指明对接的成果",
        by=by,
        changes={"achievement": [None, achievement.public_id]},
    )
    add_event(row, "院校指明了用来对接的成果", by=by, side=Side.INSTITUTION)
    approach.refresh_from_db()


@transaction.atomic
def write_achievement(approach: Approach, *, title: str, lead_person: str, form: str, stage: str, by: User) -> None:
    """Write a draft from a free offer and name it: read by the institution, the city and, as a title, by the firm.

    It is not published and takes no part in matching; the institution may complete and register it later. Raises as
    `name_achievement`, and ValidationError for invalid values.
    """
    row = lock_approach(approach)
    if row.is_enquiry or acting_side(row, by) != Side.INSTITUTION or row.demand is None:
        raise PermissionDenied("用哪项成果对接，由应答的院所指明。")
    fields = {
        "title": clean_required_text(title, "请写明成果名称。", 200, name="成果名称"),
        "institution": row.institution,
        "lead_person": clean_required_text(lead_person, "请写明负责人。", 30, name="负责人"),
        "form": form,
        "stage": stage,
        "industry": row.demand.industry or Industry.objects.order_by("order", "pk")[0],
        "summary": row.text,
        "transfer_ways": row.demand.transfer_ways or [TransferWay.JOINT_DEVELOPMENT],
        "non_secret_confirmed": True,
    }
    name_achievement(row, create_achievement(fields, by=by), by=by)
    approach.refresh_from_db()


def _check_texts(approach: Approach, offer: Offer) -> None:
    """No personal data and no secrecy marking in any text; lengths and price as the model says. Errors by field."""
    errors: dict[str, list[str]] = {}
    try:
        checked_text(approach.text, author=approach.institution, prompt="请写明能做什么。")
    except ValidationError as error:
        errors["text"] = error.messages
    try:
        offer.clean_fields(exclude=["approach"])
    except ValidationError as error:
        errors |= error.message_dict
    try:
        offer.validate_constraints(exclude=["approach"])
    except ValidationError as error:
        errors.setdefault("price_max_wan", []).extend(error.messages)
    for name in Offer.public_text_fields:
        length, longest = len(getattr(offer, name)), MAX_DURATION if name == "duration" else MAX_OFFER_TEXT
        if length > longest:  # Django checks the length of a TextField in forms only
            errors[name] = [f"有 {length} 个字，最多 {longest} 个字，请精简。"]
        if mark := find_secrecy_marking(getattr(offer, name)):
            errors.setdefault(name, []).append(f"这里写着“{mark}”。涉密内容不能在本平台上发送；不涉密的请去掉标记。")
    if errors:
        raise ValidationError(errors)


def _check_achievement(demand: Demand, institution: Organisation, achievement: Achievement | None) -> None:
    if achievement is not None:
        own = Achievement.objects.on_offer().filter(institution=institution)
        if not own.filter(pk=achievement.pk).exists():
            raise ValidationError({"item": "只能用本单位公开、在库、可对接的成果应答。"})
    given = Approach.objects.answers().filter(demand=demand, institution=institution)
    given = given.exclude(end_reason=Approach.EndReason.WITHDRAWN)
    for earlier in given:
        if earlier.achievement_id == (achievement.pk if achievement else None):
            _refuse_repeat(earlier)
    if len(given) >= MOST_OF_ONE_DEMAND:
        raise ValidationError(f"贵单位对这项需求已有 {MOST_OF_ONE_DEMAND} 条应答，不能再多；有补充请写在原来的应答里。")


def _refuse_repeat(earlier: Approach) -> None:
    what = "这项成果" if earlier.achievement_id else "直接提方案的方式"
    if earlier.status == Approach.Status.ENDED:
        raise ValidationError({"item": f"贵单位用{what}应答过这项需求，已经结束，不能重复应答。"})
    raise ValidationError({"item": f"贵单位已用{what}应答过这项需求，请在原来的应答里继续。"})

"""After the review: the firm chooses, the result is publicised, objections are answered, the award is confirmed."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message, transition
from challenges.criteria import LEAST_RECOMMENDED
from challenges.models import Bid, Challenge, ChallengeObjection
from challenges.models.bid import own_organisations
from challenges.permissions import require_city, require_firm
from challenges.sent_texts import write_call_sentence
from challenges.services.notifications import notify_bid, notify_city, notify_firm, notify_others, notify_reader
from challenges.services.steps import lock_challenge, move_challenge
from core.plain_text import clean_reason, clean_required_text
from core.workdays import add_workdays
from deals.models import Deal

Status, Objection = Challenge.Status, ChallengeObjection.Status
LEAST_OBJECTION = 10


@transaction.atomic
def record_recommendation(
    challenge: Challenge, *, scores: Mapping[int, Decimal], recommended: Collection[int], conclusion: str, by: User
) -> None:
    """What the experts' review has come to: {bid: weighted mean} and the bids among which the firm chooses. A bid that
    was taken out before anybody scored it has no score.

    Called by the service of the review, which has checked the reviews. Raises PermissionDenied, ValidationError.
    """
    require_city(by, challenge)
    conclusion = clean_required_text(conclusion, "请写明评审结论。", 1000)
    row = lock_challenge(challenge)
    bids = set(Bid.objects.to_review(row).values_list("pk", flat=True))
    if not bids <= set(scores):
        raise ValidationError("还有方案没有得分，不能结束评审。内容与回执不一致的方案，请先在榜单页取消资格。")
    if not recommended:
        raise ValidationError("请至少推荐一份；没有合格方案的，请按流标结束。")
    for pk in recommended:
        if pk not in bids or scores[pk] < LEAST_RECOMMENDED:
            raise ValidationError(f"只能推荐得分不低于 {LEAST_RECOMMENDED} 分的方案。")
    for pk, score in scores.items():
        Bid.objects.filter(pk=pk).update(score=score, is_recommended=pk in recommended)
    move_challenge(
        challenge,
        Status.REVIEW,
        Status.RECOMMENDED,
        action="结束揭榜评审",
        by=by,
        changes={"count": [None, len(recommended)]},
        review_conclusion=conclusion,
    )
    text = write_call_sentence("recommended", 榜单号=challenge.list_number, 份数=str(len(recommended)))
    notify_firm(challenge, text, f"recommended {challenge.status_at:%m%d%H%M%S}")


@transaction.atomic
def choose_winner(challenge: Challenge, *, bid: Bid, reason: str, by: User) -> None:
    """The firm chooses among the recommended; the result is publicised. Raises PermissionDenied, ValidationError."""
    require_firm(by, challenge)
    reason = clean_required_text(reason, "请写明选定的理由，会在公示里公开。", 1000, name="理由")
    row = lock_challenge(challenge)
    if not Bid.objects.to_choose_from(row).filter(pk=bid.pk).exists():
        raise ValidationError("请在专家推荐的方案里选定。")
    until = add_workdays(timezone.localdate(), row.publicity_workdays)
    move_challenge(
        challenge,
        Status.RECOMMENDED,
        Status.PUBLICISED,
        action="选定揭榜方",
        by=by,
        changes={"public_until": [None, until.isoformat()]},
        winner=bid,
        choice_reason=reason,
        chosen_by=by,
        chosen_at=timezone.now(),
        public_until=until,
    )
    number, day = challenge.list_number, f"{until:%m月%d日}"
    notify_city(challenge, f"榜单 {number} 已选定揭榜方，公示到{day}。", f"chosen {bid.pk}")
    notify_bid(bid, write_call_sentence("chosen", 榜单号=number, 公示=day), "chosen")
    others = write_call_sentence("other_chosen", 榜单号=number, 公示=day)
    notify_others(challenge, bid, others, f"chosen {bid.public_id}")


@transaction.atomic
def object_to_result(challenge: Challenge, *, text: str, by: User) -> ChallengeObjection:
    """提出异议, by any signed-in user during the publicity. Raises ValidationError."""
    row = lock_challenge(challenge)
    if row.status != Status.PUBLICISED or row.public_until is None or timezone.localdate() > row.public_until:
        raise ValidationError("这个结果不在公示期内，不再受理异议。")
    text = clean_required_text(text, "请写明异议的事实和理由。", 1000, name="异议")
    if len(text) < LEAST_OBJECTION:
        raise ValidationError(f"请写明异议的事实和理由，不少于 {LEAST_OBJECTION} 个字。")
    try:
        with transaction.atomic():
            objection = ChallengeObjection.objects.create(challenge=row, text=text, made_by=by)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, ChallengeObjection)) from None
    notify_city(row, f"有人对榜单 {row.list_number} 的结果提出异议，请处理。", f"objection {objection.public_id}")
    return objection


@transaction.atomic
def answer_objection(objection: ChallengeObjection, *, upheld: bool, answer: str, by: User) -> None:
    """成立 takes the chosen bid out, and the firm chooses again; 不成立 lets it stand. Who objected hears of it.

    Raises PermissionDenied, ValidationError.
    """
    challenge = lock_challenge(objection.challenge)
    require_city(by, challenge)
    if objection.made_by_id == by.pk:
        raise PermissionDenied("您提出的异议由同事处理。")
    answer = clean_required_text(answer, "请写明处理意见。", 1000)
    status = Objection.UPHELD if upheld else Objection.DISMISSED
    _settle_objection(objection, status, answer, by)
    if upheld:
        _take_result_back(challenge, Status.PUBLICISED, f"异议成立：{answer}", action="撤销揭榜结果", by=by)
    _tell_objector(objection)


@transaction.atomic
def revoke_result(challenge: Challenge, *, reason: str, by: User) -> None:
    """The city takes the result back: the winner cannot go on, or the deal came to nothing. The firm chooses again, or
    the city ends the call. Raises PermissionDenied, ValidationError."""
    require_city(by, challenge)
    reason = clean_reason(reason, "揭榜单位书面放弃")
    before = challenge.status
    if before not in Challenge.CHOSEN:
        raise ValidationError(f"这一榜现在是“{challenge.state_label}”，没有可以撤销的结果。")
    _require_no_contract(challenge)
    _take_result_back(challenge, before, reason, action="撤销揭榜结果", by=by)


@transaction.atomic
def give_up_award(bid: Bid, *, reason: str, by: User) -> None:
    """放弃: the lead of the chosen bid does not go on, before there is a deal. Raises PermissionDenied,
    ValidationError."""
    if bid.lead_id not in own_organisations(by):
        raise PermissionDenied("放弃揭榜由牵头单位办理。")
    challenge = lock_challenge(bid.challenge)
    if challenge.winner_id != bid.pk or challenge.status not in (Status.PUBLICISED, Status.AWARDED):
        raise ValidationError(f"这一榜现在是“{challenge.state_label}”，选定以后、建立成交项目以前才能放弃。")
    reason = clean_reason(reason, "骨干调离，不能按期完成")
    _take_result_back(challenge, challenge.status, f"揭榜单位放弃：{reason}", action="放弃揭榜", by=by)
    if Bid.objects.to_choose_from(challenge).exists():  # else the city hears that nothing is left
        text = f"榜单 {challenge.list_number} 的揭榜单位放弃：{reason[:200]}"
        notify_city(challenge, text, f"given up {bid.public_id}")


def _require_no_contract(challenge: Challenge) -> None:
    """Signed: only after the deal has failed, which its own page and both parties decide."""
    if challenge.deal_id is None:
        return
    deal = Deal.objects.select_for_update(no_key=True, of=("self",)).get(pk=challenge.deal_id)
    if deal.stage != Deal.Stage.FAILED:
        raise ValidationError("已经建立成交项目。谈不成的，请先在成交项目里记为“未成”，再撤销结果。")


def _take_result_back(challenge: Challenge, before: str, reason: str, *, action: str, by: User) -> None:
    """公示中, 待签约 or 已签约立项 → 待企业选定, without the bid that was chosen."""
    winner, deal = challenge.winner, challenge.deal
    assert winner is not None  # the constraint: chosen with a winner
    changes: dict[str, Any] = {"reason": [None, reason[:200]]}
    if deal is not None:
        changes["deal"] = [deal.public_id, None]
    move_challenge(
        challenge,
        before,
        Status.RECOMMENDED,
        action=action,
        by=by,
        when={"winner": winner.pk},
        changes=changes,
        winner=None,
        choice_reason="",
        chosen_by=None,
        chosen_at=None,
        public_until=None,
        awarded_by=None,
        awarded_at=None,
        deal=None,
    )
    challenge.milestones.update(instalment=None)
    Bid.objects.filter(pk=winner.pk).update(is_recommended=False, excluded_reason=reason[:300])
    for objection in challenge.objections.waiting():
        _settle_objection(objection, Objection.MOOT, f"结果已经撤销：{reason}"[:1000], by)
        _tell_objector(objection)
    number, event, why = challenge.list_number, f"revoked {winner.public_id}", reason[:200].rstrip("。")
    notify_bid(winner, write_call_sentence("revoked", 榜单号=number, 原因=why), event)
    if Bid.objects.to_choose_from(challenge).exists():
        notify_firm(challenge, write_call_sentence("choose_again", 榜单号=number, 原因=why), event)
    else:
        notify_firm(challenge, write_call_sentence("nothing_left", 榜单号=number, 原因=why), event)
        text = f"榜单 {number} 的结果已撤销，没有其他推荐的方案：{why}。请按流标结束。"
        notify_city(challenge, text, event)


def _settle_objection(objection: ChallengeObjection, status: str, answer: str, by: User) -> None:
    transition(
        objection,
        when={"status": Objection.OPEN},
        values={"status": status, "answer": answer, "answered_by": by, "answered_at": timezone.now()},
        refusal="这项异议已经处理过。",
        action="处理揭榜结果异议",
        by=by,
        changes={"status": [Objection.OPEN, status]},
    )


def _tell_objector(objection: ChallengeObjection) -> None:
    challenge = objection.challenge
    text = write_call_sentence(
        "objection_answered",
        榜单号=challenge.list_number,
        结果=str(objection.get_status_display()),
        意见=objection.answer[:200],
    )
    notify_reader(challenge, objection.made_by_id, text, f"objection {objection.public_id} answered")


@transaction.atomic
def confirm_award(challenge: Challenge, *, by: User) -> None:
    """After the publicity, with every objection answered. Raises PermissionDenied, ValidationError."""
    require_city(by, challenge)
    row = lock_challenge(challenge)
    if row.public_until is not None and timezone.localdate() <= row.public_until:
        raise ValidationError(f"公示到 {row.public_until:%Y-%m-%d}，请之后再确认。")
    if row.objections.waiting().exists():
        raise ValidationError("还有异议没有处理，请先处理。")
    now = timezone.now()
    move_challenge(
        challenge,
        Status.PUBLICISED,
        Status.AWARDED,
        action="确认揭榜方",
        by=by,
        awarded_by=by,
        awarded_at=now,
    )
    text = write_call_sentence("awarded", 榜单号=challenge.list_number)
    notify_firm(challenge, text, "awarded")
    if challenge.winner is not None:
        notify_bid(challenge.winner, text, "awarded")


def record_bid_exclusion(bid: Bid, *, reason: str, by: User) -> None:
    """Take an opened bid out of the race, such as one of a related party. Raises PermissionDenied, ValidationError."""
    require_city(by, bid.challenge)
    reason = clean_required_text(reason, "请写明为什么不再参与，例如“与发榜企业有持股关系”。", 300)
    with transaction.atomic():
        row = lock_challenge(bid.challenge)
        if row.status not in (Status.REVIEW, Status.RECOMMENDED):
            raise ValidationError("评审和选定以前才能取消一份方案的资格。")
        Bid.objects.filter(pk=bid.pk).update(is_recommended=False, excluded_reason=reason)
        record("取消揭榜资格", bid, by=by, changes={"reason": [None, reason[:200]]})
        text = write_call_sentence("excluded", 榜单号=row.list_number, 原因=reason[:200])
        notify_bid(bid, text, "excluded")

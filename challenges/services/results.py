"""After the review: the firm chooses, the result is publicised, objections are answered, the award is confirmed."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message, transition
from challenges.criteria import LEAST_RECOMMENDED
from challenges.models import Bid, Challenge, ChallengeObjection
from challenges.permissions import require_city, require_firm
from challenges.services.notifications import notify_bid, notify_city, notify_firm
from challenges.services.steps import lock_challenge, move_challenge
from core.plain_text import clean_required_text
from core.workdays import add_workdays

Status = Challenge.Status
LEAST_OBJECTION = 10


@transaction.atomic
def record_recommendation(
    challenge: Challenge, *, scores: Mapping[int, Decimal], recommended: Collection[int], conclusion: str, by: User
) -> None:
    """What the experts' review has come to: {bid: weighted mean} and the bids among which the firm chooses.

    Called by the service of the review, which has checked the reviews. Raises PermissionDenied, ValidationError.
    """
    require_city(by, challenge)
    conclusion = clean_required_text(conclusion, "请写明评审结论。", 1000)
    row = lock_challenge(challenge)
    bids = {bid.pk: bid for bid in Bid.objects.in_race().filter(challenge=row)}
    if set(scores) != set(bids):
        raise ValidationError("还有方案没有得分，不能结束评审。")
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
    text = f"榜单 {challenge.list_number} 评审结束，推荐 {len(recommended)} 份方案，请选定揭榜方。"
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
    notify_city(challenge, f"榜单 {challenge.list_number} 已选定揭榜方，公示到{until:%m月%d日}。", f"chosen {bid.pk}")
    notify_bid(bid, f"榜单 {challenge.list_number} 选定贵单位揭榜，公示到{until:%m月%d日}。", "chosen")


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
    """成立 takes the chosen bid out, and the firm chooses again; 不成立 lets it stand.

    Raises PermissionDenied, ValidationError.
    """
    challenge = lock_challenge(objection.challenge)
    require_city(by, challenge)
    if objection.made_by_id == by.pk:
        raise PermissionDenied("您提出的异议由同事处理。")
    answer = clean_required_text(answer, "请写明处理意见。", 1000)
    status = ChallengeObjection.Status.UPHELD if upheld else ChallengeObjection.Status.DISMISSED
    transition(
        objection,
        when={"status": ChallengeObjection.Status.OPEN},
        values={"status": status, "answer": answer, "answered_by": by, "answered_at": timezone.now()},
        refusal="这项异议已经处理过。",
        action="处理揭榜结果异议",
        by=by,
        changes={"status": [ChallengeObjection.Status.OPEN, status]},
    )
    if not upheld:
        return
    winner = challenge.winner
    move_challenge(
        challenge,
        Status.PUBLICISED,
        Status.RECOMMENDED,
        action="撤销揭榜结果",
        by=by,
        changes={"reason": [None, answer[:200]]},
        winner=None,
        choice_reason="",
        chosen_by=None,
        chosen_at=None,
        public_until=None,
    )
    assert winner is not None  # the constraint: publicised with a winner
    Bid.objects.filter(pk=winner.pk).update(is_recommended=False, excluded_reason=answer[:300])
    notify_bid(winner, f"榜单 {challenge.list_number} 的异议成立，结果撤销：{answer[:200]}", "revoked")
    notify_firm(challenge, f"榜单 {challenge.list_number} 的异议成立，请重新选定。", f"revoked {objection.public_id}")


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
    text = f"榜单 {challenge.list_number} 公示期满，可以签约立项。"
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
        notify_bid(bid, f"榜单 {row.list_number} 取消贵单位的揭榜资格：{reason[:200]}", "excluded")

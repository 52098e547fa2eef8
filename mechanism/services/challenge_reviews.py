"""Review of the bids of a challenge by named experts, without those who have a reason for recusal."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from challenges.criteria import CRITERIA
from challenges.models import Bid, Challenge
from challenges.permissions import require_city
from challenges.services.notifications import notify_city
from challenges.services.opening import OpenedBid, read_opened
from challenges.services.results import record_recommendation
from challenges.services.steps import lock_challenge
from core.plain_text import clean_required_text
from mechanism.evaluation import RecusalFacts, recusal_reasons
from mechanism.models import BidScore, ChallengeReview, Expert, RelatedParties

REVIEW_DAYS = 14
LEAST_REVIEWS = 3
LEAST_COMMENT = 10
LEAST_NAME = 2
Status = ChallengeReview.Status


def find_challenge_recusal_reasons(expert: Expert, challenge: Challenge) -> list[str]:
    """Why the expert must not review: of the firm or of a bidder, related to one of them, or named in a bid."""
    units = {challenge.demand.firm.pk: challenge.demand.firm}
    named_in = []
    for bid in _bids(challenge):
        for member in bid.members.active().select_related("organisation"):
            units[member.organisation_id] = member.organisation
        content = read_opened(bid).content or {}
        if len(expert.name) >= LEAST_NAME and expert.name in str(content.get("team", "")):
            named_in.append(bid)
    own = [expert.unit, *([expert.organisation.name] if expert.organisation else [])]
    reasons = recusal_reasons(RecusalFacts(expert.name, own, _names(units.values()), (), unit_word="发榜或揭榜单位"))
    reasons += ["姓名写在揭榜方案的团队里"] if named_in else []
    if expert.organisation_id and _is_related(expert.organisation_id, units):
        reasons.append("所在单位与发榜或揭榜单位登记为关联单位")
    return list(dict.fromkeys(reasons))


def _names(units: Collection[Organisation]) -> list[str]:
    return [name for unit in units for name in (unit.name, unit.short_name, *unit.former_names) if name]


def _is_related(own: int, units: Mapping[int, Organisation]) -> bool:
    pair = Q(one=own, other__in=units) | Q(other=own, one__in=units)
    return RelatedParties.objects.in_effect(timezone.localdate()).filter(pair).exists()


def _bids(challenge: Challenge) -> Any:
    return Bid.objects.to_review(challenge).select_related("challenge", "lead")


@transaction.atomic
def invite_challenge_reviewers(challenge: Challenge, *, experts: list[Expert], by: User) -> None:
    """Invite experts. Raises PermissionDenied, or ValidationError with the reason of each who must recuse."""
    require_city(by, challenge)
    row = _locked_in_review(challenge)
    if not _bids(row).exists():
        raise ValidationError("没有可以评审的方案，请在榜单页按流标结束。")
    if not experts:
        raise ValidationError("请选择要邀请的专家。")
    asked = set(row.reviews.values_list("expert", flat=True))
    problems = [
        f"{expert}应当回避：{'；'.join(reasons)}。"
        for expert in experts
        if (reasons := find_challenge_recusal_reasons(expert, row))
    ]
    problems += [f"已邀请过{expert}。" for expert in experts if expert.pk in asked]
    problems += [f"{expert}现在不可邀请。" for expert in experts if not expert.is_active]
    if problems:
        raise ValidationError(problems)
    due_on = timezone.localdate() + timedelta(days=REVIEW_DAYS)
    ChallengeReview.objects.bulk_create(
        ChallengeReview(challenge=row, expert=expert, due_on=due_on) for expert in experts
    )
    record("邀请评审专家", row, by=by, changes={"experts": [None, len(experts)]})


@transaction.atomic
def declare_no_relation(review: ChallengeReview) -> None:
    """The expert has read who bids and declares to have no relation; only then the bids are shown."""
    row = _open_review(review)
    if row.declared_at is None:
        ChallengeReview.objects.filter(pk=row.pk).update(declared_at=timezone.now())
        record("专家声明没有关联", row.challenge, by=None, changes={"opinion": [None, row.pk]})
    review.refresh_from_db()


def readable_bids(review: ChallengeReview) -> list[OpenedBid]:
    """The bids, for an expert who has declared and not answered yet; empty for all others. Those whose content is not
    what the receipt says are among them, without content."""
    in_review = review.challenge.status == Challenge.Status.REVIEW
    if review.status != Status.ASKED or review.declared_at is None or not in_review:
        return []
    return [read_opened(bid) for bid in _bids(review.challenge)]


@transaction.atomic
def give_scores(
    review: ChallengeReview, *, scores: Mapping[int, Mapping[str, int]], comments: Mapping[int, str]
) -> None:
    """Four scores and a comment for each bid, once. The expert is not signed in: only they know the code.

    Raises ValidationError.
    """
    row = _open_review(review)
    if row.declared_at is None:
        raise ValidationError("请先声明与发榜企业、揭榜单位没有关联；有关联的请回避。")
    made = []
    for number, bid in enumerate(_bids(row.challenge), 1):
        if read_opened(bid).content is None:
            continue  # not what the receipt says: no score
        comment = clean_required_text(comments.get(bid.pk, ""), f"请写明对方案 {number} 的意见。", 1000)
        if len(comment) < LEAST_COMMENT:
            raise ValidationError(f"对方案 {number} 的意见请写到 {LEAST_COMMENT} 个字以上。")
        given = scores.get(bid.pk, {})
        for name, label in CRITERIA.items():
            if not 0 <= given.get(name, -1) <= 100:
                raise ValidationError(f"方案 {number} 的“{label}”请填 0 到 100 的整数。")
        made.append(BidScore(review=row, bid=bid, comment=comment, **{name: given[name] for name in CRITERIA}))
    BidScore.objects.bulk_create(made)
    _close(row, Status.GIVEN)
    record("专家评审揭榜方案", row.challenge, by=None, changes={"opinion": [None, row.pk]})
    if not row.challenge.reviews.filter(status=Status.ASKED).exists():
        text = f"榜单 {row.challenge.list_number} 的专家都已答复，可以结束评审。"
        notify_city(row.challenge, text, f"reviewed {row.pk}")
    review.refresh_from_db()


@transaction.atomic
def recuse_challenge_reviewer(review: ChallengeReview, *, reason: str) -> None:
    """回避, declared by the expert. Raises ValidationError."""
    row = _open_review(review)
    reason = clean_required_text(reason, "请说明回避的原因，例如与揭榜单位有合作。", 300)
    _close(row, Status.RECUSED, reason=reason)
    record("评审专家回避", row.challenge, by=None, changes={"opinion": [None, row.pk]})
    text = f"{row.expert}回避评审榜单 {row.challenge.list_number}，请另请专家。"
    notify_city(row.challenge, text, f"recused {row.pk}")
    review.refresh_from_db()


@transaction.atomic
def release_challenge_reviewer(review: ChallengeReview, *, by: User, reason: str) -> None:
    """End the invitation of an expert who has not answered. Raises PermissionDenied, ValidationError."""
    require_city(by, review.challenge)
    row = _open_review(review)
    reason = clean_required_text(reason, "请写明为什么撤销邀请。", 300)
    _close(row, Status.RELEASED, reason=reason)
    changes = {"expert": [row.expert_id, None], "reason": [None, reason[:200]]}
    record("撤销评审邀请", row.challenge, by=by, changes=changes)


def mean_scores(challenge: Challenge) -> dict[int, Decimal]:
    """{bid: mean over the experts of the weighted scores}, of those who have answered. Bids that nobody has scored are
    left out."""
    weights = challenge.weights
    given: dict[int, list[Decimal]] = {}
    for row in BidScore.objects.filter(review__challenge=challenge, review__status=Status.GIVEN):
        weighted = [Decimal(getattr(row, name) * weight) / 100 for name, weight in weights.items()]
        given.setdefault(row.bid_id, []).append(sum(weighted, Decimal(0)))
    return {bid: (sum(marks, Decimal(0)) / len(marks)).quantize(Decimal("0.01")) for bid, marks in given.items()}


@transaction.atomic
def finish_challenge_review(challenge: Challenge, *, recommended: Collection[int], conclusion: str, by: User) -> None:
    """End the review when at least three experts have answered and none is waited for.

    Raises PermissionDenied, ValidationError.
    """
    require_city(by, challenge)
    row = _locked_in_review(challenge)
    waiting = row.reviews.filter(status=Status.ASKED).count()
    given = row.reviews.filter(status=Status.GIVEN).count()
    if waiting:
        raise ValidationError(f"还有 {waiting} 位专家没有答复，请催办或撤销邀请后再结束。")
    if given < LEAST_REVIEWS:
        raise ValidationError(f"已有 {given} 位专家评审，至少需要 {LEAST_REVIEWS} 位，请再邀请专家。")
    excluded = Bid.objects.filter(challenge=row, pk__in=recommended).exclude(excluded_reason="")
    if excluded.exists():
        raise ValidationError("取消了资格的方案不能推荐。")
    record_recommendation(challenge, scores=mean_scores(row), recommended=recommended, conclusion=conclusion, by=by)


def shows_scores(challenge: Challenge) -> bool:
    """Whether the office may read the scores: when nobody still has to answer, so that no score follows another."""
    return not challenge.reviews.filter(status=Status.ASKED).exists()


def _close(row: ChallengeReview, status: str, *, reason: str = "") -> None:
    ChallengeReview.objects.filter(pk=row.pk).update(status=status, reason=reason, answered_at=timezone.now())


def _open_review(review: ChallengeReview) -> ChallengeReview:
    challenge = _locked_in_review(review.challenge)
    row = ChallengeReview.objects.select_for_update(of=("self",)).select_related("expert").get(pk=review.pk)
    row.challenge = challenge
    if row.status != Status.ASKED:
        raise ValidationError(f"这份评审{row.get_status_display()}，不能再改。")
    return row


def _locked_in_review(challenge: Challenge) -> Challenge:
    row = lock_challenge(challenge)
    if row.status != Challenge.Status.REVIEW:
        raise ValidationError(f"这一榜现在是“{row.state_label}”，不在评审中。")
    return row

"""Review of the bids of a challenge (揭榜挂帅) by experts, who declare their relations before they read anything."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from challenges.criteria import CRITERIA
from challenges.models import Bid, Challenge
from core.plain_text import PlainText
from core.public_id import new_public_id
from mechanism.models.evaluation import MARK, Expert


class ChallengeReview(PlainText, models.Model):
    """The review of all bids by one expert, who has a secret address instead of an account.

    The expert reads bids only after declaring to have no relation to any bidder or to the firm; who recuses, or is
    released, reads nothing from then on.
    """

    class Status(models.TextChoices):
        ASKED = "asked", "待评审"
        GIVEN = "given", "已评审"
        RECUSED = "recused", "已回避"
        RELEASED = "released", "已撤销邀请"

    code = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="reviews", verbose_name="榜单")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="challenge_reviews", verbose_name="评审专家")
    due_on = models.DateField("评审期限")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    declared_at = models.DateTimeField("声明没有关联的时间", null=True, editable=False)
    reason = models.CharField("回避或撤销的原因", max_length=300, blank=True, editable=False)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)

    class Meta:
        verbose_name = "揭榜评审"
        verbose_name_plural = "揭榜评审"
        ordering = ["challenge", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "expert"],
                name="challenge_review_once_per_expert",
                violation_error_message="已邀请过这位专家。",
            ),
            models.CheckConstraint(
                condition=Q(status="given", answered_at__isnull=False, declared_at__isnull=False) | ~Q(status="given"),
                name="challenge_review_given_after_declaration",
                violation_error_message="请先声明没有关联。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["recused", "released"]) | ~Q(reason=""),
                name="challenge_review_recused_with_reason",
                violation_error_message="请写明回避的原因。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.expert)

    @property
    def is_late(self) -> bool:
        return self.status == self.Status.ASKED and self.due_on < timezone.localdate()


class BidScore(PlainText, models.Model):
    """What one expert says of one bid: four scores and a comment."""

    review = models.ForeignKey(ChallengeReview, models.PROTECT, related_name="scores", verbose_name="揭榜评审")
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="scores", verbose_name="揭榜方案")
    industry = models.PositiveSmallIntegerField(CRITERIA["industry"], validators=MARK)
    basis = models.PositiveSmallIntegerField(CRITERIA["basis"], validators=MARK)
    technology = models.PositiveSmallIntegerField(CRITERIA["technology"], validators=MARK)
    finance = models.PositiveSmallIntegerField(CRITERIA["finance"], validators=MARK)
    comment = models.TextField("意见", max_length=1000)

    class Meta:
        verbose_name = "揭榜方案得分"
        verbose_name_plural = "揭榜方案得分"
        ordering = ["review", "bid"]
        constraints = [
            models.UniqueConstraint(fields=["review", "bid"], name="bid_score_once_per_expert"),
            models.CheckConstraint(
                condition=Q(**{f"{name}__lte": 100 for name in CRITERIA}) & ~Q(comment=""),
                name="bid_score_within_a_hundred_with_comment",
                violation_error_message="四项各 0 到 100 分，并写明意见。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} · {self.bid_id}"

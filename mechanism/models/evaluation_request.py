"""评价申请: an institution asks the city for an evaluation of one of its achievements."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from mechanism.models.evaluation import WEIGHT, Evaluation


class EvaluationRequestQuerySet(models.QuerySet["EvaluationRequest"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(achievement__institution__in=scope.institution_ids)

    def waiting(self) -> Self:
        return self.filter(status=EvaluationRequest.Status.WAITING)


class EvaluationRequest(PlainText, models.Model):
    """`relations`: persons and units that must not evaluate, as declared by the institution; read by the city only."""

    class Status(models.TextChoices):
        WAITING = "waiting", "等市科技局受理"
        ACCEPTED = "accepted", "已受理"
        DECLINED = "declined", "未受理"
        WITHDRAWN = "withdrawn", "已撤回"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, related_name="evaluation_requests", verbose_name="科技成果"
    )
    purpose = models.CharField("评价用途", max_length=200, help_text="如作价投资前、申报奖励、验收")
    evidence = models.TextField(
        "依据材料", max_length=2000, help_text="逐条写：检测报告、用户证明、查新、专利等，文件请放在成果的附件里"
    )
    relations = models.TextField(
        "应当回避的人和单位",
        max_length=1000,
        blank=True,
        help_text="完成人的近亲属、合作者和有利益关系的单位，每行一个。只有市科技局能看到",
    )
    science_weight = models.PositiveSmallIntegerField("科学价值权重（%）", validators=WEIGHT)
    technology_weight = models.PositiveSmallIntegerField("技术价值权重（%）", validators=WEIGHT)
    economy_weight = models.PositiveSmallIntegerField("经济价值权重（%）", validators=WEIGHT)
    society_weight = models.PositiveSmallIntegerField("社会价值权重（%）", validators=WEIGHT)
    culture_weight = models.PositiveSmallIntegerField("文化价值权重（%）", validators=WEIGHT)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.WAITING, editable=False)
    answer = models.CharField("答复", max_length=300, blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间", default=timezone.now, editable=False)
    due_on = models.DateField("答复期限", editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    evaluation = models.OneToOneField(
        Evaluation, models.PROTECT, null=True, editable=False, related_name="request", verbose_name="成果评价"
    )

    objects = EvaluationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "评价申请"
        verbose_name_plural = "评价申请"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    science_weight=100
                    - F("technology_weight")
                    - F("economy_weight")
                    - F("society_weight")
                    - F("culture_weight")
                ),
                name="evaluation_request_weights_make_a_hundred",
                violation_error_message="五项权重合计应为 100。",
            ),
            models.UniqueConstraint(
                fields=["achievement"],
                condition=Q(status="waiting"),
                name="evaluation_request_one_waiting",
                violation_error_message="这项成果的评价申请正在等答复。",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", evaluation__isnull=False) | ~Q(status="accepted") & Q(evaluation=None),
                name="evaluation_request_accepted_opens_one",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(answer=""),
                name="evaluation_request_declined_with_reason",
                violation_error_message="不受理请写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.achievement.title

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def declared_names(self) -> list[str]:
        """The lines of `relations`."""
        return [line.strip() for line in self.relations.splitlines() if line.strip()]

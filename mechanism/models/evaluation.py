"""成果评价 by five values (国办发〔2021〕26号), with independent marks of experts who have no reason for recusal."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from taxonomy.models import Industry

VALUES = {
    "science": "科学价值",
    "technology": "技术价值",
    "economy": "经济价值",
    "society": "社会价值",
    "culture": "文化价值",
}
MARK = [MinValueValidator(0), MaxValueValidator(100)]
WEIGHT = MARK


class Expert(PlainText, models.Model):
    """An expert who can be invited. No phone number is stored: the city contacts their organisation."""

    name = models.CharField("姓名", max_length=30)
    unit = models.CharField("工作单位", max_length=100)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="平台上的单位"
    )
    position = models.CharField("职称", max_length=40, blank=True)
    industries = models.ManyToManyField(Industry, blank=True, related_name="+", verbose_name="熟悉的产业链")
    is_active = models.BooleanField("可邀请", default=True)

    class Meta:
        verbose_name = "评价专家"
        verbose_name_plural = "评价专家"
        ordering = ["name", "unit"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "unit"], name="expert_once", violation_error_message="这位专家已在库中。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）"


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def managed_by(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditor; for institutions the finished ones of their achievements."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(achievement__institution__in=scope.institution_ids, status=Evaluation.Status.FINISHED)

    def finished(self) -> Self:
        return self.filter(status=Evaluation.Status.FINISHED)

    def public(self) -> Self:
        """Those whose result the institution lets everybody see."""
        return self.finished().filter(published_at__isnull=False)


class Evaluation(PlainText, models.Model):
    class Status(models.TextChoices):
        ASKING = "asking", "评价中"
        FINISHED = "finished", "已完成"
        CANCELLED = "cancelled", "已取消"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="evaluations", verbose_name="科技成果")
    science_weight = models.PositiveSmallIntegerField("科学价值权重（%）", validators=WEIGHT)
    technology_weight = models.PositiveSmallIntegerField("技术价值权重（%）", validators=WEIGHT)
    economy_weight = models.PositiveSmallIntegerField("经济价值权重（%）", validators=WEIGHT)
    society_weight = models.PositiveSmallIntegerField("社会价值权重（%）", validators=WEIGHT)
    culture_weight = models.PositiveSmallIntegerField("文化价值权重（%）", validators=WEIGHT)
    least_marks = models.PositiveSmallIntegerField(
        "至少几位专家", default=3, validators=[MinValueValidator(3), MaxValueValidator(15)]
    )
    due_on = models.DateField("评价期限")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKING, editable=False)
    conclusion = models.TextField("评价结论", max_length=2000, blank=True, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="发起人"
    )
    opened_at = models.DateTimeField("发起时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True, editable=False)
    published_at = models.DateTimeField("公开时间", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="公开人"
    )

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = "成果评价"
        verbose_name_plural = "成果评价"
        ordering = ["-opened_at", "-pk"]
        permissions = [("run_evaluation", "Can open and finish evaluations")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    science_weight=100
                    - F("technology_weight")
                    - F("economy_weight")
                    - F("society_weight")
                    - F("culture_weight")
                ),
                name="evaluation_weights_make_a_hundred",
                violation_error_message="五项权重合计应为 100。",
            ),
            models.CheckConstraint(
                condition=Q(status="finished", finished_at__isnull=False) & ~Q(conclusion="")
                | ~Q(status="finished") & Q(finished_at=None),
                name="evaluation_finished_with_conclusion",
                violation_error_message="完成评价请写明结论。",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | Q(status="finished", published_at__isnull=False, published_by__isnull=False),
                name="evaluation_published_when_finished",
                violation_error_message="评价完成后才能公开。",
            ),
            models.UniqueConstraint(
                fields=["achievement"],
                condition=Q(status="asking"),
                name="evaluation_one_open_per_item",
                violation_error_message="这项成果正在评价。",
            ),
        ]

    def __str__(self) -> str:
        return self.achievement.title

    @property
    def weights(self) -> dict[str, int]:
        return {value: getattr(self, f"{value}_weight") for value in VALUES}


class Opinion(PlainText, models.Model):
    """The marks of one expert. Nobody can read marks before the evaluation is finished."""

    class Status(models.TextChoices):
        ASKED = "asked", "待评价"
        MARKED = "marked", "已评价"
        RECUSED = "recused", "已回避"

    code = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    """Secret code in the URL of the expert's page."""
    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="opinions", verbose_name="成果评价")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="opinions", verbose_name="评价专家")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    science = models.PositiveSmallIntegerField("科学价值", null=True, editable=False, validators=MARK)
    technology = models.PositiveSmallIntegerField("技术价值", null=True, editable=False, validators=MARK)
    economy = models.PositiveSmallIntegerField("经济价值", null=True, editable=False, validators=MARK)
    society = models.PositiveSmallIntegerField("社会价值", null=True, editable=False, validators=MARK)
    culture = models.PositiveSmallIntegerField("文化价值", null=True, editable=False, validators=MARK)
    reasons = models.JSONField("理由", default=dict, editable=False)
    declared_at = models.DateTimeField("声明没有关联的时间", null=True, editable=False)
    recused_reason = models.CharField("回避原因", max_length=200, blank=True, editable=False)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)

    class Meta:
        verbose_name = "专家意见"
        verbose_name_plural = "专家意见"
        ordering = ["evaluation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "expert"],
                name="opinion_once_per_expert",
                violation_error_message="已邀请过这位专家。",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="marked", answered_at__isnull=False, **{f"{value}__isnull": False for value in VALUES}
                )
                | ~Q(status="marked") & Q(**dict.fromkeys(VALUES)),
                name="opinion_has_all_marks_iff_marked",
            ),
            models.CheckConstraint(
                condition=Q(status="recused") & ~Q(recused_reason="") | ~Q(status="recused") & Q(recused_reason=""),
                name="opinion_recused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(**{value: None for value in VALUES}) | Q(**{f"{value}__lte": 100 for value in VALUES}),
                name="opinion_marks_within_a_hundred",
            ),
        ]

    def __str__(self) -> str:
        return str(self.expert)

    @property
    def marks(self) -> dict[str, int]:
        return {value: getattr(self, value) for value in VALUES}

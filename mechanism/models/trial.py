"""The result of a trial at a pilot base, confirmed by the base and by the user of the base."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import AchievementRevision
from core.plain_text import PlainText
from core.public_id import new_public_id
from mechanism.models.base import BaseRequest
from taxonomy.models import MaturityScale


class TrialResultQuerySet(models.QuerySet["TrialResult"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of requests that the user may see: the applicant, the operator of the base, city staff and auditor."""
        return self.filter(request__in=BaseRequest.objects.visible_to(user).values("pk"))

    def public(self) -> Self:
        """Confirmed by both, and the applicant lets everybody see that the trial was made and how it ended."""
        return self.filter(status=TrialResult.Status.CONFIRMED, is_public=True)


class TrialResult(PlainText, models.Model):
    class Outcome(models.TextChoices):
        REACHED = "reached", "达到预期"
        PARTLY = "partly", "部分达到"
        MISSED = "missed", "没有达到"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待对方确认"
        DISPUTED = "disputed", "有异议"
        CONFIRMED = "confirmed", "双方已确认"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    request = models.OneToOneField(BaseRequest, models.PROTECT, related_name="result", verbose_name="中试和验证申请")
    outcome = models.CharField("结论", max_length=10, choices=Outcome)
    finished_on = models.DateField("试验结束日期")
    summary = models.TextField("做了什么、结果怎样", max_length=2000)
    data = models.TextField(
        "数据", max_length=4000, blank=True, help_text="每行一项，如“收率：92.4%（5 公斤级，3 批）”"
    )
    cost_wan = models.DecimalField(
        "费用（万元）", max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    maturity_scale = models.CharField("成熟度标准", max_length=20, choices=MaturityScale, blank=True)
    maturity_level = models.PositiveSmallIntegerField(
        "达到的成熟度等级", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(13)]
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    version = models.PositiveSmallIntegerField("第几稿", default=1, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="填写人"
    )
    recorded_at = models.DateTimeField("填写时间", default=timezone.now, editable=False)
    base_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="基地确认人"
    )
    base_at = models.DateTimeField("基地确认时间", null=True, editable=False)
    user_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="用户确认人"
    )
    user_at = models.DateTimeField("申请单位确认时间", null=True, editable=False)
    dispute = models.CharField("异议", max_length=500, blank=True, editable=False)
    is_public = models.BooleanField("公开结论", default=False, editable=False)
    revision = models.ForeignKey(
        AchievementRevision, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="成熟度修改"
    )
    """The proposal to raise the maturity of the achievement, which the city decides."""

    objects = TrialResultQuerySet.as_manager()

    class Meta:
        verbose_name = "中试结果"
        verbose_name_plural = "中试结果"
        ordering = ["-finished_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="confirmed", base_at__isnull=False, user_at__isnull=False)
                | ~Q(status="confirmed") & (Q(base_at=None) | Q(user_at=None)),
                name="trial_result_confirmed_iff_both_said_so",
            ),
            models.CheckConstraint(
                condition=Q(base_by=None, base_at=None) | Q(base_by__isnull=False, base_at__isnull=False),
                name="trial_result_base_word_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(user_by=None, user_at=None) | Q(user_by__isnull=False, user_at__isnull=False),
                name="trial_result_user_word_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(base_by=None) | Q(user_by=None) | ~Q(base_by=models.F("user_by")),
                name="trial_result_confirmed_by_two_persons",
                violation_error_message="基地和申请单位要由两个人分别确认。",
            ),
            models.CheckConstraint(
                condition=Q(status="disputed") & ~Q(dispute="") | ~Q(status="disputed") & Q(dispute=""),
                name="trial_result_disputed_with_reason",
                violation_error_message="提出异议请写明哪里不对。",
            ),
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(status="confirmed"), name="trial_result_public_when_confirmed"
            ),
            models.CheckConstraint(
                condition=Q(cost_wan=None) | Q(cost_wan__gte=0),
                name="trial_result_cost_not_negative",
                violation_error_message="费用不能小于 0。",
            ),
            models.CheckConstraint(
                condition=Q(maturity_level=None, maturity_scale="")
                | Q(maturity_scale="gbt22900_13", maturity_level__range=(1, 13))
                | Q(maturity_scale__in=["trl9", "gbt37264"], maturity_level__range=(1, 9)),
                name="trial_result_maturity_on_scale",
                violation_error_message="成熟度等级超出所选标准的范围，或只填了标准、等级中的一项。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request.base}：{self.get_outcome_display()}"


class TrialFile(PlainText, models.Model):
    """A report or record of a trial; only the two sides and the city can download it."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    result = models.ForeignKey(TrialResult, models.PROTECT, related_name="files", verbose_name="中试结果")
    name = models.CharField("名称", max_length=200)
    file = models.FileField("文件", upload_to="trials/%Y/%m/", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="添加人")
    added_at = models.DateTimeField("添加时间", default=timezone.now)

    class Meta:
        verbose_name = "中试结果文件"
        verbose_name_plural = "中试结果文件"
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["result", "sha256"], name="trial_file_once", violation_error_message="这个文件已经上传过了。"
            )
        ]

    def __str__(self) -> str:
        return self.name

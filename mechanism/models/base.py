"""Pilot bases and proof-of-concept centres, and requests to use them."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Organisation, Region, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from deals.models.confirmation import ConfirmableQuerySet, hash_of_facts
from taxonomy.models import Industry, MaturityBucket


class BaseQuerySet(ConfirmableQuerySet["Base"]):
    party_paths = {"operator": "organisation"}
    optional_roles = frozenset({"operator"})

    def with_operator(self) -> Self:
        """Annotates `is_operator_confirmed`: whether the organisation said that it runs the base."""
        return self.annotate(is_operator_confirmed=self.has_confirmed("operator"))

    def listed(self) -> Self:
        """Public and open to requests."""
        return self.filter(is_listed=True)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff, auditor and districts; the listed ones and those of their organisations for others."""
        scope = scope_of(user)
        if scope.sees_all or scope.is_district:
            return self
        return self.filter(Q(is_listed=True) | Q(organisation__in=scope.organisation_ids))


class Base(PlainText, models.Model):
    class Kind(models.TextChoices):
        PILOT = "pilot", "中试基地"
        PROOF = "proof", "概念验证中心"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    name = models.CharField("名称", max_length=100, unique=True, error_messages={"unique": "已有同名基地。"})
    kind = models.CharField("类别", max_length=10, choices=Kind)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bases",
        limit_choices_to={"kind__in": ["institution", "firm", "agency"]},
        verbose_name="运营单位",
        help_text="这个单位的用户可以答复申请；没有选的由市科技局答复",
    )
    operator = models.CharField("运营单位（文字）", max_length=100, blank=True, help_text="不在平台上时填写")
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bases",
        limit_choices_to={"is_reporting": True},
        verbose_name="所在区市县",
    )
    place = models.CharField("地址", max_length=200, blank=True)
    fields = models.ManyToManyField(Industry, blank=True, related_name="bases", verbose_name="服务领域")
    takes = ArrayField(
        models.CharField(max_length=10, choices=MaturityBucket),
        verbose_name="承接的成熟度",
        default=list,
        blank=True,
    )
    description = models.TextField("能做什么", max_length=2000, blank=True)
    capacity = models.CharField("能力", max_length=300, blank=True, help_text="面积、产线、产能、主要设备")
    price = models.CharField("收费", max_length=300, blank=True, help_text="怎么收费；未定的写“面议”")
    is_listed = models.BooleanField("公开并接受申请", default=True)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    facts_hash = hash_of_facts("name", "kind", "organisation", "region")

    objects = BaseQuerySet.as_manager()

    class Meta:
        verbose_name = "中试基地和概念验证中心"
        verbose_name_plural = "中试基地和概念验证中心"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def run_by(self) -> str:
        """The operator; an organisation of the platform only after it has confirmed that it runs the base."""
        if self.organisation is None:
            return self.operator
        if not hasattr(self, "is_operator_confirmed"):
            self.is_operator_confirmed = Base.objects.filter(pk=self.pk).confirmed_by("operator").exists()
        return self.organisation.name if self.is_operator_confirmed else ""

    @property
    def take_labels(self) -> list[str]:
        return [str(MaturityBucket(bucket).label) for bucket in MaturityBucket.values if bucket in self.takes]


class FreePeriod(PlainText, models.Model):
    """空档: a period in which a base has capacity."""

    base = models.ForeignKey(Base, models.CASCADE, related_name="free_periods", verbose_name="基地")
    starts_on = models.DateField("从")
    ends_on = models.DateField("到")
    note = models.CharField("说明", max_length=100, blank=True, help_text="如“2 号釜”")

    class Meta:
        verbose_name = "空档"
        verbose_name_plural = "空档"
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="free_period_in_order",
                violation_error_message="空档的结束不能早于开始。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} 至 {self.ends_on}"


class BaseRequestQuerySet(models.QuerySet["BaseRequest"]):
    def waiting(self) -> Self:
        return self.filter(status=BaseRequest.Status.ASKED)

    def of(self, user: User | AnonymousUser) -> Self:
        """Requests of institutions and firms that the user represents."""
        scope = scope_of(user)
        return self.filter(organisation__in=scope.institution_ids | scope.firm_ids)

    def answerable_by(self, user: User | AnonymousUser) -> Self:
        """All for city staff; those to their own bases for operators."""
        scope = scope_of(user)
        return self if scope.is_city else self.filter(base__organisation__in=scope.organisation_ids)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditor; for others those of their organisations and those to their bases."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            Q(organisation__in=scope.institution_ids | scope.firm_ids)
            | Q(base__organisation__in=scope.organisation_ids)
        )


class BaseRequest(PlainText, models.Model):
    """A request of an institution or firm to use a base."""

    class Status(models.TextChoices):
        ASKED = "asked", "待答复"
        ACCEPTED = "accepted", "已接受"
        DECLINED = "declined", "未接受"
        WITHDRAWN = "withdrawn", "已撤回"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    base = models.ForeignKey(Base, models.PROTECT, related_name="requests", verbose_name="基地")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="base_requests", verbose_name="申请单位"
    )
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, blank=True, related_name="base_requests", verbose_name="成果"
    )
    what = models.TextField("要做什么", max_length=1000, help_text="样品、批量、要验证的指标")
    wanted_from = models.DateField("希望从", null=True, blank=True)
    wanted_to = models.DateField("到", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间", default=timezone.now, editable=False)
    answer = models.CharField("答复", max_length=300, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)

    objects = BaseRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "中试和验证申请"
        verbose_name_plural = "中试和验证申请"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted_from__isnull=True) | Q(wanted_to__isnull=True) | Q(wanted_to__gte=F("wanted_from")),
                name="base_request_dates_in_order",
                violation_error_message="希望的结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["accepted", "declined"], answered_by__isnull=False, answered_at__isnull=False)
                | Q(status__in=["asked", "withdrawn"], answered_by=None, answered_at=None),
                name="base_request_answered_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(answer=""),
                name="base_request_declined_with_reason",
                violation_error_message="不接受申请请写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.base}"

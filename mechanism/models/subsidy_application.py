"""专项资金: applications with their files, reviews, objections and payouts."""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.public_text import PublicText
from core.removal import RemovableQuerySet
from core.scope import scope_of
from deals.models import Contract
from mechanism.models.evaluation import Expert
from mechanism.models.subsidy import SubsidyCall


class SubsidyApplicationQuerySet(models.QuerySet["SubsidyApplication"]):
    def of(self, user: User | AnonymousUser) -> Self:
        """Applications of the institutions and firms that the user represents."""
        scope = scope_of(user)
        return self.filter(organisation__in=scope.institution_ids | scope.firm_ids)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """What the city's office has received: no drafts."""
        if not scope_of(user).sees_all:
            return self.none()
        return self.filter(submitted_at__isnull=False)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the user's own organisations; for city staff and auditor all that were submitted."""
        scope = scope_of(user)
        own = Q(organisation__in=scope.institution_ids | scope.firm_ids)
        return self.filter(own | Q(submitted_at__isnull=False)) if scope.sees_all else self.filter(own)

    def public(self) -> Self:
        """Grants that anybody may read: publicised ones, and those that were confirmed after it."""
        return self.filter(status__in=SubsidyApplication.COMMITTING)

    def live(self) -> Self:
        return self.exclude(status__in=SubsidyApplication.ENDED)

    def committing(self) -> Self:
        return self.filter(status__in=SubsidyApplication.COMMITTING)

    def with_paid(self) -> Self:
        """Annotates `paid_wan`: what was paid out and not struck, in 万元; money that was taken back counts as paid,
        because it is not paid again."""
        payouts = SubsidyPayout.objects.valid().filter(application=OuterRef("pk")).order_by().values("application")
        paid = Subquery(payouts.annotate(total=Sum("amount_wan")).values("total"))
        return self.annotate(paid_wan=Coalesce(paid, Decimal(0), output_field=models.DecimalField()))

    def awaiting_payout(self) -> Self:
        """Confirmed grants that are not yet paid out in full."""
        rows = self.filter(status__in=SubsidyApplication.PAYABLE)
        return rows.with_paid().filter(paid_wan__lt=F("granted_wan"))


class SubsidyApplication(PublicText, models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待受理"
        RETURNED = "returned", "待补正"
        REVIEW = "review", "评审中"
        REFUSED = "refused", "不予支持"
        PUBLICISED = "publicised", "公示中"
        GRANTED = "granted", "已立项"
        REPORTED = "reported", "待验收"
        PASSED = "passed", "验收通过"
        FAILED = "failed", "验收不通过"
        REVOKED = "revoked", "已撤销"
        WITHDRAWN = "withdrawn", "已撤回"

    EDITABLE = (Status.DRAFT, Status.RETURNED)
    COMMITTING = (Status.PUBLICISED, Status.GRANTED, Status.REPORTED, Status.PASSED, Status.FAILED)
    """Take room in the budget."""
    PAYABLE = (Status.GRANTED, Status.REPORTED, Status.PASSED)
    ENDED = (Status.REFUSED, Status.REVOKED, Status.WITHDRAWN)

    public_text_fields = ("title",)
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    call = models.ForeignKey(SubsidyCall, models.PROTECT, related_name="applications", verbose_name="申报通知")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="subsidy_applications", verbose_name="申报单位"
    )
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, blank=True, related_name="subsidy_applications", verbose_name="成果"
    )
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="subsidy_applications", verbose_name="技术合同"
    )
    title = models.CharField("项目名称", max_length=120, blank=True, help_text="拟支持时会公示")
    content = models.TextField("项目内容", max_length=3000, blank=True, help_text="做什么、已经做到哪一步、钱用在哪里")
    goals = models.TextField("验收目标", max_length=1000, blank=True, help_text="完成时拿什么验收，尽量写数字")
    basis_wan = models.DecimalField("计算基数（万元）", max_digits=14, decimal_places=2, null=True, blank=True)
    requested_wan = models.DecimalField("申请金额（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    ceiling_wan = models.DecimalField("可支持上限（万元）", max_digits=12, decimal_places=2, null=True, editable=False)
    """By the terms of the call and the basis, as they were when it was submitted."""
    sheet = models.JSONField("申报数据", default=list, editable=False)
    """[{group, label, value}]: what the platform knew of applicant, achievement and contract when it was submitted."""
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    status_at = models.DateTimeField("进入该状态的时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="填写人"
    )
    created_at = models.DateTimeField("开始填写", default=timezone.now, editable=False)
    submitted_at = models.DateTimeField("提交时间", null=True, editable=False)
    return_reason = models.TextField("要补正什么", max_length=1000, blank=True, editable=False)
    mend_until = models.DateField("补正期限", null=True, editable=False)
    accepted_at = models.DateTimeField("受理时间", null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="受理人"
    )
    granted_wan = models.DecimalField("支持金额（万元）", max_digits=12, decimal_places=2, null=True, editable=False)
    decision_reason = models.TextField("决定理由", max_length=1000, blank=True, editable=False)
    decided_at = models.DateTimeField("决定时间", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="决定人"
    )
    public_until = models.DateField("公示至", null=True, editable=False)
    confirmed_at = models.DateTimeField("立项时间", null=True, editable=False)
    finish_by = models.DateField("申请验收期限", null=True, editable=False)
    end_reason = models.TextField("撤销或撤回的原因", max_length=1000, blank=True, editable=False)
    report = models.TextField("完成情况", max_length=3000, blank=True, editable=False)
    reported_at = models.DateTimeField("申请验收时间", null=True, editable=False)
    check_reason = models.TextField("验收意见", max_length=1000, blank=True, editable=False)
    checked_at = models.DateTimeField("验收时间", null=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="验收人"
    )

    objects = SubsidyApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "专项资金申报"
        verbose_name_plural = "专项资金申报"
        ordering = ["-created_at", "-pk"]
        permissions = [("decide_subsidy", "Can accept, review, decide and pay subsidies")]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "organisation", "achievement", "contract"],
                condition=~Q(status__in=["refused", "revoked", "withdrawn"]),
                nulls_distinct=False,
                name="subsidy_application_once_per_project",
                violation_error_message="贵单位已经用这项成果（合同）填了这次申报，请打开那一份继续办理。",
            ),
            models.CheckConstraint(
                condition=Q(basis_wan=None) | Q(basis_wan__gt=0),
                name="subsidy_basis_is_money",
                violation_error_message="计算基数要大于零。",
            ),
            models.CheckConstraint(
                condition=Q(requested_wan=None) | Q(requested_wan__gt=0),
                name="subsidy_request_is_money",
                violation_error_message="申请金额要大于零。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "returned", "withdrawn"])
                | Q(submitted_at__isnull=False, requested_wan__isnull=False, ceiling_wan__isnull=False)
                & Q(requested_wan__lte=F("ceiling_wan")),
                name="subsidy_request_within_ceiling",
                violation_error_message="申请金额超过了可支持的上限。",
            ),
            models.CheckConstraint(
                condition=Q(granted_wan=None)
                | Q(granted_wan__gt=0, granted_wan__lte=F("ceiling_wan")) & Q(granted_wan__lte=F("requested_wan")),
                name="subsidy_grant_within_ceiling",
                violation_error_message="支持金额不能超过可支持的上限，也不能超过申请的金额。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["publicised", "granted", "reported", "passed", "failed", "revoked"])
                & Q(granted_wan__isnull=False, public_until__isnull=False, decided_by__isnull=False)
                & Q(decided_at__isnull=False)
                | Q(status__in=["draft", "submitted", "returned", "review", "withdrawn"])
                & Q(granted_wan=None, public_until=None, decided_at=None)
                | Q(status="refused", granted_wan=None, decided_by__isnull=False, decided_at__isnull=False),
                name="subsidy_granted_iff_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | ~Q(decision_reason=""),
                name="subsidy_decided_with_reason",
                violation_error_message="请写明决定的理由。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(accepted_by__isnull=False) & ~Q(decided_by=F("accepted_by")),
                name="subsidy_decided_by_second_officer",
                violation_error_message="受理和决定要由两位专员办理，请交给同事决定。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["passed", "failed"], checked_by__isnull=False, checked_at__isnull=False)
                & ~Q(check_reason="")
                | ~Q(status__in=["passed", "failed"]) & Q(checked_by=None, checked_at=None),
                name="subsidy_checked_with_reason",
                violation_error_message="请写明验收意见。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["granted", "reported", "passed", "failed"])
                | Q(confirmed_at__isnull=False, finish_by__isnull=False),
                name="subsidy_confirmed_has_days",
            ),
        ]
        indexes = [models.Index(fields=["status", "status_at"], name="subsidy_by_status")]

    def __str__(self) -> str:
        return self.title or "未写名称的申报"

    @property
    def is_editable(self) -> bool:
        return self.status in self.EDITABLE


class SubsidyFile(PlainText, models.Model):
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    application = models.ForeignKey(
        SubsidyApplication, models.PROTECT, related_name="files", verbose_name="专项资金申报"
    )
    material = models.CharField("哪一项材料", max_length=200)
    file = models.FileField("文件", upload_to="subsidies/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = RemovableQuerySet["SubsidyFile"].as_manager()

    class Meta:
        verbose_name = "申报材料"
        verbose_name_plural = "申报材料"
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.name


class SubsidyReview(PlainText, models.Model):
    """The advice of one expert, who reads the application by a secret address without an account."""

    class Status(models.TextChoices):
        ASKED = "asked", "待评审"
        GIVEN = "given", "已评审"
        RECUSED = "recused", "已回避"
        RELEASED = "released", "已撤销邀请"

    class Advice(models.TextChoices):
        SUPPORT = "support", "建议支持"
        OPPOSE = "oppose", "建议不支持"

    code = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    application = models.ForeignKey(
        SubsidyApplication, models.PROTECT, related_name="reviews", verbose_name="专项资金申报"
    )
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="subsidy_reviews", verbose_name="评审专家")
    due_on = models.DateField("评审期限")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    advice = models.CharField("建议", max_length=10, choices=Advice, blank=True, editable=False)
    advised_wan = models.DecimalField("建议金额（万元）", max_digits=12, decimal_places=2, null=True, editable=False)
    reason = models.TextField("理由", max_length=1000, blank=True, editable=False)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)

    class Meta:
        verbose_name = "专项资金评审意见"
        verbose_name_plural = "专项资金评审意见"
        ordering = ["application", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "expert"],
                name="subsidy_review_once_per_expert",
                violation_error_message="已邀请过这位专家。",
            ),
            models.CheckConstraint(
                condition=Q(status="given", answered_at__isnull=False) & ~Q(advice="") & ~Q(reason="")
                | ~Q(status="given") & Q(advice="", advised_wan=None),
                name="subsidy_review_given_with_reason",
                violation_error_message="请选择建议并写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(status="recused") & ~Q(reason="") | ~Q(status="recused"),
                name="subsidy_review_recused_with_reason",
                violation_error_message="请写明回避的原因。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.expert)


class SubsidyObjection(PlainText, models.Model):
    """异议 of a signed-in user against a publicised grant. Only the city and its author read it."""

    class Status(models.TextChoices):
        OPEN = "open", "待处理"
        UPHELD = "upheld", "成立"
        DISMISSED = "dismissed", "不成立"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    application = models.ForeignKey(
        SubsidyApplication, models.PROTECT, related_name="objections", verbose_name="专项资金申报"
    )
    text = models.TextField("异议内容", max_length=1000)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    made_at = models.DateTimeField("提出时间", default=timezone.now)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN, editable=False)
    answer = models.TextField("处理意见", max_length=1000, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="处理人"
    )
    answered_at = models.DateTimeField("处理时间", null=True, editable=False)

    class Meta:
        verbose_name = "专项资金异议"
        verbose_name_plural = "专项资金异议"
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", answered_at=None, answer="")
                | ~Q(status="open") & Q(answered_at__isnull=False) & ~Q(answer=""),
                name="subsidy_objection_answered_with_words",
                violation_error_message="处理异议请写明意见。",
            ),
            models.UniqueConstraint(
                fields=["application", "made_by"],
                condition=Q(status="open"),
                name="subsidy_objection_one_open_per_person",
                violation_error_message="您对这个项目的异议还在处理中。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class SubsidyPayoutQuerySet(models.QuerySet["SubsidyPayout"]):
    def valid(self) -> Self:
        """Not struck."""
        return self.filter(struck_at=None)


class SubsidyPayout(PlainText, models.Model):
    """拨付. A database trigger keeps the payouts of an application within its grant. A wrong one is struck."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    application = models.ForeignKey(
        SubsidyApplication, models.PROTECT, related_name="payouts", verbose_name="专项资金申报"
    )
    amount_wan = models.DecimalField("拨付金额（万元）", max_digits=12, decimal_places=2)
    paid_on = models.DateField("拨付日期")
    voucher = models.CharField("支付凭证号", max_length=60)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间", default=timezone.now)
    struck_at = models.DateTimeField("划去时间", null=True, editable=False)
    struck_reason = models.CharField("划去原因", max_length=200, blank=True, editable=False)

    objects: Any = SubsidyPayoutQuerySet.as_manager()

    class Meta:
        verbose_name = "专项资金拨付"
        verbose_name_plural = "专项资金拨付"
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wan__gt=0),
                name="subsidy_payout_is_money",
                violation_error_message="拨付金额要大于零。",
            ),
            models.CheckConstraint(
                condition=Q(struck_at=None, struck_reason="") | Q(struck_at__isnull=False) & ~Q(struck_reason=""),
                name="subsidy_payout_struck_with_reason",
                violation_error_message="划去拨付请写明原因。",
            ),
            models.UniqueConstraint(
                fields=["voucher"],
                condition=Q(struck_at=None),
                name="subsidy_payout_voucher_once",
                violation_error_message="这个支付凭证号已经录入过，请核对。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_wan} 万元"

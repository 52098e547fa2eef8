"""收益分配: what an institution earned from one transfer, and the shares of those who made it.

The amount of a person is seen by the office of the institution and by this person only. Others read totals of cases.
"""

from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from deals.models.contract import Contract
from deals.models.deal import Deal

LEAST_REWARD_PERCENT = 50
"""Of the net income of a transfer or licence, and of the shares for technology (促进科技成果转化法, article 45)."""
MONEY: DecimalField = DecimalField(max_digits=16, decimal_places=2)
NOTHING = Value(Decimal(0), output_field=MONEY)


class IncomeCaseQuerySet(models.QuerySet["IncomeCase"]):
    def visible_to(self, user: User | AnonymousUser) -> "IncomeCaseQuerySet":
        """Those of the institutions whose office the user belongs to; nobody else, not even the city."""
        return self.filter(institution__in=scope_of(user).institution_ids)

    def decided(self) -> "IncomeCaseQuerySet":
        return self.filter(status=IncomeCase.Status.DECIDED)

    def with_totals(self) -> "IncomeCaseQuerySet":
        """Annotates `reward_wan`: the sum of the shares of persons."""
        shares = IncomeShare.objects.filter(case=OuterRef("pk")).order_by().values("case")
        total = Subquery(shares.annotate(total=Sum("amount_wan")).values("total"), output_field=MONEY)
        return self.annotate(reward_wan=Coalesce(total, NOTHING))


class IncomeCase(PlainText, models.Model):
    """One case: the income of a deal or contract, its costs, and how the net income is shared."""

    class Status(models.TextChoices):
        DRAFT = "draft", "拟订中"
        DECIDED = "decided", "已定"
        CANCELLED = "cancelled", "已作废"

    class Way(models.TextChoices):
        TRANSFER = "transfer", "转让"
        LICENCE = "licence", "许可"
        EQUITY = "equity", "作价投资"
        COOPERATION = "cooperation", "自行实施或合作实施"
        SERVICES = "services", "技术开发、咨询、服务"

    REWARDED = (Way.TRANSFER, Way.LICENCE, Way.EQUITY)
    """Ways with a least reward by law."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="income_cases", verbose_name="单位")
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="income_cases", verbose_name="成交项目"
    )
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="income_cases", verbose_name="技术合同"
    )
    title = models.CharField("事项名称", max_length=150, help_text="如某成果许可的第一笔收入")
    way = models.CharField("转化方式", max_length=12, choices=Way)
    income_on = models.DateField("取得收入的日期", help_text="年度报告按这个日期归入年份")
    gross_wan = models.DecimalField(
        "收入（万元）", max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    costs_wan = models.DecimalField(
        "可以扣除的成本（万元）",
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
        help_text="税费、评估费、中介费等，按本单位的办法",
    )
    costs_note = models.CharField("成本说明", max_length=300, blank=True)
    low_reward_reason = models.CharField(
        "奖励低于 50% 的依据", max_length=300, blank=True, help_text="与完成人事先约定的，写明约定的文件和日期"
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    cancelled_reason = models.CharField("作废原因", max_length=200, blank=True, editable=False)
    evidence = models.FileField("分配方案", upload_to="income/%Y/%m/", max_length=200, blank=True, editable=False)
    evidence_name = models.CharField("文件名", max_length=200, blank=True, editable=False)
    evidence_type = models.CharField("类型", max_length=100, blank=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="拟订人"
    )
    made_at = models.DateTimeField("拟订时间", default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="确定人"
    )
    decided_at = models.DateTimeField("确定时间", null=True, editable=False)

    objects = IncomeCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "收益分配"
        verbose_name_plural = "收益分配"
        ordering = ["-income_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(gross_wan__gt=Decimal(0), costs_wan__gte=Decimal(0)) & Q(costs_wan__lte=F("gross_wan")),
                name="income_costs_within_gross",
                violation_error_message="成本不能大于收入。",
            ),
            models.CheckConstraint(
                condition=Q(status="decided", decided_at__isnull=False) & ~Q(evidence="")
                | ~Q(status="decided") & Q(decided_at=None),
                name="income_decided_with_evidence",
                violation_error_message="确定分配要先上传分配方案。",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled") & ~Q(cancelled_reason="")
                | ~Q(status="cancelled") & Q(cancelled_reason=""),
                name="income_cancelled_with_reason",
                violation_error_message="作废请写明原因。",
            ),
        ]
        indexes = [models.Index(fields=["institution", "status", "income_on"], name="income_by_institution")]

    def __str__(self) -> str:
        return self.title

    @property
    def net_wan(self) -> Decimal:
        return self.gross_wan - self.costs_wan

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT


class IncomeShareQuerySet(models.QuerySet["IncomeShare"]):
    def visible_to(self, user: User | AnonymousUser) -> "IncomeShareQuerySet":
        """Those of the own office's cases, and the user's own."""
        scope = scope_of(user)
        office = Q(case__institution__in=scope.institution_ids)
        return self.filter(office | Q(user=scope.user_id))

    def of_person(self, user: User | AnonymousUser) -> "IncomeShareQuerySet":
        """The user's own, without cancelled cases."""
        rows = self.filter(user=scope_of(user).user_id)
        return rows.exclude(case__status=IncomeCase.Status.CANCELLED)

    def objected(self) -> "IncomeShareQuerySet":
        rows = self.filter(objected_at__isnull=False, confirmed_at=None)
        return rows.exclude(case__status=IncomeCase.Status.CANCELLED)


class IncomeShare(PlainText, models.Model):
    """The share of one person. Confirmed by the person through a link or the own account, for one amount."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(IncomeCase, models.PROTECT, related_name="shares", verbose_name="收益分配")
    name = models.CharField("姓名", max_length=30)
    part = models.CharField("贡献", max_length=100, blank=True, help_text="如第一完成人、转化服务")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="平台账号"
    )
    amount_wan = models.DecimalField(
        "金额（万元）", max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    issue = models.PositiveSmallIntegerField(default=1, editable=False)
    """A higher number makes earlier links void."""
    confirmed_at = models.DateTimeField("本人确认时间", null=True, editable=False)
    objected_at = models.DateTimeField("本人提出异议的时间", null=True, editable=False)
    objection = models.CharField("异议", max_length=300, blank=True, editable=False)
    paid_on = models.DateField("发放日期", null=True, editable=False)

    objects = IncomeShareQuerySet.as_manager()

    class Meta:
        verbose_name = "个人份额"
        verbose_name_plural = "个人份额"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "name", "part"],
                name="income_share_once_per_person",
                violation_error_message="这个人已经在分配里。同名的请在“贡献”里写明区别。",
            ),
            models.CheckConstraint(
                condition=Q(amount_wan__gt=Decimal(0)),
                name="income_share_is_positive",
                violation_error_message="个人金额要大于 0。",
            ),
            models.CheckConstraint(
                condition=Q(objected_at=None, objection="") | Q(objected_at__isnull=False) & ~Q(objection=""),
                name="income_share_objected_with_text",
                violation_error_message="请写明异议的内容。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(objected_at=None),
                name="income_share_confirmed_or_objected",
            ),
        ]

    def __str__(self) -> str:
        return "个人份额"

    @property
    def state(self) -> str:
        if self.confirmed_at:
            return "本人已确认"
        return "本人有异议" if self.objected_at else "等本人确认"

"""What comes of a pair: 意向 → 协议签约 → 合同登记 → 履约/到账 → 落地 → 复盘.

A deal continues the pair's follow-up, so that one record carries it from the nod to the last payment; what the match,
the follow-up and the meeting know is read there. Only a deal from outside the platform names its own item and need.
"""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.public_id import new_public_id
from accounts.scope import scope_of
from achievements.models import Achievement
from brokers.models import Agency, Broker
from demands.models import Demand
from docking.models.meeting import Meeting
from matching.models import FollowUp
from taxonomy.plain_text import PlainText


class DealQuerySet(models.QuerySet):
    def running(self):
        return self.exclude(stage__in=[Deal.Stage.FAILED, Deal.Stage.REVIEWED])

    def managed_by(self, user):
        """City and auditor all; a district's staff those whose buyer is in its reporting unit."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(buyer__stat_region__in=scope.region_ids)

    def visible_to(self, user):
        """As `managed_by`, both sides their own, and the broker theirs."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            Q(buyer__stat_region__in=scope.region_ids)
            | Q(buyer__in=scope.firm_ids)
            | Q(seller__in=scope.institution_ids)
            | Q(broker__user=user.pk, broker__user__isnull=False)
        )


class Deal(PlainText, models.Model):
    class Stage(models.TextChoices):
        INTENT = "intent", _("意向")
        SIGNED = "signed", _("协议签约")
        REGISTERED = "registered", _("合同登记")
        PERFORMING = "performing", _("履约到账")
        LANDED = "landed", _("落地")
        REVIEWED = "reviewed", _("已复盘")
        FAILED = "failed", _("未成")

    class Origin(models.TextChoices):
        MATCH = "match", _("平台匹配")
        MEETING = "meeting", _("对接洽谈")
        OUTSIDE = "outside", _("平台之外")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    origin = models.CharField(_("来源"), max_length=10, choices=Origin, editable=False)
    follow_up = models.OneToOneField(
        FollowUp, models.PROTECT, null=True, blank=True, related_name="deal", verbose_name=_("对接跟进")
    )
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("洽谈")
    )
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("成果（平台之外）")
    )
    demand = models.ForeignKey(
        Demand, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("需求（平台之外）")
    )
    name = models.CharField(_("项目名称"), max_length=120)
    seller = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="deals_sold", verbose_name=_("转让方")
    )
    buyer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="deals_bought", verbose_name=_("受让方")
    )
    broker = models.ForeignKey(
        Broker, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("技术经纪人")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("服务机构")
    )
    stage = models.CharField(_("阶段"), max_length=12, choices=Stage, default=Stage.INTENT, editable=False)
    stage_on = models.DateField(_("进入该阶段的日期"), default=timezone.localdate, editable=False)
    intent_wan = models.DecimalField(_("意向金额（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    signed_wan = models.DecimalField(_("签约金额（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    made_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("建立人")
    )

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("成交项目")
        verbose_name_plural = _("成交项目")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(origin="outside", follow_up=None)
                | ~Q(origin="outside") & Q(follow_up__isnull=False, achievement=None, demand=None),
                name="deal_continues_a_follow_up_or_is_from_outside",
                violation_error_message=_("平台内的成交从对接跟进开始；平台之外的请选择“平台之外”。"),
            ),
            models.CheckConstraint(
                condition=(Q(intent_wan=None) | Q(intent_wan__gte=Decimal(0)))
                & (Q(signed_wan=None) | Q(signed_wan__gte=Decimal(0))),
                name="deal_money_not_negative",
                violation_error_message=_("金额不能小于 0。"),
            ),
        ]
        indexes = [models.Index(fields=["stage", "stage_on"], name="deal_by_stage")]

    def __str__(self):
        return self.name


class DealStep(models.Model):
    """A stage reached, skipped to or gone back to. Written once."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="steps", verbose_name=_("成交项目"))
    stage = models.CharField(_("阶段"), max_length=12, choices=Deal.Stage)
    on = models.DateField(_("日期"))
    note = models.CharField(_("说明"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("记录人")
    )
    made_at = models.DateTimeField(_("记录时间"), default=timezone.now)

    class Meta:
        verbose_name = _("成交进展")
        verbose_name_plural = _("成交进展")
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return f"{self.get_stage_display()} {self.on}"


class Payment(models.Model):
    """到账, one instalment. Money that came in, never a promise."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="payments", verbose_name=_("成交项目"))
    amount_wan = models.DecimalField(_("到账金额（万元）"), max_digits=12, decimal_places=2)
    received_on = models.DateField(_("到账日期"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("记录人")
    )
    made_at = models.DateTimeField(_("记录时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("到账")
        verbose_name_plural = _("到账")
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wan__gt=Decimal(0)),
                name="payment_is_positive",
                violation_error_message=_("到账金额要大于 0。"),
            ),
        ]

    def __str__(self):
        return f"{self.received_on} {self.amount_wan}"

"""Targets of the city, and the rule by which the local rate is calculated, each with source and validity."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.scope import scope_of
from mechanism.city_rows import target_keys


def target_figures() -> list[tuple[str, str]]:
    """The figures for which the city sets targets. Their names have the city's words, so migrations refer to this."""
    keys = target_keys(settings.CITY)
    return [(key, str(Target.Figure(key).label)) for key in keys if key in Target.Figure.values]


class TargetQuerySet(models.QuerySet["Target"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all else self.none()

    def for_year(self, year: int) -> dict[str, "Target"]:
        """{figure: target}: that of the year or the next later one, otherwise the latest."""
        targets: dict[str, Target] = {}
        for target in self.order_by("year"):
            if target.figure not in targets or targets[target.figure].year < year:
                targets[target.figure] = target
        return targets


class Target(PlainText, models.Model):
    class Figure(models.TextChoices):
        TURNOVER = "turnover", "技术合同成交额（亿元）"
        LOCAL_RATE = "local_rate", f"科技成果{settings.CITY.in_city}转化率（%）"
        FUNDS = "funds", "基金规模（亿元）"
        AGENCIES = "agencies", "中介机构（家）"
        ITEMS = "items", "入库项目（项）"

    figure = models.CharField("指标", max_length=20, choices=target_figures)
    year = models.PositiveSmallIntegerField("目标年度", help_text="到这一年达到；成交额和转化率按这一年计")
    value = models.DecimalField("目标值", max_digits=12, decimal_places=2, help_text="单位见指标名称：亿元、%、家或项")
    is_over = models.BooleanField("须超过", default=False, help_text="不选表示达到即可")
    source = models.CharField("依据", max_length=200)
    valid_from = models.DateField("有效期从")
    valid_to = models.DateField("到", null=True, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = "目标"
        verbose_name_plural = "目标"
        ordering = ["-year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["figure", "year"],
                name="target_once_per_year",
                violation_error_message="这个指标在这一年已有目标，请修改已有的一条。",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0), name="target_is_positive", violation_error_message="目标值要大于 0。"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="target_validity_in_order",
                violation_error_message="有效期的结束不能早于开始。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_figure_display()} {self.year}"


class RateRuleQuerySet(models.QuerySet["RateRule"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()

    def in_force(self, on):
        """The rule of that day; None means all local institutions, by amount."""
        return self.filter(valid_from__lte=on).order_by("-valid_from").prefetch_related("institutions").first()


class RateRule(PlainText, models.Model):
    """转化率口径: the monitored institutions, and whether the rate is based on amounts or on contracts."""

    class Basis(models.TextChoices):
        AMOUNT = "amount", "按成交金额"
        NUMBER = "number", "按合同项数"

    valid_from = models.DateField(
        "从哪天起", unique=True, error_messages={"unique": "这一天起的口径已有一条，请修改已有的一条。"}
    )
    basis = models.CharField("计算基础", max_length=10, choices=Basis, default=Basis.AMOUNT)
    institutions = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="+",
        limit_choices_to={"kind": "institution"},
        verbose_name="重点监测的高校院所",
        help_text="不选表示本市的全部高校院所",
    )
    source = models.CharField("依据", max_length=200, blank=True)

    objects = RateRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "转化率口径"
        verbose_name_plural = "转化率口径"
        ordering = ["-valid_from"]

    def __str__(self) -> str:
        return f"{self.valid_from} {self.get_basis_display()}"

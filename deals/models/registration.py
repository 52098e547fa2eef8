"""The rules for registering technology contracts, with the dates between which each is in force."""

import re
from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from accounts.models import User
from core.plain_text import PlainText


class DateSpan(Func):
    """A range of dates that includes both ends; NULL leaves an end open."""

    function = "DATERANGE"
    output_field = DateRangeField()


class RegistrationRuleQuerySet(models.QuerySet["RegistrationRule"]):
    def visible_to(self, user: User) -> "RegistrationRuleQuerySet":
        """All: the rules are public."""
        return self

    def in_force(self, on: date) -> "RegistrationRuleQuerySet":
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gte=on))


class RegistrationRule(PlainText, models.Model):
    name = models.CharField("规则名称", max_length=100, unique=True)
    authority = models.CharField("登记主管部门", max_length=100)
    kinds = ArrayField(models.CharField(max_length=12), verbose_name="合同类别", help_text="这一规则下可以登记的类别")
    number_pattern = models.CharField(
        "编号格式", max_length=100, blank=True, help_text="正则表达式；不符合的编号不能登记，也不能导入"
    )
    valid_from = models.DateField("生效日期", null=True, blank=True)
    valid_to = models.DateField("失效日期", null=True, blank=True)
    source = models.CharField("出处", max_length=300, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)

    objects = RegistrationRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "登记规则"
        verbose_name_plural = "登记规则"
        ordering = [F("valid_from").asc(nulls_first=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="registration_rule_dates_in_order",
                violation_error_message="失效日期不能早于生效日期。",
            ),
            ExclusionConstraint(
                name="registration_rules_do_not_overlap",
                expressions=[(DateSpan("valid_from", "valid_to", Value("[]")), RangeOperators.OVERLAPS)],
                violation_error_message="有效期与另一条规则重叠。",
            ),
        ]

    def __str__(self):
        return self.name

    def covers(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def fits(self, number: str) -> bool:
        """Whether a registration number has the expected format. Without a valid pattern every number has."""
        try:
            return not self.number_pattern or re.fullmatch(self.number_pattern, number) is not None
        except re.error:
            return True

"""A scan of all records, with how far in the audit trail it has read."""

from django.db import models
from django.utils import timezone


class Scan(models.Model):
    """Written when it is done, in the transaction of its cases: a scan that dies leaves nothing."""

    at = models.DateTimeField("时间", default=timezone.now)
    last_record = models.BigIntegerField("操作记录至", default=0)
    contracts = models.PositiveIntegerField("合同", default=0)
    findings = models.PositiveIntegerField("线索", default=0)
    opened = models.PositiveIntegerField("新线索", default=0)
    changed = models.PositiveIntegerField("有变化", default=0)
    gone = models.PositiveIntegerField("消失", default=0)

    class Meta:
        verbose_name = "诚信核查"
        verbose_name_plural = "诚信核查"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

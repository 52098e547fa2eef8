"""The firm's consent to the risk that an anonymous demand is traced to it."""

from django.conf import settings
from django.db import models

from demands.models.demand import Demand


class ExposureConsent(models.Model):
    """The firm's own yes to publish an anonymous demand although few firms fit it or something in it leads to the firm.

    It holds for the text with this hash only, and for no fewer fitting firms than it names.
    """

    demand = models.ForeignKey(Demand, models.CASCADE, related_name="exposure_consents", verbose_name="需求")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="确认人")
    at = models.DateTimeField("确认时间", auto_now_add=True)
    fitting_firms = models.PositiveIntegerField("符合的企业数")
    finds = models.JSONField("提示", default=list)
    text_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "匿名风险确认"
        verbose_name_plural = "匿名风险确认"
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.demand} · {self.by}"

"""Detail rows of an achievement: indicators, intellectual property, completers."""

from django.db import models

from achievements.models.achievement import Achievement
from core.masking import mask_name
from core.public_text import PublicText
from taxonomy.models import IndicatorBase


class Indicator(IndicatorBase):
    public_text_fields = (*IndicatorBase.public_text_fields, "basis", "today")

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="indicators")
    basis = models.CharField("依据", max_length=100, blank=True, help_text="如第三方检测、用户报告、单位自测")
    today = models.CharField("行业常见水平", max_length=60, blank=True)

    class Meta(IndicatorBase.Meta):
        abstract = False
        verbose_name = "技术指标"
        verbose_name_plural = "技术指标"

    @property
    def sheet_text(self) -> str:
        """As a cell of a sheet holds it, which an import reads again: 循环寿命 ≥ 2000 次（行业常见 1200 次）."""
        return f"{self}（行业常见 {self.today}）" if self.today else str(self)


class IntellectualProperty(PublicText, models.Model):
    public_text_fields = ("title", "number", "state")

    class Kind(models.TextChoices):
        INVENTION = "invention", "发明专利"
        UTILITY_MODEL = "utility_model", "实用新型"
        DESIGN = "design", "外观设计"
        SOFTWARE = "software", "软件著作权"
        LAYOUT = "layout", "集成电路布图设计权"
        PLANT_VARIETY = "plant_variety", "植物新品种"
        KNOW_HOW = "know_how", "技术秘密"
        OTHER = "other", "其他"

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="intellectual_property")
    kind = models.CharField("类型", max_length=20, choices=Kind)
    title = models.CharField("名称", max_length=200, blank=True)
    number = models.CharField("编号", max_length=40, blank=True)
    state = models.CharField("法律状态", max_length=30, blank=True, help_text="如授权、实质审查")
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = "知识产权"
        verbose_name_plural = "知识产权"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()


class Completer(PublicText, models.Model):
    public_text_fields = ("name", "unit")

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="completers")
    name = models.CharField("姓名", max_length=30)
    unit = models.CharField("单位", max_length=100, blank=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = "主要完成人"
        verbose_name_plural = "主要完成人"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return mask_name(self.name)

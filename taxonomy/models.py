"""Vocabulary shared by achievements, demands and brokers: industries, transfer ways, maturity, indicators."""

from typing import ClassVar, Self

from django.db import models

from core.public_text import PublicText


class IndustryQuerySet(models.QuerySet["Industry"]):
    def active(self) -> Self:
        return self.filter(is_active=True)


class Industry(models.Model):
    """产业链, two levels. Stored as rows because city staff edit the official list."""

    slug = models.SlugField("代码", unique=True)
    name = models.CharField("名称", max_length=60, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级产业"
    )
    aliases = models.CharField("别名", max_length=300, blank=True, help_text="导入表格时也认得的写法，用顿号分开")
    order = models.PositiveSmallIntegerField("顺序", default=0)
    is_active = models.BooleanField("启用", default=True)

    objects = IndustryQuerySet.as_manager()

    class Meta:
        verbose_name = "产业"
        verbose_name_plural = "产业"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class TransferWay(models.TextChoices):
    """转化方式: 促进科技成果转化法 (2015) art. 16, with the terms of the collection forms."""

    ASSIGNMENT = "assignment", "技术转让"
    LICENCE = "licence", "技术许可"
    JOINT_DEVELOPMENT = "joint_development", "合作开发"
    COMMISSIONED = "commissioned", "委托开发"
    EQUITY = "equity", "作价入股"
    SERVICE = "service", "技术咨询与服务"
    OWN_INVESTMENT = "own_investment", "自行实施"
    OTHER = "other", "其他方式"


EXCLUSIVE_PATTERN = "(^|[^非不无未])(独家|独占|排他|买断)"
"""Regular expression for texts that ask for or report exclusive use. Valid in Python and PostgreSQL."""


class MaturityScale(models.TextChoices):
    """Three maturity scales that are not comparable; `maturity_bucket` maps them to common stages."""

    TRL9 = "trl9", "技术就绪度（9 级）"
    GBT37264 = "gbt37264", "GB/T 37264 新材料（9 级）"
    GBT22900_13 = "gbt22900_13", "GB/T 22900（13 级）"


class MaturityBucket(models.TextChoices):
    CONCEPT = "concept", "概念验证"
    LAB = "lab", "小试"
    PILOT = "pilot", "中试"
    INDUSTRIAL = "industrial", "可产业化"


MAX_MATURITY_LEVEL: dict[str, int] = {MaturityScale.TRL9: 9, MaturityScale.GBT37264: 9, MaturityScale.GBT22900_13: 13}


def maturity_bucket(scale: str, level: int | None) -> str:
    """The common stage of a level: 1–3, 4–5, 6–7, or 8 and above, on each scale. Empty without a level.

    Raises ValueError if the level is not on the scale.
    """
    if level is None:
        return ""
    if not 1 <= level <= MAX_MATURITY_LEVEL[MaturityScale(scale)]:
        raise ValueError(f"{scale} has no level {level}")
    if level <= 3:
        return MaturityBucket.CONCEPT
    if level <= 5:
        return MaturityBucket.LAB
    return MaturityBucket.PILOT if level <= 7 else MaturityBucket.INDUSTRIAL


class Comparison(models.TextChoices):
    AT_LEAST = "ge", "≥"
    AT_MOST = "le", "≤"
    MORE_THAN = "gt", ">"
    LESS_THAN = "lt", "<"
    EQUAL = "eq", "="
    ABOUT = "about", "约"
    BETWEEN = "between", "区间"
    WORDS = "words", "文字描述"


_SIGNS = dict(Comparison.choices)
"""Faster than `get_comparison_display`, which rebuilds the choices on each call; a match run formats thousands."""


class IndicatorBase(PublicText, models.Model):
    """One quantified indicator: what is measured, how it compares, in which unit, under which condition."""

    public_text_fields: ClassVar[tuple[str, ...]] = ("name", "value", "value_to", "unit", "condition")

    name = models.CharField("指标名称", max_length=100)
    comparison = models.CharField("比较", max_length=10, choices=Comparison, default=Comparison.AT_LEAST)
    value = models.CharField("数值", max_length=60, help_text="按原样填写，如 91 或 -40")
    value_to = models.CharField("区间上限", max_length=60, blank=True)
    unit = models.CharField("单位", max_length=30, blank=True)
    condition = models.CharField("测试条件", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        abstract = True
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.text}"

    @property
    def text(self) -> str:
        """The formatted value, such as ≥ 91%, 10–20 μm, 约 3 年."""
        if self.comparison == Comparison.BETWEEN:
            figure = f"{self.value}–{self.value_to}"
        elif self.comparison == Comparison.WORDS:
            figure = self.value
        else:
            figure = f"{_SIGNS.get(self.comparison, self.comparison)} {self.value}"
        return f"{figure} {self.unit}".strip() if self.unit not in {"%", "℃", "‰"} else f"{figure}{self.unit}"

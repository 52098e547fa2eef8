"""Month-end close (月结): figures that a person has checked and another has signed, frozen as a numbered version."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.public_id import new_public_id
from core.scope import scope_of


class FigureVersionQuerySet(models.QuerySet["FigureVersion"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """City staff and auditors; everybody else sees signed values on boards and on the public page."""
        return self if scope_of(user).sees_all else self.none()

    def signed(self) -> Self:
        return self.filter(status=FigureVersion.Status.SIGNED)

    def awaiting_signature(self) -> Self:
        return self.filter(status=FigureVersion.Status.CHECKED)

    # Which signed version is shown: `mechanism.closing.authentic`.


class FigureVersion(models.Model):
    """The figures of a month and of the year up to its end, also of the quarter if the month ends it.

    `public_id` is the code by which anybody can check a printed copy. `number` counts the versions of the period.
    `definitions`: {figure: {"label", "formula", "unit", "version", …}}. `public_report`: what the public page shows.
    `row_sets`: {figure that selects the rows: {"model", "figures"}}. `previous`: the signed version that the
    restatements refer to. Hashes are SHA-256 in hexadecimal digits; `seal` is an HMAC over the content and the
    signature. A database trigger refuses changes of everything that is frozen.
    """

    class Status(models.TextChoices):
        CHECKED = "checked", "已核对，待签发"
        SIGNED = "signed", "已签发"
        WITHDRAWN = "withdrawn", "已撤回核对"

    public_id = models.CharField("核验码", max_length=10, unique=True, default=new_public_id, editable=False)
    period = models.CharField("月份", max_length=7, editable=False)
    last_on = models.DateField("截至", editable=False)
    number = models.PositiveSmallIntegerField("版本", editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.CHECKED, editable=False)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="later", verbose_name="对照的版本"
    )
    note = models.TextField("核对说明", max_length=1000, blank=True, editable=False)
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False, verbose_name="核对人")
    checked_at = models.DateTimeField("核对时间", editable=False)
    signed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="签发人"
    )
    signed_at = models.DateTimeField("签发时间", null=True, editable=False)
    office = models.CharField("签发单位", max_length=100, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="撤回人"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)
    definitions = models.JSONField("口径", default=dict, editable=False)
    public_report = models.JSONField("公开的内容", default=dict, editable=False)
    row_sets = models.JSONField("记录的分组", default=dict, editable=False)
    row_count = models.PositiveIntegerField("记录数", default=0, editable=False)
    rows_hash = models.CharField("记录的校验值", max_length=64, blank=True, editable=False)
    values_hash = models.CharField("数值和更正的校验值", max_length=64, blank=True, editable=False)
    content_hash = models.CharField("校验值", max_length=64, blank=True, editable=False)
    seal = models.CharField("签章值", max_length=64, blank=True, editable=False)

    objects = FigureVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "月结版本"
        verbose_name_plural = "月结版本"
        ordering = ["-last_on", "-number", "-pk"]
        permissions = [
            ("check_figureversion", "Can check the figures of a month"),
            ("sign_figureversion", "Can sign the figures of a month"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "number"],
                condition=~Q(status="withdrawn"),
                name="figure_version_numbered_once",
                violation_error_message="这个月的这一版已经有了，请刷新页面查看。",
            ),
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(status="checked"),
                name="figure_version_checked_once",
                violation_error_message="这个月已经有人核对，正在等待签发。请刷新页面查看。",
            ),
            models.CheckConstraint(
                condition=~Q(status="signed")
                | Q(signed_by__isnull=False, signed_at__isnull=False)
                & ~Q(office="")
                & ~Q(seal="")
                & ~Q(content_hash=""),
                name="figure_version_signed_is_sealed",
                violation_error_message="签发要有签发人、时间、单位和签章值。",
            ),
            models.CheckConstraint(
                condition=Q(status="signed") | Q(signed_by=None, signed_at=None, seal=""),
                name="figure_version_unsigned_has_no_signature",
                violation_error_message="没有签发的版本不能带签章。",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("checked_by")),
                name="figure_version_checked_and_signed_by_two",
                violation_error_message="核对人和签发人不能是同一个人，请另一位市级专员签发。",
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn", withdrawn_by__isnull=False, withdrawn_at__isnull=False)
                | ~Q(status="withdrawn") & Q(withdrawn_by=None, withdrawn_at=None),
                name="figure_version_withdrawn_iff_by_whom",
                violation_error_message="撤回核对要记下撤回人和时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month_label}月结第{self.number}版"

    @property
    def month_label(self) -> str:
        return f"{self.last_on.year}年{self.last_on.month}月"

    @property
    def is_signed(self) -> bool:
        return self.status == self.Status.SIGNED

    @property
    def is_restatement(self) -> bool:
        return self.number > 1


class FrozenFigure(models.Model):
    """The value of a figure in a version, as a whole (`by` is empty) or one line of a split.

    `value` is in the unit of the figure, sums in 万元. `parts`: {part of the figure: [rows, sum]}.
    """

    class Span(models.TextChoices):
        MONTH = "month", "当月"
        QUARTER = "quarter", "当季"
        YEAR = "year", "年初以来"

    version = models.ForeignKey(FigureVersion, models.PROTECT, related_name="figures")
    span = models.CharField(max_length=7, choices=Span)
    figure = models.CharField(max_length=40)
    by = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=200, blank=True)
    value = models.DecimalField(max_digits=24, decimal_places=4, null=True)
    rows = models.PositiveIntegerField()
    total = models.DecimalField(max_digits=24, decimal_places=2)
    part_rows = models.PositiveIntegerField()
    part = models.DecimalField(max_digits=24, decimal_places=2)
    parts = models.JSONField(default=dict)

    class Meta:
        verbose_name = "月结的数"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "span", "figure", "by", "name"],
                name="frozen_figure_once",
                violation_error_message="同一版本中同一个数只存一次。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.span} {self.by} {self.name}"


class FrozenRow(models.Model):
    """A counted row of a version: the facts that are counted, and their SHA-256. `row_set`: key of `row_sets`."""

    version = models.ForeignKey(FigureVersion, models.PROTECT, related_name="frozen_rows", db_index=False)
    row_set = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    facts = models.JSONField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        verbose_name = "月结的记录"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "row_set", "object_id"],
                name="frozen_row_once",
                violation_error_message="同一版本中同一条记录只计一次。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_set} {self.object_id}"


class Restatement(models.Model):
    """更正: why a row differs from the signed version that was restated. `before` and `after` are counted facts."""

    class Kind(models.TextChoices):
        CAME = "came", "新计入"
        WENT = "went", "不再计入"
        CHANGED = "changed", "内容变了"

    version = models.ForeignKey(FigureVersion, models.PROTECT, related_name="restatements")
    row_set = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    kind = models.CharField("变化", max_length=7, choices=Kind)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField("更正理由", max_length=300)

    class Meta:
        verbose_name = "更正"
        ordering = ["object_id", "row_set"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "row_set", "object_id"],
                name="restatement_once",
                violation_error_message="同一条记录在一版中只更正一次。",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="restatement_has_reason",
                violation_error_message="每处更正都要写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_set} {self.object_id}：{self.get_kind_display()}"

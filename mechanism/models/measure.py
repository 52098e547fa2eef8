"""Measures of a task with owner and deadline, their milestones, reports, comments and evidence."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, DateField, Exists, F, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Least
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.removal import RemovableQuerySet
from core.scope import scope_of
from mechanism.models.minutes import Minutes
from mechanism.models.task import Task, assigned_to

DUE_SOON = timedelta(days=7)
"""Time before the deadline from which a measure is 临期 and its owner is reminded."""


class MeasureQuerySet(models.QuerySet["Measure"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and the auditor; the assigned ones for district and bureau officers; none for
        others."""
        return self if scope_of(user).sees_all else self.filter(assigned_to(user))

    def open(self) -> Self:
        return self.filter(done_at=None, dropped_at=None)

    def with_state(self, on: date | None = None) -> Self:
        """Annotates `deadline`, the next due date of the measure or a milestone, and `state`, a `Measure.State`.

        `on`: the reference day, today by default.
        """
        today = on or timezone.localdate()
        waiting = Milestone.objects.filter(measure=OuterRef("pk"), reached_on=None).order_by()
        next_milestone = Subquery(waiting.values("measure").annotate(day=Min("due_on")).values("day"))
        states = Measure.State
        return self.annotate(deadline=Least(F("due_on"), next_milestone, output_field=DateField())).annotate(
            state=Case(
                When(done_at__isnull=False, then=Value(states.DONE)),
                When(dropped_at__isnull=False, then=Value(states.DROPPED)),
                When(deadline__lt=today, then=Value(states.OVERDUE)),
                When(deadline__lte=today + DUE_SOON, then=Value(states.DUE_SOON)),
                When(Q(begun_at__isnull=False) | Q(starts_on__lte=today), then=Value(states.RUNNING)),
                default=Value(states.NOT_BEGUN),
                output_field=models.CharField(),
            )
        )

    def awaiting_report(self, until: date) -> Self:
        """Open, with a report due on or before `until`, and none that the city has still to review."""
        pending = Remark.objects.pending().filter(measure=OuterRef("pk"))
        return self.open().filter(report_due_on__lte=until).exclude(Exists(pending))

    def overdue_first(self) -> Self:
        """`with_state`, ordered by urgency."""
        order = [When(state=state, then=Value(place)) for place, state in enumerate(Measure.State.values)]
        return self.with_state().order_by(Case(*order), F("deadline").asc(nulls_last=True), "pk")


class Measure(PlainText, models.Model):
    """举措: one action for a task, from the plan or from the minutes of a meeting."""

    class State(models.TextChoices):
        """Derived from the dates, not stored. In order of urgency."""

        OVERDUE = "overdue", "逾期"
        DUE_SOON = "due_soon", "临期"
        RUNNING = "running", "进行中"
        NOT_BEGUN = "not_begun", "未开始"
        DONE = "done", "已完成"
        DROPPED = "dropped", "已取消"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    task = models.ForeignKey(Task, models.PROTECT, related_name="measures", verbose_name="任务")
    title = models.CharField("举措", max_length=200)
    detail = models.TextField("具体要求", max_length=2000, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        limit_choices_to={"kind__in": ["city", "bureau", "district"]},
        verbose_name="责任单位",
        help_text="选区市县科技部门或市级部门，它就能看到并报告进展",
    )
    joint = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="joint_measures",
        limit_choices_to={"kind__in": ["bureau", "district"]},
        verbose_name="配合单位",
        help_text="也能看到这项举措并报告进展",
    )
    body = models.CharField("责任单位（文字）", max_length=200, blank=True, help_text="不在平台上的部门写在这里")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        limit_choices_to={"is_active": True},
        verbose_name="责任人",
        help_text="到期前由平台提醒",
    )
    starts_on = models.DateField("开始日期", null=True, blank=True)
    due_on = models.DateField("完成期限", null=True, blank=True)
    report_days = models.PositiveSmallIntegerField(
        "几天报一次进展",
        null=True,
        blank=True,
        validators=[MinValueValidator(7), MaxValueValidator(180)],
        help_text="如 30；市级部门按此报告，每次经市里审核后顺延。不要求的留空",
    )
    report_due_on = models.DateField("下次报进展", null=True, blank=True, help_text="到期没有报告，记为逾期")
    minutes = models.ForeignKey(
        Minutes, models.PROTECT, null=True, blank=True, related_name="measures", verbose_name="会议纪要"
    )
    begun_at = models.DateTimeField("开始办理时间", null=True, editable=False)
    done_at = models.DateTimeField("完成时间", null=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="确认人"
    )
    dropped_at = models.DateTimeField("取消时间", null=True, editable=False)
    dropped_reason = models.CharField("取消原因", max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = "任务举措"
        verbose_name_plural = "任务举措"
        ordering = ["task", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | ~Q(body=""),
                name="measure_has_a_body",
                violation_error_message="请选择或写明责任单位。",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(due_on__isnull=True) | Q(due_on__gte=F("starts_on")),
                name="measure_dates_in_order",
                violation_error_message="完成期限不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="measure_done_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_reason="")
                | Q(dropped_at__isnull=False, done_at=None) & ~Q(dropped_reason=""),
                name="measure_dropped_with_reason",
                violation_error_message="取消举措必须写明原因，已完成的不能取消。",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                name="measure_open_by_day",
                condition=Q(done_at__isnull=True, dropped_at__isnull=True),
            )
        ]

    deadline: date | None
    state: str
    """Only on rows of `with_state()`."""

    def __str__(self) -> str:
        return self.title

    @property
    def responsible(self) -> str:
        return "、".join(name for name in (self.organisation.name if self.organisation else "", self.body) if name)

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.dropped_at is None

    @property
    def state_label(self) -> str:
        """Label of `state`; only for rows of `with_state()`."""
        return str(self.State(self.state).label)


class Milestone(PlainText, models.Model):
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="milestones", verbose_name="举措")
    title = models.CharField("节点", max_length=100)
    due_on = models.DateField("期限")
    reached_on = models.DateField("达到日期", null=True, editable=False)
    reached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="报告人"
    )

    class Meta:
        verbose_name = "节点"
        verbose_name_plural = "节点"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reached_on=None, reached_by=None) | Q(reached_on__isnull=False, reached_by__isnull=False),
                name="milestone_reached_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_late(self) -> bool:
        return self.reached_on is None and self.due_on < timezone.localdate()


class RemarkQuerySet(models.QuerySet["Remark"]):
    def pending(self) -> Self:
        """Reports of bureaus that the city has not reviewed."""
        return self.filter(review=Remark.Review.PENDING)

    def valid(self) -> Self:
        """Without the reports of bureaus that wait for the city, or that it returned."""
        return self.filter(review__in=[Remark.Review.NONE, Remark.Review.ACCEPTED])


class Remark(PlainText, models.Model):
    """A progress report of the responsible body, or a comment. The city reviews the reports of bureaus."""

    class Kind(models.TextChoices):
        REPORT = "report", "进展"
        COMMENT = "comment", "意见"

    class Review(models.TextChoices):
        NONE = "", "不需审核"
        PENDING = "pending", "待审核"
        ACCEPTED = "accepted", "已采纳"
        RETURNED = "returned", "已退回"

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="remarks", verbose_name="举措")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    text = models.TextField("内容", max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("时间", default=timezone.now)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="报告单位"
    )
    """The bureau that reports; empty for city and districts."""
    wants_finish = models.BooleanField("请市里确认完成", default=False, db_default=False)
    review = models.CharField(
        "审核", max_length=10, choices=Review, default=Review.NONE, db_default="", blank=True, editable=False
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="审核人"
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, editable=False)
    review_note = models.CharField("审核意见", max_length=300, blank=True, db_default="", editable=False)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = "进展和意见"
        verbose_name_plural = "进展和意见"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(review__in=["accepted", "returned"], reviewed_by__isnull=False, reviewed_at__isnull=False)
                | Q(review__in=["", "pending"], reviewed_by=None, reviewed_at=None),
                name="remark_reviewed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(review="") | Q(kind="report", organisation__isnull=False),
                name="remark_reviewed_is_report_of_bureau",
            ),
            models.CheckConstraint(
                condition=~Q(review="returned") | ~Q(review_note=""),
                name="remark_returned_with_reason",
                violation_error_message="退回请写明原因。",
            ),
            models.UniqueConstraint(
                fields=["measure", "organisation"],
                condition=Q(review="pending"),
                name="remark_one_pending_per_bureau",
                violation_error_message="上一份进展还在等市里审核。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Evidence(PlainText, models.Model):
    """A file or a link that shows what was done. Files are checked by content and sent only as downloads."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="evidence", verbose_name="举措")
    remark = models.ForeignKey(
        Remark, models.PROTECT, null=True, editable=False, related_name="evidence", verbose_name="进展"
    )
    name = models.CharField("名称", max_length=200)
    link = models.URLField("网址", max_length=300, blank=True)
    file = models.FileField("文件", upload_to="evidence/%Y/%m/", max_length=200, blank=True)
    content_type = models.CharField("类型", max_length=100, blank=True)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="添加人")
    added_at = models.DateTimeField("添加时间", default=timezone.now)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = RemovableQuerySet["Evidence"].as_manager()

    class Meta:
        verbose_name = "佐证"
        verbose_name_plural = "佐证"
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(link="") & ~Q(file="") | Q(file="") & ~Q(link=""),
                name="evidence_is_file_or_link",
                violation_error_message="请上传一个文件，或填写一个网址，二者选一。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

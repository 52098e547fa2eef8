"""Agenda items of a round: what takes place in which hall, and who must attend."""

from typing import NamedTuple, Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.timezone import localtime

from accounts.models import User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from rounds.models.docking_round import DockingRound, not_announced
from rounds.models.party import Attendee, Party
from rounds.models.ranges import half_open_range, single_value_range
from rounds.models.venue import Hall


class ExternalSpeaker(NamedTuple):
    """A speaker who is not on the guest list."""

    name: str
    position: str


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def active(self) -> Self:
        return self.filter(dropped_at=None)

    def public(self) -> Self:
        """Public items of announced rounds."""
        return self.active().filter(is_public=True).exclude(not_announced("docking_round__"))

    def for_calendars(self, user: User | AnonymousUser) -> Self:
        """Items that are or were public, including cancelled ones, so that calendars learn of the cancellation."""
        shown = self.filter(is_public=True)
        return shown if scope_of(user).sees_all else shown.exclude(not_announced("docking_round__"))

    def with_people(self) -> Self:
        """With all rows that conflict checks, pages and papers read, in a fixed number of queries."""
        return self.select_related("hall", "achievement__institution").prefetch_related(
            "parties__organisation", "attendees__party__organisation", "speakers__party__organisation"
        )

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditors; the public ones for district staff."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.public() if scope.is_district else self.none()

    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all else self.public()


class AgendaItem(PlainText, models.Model):
    """Attendance is required of `parties` as a whole, of `attendees` as single people, and of the speakers."""

    class Kind(models.TextChoices):
        OPENING = "opening", "签到、开场"
        PITCH = "pitch", "推介"
        POLICY = "policy", "政策解读"
        AWARD = "award", "表彰"
        SIGNING = "signing", "签约"
        TALKS = "talks", "洽谈"
        BREAK = "break", "茶歇"
        OTHER = "other", "其他"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="agenda", verbose_name="对接活动")
    kind = models.CharField("类型", max_length=10, choices=Kind)
    title = models.CharField("内容", max_length=120)
    hall = models.ForeignKey(
        Hall,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agenda",
        verbose_name="场地",
        help_text="全场一起的茶歇等可以不填",
    )
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    achievement = models.ForeignKey(
        Achievement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agenda_items",
        verbose_name="推介成果",
        help_text="类型为“推介”时填写",
    )
    speakers = models.ManyToManyField(Attendee, blank=True, related_name="speaks_at", verbose_name="发言人")
    guests = models.TextField(
        "其他发言人",
        max_length=1000,
        blank=True,
        help_text="不在参会名单里的人，一行一位，姓名和单位职务之间空一格，如：李示例 市科技局处长",
    )
    parties = models.ManyToManyField(
        Party,
        blank=True,
        related_name="agenda",
        verbose_name="应到单位",
        help_text="全体到场；排洽谈时会避开这段时间",
    )
    attendees = models.ManyToManyField(
        Attendee, blank=True, related_name="agenda", verbose_name="应到人员", help_text="只请个别人时填写"
    )
    is_public = models.BooleanField("公开", default=True, help_text="活动发布后，所有人都能看到")
    note = models.CharField("备注（不公开）", max_length=300, blank=True)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    """Number of changes: calendars update an entry only if it has grown (RFC 5545, SEQUENCE)."""
    changed_at = models.DateTimeField("修改时间", default=timezone.now, editable=False)
    dropped_at = models.DateTimeField("取消时间", null=True, editable=False)
    dropped_reason = models.CharField("取消原因", max_length=200, blank=True, editable=False)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = "议程"
        verbose_name_plural = "议程"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="agenda_ends_after_start",
                violation_error_message="结束时间要晚于开始时间；过了午夜的请按两天分别填写。",
            ),
            models.CheckConstraint(
                condition=Q(achievement=None) | Q(kind="pitch"),
                name="agenda_achievement_is_pitched",
                violation_error_message="只有“推介”可以选推介成果。",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_reason="") | Q(dropped_at__isnull=False) & ~Q(dropped_reason=""),
                name="agenda_dropped_with_reason",
                violation_error_message="取消议程请说明原因。",
            ),
            ExclusionConstraint(
                name="agenda_one_item_per_hall",
                expressions=[
                    (single_value_range("hall"), RangeOperators.OVERLAPS),
                    (half_open_range("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(dropped_at=None, hall__isnull=False),
                violation_error_message="这个场地在这段时间已有别的议程。",
            ),
        ]

    def __str__(self) -> str:
        return f"{localtime(self.starts_at):%H:%M} {self.title}"

    def get_constraints(self):
        """Without the hall's exclusion constraint: `agenda_item_problems` reports it with the names of both items."""
        return [
            (model, [constraint for constraint in constraints if not isinstance(constraint, ExclusionConstraint)])
            for model, constraints in super().get_constraints()
        ]

    def clean(self) -> None:
        if self.hall and self.docking_round_id and self.hall.docking_round_id != self.docking_round_id:
            raise ValidationError({"hall": "这个场地不属于本次活动，请重新选择。"})

    @property
    def span(self) -> str:
        """Day and times: 12-16 09:00–10:30."""
        return f"{localtime(self.starts_at):%m-%d %H:%M}–{localtime(self.ends_at):%H:%M}"

    @property
    def guest_list(self) -> list[ExternalSpeaker]:
        """External speakers in the order of the text."""
        lines = (line.strip().partition(" ") for line in self.guests.replace("\u3000", " ").splitlines())
        return [ExternalSpeaker(name, position.strip()) for name, _space, position in lines if name]

    @property
    def speaker_names(self) -> list[str]:
        """Speakers with organisation or position, those of the guest list first (use `with_people`)."""
        listed = [f"{speaker.name}（{speaker.party.organisation.name}）" for speaker in self.speakers.all()]
        return listed + [
            f"{speaker.name}（{speaker.position}）" if speaker.position else speaker.name for speaker in self.guest_list
        ]

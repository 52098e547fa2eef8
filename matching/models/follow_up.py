"""Follow-up of an accepted match: both sides are asked; once both are willing, an owner follows the pair.

Status: 征询双方意愿 → 洽谈中 → 已达意向 → 已转入成交 (a deal of `deals` continues the pair), or 已结束 with a
reason from any of them.
"""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from core.public_id import new_public_id
from core.scope import scope_of
from mandates.models import Right, clients_of
from matching.models.match import BrokerRequest, Match
from matching.models.review import Question
from matching.models.statement import SideStatement

Side = Question.Side


def answer_deadline_passed(prefix: str = "") -> Q:
    """Condition on a `FollowUpCheck`: valid, unanswered and due more than CHECK_REMIND_DAYS days ago.

    `prefix`: the path to the check, for example "checks__" in a filter on `FollowUp`.
    """
    last_day = timezone.localdate() - timedelta(days=settings.CHECK_REMIND_DAYS)
    conditions = {"answered_at": None, "dropped_at": None, "due_on__lt": last_day}
    return Q(**{f"{prefix}{lookup}": value for lookup, value in conditions.items()})


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def not_withdrawn(self) -> Self:
        """Exclude follow-ups whose match was withdrawn before any side answered."""
        return self.exclude(status=FollowUp.Status.WITHDRAWN)

    def running(self) -> Self:
        return self.filter(status__in=FollowUp.RUNNING)

    def asking(self) -> Self:
        return self.filter(status=FollowUp.Status.ASKING)

    def overdue(self) -> Self:
        """A side, the owner or the firm is late: see the three methods below."""
        return self.late_to_answer() | self.late_to_act() | self.late_to_report()

    def late_to_answer(self) -> Self:
        """A side has not answered by its due date."""
        late = SideResponse.objects.filter(follow_up=OuterRef("pk")).late()
        return self.filter(Exists(late), status=FollowUp.Status.ASKING)

    def late_to_report(self) -> Self:
        """The firm has not answered a survey of 30, 60 or 90 days in time."""
        late = FollowUp.objects.filter(answer_deadline_passed("checks__"))
        return self.filter(pk__in=late.values("pk"), status__in=FollowUp.FOLLOWED)

    def late_to_act(self) -> Self:
        """The day of the next step has passed."""
        return self.filter(status__in=FollowUp.FOLLOWED, next_on__lt=timezone.localdate())

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """District staff manage the follow-ups of their own firms; city staff and the auditor all."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(match__demand__firm__stat_region__in=scope.region_ids)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Both sides and their agents by a mandate to attend, staff of the firm's district, the owner and a broker who
        accepted the request; city staff and the auditor see all."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        clients = clients_of(user, Right.ATTEND)
        taken = BrokerRequest.objects.filter(broker__user=scope.user_id, status=BrokerRequest.Status.TAKEN)
        return self.filter(
            Q(match__demand__firm__stat_region__in=scope.region_ids)
            | ~Q(status="withdrawn")
            & (
                Q(match__demand__firm__in=scope.firm_ids)
                | Q(match__achievement__institution__in=scope.institution_ids)
                | Q(owner=scope.user_id)
                | Q(match__in=taken.values("match"))
                | Q(match__demand__firm__in=clients)
                | Q(match__achievement__institution__in=clients)
            )
        )


class FollowUp(models.Model):
    """An accepted match from the request to both sides on. `owner`: the officer who accepted it, or a broker.

    Until both sides are willing, an anonymous firm is masked for readers who do not know it already, and no contact is
    shared. An agreed status rests on one own statement of each side (`firm_statement`, `institution_statement`); a
    database trigger checks that they are the sides' own words about this match, and intents for 已达意向.
    """

    class Status(models.TextChoices):
        ASKING = "asking", "征询双方意愿"
        TALKS = "talks", "洽谈中"
        INTENT = "intent", "已达意向"
        DEAL = "deal", "已转入成交"
        CLOSED = "closed", "已结束"
        WITHDRAWN = "withdrawn", "已撤回"

    FOLLOWED = (Status.TALKS, Status.INTENT)
    RUNNING = (Status.ASKING, *FOLLOWED)
    AGREED = (*FOLLOWED, Status.DEAL)

    class CloseReason(models.TextChoices):
        UNWILLING = "unwilling", "一方不愿意"
        NO_ANSWER = "no_answer", "逾期没有答复"
        NO_DEAL = "no_deal", "洽谈未成"
        CHANGED = "changed", "成果或需求已有变化"
        OTHER = "other", "其他原因"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    match = models.OneToOneField(Match, models.PROTECT, related_name="follow_up", verbose_name="匹配")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKING, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="follow_ups", verbose_name="跟进人"
    )
    opened_at = models.DateTimeField("征询时间", default=timezone.now)
    agreed_at = models.DateTimeField("双方同意时间", null=True, editable=False)
    next_on = models.DateField("下次跟进日期", null=True, editable=False)
    closed_reason = models.CharField("结束原因", max_length=10, choices=CloseReason, blank=True, editable=False)
    closed_note = models.CharField("结束说明", max_length=300, blank=True, editable=False)
    closed_at = models.DateTimeField("结束时间", null=True, editable=False)
    closed_by_side = models.CharField(
        "哪一方不愿意", max_length=10, choices=Side, blank=True, default="", db_default="", editable=False
    )
    firm_statement = models.ForeignKey(
        SideStatement, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="企业的表示"
    )
    institution_statement = models.ForeignKey(
        SideStatement, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="院校的表示"
    )
    consent_since = models.DateTimeField("从何时起的表示有效", null=True, editable=False)
    """Positive words before it do not count, because the follow-up was closed after them."""
    intent_since = models.DateTimeField("从何时起的意向有效", null=True, editable=False)
    """Intents before it do not count, because the follow-up returned to talks after them."""
    intent_asked_at = models.DateTimeField("意向待双方确认", null=True, editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = "对接跟进"
        verbose_name_plural = "对接跟进"
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["talks", "intent"], agreed_at__isnull=False, next_on__isnull=False)
                | Q(status__in=["asking", "withdrawn"], agreed_at=None, next_on=None)
                | Q(status="deal", agreed_at__isnull=False, next_on=None)
                | Q(status="closed"),
                name="follow_up_has_next_day_iff_agreed",
                violation_error_message="跟进中的对接需要下次跟进日期。",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(closed_reason="")
                | ~Q(status="closed") & Q(closed_at=None, closed_reason=""),
                name="follow_up_closed_with_reason",
                violation_error_message="结束对接必须选择原因。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["talks", "intent", "deal"])
                | Q(firm_statement__isnull=False, institution_statement__isnull=False),
                name="follow_up_agreed_by_both_sides",
                violation_error_message="双方都由本单位表示愿意后，才能进入洽谈。",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "next_on"], name="follow_up_by_next_day"),
            models.Index(fields=["owner", "status"], name="follow_up_by_owner"),
        ]

    def __str__(self) -> str:
        return str(self.match)

    @property
    def is_running(self) -> bool:
        return self.status in self.RUNNING

    @property
    def is_agreed(self) -> bool:
        """Both sides were willing and it is not closed: names are known and contacts may be shown."""
        return self.status in self.AGREED

    @property
    def is_late(self) -> bool:
        return self.next_on is not None and self.is_agreed and self.next_on < timezone.localdate()

    @property
    def about(self) -> str:
        """Key under which contacts are shared and notices are grouped."""
        return f"follow-up {self.public_id}"


class SideResponseQuerySet(models.QuerySet["SideResponse"]):
    def awaiting_answer(self) -> Self:
        return self.filter(status__in=SideResponse.OPEN, follow_up__status="asking")

    def late(self) -> Self:
        return self.filter(status__in=SideResponse.OPEN, due_on__lt=timezone.localdate())

    def represented_by(self, user: User | AnonymousUser) -> Self:
        """Responses that this user gives: as an officer of the firm or of the institution."""
        scope = scope_of(user)
        return self.filter(
            Q(side=Side.FIRM, follow_up__match__demand__firm__in=scope.firm_ids)
            | Q(side=Side.INSTITUTION, follow_up__match__achievement__institution__in=scope.institution_ids)
        )

    def awaiting_answer_of(self, user: User | AnonymousUser) -> Self:
        return self.awaiting_answer().represented_by(user)

    def to_be_reminded(self) -> Self:
        """Unanswered, close to the due date, and not reminded of this due date yet."""
        today = timezone.localdate()
        soon = today + timedelta(days=settings.ANSWER_REMIND_DAYS)
        return self.awaiting_answer().filter(due_on__gte=today, due_on__lte=soon, reminded_at=None)


class SideResponse(models.Model):
    """Whether one side is willing to meet the other. Only staff read its reason unless the side shares it."""

    class Status(models.TextChoices):
        ASKED = "asked", "待答复"
        MORE = "more", "想了解更多"
        WILLING = "willing", "愿意"
        UNWILLING = "unwilling", "不愿意"

    OPEN = (Status.ASKED, Status.MORE)

    class Reason(models.TextChoices):
        NOT_FIT = "not_fit", "技术上不合适"
        TERMS = "terms", "价格或合作方式不合"
        TAKEN = "taken", "已有合作对象"
        TIMING = "timing", "目前没有时间或预算"
        OTHER = "other", "其他原因"

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="responses", verbose_name="对接")
    side = models.CharField("哪一方", max_length=10, choices=Side)
    status = models.CharField("答复", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    due_on = models.DateField("答复期限")
    reason = models.CharField("不愿意的原因", max_length=10, choices=Reason, blank=True, editable=False)
    note = models.CharField("说明", max_length=300, blank=True, editable=False)
    is_reason_shared = models.BooleanField("原因可以告诉对方", default=False, editable=False)
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="联系人"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    answered_in_person = models.BooleanField(
        "洽谈时当面答复", default=False, db_default=False, editable=False, help_text="没有因此留下联系人"
    )
    spoken_with = models.CharField(
        "电话答复人", max_length=30, blank=True, editable=False, help_text="由工作人员记录的电话答复"
    )
    reported_at = models.DateTimeField("电话答复时间", null=True, editable=False)
    """Staff recorded by telephone that the side is willing; it waits for the side's own confirmation."""
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="记录人"
    )
    reported_contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="电话中说的联系人"
    )
    reminded_at = models.DateTimeField("提醒时间", null=True, editable=False)

    objects = SideResponseQuerySet.as_manager()

    class Meta:
        verbose_name = "对接意愿"
        verbose_name_plural = "对接意愿"
        ordering = ["follow_up", "side"]
        constraints = [
            models.UniqueConstraint(fields=["follow_up", "side"], name="side_response_once_per_side"),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "more"], answered_at=None, answered_by=None)
                | Q(status__in=["willing", "unwilling"], answered_at__isnull=False),
                name="side_response_answered_iff_decided",
            ),
            models.CheckConstraint(
                condition=Q(status="unwilling") & ~Q(reason="") | ~Q(status="unwilling") & Q(reason=""),
                name="side_response_refused_with_reason",
                violation_error_message="不愿意对接时请选择原因。",
            ),
            models.CheckConstraint(
                condition=Q(status="willing", contact__isnull=False)
                | Q(status="willing", answered_in_person=True)
                | ~Q(status="willing") & Q(contact=None),
                name="side_response_names_a_contact",
                violation_error_message="愿意对接时请选择联系人。",
            ),
            models.CheckConstraint(
                condition=Q(reported_at=None, reported_by=None, reported_contact=None)
                | Q(status__in=["asked", "more"], reported_at__isnull=False, reported_by__isnull=False),
                name="side_response_report_waits_for_the_side",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="side_response_by_limit")]

    def __str__(self) -> str:
        return f"{self.get_side_display()} · {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()

    @property
    def organisation(self) -> Organisation:
        """The firm or the institution that responds."""
        match = self.follow_up.match
        return match.demand.firm if self.side == Side.FIRM else match.achievement.institution


class Inquiry(models.Model):
    """想了解更多: a question of one side before it answers, and the reply of staff. The other side reads neither."""

    response = models.ForeignKey(SideResponse, models.PROTECT, related_name="inquiries", verbose_name="对接意愿")
    text = models.CharField("想了解什么", max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提问人")
    asked_at = models.DateTimeField("提问时间", default=timezone.now)
    reply = models.CharField("答复", max_length=1000, blank=True, editable=False)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="答复人"
    )
    replied_at = models.DateTimeField("答复时间", null=True, editable=False)

    class Meta:
        verbose_name = "对接咨询"
        verbose_name_plural = "对接咨询"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["response"],
                condition=Q(replied_at=None),
                name="inquiry_one_open_per_side",
                violation_error_message="上一个问题还在等答复。",
            ),
            models.CheckConstraint(
                condition=Q(reply="", replied_at=None, replied_by=None)
                | ~Q(reply="") & Q(replied_at__isnull=False, replied_by__isnull=False),
                name="inquiry_replied_iff_text",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


def with_open_inquiry() -> Exists:
    """Condition for a filter on `SideResponse`: it has an inquiry without a reply."""
    return Exists(Inquiry.objects.filter(response=OuterRef("pk"), replied_at=None))


class FollowUpStep(models.Model):
    """One entry in the history of a follow-up: a state reached or a note of the owner. Written once."""

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="steps", verbose_name="对接")
    status = models.CharField("状态", max_length=10, choices=FollowUp.Status)
    note = models.CharField("进展", max_length=1000, blank=True)
    next_on = models.DateField("下次跟进日期", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="记录人")
    made_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "跟进记录"
        verbose_name_plural = "跟进记录"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.note[:40] or self.get_status_display()

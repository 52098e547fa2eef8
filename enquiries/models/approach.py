"""主动对接: one side approaches the other without a match. A firm asks about an achievement (询问), or an institution
answers a demand (应答). Both kinds share the thread, the clock and the way into a follow-up.

Status: 已送达 → 已读 → 已答复 → 约谈 → 已转对接 (a follow-up of `matching` continues the pair), or 已结束 with a
reason from any of the open ones.
"""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from achievements.models import Achievement
from core.plain_text import REASON_LENGTH
from core.public_id import new_public_id
from core.scope import Scope, scope_of
from demands.models import Demand
from mandates.models import Right, clients_of
from matching.models import Match, Question

Side = Question.Side
MAX_TEXT = 1000


def is_sent_by(scope: Scope) -> Q:
    """Condition on an `Approach`: one of the reader's organisations began it."""
    return Q(kind="enquiry", firm__in=scope.firm_ids) | Q(kind="answer", institution__in=scope.institution_ids)


def is_received_by(scope: Scope) -> Q:
    """Condition on an `Approach`: one of the reader's organisations has to answer."""
    return Q(kind="enquiry", institution__in=scope.institution_ids) | Q(kind="answer", firm__in=scope.firm_ids)


def _is_mandated_to(user: User | AnonymousUser) -> Q:
    clients = clients_of(user, Right.ANSWER, Right.ATTEND)
    return Q(firm__in=clients) | Q(institution__in=clients)


class ApproachQuerySet(models.QuerySet["Approach"]):
    def enquiries(self) -> Self:
        """询问: a firm asks about an achievement."""
        return self.filter(kind=Approach.Kind.ENQUIRY)

    def answers(self) -> Self:
        """应答: an institution answers a demand."""
        return self.filter(kind=Approach.Kind.ANSWER)

    def open(self) -> Self:
        """Neither ended nor continued by a follow-up."""
        return self.filter(status__in=Approach.OPEN)

    def awaiting_answer(self) -> Self:
        """The recipient has not answered yet: the clock runs."""
        return self.filter(status__in=Approach.UNANSWERED)

    def late(self) -> Self:
        """Awaiting an answer after the due date."""
        return self.awaiting_answer().filter(answer_due_on__lt=timezone.localdate())

    def began_talks(self) -> Self:
        """Continued by a follow-up whose talks began with this approach, not by a match that both had agreed to."""
        agreed = F("match__follow_up__agreed_at")
        return self.filter(
            status=Approach.Status.DOCKING, firm_agreed_at__lte=agreed, institution_agreed_at__lte=agreed
        )

    def sent_by(self, user: User | AnonymousUser) -> Self:
        """Approaches that the user's own organisations made."""
        return self.filter(is_sent_by(scope_of(user)))

    def received_by(self, user: User | AnonymousUser) -> Self:
        """The inbox that all officers of an organisation share."""
        return self.filter(is_received_by(scope_of(user)))

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """District staff manage the approaches of and to their own firms; city staff and the auditor all."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(firm__stat_region__in=scope.region_ids)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Both sides and their agents, staff of the firm's district; city staff and the auditor see all."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            _is_mandated_to(user)
            | Q(firm__in=scope.firm_ids)
            | Q(institution__in=scope.institution_ids)
            | Q(firm__stat_region__in=scope.region_ids)
        )

    def mandated_to(self, user: User | AnonymousUser) -> Self:
        """Those of the user's clients, by a mandate to answer or to attend."""
        return self.filter(_is_mandated_to(user))

    def about(self, q: str) -> Self:
        """For staff, who know the names: `q` in a title or the name of a side."""
        return self.filter(
            Q(achievement__title__icontains=q)
            | Q(demand__title__icontains=q)
            | Q(institution__name__icontains=q)
            | Q(firm__name__icontains=q)
        )

    def with_pair(self) -> Self:
        """With both organisations and what the approach is about, in one query."""
        return self.select_related(
            "firm__stat_region", "institution", "achievement", "demand__firm", "match__follow_up"
        )


class Approach(models.Model):
    """One approach. `firm` and `institution` are the two sides; `kind` says which of them began.

    An anonymous firm has the alias `public_alias` here until it agrees to be named (`named_at`). The alias of an
    enquiry is drawn for this enquiry alone; that of an answer is the alias of the demand.

    Each side agrees to the follow-up for itself and names its contact (`…_agreed_at`, `…_agreed_by`, `…_contact`).
    """

    class Kind(models.TextChoices):
        ENQUIRY = "enquiry", "企业询问成果"
        ANSWER = "answer", "院所应答需求"

    class Status(models.TextChoices):
        SENT = "sent", "已送达"
        READ = "read", "已读"
        ANSWERED = "answered", "已答复"
        TALK = "talk", "约谈"
        DOCKING = "docking", "已转对接"
        ENDED = "ended", "已结束"

    UNANSWERED = (Status.SENT, Status.READ)
    OPEN = (*UNANSWERED, Status.ANSWERED, Status.TALK)

    class Purpose(models.TextChoices):
        """What the sender wants."""

        ADOPT = "adopt", "想引进使用"
        JOINT = "joint", "想合作开发"
        TRIAL = "trial", "想试用或打样"
        SERVICE = "service", "想请专家解决问题"
        LEARN = "learn", "先了解情况"
        OFFER = "offer", "提供方案"

    FIRM_PURPOSES = (Purpose.ADOPT, Purpose.JOINT, Purpose.TRIAL, Purpose.SERVICE, Purpose.LEARN)

    class EndReason(models.TextChoices):
        NOT_FIT = "not_fit", "技术上不合适"
        TERMS = "terms", "价格或合作方式不合"
        TAKEN = "taken", "已有合作对象"
        TIMING = "timing", "目前没有时间或预算"
        SOLVED = "solved", "问题已经解决"
        WITHDRAWN = "withdrawn", "发起方撤回"
        OTHER = "other", "其他原因"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    firm = models.ForeignKey(
        Organisation, models.PROTECT, related_name="firm_approaches", limit_choices_to={"kind": "firm"}
    )
    institution = models.ForeignKey(
        Organisation, models.PROTECT, related_name="institution_approaches", limit_choices_to={"kind": "institution"}
    )
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, blank=True, related_name="approaches", verbose_name="成果"
    )
    """Null for an answer that offers something that is not registered."""
    demand = models.ForeignKey(
        Demand, models.PROTECT, null=True, blank=True, related_name="approaches", verbose_name="需求"
    )
    """What an answer answers; for an enquiry the demand that the firm chose for the follow-up, or null before."""
    purpose = models.CharField("目的", max_length=10, choices=Purpose)
    text = models.TextField("内容", max_length=MAX_TEXT)
    text_digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    """SHA-256 of the text without blanks and signs: the same text to many is refused."""
    is_anonymous = models.BooleanField("企业匿名", default=False)
    public_alias = models.CharField("企业对外名称", max_length=60, blank=True, editable=False)
    named_at = models.DateTimeField("企业同意公开名称的时间", null=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发起人")

    status = models.CharField("状态", max_length=10, choices=Status, default=Status.SENT, editable=False)
    sent_at = models.DateTimeField("送达时间", default=timezone.now)
    read_at = models.DateTimeField("首次阅读时间", null=True, editable=False)
    first_answered_at = models.DateTimeField("首次答复时间", null=True, editable=False)
    last_event_at = models.DateTimeField("最近动态", default=timezone.now, editable=False)
    answer_due_on = models.DateField("答复期限")
    reminded_at = models.DateTimeField("提醒时间", null=True, editable=False)
    district_told_at = models.DateTimeField("提请区县时间", null=True, editable=False)
    city_told_at = models.DateTimeField("提请市级时间", null=True, editable=False)
    ended_at = models.DateTimeField("结束时间", null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="结束人"
    )
    ended_side = models.CharField("哪一方结束", max_length=11, choices=Side, blank=True, editable=False)
    end_reason = models.CharField("结束原因", max_length=10, choices=EndReason, blank=True, editable=False)
    end_note = models.CharField("结束说明", max_length=REASON_LENGTH, blank=True, editable=False)

    firm_agreed_at = models.DateTimeField("企业同意对接的时间", null=True, editable=False)
    firm_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    firm_contact = models.ForeignKey(Contact, models.PROTECT, null=True, editable=False, related_name="+")
    institution_agreed_at = models.DateTimeField("院所同意对接的时间", null=True, editable=False)
    institution_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    institution_contact = models.ForeignKey(Contact, models.PROTECT, null=True, editable=False, related_name="+")
    match = models.ForeignKey(
        Match, models.PROTECT, null=True, editable=False, related_name="approaches", verbose_name="对接"
    )
    """The pair whose follow-up continues the approach."""

    objects = ApproachQuerySet.as_manager()

    class Meta:
        verbose_name = "主动对接"
        verbose_name_plural = "主动对接"
        ordering = ["-last_event_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="enquiry", achievement__isnull=False) | Q(kind="answer", demand__isnull=False),
                name="approach_names_its_subject",
            ),
            models.UniqueConstraint(
                fields=["firm", "achievement"],
                condition=Q(kind="enquiry", status__in=["sent", "read", "answered", "talk"]),
                name="approach_one_open_enquiry",
                violation_error_message="贵单位对这项成果已有一条进行中的询问，请在原来的询问里继续。",
            ),
            models.UniqueConstraint(
                fields=["institution", "demand", "achievement"],
                condition=Q(kind="answer", status__in=["sent", "read", "answered", "talk"]),
                nulls_distinct=False,
                name="approach_one_open_answer",
                violation_error_message="贵单位对这项需求已有一条进行中的应答，请在原来的应答里继续。",
            ),
            models.CheckConstraint(condition=~Q(firm=F("institution")), name="approach_has_two_sides"),
            models.CheckConstraint(
                condition=Q(is_anonymous=False) | ~Q(public_alias=""), name="approach_anonymous_has_alias"
            ),
            models.CheckConstraint(
                condition=Q(status="sent", read_at=None) | Q(read_at__isnull=False) | Q(status="ended"),
                name="approach_read_before_answered",
            ),
            models.CheckConstraint(
                condition=Q(first_answered_at__isnull=False) | Q(status__in=["sent", "read", "ended"]),
                name="approach_answered_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_at__isnull=False) & ~Q(end_reason="")
                | ~Q(status="ended") & Q(ended_at=None, end_reason="", ended_by=None),
                name="approach_ended_with_reason",
                violation_error_message="请选择结束的原因。",
            ),
            models.CheckConstraint(
                condition=Q(status="docking", match__isnull=False, demand__isnull=False, achievement__isnull=False)
                & Q(firm_agreed_at__isnull=False, institution_agreed_at__isnull=False)
                | ~Q(status="docking"),
                name="approach_docking_has_match",
                violation_error_message="双方都同意后才能转入对接。",
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "status", "-last_event_at"], name="approach_of_institution"),
            models.Index(fields=["firm", "status", "-last_event_at"], name="approach_of_firm"),
            models.Index(
                fields=["answer_due_on"], condition=Q(status__in=["sent", "read"]), name="approach_awaiting_answer"
            ),
        ]

    def __str__(self) -> str:
        """The public text: what the approach is about, as published."""
        if self.kind == self.Kind.ENQUIRY:
            return f"关于成果“{self.achievement}”的询问" if self.achievement else "询问"
        return f"对需求“{self.demand.public_text('title')}”的应答" if self.demand else "应答"

    def alias_of(self, organisation: Organisation) -> str:
        """`accounts.names.Matter`: the alias of this approach alone."""
        return self.public_alias if self.is_anonymous and organisation.pk == self.firm_id else ""

    def admits(self, scope: Scope) -> bool:
        """The institution knows the firm once the firm agreed to be named."""
        return self.named_at is not None and self.institution_id in scope.institution_ids

    @property
    def is_enquiry(self) -> bool:
        return self.kind == self.Kind.ENQUIRY

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def awaits_answer(self) -> bool:
        return self.status in self.UNANSWERED

    @property
    def is_late(self) -> bool:
        return self.awaits_answer and self.answer_due_on < timezone.localdate()

    @property
    def hides_firm(self) -> bool:
        """Whether the institution still reads the alias."""
        return self.is_anonymous and self.named_at is None

    @property
    def sender_side(self) -> str:
        return Side.FIRM if self.is_enquiry else Side.INSTITUTION

    @property
    def recipient_side(self) -> str:
        return Side.INSTITUTION if self.is_enquiry else Side.FIRM

    @property
    def sender(self) -> Organisation:
        return self.organisation_of(self.sender_side)

    @property
    def recipient(self) -> Organisation:
        return self.organisation_of(self.recipient_side)

    def organisation_of(self, side: str) -> Organisation:
        return self.firm if side == Side.FIRM else self.institution

    def side_of(self, scope: Scope) -> str:
        """The side for which the user acts; empty for others. The recipient's for a user of both organisations."""
        sides = [self.recipient_side, self.sender_side]
        ids = {
            Side.FIRM: (self.firm_id, scope.firm_ids),
            Side.INSTITUTION: (self.institution_id, scope.institution_ids),
        }
        return next((side for side in sides if ids[Side(side)][0] in ids[Side(side)][1]), "")

    @property
    def about(self) -> str:
        """Key by which notices are grouped."""
        return f"approach {self.public_id}"

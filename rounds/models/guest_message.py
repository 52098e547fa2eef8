"""What the guests of a round were told, by which way, and what became of it: a round's outbox and call list."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Membership, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from notices.models import Delivery, Notice
from rounds.models.docking_round import DockingRound
from rounds.models.party import Party


def _mails() -> QuerySet[Delivery]:
    return Delivery.objects.filter(guest_messages=OuterRef("pk"))


def _notices() -> QuerySet[Notice]:
    """The notices to the users of the guest itself: all guests of a round may have those of one key.

    The key begins with `about`, so it is not asked for: of all guests of a round it is the same, and by its index each
    guest would read the notices of all.
    """
    users = Membership.objects.filter(organisation=OuterRef(OuterRef("party__organisation"))).values("user")
    return Notice.objects.filter(recipient__in=users, key=OuterRef("notice_key")).order_by()


def _pushes() -> QuerySet[Delivery]:
    """What the gateway was given for these users; not what was taken back."""
    users = Membership.objects.filter(organisation=OuterRef(OuterRef("party__organisation"))).values("user")
    pushes = Delivery.objects.filter(notice__recipient__in=users, notice__key=OuterRef("notice_key"))
    return pushes.exclude(status=Delivery.Status.DROPPED).order_by()


class GuestMessageQuerySet(models.QuerySet["GuestMessage"]):
    def managed_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(party__in=Party.objects.managed_by(user).values("pk"))

    visible_to = managed_by

    def last_of_each(self) -> Self:
        """Of each kind the last one to each party, so that a row stands for one guest."""
        rows = self.order_by("party_id", "kind", "-made_at", "-pk").distinct("party_id", "kind")
        return self.filter(pk__in=rows.values("pk"))

    def with_state(self) -> Self:
        """Annotate `state`, one of `GuestMessage.State`. Each message has exactly one."""
        State, Way = GuestMessage.State, GuestMessage.Way
        mails, pushes = _mails(), _pushes()
        read = _notices().filter(read_at__isnull=False, withdrawn_at=None)
        sent, queued = Q(status=Delivery.Status.SENT), Q(status=Delivery.Status.QUEUED)
        answered = Q(party__answered_at__gte=F("made_at"))
        return self.annotate(
            state=Case(
                When(~Q(outcome="") & ~Q(outcome=GuestMessage.Outcome.NO_REPLY), then=Value(State.CALLED)),
                When(Exists(read) | answered, then=Value(State.READ)),
                When(Q(way=Way.CALL), then=Value(State.TO_CALL)),
                When(Exists(pushes.filter(delivered_at__isnull=False)), then=Value(State.DELIVERED)),
                When(Q(way=Way.NOTICE) & ~Exists(pushes), then=Value(State.SENT)),
                When(Exists(mails.filter(sent)) | Exists(pushes.filter(sent)), then=Value(State.SENT)),
                When(Exists(mails.filter(queued)) | Exists(pushes.filter(queued)), then=Value(State.QUEUED)),
                When(Q(way=Way.NOTICE), then=Value(State.FAILED)),
                default=Value(State.RETURNED),
                output_field=CharField(),
            )
        )

    def with_failures(self) -> Self:
        """Annotate `failure`, why the last delivery that failed did, and `may_resend`: a person may try once more."""
        failed = Q(status=Delivery.Status.FAILED)
        last = [rows.filter(failed).order_by("-pk").values("error")[:1] for rows in (_pushes(), _mails())]
        anew = failed & Q(resends=0)
        return self.annotate(
            failure=Coalesce(*(Subquery(rows) for rows in last), Value("")),
            may_resend=Exists(_mails().filter(anew)) | Exists(_pushes().filter(anew)),
        )

    def in_state(self, *states: str) -> Self:
        return self.with_state().filter(Q(state__in=states))

    def to_call(self) -> Self:
        """Those whose guest is to be telephoned: nothing else reaches it, or nothing that was sent arrived."""
        return self.in_state(*GuestMessage.CALLABLE)


class GuestMessage(PlainText, models.Model):
    """One message to one guest of a round: mailed, shown in its account, or to be told by telephone."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", "邀请"
        REMINDER = "reminder", "提醒答复"
        CHANGE = "change", "活动变动"
        PLAN = "plan", "洽谈日程"
        TALK = "talk", "请接受洽谈"
        ANSWER = "answer", "对答复的回复"

    class Way(models.TextChoices):
        MAIL = "mail", "邮件"
        NOTICE = "notice", "平台消息"
        CALL = "call", "电话"

    class State(models.TextChoices):
        QUEUED = "queued", "待发出"
        SENT = "sent", "已发"
        DELIVERED = "delivered", "送达"
        READ = "read", "已读"
        RETURNED = "returned", "退回"
        FAILED = "failed", "失败"
        TO_CALL = "to_call", "待电话"
        CALLED = "called", "已电话"

    class Outcome(models.TextChoices):
        REACHED = "reached", "已转达"
        COMING = "coming", "说要参加"
        DECLINED = "declined", "说不参加"
        NO_REPLY = "no_reply", "没接通"
        WRONG = "wrong", "号码不对，已另行联系"

    UNREACHED = (State.RETURNED, State.FAILED)
    CALLABLE = (State.TO_CALL, *UNREACHED)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(
        DockingRound, models.CASCADE, related_name="guest_messages", verbose_name="对接活动"
    )
    party = models.ForeignKey(Party, models.CASCADE, related_name="messages", verbose_name="参会单位")
    kind = models.CharField("事项", max_length=12, choices=Kind)
    way = models.CharField("方式", max_length=10, choices=Way)
    subject = models.CharField("标题", max_length=200)
    text = models.TextField("内容")
    notice_about = models.CharField(max_length=60, blank=True, default="", editable=False)
    notice_key = models.CharField(max_length=120, blank=True, default="", editable=False)
    """`about` and key of the notices that say the same to the users of the party; empty if it has none."""
    deliveries = models.ManyToManyField(Delivery, related_name="guest_messages", editable=False)
    made_at = models.DateTimeField("时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="发出人"
    )
    outcome = models.CharField("电话结果", max_length=10, choices=Outcome, blank=True, default="")
    outcome_note = models.CharField("电话说明", max_length=200, blank=True, default="")
    calls = models.PositiveSmallIntegerField("打了几次", default=0)
    called_at = models.DateTimeField("最近一次电话", null=True, editable=False)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="打电话的人"
    )

    objects = GuestMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "发给参会单位的消息"
        verbose_name_plural = "发给参会单位的消息"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", called_at=None) | ~Q(outcome="") & Q(called_at__isnull=False),
                name="guest_message_called_iff_outcome",
            ),
        ]
        indexes = [models.Index(fields=["docking_round", "kind"], name="guest_message_by_round")]

    def __str__(self) -> str:
        return f"{self.party}：{self.get_kind_display()}"

    @property
    def shown_text(self) -> str:
        """The text without the guest's code, with which anybody could answer for it."""
        return self.text.replace(self.party.code, "…")

    @property
    def state_text(self) -> str:
        """The state that `with_state` has annotated, as text."""
        return str(self.State(getattr(self, "state", "")).label)


def failed_deliveries(message: GuestMessage) -> QuerySet[Delivery]:
    """The mails and pushes of one message that did not arrive."""
    users = Membership.objects.filter(organisation=message.party.organisation_id).values("user")
    pushed = Q(notice__recipient__in=users, notice__key=message.notice_key)
    rows = Delivery.objects.filter(Q(guest_messages=message.pk) | pushed, status=Delivery.Status.FAILED)
    return rows.distinct().order_by("pk")

"""Meetings of a firm and an institution in a round, and their outcomes."""

from collections.abc import Collection
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.names import PUBLIC, Reader, knows_name, name_for
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import Scope, scope_of
from demands.models import Demand
from matching.models import Match
from matching.models.match import reject_reasons
from rounds.models.docking_round import DockingRound
from rounds.models.party import Party

ANONYMOUS_FIRM = "匿名企业"


def managed_meetings(user: User | AnonymousUser, meeting: str = "") -> Q:
    """The condition of `MeetingQuerySet.managed_by`. `meeting`: path to the meeting with its underscores."""
    scope = scope_of(user)
    return Q() if scope.sees_all else Q(**{f"{meeting}firm_party__organisation__stat_region__in": scope.region_ids})


def _about_anonymous_demand() -> Q:
    return Q(match__demand__is_anonymous=True) | Q(unmatched_demand__is_anonymous=True)


def waiting_for_firm() -> Q:
    """The condition of `Meeting.waits_for_firm`."""
    return _about_anonymous_demand() & Q(firm_word=Meeting.Word.ASKED, match__follow_up__agreed_at=None)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def wanted(self) -> Self:
        """All that are planned or took place."""
        return self.exclude(status=Meeting.Status.DROPPED)

    def awaiting_acceptance(self) -> Self:
        """Wanted, and a side has not said yet whether it wants the talk: not planned before."""
        asked = Meeting.Word.ASKED
        return self.filter(Q(firm_word=asked) | Q(institution_word=asked), status=Meeting.Status.WANTED)

    def asking(self, parties: Collection[Party] | models.QuerySet[Party, int]) -> Self:
        """Wanted meetings that one of these parties has to accept or refuse, and of which it may learn."""
        asked, status = Meeting.Word.ASKED, Meeting.Status.WANTED
        of_institution = Q(institution_party__in=parties, institution_word=asked) & ~waiting_for_firm()
        return self.filter(Q(firm_party__in=parties, firm_word=asked) | of_institution, status=status)

    def with_institution_asked_at(self) -> Self:
        """`institution_asked_at`: since when the institution is asked. With the talk; about an anonymous demand once it
        learns of it (`Meeting.waits_for_firm`): the firm has accepted the talk, or both have agreed to their docking.

        PostgreSQL leaves empty moments out of both functions.
        """
        known_at = Least("firm_accepted_at", "match__follow_up__agreed_at")
        asked_at = Case(When(_about_anonymous_demand(), then=Greatest("made_at", known_at)), default=F("made_at"))
        return self.annotate(institution_asked_at=asked_at)

    def known_to(self, party: Party) -> Self:
        """Meetings of this party of which it may learn."""
        return self.filter(Q(firm_party=party) | Q(institution_party=party) & ~waiting_for_firm())

    def of(self, party: Party) -> Self:
        return self.filter(Q(firm_party=party) | Q(institution_party=party))

    def held(self) -> Self:
        return self.filter(status=Meeting.Status.HELD)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditors; those of their firms for district staff."""
        return self.filter(managed_meetings(user))

    def hosted_by(self, user: User | AnonymousUser) -> Self:
        """Meetings whose tables this member of staff may host, as `PartyQuerySet.received_by`."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        hosted = Q(docking_round__host_kind="district", docking_round__host__stat_region__in=scope.region_ids)
        return self.filter(Q(firm_party__organisation__stat_region__in=scope.region_ids) | hosted)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """As `managed_by`, and those of one's own organisation."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            Q(firm_party__organisation__stat_region__in=scope.region_ids)
            | Q(firm_party__organisation__in=scope.firm_ids)
            | Q(institution_party__organisation__in=scope.institution_ids)
        )


class Meeting(PlainText, models.Model):
    """A meeting of a firm with an institution's team, about a match if there is one."""

    class Status(models.TextChoices):
        WANTED = "wanted", "待洽谈"
        BEGUN = "begun", "洽谈中"
        HELD = "held", "已洽谈"
        MISSED = "missed", "未能进行"
        DROPPED = "dropped", "已取消"

    SAT_DOWN = (Status.BEGUN, Status.HELD)

    class Word(models.TextChoices):
        """What a side says about the talk. Empty: not asked, as for talks made before both sides were."""

        ASKED = "asked", "等答复"
        ACCEPTED = "accepted", "接受"
        REFUSED = "refused", "不接受"

    class Origin(models.TextChoices):
        MATCH = "match", "已采纳的匹配"
        FIRM = "firm", "企业提出"
        INSTITUTION = "office", "院校提出"
        STAFF = "staff", "工作人员安排"
        ON_SITE = "on_site", "现场撮合"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="meetings", verbose_name="对接活动")
    firm_party = models.ForeignKey(Party, models.PROTECT, related_name="meetings_as_firm", verbose_name="企业")
    institution_party = models.ForeignKey(
        Party, models.PROTECT, related_name="meetings_as_institution", verbose_name="院校"
    )
    match = models.ForeignKey(
        Match, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name="匹配"
    )
    unmatched_demand = models.ForeignKey(
        Demand,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="需求",
        help_text="没有匹配时，洽谈的是哪一项需求",
    )
    topic = models.CharField("洽谈内容", max_length=120, blank=True)
    why = models.CharField("添加原因", max_length=200, blank=True, default="", db_default="")
    origin = models.CharField("来源", max_length=10, choices=Origin, default=Origin.MATCH)
    priority = models.PositiveSmallIntegerField(
        "优先级", default=2, validators=[MinValueValidator(1), MaxValueValidator(3)], help_text="3 高，2 中，1 低"
    )
    is_must = models.BooleanField("必须安排", default=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.WANTED, editable=False)
    dropped_reason = models.CharField("取消原因", max_length=200, blank=True, editable=False)
    firm_word = models.CharField(
        "企业意见", max_length=10, choices=Word, blank=True, default="", db_default="", editable=False
    )
    institution_word = models.CharField(
        "院校意见", max_length=10, choices=Word, blank=True, default="", db_default="", editable=False
    )
    firm_accepted_at = models.DateTimeField("企业接受时间", null=True, editable=False)
    """When the firm accepted a talk that was proposed before; empty for one that it asked for itself."""
    anonymous_number = models.PositiveSmallIntegerField("匿名编号", null=True, editable=False)
    """Copy of `AnonymousNumber.number` of its demand, so that a list of meetings needs no join."""
    begun_at = models.DateTimeField("开始时间", null=True, editable=False)
    ended_at = models.DateTimeField("结束时间", null=True, editable=False)
    step_key = models.UUIDField(null=True, editable=False)
    """Made by the device of the last status change: the same step sent twice is applied once."""
    made_at = models.DateTimeField("提出时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="提出人"
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "洽谈"
        verbose_name_plural = "洽谈"
        ordering = ["docking_round", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["docking_round", "firm_party", "institution_party", "match", "unmatched_demand"],
                name="meeting_once_per_pair",
                nulls_distinct=False,
                violation_error_message="双方就这项内容已有一场洽谈。",
            ),
            models.CheckConstraint(
                condition=~Q(firm_party=models.F("institution_party")),
                name="meeting_has_two_sides",
                violation_error_message="洽谈的双方不能是同一个单位。",
            ),
            models.CheckConstraint(
                condition=Q(status="dropped") & ~Q(dropped_reason="") | ~Q(status="dropped") & Q(dropped_reason=""),
                name="meeting_dropped_with_reason",
                violation_error_message="取消洽谈请说明原因。",
            ),
        ]

    def __str__(self) -> str:
        """For logs and the audit trail: as the public reads it."""
        return self.pair_for(PUBLIC)

    @property
    def demand(self) -> Demand | None:
        """The demand of the match, or the demand named without a match."""
        return self.match.demand if self.match else self.unmatched_demand

    @property
    def silent_sides(self) -> list[Party]:
        """The sides that have not said yet whether they want the talk."""
        words = ((self.firm_party, self.firm_word), (self.institution_party, self.institution_word))
        return [party for party, word in words if word == self.Word.ASKED]

    @property
    def waits_for_firm(self) -> bool:
        """Whether the institution does not learn of the talk yet: it is about an anonymous demand, and the firm has not
        accepted it. Beside the list of who comes the talk would tell whose demand it is.

        Reads `match__demand`, `match__follow_up` and `unmatched_demand`; select them.
        """
        if self.firm_word != self.Word.ASKED or self.demand is None or not self.demand.is_anonymous:
            return False
        follow_up = getattr(self.match, "follow_up", None)
        return follow_up is None or follow_up.agreed_at is None

    @property
    def asked_sides(self) -> list[Party]:
        """The silent sides that are asked now: the institution only after the firm, if `waits_for_firm`."""
        return [party for party in self.silent_sides if party.pk == self.firm_party_id or not self.waits_for_firm]

    # --- Names: what a reader sees depends on this meeting alone, never on the firm's other meetings ------------------
    def alias_of(self, organisation: Organisation) -> str:
        """`accounts.names.Matter`: the number in this round of the anonymous demand that the meeting is about.

        Not the demand's public alias: cards, screens and plans of one round show the same number, and the number says
        nothing about the firm. Reads `match__demand` and `unmatched_demand`; select them.
        """
        demand = self.demand
        if demand is None or not demand.alias_of(organisation):
            return ""
        return ANONYMOUS_FIRM if self.anonymous_number is None else f"{ANONYMOUS_FIRM} {self.anonymous_number:02d}"

    def admits(self, scope: Scope) -> bool:
        return self.match is not None and self.match.admits(scope)

    def name_of(self, party: Party, reader: Reader, *, full: bool = False) -> str:
        """A side of the meeting as this reader may name it, with its team."""
        organisation = party.organisation
        name = name_for(organisation, reader, self, short=not full)
        return f"{name} · {party.team}" if party.team and knows_name(organisation, reader, self) else name

    def pair_for(self, reader: Reader, *, full: bool = False) -> str:
        """Both sides as this reader may name them: 匿名企业 07 × 大连甲大学."""
        sides = (self.firm_party, self.institution_party)
        return " × ".join(self.name_of(party, reader, full=full) for party in sides)


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    def own(self) -> Self:
        """Recorded by the sides themselves."""
        return self.filter(side__in=Outcome.OWN_SIDES)

    def signed(self) -> Self:
        """Intents that were signed at the table."""
        return self.filter(is_signed=True)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """For staff only: a side never reads the other side's outcome."""
        return self.filter(meeting__in=Meeting.objects.hosted_by(user))


class Outcome(PlainText, models.Model):
    """The outcome of a meeting as one side or the table's host records it. The latest one of a side counts.

    It is the word of who records it: that of the host stands for no side.
    """

    OWN_SIDES = ("firm", "office")

    class Side(models.TextChoices):
        FIRM = "firm", "企业"
        INSTITUTION = "office", "院校"
        HOST = "host", "桌长"

    class Verdict(models.TextChoices):
        INTENT = "intent", "有意向"
        GO_ON = "go_on", "继续谈"
        NO_FIT = "no_fit", "不合适"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="outcomes", verbose_name="洽谈")
    side = models.CharField("记录方", max_length=10, choices=Side)
    verdict = models.CharField("结果", max_length=10, choices=Verdict)
    reason = models.CharField("不合适的原因", max_length=20, choices=reject_reasons, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    next_step = models.CharField("下一步", max_length=100, blank=True)
    next_on = models.DateField("下次联系日期", null=True, blank=True)
    intent_wan = models.DecimalField("意向金额（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    is_signed = models.BooleanField("当场签约意向", default=False)
    early_reason = models.CharField("提前记录的原因", max_length=200, blank=True, default="", db_default="")
    """Why staff recorded it before the slot of the meeting had begun."""
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="记录人"
    )
    recorded_at = models.DateTimeField("记录时间", default=timezone.now)
    key = models.UUIDField(unique=True, null=True, editable=False)
    """Made by the phone: an outcome sent twice is recorded once."""

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = "洽谈结果"
        verbose_name_plural = "洽谈结果"
        ordering = ["meeting", "side"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "side"], name="outcome_once_per_side"),
            models.CheckConstraint(
                condition=Q(verdict="no_fit") & ~Q(reason="") | ~Q(verdict="no_fit") & Q(reason=""),
                name="outcome_no_fit_with_reason",
                violation_error_message="选择“不合适”时请选择原因。",
            ),
            models.CheckConstraint(
                condition=Q(intent_wan=None) | Q(intent_wan__gte=Decimal(0)) & Q(verdict="intent"),
                name="outcome_intent_sum_with_intent",
                violation_error_message="意向金额不能小于 0，并且只在“有意向”时填写。",
            ),
            models.CheckConstraint(
                condition=Q(is_signed=False) | Q(verdict="intent"),
                name="outcome_signed_with_intent",
                violation_error_message="当场签约只在“有意向”时填写。",
            ),
            models.CheckConstraint(
                condition=Q(early_reason="") | Q(side="host"),
                name="outcome_early_by_host_only",
                violation_error_message="只有现场工作人员可以提前记录，并写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} · {self.get_verdict_display()}"

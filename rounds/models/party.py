"""Guests of a round: firms and institutions' teams as parties, their people as attendees."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.masking import mask_name
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import Scope, scope_of
from rounds.models.docking_round import DockingRound


class PartyQuerySet(models.QuerySet["Party"]):
    def active(self) -> Self:
        """All but withdrawn ones."""
        return self.exclude(answer=Party.Answer.WITHDRAWN)

    def listed(self) -> Self:
        return self.filter(answer=Party.Answer.LISTED)

    def invited(self) -> Self:
        return self.exclude(answer__in=[Party.Answer.LISTED, Party.Answer.WITHDRAWN])

    def coming(self) -> Self:
        return self.filter(answer=Party.Answer.COMING)

    def declined(self) -> Self:
        return self.filter(answer=Party.Answer.DECLINED)

    def waiting(self) -> Self:
        """On the waiting list, who answered first in front."""
        return self.filter(answer=Party.Answer.WAITING).order_by("answered_at", "pk")

    def awaiting_answer(self) -> Self:
        return self.filter(answer=Party.Answer.INVITED)

    def answerable(self) -> Self:
        """Those whose round takes answers of guests: until the event begins."""
        return self.filter(docking_round__status__in=DockingRound.ANSWERABLE, docking_round__ends_at__gt=timezone.now())

    def to_be_reminded(self) -> Self:
        """Not answered though it still can, and neither invited nor reminded within GUEST_REMIND_DAYS."""
        before = timezone.now() - timedelta(days=settings.GUEST_REMIND_DAYS)
        silent = self.awaiting_answer().answerable()
        return silent.filter(Q(reminded_at=None) | Q(reminded_at__lte=before), invited_at__lte=before)

    def to_be_printed(self) -> Self:
        """Invited by a letter that is not printed yet, and needed: the guest has not answered otherwise."""
        return self.invited().awaiting_answer().filter(letter=Party.Letter.PAPER)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditors; firms of their region for district staff."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(organisation__stat_region__in=scope.region_ids, side="firm")

    def represented_by(self, user: User | AnonymousUser) -> Self:
        """Invited parties of the organisations that this user represents."""
        scope = scope_of(user)
        return self.invited().filter(
            Q(side="firm", organisation__in=scope.firm_ids) | Q(side="office", organisation__in=scope.institution_ids)
        )

    def received_by(self, user: User | AnonymousUser) -> Self:
        """Parties whose people this member of staff may check in: all for city staff and auditors; for district
        staff the firms of their region, and all parties of rounds hosted by their district."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        hosted = Q(docking_round__host_kind="district", docking_round__host__stat_region__in=scope.region_ids)
        return self.filter(Q(organisation__stat_region__in=scope.region_ids, side="firm") | hosted)

    def present(self) -> Self:
        """Coming and not marked as absent."""
        return self.coming().filter(absent_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """As `managed_by`, and those of one's own organisation."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            Q(organisation__stat_region__in=scope.region_ids, side="firm")
            | Q(pk__in=Party.objects.represented_by(user).values("pk"))
        )


class Party(PlainText, models.Model):
    """A firm, or a team of an institution, in one round: invitation, answer and times of presence."""

    class Side(models.TextChoices):
        FIRM = "firm", "企业"
        INSTITUTION = "office", "院校团队"

    class Answer(models.TextChoices):
        LISTED = "listed", "待邀请"
        INVITED = "invited", "已邀请"
        COMING = "coming", "参加"
        DECLINED = "declined", "不参加"
        WAITING = "waiting", "候补"
        WITHDRAWN = "withdrawn", "已撤回"

    class Letter(models.TextChoices):
        MAIL = "mail", "邮件"
        PAPER = "paper", "待打印"
        PRINTED = "printed", "已打印"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="parties", verbose_name="对接活动")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="parties", verbose_name="单位")
    team = models.CharField("团队", max_length=60, blank=True, help_text="一个院校来多个团队时填写")
    side = models.CharField("参会方", max_length=10, choices=Side)
    code = models.CharField("邀请码", max_length=10, unique=True, default=new_public_id, editable=False)
    answer = models.CharField("答复", max_length=10, choices=Answer, default=Answer.LISTED, editable=False)
    is_walk_in = models.BooleanField("现场报到", default=False, editable=False)
    arrives_at = models.DateTimeField("到场时间", null=True, blank=True, help_text="不填为全程")
    leaves_at = models.DateTimeField("离场时间", null=True, blank=True)
    most_meetings = models.PositiveSmallIntegerField(
        "最多洽谈场数", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    invited_at = models.DateTimeField("邀请时间", null=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="邀请人"
    )
    reminded_at = models.DateTimeField("提醒时间", null=True, editable=False)
    letter = models.CharField(
        "邀请方式", max_length=10, choices=Letter, blank=True, default="", db_default="", editable=False
    )
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="答复人",
        help_text="凭邀请码答复的没有",
    )
    answer_note = models.CharField("答复说明", max_length=300, blank=True, default="", db_default="", editable=False)
    revision = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    """Number of answers: callers name the one they saw, so that two devices do not overwrite each other."""
    withdrawn_reason = models.CharField(
        "撤回原因", max_length=200, blank=True, default="", db_default="", editable=False
    )
    absent_at = models.DateTimeField(
        "记为未到的时间", null=True, editable=False, help_text="之后的洽谈让出，人到了可以恢复"
    )
    shows_name = models.BooleanField(
        "让其他参会单位看到本单位", default=False, db_default=False, editable=False, help_text="由单位自己在答复里选择"
    )
    note = models.CharField("备注", max_length=300, blank=True)

    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = "参会单位"
        verbose_name_plural = "参会单位"
        ordering = ["organisation__name", "team", "pk"]
        permissions = [("export_party", "Can export parties")]
        constraints = [
            models.UniqueConstraint(
                fields=["docking_round", "organisation", "team"],
                name="party_once_per_round",
                violation_error_message="这个单位（团队）已在参会名单中。",
            ),
            models.CheckConstraint(
                condition=Q(answer="listed", invited_at=None) | ~Q(answer="listed"),
                name="party_listed_is_not_invited",
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["coming", "declined", "waiting"], answered_at__isnull=False)
                | Q(answer__in=["listed", "invited", "withdrawn"], answered_at=None),
                name="party_answered_iff_decided",
            ),
            models.CheckConstraint(
                condition=Q(answer="withdrawn") & ~Q(withdrawn_reason="")
                | ~Q(answer="withdrawn") & Q(withdrawn_reason=""),
                name="party_withdrawn_with_reason",
                violation_error_message="撤回邀请请说明原因。",
            ),
            models.CheckConstraint(
                condition=Q(arrives_at=None) | Q(leaves_at=None) | Q(leaves_at__gt=F("arrives_at")),
                name="party_leaves_after_arriving",
                violation_error_message="离场时间要晚于到场时间。",
            ),
        ]

    def __str__(self) -> str:
        name = self.organisation.short_name or self.organisation.name
        return f"{name} · {self.team}" if self.team else name

    @property
    def full_name(self) -> str:
        return f"{self.organisation.name} · {self.team}" if self.team else self.organisation.name

    @property
    def reader(self) -> Scope:
        """The scope of who holds the party's invitation code: its own organisation, and no role of a user."""
        own = frozenset({self.organisation_id})
        return Scope(firm_ids=own) if self.side == self.Side.FIRM else Scope(institution_ids=own)

    @property
    def is_awaited(self) -> bool:
        return self.answer == self.Answer.INVITED

    @property
    def has_answered(self) -> bool:
        return self.answer in (self.Answer.COMING, self.Answer.DECLINED, self.Answer.WAITING)


class Away(models.Model):
    """A period in which a coming party is not present."""

    party = models.ForeignKey(Party, models.CASCADE, related_name="aways", verbose_name="参会单位")
    from_at = models.DateTimeField("离开时间")
    until_at = models.DateTimeField("回来时间")
    is_own = models.BooleanField("单位自己填的", default=False, db_default=False, editable=False)
    """The guest marked a slot in its answer; its next answer replaces these rows and no others."""

    class Meta:
        verbose_name = "暂离时段"
        verbose_name_plural = "暂离时段"
        ordering = ["party", "from_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__gt=F("from_at")),
                name="away_ends_after_start",
                violation_error_message="回来时间要晚于离开时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.from_at:%H:%M}–{self.until_at:%H:%M}"


class AttendeeQuerySet(models.QuerySet["Attendee"]):
    def managed_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(party__in=Party.objects.managed_by(user).values("pk"))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(party__in=Party.objects.visible_to(user).values("pk"))

    def checked_in(self) -> Self:
        return self.exclude(checked_in_at=None)

    def received_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(party__in=Party.objects.received_by(user))

    def with_needs(self) -> Self:
        """Who eats or needs something special."""
        return self.exclude(dietary="", access="")


class Attendee(PlainText, models.Model):
    """A person of a party. Phone numbers are not stored: the platform reaches the party's contact.

    What a person eats and needs is for staff and for the person's own unit only; exports leave it out, and it is
    deleted when the round is archived.
    """

    class Role(models.TextChoices):
        GUEST = "guest", "参会人员"
        COMPANION = "companion", "随行人员"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="attendees", verbose_name="参会单位")
    name = models.CharField("姓名", max_length=30)
    position = models.CharField("职务", max_length=40, blank=True)
    role = models.CharField("身份", max_length=10, choices=Role, default=Role.GUEST, db_default="guest")
    stands_in_for = models.CharField("代替谁参加", max_length=30, blank=True, default="", db_default="")
    dietary = models.CharField("饮食要求", max_length=60, blank=True, default="", db_default="")
    access = models.CharField("无障碍需要", max_length=60, blank=True, default="", db_default="")
    same_as = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="also",
        verbose_name="同一人",
        help_text="同一人代表两个团队时选择，排期不会让他同时出现在两张桌",
    )
    checked_in_at = models.DateTimeField("签到时间", null=True, editable=False)
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="签到人"
    )
    check_in_key = models.UUIDField(null=True, unique=True, editable=False)
    """Made by the desk's device: a check-in sent twice is applied once."""

    objects = AttendeeQuerySet.as_manager()

    class Meta:
        verbose_name = "参会人员"
        verbose_name_plural = "参会人员"
        ordering = ["party", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        return mask_name(self.name)

"""Bids: a draft that several organisations edit, and what was handed in, sealed until the opening.

No text of a bid is stored in the clear: `challenges.sealing` encrypts drafts, submissions and files.
"""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import Organisation, User
from challenges.models.challenge import Challenge
from core.public_id import new_public_id
from core.removal import RemovableQuerySet
from core.scope import scope_of


def own_organisations(user: User | AnonymousUser) -> frozenset[int]:
    """The institutions and agencies that the user acts for: who may bid or take part in a bid."""
    scope = scope_of(user)
    return scope.institution_ids | scope.agency_ids


class BidQuerySet(models.QuerySet["Bid"]):
    def of(self, user: User | AnonymousUser) -> Self:
        """Bids in which an organisation of the user takes part."""
        members = BidMember.objects.active().filter(organisation__in=own_organisations(user))
        return self.filter(pk__in=members.values("bid"))

    def opened_for(self, user: User | AnonymousUser) -> Self:
        """Opened bids that the user may read for deciding: city staff, auditors and the firm of the challenge."""
        scope = scope_of(user)
        rows = self.in_race().filter(challenge__opened_at__isnull=False)
        return rows if scope.sees_all else rows.filter(challenge__demand__firm__in=scope.firm_ids)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Own bids at any time; those of others never before the opening."""
        opened = Bid.objects.opened_for(user).values("pk")
        return self.filter(Q(pk__in=Bid.objects.of(user).values("pk")) | Q(pk__in=opened))

    def in_race(self) -> Self:
        """Bids that were handed in and not withdrawn."""
        return self.filter(pk__in=Submission.objects.valid().values("bid"))

    def to_review(self, challenge: Challenge) -> Self:
        """Those of the race that were not taken out."""
        return self.in_race().filter(challenge=challenge, excluded_reason="")

    def to_choose_from(self, challenge: Challenge) -> Self:
        """The recommended ones that still take part."""
        return self.filter(challenge=challenge, is_recommended=True, excluded_reason="")


class Bid(models.Model):
    """A draft of a proposal (揭榜方案). `draft`: encrypted; `revision` grows with each change of it."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="bids", verbose_name="榜单")
    lead = models.ForeignKey(Organisation, models.PROTECT, related_name="bids", verbose_name="牵头单位")
    draft = models.TextField("草稿（加密）", default="", editable=False)
    revision = models.PositiveIntegerField("修改次数", default=0, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="起草人"
    )
    started_at = models.DateTimeField("起草时间", default=timezone.now, editable=False)
    changed_at = models.DateTimeField("修改时间", default=timezone.now, editable=False)
    score = models.DecimalField("评审得分", max_digits=5, decimal_places=2, null=True, editable=False)
    is_recommended = models.BooleanField("专家推荐", default=False, db_default=False, editable=False)
    hidden_names = models.TextField("不再显示的姓名（加密）", default="", db_default="", editable=False)
    """Of persons who had their data deleted: what was handed in stays as it was, and pages leave the names out."""
    excluded_reason = models.CharField("不再参与的原因", max_length=300, blank=True, default="", editable=False)

    objects = BidQuerySet.as_manager()

    class Meta:
        verbose_name = "揭榜方案"
        verbose_name_plural = "揭榜方案"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "lead"],
                name="bid_once_per_lead",
                violation_error_message="本单位已经在写这一榜的揭榜方案，请打开那一份。",
            ),
            models.CheckConstraint(
                condition=Q(is_recommended=False) | Q(score__isnull=False, excluded_reason=""),
                name="bid_recommended_with_score",
            ),
        ]

    def __str__(self) -> str:
        return f"榜单 {self.challenge.list_number} 的揭榜方案"

    @property
    def current(self) -> "Submission | None":
        """What counts: the last one handed in that was not withdrawn."""
        return self.submissions.valid().order_by("-number").first()


class BidMemberQuerySet(models.QuerySet["BidMember"]):
    def active(self) -> Self:
        """Those that take part: neither left nor taken out. Whether each has accepted its part is another question."""
        return self.filter(removed_at=None)


class BidMember(models.Model):
    """An organisation that takes part in a bid. `accepted_digest`: of its own part as it has accepted it."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="members", verbose_name="揭榜方案")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    is_lead = models.BooleanField("牵头", default=False, db_default=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="邀请人")
    invited_at = models.DateTimeField("邀请时间", default=timezone.now)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="同意人"
    )
    accepted_at = models.DateTimeField("同意时间", null=True)
    accepted_digest = models.CharField(max_length=64, default="", editable=False)
    removed_at = models.DateTimeField("退出时间", null=True)

    objects = BidMemberQuerySet.as_manager()

    class Meta:
        verbose_name = "揭榜单位"
        verbose_name_plural = "揭榜单位"
        ordering = ["-is_lead", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bid", "organisation"],
                condition=Q(removed_at=None),
                name="bid_member_once",
                violation_error_message="这个单位已经在联合体里。",
            ),
            models.UniqueConstraint(fields=["bid"], condition=Q(is_lead=True, removed_at=None), name="bid_one_lead"),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None, accepted_digest="")
                | Q(accepted_at__isnull=False, accepted_by__isnull=False) & ~Q(accepted_digest=""),
                name="bid_member_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} · {self.organisation_id}"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def valid(self) -> Self:
        """The last one of each bid, if it was not withdrawn."""
        last = Submission.objects.filter(bid=OuterRef("bid")).order_by("-number").values("pk")[:1]
        return self.filter(withdrawn_at=None, pk=Subquery(last))


class Submission(models.Model):
    """What was handed in, encrypted. A trigger sets `sealed_at` by the clock of the database, refuses one that is late,
    and refuses every change but a withdrawal before the deadline.

    `digest`: SHA-256 of the plain text with a random salt, which the bidder gets as a receipt.
    """

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="submissions", verbose_name="揭榜方案")
    number = models.PositiveSmallIntegerField("第几次递交")
    cipher = models.TextField("密封的方案")
    digest = models.CharField("密封指纹", max_length=64)
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="递交人")
    sealed_at = models.DateTimeField("递交时间", default=timezone.now)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "递交的方案"
        verbose_name_plural = "递交的方案"
        ordering = ["bid", "number"]
        constraints = [
            models.UniqueConstraint(fields=["bid", "number"], name="submission_number_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("sealed_at")), name="submission_withdrawn_later"
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 次递交"


class BidFile(models.Model):
    """An attachment, stored encrypted. What was handed in keeps its files, also those removed from the draft later."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="files", verbose_name="揭榜方案")
    file = models.FileField("文件（加密）", upload_to="bids/%Y/%m/", max_length=200)
    sealed_name = models.TextField("文件名（加密）")
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    added_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = RemovableQuerySet["BidFile"].as_manager()

    class Meta:
        verbose_name = "揭榜方案附件"
        verbose_name_plural = "揭榜方案附件"
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.public_id

"""表彰: a published rule, candidates scored from contracts, objections before the release."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, User
from brokers.models import Agency, Broker
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from deals.models import Contract
from deals.models.confirmation import ConfirmableQuerySet, hash_of_facts


class RelatedPartiesQuerySet(ConfirmableQuerySet["RelatedParties"]):
    party_paths = {"one": "one", "other": "other"}

    def in_effect(self, since: date | OuterRef) -> Self:
        """Declarations that bind scores from `since` on: not ended, and no objection to it was upheld.

        A declaration only ever takes points away, so it binds before the two confirm it: else they would keep silent.
        """
        upheld = self._answers(decision="upheld")
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=since)).exclude(Exists(upheld))


class RelatedParties(PlainText, models.Model):
    """Two related organisations. Contracts between them score nothing, and they count as one party."""

    one = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    other = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="关联单位")
    why = models.CharField("关联关系", max_length=200, help_text="如母子公司、同一控制人、互相持股")
    declared_on = models.DateField("登记日期", default=timezone.localdate)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    facts_hash = hash_of_facts("one", "other", "why")

    objects = RelatedPartiesQuerySet.as_manager()

    class Meta:
        verbose_name = "关联单位"
        verbose_name_plural = "关联单位"
        ordering = ["one__name", "other__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"],
                name="related_parties_once",
                violation_error_message="这两个单位的关联关系已经登记。",
            ),
            models.CheckConstraint(
                condition=~Q(one=F("other")),
                name="related_parties_are_two",
                violation_error_message="请选择两个不同的单位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one} – {self.other}"


class HonourQuerySet(models.QuerySet["Honour"]):
    def public(self) -> Self:
        """Publicised and released honours, which anybody may read."""
        return self.filter(status__in=[Honour.Status.PUBLICISED, Honour.Status.RELEASED])

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.public()

    def managed_by(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()


class Honour(PlainText, models.Model):
    """An award with its rule, period and candidates. The rule is fixed once the list is publicised."""

    class Kind(models.TextChoices):
        BROKER = "broker", "优秀技术经纪人"
        AGENCY = "agency", "优秀服务机构"

    class Status(models.TextChoices):
        DRAFT = "draft", "拟定中"
        PUBLICISED = "publicised", "公示中"
        RELEASED = "released", "已公布"
        CANCELLED = "cancelled", "已取消"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    name = models.CharField("名称", max_length=100, unique=True)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    rule_text = models.TextField("评选办法", max_length=5000, help_text="公示时和名单一起公开")
    first_on = models.DateField("评选期开始")
    last_on = models.DateField("评选期结束")
    places = models.PositiveSmallIntegerField(
        "名额", default=10, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    cap_per_pair_wan = models.DecimalField(
        "同一对单位最多计（万元）", max_digits=10, decimal_places=2, default=Decimal(500)
    )
    settled_days = models.PositiveSmallIntegerField("登记满多少天才计", default=90, validators=[MaxValueValidator(730)])
    least_pairs = models.PositiveSmallIntegerField(
        "至少几对不同的买卖方", default=2, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    is_received_only = models.BooleanField("只计已到账的金额", default=True)
    needs_work_record = models.BooleanField(
        "只计有委托或跟进记录的合同",
        default=False,
        db_default=False,
        help_text="签约以前，平台上已有买方或卖方的委托，或经纪人接受了跟进",
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    as_of = models.DateField("计算截至", null=True, editable=False)
    objections_until = models.DateField("异议受理至", null=True, editable=False)
    released_at = models.DateTimeField("公布时间", null=True, editable=False)
    cancelled_reason = models.CharField("取消原因", max_length=200, blank=True, editable=False)
    made_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = HonourQuerySet.as_manager()

    class Meta:
        verbose_name = "表彰评选"
        verbose_name_plural = "表彰评选"
        ordering = ["-made_at", "-pk"]
        permissions = [("release_honour", "Can publicise and release honours")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="honour_period_in_order",
                violation_error_message="评选期结束不能早于开始。",
            ),
            models.CheckConstraint(
                condition=Q(cap_per_pair_wan__gt=Decimal(0)),
                name="honour_cap_is_positive",
                violation_error_message="每对单位的上限要大于 0。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["publicised", "released"], as_of__isnull=False, objections_until__isnull=False)
                | Q(status="draft", as_of=None, objections_until=None)
                | Q(status="cancelled"),
                name="honour_publicised_has_days",
            ),
            models.CheckConstraint(
                condition=Q(status="released", released_at__isnull=False) | ~Q(status="released") & Q(released_at=None),
                name="honour_released_at_iff_released",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled") & ~Q(cancelled_reason="")
                | ~Q(status="cancelled") & Q(cancelled_reason=""),
                name="honour_cancelled_with_reason",
                violation_error_message="取消评选请说明原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open_to_objections(self) -> bool:
        last_day = self.objections_until
        return self.status == Honour.Status.PUBLICISED and last_day is not None and timezone.localdate() <= last_day


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def public(self) -> Self:
        """Candidates of honours that anybody may read."""
        return self.filter(honour__in=Honour.objects.public())

    def of(self, user: User | AnonymousUser) -> Self:
        """The user as a broker, and the agencies they represent."""
        scope = scope_of(user)
        return self.filter(Q(broker__user=scope.user_id) | Q(agency__organisation__in=scope.agency_ids))

    def with_names(self) -> Self:
        """With the related rows that `Candidate.name` needs."""
        return self.select_related("broker", "agency__organisation")


class Candidate(models.Model):
    """A line of a publicised list, stored as it was shown.

    `lines`: [{"contract": public id, "counted_wan": points as text, "why": reason for fewer points}].
    """

    honour = models.ForeignKey(Honour, models.PROTECT, related_name="candidates", verbose_name="表彰评选")
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    broker = models.ForeignKey(Broker, models.PROTECT, null=True, related_name="+", verbose_name="技术经纪人")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+", verbose_name="服务机构")
    rank = models.PositiveSmallIntegerField("名次")
    points = models.DecimalField("分值", max_digits=12, decimal_places=2)
    pairs = models.PositiveSmallIntegerField("不同的买卖方")
    is_proposed = models.BooleanField("拟表彰")
    lines = models.JSONField("逐项计算", default=list)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = "候选"
        verbose_name_plural = "候选"
        ordering = ["honour", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["honour", "rank"], name="candidate_ranks_are_unique"),
            models.CheckConstraint(
                condition=Q(broker__isnull=True, agency__isnull=False) | Q(broker__isnull=False, agency__isnull=True),
                name="candidate_is_a_broker_or_an_agency",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return str(self.broker or self.agency)


class Objection(PlainText, models.Model):
    """异议. An upheld objection excludes the contract, or the candidate if no contract is named.

    An objection of the candidate (`is_own`) excludes nothing: the contract or its payments are corrected instead, and
    the scoring before the release takes that into account.
    """

    class Status(models.TextChoices):
        OPEN = "open", "待处理"
        UPHELD = "upheld", "成立"
        DISMISSED = "dismissed", "不成立"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="objections", verbose_name="候选")
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="针对的合同"
    )
    text = models.TextField("异议内容", max_length=1000)
    is_own = models.BooleanField("本人提出", default=False, db_default=False, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    made_at = models.DateTimeField("提出时间", auto_now_add=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OPEN, editable=False)
    answer = models.TextField("处理意见", max_length=1000, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="处理人"
    )
    answered_at = models.DateTimeField("处理时间", null=True, editable=False)

    class Meta:
        verbose_name = "表彰异议"
        verbose_name_plural = "表彰异议"
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", answered_at=None, answer="")
                | ~Q(status="open") & Q(answered_at__isnull=False) & ~Q(answer=""),
                name="objection_answered_with_words",
                violation_error_message="处理异议请写明意见。",
            ),
            models.UniqueConstraint(
                fields=["candidate", "made_by", "contract"],
                condition=Q(status="open"),
                nulls_distinct=False,
                name="objection_one_open_per_person",
                violation_error_message="您对这位候选人（这份合同）的异议还在处理中。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

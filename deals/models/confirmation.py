"""Confirmations: each party that a record names says for itself whether the record is right.

A confirmation belongs to one version of the facts. The database computes `facts_hash` of a record from its columns, so
a changed fact voids each earlier answer, whoever changed it and by which way.
"""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.models import Organisation, User
from brokers.models import Broker
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of


class FactText(Func):
    """A column as text that does not depend on settings of the session; empty for NULL."""

    template = "COALESCE((%(expressions)s)::text, '')"
    output_field = models.TextField()


class DayNumber(Func):
    """A date as number of days. The text of a date depends on a setting, so a generated column cannot use it."""

    template = "(%(expressions)s - DATE '2000-01-01')"
    output_field = models.IntegerField()


class FactsHash(Func):
    """MD5 of texts, with a separator that texts of users cannot contain."""

    template = "MD5(%(expressions)s)"
    arg_joiner = " || CHR(31) || "
    output_field = models.CharField(max_length=32)


def hash_of_facts(*columns: str | Combinable, days: tuple[str, ...] = ()) -> models.GeneratedField:
    """A column with the hash of these columns; `days` names those with a date."""
    facts: list[Combinable] = [
        FactText(DayNumber(F(column)) if column in days else F(column) if isinstance(column, str) else column)
        for column in columns
    ]
    return models.GeneratedField(
        expression=FactsHash(*facts), output_field=models.CharField(max_length=32), db_persist=True, editable=False
    )


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def of(self, subject: models.Model) -> Self:
        return self.filter(subject=subject._meta.label_lower, subject_id=subject.pk)

    def current(self) -> Self:
        """Of the present version of the facts."""
        return self.exclude(status=Confirmation.Status.EXPIRED)

    def pending(self) -> Self:
        return self.filter(status=Confirmation.Status.PENDING)

    def standing(self) -> Self:
        """Confirmed by the party, or proven by a document that two persons of the staff have checked."""
        return self.filter(status__in=Confirmation.STANDING)

    def blocking(self) -> Self:
        """Objections that still count: not lifted by who objected, and not dismissed by the city with a reason.

        A later change of the facts does not end them, or a trivial edit would.
        """
        return self.filter(objected_at__isnull=False, decision__in=Confirmation.BLOCKING_DECISIONS)

    def overdue(self) -> Self:
        return self.pending().filter(asked_at__lt=timezone.now() - settings.CONFIRMATION_OVERDUE_AFTER)

    def addressed_to(self, user: User | AnonymousUser) -> Self:
        """Those that the user may answer: of their firms, institutions and agencies, and as the named broker."""
        scope = scope_of(user)
        own = scope.firm_ids | scope.institution_ids | scope.agency_ids
        return self.filter(Q(organisation__in=own) | Q(broker__user=scope.user_id))

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """All for the city and auditors; for district staff those of the organisations of their districts."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(organisation__stat_region__in=scope.region_ids)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        if scope.sees_all:
            return self
        own = scope.firm_ids | scope.institution_ids | scope.agency_ids
        return self.filter(
            Q(organisation__in=own) | Q(broker__user=scope.user_id) | Q(organisation__stat_region__in=scope.region_ids)
        )


class Confirmation(PlainText, models.Model):
    """What one named party says of one version of a record's facts.

    subject, subject_id: the record ("deals.contract" and its primary key). matter: what is asked of it, a key of the
    register of subjects. facts: [[label, text], …], all that this party is shown of the record.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "待确认"
        CONFIRMED = "confirmed", "已确认"
        PROVEN = "proven", "凭证证明"
        OBJECTED = "objected", "有异议"
        EXPIRED = "expired", "已过期"

    class Role(models.TextChoices):
        SELLER = "seller", "转让方"
        BUYER = "buyer", "受让方"
        BROKER = "broker", "技术经纪人"
        AGENCY = "agency", "服务机构"
        COMPANY = "company", "企业"
        SOURCE = "source", "成果完成单位"
        OPERATOR = "operator", "运营单位"
        ONE = "one", "关联一方"
        OTHER = "other", "关联另一方"

    class Capacity(models.TextChoices):
        OFFICER = "officer", "本单位专员"
        AUTHOR = "author", "本单位登记"
        PERSON = "person", "本人"
        LINK = "link", "联系人凭链接"

    class Reason(models.TextChoices):
        NOT_US = "not_us", "不是我们"
        AMOUNT = "amount", "金额不对"
        DATE = "date", "日期不对"
        PARTY = "party", "对方单位不对"
        OTHER = "other", "其他内容不对"

    class Decision(models.TextChoices):
        OPEN = "", "待处理"
        UPHELD = "upheld", "异议成立"
        DISMISSED = "dismissed", "异议不成立"
        LIFTED = "lifted", "提出方已确认"

    STANDING = (Status.CONFIRMED, Status.PROVEN)
    BLOCKING_DECISIONS = (Decision.OPEN, Decision.UPHELD)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    subject = models.CharField("记录种类", max_length=40, editable=False)
    subject_id = models.BigIntegerField("记录", editable=False)
    matter = models.CharField("事项", max_length=20, editable=False)
    role = models.CharField("身份", max_length=10, choices=Role, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="单位"
    )
    broker = models.ForeignKey(
        Broker, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="技术经纪人"
    )
    named_as = models.CharField("写明的名称", max_length=100, blank=True, default="", db_default="", editable=False)
    title = models.CharField("名称", max_length=200, editable=False)
    facts = models.JSONField("内容", default=list, editable=False)
    facts_hash = models.CharField(max_length=32, editable=False)
    asked_at = models.DateTimeField("请求时间", default=timezone.now, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="登记人"
    )
    reminded_at = models.DateTimeField("上次提醒", null=True, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PENDING, editable=False)
    confirmed_at = models.DateTimeField("确认时间", null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="答复人"
    )
    capacity = models.CharField("以什么身份", max_length=10, choices=Capacity, blank=True, default="", editable=False)
    person = models.CharField("答复人姓名", max_length=30, blank=True, default="")
    confirms_broker = models.BooleanField("确认经纪人参与促成", default=False, editable=False)
    objected_at = models.DateTimeField("提出异议时间", null=True, editable=False)
    reason = models.CharField("异议", max_length=10, choices=Reason, blank=True, default="", editable=False)
    text = models.CharField("异议说明", max_length=300, blank=True, default="")
    decision = models.CharField("异议处理", max_length=10, choices=Decision, blank=True, default="", editable=False)
    decision_text = models.CharField("处理理由", max_length=300, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="处理人"
    )
    proof = models.ForeignKey(
        "deals.DealFile", models.PROTECT, null=True, editable=False, related_name="+", verbose_name="凭证"
    )
    proof_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="凭证记录人"
    )
    proof_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="凭证复核人"
    )
    link_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    link_expires_at = models.DateTimeField("链接有效期", null=True, editable=False)

    is_open = False
    """Set for a reader: whether the reader may open the page of this confirmation."""

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = "当事方确认"
        verbose_name_plural = "当事方确认"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id", "role"],
                condition=~Q(status="expired"),
                name="confirmation_one_current_per_role",
                violation_error_message="这一方已经有一份待确认的记录，请刷新后再看。",
            ),
            models.UniqueConstraint(
                fields=["subject", "subject_id", "answered_by"],
                condition=Q(status="confirmed", role__in=["seller", "buyer", "one", "other"]),
                name="confirmation_by_two_people",
                violation_error_message="对方一侧也是您确认的，请由另一位专员确认。",
            ),
            models.UniqueConstraint(
                fields=["link_hash"], condition=~Q(link_hash=""), name="confirmation_link_opens_one"
            ),
            models.CheckConstraint(condition=Q(organisation=None) | Q(broker=None), name="confirmation_of_one_party"),
            models.CheckConstraint(
                condition=~Q(status="confirmed")
                | Q(confirmed_at__isnull=False)
                & (Q(organisation__isnull=False) | Q(broker__isnull=False))
                & (Q(answered_by__isnull=False) & ~Q(capacity__in=["", "link"]) | Q(capacity="link") & ~Q(person="")),
                name="confirmation_confirmed_by_somebody",
                violation_error_message="确认要写明由谁、以什么身份作出。",
            ),
            models.CheckConstraint(
                condition=~Q(status="objected") | Q(objected_at__isnull=False) & ~Q(reason=""),
                name="confirmation_objected_with_reason",
                violation_error_message="提出异议请选择哪里不对。",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "lifted"])
                | Q(objected_at__isnull=False, decided_by__isnull=False) & ~Q(decision_text=""),
                name="confirmation_decided_with_reason",
                violation_error_message="处理异议请写明理由。",
            ),
            models.CheckConstraint(
                condition=~Q(status="proven")
                | Q(proof__isnull=False, proof_by__isnull=False, proof_checked_by__isnull=False)
                & ~Q(proof_by=F("proof_checked_by")),
                name="confirmation_proven_by_two_of_staff",
                violation_error_message="凭证要由另一位工作人员复核。",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "status"], name="confirmation_by_organisation"),
            models.Index(
                fields=["subject", "subject_id"],
                condition=Q(objected_at__isnull=False, decision__in=["", "upheld"]),
                name="confirmation_blocking",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}：{self.party_name}（{self.get_role_display()}）"

    @property
    def party_name(self) -> str:
        """As the author wrote it: the same words whether or not such an organisation is registered."""
        return self.named_as or str(self.organisation or self.broker or "")

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING

    @property
    def is_standing(self) -> bool:
        return self.status in self.STANDING

    @property
    def is_blocking(self) -> bool:
        return self.objected_at is not None and self.decision in self.BLOCKING_DECISIONS

    @property
    def is_overdue(self) -> bool:
        return self.is_pending and self.asked_at < timezone.now() - settings.CONFIRMATION_OVERDUE_AFTER

    @property
    def reader_status(self) -> str:
        """The status with what the staff has done about it."""
        if self.is_pending and self.proof_id:
            return "凭证待核"
        if self.status == self.Status.OBJECTED and self.decision:
            return self.get_decision_display()
        return self.get_status_display()


class ConfirmableQuerySet[M: models.Model](models.QuerySet[M]):
    """Querysets of a model with `facts_hash` whose rows name parties.

    `party_paths`: role → lookup of the organisation (or broker) that has to confirm.
    """

    party_paths: dict[str, str] = {}
    optional_roles: frozenset[str] = frozenset()
    """Roles of which a row need not name anybody."""

    def _answers(self, **conditions: Any) -> ConfirmationQuerySet:
        return Confirmation.objects.filter(
            subject=self.model._meta.label_lower, subject_id=OuterRef("pk"), **conditions
        )

    def confirmed_by(self, role: str) -> Self:
        """Whose party in this role confirmed the present facts."""
        return self.filter(self.has_confirmed(role))

    def has_confirmed(self, role: str) -> Exists:
        path = self.party_paths[role]
        holder = "broker" if role == Confirmation.Role.BROKER else "organisation"
        answers = self._answers(role=role, facts_hash=OuterRef("facts_hash"), **{holder: OuterRef(path)})
        return Exists(answers.standing())

    def without_objection(self) -> Self:
        return self.filter(~Exists(self._answers().blocking()))

    def disputed(self) -> Self:
        return self.filter(Exists(self._answers().blocking()))

    def confirmed_by_all_parties(self) -> Self:
        """Each named party confirmed the present facts, and no objection is open. Only these count as figures."""
        rows = self.without_objection()
        for role, path in self.party_paths.items():
            condition: Any = self.has_confirmed(role)
            if role in self.optional_roles:
                condition = Q(condition) | Q(**{f"{path}__isnull": True})
            rows = rows.filter(condition)
        return rows

    def awaiting_parties(self) -> Self:
        """Some party has not confirmed the present facts, and nobody objects."""
        return self.without_objection().exclude(pk__in=self.confirmed_by_all_parties().order_by().values("pk"))

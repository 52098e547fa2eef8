"""委托: a firm or an institution lets a broker or an agency act for it, within a written scope and term."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from brokers.models import Agency, Broker
from core.plain_text import REASON_LENGTH, PlainText
from core.public_id import new_public_id
from core.scope import Scope, scope_of

LONGEST_TERM = timedelta(days=3 * 366)


class Right(models.TextChoices):
    """What the agent may do in the client's name. Agreeing for the client is none of them (decision 0012)."""

    POST = "post", "发布和修改需求"
    NAMED = "named", "以企业名称公开需求（不选则只能匿名）"
    ANSWER = "answer", "询问成果、答复对方、约定时间"
    ATTEND = "attend", "查看对接和洽谈的进展"
    CONTACT = "contact", "查看委托方指定的联系人"


class MandateQuerySet(models.QuerySet["Mandate"]):
    def in_force(self) -> Self:
        """Confirmed, within its term today, of an active client and of an agent that is active and certified."""
        today = timezone.localdate()
        certified = Q(broker__expires_on=None) | Q(broker__expires_on__gte=today)
        return self.filter(
            Q(broker__is_active=True) & certified
            | Q(agency__organisation__is_active=True, agency__verified_at__isnull=False),
            status=Mandate.Status.CONFIRMED,
            starts_on__lte=today,
            ends_on__gte=today,
            client__is_active=True,
        )

    def expired(self) -> Self:
        """Still marked as confirmed or proposed, after the last day."""
        return self.filter(status__in=Mandate.OPEN, ends_on__lt=timezone.localdate())

    def proposed(self) -> Self:
        return self.filter(status=Mandate.Status.PROPOSED, ends_on__gte=timezone.localdate())

    def held_by(self, user: User | AnonymousUser) -> Self:
        """Those by which the user acts as the broker, or as a member of the agency."""
        return self.filter(_is_agent(scope_of(user)))

    def given_by(self, user: User | AnonymousUser) -> Self:
        """Those of the user's own firms and institutions."""
        return self.filter(_is_client(scope_of(user)))

    def awaiting(self, user: User | AnonymousUser) -> Self:
        """Proposed by the other side, for the user to answer."""
        scope = scope_of(user)
        return self.proposed().filter(
            Q(_is_client(scope), proposed_side=Mandate.Side.AGENT)
            | Q(_is_agent(scope), proposed_side=Mandate.Side.CLIENT)
        )

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """All for the city and auditors; for district staff those whose client the district reports."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(client__stat_region__in=scope.region_ids)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Both sides, staff of the client's district; city staff and auditors see all."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(_is_client(scope) | _is_agent(scope) | Q(client__stat_region__in=scope.region_ids))

    def with_sides(self) -> Self:
        return self.select_related("client__stat_region", "broker__agency__organisation", "agency__organisation")


def _is_client(scope: Scope) -> Q:
    return Q(client__in=scope.firm_ids | scope.institution_ids)


def _is_agent(scope: Scope) -> Q:
    if not scope.is_broker:
        return Q(pk__in=())
    return Q(broker__user=scope.user_id) | Q(agency__organisation__in=scope.agency_ids)


class Mandate(PlainText, models.Model):
    """Proposed by one side, confirmed by the other; the client ends it at once.

    agent: `broker` (a person) or `agency` (all its brokers), exactly one. basis: the client's own account, or a signed
    document that staff have checked. contact: the client's person whose details the agent may read.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待对方确认"
        CONFIRMED = "confirmed", "有效"
        REFUSED = "refused", "未同意"
        WITHDRAWN = "withdrawn", "已撤回"
        ENDED = "ended", "已终止"

    OPEN = (Status.PROPOSED, Status.CONFIRMED)

    class Side(models.TextChoices):
        CLIENT = "client", "委托方"
        AGENT = "agent", "受托方"
        STAFF = "staff", "科技部门"
        TERM = "term", "到期"

    class Basis(models.TextChoices):
        ACCOUNT = "account", "双方账号确认"
        DOCUMENT = "document", "书面委托书，科技部门核对"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    client = models.ForeignKey(Organisation, models.PROTECT, related_name="mandates_given", verbose_name="委托方")
    broker = models.ForeignKey(
        Broker, models.PROTECT, null=True, blank=True, related_name="mandates", verbose_name="技术经纪人"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="mandates", verbose_name="服务机构"
    )
    rights = ArrayField(models.CharField(max_length=10, choices=Right), verbose_name="委托范围")
    purpose = models.CharField("委托事项", max_length=500)
    starts_on = models.DateField("开始日期", default=timezone.localdate)
    ends_on = models.DateField("结束日期")
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="委托方联系人"
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    proposed_side = models.CharField("由谁提出", max_length=6, choices=Side, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="提出人"
    )
    proposed_at = models.DateTimeField("提出时间", default=timezone.now, editable=False)
    basis = models.CharField("依据", max_length=10, choices=Basis, blank=True, editable=False)
    confirmed_at = models.DateTimeField("确认时间", null=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="确认人"
    )
    closed_at = models.DateTimeField("终止时间", null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="终止人"
    )
    closed_side = models.CharField("由谁终止", max_length=6, choices=Side, blank=True, editable=False)
    closed_reason = models.CharField("终止原因", max_length=REASON_LENGTH, blank=True, editable=False)
    file = models.FileField("委托书", upload_to="mandates/%Y/%m/", max_length=200, blank=True, editable=False)
    file_name = models.CharField("委托书文件名", max_length=200, blank=True, editable=False)
    file_type = models.CharField(max_length=100, blank=True, editable=False)
    file_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name="上传人"
    )

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = "委托"
        verbose_name_plural = "委托"
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(broker__isnull=False, agency=None) | Q(broker=None, agency__isnull=False),
                name="mandate_has_one_agent",
                violation_error_message="请选择一位技术经纪人，或者一家服务机构。",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="mandate_term_in_order",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=~Q(rights=[]),
                name="mandate_has_a_right",
                violation_error_message="请至少选择一项委托范围。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, basis="")
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(basis=""),
                name="mandate_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_at__isnull=False), name="mandate_in_force_when_confirmed"
            ),
            models.CheckConstraint(
                condition=~Q(basis="document") | ~Q(file=""),
                name="mandate_document_is_kept",
                violation_error_message="按书面委托书确认，需要先上传委托书。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "confirmed"], closed_at=None, closed_side="")
                | ~Q(status__in=["proposed", "confirmed"]) & Q(closed_at__isnull=False) & ~Q(closed_side=""),
                name="mandate_closed_by_a_side",
            ),
            models.UniqueConstraint(
                fields=["client", "broker"],
                condition=Q(status__in=["proposed", "confirmed"], broker__isnull=False),
                name="mandate_open_once_with_broker",
                violation_error_message="双方之间已有一份有效或待确认的委托，请先终止或撤回那一份。",
            ),
            models.UniqueConstraint(
                fields=["client", "agency"],
                condition=Q(status__in=["proposed", "confirmed"], agency__isnull=False),
                name="mandate_open_once_with_agency",
                violation_error_message="双方之间已有一份有效或待确认的委托，请先终止或撤回那一份。",
            ),
        ]
        indexes = [models.Index(fields=["status", "ends_on"], name="mandate_by_term")]

    def __str__(self) -> str:
        return f"{self.client}委托{self.agent_name}"

    @property
    def audit_label(self) -> str:
        """Without the name of a person, which could not be deleted from the trail."""
        return f"{self.client}委托{self.agency or '技术经纪人'}"

    @property
    def agent(self) -> Broker | Agency:
        agent = self.broker or self.agency
        assert agent is not None  # the constraint mandate_has_one_agent
        return agent

    @property
    def agent_name(self) -> str:
        """刘洋（大连示例技术转移中心）, or the name of the agency."""
        if self.broker is None:
            return str(self.agency)
        return f"{self.broker}（{self.broker.agency}）" if self.broker.agency else str(self.broker)

    @property
    def right_labels(self) -> list[str]:
        return [str(Right(right).label) for right in self.rights]

    @property
    def is_expired(self) -> bool:
        return self.ends_on < timezone.localdate()

    @property
    def is_in_force(self) -> bool:
        """As `in_force`, but for clients and agents that are not active or certified now."""
        return self.status == self.Status.CONFIRMED and self.starts_on <= timezone.localdate() <= self.ends_on

    @property
    def state_label(self) -> str:
        """The status as readers see it on this day."""
        if self.status in self.OPEN and self.is_expired:
            return "已到期"
        if self.status == self.Status.CONFIRMED and self.starts_on > timezone.localdate():
            return "尚未开始"
        return str(self.get_status_display())

    @property
    def about(self) -> str:
        """Key under which contacts are shared and notices are grouped."""
        return f"mandate {self.public_id}"

    def side_of(self, scope: Scope) -> str:
        """The side for which the user acts; empty for others. The client's for a user of both."""
        if self.client_id in scope.firm_ids | scope.institution_ids:
            return self.Side.CLIENT
        return self.Side.AGENT if self.is_agent(scope) else ""

    def is_agent(self, scope: Scope) -> bool:
        if not scope.is_broker:
            return False
        if self.broker is not None:
            return self.broker.user_id == scope.user_id
        return self.agency is not None and self.agency.organisation_id in scope.agency_ids


def clients_of(user: User | AnonymousUser, *rights: str) -> QuerySet:
    """Primary keys of the organisations for which the user has one of these rights now, as a subquery.

    Without rights all clients.

    Read from the database each time it is used, so that a mandate that has ended counts no longer in the same request.
    Without a query for users who are no brokers.
    """
    if not scope_of(user).is_broker:
        return Mandate.objects.none().values("client")
    rows = Mandate.objects.in_force().held_by(user)
    rows = rows.filter(rights__overlap=list(rights)) if rights else rows
    return rows.order_by().values("client")


def mandate_for(user: User | AnonymousUser, client: Organisation | int, right: str) -> Mandate | None:
    """The mandate by which the user may do this for the client; None if there is none in force."""
    if not scope_of(user).is_broker:
        return None
    pk = client if isinstance(client, int) else client.pk
    rows = Mandate.objects.in_force().held_by(user).filter(client=pk, rights__contains=[right])
    return rows.with_sides().order_by("-confirmed_at").first()

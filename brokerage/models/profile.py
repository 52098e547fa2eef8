"""The public page of a broker or an agency: what it writes of itself, after the city's review, and its cases."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.revisions import Revision, RevisionQuerySet, revision_constraints
from brokers.models import Agency, Broker
from core.public_id import new_public_id
from core.public_text import PublicText
from core.removal import RemovableQuerySet
from core.scope import scope_of
from deals.models import Contract


class ProfileQuerySet(models.QuerySet["Profile"]):
    def kept_by(self, user: User | AnonymousUser) -> Self:
        """The user's own as a broker, and those of the user's agencies."""
        scope = scope_of(user)
        if not scope.is_broker:
            return self.none()
        return self.filter(Q(broker__user=scope.user_id) | Q(agency__organisation__in=scope.agency_ids))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of brokers and agencies that the user sees in the directory."""
        brokers, agencies = Broker.objects.visible_to(user), Agency.objects.visible_to(user)
        return self.filter(Q(broker__in=brokers.values("pk")) | Q(agency__in=agencies.values("pk")))


class Profile(PublicText, models.Model):
    """Texts are published only by `ProfileRevision`; fields, districts and services are choices and change at once."""

    public_text_fields = ("introduction", "languages")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    broker = models.OneToOneField(
        Broker, models.PROTECT, null=True, blank=True, related_name="profile", verbose_name="技术经纪人"
    )
    agency = models.OneToOneField(
        Agency, models.PROTECT, null=True, blank=True, related_name="profile", verbose_name="服务机构"
    )
    introduction = models.TextField("介绍", max_length=1500, blank=True)
    languages = models.CharField("工作语言", max_length=60, blank=True, help_text="如普通话、英语、日语")
    services = ArrayField(
        models.CharField(max_length=20, choices=Agency.Service), verbose_name="提供的服务", default=list, blank=True
    )
    takes_requests = models.BooleanField("接受“帮我找”", default=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = "经纪人主页"
        verbose_name_plural = "经纪人主页"
        constraints = [
            models.CheckConstraint(
                condition=Q(broker__isnull=False, agency=None) | Q(broker=None, agency__isnull=False),
                name="profile_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner}的主页"

    @property
    def audit_label(self) -> str:
        """Without the name of a person, which could not be deleted from the trail."""
        return f"主页 {self.public_id}"

    @property
    def owner(self) -> Broker | Agency:
        owner = self.broker or self.agency
        assert owner is not None  # the constraint profile_of_one
        return owner

    @property
    def service_labels(self) -> list[str]:
        return [str(Agency.Service(service).label) for service in self.services]


class ProfileRevisionQuerySet(RevisionQuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Own ones; city staff and auditors see all."""
        if scope_of(user).sees_all:
            return self
        return self.filter(profile__in=Profile.objects.kept_by(user).values("pk"))


class ProfileRevision(Revision):
    """Texts of a public page that wait for the city."""

    profile = models.ForeignKey(Profile, models.PROTECT, related_name="revisions", verbose_name="主页")

    objects = ProfileRevisionQuerySet.as_manager()

    class Meta(Revision.Meta):
        abstract = False
        verbose_name = "主页的修改"
        verbose_name_plural = "主页的修改"
        permissions = [("review_profile", "Can review profiles")]
        constraints = revision_constraints("profile", message="已有一份修改在等审核。")

    @property
    def subject(self) -> Profile:
        return self.profile


class ProfileCaseQuerySet(RemovableQuerySet["ProfileCase"]):
    def published(self) -> Self:
        """Both parties agree, of a contract that is registered."""
        return self.kept().filter(
            seller_agreed_at__isnull=False,
            buyer_agreed_at__isnull=False,
            contract__status=Contract.Status.REGISTERED,
        )

    def asked_of(self, user: User | AnonymousUser) -> Self:
        """Those that name an organisation of the user."""
        scope = scope_of(user)
        own = scope.firm_ids | scope.institution_ids
        return self.kept().filter(Q(contract__seller__in=own) | Q(contract__buyer__in=own))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The own ones, those that name the user's organisations; published ones for everybody."""
        own = Q(profile__in=Profile.objects.kept_by(user).values("pk"), removed_at=None)
        asked = Q(pk__in=self.model._default_manager.all().asked_of(user).values("pk"))
        return self.filter(own | asked | Q(pk__in=self.model._default_manager.all().published().values("pk")))


class ProfileCase(PublicText, models.Model):
    """A contract told as a case, in words to which seller and buyer agree. Each takes its consent back at any time."""

    public_text_fields = ("text",)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="cases", verbose_name="主页")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="+", verbose_name="登记合同")
    text = models.CharField("案例", max_length=300)
    made_at = models.DateTimeField("提出时间", default=timezone.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="提出人"
    )
    seller_agreed_at = models.DateTimeField("卖方同意时间", null=True, editable=False)
    seller_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    buyer_agreed_at = models.DateTimeField("买方同意时间", null=True, editable=False)
    buyer_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    removed_at = models.DateTimeField("撤下时间", null=True, editable=False)

    objects = ProfileCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "主页案例"
        verbose_name_plural = "主页案例"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "contract"],
                condition=Q(removed_at=None),
                name="profile_case_once",
                violation_error_message="这份合同已经写成案例。",
            ),
        ]

    def __str__(self) -> str:
        return f"案例 {self.public_id}"

    @property
    def is_published(self) -> bool:
        return bool(self.seller_agreed_at and self.buyer_agreed_at) and self.removed_at is None

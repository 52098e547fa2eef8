"""The directory of service agencies (four kinds) and of technology brokers."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact, Organisation, Region, SourceFile, User
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import scope_of
from search.bigrams import NO_KEYWORDS, bigram_index, contains, is_searchable
from taxonomy.models import Industry


class AgencyQuerySet(models.QuerySet["Agency"]):
    def listed(self) -> Self:
        """In the public directory: verified and active."""
        return self.filter(verified_at__isnull=False, organisation__is_active=True)

    def listed_on(self, day: date | None = None) -> Self:
        """`listed` agencies that were verified by `day`; without a day, all listed ones.

        A withdrawn verification also disappears from earlier days; the audit trail has both dates.
        """
        return self.listed() if day is None else self.listed().filter(verified_at__date__lte=day)

    def by_kind(self) -> dict[str, int]:
        """{kind: number of agencies}, including kinds without any."""
        counts = dict(self.order_by().values_list("kind").annotate(models.Count("pk")))
        return {kind: counts.get(kind, 0) for kind in Agency.Kind.values}

    def awaiting_verification(self) -> Self:
        return self.filter(verified_at__isnull=True, organisation__is_active=True)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Listed ones for everybody, also their own for members of an agency, all for city staff and auditors."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            Q(verified_at__isnull=False, organisation__is_active=True) | Q(organisation__in=scope.agency_ids)
        )


class Agency(models.Model):
    class Kind(models.TextChoices):
        TRANSFER = "transfer", "技术转移"
        EVALUATION = "evaluation", "技术评估"
        PILOT = "pilot", "成果中试"
        COMMERCIALISATION = "commercialisation", "成果转化"

    class Service(models.TextChoices):
        """GB/T 34670-2017, 技术转移服务规范."""

        DEVELOPMENT = "development", "技术开发服务"
        TRANSFER = "transfer", "技术转让服务"
        TECHNICAL_SERVICE = "technical_service", "技术服务"
        CONSULTING = "consulting", "技术咨询服务"
        EVALUATION = "evaluation", "技术评价服务"
        FINANCING = "financing", "技术投融资服务"
        PLATFORM = "platform", "信息网络平台服务"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.OneToOneField(
        Organisation,
        models.PROTECT,
        related_name="agency",
        limit_choices_to={"kind": "agency"},
        verbose_name="机构",
        error_messages={"unique": "该机构已在名录中。"},
    )
    kind = models.CharField("机构类别", max_length=20, choices=Kind)
    services = ArrayField(
        models.CharField(max_length=20, choices=Service), verbose_name="服务类型", default=list, blank=True
    )
    industries = models.ManyToManyField(Industry, blank=True, related_name="agencies", verbose_name="服务领域")
    regions = models.ManyToManyField(
        Region,
        blank=True,
        related_name="agencies",
        limit_choices_to={"is_reporting": True},
        verbose_name="服务区市县",
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="agencies", verbose_name="联系人"
    )
    verified_at = models.DateTimeField("核验时间", null=True, blank=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="核验人"
    )
    source_file = models.ForeignKey(
        SourceFile,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="agencies",
        verbose_name="来源文件",
    )
    source_row = models.PositiveIntegerField("来源行", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = "服务机构"
        verbose_name_plural = "服务机构"
        ordering = ["organisation__name"]
        permissions = [
            ("verify_agency", "Can verify agencies"),
            ("import_agency", "Can import agencies"),
            ("export_agency", "Can export agencies"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="agency_verified_by_someone",
            )
        ]

    def __str__(self) -> str:
        return self.organisation.name

    @property
    def service_labels(self) -> list[str]:
        return [str(self.Service(service).label) for service in self.services]


class BrokerQuerySet(models.QuerySet["Broker"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def search(self, q: str) -> Self:
        """With `q` in the own name, or that of the agency, an industry or a district."""
        industries, regions = Industry.objects.filter(name__icontains=q), Region.objects.filter(name__icontains=q)
        if is_searchable(q):
            named = Broker.objects.filter(contains("".join(q.split()), NO_KEYWORDS, "name"))
            agencies = Organisation.objects.filter(kind="agency").named(q)
        else:
            named = Broker.objects.filter(name__icontains=q)
            agencies = Organisation.objects.filter(kind="agency", name__icontains=q)
        # Each part has an index of its own; with OR the planner would read all brokers.
        matching = (
            named,
            Broker.objects.filter(agency__organisation__in=agencies),
            Broker.objects.filter(industries__in=industries),
            Broker.objects.filter(regions__in=regions),
        )
        first, *others = (rows.order_by().values("pk") for rows in matching)
        return self.filter(pk__in=first.union(*others))

    def certified(self) -> Self:
        """Active, with an unexpired certificate."""
        return self.filter(_certified())

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Certified ones for everybody, the own entry for brokers, all for city and district staff and auditors."""
        scope = scope_of(user)
        if scope.sees_all or scope.is_district:
            return self
        return self.filter(_certified() | Q(user=scope.user_id) if scope.roles else _certified())


def _certified() -> Q:
    """No subquery: the list is read in its order from an index."""
    return Q(is_active=True) & (Q(expires_on__isnull=True) | Q(expires_on__gte=timezone.localdate()))


class Broker(PublicText, models.Model):
    public_text_fields = ("name", "certified_by", "title")

    class Level(models.TextChoices):
        JUNIOR = "junior", "初级技术经纪人"
        INTERMEDIATE = "intermediate", "中级技术经纪人"
        SENIOR = "senior", "高级技术经理人"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="broker",
        verbose_name="登录用户",
    )
    name = models.CharField("姓名", max_length=30)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="brokers", verbose_name="所属机构"
    )
    level = models.CharField("等级", max_length=20, choices=Level)
    certificate_number = models.CharField(
        "证书号", max_length=50, unique=True, error_messages={"unique": "已有相同证书号的技术经纪人。"}
    )
    certified_by = models.CharField("发证单位", max_length=100, blank=True)
    issued_on = models.DateField("发证日期", null=True, blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    title = models.CharField("职称", max_length=50, blank=True, help_text="系列与级别，如工程系列·工程师")
    industries = models.ManyToManyField(Industry, blank=True, related_name="brokers", verbose_name="擅长领域")
    regions = models.ManyToManyField(
        Region,
        blank=True,
        related_name="brokers",
        limit_choices_to={"is_reporting": True},
        verbose_name="服务区市县",
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="brokers", verbose_name="联系方式"
    )
    is_active = models.BooleanField("执业中", default=True)
    source_file = models.ForeignKey(
        SourceFile,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="brokers",
        verbose_name="来源文件",
    )
    source_row = models.PositiveIntegerField("来源行", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = BrokerQuerySet.as_manager()

    class Meta:
        verbose_name = "技术经纪人"
        verbose_name_plural = "技术经纪人"
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name", "id"], condition=Q(is_active=True), name="broker_by_name"),
            bigram_index("broker_by_bigram", NO_KEYWORDS, "name"),
        ]
        permissions = [("import_broker", "Can import brokers"), ("export_broker", "Can export brokers")]
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True)
                | Q(expires_on__isnull=True)
                | Q(expires_on__gte=models.F("issued_on")),
                name="broker_certificate_dates_in_order",
                violation_error_message="证书有效期不能早于发证日期。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def certificate_is_valid(self) -> bool:
        return self.expires_on is None or self.expires_on >= timezone.localdate()

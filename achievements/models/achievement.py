"""Achievements and the counter of their registry numbers."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Contact, Organisation, SourceFile, User
from achievements.public_orders import PUBLIC_ORDERS
from core.personal_data import find_personal_data
from core.plain_text import REASON_LENGTH
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import scope_of
from search.bigrams import bigram_index, contains
from taxonomy.models import EXCLUSIVE_PATTERN, Industry, MaturityBucket, MaturityScale, TransferWay
from taxonomy.money import wan_range_text

HEADLINE_FIELDS = ("keywords", "title")
SEARCH_FIELDS = (*HEADLINE_FIELDS, "summary")
"""Fields that the text search covers."""

LIST_INDEX_FIELDS = (
    "status",
    "expires_on",
    "industry",
    "institution",
    "maturity_bucket",
    "transfer_ways",
    "price_min_wan",
    "price_max_wan",
    "pay_later",
)
"""Included in the index of published achievements: the fields that decide visibility, and the filters."""


def _is_published() -> Q:
    return Q(
        Q(expires_on__isnull=True) | Q(expires_on__gte=timezone.localdate()),
        published_at__isnull=False,
        status__in=Achievement.SHOWN,
    )


class AchievementQuerySet(models.QuerySet["Achievement"]):
    def registered(self) -> Self:
        """Registered at some time, whatever the status is now."""
        return self.filter(registry_number__isnull=False)

    def on_offer(self) -> Self:
        """Published, unexpired, not transferred, paused or withdrawn, and not exclusive to one firm today."""
        exclusive = Q(exclusive_from__lte=timezone.localdate(), exclusive_from__isnull=False)
        return self.published().filter(status__in=Achievement.OFFERED).exclude(exclusive)

    def available(self) -> Self:
        """On offer and not licensed exclusively: what matching may propose to a firm."""
        return self.on_offer().exclude(transferred_note__regex=EXCLUSIVE_PATTERN)

    def published(self) -> Self:
        """Readable by everybody: published, unexpired, with a status in SHOWN."""
        return self.filter(_is_published())

    def search(self, q: str) -> Self:
        """Achievements with `q` in title, summary, keywords or the institution's name.

        `q` must satisfy `search.bigrams.is_searchable`.
        """
        if find_personal_data(q):
            return self.none()  # nobody is found by a number, also where one is stored
        # Evaluated here: for a subquery the planner overestimates the rows and does not use the bigram index.
        institutions = list(Organisation.objects.institutions().named(q).order_by().values_list("pk", flat=True))
        return self.filter(Q(institution__in=institutions) | contains(q, *SEARCH_FIELDS))

    def search_headline(self, q: str) -> Self:
        """Those of `search` with `q` in title or keywords."""
        return self.filter(contains(q, *HEADLINE_FIELDS))

    def returned(self) -> Self:
        """Drafts returned with a reason and not updated since."""
        drafts = self.filter(status=Achievement.Status.DRAFT, updated_at__lte=F("status_changed_at"))
        return drafts.exclude(status_reason="")

    def ready_to_submit(self) -> Self:
        """Drafts except those that `returned` lists."""
        not_returned = Q(status_reason="") | Q(updated_at__gt=F("status_changed_at"))
        return self.filter(not_returned, status=Achievement.Status.DRAFT)

    def awaiting_institution(self) -> Self:
        return self.filter(status=Achievement.Status.INSTITUTION_REVIEW)

    def awaiting_city(self) -> Self:
        return self.filter(status=Achievement.Status.CITY_REVIEW)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Published ones for everybody; also their own for institutions; all for city staff and auditors."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(_is_published() | Q(institution__in=scope.institution_ids))

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditors, their own for institutions, none for others."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(institution__in=scope.institution_ids)


class Achievement(PublicText, models.Model):
    public_text_fields = (
        *(
            "title",
            "college",
            "partner_names",
            "lead_person",
            "applied_industry",
            "discipline",
            "keywords",
            "summary",
            "innovation",
        ),
        *(
            "scenario",
            "economics",
            "limits",
            "evaluated_by",
            "maturity_evidence",
            "maturity_assessed_by",
            "wanted_partner",
        ),
        "transferred_note",
    )

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        INSTITUTION_REVIEW = "office_review", "待院校审核"
        CITY_REVIEW = "city_review", "待市科技局审核"
        REGISTERED = "registered", "已入库"
        FEATURED = "featured", "已推介"
        DOCKING = "docking", "对接中"
        TRANSFERRED = "transferred", "已转化"
        PAUSED = "paused", "暂停对接"
        WITHDRAWN = "withdrawn", "已下架"

    OFFERED = (Status.REGISTERED, Status.FEATURED, Status.DOCKING)
    SHOWN = (*OFFERED, Status.TRANSFERRED)
    REVISABLE = (*OFFERED, Status.PAUSED)
    """What its institution changes through an `AchievementRevision`."""

    class Category(models.TextChoices):
        APPLIED = "applied", "应用技术成果"
        BASIC = "basic", "基础理论成果"
        SOFT_SCIENCE = "soft_science", "软科学研究成果"

    class Form(models.TextChoices):
        TECHNOLOGY = "technology", "新技术"
        PROCESS = "process", "新工艺"
        PRODUCT = "product", "新产品"
        MATERIAL = "material", "新材料"
        EQUIPMENT = "equipment", "新装备"
        MEDICINE = "medicine", "生物医药新品种"
        AGRICULTURE = "agriculture", "农业新品种"
        MINERAL = "mineral", "矿产新品种"
        STANDARD = "standard", "标准"
        OTHER = "other", "其他"

    class Attribute(models.TextChoices):
        ORIGINAL = "original", "原始性创新"
        ABSORBED = "absorbed", "国外引进消化吸收创新"
        SECONDARY = "secondary", "国内技术二次开发"

    class Stage(models.TextChoices):
        EARLY = "early", "初期阶段"
        MIDDLE = "middle", "中期阶段"
        MATURE = "mature", "成熟应用阶段"

    class Standing(models.TextChoices):
        WORLD_LEADING = "world_leading", "国际领先"
        WORLD_ADVANCED = "world_advanced", "国际先进"
        NATIONAL_LEADING = "national_leading", "国内领先"
        NATIONAL_ADVANCED = "national_advanced", "国内先进"
        NATIONAL_COMMON = "national_common", "国内一般"
        NOT_EVALUATED = "not_evaluated", "未评价"

    class Evaluation(models.TextChoices):
        APPRAISAL = "appraisal", "鉴定"
        ACCEPTANCE = "acceptance", "验收"
        CONCLUSION = "conclusion", "结题"
        REVIEW = "review", "评审"
        ASSESSMENT = "assessment", "第三方评估"
        ADMISSION = "admission", "行业准入"
        TESTING = "testing", "权威部门检测"
        OTHER = "other", "其他"

    class Willingness(models.TextChoices):
        WILLING = "willing", "愿意转化"
        UNWILLING = "unwilling", "暂无转化意愿"
        DONE = "done", "已转化"

    # Identity
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    title = models.CharField("成果名称", max_length=200)
    institution = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="achievements",
        limit_choices_to={"kind": "institution"},
        verbose_name="第一完成单位",
    )
    college = models.CharField(
        "学院", max_length=60, blank=True, default="", db_default="", help_text="本单位内的学院、研究所或部门"
    )
    partner_names = models.CharField("合作单位", max_length=300, blank=True, help_text="按顺序填写，用分号分开")
    lead_person = models.CharField("负责人", max_length=30)
    category = models.CharField("成果类别", max_length=20, choices=Category, default=Category.APPLIED)
    form = models.CharField("成果体现形式", max_length=20, choices=Form)
    attribute = models.CharField("成果属性", max_length=20, choices=Attribute, blank=True)
    industry = models.ForeignKey(Industry, models.PROTECT, related_name="achievements", verbose_name="产业链")
    applied_industry = models.CharField("应用行业", max_length=60, blank=True, help_text="GB/T 4754 代码或名称")
    discipline = models.CharField("学科", max_length=60, blank=True, help_text="GB/T 13745 名称")
    keywords = ArrayField(
        models.CharField(max_length=30),
        verbose_name="关键词",
        default=list,
        blank=True,
        size=3,
        help_text="最多 3 个",
    )

    # Description
    summary = models.TextField("成果简介", max_length=3000, help_text="要解决的问题、怎么做、效果如何")
    innovation = models.TextField("技术要点与创新点", max_length=3000, blank=True)
    scenario = models.TextField("应用场景", max_length=1000, blank=True)
    economics = models.TextField("与现有方案的经济性对比", max_length=1000, blank=True)
    limits = models.TextField(
        "适用边界",
        max_length=1000,
        blank=True,
        default="",
        db_default="",
        help_text="不适合用在哪里、什么条件下做不到，一行一条，如：氨制冷系统不适用；油分高于 50 mg/L 时须先除油",
    )
    standing = models.CharField("成果水平", max_length=20, choices=Standing, default=Standing.NOT_EVALUATED)
    evaluation = models.CharField("评价方式", max_length=20, choices=Evaluation, blank=True)
    evaluated_by = models.CharField("评价单位", max_length=100, blank=True)
    evaluated_on = models.DateField("评价日期", null=True, blank=True)
    national_number = models.CharField(
        "成果登记号", max_length=30, blank=True, help_text="科技成果登记的批准登记号，选填"
    )

    # Maturity
    stage = models.CharField("所处阶段", max_length=10, choices=Stage)
    maturity_scale = models.CharField("成熟度标准", max_length=20, choices=MaturityScale, default=MaturityScale.TRL9)
    maturity_level = models.PositiveSmallIntegerField("成熟度等级", null=True, blank=True)
    maturity_bucket = models.CharField("成熟度阶段", max_length=10, choices=MaturityBucket, blank=True, editable=False)
    maturity_evidence = models.TextField(
        "成熟度依据", max_length=500, blank=True, help_text="没有依据的等级显示为“自评”"
    )
    maturity_assessed_by = models.CharField("成熟度评定单位", max_length=100, blank=True)
    maturity_assessed_on = models.DateField("成熟度评定日期", null=True, blank=True)

    # Transfer terms
    transfer_ways = ArrayField(
        models.CharField(max_length=20, choices=TransferWay), verbose_name="拟转化方式", default=list
    )
    price_min_wan = models.DecimalField("意向价格下限（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    price_max_wan = models.DecimalField("意向价格上限（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    price_negotiable = models.BooleanField("价格面议", default=True)
    pay_later = models.BooleanField("可先使用后付费", default=False)
    wanted_partner = models.CharField("希望的合作方", max_length=300, blank=True)
    funds_needed_wan = models.DecimalField("所需资金（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    willingness = models.CharField("转化意愿", max_length=10, choices=Willingness, default=Willingness.WILLING)
    transferred_note = models.CharField("已转化情况", max_length=300, blank=True, help_text="方式、时间、所在地、金额")
    exclusive_from = models.DateField(
        "独占开始日期", null=True, blank=True, editable=False, help_text="从这一天起只归一家，不再推荐给别人"
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="achievements", verbose_name="联系人"
    )
    non_secret_confirmed = models.BooleanField("非涉密确认", default=False, help_text="确认不涉及国家秘密、可以公开")

    # Status and origin
    status = models.CharField("状态", max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    status_reason = models.CharField("状态说明", max_length=REASON_LENGTH, blank=True, editable=False)
    status_changed_at = models.DateTimeField("状态时间", default=timezone.now, editable=False)
    registry_number = models.CharField("入库编号", max_length=20, unique=True, null=True, blank=True, editable=False)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="入库人"
    )
    registered_at = models.DateTimeField("入库时间", null=True, editable=False)
    published_at = models.DateTimeField("公开时间", null=True, blank=True, editable=False)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    source_file = models.ForeignKey(
        SourceFile,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="achievements",
        verbose_name="来源文件",
    )
    source_row = models.PositiveIntegerField("来源行", null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="录入人"
    )
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = AchievementQuerySet.as_manager()

    class Meta:
        verbose_name = "科技成果"
        verbose_name_plural = "科技成果"
        ordering = ["-updated_at", "-pk"]
        permissions = [
            ("register_achievement", "Can register achievements"),
            ("import_achievement", "Can import achievements"),
            ("export_achievement", "Can export achievements"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "title"],
                condition=~Q(status="withdrawn"),
                name="achievement_title_once_per_institution",
                violation_error_message="本单位已有同名成果，请修改已有的一条，或在名称中写明区别。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "office_review", "city_review", "withdrawn"])
                | Q(registry_number__isnull=False, registered_at__isnull=False),
                name="achievement_registered_before_offered",
                violation_error_message="成果须先入库。",
            ),
            models.CheckConstraint(
                condition=Q(non_secret_confirmed=True),
                name="achievement_not_secret",
                violation_error_message="必须确认成果不涉密。涉密成果不能录入本平台。",
            ),
            models.CheckConstraint(
                condition=Q(price_min_wan__isnull=True) | Q(price_min_wan__gte=0),
                name="achievement_price_not_negative",
                violation_error_message="意向价格不能为负数。",
            ),
            models.CheckConstraint(
                condition=Q(price_min_wan__isnull=True)
                | Q(price_max_wan__isnull=True)
                | Q(price_max_wan__gte=F("price_min_wan")),
                name="achievement_price_in_order",
                violation_error_message="意向价格上限不能低于下限。",
            ),
            models.CheckConstraint(
                condition=Q(maturity_level__isnull=True)
                | Q(maturity_scale="gbt22900_13", maturity_level__range=(1, 13))
                | Q(maturity_scale__in=["trl9", "gbt37264"], maturity_level__range=(1, 9)),
                name="achievement_maturity_on_scale",
                violation_error_message="成熟度等级超出所选标准的范围。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["paused", "withdrawn"]) | ~Q(status_reason=""),
                name="achievement_stopped_with_reason",
                violation_error_message="暂停或下架必须写明原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-updated_at"], name="achievement_by_status"),
            GinIndex(fields=["transfer_ways"], name="achievement_by_way"),
            bigram_index("achievement_by_bigram", *SEARCH_FIELDS),
            bigram_index("achievement_by_headline", *HEADLINE_FIELDS),
            # Index-only scans for the newest page of the public list and for its facet counts
            models.Index(
                fields=["-updated_at", "-id"],
                include=LIST_INDEX_FIELDS,
                condition=Q(published_at__isnull=False),
                name="achievement_published",
            ),
            *PUBLIC_ORDERS,
        ]

    def __str__(self) -> str:
        return self.title

    def published_contacts(self) -> list[str]:
        return self.institution.public_contacts if self.institution_id else []

    @property
    def price_text(self) -> str:
        return wan_range_text(self.price_min_wan, self.price_max_wan)

    @property
    def way_labels(self) -> list[str]:
        return [str(TransferWay(way).label) for way in self.transfer_ways]


class RegistryCounter(models.Model):
    """The last 入库编号 of a year, incremented by one statement with RETURNING so that no number is used twice."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "入库编号计数"
        verbose_name_plural = "入库编号计数"

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"

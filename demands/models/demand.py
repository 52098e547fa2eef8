"""Technology demands of firms with their indicators. A firm may publish under an alias."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Contact, Organisation, Region, SourceFile, User
from accounts.names import PUBLIC, name_for
from core.personal_data import find_personal_data
from core.plain_text import REASON_LENGTH
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import Scope, scope_of
from demands import masking
from demands.models.standing import STANDING_CONSTRAINTS, Standing
from demands.public_orders import PUBLIC_ORDERS
from mandates.models import Right, clients_of
from search.bigrams import bigram_index, contains
from taxonomy.models import IndicatorBase, Industry, TransferWay
from taxonomy.money import wan_range_text

HEADLINE_FIELDS = ("keywords", "title")
SEARCH_FIELDS = (*HEADLINE_FIELDS, "problem", "goal", "conditions", "applied_industry")
"""Fields that the text search covers: public fields only."""


def _is_published() -> Q:
    return Q(
        Q(expires_on__isnull=True) | Q(expires_on__gte=timezone.localdate()),
        published_at__isnull=False,
        status__in=Demand.SHOWN,
        is_private=False,
    )


def _is_managed_by(scope: Scope) -> Q:
    return Q(firm__in=scope.firm_ids) | Q(firm__stat_region__in=scope.region_ids)


def _is_posted_for(user: User | AnonymousUser) -> Q:
    return Q(firm__in=clients_of(user, Right.POST), is_private=False)


class DemandQuerySet(models.QuerySet["Demand"]):
    def published(self) -> Self:
        """Readable by everybody (masked if anonymous): published, unexpired, with a status in SHOWN."""
        return self.filter(_is_published())

    def open(self) -> Self:
        """Published and not solved: what takes part in matching."""
        return self.published().filter(status__in=Demand.OPEN)

    def search(self, q: str) -> Self:
        """Demands with `q` in a public text, the keywords or, unless anonymous, the firm's name.

        The details of a demand of which only the teaser is public are not searched: hits would tell their words.
        `q` must satisfy `search.bigrams.is_searchable`.
        """
        if find_personal_data(q):
            return self.none()  # nobody is found by a number, also where one is stored
        # Evaluated here: for a subquery the planner overestimates the rows and does not use the bigram index.
        firms = list(Organisation.objects.firms().named(q).order_by().values_list("pk", flat=True))
        # What an anonymous demand does not say of its industry must not be found either.
        says_industry = Q(is_anonymous=False) | Q(public_detail__in=Demand.EXACT_INDUSTRY)
        in_text = contains(q, *SEARCH_FIELDS) & (says_industry | contains(q, *SEARCH_FIELDS[:-1]))
        in_teaser = contains(q, *HEADLINE_FIELDS) | Q(teaser__icontains=q)
        in_public = Q(disclosure=Demand.Disclosure.FULL) & in_text | Q(disclosure=Demand.Disclosure.TEASER) & in_teaser
        by_hidden_name = Q(pk__in=self._found_by_hidden_name(q))
        return self.filter(Q(firm__in=firms, is_anonymous=False) | in_public & ~by_hidden_name)

    def _found_by_hidden_name(self, q: str, fields: tuple[str, ...] = SEARCH_FIELDS) -> list[int]:
        """Anonymous demands with `q` only where the public reads 本企业, as after the firm took that name."""
        hits = self.filter(contains(q, *fields), is_anonymous=True).select_related("firm").order_by()
        return [
            demand.pk
            for demand in hits
            if masking.is_mentioned(demand, fields)
            and not any(q.casefold() in demand.public_text(field).casefold() for field in fields)
        ]

    def search_headline(self, q: str) -> Self:
        """Those of `search` with `q` in title or keywords."""
        return self.filter(contains(q, *HEADLINE_FIELDS) & ~Q(pk__in=self._found_by_hidden_name(q, HEADLINE_FIELDS)))

    def returned(self) -> Self:
        """Drafts returned with a reason and not updated since."""
        drafts = self.filter(status=Demand.Status.DRAFT, updated_at__lte=F("status_changed_at"))
        return drafts.exclude(status_reason="")

    def ready_to_submit(self) -> Self:
        """Drafts except those that `returned` lists."""
        not_returned = Q(status_reason="") | Q(updated_at__gt=F("status_changed_at"))
        return self.filter(not_returned, status=Demand.Status.DRAFT)

    def awaiting_district(self) -> Self:
        return self.filter(status=Demand.Status.DISTRICT_REVIEW)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Published ones for everybody; also those that `managed_by` and `posted_for` return."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(_is_published() | _is_managed_by(scope) | _is_posted_for(user))

    def posted_for(self, user: User | AnonymousUser) -> Self:
        """Those of the firms for which the user writes demands by a mandate in force."""
        return self.filter(_is_posted_for(user))

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """Their own for firms, those of its firms for a district, all for city staff and auditors, none for others."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(_is_managed_by(scope))

    def detailed_for(self, user: User | AnonymousUser) -> Self:
        """Demands of which `user` may read all texts and indicators.

        Those that are public in full or managed by the user; of the others, readers who act for an institution or an
        agency with an undertaking in force read the published ones.
        """
        scope = scope_of(user)
        if scope.sees_all:
            return self
        in_full = Q(disclosure=Demand.Disclosure.FULL)
        if self.model._meta.apps.get_model("demands", "Undertaking").objects.of_user(user).in_force().exists():
            in_full = Q()
        return self.filter(Q(_is_published()) & in_full | _is_managed_by(scope) | _is_posted_for(user))

    def unmasked_for(self, user: User | AnonymousUser) -> Self:
        """Demands whose firm `user` may see by name."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        named = Q(_is_published(), is_anonymous=False)
        return self.filter(named | _is_managed_by(scope) | Q(firm__in=clients_of(user)))


class Demand(PublicText, Standing):
    public_text_fields = tuple(field for field in masking.PUBLIC_FIELDS if field != "public_alias")

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        DISTRICT_REVIEW = "district_review", "待区县初审"
        DIAGNOSIS = "diagnosis", "需求诊断中"
        PUBLISHED = "published", "已发布"
        DOCKING = "docking", "对接中"
        SOLVED = "solved", "已解决"
        CHALLENGE = "challenge", "转揭榜挂帅"
        TRACKING = "tracking", "长期跟踪"
        PAUSED = "paused", "暂停"
        CLOSED = "closed", "已关闭"

    class Detail(models.TextChoices):
        """What an anonymous demand says of its firm, from most to least."""

        DISTRICT = "district", "区市县和产业链"
        INDUSTRY = "industry", "产业链"
        BRANCH = "branch", "产业大类"
        NOTHING = "nothing", "都不写"

    OPEN = (Status.PUBLISHED, Status.DOCKING, Status.TRACKING)
    SHOWN = (*OPEN, Status.SOLVED, Status.CHALLENGE)
    REVISABLE = (*OPEN, Status.PAUSED)
    """What its firm changes through a `DemandRevision`."""
    EXACT_INDUSTRY = (Detail.DISTRICT, Detail.INDUSTRY)

    class Kind(models.TextChoices):
        PROBLEM = "problem", "技术攻关"
        ADOPTION = "adoption", "成果引进"
        UPGRADE = "upgrade", "产品升级"
        PROCESS = "process", "工艺改进"
        TESTING = "testing", "检验检测"
        TALENT = "talent", "人才团队"
        OTHER = "other", "其他"

    class Disclosure(models.TextChoices):
        FULL = "full", "全文公开"
        TEASER = "teaser", "只公开摘要，签署保密承诺的院所可看全文"

    # Content
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    title = models.CharField("需求名称", max_length=200)
    firm = models.ForeignKey(
        Organisation, models.PROTECT, related_name="demands", limit_choices_to={"kind": "firm"}, verbose_name="企业"
    )
    kind = models.CharField("需求类型", max_length=20, choices=Kind)
    industry = models.ForeignKey(
        Industry, models.PROTECT, null=True, blank=True, related_name="demands", verbose_name="产业链"
    )
    applied_industry = models.CharField("应用行业", max_length=60, blank=True)
    problem = models.TextField("主要问题", max_length=5000, help_text="现在遇到什么问题，希望达到什么效果")
    goal = models.TextField("预期目标", max_length=2000, blank=True)
    conditions = models.TextField("现有基础条件", max_length=2000, blank=True)
    keywords = ArrayField(
        models.CharField(max_length=30), verbose_name="关键词", default=list, blank=True, size=5, help_text="最多 5 个"
    )

    # Terms
    transfer_ways = ArrayField(
        models.CharField(max_length=20, choices=TransferWay), verbose_name="期望合作方式", default=list, blank=True
    )
    budget_min_wan = models.DecimalField(
        "拟投入资金下限（万元）", max_digits=12, decimal_places=2, null=True, blank=True
    )
    budget_max_wan = models.DecimalField(
        "拟投入资金上限（万元）", max_digits=12, decimal_places=2, null=True, blank=True
    )
    budget_negotiable = models.BooleanField("资金面议", default=True)
    period_start = models.DateField("需求时限起", null=True, blank=True)
    period_end = models.DateField("需求时限止", null=True, blank=True)
    period_text = models.CharField("需求时限", max_length=60, blank=True, help_text="如 2026年1月至2027年12月、长期")
    intended_partner = models.CharField("意向合作单位", max_length=200, blank=True)
    wants_challenge = models.BooleanField("愿意揭榜挂帅", default=False)
    is_anonymous = models.BooleanField("匿名发布", default=False)
    is_private = models.BooleanField("不公开", default=False, db_default=False, editable=False)
    """Written from an enquiry about one achievement: never published, in no search and in no matching."""
    chosen_detail = models.CharField(
        "匿名时对外写到哪里",
        max_length=10,
        choices=Detail,
        blank=True,
        default="",
        db_default="",
        help_text="不选则由平台按符合的企业数选",
    )
    public_detail = models.CharField(
        "实际对外写到", max_length=10, choices=Detail, default=Detail.NOTHING, db_default=Detail.NOTHING, editable=False
    )
    public_alias = models.CharField(
        "对外名称", max_length=60, blank=True, editable=False, help_text="匿名时代替企业名称，由平台生成，每项需求不同"
    )
    disclosure = models.CharField(
        "公开多少", max_length=10, choices=Disclosure, default=Disclosure.FULL, db_default="full"
    )
    teaser = models.TextField(
        "公开摘要",
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="只公开摘要时必填，代替正文和指标公开，不要写关键参数",
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="demands", verbose_name="联系人"
    )

    # Status and origin
    status = models.CharField("状态", max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    status_reason = models.CharField("状态说明", max_length=REASON_LENGTH, blank=True, editable=False)
    status_changed_at = models.DateTimeField("状态时间", default=timezone.now, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    source_file = models.ForeignKey(
        SourceFile,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="demands",
        verbose_name="来源文件",
    )
    source_row = models.PositiveIntegerField("来源行", null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="录入人"
    )
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = "技术需求"
        verbose_name_plural = "技术需求"
        ordering = ["-updated_at", "-pk"]
        permissions = [
            ("review_demand", "Can review demands"),
            ("import_demand", "Can import demands"),
            ("export_demand", "Can export demands"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "title"],
                condition=~Q(status="closed"),
                name="demand_title_once_per_firm",
                violation_error_message="该企业已有同名需求，请修改已有的一条，或在名称中写明区别。",
            ),
            models.CheckConstraint(
                condition=~Q(is_anonymous=True) | ~Q(public_alias=""),
                name="demand_anonymous_has_alias",
                violation_error_message="匿名发布需要一个对外名称，例如“某区某轴承企业”。",
            ),
            models.CheckConstraint(
                condition=~Q(disclosure="teaser") | ~Q(teaser=""),
                name="demand_teaser_is_written",
                violation_error_message="只公开摘要时，请写一段公开摘要，例如“寻找提高轴承寿命的热处理工艺”。",
            ),
            models.CheckConstraint(
                condition=Q(budget_min_wan__isnull=True) | Q(budget_min_wan__gte=0),
                name="demand_budget_not_negative",
                violation_error_message="拟投入资金不能为负数。",
            ),
            models.CheckConstraint(
                condition=Q(budget_min_wan__isnull=True)
                | Q(budget_max_wan__isnull=True)
                | Q(budget_max_wan__gte=F("budget_min_wan")),
                name="demand_budget_in_order",
                violation_error_message="拟投入资金上限不能低于下限。",
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True)
                | Q(period_end__isnull=True)
                | Q(period_end__gte=F("period_start")),
                name="demand_period_in_order",
                violation_error_message="需求时限的结束不能早于开始。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "district_review", "diagnosis", "closed"])
                | Q(published_at__isnull=False)
                | Q(is_private=True),
                name="demand_published_before_docking",
                violation_error_message="需求须先发布。",
            ),
            models.CheckConstraint(
                condition=Q(is_private=False) | Q(published_at=None),
                name="demand_private_is_never_published",
                violation_error_message="从询问写成的需求不公开；如要公开，请另外发布一项需求。",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | ~Q(status_reason=""),
                name="demand_closed_with_reason",
                violation_error_message="关闭需求必须写明原因。",
            ),
            *STANDING_CONSTRAINTS,
        ]
        indexes = [
            models.Index(fields=["status", "-updated_at"], name="demand_by_status"),
            models.Index(fields=["disclosure"], condition=Q(disclosure="teaser"), name="demand_with_teaser"),
            GinIndex(fields=["transfer_ways"], name="demand_by_way"),
            bigram_index("demand_by_bigram", *SEARCH_FIELDS),
            bigram_index("demand_by_headline", *HEADLINE_FIELDS),
            *PUBLIC_ORDERS,
        ]

    def __str__(self) -> str:
        return self.title

    def published_contacts(self) -> list[str]:
        return self.firm.public_contacts if self.firm_id else []

    def alias_of(self, organisation: Organisation) -> str:
        """`accounts.names.Matter`: the alias under which the firm published the demand."""
        return self.public_alias if self.is_anonymous and organisation.pk == self.firm_id else ""

    def admits(self, scope: Scope) -> bool:
        """A demand alone names its firm to nobody; `matching.Match` does once both sides agreed."""
        return False

    @property
    def public_firm_name(self) -> str:
        """The firm's name for public pages, which are the same for every reader."""
        return name_for(self.firm, PUBLIC, self)

    def public_text(self, field: str) -> str:
        """A text field for public pages; mentions of an anonymous firm become 本企业, lists are joined by 、."""
        return masking.public_text(self, field)

    @property
    def public(self) -> dict[str, str]:
        """All public texts by field name, for templates: `demand.public.problem`."""
        return {field: self.public_text(field) for field in masking.PUBLIC_FIELDS}

    @property
    def public_indicators(self) -> list["DemandIndicator"]:
        """Masked copies of the indicators; must not be saved."""
        return masking.public_indicators(self)

    @property
    def is_teaser_only(self) -> bool:
        """Whether the public reads the teaser instead of the details."""
        return self.disclosure == self.Disclosure.TEASER

    @property
    def public_region(self) -> Region | None:
        """The firm's reporting region for public pages: none if an anonymous demand does not say it."""
        hides = self.is_anonymous and self.public_detail != self.Detail.DISTRICT
        return None if hides else self.firm.stat_region

    @property
    def public_industry(self) -> Industry | None:
        """The industry for public pages: the parent, or none, if an anonymous demand says no more."""
        industry = self.industry
        if industry is None or not self.is_anonymous or self.public_detail in self.EXACT_INDUSTRY:
            return industry
        return (industry.parent or industry) if self.public_detail == self.Detail.BRANCH else None

    @property
    def budget_text(self) -> str:
        return wan_range_text(self.budget_min_wan, self.budget_max_wan)

    @property
    def way_labels(self) -> list[str]:
        return [str(TransferWay(way).label) for way in self.transfer_ways]


class DemandIndicator(IndicatorBase):
    demand = models.ForeignKey(Demand, models.CASCADE, related_name="indicators")

    class Meta(IndicatorBase.Meta):
        abstract = False
        verbose_name = "技术指标"
        verbose_name_plural = "技术指标"

"""Regions, organisations, users and their memberships."""

from functools import cached_property
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.validators import validate_credit_code, validate_office_contact
from core.city_fields import CityBooleanField
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import Scope, scope_of, scope_of_memberships
from search.bigrams import bigram_index, contains

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


NAME_FIELDS = ("former_names", "name", "short_name")
AGENCY_FIELDS = ("former_names", "name", "profile")
"""What a search of the directory of agencies compares with its words."""


class RegionQuerySet(models.QuerySet["Region"]):
    def reporting(self) -> Self:
        """The thirteen units by which figures are counted; they do not overlap."""
        return self.filter(is_reporting=True)

    def registered(self) -> Self:
        """The units of GB/T 2260, in which firms are registered."""
        return self.filter(is_gb2260=True)


class Region(models.Model):
    """A district, county or zone. A firm has one region of registration and one region in which it is counted."""

    code = models.SlugField("代码", unique=True, help_text="GB/T 2260 代码；功能区没有国家代码，用拼音")
    name = models.CharField("名称", max_length=30, unique=True)
    aliases = models.CharField("别名", max_length=200, blank=True, help_text="导入表格时也认得的写法，用顿号分开")
    is_gb2260 = models.BooleanField("行政区划", default=False)
    is_reporting = models.BooleanField("统计单位", default=False)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = "区市县"
        verbose_name_plural = "区市县"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def institutions(self) -> Self:
        return self.filter(kind=Organisation.Kind.INSTITUTION)

    def firms(self) -> Self:
        return self.filter(kind=Organisation.Kind.FIRM)

    def named(self, q: str) -> Self:
        """With `q` in a name, now or earlier, or the short name. Blanks and the width of characters do not matter.

        `q` must satisfy `search.bigrams.is_searchable`.
        """
        return self.filter(contains("".join(q.split()), *NAME_FIELDS))

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Own organisations; for district officers also the firms of their region; all for city, auditor, sysadmin."""
        scope = scope_of(user)
        if scope.sees_all or scope.is_sysadmin:
            return self
        return self.filter(
            Q(pk__in=scope.organisation_ids) | Q(kind=Organisation.Kind.FIRM, stat_region__in=scope.region_ids)
        )


class Organisation(PublicText, models.Model):
    class Kind(models.TextChoices):
        INSTITUTION = "institution", "高校院所"
        FIRM = "firm", "企业"
        AGENCY = "agency", "服务机构"
        DISTRICT = "district", "区市县科技部门"
        CITY = "city", "市科技局"
        BUREAU = "bureau", "市级部门"

    public_text_fields = ("profile",)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    name = models.CharField(
        "单位名称", max_length=100, unique=True, error_messages={"unique": "已有同名单位，请先搜索再新建。"}
    )
    short_name = models.CharField("简称", max_length=30, blank=True)
    kind = models.CharField("类别", max_length=20, choices=Kind)
    credit_code = models.CharField(
        "统一社会信用代码", max_length=18, blank=True, validators=[validate_credit_code], help_text="18 位，选填"
    )
    firm_type = models.CharField("企业类型", max_length=60, blank=True, help_text="如高企、科小、规上、专精特新")
    is_local = CityBooleanField(
        f"{settings.CITY.in_city}单位", default=True, help_text=f"外地单位不计入{settings.CITY.in_city}转化率"
    )
    reg_region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="registered_organisations",
        limit_choices_to={"is_gb2260": True},
        verbose_name="注册地",
    )
    stat_region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        limit_choices_to={"is_reporting": True},
        verbose_name="统计归口",
    )
    profile = models.TextField("简介", max_length=1000, blank=True)
    website = models.URLField("网址", blank=True)
    former_names = ArrayField(
        models.CharField(max_length=100), verbose_name="曾用名", default=list, db_default=[], blank=True, editable=False
    )
    public_contacts = ArrayField(
        models.CharField(max_length=100, validators=[validate_office_contact]),
        verbose_name="对外公开的办公电话和邮箱",
        default=list,
        db_default=[],
        blank=True,
        help_text="单位自己公布的总机、办公电话、办公邮箱，用逗号分开；公开文字里只有这些不算个人信息。手机号不能填",
    )
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        verbose_name_plural = "单位"
        indexes = [
            models.Index(fields=["kind", "name"], name="organisation_by_kind"),
            bigram_index("organisation_by_bigram", *NAME_FIELDS),
            bigram_index("agency_by_bigram", *AGENCY_FIELDS, condition=Q(kind="agency")),
        ]
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code=""),
                name="organisation_credit_code_once",
                violation_error_message="已有单位使用这个统一社会信用代码。",
            ),
            models.CheckConstraint(
                condition=~Q(kind="district") | Q(stat_region__isnull=False),
                name="organisation_district_has_region",
                violation_error_message="区市县科技部门必须选择统计归口。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def published_contacts(self) -> list[str]:
        return self.public_contacts


class Role(models.TextChoices):
    INSTITUTION = "institution_officer", "院校专员"
    FIRM = "firm_officer", "企业专员"
    DISTRICT = "district_officer", "区县专员"
    CITY = "city_officer", "市级专员"
    BUREAU = "bureau_officer", "部门专员"
    BROKER = "broker", "技术经纪人"
    AUDITOR = "auditor", "审计员"
    SYSADMIN = "sysadmin", "系统管理员"


class User(AbstractUser):
    """A user with a login. The memberships determine the permissions; `scope` reads them once per request."""

    first_name = None
    last_name = None
    name = models.CharField("姓名", max_length=30)
    phone = models.CharField("手机", max_length=20, blank=True)

    REQUIRED_FIELDS = ["name"]

    class Meta(AbstractUser.Meta):
        verbose_name = "用户"
        verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @cached_property
    def scope(self) -> Scope:
        return scope_of_memberships(self)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        """Of users who can log in."""
        return self.filter(user__is_active=True)

    def administrators(self) -> Self:
        return self.active().filter(is_administrator=True)


class Membership(models.Model):
    """A role of a user in an organisation. Its administrators decide who else joins."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="用户")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships", verbose_name="单位")
    role = models.CharField("角色", max_length=20, choices=Role)
    is_administrator = models.BooleanField("单位管理员", default=False, db_default=False, editable=False)
    joined_at = models.DateTimeField("加入时间", null=True, default=timezone.now, db_default=Now(), editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                name="membership_once",
                violation_error_message="这位用户在该单位已有这个角色。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

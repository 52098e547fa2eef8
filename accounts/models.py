"""Regions, organisations, users and their memberships, sign-ups, contacts and their shares, uploaded sheets."""

from functools import cached_property
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.validators import validate_credit_code, validate_office_contact
from core.masking import mask_email, mask_name, mask_phone
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import Scope, scope_of, scope_of_memberships

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


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
    is_local = models.BooleanField("在连单位", default=True, help_text="外地单位不计入在连转化率")
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


class Membership(models.Model):
    """A role of a user in an organisation."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name="用户")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships", verbose_name="单位")
    role = models.CharField("角色", max_length=20, choices=Role)

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


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def awaiting_approval(self) -> Self:
        return self.filter(status=SignUp.Status.SUBMITTED)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(stat_region__in=scope.region_ids)


class SignUp(PlainText, models.Model):
    """A firm's application for an account. User and organisation are created when the district approves it."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "待审核"
        APPROVED = "approved", "已通过"
        REJECTED = "rejected", "未通过"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    firm_name = models.CharField("企业名称", max_length=100)
    credit_code = models.CharField("统一社会信用代码", max_length=18, validators=[validate_credit_code])
    stat_region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="sign_ups",
        limit_choices_to={"is_reporting": True},
        verbose_name="所属区市县",
    )
    username = models.CharField(
        "用户名",
        max_length=30,
        validators=[RegexValidator(r"^[\w.@-]+$", "用户名只能用文字、字母、数字和 . @ - _。")],
    )
    name = models.CharField("联系人", max_length=30)
    phone = models.CharField("联系电话", max_length=20)
    email = models.EmailField("邮箱", blank=True)
    password_hash = models.CharField(max_length=128, editable=False)
    consented_at = models.DateTimeField("同意个人信息处理的时间")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.SUBMITTED, editable=False)
    submitted_at = models.DateTimeField("提交时间", auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="审核人"
    )
    decided_at = models.DateTimeField("审核时间", null=True, editable=False)
    decision_note = models.CharField("审核意见", max_length=200, blank=True, editable=False)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = "企业注册申请"
        verbose_name_plural = "企业注册申请"
        ordering = ["submitted_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="submitted", decided_at=None, decided_by=None)
                | (~Q(status="submitted") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="sign_up_decided_iff_not_submitted",
            ),
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=Q(status="submitted"),
                name="sign_up_one_open_per_firm",
                violation_error_message="该企业已有一份待审核的申请，请等待区市县审核。",
            ),
        ]

    def __str__(self) -> str:
        return self.firm_name


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Contacts of the organisations that the user may see."""
        return self.filter(organisation__in=Organisation.objects.visible_to(user))


class Contact(models.Model):
    """Contact details of a person. Pages show them masked; `services.contacts.reveal_contact` shows them in full."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contacts", verbose_name="单位")
    name = models.CharField("联系人", max_length=30)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    email = models.EmailField("邮箱", blank=True)
    consented_at = models.DateTimeField(
        "同意对接使用的时间", null=True, blank=True, help_text="没有同意就不能向任何一方出示"
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "联系人"
        verbose_name_plural = "联系人"

    def __str__(self) -> str:
        return self.masked_name

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_email(self) -> str:
        return mask_email(self.email)


class ContactShareQuerySet(models.QuerySet["ContactShare"]):
    def open_to(self, user: "User | AnonymousUser") -> Self:
        """Shares that currently let the user see a contact."""
        scope = scope_of(user)
        recipient = Q(user=scope.user_id) | Q(organisation__in=scope.institution_ids | scope.firm_ids)
        return self.filter(recipient, ended_at=None)


class ContactShare(models.Model):
    """Consent of a person that one organisation or user gets the contact in one matter (个人信息保护法 art. 23)."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="shares", verbose_name="联系人")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    about = models.CharField("事由", max_length=40, db_index=True)
    shared_at = models.DateTimeField("同意时间", auto_now_add=True)
    ended_at = models.DateTimeField("终止时间", null=True, editable=False)

    objects = ContactShareQuerySet.as_manager()

    class Meta:
        verbose_name = "联系方式授权"
        verbose_name_plural = "联系方式授权"
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=True, user__isnull=False)
                | Q(organisation__isnull=False, user__isnull=True),
                name="contact_share_has_one_recipient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} → {self.organisation or self.user}"


class SourceFileQuerySet(models.QuerySet["SourceFile"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Own uploads and those of own organisations; all for city and auditor."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(Q(uploaded_by=scope.user_id) | Q(organisation__in=scope.organisation_ids))


class SourceFile(models.Model):
    """An uploaded sheet, the source of imported rows. `written_at` is set when its rows have been imported."""

    class Kind(models.TextChoices):
        ACHIEVEMENTS = "achievements", "科技成果"
        DEMANDS = "demands", "技术需求"
        AGENCIES = "agencies", "服务机构"
        BROKERS = "brokers", "技术经纪人"
        CONTRACTS = "contracts", "技术合同登记名单"
        FUNDS = "funds", "基金"
        GUESTS = "guests", "参会名单"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    kind = models.CharField("内容", max_length=20, choices=Kind)
    file = models.FileField("文件", upload_to="imports/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="source_files", verbose_name="单位"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="source_files", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    written_at = models.DateTimeField("导入时间", null=True, blank=True, editable=False)
    created_rows = models.PositiveIntegerField("新增行数", default=0, editable=False)
    unchanged_rows = models.PositiveIntegerField("未变行数", default=0, editable=False)

    objects = SourceFileQuerySet.as_manager()

    class Meta:
        verbose_name = "导入文件"
        verbose_name_plural = "导入文件"
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["kind", "sha256"], name="source_file_by_hash")]

    def __str__(self) -> str:
        return self.name

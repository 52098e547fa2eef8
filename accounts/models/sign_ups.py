"""A firm's application for an account."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.models.organisations import Organisation, Region
from accounts.validators import validate_credit_code, validate_person_name, validate_phone
from core.masking import mask_email, mask_phone
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models.organisations import User


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def awaiting_approval(self) -> Self:
        return self.filter(status=SignUp.Status.SUBMITTED)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(stat_region__in=scope.region_ids)


class SignUp(PlainText, models.Model):
    """A firm's application for an account. User and firm are created when it is approved.

    organisation: the firm in the registry that the application is about, found when the application is announced to
    it; empty for a new firm. answer_due_on: until then only the firm's own administrators decide.
    """

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
    name = models.CharField("联系人", max_length=30, validators=[validate_person_name])
    phone = models.CharField("联系电话", max_length=20, validators=[validate_phone])
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
    checks = models.CharField("核对方式", max_length=200, blank=True, default="", db_default="", editable=False)
    proof = models.FileField("证明材料", upload_to="sign_ups/", blank=True, default="", db_default="", editable=False)
    proof_name = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, editable=False, related_name="sign_ups", verbose_name="名录中的企业"
    )
    announced_at = models.DateTimeField("告知时间", null=True, editable=False)
    answer_due_on = models.DateField("答复期限", null=True, editable=False)
    objection = models.CharField("异议", max_length=300, blank=True, default="", db_default="", editable=False)
    objected_at = models.DateTimeField("提出异议的时间", null=True, editable=False)
    objected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="异议人"
    )
    objection_code = models.CharField(max_length=10, null=True, unique=True, editable=False)
    """Opens the page on which a contact of the firm objects without an account."""
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    """The account that the approval created."""

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
            models.CheckConstraint(
                condition=Q(objected_at=None, objection="") | (Q(objected_at__isnull=False) & ~Q(objection="")),
                name="sign_up_objection_has_words",
            ),
        ]

    def __str__(self) -> str:
        return self.firm_name

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_email(self) -> str:
        return mask_email(self.email)

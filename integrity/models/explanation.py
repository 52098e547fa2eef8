"""说明: what a party is asked about a case, with a clock, and what it answers."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from integrity.models.case import Case


class ExplanationQuerySet(models.QuerySet["Explanation"]):
    def pending(self) -> Self:
        return self.filter(answered_at=None, withdrawn_at=None)

    def overdue(self) -> Self:
        return self.pending().filter(due_on__lt=timezone.localdate())

    def addressed_to(self, user: User | AnonymousUser) -> Self:
        """Those that the user may answer, as an officer of the organisation."""
        scope = scope_of(user)
        own = scope.firm_ids | scope.institution_ids | scope.agency_ids
        return self.filter(organisation__in=own, withdrawn_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Of the own organisations; all for city staff and auditors."""
        return self if scope_of(user).sees_all else self.addressed_to(user)


class Explanation(PlainText, models.Model):
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="explanations", verbose_name="线索")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="单位")
    question = models.CharField("请说明", max_length=500)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="请求人"
    )
    asked_at = models.DateTimeField("请求时间", default=timezone.now, editable=False)
    due_on = models.DateField("答复期限", editable=False)
    text = models.TextField("说明", max_length=2000, blank=True, default="")
    file = models.FileField("证明材料", upload_to="integrity/%Y/%m/", max_length=200, blank=True)
    file_name = models.CharField("文件名", max_length=200, blank=True, default="", editable=False)
    file_type = models.CharField("类型", max_length=100, blank=True, default="", editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)

    objects = ExplanationQuerySet.as_manager()

    class Meta:
        verbose_name = "当事方说明"
        verbose_name_plural = "当事方说明"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "organisation"],
                condition=Q(answered_at=None, withdrawn_at=None),
                name="explanation_one_pending",
                violation_error_message="已经请这个单位说明，还没有答复。",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(text=""),
                name="explanation_answered_with_text",
                violation_error_message="请填写说明。",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-asked_at"], name="explanation_by_organisation")]

    def __str__(self) -> str:
        return f"说明 {self.public_id}"

    @property
    def is_pending(self) -> bool:
        return self.answered_at is None and self.withdrawn_at is None

    @property
    def is_overdue(self) -> bool:
        return self.is_pending and self.due_on < timezone.localdate()

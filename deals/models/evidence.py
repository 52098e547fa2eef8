"""What the registration office has checked: a record counts only while what it checked is unchanged.

As with confirmations, the database computes a hash of the record's columns. A check stores the hash that it belongs
to, so a changed column voids it, whoever changed it and by which way.
"""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from deals.models.confirmation import ConfirmableQuerySet


class CheckResult(models.TextChoices):
    WAITING = "", "待核实"
    ACCEPTED = "accepted", "核实属实"
    REFUSED = "refused", "核实不符"


class CheckedQuerySet[M: models.Model](ConfirmableQuerySet[M]):
    """Rows of a `CheckedRecord`."""

    def checked(self) -> Self:
        """The registration office has accepted the present columns."""
        return self.filter(check_result=CheckResult.ACCEPTED, checked_hash=F("evidence_hash"))

    def refused(self) -> Self:
        return self.filter(check_result=CheckResult.REFUSED, checked_hash=F("evidence_hash"))

    def unchecked(self) -> Self:
        """Never checked, or changed since."""
        return self.exclude(checked_hash=F("evidence_hash"))


class CheckedRecord(models.Model):
    """Mixin. The model has a generated column `evidence_hash` over all that the office looks at."""

    check_result = models.CharField(
        "核实结果", max_length=10, choices=CheckResult, blank=True, default="", db_default="", editable=False
    )
    check_text = models.CharField("核实说明", max_length=300, blank=True, default="", db_default="", editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="核实人"
    )
    checked_at = models.DateTimeField("核实时间", null=True, editable=False)
    checked_hash = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)

    class Meta:
        abstract = True

    @property
    def is_checked(self) -> bool:
        """Accepted by the registration office as it stands now."""
        return self.check_result == CheckResult.ACCEPTED and self._is_check_current

    @property
    def is_refused(self) -> bool:
        return self.check_result == CheckResult.REFUSED and self._is_check_current

    @property
    def _is_check_current(self) -> bool:
        return self.checked_hash != "" and self.checked_hash == getattr(self, "evidence_hash")  # noqa: B009


def check_is_complete(name: str) -> models.CheckConstraint:
    """The constraint of a `CheckedRecord`: a result has who, when and of what; a refusal has a reason."""
    return models.CheckConstraint(
        condition=Q(check_result="", checked_by=None, checked_at=None, checked_hash="")
        | ~Q(check_result="") & Q(checked_by__isnull=False, checked_at__isnull=False) & ~Q(checked_hash=""),
        name=name,
        violation_error_message="核实要写明由谁、什么时候作出。",
    )

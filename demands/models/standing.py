"""What a demand stores beside its status: from which status it is paused and until when, and by whom it was solved."""

from django.db import models
from django.db.models import Q

from accounts.models import Organisation

SOLUTION_NOTE_LENGTH = 200


class Solution(models.TextChoices):
    PLATFORM = "platform", "平台上的成果"
    INSTITUTION = "institution", "平台以外的院所成果"
    OWN = "own", "本企业自行解决"
    SUPPLIER = "supplier", "其他供应商"
    CONTRACT = "contract", "登记的技术合同"


class Standing(models.Model):
    paused_from = models.CharField(
        "暂停前的状态",
        max_length=20,
        choices=[("published", "已发布"), ("docking", "对接中"), ("tracking", "长期跟踪")],
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    paused_until = models.DateField("暂停至", null=True, blank=True, editable=False)
    solution = models.CharField(
        "怎样解决", max_length=12, choices=Solution, blank=True, default="", db_default="", editable=False
    )
    solver = models.ForeignKey(
        Organisation, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="解决单位"
    )
    solution_note = models.CharField(
        "解决说明", max_length=SOLUTION_NOTE_LENGTH, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        abstract = True

    @property
    def solution_text(self) -> str:
        """How the demand was solved, by whom, and the note: for the firm and for staff."""
        parts = [self.get_solution_display() if self.solution else "", str(self.solver or ""), self.solution_note]
        return "，".join(part for part in parts if part)


STANDING_CONSTRAINTS = [
    models.CheckConstraint(
        condition=Q(status="paused", paused_from__in=["published", "docking", "tracking"])
        | ~Q(status="paused") & Q(paused_from="", paused_until=None),
        name="demand_paused_iff_from",
        violation_error_message="暂停的需求须记下暂停前的状态。",
    ),
    models.CheckConstraint(
        condition=~Q(status="paused") | ~Q(status_reason=""),
        name="demand_paused_with_reason",
        violation_error_message="暂停须写明原因。",
    ),
    models.CheckConstraint(
        condition=Q(status="solved") | Q(solution="", solver=None, solution_note=""),
        name="demand_solution_only_if_solved",
        violation_error_message="只有已解决的需求才写怎样解决。",
    ),
]

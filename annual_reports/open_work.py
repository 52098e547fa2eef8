"""Open work (待办) of an institution's office: reports to review, drafts of last year."""

from django.urls import reverse

from accounts.models import User
from annual_reports.models import AnnualReport
from open_work.sources import Clock, OpenWork


def report_work(user: User) -> list[OpenWork]:
    if not user.scope.institution_ids:
        return []
    rows = AnnualReport.objects.managed_by(user).to_review().select_related("institution", "filled_by")
    return [
        OpenWork(
            "annual-reports",
            "待审核的年度报告",
            rows,
            Clock("submitted_at"),
            reverse("annual_reports"),
            "审核年度报告",
            "本单位",
            lambda row: reverse("annual_report", args=[row.public_id]),
            title_of=str,
        )
    ]

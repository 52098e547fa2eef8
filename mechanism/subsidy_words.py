"""Words of 专项资金 that services, steps and pages share."""

from datetime import date

from mechanism.models import SubsidyApplication

Status = SubsidyApplication.Status
BADGES = {
    Status.DRAFT: "b-plain",
    Status.SUBMITTED: "b-wait",
    Status.RETURNED: "b-no",
    Status.REVIEW: "b-go",
    Status.REFUSED: "b-no",
    Status.PUBLICISED: "b-go",
    Status.GRANTED: "b-ok",
    Status.REPORTED: "b-wait",
    Status.PASSED: "b-ok",
    Status.FAILED: "b-no",
    Status.REVOKED: "b-no",
    Status.WITHDRAWN: "b-plain",
}


def day_text(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "日期未定"

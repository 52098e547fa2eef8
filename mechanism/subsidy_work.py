"""Open work (待办) of 专项资金: of the office at each step; what applicants have to fill in, mend, report."""

from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from mechanism.models import SubsidyApplication, SubsidyObjection, SubsidyReview
from open_work.sources import Clock, OpenWork

Status = SubsidyApplication.Status
CITY = "市级专员"


def subsidy_work(user: User) -> list[OpenWork]:
    scope = user.scope
    works = _of_office(user) if scope.sees_all else []
    if scope.institution_ids or scope.firm_ids:
        works += _of_applicant(user)
    return works


def _of_office(user: User) -> list[OpenWork]:
    rows: Any = SubsidyApplication.objects.managed_by(user).select_related("organisation")
    waiting = Count("reviews", filter=Q(reviews__status=SubsidyReview.Status.ASKED))
    given = Count("reviews", filter=Q(reviews__status=SubsidyReview.Status.GIVEN))
    in_review = rows.filter(status=Status.REVIEW).annotate(waiting_number=waiting, given_number=given)
    decidable = Q(waiting_number=0, given_number__gte=F("call__least_reviews"))
    # Reviews run for 14 days; the accepting officer does not decide.
    reviewing = in_review.exclude(decidable)
    over = rows.filter(status=Status.PUBLICISED, public_until__lt=timezone.localdate())
    over = over.exclude(objections__status=SubsidyObjection.Status.OPEN)
    return [
        _office("subsidies-submitted", "待受理的专项资金申报", rows.filter(status=Status.SUBMITTED), "受理", 5),
        _office("subsidies-reviewing", "评审中的专项资金申报", reviewing, "办理评审", 15),
        _office("subsidies-to-decide", "待决定的专项资金申报", in_review.filter(decidable), "作出决定", 20, user=user),
        _office("subsidies-to-confirm", "公示期满待立项", over, "确认立项", 0, due="public_until"),
        _office("subsidies-to-pay", "待拨付的专项资金", rows.awaiting_payout(), "录入拨付", 20, since="confirmed_at"),
        _office("subsidies-to-check", "待验收的专项资金项目", rows.filter(status=Status.REPORTED), "验收", 20),
        _objections(),
    ]


def _office(
    key: str,
    label: str,
    rows: Any,
    action: str,
    workdays: int,
    *,
    due: str = "",
    since: str = "status_at",
    user: User | None = None,
) -> OpenWork:
    """`user`: given where the second officer has to act; who accepted all of it only watches."""
    is_watched = user is not None and not rows.exclude(accepted_by=user).exists()
    return OpenWork(
        key,
        label,
        rows,
        Clock(since, due=due, workdays=workdays),
        reverse("admin:mechanism_subsidyapplication_changelist"),
        action,
        CITY,
        lambda row: reverse("admin:mechanism_subsidy_page", args=[row.public_id]),
        title_of=lambda row: f"{row.organisation}：{row.title[:40]}",
        is_watched=is_watched,
    )


def _objections() -> OpenWork:
    rows = SubsidyObjection.objects.filter(status=SubsidyObjection.Status.OPEN).select_related("application")
    return OpenWork(
        "subsidy-objections",
        "待处理的专项资金异议",
        rows,
        Clock("made_at", workdays=5),
        reverse("admin:mechanism_subsidyapplication_changelist") + "?status__exact=publicised",
        "处理异议",
        CITY,
        lambda row: reverse("admin:mechanism_subsidy_page", args=[row.application.public_id]),
        title_of=lambda row: row.text[:60],
    )


def _of_applicant(user: User) -> list[OpenWork]:
    rows: Any = SubsidyApplication.objects.of(user).select_related("organisation", "call")
    drafts = rows.filter(status=Status.DRAFT, call__closes_on__gte=timezone.localdate())
    drafts = drafts.annotate(closes_on=F("call__closes_on"))
    return [
        _own("subsidy-drafts", "没有提交的专项资金申报", drafts, "closes_on", "填写和提交"),
        _own("subsidies-to-mend", "要补正的专项资金申报", rows.filter(status=Status.RETURNED), "mend_until", "补正"),
        _own("subsidies-to-report", "要申请验收的项目", rows.filter(status=Status.GRANTED), "finish_by", "申请验收"),
    ]


def _own(key: str, label: str, rows: Any, due: str, action: str) -> OpenWork:
    return OpenWork(
        key,
        label,
        rows,
        Clock("status_at", due=due),
        reverse("subsidies"),
        action,
        "申报单位",
        lambda row: reverse("subsidy", args=[row.public_id]),
        owner_of=lambda row: str(row.organisation),
    )

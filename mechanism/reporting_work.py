"""Sources of open work (待办): obstacles, progress reports of bureaus, results of trials."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from mechanism.models import BaseRequest, Measure, Obstacle, Remark, TrialResult
from open_work.sources import Clock, OpenWork

CITY = "市级专员"
ASSIGN_WORKDAYS = 3
"""Working days of the city until an obstacle is given to an office."""
REVIEW_WORKDAYS = 5
"""Working days of the city until a report of a bureau is reviewed."""
REPORT_SOON = timedelta(days=7)


def _obstacle_url(row: Any) -> str:
    return reverse("obstacle", args=[row.public_id])


def obstacle_work(user: User) -> list[OpenWork]:
    """To give, to answer, to judge; the city also watches what others have to answer."""
    scope = user.scope
    rows = Obstacle.objects.select_related("solver", "handler", "organisation")
    page = reverse("obstacles")
    works = []
    if scope.sees_all:
        works.append(
            OpenWork(
                "obstacles-to-assign",
                "待交办的堵点",
                rows.awaiting_assignment(),
                Clock("waits_from", workdays=ASSIGN_WORKDAYS),
                f"{page}?show=raised",
                "交办堵点",
                CITY,
                _obstacle_url,
                is_watched=not scope.is_city,
            )
        )
        works.append(
            OpenWork(
                "obstacles-overdue",
                "办理逾期的堵点",
                rows.overdue(),
                Clock("assigned_at", due="due_on"),
                f"{page}?show=overdue",
                "看逾期的堵点",
                "办理单位",
                _obstacle_url,
                owner_of=_solver,
                is_watched=True,
            )
        )
    if scope.is_city or scope.bureau_ids or scope.is_district:
        works.append(
            OpenWork(
                "obstacles-to-answer",
                "待答复的堵点",
                rows.answerable_by(user).awaiting_answer(),
                Clock("assigned_at", due="due_on"),
                f"{page}?show=assigned",
                "答复堵点",
                "办理单位",
                _obstacle_url,
                owner_of=_solver,
            )
        )
    if scope.is_city or scope.is_district or scope.organisation_ids:
        works.append(
            OpenWork(
                "obstacles-to-judge",
                "请看是否解决的堵点",
                rows.raised_by(user).awaiting_raiser().exclude(answered_by=user.pk),
                Clock("answered_at"),
                f"{page}?show=answered",
                "说是否解决",
                "提出单位",
                _obstacle_url,
            )
        )
    return works


def _solver(row: Any) -> str:
    return str(row.handler or row.solver)


def bureau_work(user: User) -> list[OpenWork]:
    """For bureaus their measures and reports; for the city the reports to review."""
    scope = user.scope
    works = []
    if scope.bureau_ids:
        led = Q(organisation__in=scope.bureau_ids) | Q(owner=user.pk)
        measures: Any = Measure.objects.visible_to(user).filter(led).select_related("organisation", "owner")
        works.append(
            OpenWork(
                "reports-due",
                "要报进展的举措",
                measures.awaiting_report(timezone.localdate() + REPORT_SOON),
                Clock("created_at", due="report_due_on"),
                reverse("bureau_measures"),
                "报告进展",
                "责任单位",
                lambda row: reverse("bureau_measure", args=[row.public_id]),
                owner_of=lambda row: str(row.owner or row.responsible),
            )
        )
        works.append(
            OpenWork(
                "bureau-measures",
                "逾期和临期的举措",
                measures.open().with_state().filter(state__in=[Measure.State.OVERDUE, Measure.State.DUE_SOON]),
                Clock("created_at", due="deadline"),
                reverse("bureau_measures"),
                "办理举措",
                "责任单位",
                lambda row: reverse("bureau_measure", args=[row.public_id]),
                owner_of=lambda row: str(row.owner or row.responsible),
            )
        )
    if scope.sees_all:
        works.append(
            OpenWork(
                "reports-to-review",
                "待审核的部门进展",
                Remark.objects.pending().select_related("measure", "organisation"),
                Clock("at", workdays=REVIEW_WORKDAYS),
                reverse("admin:mechanism_board"),
                "审核部门进展",
                CITY,
                lambda row: reverse("admin:mechanism_measure_page", args=[row.measure.public_id]),
                title_of=lambda row: f"{row.organisation}：{row.measure.title}",
                is_watched=not scope.is_city,
            )
        )
    return works


def trial_work(user: User) -> list[OpenWork]:
    """Results of trials that wait for the word of the user's side, and those that the other side disputes."""
    scope = user.scope
    if not scope.organisation_ids or scope.is_auditor:
        return []
    applicant = Q(request__organisation__in=scope.institution_ids | scope.firm_ids)
    operator = Q(request__base__organisation__in=scope.organisation_ids)
    waiting = Q(status=TrialResult.Status.PROPOSED) & (
        applicant & Q(user_by=None) | operator & Q(base_by=None) & ~Q(base_by=user.pk) & ~applicant
    )
    disputed = Q(status=TrialResult.Status.DISPUTED) & (
        applicant & Q(user_by__isnull=False) | operator & Q(base_by__isnull=False)
    )
    rows = TrialResult.objects.filter(waiting | disputed).exclude(
        Q(status=TrialResult.Status.PROPOSED) & (Q(user_by=user.pk) | Q(base_by=user.pk))
    )
    if scope.is_city:
        rows = rows | TrialResult.objects.filter(
            status=TrialResult.Status.PROPOSED, base_by=None, request__base__organisation=None
        )
    return [
        OpenWork(
            "trials-to-confirm",
            "待确认的试验结果",
            rows.select_related("request__base"),
            Clock("recorded_at"),
            reverse("base_requests"),
            "核对试验结果",
            "基地和申请单位",
            lambda row: reverse("trial_result", args=[row.request.public_id]),
        ),
        *_results_to_write(user),
    ]


def _results_to_write(user: User) -> list[OpenWork]:
    """Accepted requests whose wanted period has ended and that have no result yet."""
    rows = BaseRequest.objects.of(user) | BaseRequest.objects.filter(base__organisation__in=user.scope.organisation_ids)
    ended = rows.filter(
        status=BaseRequest.Status.ACCEPTED, wanted_to__lt=timezone.localdate(), result=None
    ).select_related("base", "organisation")
    return [
        OpenWork(
            "trials-to-record",
            "试完了还没有写结果的申请",
            ended,
            Clock("answered_at"),
            reverse("base_requests"),
            "填写试验结果",
            "基地和申请单位",
            lambda row: reverse("trial_result", args=[row.public_id]),
            title_of=lambda row: f"{row.base}：{row.what[:40]}",
        )
    ]

"""Sources of open work (待办) of the city's mechanism: measures, objections to honours, requests to pilot bases;
see also `subsidy_work`.
"""

from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from accounts.models import User
from mechanism.models import (
    AllocatedTarget,
    AllocationStep,
    BaseRequest,
    EvaluationRequest,
    FigureVersion,
    Measure,
    Objection,
)
from mechanism.reporting_work import bureau_work, obstacle_work, trial_work
from mechanism.subsidy_work import subsidy_work
from open_work.sources import Clock, OpenWork

CITY = "市级专员"
TARGET_WORKDAYS = 10
"""For the answer to a target, and for the city's answer to another proposal."""


def mechanism_work(user: User) -> list[OpenWork]:
    """For the staff what they look after; for operators of a base the requests that they have to answer."""
    scope = user.scope
    works = []
    if scope.sees_all or scope.is_district:
        works += [_measures(user, overdue=True), _measures(user, overdue=False)]
    if scope.sees_all:
        works += [_objections(), _closings(user), _targets(user, is_countered=True), _evaluation_requests(user)]
    if scope.sees_all or scope.is_district or scope.institution_ids:
        works.append(_targets(user, is_countered=False))
    if scope.is_city or scope.organisation_ids:
        works.append(_base_requests(user))
    return works + obstacle_work(user) + bureau_work(user) + trial_work(user) + subsidy_work(user)


def _measures(user: User, *, overdue: bool) -> OpenWork:
    state = Measure.State.OVERDUE if overdue else Measure.State.DUE_SOON
    rows: Any = Measure.objects.visible_to(user).open().with_state()
    return OpenWork(
        "overdue-measures" if overdue else "measures-due",
        "逾期的举措" if overdue else "一周内到期的举措",
        rows.filter(state=state).select_related("organisation", "owner"),
        Clock("created_at", due="deadline"),
        reverse("admin:mechanism_measure_changelist") + f"?state={state}",
        "办理逾期的举措" if overdue else "办理举措",
        "责任单位",
        lambda row: reverse("admin:mechanism_measure_page", args=[row.public_id]),
        owner_of=lambda row: str(row.owner or row.responsible),
    )


def _objections() -> OpenWork:
    return OpenWork(
        "honour-objections",
        "待处理的表彰异议",
        Objection.objects.filter(status=Objection.Status.OPEN).select_related("candidate"),
        Clock("made_at"),
        reverse("admin:mechanism_objection_changelist") + "?status__exact=open",
        "处理表彰异议",
        CITY,
        lambda row: reverse("admin:mechanism_objection_change", args=[row.pk]),
        title_of=lambda row: row.text[:60],
    )


def _closings(user: User) -> OpenWork:
    return OpenWork(
        "figures-to-sign",
        "待签发的月结",
        FigureVersion.objects.awaiting_signature(),
        Clock("checked_at"),
        reverse("closings"),
        "签发月结",
        CITY,
        lambda row: reverse("figure_version", args=[row.public_id]),
        is_watched=not user.has_perm("mechanism.sign_figureversion"),
    )


def _targets(user: User, *, is_countered: bool) -> OpenWork:
    """Given targets wait for the district or institution, those with another proposal for the city."""
    rows = AllocatedTarget.objects.visible_to(user).with_parties()
    latest = AllocationStep.objects.filter(target=OuterRef("pk")).order_by("-at").values("at")[:1]
    rows = (rows.countered() if is_countered else rows.awaiting_answer()).annotate(waits=Subquery(latest))
    page = reverse("target_allocation")

    def page_of(row: AllocatedTarget) -> str:
        query: dict[str, Any] = {"year": row.year}
        if user.scope.sees_all:
            query |= {"figure": row.figure, "by": row.dimension}
        return f"{page}?{urlencode(query)}"

    return OpenWork(
        "countered-targets" if is_countered else "targets-to-answer",
        "对方有不同意见、待商定的分解目标" if is_countered else "待答复的分解目标",
        rows,
        Clock("waits", workdays=TARGET_WORKDAYS),
        page,
        "商定目标" if is_countered else "答复目标",
        CITY if is_countered else "区市县、高校院所",
        page_of,
        owner_of=None if is_countered else lambda row: str(row.assignee),
        is_watched=not user.scope.is_city if is_countered else user.scope.sees_all,
    )


def _base_requests(user: User) -> OpenWork:
    return OpenWork(
        "base-requests",
        "待答复的中试申请",
        BaseRequest.objects.answerable_by(user).waiting().select_related("base__organisation"),
        Clock("asked_at"),
        reverse("base_requests"),
        "答复中试申请",
        "基地运营单位",
        lambda row: reverse("base_requests"),
        title_of=lambda row: f"{row.base}：{row.what[:40]}",
        owner_of=lambda row: str(row.base.organisation or ""),
    )


def _evaluation_requests(user: User) -> OpenWork:
    return OpenWork(
        "evaluation-requests",
        "待答复的评价申请",
        EvaluationRequest.objects.waiting().select_related("achievement"),
        Clock("asked_at", due="due_on"),
        reverse("evaluation_requests"),
        "答复评价申请",
        CITY,
        lambda row: reverse("evaluation_request", args=[row.public_id]),
        is_watched=not user.has_perm("mechanism.run_evaluation"),
    )

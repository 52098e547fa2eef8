"""Sources of open work (待办) of the apps below the deals: registry, review desk, follow-ups, personal data."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from accounts.models import SignUp, User
from achievements.models import Achievement, AchievementRevision
from correspondence.open_work import inbox_of
from demands.models import Demand, DemandRevision
from demands.services.review_deadlines import REVIEW_WORKDAYS
from enquiries.models import Approach
from enquiries.ready_pairs import ready_approaches
from matching.awaiting import awaiting_user, with_answer_day
from matching.models import FollowUp, Match
from open_work.sources import Clock, OpenWork
from privacy.models import DataRequest

CITY, DISTRICT = "市级专员", "区县专员"


def staff_work(user: User) -> list[OpenWork]:
    """For the city, auditors and district officers, the most urgent first."""
    scope = user.scope
    if not (scope.sees_all or scope.is_district):
        return []
    late_requests = [_data_requests(user, overdue=True)] if scope.sees_all else []
    registry = _registry(user) if scope.sees_all else []
    later = [_awaiting_institution(user), _data_requests(user, overdue=False)] if scope.sees_all else []
    return [*late_requests, *registry, *_reviews(user), *_follow_ups(user), *later]


def own_work(user: User) -> list[OpenWork]:
    """Of users who are no staff: the follow-ups that wait for them, and what their organisations were asked."""
    scope = user.scope
    if scope.sees_all or scope.is_district:
        return []
    works = [_own_follow_ups(user)] if scope.is_broker or scope.firm_ids or scope.institution_ids else []
    if scope.firm_ids or scope.institution_ids:
        works.append(_own_approaches(user))
    return works


def _changelist(model: str, query: str) -> str:
    return reverse(f"admin:{model}_changelist") + f"?{query}"


def _admin_page(model: str) -> Callable[[Any], str]:
    return lambda row: reverse(f"admin:{model}_change", args=[row.pk])


def _reviews(user: User) -> list[OpenWork]:
    triage = reverse("admin:matching_triage_needs")
    return [
        OpenWork(
            "sign-ups",
            "待审核的企业注册",
            SignUp.objects.visible_to(user).awaiting_approval().select_related("stat_region"),
            Clock("submitted_at", due="answer_due_on"),
            _changelist("accounts_signup", "status__exact=submitted"),
            "审核企业注册",
            DISTRICT,
            _admin_page("accounts_signup"),
            owner_of=lambda row: row.stat_region.name,
        ),
        OpenWork(
            "demands",
            "待初审的需求",
            Demand.objects.managed_by(user).awaiting_district().select_related("firm__stat_region"),
            Clock("status_changed_at", workdays=REVIEW_WORKDAYS),
            _changelist("demands_demand", "status__exact=district_review"),
            "初审需求",
            DISTRICT,
            _admin_page("demands_demand"),
            owner_of=lambda row: str(row.firm.stat_region or ""),
        ),
        OpenWork(
            "matches",
            "待审核的匹配",
            Match.objects.waiting_for(user).select_related("achievement", "demand__firm__stat_region", "assigned_to"),
            Clock("created_at"),
            triage,
            "审核匹配",
            DISTRICT,
            lambda row: triage,
            owner_of=lambda row: str(row.assigned_to or row.demand.firm.stat_region or ""),
        ),
        OpenWork(
            "demand-changes",
            "待审的需求修改",
            DemandRevision.objects.visible_to(user).awaiting_decision().select_related("demand__firm__stat_region"),
            Clock("proposed_at", workdays=REVIEW_WORKDAYS),
            _changelist("demands_demandrevision", "status__exact=pending"),
            "审核需求修改",
            DISTRICT,
            _admin_page("demands_demandrevision"),
            owner_of=lambda row: str(row.demand.firm.stat_region or ""),
        ),
    ]


def _registry(user: User) -> list[OpenWork]:
    return [
        OpenWork(
            "achievements",
            "待入库的成果",
            Achievement.objects.managed_by(user).awaiting_city(),
            Clock("status_changed_at"),
            _changelist("achievements_achievement", "status__exact=city_review"),
            "审核并入库",
            CITY,
            _admin_page("achievements_achievement"),
        ),
        OpenWork(
            "achievement-changes",
            "待审的成果修改",
            AchievementRevision.objects.visible_to(user).awaiting_decision().select_related("achievement"),
            Clock("proposed_at"),
            _changelist("achievements_achievementrevision", "status__exact=pending"),
            "审核成果修改",
            CITY,
            _admin_page("achievements_achievementrevision"),
        ),
    ]


def _awaiting_institution(user: User) -> OpenWork:
    return OpenWork(
        "achievements-at-office",
        "待院校审核的成果",
        Achievement.objects.managed_by(user).awaiting_institution().select_related("institution"),
        Clock("status_changed_at"),
        _changelist("achievements_achievement", "status__exact=office_review"),
        "查看待院校审核的成果",
        "院校科研处",
        _admin_page("achievements_achievement"),
        owner_of=lambda row: row.institution.name,
        is_watched=True,
    )


def _own_follow_ups(user: User) -> OpenWork:
    url = reverse("follow_ups")
    return OpenWork(
        "my-follow-ups",
        "等我处理的对接",
        with_answer_day(awaiting_user(user), user).select_related("owner", "match__achievement", "match__demand__firm"),
        Clock("opened_at", due="answer_on"),
        f"{url}?show=mine",
        "处理对接",
        "本人或本单位",
        _follow_up_page,
        title_of=_pair_title,
    )


def _follow_ups(user: User) -> list[OpenWork]:
    url, approaches = reverse("follow_ups"), reverse("approaches")
    overdue = FollowUp.objects.managed_by(user).filter(pk__in=FollowUp.objects.overdue().values("pk"))
    return [
        _own_follow_ups(user),
        OpenWork(
            "overdue-follow-ups",
            "逾期的对接",
            overdue.select_related("owner", "match__achievement", "match__demand__firm"),
            Clock("opened_at", is_late=True),
            f"{url}?show=overdue",
            "查看逾期的对接",
            "跟进人",
            _follow_up_page,
            title_of=_pair_title,
            owner_of=lambda row: str(row.owner),
        ),
        OpenWork(
            "late-approaches",
            "逾期未答复的询问",
            Approach.objects.managed_by(user).late().select_related("achievement", "demand__firm", "institution"),
            Clock("sent_at", due="answer_due_on"),
            f"{approaches}?box=managed&show=late",
            "督促答复",
            "收到询问的单位",
            lambda row: reverse("approach", args=[row.public_id]),
        ),
        OpenWork(
            "ready-pairs",
            "双方主动的对接",
            ready_approaches(user).select_related("achievement", "demand__firm"),
            Clock("sent_at"),
            reverse("ready_pairs"),
            "查看双方主动的对接",
            DISTRICT,
            lambda row: reverse("approach", args=[row.public_id]),
        ),
    ]


def _own_approaches(user: User) -> OpenWork:
    received = Approach.objects.received_by(user).awaiting_answer()
    in_inbox = bool(user.scope.institution_ids) and not user.scope.firm_ids  # which has an institution's rows alone
    return OpenWork(
        "my-approaches",
        "等您答复的询问和应答",
        received.select_related("achievement", "demand__firm"),
        Clock("sent_at", due="answer_due_on"),
        inbox_of("my-approaches") if in_inbox else reverse("approaches") + "?box=received&show=waiting",
        "去答复",
        "本单位",
        lambda row: reverse("approach", args=[row.public_id]),
    )


def _follow_up_page(row: FollowUp) -> str:
    return reverse("follow_up", args=[row.public_id])


def _pair_title(row: FollowUp) -> str:
    """What a pair is about, in the published words of the demand: the reader may not know the firm."""
    return f"{row.match.achievement} × {row.match.demand.public_text('title')}"


def _data_requests(user: User, *, overdue: bool) -> OpenWork:
    rows = DataRequest.objects.visible_to(user)
    label = "逾期的个人信息请求" if overdue else "待办的个人信息请求"
    return OpenWork(
        "late-data-requests" if overdue else "data-requests",
        label,
        rows.overdue() if overdue else rows.open(),
        Clock("received_at", due="due_on"),
        reverse("data_requests"),
        "办理逾期的个人信息请求" if overdue else "办理个人信息请求",
        CITY,
        lambda row: reverse("data_request", args=[row.public_id]),
    )

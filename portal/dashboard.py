"""The dashboard of each role on the workbench: its records by status, its open work and its next step."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, SignUp, User
from achievements.models import Achievement
from brokerage.models import HelpRequest
from deals.presentation import awaiting_own_confirmation
from demands.models import Demand
from enquiries.models import Approach
from integrity.models import Explanation
from mandates.models import clients_of
from matching.awaiting import awaiting_user
from matching.models import (
    BrokerRequest,
    ConfirmationRequest,
    Match,
    MatchRun,
    Question,
    SideResponse,
    with_open_inquiry,
)
from matching.readings.progress import reading_progress
from mechanism.models import BaseRequest, Candidate, Fund, Measure
from mechanism.policy_hints import (
    GroupedPolicyHint,
    facts_of_achievement,
    facts_of_demand,
    facts_of_firm,
    grouped_policy_hints,
)
from mechanism.presentation import STATE_BADGES
from open_work.sources import WorkSummary
from portal.import_kinds import allowed_import_kinds
from portal.record_kinds import ACHIEVEMENT, DEMAND, RETURNED, RecordKind, status_counts
from privacy.models import DataRequest
from rounds.models import DockingRound, Party

MAX_ROUNDS = 20
MAX_LINES = 5
MAX_RECORDS_FOR_POLICY_HINTS = 50
"""Policies are suggested for this many of a user's records, the last changed ones."""


@dataclass(frozen=True)
class StatusCount:
    label: str
    number: int
    url: str


@dataclass(frozen=True)
class NextStep:
    sentence: str
    label: str
    url: str
    is_urgent: bool = True


@dataclass(frozen=True)
class RoleDashboard:
    """The part of the page for one role of the user. `template` renders it with the values in `context`."""

    role: Role
    template: str
    counts: list[StatusCount]
    next_step: NextStep | None
    context: dict = field(default_factory=dict)


def dashboards_for(user: User, work: list[WorkSummary]) -> list[RoleDashboard]:
    """One dashboard for each role of the user, in the order of the roles; staff roles share one.

    `work`: the user's open work, which the page shows, too.
    """
    scope = user.scope
    dashboards = []
    if scope.institution_ids:
        dashboards.append(_owner_dashboard(user, Role.INSTITUTION, ACHIEVEMENT, Question.Side.INSTITUTION))
    if scope.firm_ids:
        dashboards.append(_owner_dashboard(user, Role.FIRM, DEMAND, Question.Side.FIRM))
    if scope.is_city or scope.is_auditor or scope.is_district:
        dashboards.append(_staff_dashboard(user, work))
    if scope.bureau_ids:
        dashboards.append(_bureau_dashboard(user, work))
    if scope.is_broker:
        dashboards.append(_broker_dashboard(user))
    if scope.is_sysadmin:
        dashboards.append(_sysadmin_dashboard())
    return dashboards


def has_base_requests(user: User) -> bool:
    """Whether the user's organisations have asked a pilot base."""
    own = user.scope.institution_ids | user.scope.firm_ids
    return bool(own) and BaseRequest.objects.filter(organisation__in=own).exists()


def is_fund_manager(user: User) -> bool:
    return bool(user.scope.organisation_ids) and Fund.objects.worked_on_by(user).exists()


def member_counts(user: User) -> dict[str, int]:
    """`joins`: applications to join the user's organisations; `personal`: requests of persons that they recorded.

    The requests are zero for city staff, whose dashboard has a count of its own.
    """
    joins = SignUp.objects.awaiting_approval().filter(
        organisation__in=user.scope.organisation_ids, answer_due_on__isnull=False
    )
    personal = DataRequest.objects.none() if user.scope.sees_all else DataRequest.objects.visible_to(user).open()
    return {"joins": joins.count(), "personal": personal.count()}


def most_urgent_step(dashboards: list[RoleDashboard]) -> NextStep | None:
    """The first urgent step of any role, else the first step."""
    steps = [dashboard.next_step for dashboard in dashboards if dashboard.next_step]
    return next((step for step in steps if step.is_urgent), steps[0] if steps else None)


# --- Institutions and firms --------------------------------------------------------------------------------------
def _owner_dashboard(user: User, role: Role, kind: RecordKind, side: str) -> RoleDashboard:
    counts = status_counts(kind.owned_by(user))
    questions = list(
        Question.objects.addressed_to(user)
        .open()
        .filter(side=side)
        .select_related("match__demand", "match__achievement")
    )
    shown_counts = [
        StatusCount(label, counts[status], f"{kind.list_url}?status={status}")
        for status, label in kind.status_labels().items()
        if counts.get(status)
    ]
    returned: Iterable[Any] = ()
    if counts.get(RETURNED):
        returned = kind.owned_by(user).returned().order_by("-status_changed_at")[:MAX_LINES]
    matches = list(accepted_matches(user, kind)[: MAX_LINES + 1])
    context = {
        "kind": kind,
        "returned": [{"record": record, "url": kind.edit_url(record)} for record in returned],
        "matches": matches[:MAX_LINES],
        "has_more_matches": len(matches) > MAX_LINES,
        "questions": questions,
        "policy_hints": _policy_hints(user, kind),
    }
    step = (
        _attend_running_round(user, kind)
        or _answer_questions(questions)
        or _confirm_words(user, kind)
        or _answer_matches(user, kind)
        or _answer_approaches(user, kind)
        or _explain_records(user, kind)
        or _confirm_records(user, kind)
        or _answer_invitation(user, kind)
        or _work_on_records(kind, counts)
    )
    return RoleDashboard(role, "portal/workbench/_owner.html", shown_counts, step, context)


def _policy_hints(user: User, kind: RecordKind) -> list[GroupedPolicyHint]:
    """Policies that may fit the offered achievements of an institution, or the demands of a firm and the firm."""
    records = kind.owned_by(user)
    if kind is DEMAND:
        demands = records.exclude(status=Demand.Status.CLOSED).select_related("firm__stat_region", "industry__parent")
        return grouped_policy_hints(
            demands[:MAX_RECORDS_FOR_POLICY_HINTS],
            lambda demand: facts_of_firm(demand.firm) | facts_of_demand(demand),
        )
    achievements = (
        records.filter(status__in=Achievement.OFFERED)
        .select_related("institution", "industry__parent")
        .prefetch_related("intellectual_property")
    )
    return grouped_policy_hints(achievements[:MAX_RECORDS_FOR_POLICY_HINTS], facts_of_achievement)


def _attend_running_round(user: User, kind: RecordKind) -> NextStep | None:
    """During a round the way to the user's current and next meeting comes before all other work."""
    side = Party.Side.FIRM if kind is DEMAND else Party.Side.INSTITUTION
    present = Party.objects.represented_by(user).present().filter(side=side, docking_round__status="running")
    party = present.select_related("docking_round").order_by("docking_round__starts_at", "pk").first()
    if party is None:
        return None
    sentence = f"“{party.docking_round.name}”正在进行，现在和下一场洽谈在哪张桌、怎么记录结果都在这一页。"
    return NextStep(sentence, "打开现场", reverse("my_day", args=[party.public_id]))


def _answer_questions(questions: list[Question]) -> NextStep | None:
    if not questions:
        return None
    return NextStep(f"审核人员有 {len(questions)} 个问题等您答复，答复后才能继续匹配。", "答复问题", "#questions")


def _confirm_words(user: User, kind: RecordKind) -> NextStep | None:
    """What the other side, or staff, said about one's own side counts only when one confirms it."""
    side = Question.Side.FIRM if kind is DEMAND else Question.Side.INSTITUTION
    number = ConfirmationRequest.objects.open().represented_by(user).filter(side=side).count()
    if not number:
        return None
    sentence = f"有 {number} 项等您单位确认：对方或工作人员记录了意愿，您确认后才算数。"
    return NextStep(sentence, "去确认", reverse("follow_ups") + "?show=mine")


def _answer_approaches(user: User, kind: RecordKind) -> NextStep | None:
    """Enquiries about achievements, or answers to demands, that nobody of the user's side has answered."""
    is_firm = kind is DEMAND
    of_kind = Approach.Kind.ANSWER if is_firm else Approach.Kind.ENQUIRY
    waiting = Approach.objects.received_by(user).awaiting_answer().filter(kind=of_kind)
    if not (number := waiting.count()):
        return None
    due = waiting.order_by("answer_due_on").values_list("answer_due_on", flat=True)[0]
    what = "院所对您需求的应答" if is_firm else "企业对成果的询问"
    sentence = f"有 {number} 条{what}等您答复，{_answer_by(due)}。"
    return NextStep(sentence, "去答复", reverse("approaches") + "?box=received&show=waiting")


def _answer_matches(user: User, kind: RecordKind) -> NextStep | None:
    side = Question.Side.FIRM if kind is DEMAND else Question.Side.INSTITUTION
    waiting = SideResponse.objects.awaiting_answer_of(user).filter(side=side).exclude(with_open_inquiry())
    if not (number := waiting.count()):
        return None
    due = waiting.order_by("due_on").values_list("due_on", flat=True)[0]
    return NextStep(
        f"有 {number} 条匹配等您答复是否愿意对接，{_answer_by(due)}。",
        "去答复",
        reverse("follow_ups") + "?show=mine",
    )


def _answer_invitation(user: User, kind: RecordKind) -> NextStep | None:
    side = Party.Side.FIRM if kind is DEMAND else Party.Side.INSTITUTION
    waiting = Party.objects.represented_by(user).awaiting_answer()
    party = waiting.filter(side=side, docking_round__status="gathering").select_related("docking_round").first()
    if party is None:
        return None
    return NextStep(
        f"邀请您单位参加“{party.docking_round.name}”，请答复是否参加。", "去答复", reverse("my_invitations")
    )


def _confirm_records(user: User, kind: RecordKind) -> NextStep | None:
    """A record counts only after each party that it names has confirmed it."""
    waiting = awaiting_own_confirmation(user).filter(organisation__in=kind.owner_ids(user.scope))
    if not (number := waiting.count()):
        return None
    return NextStep(f"有 {number} 项写着贵单位的记录等您确认。", "去确认", reverse("confirmations"))


def _explain_records(user: User, kind: RecordKind) -> NextStep | None:
    waiting = Explanation.objects.addressed_to(user).pending().filter(organisation__in=kind.owner_ids(user.scope))
    if not (number := waiting.count()):
        return None
    due = waiting.order_by("due_on").values_list("due_on", flat=True)[0]
    return NextStep(
        f"市科技局请贵单位就 {number} 件事作出说明，{_answer_by(due)}。",
        "去说明",
        reverse("integrity_explanations"),
    )


def _answer_by(due: date) -> str:
    """When the oldest is due, as a day that has passed if it has."""
    today = timezone.localdate()
    day = f"{due.month} 月 {due.day} 日" if due.year == today.year else f"{due.year} 年 {due.month} 月 {due.day} 日"
    if due < today:
        return f"最早的应在 {day}前答复，已过期 {(today - due).days} 天，请尽快答复"
    return f"最早的请在今天（{day}）答复" if due == today else f"最早的请在 {day}前答复"


def _work_on_records(kind: RecordKind, counts: dict[str, int]) -> NextStep:
    steps = {
        RETURNED: (f"有 {{}} 项{kind.noun}被退回，请按退回说明修改后再提交。", f"修改被退回的{kind.noun}"),
        "office_review": ("有 {} 项成果待本单位审核，确认后提交市科技局。", "审核待提交的成果"),
        "diagnosis": ("有 {} 项需求正在诊断，请与区县专员一起补充指标和条件。", "补充诊断中的需求"),
        "draft": (f"有 {{}} 项草稿还没有提交{kind.reviewer}审核。", "查看草稿并提交"),
    }
    for status, (sentence, label) in steps.items():
        if number := counts.get(status):
            return NextStep(sentence.format(number), label, f"{kind.list_url}?status={status}")
    sentence = f"没有等您处理的{kind.noun}。" if any(counts.values()) else f"还没有{kind.noun}，从第一项开始。"
    return NextStep(sentence, kind.create_label, kind.new_url, is_urgent=False)


def accepted_matches(user: User, *kinds: RecordKind) -> QuerySet[Match]:
    """Accepted matches of the user's own records of these kinds, the newest first.

    `shows_achievement` and `shows_demand` say whether the user may open the detail page. The pages show a firm of the
    other side by its public name.
    """
    own = Q()
    for kind in kinds:
        own |= Q(**{f"{kind.name}__{kind.owner_field}__in": kind.owner_ids(user.scope)})
    return (
        Match.objects.visible_to(user)
        .accepted()
        .filter(own)
        .select_related("achievement__institution", "demand__firm", "follow_up")
        .annotate(**_visibility(user, "achievement", "demand"))
        .order_by("-reviewed_at", "pk")
    )


def _visibility(user: User, achievement: str, demand: str) -> dict[str, Exists]:
    return {
        "shows_achievement": Exists(Achievement.objects.visible_to(user).filter(pk=OuterRef(achievement))),
        "shows_demand": Exists(Demand.objects.visible_to(user).filter(pk=OuterRef(demand))),
    }


# --- Brokers -----------------------------------------------------------------------------------------------------
def _broker_dashboard(user: User) -> RoleDashboard:
    requests = list(
        BrokerRequest.objects.visible_to(user)
        .filter(broker__user=user)
        .exclude(status__in=BrokerRequest.OVER)
        .select_related("match__achievement__institution", "match__demand__firm", "match__follow_up")
        .annotate(**_visibility(user, "match__achievement", "match__demand"))
    )
    waiting = [request for request in requests if request.status == BrokerRequest.Status.ASKED]
    accepted = [request for request in requests if request.status == BrokerRequest.Status.TAKEN]
    counts = [StatusCount("待答复", len(waiting), "#waiting"), StatusCount("跟进中", len(accepted), "#taken")]
    step = NextStep(f"有 {len(waiting)} 项跟进委托等您答复。", "答复委托", "#waiting") if waiting else None
    if step is None and (number := awaiting_user(user).count()):
        step = NextStep(f"有 {number} 项对接到了跟进日期。", "去跟进", reverse("follow_ups") + "?show=mine")
    honours = Candidate.objects.of(user).public().select_related("honour", "broker", "agency__organisation")
    context = {
        "waiting": waiting,
        "accepted": accepted,
        "candidates": honours.order_by("-honour__made_at", "rank")[:MAX_LINES],
        "help_count": HelpRequest.objects.received_by(user).awaiting_answer().count(),
        "has_clients": clients_of(user).exists(),
    }
    counts = [count for count in counts if count.number]
    return RoleDashboard(Role.BROKER, "portal/workbench/_broker.html", counts, step, context)


# --- Staff -------------------------------------------------------------------------------------------------------
def _staff_dashboard(user: User, work: list[WorkSummary]) -> RoleDashboard:
    scope = user.scope
    role = Role.CITY if scope.is_city else Role.AUDITOR if scope.is_auditor else Role.DISTRICT
    if scope.is_city or scope.is_district:
        step = _first_step(work)
    else:
        url = reverse("admin:audit_auditrecord_changelist")
        step = NextStep("操作记录写明谁在何时做了什么，只能查看。", "查看操作记录", url, is_urgent=False)
    runs = MatchRun.objects.only("title", "status", "queued_at", "finished_at", "counts").order_by("-queued_at")
    run = runs.batches().first()
    since = Match.objects.managed_by(user).filter(first_run__kind=MatchRun.Kind.IMMEDIATE)
    context = {
        "work": work,
        "is_reader": not (scope.is_city or scope.is_district),
        "run": run,
        "immediate": since.filter(created_at__gt=run.queued_at).count() if run else since.count(),
        "reading": reading_progress(run) if run else None,
        "rounds": DockingRound.objects.visible_to(user).open().order_by("starts_at")[:MAX_ROUNDS],
        "import_kinds": allowed_import_kinds(scope),
        "record_kinds": [kind for kind in (ACHIEVEMENT, DEMAND) if kind.may_create(user)],
    }
    return RoleDashboard(role, "portal/workbench/_staff.html", [], step, context)


def _bureau_dashboard(user: User, work: list[WorkSummary]) -> RoleDashboard:
    """The measures that the user's bureau leads or joins; what waits stands above, as open work."""
    measures = Measure.objects.visible_to(user).open().overdue_first().select_related("task")[:MAX_LINES]
    context = {"measures": [(measure, STATE_BADGES[measure.state]) for measure in measures]}
    return RoleDashboard(Role.BUREAU, "portal/workbench/_bureau.html", [], _first_step(work), context)


def _first_step(summaries: list[WorkSummary]) -> NextStep | None:
    """The first kind of open work that the user does, and does not only watch."""
    summary = next((summary for summary in summaries if not summary.work.is_watched), None)
    if summary is None:
        return None
    late = f"，其中 {summary.overdue} 项已逾期" if summary.overdue else ""
    return NextStep(f"有 {summary.number} 项{summary.work.label}{late}。", summary.work.action, summary.work.url)


def _sysadmin_dashboard() -> RoleDashboard:
    url = reverse("admin:accounts_user_changelist")
    step = NextStep("在管理后台开通、停用账号，维护单位和任职。", "管理账号", url, is_urgent=False)
    return RoleDashboard(Role.SYSADMIN, "portal/workbench/_sysadmin.html", [], step)

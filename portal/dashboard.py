"""What each role finds on the workbench: its items by state, what waits for it, and the one thing to do next."""

from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.models import Role, SignUp
from achievements.models import Achievement
from deals.presentation import contracts_awaiting_confirmation
from demands.models import Demand
from matching.models import BrokerRequest, FollowUp, Match, MatchRun, Question, Willingness, with_open_inquiry
from mechanism.models import BaseRequest, Candidate
from mechanism.policy_hints import facts_of_achievement, facts_of_demand, facts_of_firm, grouped_policy_hints
from portal.follow_ups import waiting_for
from portal.import_kinds import kinds_for
from portal.item_kinds import ACHIEVEMENT, DEMAND, RETURNED, ItemKind, state_counts
from rounds.models import DockingRound, Party

MOST_ROWS = 20
MOST_LINES = 5
MOST_JUDGED = 50
"""So many of one's items, the last changed, are looked at for policies that may fit them."""


@dataclass(frozen=True)
class Figure:
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
class Desk:
    """What one role of the user sees. `template` renders it with the values in `shown`."""

    role: Role
    template: str
    figures: list[Figure]
    next_step: NextStep | None
    shown: dict = field(default_factory=dict)


def desks_for(user) -> list[Desk]:
    """One desk for each role the user holds, in the order of the roles; staff roles share one."""
    scope = user.scope
    desks = []
    if scope.institution_ids:
        desks.append(_owner_desk(user, Role.INSTITUTION, ACHIEVEMENT, Question.Side.OFFICE))
    if scope.firm_ids:
        desks.append(_owner_desk(user, Role.FIRM, DEMAND, Question.Side.FIRM))
    if scope.is_city or scope.is_auditor or scope.is_district:
        desks.append(_staff_desk(user))
    if scope.is_broker:
        desks.append(_broker_desk(user))
    if scope.is_sysadmin:
        desks.append(_system_desk())
    return desks


def base_requests_of(user) -> dict:
    """`waiting`: requests this user's organisations have to answer; `asked`: those they made. City staff: see desk."""
    if user.scope.sees_all:
        return {"waiting": 0, "asked": 0}
    of_own_base = Q(base__organisation__in=user.scope.organisation_ids, status=BaseRequest.Status.ASKED)
    own = Q(organisation__in=user.scope.institution_ids | user.scope.firm_ids)
    return BaseRequest.objects.aggregate(waiting=Count("pk", filter=of_own_base), asked=Count("pk", filter=own))


def next_step_of(desks: list[Desk]) -> NextStep | None:
    """The one thing to do: what is urgent in any role before what merely could be done."""
    steps = [desk.next_step for desk in desks if desk.next_step]
    return next((step for step in steps if step.is_urgent), steps[0] if steps else None)


# --- Institutions and firms --------------------------------------------------------------------------------------
def _owner_desk(user, role: Role, kind: ItemKind, side: str) -> Desk:
    counts = state_counts(kind.own(user))
    questions = list(
        Question.objects.addressed_to(user)
        .open()
        .filter(side=side)
        .select_related("match__demand", "match__achievement")
    )
    figures = [
        Figure(label, counts[state], f"{kind.list_url}?status={state}")
        for state, label in kind.state_labels().items()
        if counts.get(state)
    ]
    returned = kind.own(user).returned().order_by("-status_changed_at")[:MOST_LINES] if counts.get(RETURNED) else ()
    matches = list(own_matches(user, kind)[: MOST_LINES + 1])
    shown = {
        "kind": kind,
        "returned": [{"item": item, "url": kind.edit_url(item)} for item in returned],
        "matches": matches[:MOST_LINES],
        "more_matches": len(matches) > MOST_LINES,
        "questions": questions,
        "policies": _policy_hints(user, kind),
    }
    step = (
        _at_the_round(user, kind)
        or _asked(questions)
        or _answering(user, kind)
        or _confirming(user, kind)
        or _invited(user, kind)
        or _owner_step(kind, counts)
    )
    return Desk(role, "portal/workbench/_owner.html", figures, step, shown)


def _policy_hints(user, kind: ItemKind) -> list:
    """Which policies may fit one's own items: those on offer of an institution, the needs of a firm with the firm."""
    if kind is DEMAND:
        rows = (
            kind.own(user).exclude(status=Demand.Status.CLOSED).select_related("firm__stat_region", "industry__parent")
        )
        return grouped_policy_hints(rows[:MOST_JUDGED], lambda one: facts_of_firm(one.firm) | facts_of_demand(one))
    rows = kind.own(user).filter(status__in=Achievement.OFFERED).select_related("institution", "industry__parent")
    return grouped_policy_hints(rows.prefetch_related("intellectual_property")[:MOST_JUDGED], facts_of_achievement)


def _at_the_round(user, kind: ItemKind) -> NextStep | None:
    """Before everything else on the day itself: where one has to be now."""
    side = Party.Side.FIRM if kind is DEMAND else Party.Side.INSTITUTION
    here = Party.objects.represented_by(user).present().filter(side=side, docking_round__status="running")
    party = here.select_related("docking_round").order_by("docking_round__starts_at", "pk").first()
    if party is None:
        return None
    sentence = f"“{party.docking_round.name}”正在进行，现在和下一场洽谈在哪张桌、怎么记录结果都在这一页。"
    return NextStep(sentence, "打开现场", reverse("my_day", args=[party.public_id]))


def _asked(questions: list[Question]) -> NextStep | None:
    if not questions:
        return None
    return NextStep(f"审核人员有 {len(questions)} 个问题等您答复，答复后才能继续匹配。", "答复问题", "#questions")


def _answering(user, kind: ItemKind) -> NextStep | None:
    """The other side waits for this answer."""
    side = Question.Side.FIRM if kind is DEMAND else Question.Side.OFFICE
    waiting = Willingness.objects.awaiting_answer_of(user).filter(side=side).exclude(with_open_inquiry())
    if not (number := waiting.count()):
        return None
    due = waiting.order_by("due_on").values_list("due_on", flat=True)[0]
    return NextStep(
        f"有 {number} 条匹配等您答复是否愿意对接，最早的请在 {due.month} 月 {due.day} 日前答复。",
        "去答复",
        reverse("follow_ups") + "?show=mine",
    )


def _invited(user, kind: ItemKind) -> NextStep | None:
    """A round that this role's organisation was asked to, and about which it has said nothing."""
    side = Party.Side.FIRM if kind is DEMAND else Party.Side.INSTITUTION
    waiting = Party.objects.represented_by(user).awaiting_answer()
    party = waiting.filter(side=side, docking_round__status="gathering").select_related("docking_round").first()
    if party is None:
        return None
    return NextStep(
        f"邀请您单位参加“{party.docking_round.name}”，请答复是否参加。", "去答复", reverse("my_invitations")
    )


def _confirming(user, kind: ItemKind) -> NextStep | None:
    """A contract counts only once both of its sides have confirmed it."""
    mine = kind.owners(user.scope)
    waiting = contracts_awaiting_confirmation(user).filter(Q(seller__in=mine) | Q(buyer__in=mine))
    if not (number := waiting.count()):
        return None
    return NextStep(f"有 {number} 份合同等您核对确认。", "去确认", reverse("deals") + "?show=mine")


def _owner_step(kind: ItemKind, counts: dict[str, int]) -> NextStep:
    todo = {
        RETURNED: (f"有 {{}} 项{kind.noun}被退回，请按退回说明修改后再提交。", f"修改被退回的{kind.noun}"),
        "office_review": ("有 {} 项成果待本单位审核，确认后提交市科技局。", "审核待提交的成果"),
        "diagnosis": ("有 {} 项需求正在诊断，请与区县专员一起补充指标和条件。", "补充诊断中的需求"),
        "draft": (f"有 {{}} 项草稿还没有提交{kind.reviewer}审核。", "查看草稿并提交"),
    }
    for state, (sentence, label) in todo.items():
        if number := counts.get(state):
            return NextStep(sentence.format(number), label, f"{kind.list_url}?status={state}")
    sentence = f"没有等您处理的{kind.noun}。" if any(counts.values()) else f"还没有{kind.noun}，从第一项开始。"
    return NextStep(sentence, kind.enter, kind.new_url, is_urgent=False)


def own_matches(user, *kinds: ItemKind) -> QuerySet:
    """What was accepted of the user's own items of these kinds, the newest first.

    `shows_…` tells which of the two pages they may open. The other side's firm is to be shown by its public name only.
    """
    mine = Q()
    for kind in kinds:
        mine |= Q(**{f"{kind.name}__{kind.owner}__in": kind.owners(user.scope)})
    return (
        Match.objects.visible_to(user)
        .accepted()
        .filter(mine)
        .select_related("achievement__institution", "demand__firm", "follow_up")
        .annotate(**_sights(user, "achievement", "demand"))
        .order_by("-reviewed_at", "pk")
    )


def _sights(user, achievement: str, demand: str) -> dict:
    return {
        "shows_achievement": Exists(Achievement.objects.visible_to(user).filter(pk=OuterRef(achievement))),
        "shows_demand": Exists(Demand.objects.visible_to(user).filter(pk=OuterRef(demand))),
    }


# --- Brokers -----------------------------------------------------------------------------------------------------
def _broker_desk(user) -> Desk:
    requests = (
        BrokerRequest.objects.visible_to(user)
        .filter(broker__user=user)
        .exclude(status__in=BrokerRequest.OVER)
        .select_related("match__achievement__institution", "match__demand__firm", "match__follow_up")
        .annotate(**_sights(user, "match__achievement", "match__demand"))
    )
    requests = list(requests)
    waiting = [one for one in requests if one.status == BrokerRequest.Status.ASKED]
    taken = [one for one in requests if one.status == BrokerRequest.Status.TAKEN]
    figures = [Figure("待答复", len(waiting), "#waiting"), Figure("跟进中", len(taken), "#taken")]
    step = NextStep(f"有 {len(waiting)} 项跟进委托等您答复。", "答复委托", "#waiting") if waiting else None
    if step is None and (late := waiting_for(user).count()):
        step = NextStep(f"有 {late} 项对接到了跟进日期。", "去跟进", reverse("follow_ups") + "?show=mine")
    honours = Candidate.objects.of(user).public().select_related("honour", "broker", "agency__organisation")
    shown = {"waiting": waiting, "taken": taken, "honours": honours.order_by("-honour__made_at", "rank")[:MOST_LINES]}
    return Desk(Role.BROKER, "portal/workbench/_broker.html", [f for f in figures if f.number], step, shown)


# --- Staff -------------------------------------------------------------------------------------------------------
def _staff_desk(user) -> Desk:
    scope = user.scope
    role = Role.CITY if scope.is_city else Role.AUDITOR if scope.is_auditor else Role.DISTRICT
    waiting = _waiting(user)
    figures = [figure for figure, _label in waiting]
    if scope.is_city or scope.is_district:
        step = next(
            (
                NextStep(f"有 {figure.number} 项{figure.label}。", label, figure.url)
                for figure, label in waiting
                if figure.number
            ),
            None,
        )
    else:
        url = reverse("admin:audit_auditrecord_changelist")
        step = NextStep("操作记录写明谁在何时做了什么，只能查看。", "查看操作记录", url, is_urgent=False)
    run = MatchRun.objects.only("title", "status", "queued_at", "finished_at", "counts").order_by("-queued_at")
    run = run.exclude(engine=MatchRun.HAND).first()
    shown = {
        "run": run,
        "rounds": DockingRound.objects.visible_to(user).open().order_by("starts_at")[:MOST_ROWS],
        "kinds": kinds_for(scope),
        "enters": [kind for kind in (ACHIEVEMENT, DEMAND) if kind.may_enter(scope)],
    }
    return Desk(role, "portal/workbench/_staff.html", figures, step, shown)


def _waiting(user) -> list[tuple[Figure, str]]:
    """What waits for staff: counts with their list in the admin, and what working on it is called."""

    def figure(label: str, rows: QuerySet, model: str, status: str) -> Figure:
        return Figure(label, rows.count(), reverse(f"admin:{model}_changelist") + f"?status__exact={status}")

    demands = Demand.objects.managed_by(user).awaiting_district()
    matches = Match.objects.waiting_for(user)
    sign_ups = SignUp.objects.visible_to(user).awaiting_approval()
    waiting = [
        (figure("待审核的企业注册", sign_ups, "accounts_signup", "submitted"), "审核企业注册"),
        (figure("待初审的需求", demands, "demands_demand", "district_review"), "初审需求"),
        (Figure("待审核的匹配", matches.count(), reverse("admin:matching_triage_triage")), "审核匹配"),
        (Figure("等我处理的对接", waiting_for(user).count(), reverse("follow_ups") + "?show=mine"), "处理对接"),
        (Figure("逾期的对接", _overdue(user), reverse("follow_ups") + "?show=overdue"), "查看逾期的对接"),
    ]
    if user.scope.is_city:
        asked = BaseRequest.objects.answerable_by(user).waiting().count()
        waiting.append((Figure("待答复的中试申请", asked, reverse("base_requests")), "答复中试申请"))
    if user.scope.sees_all:
        at_city, at_office = Achievement.objects.awaiting_city(), Achievement.objects.awaiting_institution()
        model = "achievements_achievement"
        waiting.insert(0, (figure("待入库的成果", at_city, model, "city_review"), "审核并入库"))
        waiting.append((figure("待院校审核的成果", at_office, model, "office_review"), "查看待院校审核的成果"))
    return waiting


def _overdue(user) -> int:
    return FollowUp.objects.managed_by(user).filter(pk__in=FollowUp.objects.overdue().values("pk")).count()


def _system_desk() -> Desk:
    url = reverse("admin:accounts_user_changelist")
    step = NextStep("在管理后台开通、停用账号，维护单位和任职。", "管理账号", url, is_urgent=False)
    return Desk(Role.SYSADMIN, "portal/workbench/_system.html", [], step)

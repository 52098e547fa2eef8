"""Answers of the demo's institutions to demands of its firms, in each state, and earlier enquiries of the past year.

Both sides act through the services; then the days are moved back.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from accounts.models import Contact, Organisation, Role, User
from achievements.models import Achievement
from core.workdays import add_workdays
from demands.models import Demand
from enquiries.models import Approach
from enquiries.services.answers import OfferDetails, answer_demand, decline_answer, name_achievement
from enquiries.services.clock import run_clock
from enquiries.services.closing import end_approach
from enquiries.services.docking import agree_to_dock
from enquiries.services.sending import send_enquiry
from enquiries.services.staff_steps import add_note
from enquiries.services.talks import choose_time, propose_times
from enquiries.services.thread import mark_read, post_message
from matching.models import Match
from portal.demo.dataset import moment
from portal.demo.people import DemoContext


@dataclass(frozen=True)
class Case:
    """One answer. `demand`: number of the firm's open demand; `days`: calendar days ago; `steps` since, in order."""

    firm: str
    demand: int
    text: str
    days: int
    steps: tuple[str, ...] = ()
    is_free: bool = False
    details: OfferDetails = field(default_factory=OfferDetails)


def _offer(method: str, duration: str, low: int | None = None, high: int | None = None, why: str = "") -> OfferDetails:
    return OfferDetails(method, duration, Decimal(low) if low else None, Decimal(high) if high else None, why)


CASES = (
    # Four answers to one demand, to compare side by side
    Case(
        "qiling", 0, "和您描述的工况相同，我们在两家企业的产线上跑过，可以带着记录来谈。", 1, (), False,
        _offer("先取三批样做对比，再上线试一个月", "4 个月", 60, 90, "课题组做这个方向十一年，现场调试有专人"),
    ),
    Case(
        "qiling", 0, "能做，先在实验室复现您的问题，再改参数；指标里有一项要到现场测了才敢说。", 2, ("read",), False,
        _offer("实验室复现两周，现场测试两周", "3 个月", 35, 50, "有同型号的试验台"),
    ),
    Case(
        "qiling", 0, "我们手里没有现成的成果，但做过相近的委托开发，可以按您的料重新设计。", 3, ("answer",), True,
        _offer("按委托开发做，分小试、中试两步付款", "8 个月", 80, 150, "团队里有两位做过同类产线的工程师"),
    ),
    Case(
        "qiling", 0, "提供成套设备，开机即用，培训操作工三天。", 6, ("decline",), False,
        _offer("供货、安装、培训", "6 周", 300, 380),
    ),
    Case(
        "xianxu", 0, "建议先看我们的中试线，合适再谈许可；小样一周内可以出。", 5, ("answer", "talk"), False,
        _offer("小样、中试、许可三步", "5 个月", 40, 60, "中试线离您单位半小时车程"),
    ),
    Case(
        "xianxu", 1, "可以上门诊断一次，出一份改造清单，再定要不要合作。", 15, ("read",), True,
        _offer("上门诊断，十个工作日出报告", "1 个月", 5, 8),
    ),
    Case(
        "fanyue", 0, "我们能把两道工序并成一道，能耗降三成左右，数据可以现场看。", 10, ("answer", "dock"), False,
        _offer("先改一台，跑一个月再推广", "6 个月", 50, 80, "有完整的运行记录"),
    ),
    Case(
        "xianxu", 0, "先按联合攻关做，用哪项成果看过现场再定，可一起申报项目。", 12, ("answer", "name", "dock"), True,
        _offer("联合攻关，按季度验收", "12 个月", 100, 160, "承担过同方向的国家课题"),
    ),
    Case("fanyue", 0, "之前的方案需要重新核算，先撤回，改好再发。", 4, ("withdraw",), True),
)  # fmt: skip

QUESTIONS = (
    ("qiling", 0, "这项的备件从哪里供？停产一天损失很大。", 200, 1),
    ("xianxu", 0, "设备要占多大地方，需不需要单独的变压器？", 150, 2),
    ("fanyue", 0, "能否先借样机跑一周，我们出电费和人工？", 90, 0),
    ("qiling", 1, "冬天室外零下二十度也能用吗？", 70, 3),
    ("xianxu", 1, "和进口的比，精度差多少，价格差多少？", 45, 9),
)
"""Earlier enquiries to one institution: firm, number of the achievement, text, days ago, days to the answer."""
ASKED_INSTITUTION = "dut"


def load_answers_to_demands(demo: DemoContext) -> int:
    """Load the answers and the earlier enquiries. Runs once; returns the number of answers."""
    if Approach.objects.answers().exists():
        return 0
    used: set[tuple[int, int]] = set()
    for case in CASES:
        demand = _open_demand(demo.organisations[case.firm], case.demand)
        item = demand and _candidate(demand, used)
        if not demand or not item:
            continue
        used.add((demand.pk, item.institution_id))
        _load_case(case, demand, item, demo)
    for firm, number, text, days, answered_after in QUESTIONS:
        _load_question(firm, number, text, days, answered_after, demo)
    run_clock()
    return len(used)


def _open_demand(firm: Organisation, number: int) -> Demand | None:
    """Not one of which only the teaser is public: its details are for institutions with an undertaking."""
    rows = Demand.objects.open().filter(firm=firm, disclosure=Demand.Disclosure.FULL).order_by("pk")
    return rows[number : number + 1].first()


def _candidate(demand: Demand, used: set[tuple[int, int]]) -> Achievement | None:
    """The best proposed achievement of an institution that has not answered the demand; else one of the industry."""
    taken = [institution for key, institution in used if key == demand.pk]
    with_officer = Achievement.objects.on_offer().filter(institution__memberships__role=Role.INSTITUTION).distinct()
    offered = with_officer.exclude(institution__in=taken).exclude(
        matches__in=Match.objects.filter(demand=demand).decided()
    )
    proposed = Match.objects.filter(demand=demand, status=Match.Status.PROPOSED, achievement__in=offered)
    best = proposed.select_related("achievement__institution").order_by("-score", "pk").first()
    if best is not None:
        return best.achievement
    return offered.filter(industry=demand.industry).select_related("institution").order_by("pk").first()


def _load_case(case: Case, demand: Demand, item: Achievement, demo: DemoContext) -> None:
    firm_user, officer = demo.people[case.firm], _officer_of(item.institution)
    approach = answer_demand(
        demand,
        institution=item.institution,
        achievement=None if case.is_free else item,
        text=case.text,
        details=case.details,
        by=officer,
    )
    for step in case.steps:
        _take(step, approach, item, firm_user, officer, demo)
    _move_back(approach, case.days, min(2, case.days))


def _officer_of(institution: Organisation) -> User:
    """The officer of this institution alone, if it has one, else the joint office's."""
    memberships = institution.memberships.filter(role=Role.INSTITUTION).select_related("user").order_by("-pk")
    return memberships[0].user


def _take(step: str, approach: Approach, item: Achievement, firm_user: User, officer: User, demo: DemoContext) -> None:
    if step == "read":
        mark_read(approach, by=firm_user)
    elif step == "answer":
        post_message(approach, text="看过了。请说明现场要我们准备什么，停机要多久？", by=firm_user)
    elif step == "talk":
        starts = [moment(days, hour) for days, hour in ((2, 14), (3, 10))]
        times = propose_times(approach, starts=starts, minutes=60, place="我们厂里二楼会议室", by=firm_user)
        choose_time(times[0], by=officer)
        add_note(approach, text="企业很急，谈完当天问一下结果。", by=demo.district_of(approach.firm))
    elif step == "name":
        name_achievement(approach, item, by=officer)
    elif step == "dock":
        for user in (firm_user, officer):
            organisation = approach.organisation_of(approach.side_of(user.scope))
            agree_to_dock(approach, contact=_contact(organisation, user), consents=True, by=user)
    elif step == "decline":
        decline_answer(approach, reason="price", note="超过预算两倍多，今年没有这笔钱", by=firm_user)
    else:
        end_approach(approach, reason=Approach.EndReason.WITHDRAWN, by=officer)


def _load_question(firm: str, number: int, text: str, days: int, answered_after: int, demo: DemoContext) -> None:
    institution = demo.organisations[ASKED_INSTITUTION]
    items = Achievement.objects.on_offer().filter(institution=institution).order_by("-pk")
    item = items[number : number + 1].first()
    if item is None:
        return
    asker = demo.people[firm]
    approach = send_enquiry(item, firm=demo.organisations[firm], purpose="learn", text=text, by=asker)
    post_message(approach, text="可以的，具体条件见回信里的说明，欢迎来实验室看。", by=_officer_of(institution))
    end_approach(approach, reason=Approach.EndReason.TIMING, note="明年再看", by=asker)
    _move_back(approach, days, answered_after)


def _contact(organisation: Organisation, user: User) -> Contact:
    known = Contact.objects.selectable().filter(organisation=organisation).order_by("pk").first()
    return known or Contact.objects.create(organisation=organisation, name=user.name, email=user.email)


def _move_back(approach: Approach, days: int, answered_after: int) -> None:
    """Sent `days` ago, answered `answered_after` days later. Written directly: services only record the present."""
    sent_at = timezone.now() - timedelta(days=days)
    answered_at = sent_at + timedelta(days=answered_after, minutes=30)
    rows = Approach.objects.filter(pk=approach.pk)
    rows.update(
        sent_at=sent_at,
        last_event_at=answered_at,
        answer_due_on=add_workdays(timezone.localdate(sent_at), settings.APPROACH_ANSWER_WORKDAYS),
    )
    rows.filter(read_at__isnull=False).update(read_at=sent_at + timedelta(minutes=20))
    rows.filter(first_answered_at__isnull=False).update(first_answered_at=answered_at)
    rows.filter(ended_at__isnull=False).update(ended_at=answered_at + timedelta(minutes=30))
    approach.messages.update(sent_at=answered_at)

"""Enquiries of the demo's firms about achievements, in each state: new, read, answered, late, escalated, with a talk
agreed, continued by talks and by a deal, ended. Both sides act through the services; then the days are moved back.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from achievements.models import Achievement
from core.workdays import add_workdays
from deals.models import Deal, DealStep
from deals.services.deals import open_deal
from enquiries.models import Approach, ApproachMessage
from enquiries.services.clock import run_clock
from enquiries.services.closing import end_approach
from enquiries.services.docking import agree_to_dock
from enquiries.services.sending import send_enquiry
from enquiries.services.talks import choose_time, propose_times
from enquiries.services.thread import mark_read, post_message
from matching.services.confirmations import state_stance
from matching.services.follow_up_status import lock_follow_up
from portal.demo.dataset import moment
from portal.demo.people import DemoContext


@dataclass(frozen=True)
class Case:
    """One enquiry. `days`: calendar days ago that it was sent; `steps`: what both sides did since, in this order."""

    firm: str
    institution: str
    purpose: str
    text: str
    days: int
    steps: tuple[str, ...] = ()
    is_anonymous: bool = False
    answer: str = ""


CASES = (
    Case("qiling", "dlu", "adopt", "我们一条老产线想换这套装置，现有的厂房层高只有六米，放得下吗？", 1),
    Case("xianxu", "dlu", "trial", "能不能先用我们的料做一轮小样？要多少料？", 3, ("read",), is_anonymous=True),
    Case("fanyue", "dut", "service", "现场的工况比说明里热三十度，材料还撑得住吗？能否请老师来看一次？", 12, ("read",)),
    Case("qiling", "dicp", "adopt", "这项工艺对原料纯度有什么要求？我们的回收料大约九成五。", 20, is_anonymous=True),
    Case(
        "xianxu", "dut", "joint", "我们有中试场地和两名工程师，能否一起把这项做到量产？", 9, ("answer",),
        answer="可以合作。请先说明场地的水电条件，以及每月能投入的工时，我们好排试验计划。",
    ),
    Case(
        "fanyue", "dlu", "adopt", "想了解装好一套的总投入，以及从签约到投产要多久？", 8, ("answer", "talk"),
        answer="一套大约要看处理量，通常六到八个月投产。约个时间细谈，带上一周的运行数据最好。",
    ),
    Case(
        "qiling", "dut", "trial", "能否先在一台设备上试用三个月，再定要不要推广？", 16, ("answer", "dock"),
        is_anonymous=True, answer="可以试用，安装调试由课题组负责，企业提供一名操作工。",
    ),
    Case(
        "xianxu", "dlu", "adopt", "是许可给我们一家，还是可以多家用？年费怎么算？", 30, ("answer", "dock", "deal"),
        answer="普通许可为主，按产量计费，首年减半。",
    ),
    Case(
        "fanyue", "dicp", "learn", "请问有没有适合小批量生产的型号？", 14, ("answer", "end"),
        answer="目前只有万吨级的成套工艺，小批量不合算。",
    ),
)  # fmt: skip


def load_approaches(demo: DemoContext) -> int:
    """Load the enquiries. Runs once; returns their number."""
    if Approach.objects.exists():
        return 0
    used: set[int] = set()
    for case in CASES:
        firm, institution = demo.organisations[case.firm], demo.organisations[case.institution]
        firm_user, institution_user = demo.people[case.firm], demo.people[case.institution]
        offered = Achievement.objects.on_offer().filter(institution=institution).exclude(pk__in=used)
        offered = offered.exclude(matches__demand__firm=firm)
        own_industries = firm.demands.exclude(industry=None).values("industry")
        # A firm asks about its own field, if the institution has something in it.
        achievement = offered.filter(industry__in=own_industries).order_by("pk").first() or offered.first()
        if achievement is None:
            continue
        used.add(achievement.pk)
        approach = send_enquiry(
            achievement,
            firm=firm,
            purpose=case.purpose,
            text=case.text,
            is_anonymous=case.is_anonymous,
            by=firm_user,
        )
        for step in case.steps:
            _take(step, approach, case, firm_user, institution_user, demo)
        _move_back(approach, case.days)
    run_clock()
    return len(CASES)


def _take(
    step: str, approach: Approach, case: Case, firm_user: User, institution_user: User, demo: DemoContext
) -> None:
    if step == "read":
        mark_read(approach, by=institution_user)
    elif step == "answer":
        post_message(approach, text=case.answer, by=institution_user)
        mark_read(approach, by=firm_user)
    elif step == "talk":
        starts = [moment(days, hour) for days, hour in ((3, 10), (4, 14), (5, 9))]
        times = propose_times(
            approach, starts=starts, minutes=60, place="院校会议室，也可网络会议", by=institution_user
        )
        choose_time(times[1], by=firm_user)
    elif step == "dock":
        for user in (firm_user, institution_user):
            organisation = approach.organisation_of(approach.side_of(user.scope))
            agree_to_dock(approach, contact=_contact(organisation, user), consents=True, by=user)
    elif step == "deal":
        _open_deal(approach, firm_user, institution_user, demo)
    else:
        end_approach(approach, reason=Approach.EndReason.NOT_FIT, note="规模对不上，以后有小型号再联系", by=firm_user)


def _open_deal(approach: Approach, firm_user: User, institution_user: User, demo: DemoContext) -> None:
    assert approach.match is not None  # docked before
    for side, user in (("firm", firm_user), ("office", institution_user)):
        state_stance(lock_follow_up(approach.match.follow_up.pk), side=side, stance="intent", by=user)
    follow_up = lock_follow_up(approach.match.follow_up.pk)
    open_deal(follow_up, by=demo.district_of(approach.firm), note="由企业主动询问谈成")


def _contact(organisation: Organisation, user: User) -> Contact:
    known = Contact.objects.selectable().filter(organisation=organisation).order_by("pk").first()
    return known or Contact.objects.create(organisation=organisation, name=user.name, email=user.email)


def _move_back(approach: Approach, days: int) -> None:
    """The enquiry was sent `days` ago and each later step a day after the one before, as the days allow."""
    sent_at = timezone.now() - timedelta(days=days)
    answered = sent_at + timedelta(days=min(2, days))
    Approach.objects.filter(pk=approach.pk).update(
        sent_at=sent_at,
        answer_due_on=add_workdays(timezone.localdate(sent_at), settings.APPROACH_ANSWER_WORKDAYS),
        last_event_at=sent_at + timedelta(days=min(3, days)),
    )
    Approach.objects.filter(pk=approach.pk, read_at__isnull=False).update(
        read_at=sent_at + timedelta(hours=min(20, 24 * days))
    )
    Approach.objects.filter(pk=approach.pk, first_answered_at__isnull=False).update(first_answered_at=answered)
    yesterday = timezone.localdate() - timedelta(days=1)
    Deal.objects.filter(follow_up__match__approaches=approach).update(stage_on=yesterday)
    DealStep.objects.filter(deal__follow_up__match__approaches=approach).update(on=yesterday)
    moved = timezone.now() - answered
    ApproachMessage.objects.filter(approach=approach).update(sent_at=F("sent_at") - moved)

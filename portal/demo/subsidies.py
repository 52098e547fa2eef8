"""专项资金 of the demo city: a call of the spring that has been decided, paid and checked, and one that is running;
projects of a fund.

The parties act through the services as themselves; what happened in the past is dated back afterwards.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from deals.models import Contract
from mechanism.models import (
    Expert,
    Fund,
    FundProject,
    Policy,
    SubsidyApplication,
    SubsidyBudget,
    SubsidyCall,
    SubsidyRecovery,
    Venture,
)
from mechanism.services import subsidy_decisions as decisions
from mechanism.services.fund_projects import (
    achievements_seeking_funds,
    advance_project,
    drop_project,
    mark_seen,
)
from mechanism.services.subsidy_applications import (
    add_subsidy_file,
    report_result,
    save_application,
    start_application,
    submit_application,
)
from mechanism.services.subsidy_calls import publish_call
from mechanism.services.subsidy_recoveries import record_recovery
from mechanism.services.subsidy_reviews import find_subsidy_recusal_reasons, give_advice, invite_subsidy_reviewers
from mechanism.subsidy_terms import missing_parts
from notices.models import Notice, NoticeKind
from portal.demo.confirmations import officers_by_organisation
from portal.demo.dataset import day, moment
from portal.demo.evidence import PDF
from portal.demo.people import DemoContext

POLICY = "科技成果转化专项资金"
MATERIAL = "技术合同及认定登记证明"
CONTENT = (
    "合同约定的技术已完成交接和中试验证，正在建设首条生产线。资金用于中试检测、关键设备改造和第三方评价，"
    "不用于人员工资和基本建设。演示数据。"
)
GOALS = "一年内完成首条生产线并供货，第三方检测达到合同指标，新增销售收入不低于合同额的两倍。"
REPORT = "首条生产线已投产，三个批次送检合格，合同指标全部达到，新增销售收入为合同额的 2.3 倍，检测报告已归档。"
DONE_STATES = ("passed", "granted", "refused")
RUNNING_STATES = ("publicised", "review", "submitted", "returned", "draft")
MAX_CANDIDATES = 60
MOST_PER_PARTY = 2


def load_subsidies(demo: DemoContext) -> int:
    """Create budget, calls and applications unless a budget exists. Returns the number of applications."""
    policy = Policy.objects.filter(title=POLICY).first()
    if policy is None or SubsidyBudget.objects.exists():
        return 0
    year = timezone.localdate().year
    budget = SubsidyBudget.objects.create(
        policy=policy, year=year, amount_wan=Decimal(600), basis=f"{year} 年度部门预算（演示数据）"
    )
    past = _call(budget, f"{year} 年第一批成果转化项目", demo.city, opens=-10, closes=20)
    running = _call(budget, f"{year} 年第二批成果转化项目", demo.city, opens=-12, closes=18)
    contracts = _contracts()
    for state in DONE_STATES:
        _load(past, state, contracts, demo)
    SubsidyCall.objects.filter(pk=past.pk).update(opens_on=day(-220), closes_on=day(-190), published_at=moment(-221))
    for state in RUNNING_STATES:
        _load(running, state, contracts, demo)
    Notice.objects.filter(kind=NoticeKind.SUBSIDY, read_at=None, text__contains="第一批").update(read_at=moment(-1))
    return SubsidyApplication.objects.count()


def load_fund_projects(demo: DemoContext) -> int:
    """The first fund gets managers, an agency of the platform, who follow achievements up to different steps."""
    fund = Fund.objects.active().filter(projects=None).order_by("pk").first()
    member = Membership.objects.filter(role=Role.BROKER, organisation__kind="agency").order_by("pk").first()
    if fund is None or member is None or FundProject.objects.exists():
        return 0
    Fund.objects.filter(pk=fund.pk).update(organisation=member.organisation, paid_in_wan=F("paid_in_wan") + 1000)
    manager = User.objects.get(pk=member.user_id)
    if company := Venture.objects.active().confirmed_by_all_parties().order_by("pk").first():
        mark_seen(fund, company, by=manager)
    for number, achievement in enumerate(achievements_seeking_funds().order_by("pk")[:4]):
        project = mark_seen(fund, achievement, by=manager)
        if number == 3:
            drop_project(project, reason="样机还没有第三方检测，半年后再看。", by=manager)
        for note in ("团队和专利清楚，约谈完成人。", "已过尽调，提交投决会。")[: min(number, 2)]:
            if number != 3:
                advance_project(project, note=note, by=manager)
    return FundProject.objects.count()


def _call(budget: SubsidyBudget, title: str, city: User, *, opens: int, closes: int) -> SubsidyCall:
    call = SubsidyCall.objects.create(
        budget=budget,
        title=title,
        content="支持在本市落地转化、已认定登记的技术合同，按技术交易额的一定比例给予一次性支持。演示数据。",
        opens_on=day(opens),
        closes_on=day(closes),
        ceiling_wan=Decimal(80),
        rate_percent=10,
        materials=MATERIAL,
        least_reviews=3,
    )
    publish_call(call, by=city)
    return call


def _contracts() -> Iterator[tuple[Contract, Organisation, User]]:
    """Contracts that count, with a local party that has an officer; no party more than MOST_PER_PARTY times."""
    officers = officers_by_organisation()
    own = Q(buyer__in=officers.keys(), buyer__is_local=True) | Q(seller__in=officers.keys(), seller__is_local=True)
    rows = Contract.objects.turnover().filter(own).select_related("buyer", "seller", "deal")
    used: Counter[int] = Counter()
    rows = rows.annotate(is_of_firm=ExpressionWrapper(Q(buyer__in=officers.keys()), BooleanField()))
    for row in rows.order_by(F("is_of_firm").desc(nulls_last=True), "-tech_amount_wan", "pk")[:MAX_CANDIDATES]:
        for party in (row.buyer, row.seller):
            if party and party.is_local and party.pk in officers and used[party.pk] < MOST_PER_PARTY:
                used[party.pk] += 1
                yield row, party, officers[party.pk][0]
                break


def _load(call: SubsidyCall, state: str, contracts: Iterator, demo: DemoContext) -> None:
    """One application in the state, for the next contract with which it is complete."""
    for contract, party, officer in contracts:
        row = start_application(call, organisation=party, contract=contract, by=officer)
        texts = {"title": f"{contract.name}"[:120], "content": CONTENT, "goals": GOALS}
        if state == "draft":
            return
        save_application(row, values=texts | {"requested_wan": row.requested_wan}, by=officer)
        name = "technology-contract.pdf"
        content = PDF % (60, b"BT /F1 14 Tf 40 120 Td (demo: technology contract) Tj ET")
        add_subsidy_file(row, material=MATERIAL, content=content, name=name, by=officer)
        if missing_parts(row):
            SubsidyApplication.objects.filter(pk=row.pk).update(status="withdrawn", end_reason="演示：条件不符")
            continue
        submit_application(row, by=officer, agrees=True)
        if state == "submitted":
            SubsidyApplication.objects.filter(pk=row.pk).update(submitted_at=moment(-3), status_at=moment(-3))
        elif state == "returned":
            decisions.return_application(row, reason="合同复印件缺签字页，请补上后再提交。", by=demo.city)
        else:
            _review(row, state, officer, demo)
        return


def _review(row: SubsidyApplication, state: str, officer: User, demo: DemoContext) -> None:
    second = demo.people["city2"]
    decisions.accept_application(row, by=demo.city)
    free = [expert for expert in Expert.objects.order_by("pk") if not find_subsidy_recusal_reasons(expert, row)]
    invite_subsidy_reviewers(row, experts=free[:3], by=demo.city)
    reviews = list(row.reviews.order_by("pk"))
    share = (row.requested_wan or Decimal(0)) * Decimal("0.8")
    for review in reviews[: 2 if state == "review" else 3]:
        advice = "oppose" if state == "refused" else "support"
        reason = "目标难以考核，依据不足。" * 2 if state == "refused" else "合同真实，目标可以考核，金额按进度核减。"
        give_advice(review, advice=advice, reason=reason, advised_wan=share.quantize(Decimal("0.01")))
    if state == "review":
        return
    if state == "refused":
        decisions.refuse_application(row, reason="验收目标没有可以核对的数字，建议补充后参加下一批。", by=second)
        return
    decisions.grant_application(row, amount_wan=share.quantize(Decimal("0.01")), reason="采纳专家意见。", by=second)
    if state == "publicised":
        reader = demo.people.get("xianxu") or demo.joint_office
        decisions.object_to_grant(row, text="请核实这份合同的首付款是否已经到账。", by=reader)
        return
    SubsidyApplication.objects.filter(pk=row.pk).update(public_until=day(-150))
    decisions.confirm_grant(row, by=demo.city)
    _date_back(row)
    _pay_and_check(row, state, officer, demo)


def _date_back(row: SubsidyApplication) -> None:
    """The steps up to the confirmation happened in the spring."""
    SubsidyApplication.objects.filter(pk=row.pk).update(
        created_at=moment(-205),
        submitted_at=moment(-200),
        accepted_at=moment(-195),
        decided_at=moment(-160),
        confirmed_at=moment(-149),
        status_at=moment(-149),
        finish_by=day(215),
    )
    row.refresh_from_db()


def _pay_and_check(row: SubsidyApplication, state: str, officer: User, demo: DemoContext) -> None:
    first = ((row.granted_wan or Decimal(0)) / 2).quantize(Decimal("0.01"))
    pay = {"by": demo.city}
    decisions.record_payout(row, amount_wan=first, paid_on=day(-120), voucher=f"YS-{row.pk:04}-1", **pay)
    if state != "passed":
        return
    report_result(row, report=REPORT, by=officer)
    decisions.check_result(row, passed=True, reason="检测报告和销售凭证齐全，目标全部达到。", by=demo.city)
    rest = (row.granted_wan or Decimal(0)) - first
    decisions.record_payout(row, amount_wan=rest, paid_on=day(-5), voucher=f"YS-{row.pk:04}-2", **pay)
    at = timezone.now() - timedelta(days=9)
    SubsidyApplication.objects.filter(pk=row.pk).update(reported_at=moment(-20), checked_at=at, status_at=at)
    _take_back(row, demo)


def _take_back(row: SubsidyApplication, demo: DemoContext) -> None:
    """What was left of the first payout came back; a colleague of who recorded the payout records it."""
    payout = row.payouts.valid().order_by("paid_on", "pk").first()
    colleague = demo.people.get("city2")
    if payout is None or colleague is None or SubsidyRecovery.objects.exists():
        return
    record_recovery(
        payout,
        amount_wan=(payout.amount_wan / 10).quantize(Decimal("0.01")),
        received_on=day(-2),
        voucher=f"JK-{row.pk:04}",
        reason="检测费结余，按通知退回",
        by=colleague,
    )

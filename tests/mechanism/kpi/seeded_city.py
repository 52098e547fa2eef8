"""A small city with oddities: struck payments, unconfirmed contracts, other years, unknown places, related parties.

Made from a fixed seed, so that each run counts the same.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace

from django.db.models import Model
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from challenges.models import Bid, Challenge, Submission
from deals.models import Confirmation, DealStep, FigureEffect, Landing, Payment
from demands.models import Demand
from enquiries.models import Approach
from integrity.models import Ownership
from matching.models import FollowUp, FollowUpStep
from mechanism.models import (
    Base,
    BaseRequest,
    Fund,
    Investment,
    Obstacle,
    ObstacleKind,
    Policy,
    RateRule,
    RelatedParties,
    SubsidyApplication,
    SubsidyBudget,
    SubsidyCall,
    SubsidyPayout,
    SubsidyRecovery,
    Venture,
)
from rounds.models import DockingRound, Party
from taxonomy.models import Industry
from tests import factories as make

YEARS = (2024, 2025, 2026)
CONTRACTS = 60


def moment(year: int, month: int = 5, day: int = 1, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime(year, month, day, hour))


def seed_city() -> SimpleNamespace:
    city = SimpleNamespace(source=Random(16), officer=make.city_officer())
    _organisations(city)
    _items_and_demands(city)
    _pairs(city)
    _rounds(city)
    _deals(city)
    _contracts(city)
    _payments(city)
    _decisions(city)
    _approaches(city)
    _challenges(city)
    _mechanism(city)
    return city


def objected(row: Model, officer: User, *, decision: str = "") -> None:
    """All parties confirmed, then one objected; with a decision of the city, if one is given."""
    make.confirmed(row)
    decided = {"decision": decision, "decided_by": officer, "decision_text": "已核实"} if decision else {}
    answer = Confirmation.objects.of(row).current().order_by("pk").first()
    Confirmation.objects.filter(pk=answer.pk).update(
        status="objected", objected_at=timezone.now(), reason="amount", confirmed_at=None, **decided
    )


def _organisations(city: SimpleNamespace) -> None:
    city.institutions = [make.institution(name) for name in ("大连示例大学", "辽宁示例学院", "外地示例研究所")]
    for institution, region, is_local in zip(
        city.institutions, ("gaoxin", None, None), (True, True, False), strict=True
    ):
        institution.stat_region, institution.is_local = region and make.region(region), is_local
        institution.save()
    city.firms = [
        make.firm(f"示例企业{number}", region_code=code) for number, code in enumerate(["jinpu", "gaoxin"] * 2)
    ]
    city.firms.append(make.organisation("firm", "没有归口的企业"))
    city.agencies = [
        make.agency("示例技术转移中心"),
        make.agency("示例中试中心"),
        make.agency("未核验中心", verified=False),
    ]
    city.agencies[0].verified_at = moment(2024)
    city.agencies[0].save()
    Organisation.objects.filter(pk=city.agencies[1].organisation_id).update(is_active=False)
    city.brokers = [make.broker(agency=city.agencies[0]), make.broker(expires_on=date(2025, 3, 1)), make.broker()]
    city.brokers[1].__class__.objects.filter(pk__in=[broker.pk for broker in city.brokers]).update(
        created_at=moment(2024)
    )
    declared = [(0, 0, None, ""), (1, 1, None, ""), (0, 1, date(2025, 6, 30), ""), (1, 2, None, "upheld")]
    for institution, firm, ended_on, decision in declared:
        row = RelatedParties.objects.create(
            one=city.firms[firm], other=city.institutions[institution], why="互相持股", ended_on=ended_on
        )
        if decision:
            objected(row, city.officer, decision=decision)
    shares = [(2, 3, date(2025, 1, 1), ""), (0, 4, None, ""), (1, 0, None, "upheld")]
    for institution, firm, held_from, decision in shares:
        owned = Ownership.objects.create(
            owner=city.institutions[institution], owned=city.firms[firm], share=30, source="公示", held_from=held_from
        )
        if decision:
            objected(owned, city.officer, decision=decision)


def _items_and_demands(city: SimpleNamespace) -> None:
    part = Industry.objects.create(slug="seeded-part", name="正极", parent=Industry.objects.get(slug="materials"))
    city.items = []
    for number in range(8):
        item = make.achievement(
            institution=city.institutions[number % 3],
            industry=part if number % 2 else Industry.objects.get(slug="materials"),
            evaluation="acceptance" if number < 3 else "",
            evaluated_by="省科技厅" if number < 2 else "",
        )
        Achievement.objects.filter(pk=item.pk).update(registered_at=moment(YEARS[number % 3]))
        city.items.append(item)
    Achievement.objects.filter(pk=city.items[0].pk).update(maturity_level=5, maturity_evidence="中试报告")
    Achievement.objects.filter(pk=city.items[7].pk).update(status="withdrawn", status_reason="重复")
    Achievement.objects.filter(pk=city.items[6].pk).update(status="transferred")
    city.demands = [make.demand(firm=firm, industry=part if number else None) for number, firm in enumerate(city.firms)]
    Demand.objects.filter(pk__in=[row.pk for row in city.demands]).update(published_at=moment(2025))
    Demand.objects.filter(pk=city.demands[3].pk).update(expires_on=date(2025, 6, 1))


def _pairs(city: SimpleNamespace) -> None:
    """Five pairs: both intend, both talk, one side intends, withdrawn, and an accepted one without a follow-up."""
    city.run, city.matches, city.follow_ups = make.match_run(), [], []
    decided = {"status": "accepted", "reviewed_by": city.officer, "run": city.run}
    for number, demand in enumerate(city.demands):
        year = YEARS[number % 3]
        item = city.items[number]
        city.matches.append(make.match(achievement=item, demand=demand, reviewed_at=moment(year), **decided))
    make.match(achievement=city.items[6], demand=city.demands[0], run=city.run)
    for number, status in enumerate(("intent", "talks", "talks", "withdrawn", "asking")):
        row = make.follow_up(city.matches[number], status=status, owner=city.officer)
        FollowUp.objects.filter(pk=row.pk).exclude(agreed_at=None).update(agreed_at=moment(YEARS[number % 3], 6))
        city.follow_ups.append(row)
    for month in (3, 9):
        FollowUpStep.objects.create(follow_up=city.follow_ups[0], status="intent", made_at=moment(2025, month))
    make.statement(city.matches[4], "firm", "willing", said_at=moment(2025, 2))
    make.statement(city.matches[4], "firm", "intent", said_at=moment(2026, 2))


def _rounds(city: SimpleNamespace) -> None:
    city.rounds, city.meetings = [], []
    host = make.organisation("district", "金普科技局", stat_region=make.region("jinpu"))
    for number, status in enumerate(("closed", "running", "announced")):
        start = moment(2025 + number % 2, 4)
        row = make.docking_round(
            starts_at=start, ends_at=start + timedelta(hours=6), status=status, match_run=None if number else city.run,
            closed_at=start if status == "closed" else None,
            **({"host_kind": "district", "host": host} if number else {}),
        )  # fmt: skip
        row.featured.add(*city.items[: 2 + number])
        firms = [make.party(row, firm) for firm in city.firms[:3]]
        team = make.party(row, city.institutions[0])
        Party.objects.filter(pk=firms[2].pk).update(absent_at=start)
        begun = timezone.now() if number else None
        city.meetings.append(make.meeting(firms[0], team, status="held", begun_at=begun, match=city.matches[0]))
        city.meetings.append(make.meeting(firms[1], team, status="held", begun_at=begun))
        make.meeting(firms[2], team, status="missed")
        city.rounds.append(row)
    DockingRound.objects.filter(pk=city.rounds[0].pk).update(closed_by=city.officer)


def _deals(city: SimpleNamespace) -> None:
    """From a match, a meeting, an approach, outside; unconfirmed, objected, failed."""
    first, second = city.follow_ups[:2]
    given: list[dict] = [
        {"follow_up": first, "origin": "match", "stage": "registered", "signed_wan": 300, "intent_wan": 350},
        {"meeting": city.meetings[1], "origin": "meeting", "stage": "landed", "signed_wan": 200},
        {"follow_up": second, "origin": "approach", "stage": "signed", "signed_wan": 80, "agency": city.agencies[0]},
        {"stage": "performing", "signed_wan": 500, "outside_achievement": city.items[1], "broker": city.brokers[0]},
        {"stage": "signed", "is_confirmed": False, "intent_wan": 9000, "signed_wan": 9999},
        {"stage": "signed", "signed_wan": 700, "intent_wan": 700},
        {"stage": "failed", "failed_reason": "other", "signed_wan": 11, "intent_wan": 11},
        {"stage": "intent", "intent_wan": 60, "buyer": city.firms[4]},
    ]
    city.deals = []
    for number, fields in enumerate(given):
        if "follow_up" not in fields:
            fields = {"buyer": city.firms[number % 5], "seller": city.institutions[number % 2]} | fields
        row = make.deal(made_at=moment(YEARS[number % 3], 2), stage_on=date(YEARS[number % 3], 8, 2), **fields)
        if number % 2:
            DealStep.objects.create(deal=row, stage="signed", on=date(2025, 3, 1 + number))
        city.deals.append(row)
    objected(city.deals[5], city.officer)
    companies = (
        *((0, "jinpu", 2025, True), (1, "jinpu", 2025, True), (3, None, 2025, True)),
        *((2, "gaoxin", 2026, True), (5, "jinpu", 2024, False)),
    )
    for number, region, year, is_confirmed in companies:
        row = Landing.objects.create(
            deal=city.deals[number], kind="company", name="示例公司", region=region and make.region(region),
            landed_on=date(year, 5, 5), credit_code="91210200MA0C16KT0B" if number else "", capital_wan=100,
        )  # fmt: skip
        if is_confirmed:
            make.confirmed(row)


def _contracts(city: SimpleNamespace) -> None:
    pick = city.source.choice
    city.contracts = []
    for number in range(CONTRACTS):
        status = pick(["registered"] * 6 + ["submitted", "cancelled"])
        day = date(pick(YEARS), 1, 1) + timedelta(days=pick(range(330)))
        amount = pick([None, *(Decimal(city.source.randint(1, 900_000)) / 100 for _ in range(5))])
        deal = pick([*city.deals[:6], *city.deals[:3], None, None, None])
        row = make.contract(
            listed=pick([True, True, False]), status=status, registered_on=day, signed_on=day,
            cancelled_on=day if status == "cancelled" else None,
            cancelled_reason="合同解除" if status == "cancelled" else "",
            kind=pick(["development", "service", ""]), industry=pick([None, city.items[1].industry]),
            seller=pick([*city.institutions, city.firms[0]]), buyer=pick([*city.firms, city.institutions[0]]),
            amount_wan=amount, tech_amount_wan=None if amount is None else pick([None, amount / 2]), deal=deal,
            agency=pick([None, city.agencies[0]]), broker=pick([None, None, city.brokers[0]]),
            **({} if pick([True, False]) else {"is_buyer_local": None, "is_seller_local": pick([None, False])}),
        )  # fmt: skip
        if number % 4 == 0:
            make.confirmed(row)
        if number % 9 == 0:
            objected(row, city.officer, decision="dismissed" if number % 2 else "")
        city.contracts.append(row)


def _payments(city: SimpleNamespace) -> None:
    """Of each deal one that both confirm, one of one side, one struck and one that the payer objects to."""
    for number, deal in enumerate(city.deals[:6]):
        rows = [
            Payment.objects.create(deal=deal, amount_wan=Decimal(1000 * number + 10), received_on=date(year, 7, 1))
            for year in (*YEARS, 2026)
        ]
        struck, _one_sided, disputed, *_sure = rows
        for row in (struck, rows[3]):
            make.confirmed(row)
        if number == 4:  # changed after the check
            Payment.objects.filter(pk=rows[3].pk).update(checked_hash="x")
        Payment.objects.filter(pk=struck.pk).update(struck_at=timezone.now(), struck_reason="重复")
        objected(disputed, city.officer)


def _decisions(city: SimpleNamespace) -> None:
    """What the city decided about suspicious records, with later decisions that lifted some."""
    for number, row in enumerate(city.contracts):
        if number % 4 == 0:
            FigureEffect.objects.create(contract=row, effect=("excluded", "related", "")[number // 4 % 3])
    FigureEffect.objects.create(contract=city.contracts[1], effect="")
    FigureEffect.objects.create(contract=city.contracts[1], effect="related")
    for number, payment in enumerate(Payment.objects.order_by("pk")):
        if number % 4 == 3:
            FigureEffect.objects.create(payment=payment, effect="excluded" if number == 3 else "")


def _approaches(city: SimpleNamespace) -> None:
    rows = [make.approach(firm=firm, achievement=city.items[4]) for firm in city.firms[:4]]
    Approach.objects.filter(pk=rows[0].pk).update(sent_at=moment(2025))
    now = timezone.now()
    answered = {"read_at": now, "first_answered_at": now, "status": "answered"}
    Approach.objects.filter(pk=rows[1].pk).update(**answered)
    late = timezone.localdate() - timedelta(days=20)
    Approach.objects.filter(pk=rows[2].pk).update(**answered | {"answer_due_on": late})
    agreed = FollowUp.objects.get(pk=city.follow_ups[1].pk).agreed_at
    both = {"firm_agreed_at": agreed, "institution_agreed_at": agreed, "match": city.follow_ups[1].match}
    both["demand"] = city.follow_ups[1].match.demand
    contacts = [make.contact(rows[3].firm), make.contact(rows[3].institution)]
    both |= {"firm_agreed_by": city.officer, "institution_agreed_by": city.officer}
    both |= {"firm_contact": contacts[0], "institution_contact": contacts[1]}
    Approach.objects.filter(pk=rows[3].pk).update(**answered | {"status": "docking"} | both)


def _challenges(city: SimpleNamespace) -> None:
    """Of each year: a draft, an open one, one in review, a failed one and its signed successor; bids withdrawn."""
    colleague, later = make.city_officer(), timezone.now() + timedelta(days=9)
    for number, year in enumerate(YEARS):
        failed = None
        for place, status in enumerate(("draft", "published", "review", "failed", "signed")):
            demand = make.demand(firm=city.firms[(number + place) % 5], industry=city.items[place].industry)
            listed = {"list_year": year, "list_place": place, "published_at": moment(year, 3, place + 1, 23)}
            listed |= {"announced_closes_at": later, "agreed_by": city.officer, "checked_by": city.officer}
            listed |= {"published_by": colleague, "status": "published"}
            row = Challenge.objects.create(
                demand=demand, title="示例榜单", problem="问题", conditions="不限", closes_at=later,
                prize_wan=100 + number * 10 + place, **({} if status == "draft" else listed),
            )  # fmt: skip
            if status == "draft":
                continue
            bids = [Bid.objects.create(challenge=row, lead=unit, started_by=city.officer) for unit in city.institutions]
            for bid in bids[:2]:
                Submission.objects.create(bid=bid, number=1, cipher="x", digest="x", sealed_by=city.officer)
            Submission.objects.filter(bid=bids[1]).update(withdrawn_at=later)
            if status == "failed":
                failed = row
            elif status == "signed":
                Challenge.objects.filter(pk=row.pk).update(previous=failed)
            if status != "published":
                _opened_challenge(city, row, bids[0], colleague, status)


def _opened_challenge(city: SimpleNamespace, row: Challenge, bid: Bid, colleague: User, status: str) -> None:
    closed, opened = moment(row.list_year, 5), moment(row.list_year, 5, 3, 23)
    values = {"closes_at": closed, "announced_closes_at": closed, "opening_asked_by": city.officer, "opened_count": 1}
    values |= {"opened_with": colleague, "opened_at": opened, "status": status}
    if status == "failed":
        values |= {"ended_at": opened, "end_reason": "达不到指标"}
    if status == "signed":
        values |= {"winner": bid, "choice_reason": "好", "chosen_by": city.officer, "chosen_at": opened}
        values |= {
            "public_until": opened.date(),
            "awarded_by": colleague,
            "awarded_at": moment(row.list_year, 6, 30, 23),
        }
        deal = make.deal(
            origin="challenge", outside_demand=row.demand, seller=bid.lead, buyer=row.demand.firm, stage="signed",
            signed_wan=50, stage_on=date(row.list_year, 7, 1), is_confirmed=row.list_year != 2025,
        )  # fmt: skip
        values["deal"] = deal
    Challenge.objects.filter(pk=row.pk).update(**values)


def _mechanism(city: SimpleNamespace) -> None:
    rule = RateRule.objects.create(valid_from=date(2025, 1, 1))
    rule.institutions.add(*city.institutions[:2])
    spans = (("angel", 2024, None), ("venture", 2024, date(2025, 6, 1)), ("industry", 2026, None))
    city.funds = [
        Fund.objects.create(
            name=f"示例基金{kind}", kind=kind, manager="示例", subscribed_wan=1234567, paid_in_wan=1000,
            valid_from=date(year, 3, 1), valid_to=valid_to,
        )
        for kind, year, valid_to in spans
    ]  # fmt: skip
    for number, year in enumerate(YEARS):
        target = {"achievement": city.items[number]} if number else {"target": "某公司"}
        row = Investment.objects.create(
            fund=city.funds[number], amount_wan=100 + number, invested_on=date(year, 4, 1), **target
        )
        if number != 1:
            make.confirmed(row)
    for number, year in enumerate(YEARS):
        row = Venture.objects.create(
            name=f"示例孵化{number}", achievement=city.items[number], region=make.region("jinpu"), stage="founded",
            founded_on=date(year, 2, 1), jobs=None if number == 1 else 10 + number,
        )  # fmt: skip
        make.confirmed(row)
    Venture.objects.create(
        name="没有确认", achievement=city.items[0], region=make.region("jinpu"), founded_on=date(2024, 1, 1), jobs=500
    )
    city.bases = [
        Base.objects.create(name="示例中试基地", kind="pilot", organisation=city.institutions[0]),
        Base.objects.create(name="示例验证中心", kind="proof", region=make.region("gaoxin"), operator="某单位"),
        Base.objects.create(name="不公开", kind="proof", is_listed=False),
    ]
    Base.objects.update(created_at=moment(2025))
    make.confirmed(city.bases[0])
    for number, status in enumerate(("asked", "accepted", "withdrawn", "declined")):
        answered = (
            {}
            if status in ("asked", "withdrawn")
            else {"answered_at": timezone.now(), "answered_by": city.officer, "answer": "好"}
        )
        BaseRequest.objects.create(
            base=city.bases[number % 2], organisation=city.firms[0], what="试制样品", status=status,
            asked_by=city.officer, asked_at=moment(YEARS[number % 3]), **answered,
        )  # fmt: skip
    _obstacles(city)
    _subsidies(city)
    policy = {"source": "示例", "summary": "要点", "published_at": timezone.now()}
    Policy.objects.create(title="有效", valid_from=date(2024, 1, 1), **policy)
    Policy.objects.create(title="到期", valid_from=date(2024, 1, 1), valid_to=date(2025, 5, 1), **policy)
    Policy.objects.create(title="没有公开", valid_from=date(2024, 1, 1), **policy | {"published_at": None})


def _subsidies(city: SimpleNamespace) -> None:
    """Two policies, budgets of three years; grants in all states, payouts and recoveries, some of them struck."""
    colleague, text = make.city_officer(), {"source": "示例", "summary": "要点", "valid_from": date(2023, 1, 1)}
    policies = [Policy.objects.create(title=f"支持{number}", **text) for number in range(2)]
    for number, year in enumerate(YEARS):
        budget = SubsidyBudget.objects.create(
            policy=policies[number % 2], year=year, amount_wan=500 + number, basis="批复"
        )
        entered = moment(year - 1, 11) if number else moment(year, 3, 9)
        SubsidyBudget.objects.filter(pk=budget.pk).update(created_at=entered)
        call = SubsidyCall.objects.create(
            budget=budget, title="申报", content="支持", opens_on=date(year, 1, 1), closes_on=date(year, 2, 1),
            ceiling_wan=200, rate_percent=50, status="published", published_at=moment(year, 1),
        )  # fmt: skip
        for place, status in enumerate(("publicised", "granted", "failed", "revoked", "refused", "passed")):
            _subsidy(city, call, status, place, colleague)


def _subsidy(city: SimpleNamespace, call: SubsidyCall, status: str, place: int, colleague: User) -> None:
    year, grant = call.budget.year, Decimal(50 + place)
    is_confirmed = status in ("granted", "failed", "passed")
    values = {"granted_wan": grant, "public_until": date(year, 5, 1)} if status != "refused" else {}
    values |= {"confirmed_at": moment(year, 5, 2), "finish_by": date(year, 12, 1)} if is_confirmed else {}
    row = SubsidyApplication.objects.create(
        call=call, organisation=city.firms[place % 3], achievement=city.items[place], title=f"项目{place}",
        requested_wan=60, ceiling_wan=100, created_by=city.officer, submitted_at=moment(year, 2),
        accepted_by=city.officer, accepted_at=moment(year, 2), decided_by=colleague, decision_reason="同意",
        decided_at=moment(year, 4, 30, 23), status="granted" if is_confirmed else status, **values,
    )  # fmt: skip
    if not is_confirmed:
        return
    paid = {"recorded_by": city.officer, "application": row, "paid_on": date(year, 6, 10)}
    payout = SubsidyPayout.objects.create(amount_wan=20, voucher=f"付{row.pk}", **paid)
    struck = {"struck_at": moment(year, 7), "struck_reason": "录错"}
    SubsidyPayout.objects.create(amount_wan=7, voucher=f"错{row.pk}", **paid, **struck)
    back = {"payout": payout, "reason": "结余", "paid_by": city.officer, "recorded_by": colleague}
    days = ((date(year, 6, 20), {}), (date(year + 1, 2, 1), {}), (date(year, 6, 25), struck))
    for number, (day, options) in enumerate(days):
        if day <= timezone.localdate():
            SubsidyRecovery.objects.create(
                amount_wan=3 + number, received_on=day, voucher=f"回{row.pk}-{number}", **back, **options
            )
    if status != "granted":
        checked = {"checked_by": city.officer, "checked_at": moment(year, 6), "check_reason": "看过"}
        SubsidyApplication.objects.filter(pk=row.pk).update(status=status, **checked)


def _obstacles(city) -> None:
    """Of several kinds, years and states; one without an answer, one withdrawn."""
    kinds = list(ObstacleKind.objects.all()[:3])
    for number, status in enumerate(("raised", "assigned", "answered", "solved", "unsolved", "withdrawn", "solved")):
        assigned = {"solver": city.officer.memberships.get().organisation, "assigned_at": timezone.now()}
        assigned = assigned | {"due_on": date(2027, 1, 1)} if status not in {"raised", "withdrawn"} else {}
        answered = (
            {"answer": "按细则办理", "answered_by": city.officer, "answered_at": timezone.now()}
            if status in {"answered", "solved", "unsolved"}
            else {}
        )
        published = (
            {"published_at": timezone.now(), "published_by": city.officer, "public_text": "问", "public_answer": "答"}
            if number == 6
            else {}
        )
        Obstacle.objects.create(
            kind=kinds[number % 3], organisation=city.firms[0], text="审批慢", status=status, raised_by=city.officer,
            raised_at=moment(YEARS[number % 3]), **assigned, **answered, **published,
        )  # fmt: skip

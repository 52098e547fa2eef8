"""Load deals of the demo city with their contracts, payments and landings.

Rows are written directly, because services only record today's date. They keep the rules of the services, such as the
order of the dates.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle

from django.utils import timezone

from accounts.models import Membership, Organisation
from achievements.models import Achievement
from brokers.models import Broker
from deals.models import Confirmation, Contract, Deal, DealStep, Landing, Payment, PricePublicity, RegistrationRule
from deals.stages import STAGE_ORDER
from demands.models import Demand
from matching.models import FollowUp, FollowUpStep, Match
from portal.demo.confirmations import answer_for_parties, dispute_one
from portal.demo.people import DemoContext

KEEP_EVERY = 3
"""One follow-up in 3 gets no deal, to show follow-ups in progress."""
KEPT_OVERDUE = 3
LONG_AGO = timedelta(days=40)
OUTSIDE_DEALS = 26
FINAL_STAGES = ("performing", "signed", "landed", "failed", "reviewed", "registered", "intent")
UNSETTLED_STAGES = ("signed", "failed", "intent")
"""For pairs whose achievement or demand has open matches, which a registered contract would settle."""
GAPS = {"signed": 24, "registered": 18, "performing": 14, "landed": 45, "reviewed": 20, "failed": 30}
"""Days after the previous stage."""
WAYS = (
    ("licence", "plain"),
    ("commissioned", ""),
    ("joint_development", ""),
    ("licence", "pay_later"),
    ("service", ""),
    ("equity", ""),
)
NOTES = {
    "failed": "双方对设备改造费用的分担没有谈拢",
    "reviewed": "样品试用安排得早，企业工艺人员全程参加，合同条款少改了两轮；下次先谈清验收指标。",
}


@dataclass
class _DealRows:
    """Unsaved rows, saved in bulk."""

    deals: list[Deal] = field(default_factory=list)
    steps: list[DealStep] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    landings: list[Landing] = field(default_factory=list)
    publicities: list[PricePublicity] = field(default_factory=list)
    rules: list[RegistrationRule] = field(default_factory=lambda: list(RegistrationRule.objects.all()))

    def rule(self, on: date) -> RegistrationRule | None:
        return next((rule for rule in self.rules if rule.covers(on)), None)

    def save(self) -> None:
        for model, rows in (
            (Deal, self.deals),
            (DealStep, self.steps),
            (Contract, self.contracts),
            (Payment, self.payments),
            (Landing, self.landings),
            (PricePublicity, self.publicities),
        ):
            model.objects.bulk_create(rows, batch_size=500)


def load_deals(demo: DemoContext) -> int:
    """Load deals from follow-ups of past rounds and deals made outside them. Returns their number."""
    if Deal.objects.exists():
        return 0
    latest = timezone.now() - LONG_AGO
    agreed = FollowUp.objects.filter(status=FollowUp.Status.INTENT, agreed_at__lt=latest)
    rows = agreed.select_related(
        "owner", "match__demand__firm", "match__achievement__institution", "match__achievement__industry"
    )
    rows = [row for number, row in enumerate(rows.order_by("agreed_at", "pk")) if number % KEEP_EVERY]
    overdue = [row for row in rows if row.is_late][-KEPT_OVERDUE:]
    rows = [row for row in rows if row not in overdue]
    deal_rows, officers = _DealRows(), _officers()
    brokers = list(Broker.objects.certified().filter(agency__isnull=False).select_related("agency").order_by("pk")[:12])
    final_stages = (cycle(FINAL_STAGES), cycle(UNSETTLED_STAGES))
    busy = _with_open_matches()
    for number, row in enumerate(rows):
        is_challenge = row.match.demand.status == Demand.Status.CHALLENGE  # stays open until the challenge is over
        is_busy = is_challenge or row.match.achievement_id in busy[0] or row.match.demand_id in busy[1]
        scenario = _DealScenario(next(final_stages[is_busy]), number, brokers, officers, demo)
        scenario.add_deal(deal_rows, follow_up=row, began=timezone.localdate(row.agreed_at))
    for number in range(OUTSIDE_DEALS):
        scenario = _DealScenario(FINAL_STAGES[number % 6 if number % 6 != 3 else 0], number, brokers, officers, demo)
        scenario.add_outside_deal(deal_rows)
    deal_rows.save()
    _answer(deal_rows, demo)
    _hand_over(deal_rows.deals)
    _settle(deal_rows.deals)
    return len(deal_rows.deals)


def _with_open_matches() -> tuple[set[int], set[int]]:
    """Primary keys of achievements and of demands with matches that await review."""
    waiting = Match.objects.filter(status=Match.Status.PROPOSED).values_list("achievement_id", "demand_id")
    return {achievement for achievement, _demand in waiting}, {demand for _achievement, demand in waiting}


def _officers() -> dict[int, list]:
    """{organisation id: users who can confirm a contract for it}."""
    users = defaultdict(list)
    roles = ("institution_officer", "firm_officer")
    for row in Membership.objects.filter(role__in=roles).select_related("user").order_by("pk"):
        users[row.organisation_id].append(row.user)
    return users


class _DealScenario:
    """Builds one deal up to its final stage `ends`, or as far as its dates are past."""

    def __init__(self, ends: str, number: int, brokers: list[Broker], officers: dict, demo: DemoContext) -> None:
        self.ends, self.number, self.officers, self.demo = ends, number, officers, demo
        self.broker = brokers[number % len(brokers)] if brokers and number % 3 else None
        self.way, self.licence = WAYS[number % len(WAYS)]

    def add_deal(self, deal_rows: _DealRows, *, follow_up: FollowUp, began: date) -> None:
        match = follow_up.match
        buyer, seller = match.demand.firm, match.achievement.institution
        deal = Deal(origin="match", follow_up=follow_up, name=match.achievement.title[:120], made_by=follow_up.owner)
        self._add(deal_rows, deal, seller, buyer, began + timedelta(days=12), match.achievement.industry)

    def add_outside_deal(self, deal_rows: _DealRows) -> None:
        organisations = [organisation for _key, organisation in sorted(self.demo.organisations.items())]
        firms = [organisation for organisation in organisations if organisation.kind == Organisation.Kind.FIRM]
        with_officer = [firm for firm in firms if self.officers.get(firm.pk)]
        local = [
            organisation
            for organisation in organisations
            if organisation.kind == Organisation.Kind.INSTITUTION and organisation.is_local
        ]
        if with_officer and self.number % 2:
            buyer = with_officer[self.number % len(with_officer)]
        else:
            buyer = firms[self.number * 7 % len(firms)]
        seller = local[self.number % len(local)]
        began = timezone.localdate() - timedelta(days=1000 - self.number * 37)
        words = ("联合研发", "工艺改进", "检测方法", "装备升级", "中试放大")[self.number % 5]
        deal = Deal(origin="outside", name=f"{buyer.short_name or buyer.name}{words}（演示）", made_by=self.demo.city)
        self._add(deal_rows, deal, seller, buyer, began, None)

    def _add(self, deal_rows: _DealRows, deal: Deal, seller, buyer, began: date, industry) -> None:
        is_exclusive = deal.origin == "match" and not any(other.licence == "exclusive" for other in deal_rows.deals)
        if is_exclusive and self.ends in STAGE_ORDER[2:]:
            self.way, self.licence = "licence", "exclusive"
        days = self._days(began)
        stage = list(days)[-1]
        wan = Decimal(18 + self.number * 13 % 240)
        deal.seller, deal.buyer, deal.stage, deal.stage_on = seller, buyer, stage, days[stage]
        deal.broker, deal.agency = self.broker, self.broker and self.broker.agency
        deal.intent_wan, deal.made_at = wan, _moment(began)
        if "signed" in days:
            deal.signed_wan, deal.way, deal.licence = wan + self.number % 9, self.way, self.licence
            deal.pricing = Deal.Pricing.AGREED
            deal.exclusive_from = days["signed"] if self.licence == "exclusive" else None
            deal_rows.publicities.append(self._publicity(deal, days["signed"]))
        if stage == "failed":
            deal.failed_reason = "price"
        deal_rows.deals.append(deal)
        deal_rows.steps += self._steps(deal, days)
        self._add_contract_rows(deal_rows, deal, days, industry)

    def _days(self, began: date) -> dict[str, date]:
        """{stage: day} in order, up to yesterday."""
        days, on = {"intent": began}, began
        wanted = ("failed",) if self.ends == "failed" else STAGE_ORDER[1 : STAGE_ORDER.index(self.ends) + 1]
        for stage in wanted:
            on = on + timedelta(days=GAPS[stage] + self.number % 5)
            if on >= timezone.localdate():
                break
            days[stage] = on
        return days

    def _steps(self, deal: Deal, days: dict[str, date]) -> list[DealStep]:
        return [
            DealStep(
                deal=deal,
                stage=stage,
                move={"intent": "open", "failed": "fail"}.get(stage, "next"),
                on=on,
                note=NOTES.get(stage, ""),
                by=deal.made_by,
                made_at=_moment(on, 16),
            )
            for stage, on in days.items()
        ]

    def _publicity(self, deal: Deal, signed: date) -> PricePublicity:
        ends = signed - timedelta(days=1)
        return PricePublicity(
            deal=deal,
            place="本单位网站",
            price_wan=deal.signed_wan,
            starts_on=ends - timedelta(days=16),
            ends_on=ends,
            made_by=deal.made_by,
            made_at=_moment(ends),
        )

    def _add_contract_rows(self, deal_rows: _DealRows, deal: Deal, days: dict[str, date], industry) -> None:
        if "signed" in days:
            deal_rows.contracts.append(self._contract(deal_rows, deal, days, industry))
        if "performing" in days:
            half = (deal.signed_wan / 2).quantize(Decimal("0.01"))
            for at, note in ((days["performing"], "首期"), (days.get("reviewed"), "验收后")):
                if at:
                    paid = Payment(deal=deal, amount_wan=half, received_on=at, note=note, made_by=deal.made_by)
                    deal_rows.payments.append(paid)
        if "landed" in days:
            kind, what = (("line", "示范产线"), ("product", "首批产品"), ("process", "工艺改进"))[self.number % 3]
            landing = Landing(
                deal=deal,
                kind=kind,
                name=f"{deal.buyer.short_name or deal.buyer.name}{what}",
                region=deal.buyer.stat_region,
                landed_on=days["landed"],
                jobs=3 + self.number % 18,
                invested_wan=Decimal(60 + self.number * 11 % 400),
                yearly_output_wan=Decimal(200 + self.number * 37 % 1500),
                made_by=deal.made_by,
            )
            deal_rows.landings.append(landing)

    def _contract(self, deal_rows: _DealRows, deal: Deal, days: dict[str, date], industry) -> Contract:
        on, seller, buyer = days.get("registered"), deal.seller, deal.buyer
        contract = Contract(
            deal=deal,
            name=deal.name,
            kind=_CONTRACT_KINDS[deal.way],
            status="registered" if on else "submitted",
            number=f"{on.year}2102{90000000 + len(deal_rows.contracts)}" if on else "",
            seller=seller,
            seller_name=seller.name,
            seller_region=seller.stat_region,
            is_seller_local=seller.is_local,
            buyer=buyer,
            buyer_name=buyer.name,
            buyer_region=buyer.stat_region,
            is_buyer_local=buyer.is_local,
            industry=industry,
            amount_wan=deal.signed_wan,
            tech_amount_wan=(deal.signed_wan * Decimal("0.85")).quantize(Decimal("0.01")) if on else None,
            signed_on=days["signed"],
            registered_on=on,
            broker=deal.broker,
            agency=deal.agency,
            rule=deal_rows.rule(on or days["signed"]),
        )
        return contract


_CONTRACT_KINDS = {
    "licence": "licence",
    "commissioned": "development",
    "joint_development": "development",
    "service": "service",
    "equity": "transfer",
}


def _moment(on: date, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(hour)))


def _answer(deal_rows: _DealRows, demo: DemoContext) -> None:
    """What the parties have confirmed. Some buyers have not answered yet, and one of them objects."""
    numbers = {deal.pk: number for number, deal in enumerate(deal_rows.deals)}
    waiting: list[Confirmation] = []
    for rows, deal_of, every in (
        (deal_rows.deals, lambda row: row, 9),
        (deal_rows.contracts, lambda row: row.deal, 5),
        (deal_rows.payments, lambda row: row.deal, 7),
        (deal_rows.landings, lambda row: row.deal, 8),
    ):
        if not rows:
            continue
        waiting += answer_for_parties(
            rows,
            asked_by=demo.city,
            at=lambda row, deal_of=deal_of: _moment(deal_of(row).stage_on + timedelta(days=3), 10),
            waits=lambda row, role, deal_of=deal_of, every=every: (
                role == "buyer" and numbers[deal_of(row).pk] % every == 1
            ),
        )
    dispute_one(row for row in reversed(waiting) if row.subject == "deals.contract")


def _hand_over(deals: list[Deal]) -> None:
    """Move the follow-ups to their deals; close those whose deal failed."""
    handed = {deal.follow_up_id: deal for deal in deals if deal.follow_up_id}
    failed = [pk for pk, deal in handed.items() if deal.stage == "failed"]
    FollowUp.objects.filter(pk__in=handed.keys() - set(failed)).update(status="deal", next_on=None)
    for pk in failed:
        FollowUp.objects.filter(pk=pk).update(
            status="closed",
            next_on=None,
            closed_reason="no_deal",
            closed_note=NOTES["failed"],
            closed_at=_moment(handed[pk].stage_on, 16),
            consent_since=_moment(handed[pk].stage_on, 16),
        )
    FollowUpStep.objects.bulk_create(
        FollowUpStep(
            follow_up_id=pk,
            status="closed" if pk in failed else "deal",
            note="洽谈未成" if pk in failed else "转入成交",
            by=deal.made_by,
            made_at=deal.made_at,
        )
        for pk, deal in handed.items()
    )


def _settle(deals: list[Deal]) -> None:
    """Mark achievements and demands of contracts that count, and achievements that confirmed deals make exclusive."""
    counted = set(Contract.objects.turnover().values_list("deal", flat=True))
    binding = set(Deal.objects.confirmed_by_all_parties().values_list("pk", flat=True))
    for deal in deals:
        if deal.follow_up_id is None:
            continue
        match = deal.follow_up.match
        if deal.stage in STAGE_ORDER[2:] and deal.pk in counted:
            at = _moment(deal.stage_on, 17)
            note = f"{deal.get_licence_display() or deal.get_way_display()}，{deal.stage_on.year} 年"
            Achievement.objects.filter(pk=match.achievement_id, status__in=Achievement.OFFERED).update(
                status="transferred", transferred_note=note, willingness="done", status_changed_at=at
            )
            Demand.objects.filter(pk=match.demand_id, status__in=Demand.OPEN).update(
                status="solved", status_changed_at=at
            )
        if deal.exclusive_from and deal.pk in binding:
            Achievement.objects.filter(pk=match.achievement_id).update(exclusive_from=deal.exclusive_from)

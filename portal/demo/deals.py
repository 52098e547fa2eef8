"""What came of the demo city's pairs, and three years of invented contracts as the registration office would list them.

All of it is invented: firms, sums and numbers. It is written straight into the columns, because no service may say that
something happened on another day than today; the rules of the services are kept: dates in order, money in its place.
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
from deals.models import Contract, Deal, DealStep, Landing, Payment, PricePublicity, RegistrationRule
from deals.stages import ORDER
from demands.models import Demand
from matching.models import FollowUp, FollowUpStep, Match
from portal.demo.people import Cast

KEPT = 3
"""One follow-up in so many stays as it is, so that talks and intents can be seen, too."""
KEPT_OVERDUE = 3
LONG_AGO = timedelta(days=40)
OUTSIDE_DEALS = 26
STORIES = ("performing", "signed", "landed", "failed", "reviewed", "registered", "intent")
QUIET = ("signed", "failed", "intent")
"""For pairs whose item or need still waits for a review: nothing about it may be settled."""
GAPS = {"signed": 24, "registered": 18, "performing": 14, "landed": 45, "reviewed": 20, "failed": 30}
"""Days from the stage before."""
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
class _Written:
    """Rows to be written, each kind at once."""

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


def load_deals(cast: Cast) -> int:
    """Deals from the past rounds' matches and from outside, with contracts, payments and landings. Returns how many."""
    if Deal.objects.exists():
        return 0
    settled_long = timezone.now() - LONG_AGO
    agreed = FollowUp.objects.filter(status__in=FollowUp.FOLLOWED, agreed_at__lt=settled_long)
    rows = agreed.select_related(
        "owner", "match__demand__firm", "match__achievement__institution", "match__achievement__industry"
    )
    rows = [row for number, row in enumerate(rows.order_by("agreed_at", "pk")) if number % KEPT]
    overdue = [row for row in rows if row.is_late][-KEPT_OVERDUE:]
    rows = [row for row in rows if row not in overdue]
    writing, speakers = _Written(), _speakers()
    brokers = list(Broker.objects.certified().filter(agency__isnull=False).select_related("agency").order_by("pk")[:12])
    tellers = (cycle(STORIES), cycle(QUIET))
    busy = _waiting_items()
    for number, row in enumerate(rows):
        is_busy = row.match.achievement_id in busy[0] or row.match.demand_id in busy[1]
        story = _Story(next(tellers[is_busy]), number, brokers, speakers, cast)
        story.tell(writing, follow_up=row, began=timezone.localdate(row.agreed_at))
    for number in range(OUTSIDE_DEALS):
        story = _Story(STORIES[number % 6 if number % 6 != 3 else 0], number, brokers, speakers, cast)
        story.tell_outside(writing)
    writing.save()
    _hand_over(writing.deals)
    _settle(writing.deals)
    return len(writing.deals)


def _waiting_items() -> tuple[set[int], set[int]]:
    waiting = Match.objects.filter(status=Match.Status.PROPOSED).values_list("achievement_id", "demand_id")
    return {achievement for achievement, _demand in waiting}, {demand for _achievement, demand in waiting}


def _speakers() -> dict[int, list]:
    """Who can confirm for an organisation."""
    found = defaultdict(list)
    roles = ("institution_officer", "firm_officer")
    for row in Membership.objects.filter(role__in=roles).select_related("user").order_by("pk"):
        found[row.organisation_id].append(row.user)
    return found


class _Story:
    """One deal on its way, as far as its days have come."""

    def __init__(self, ends: str, number: int, brokers: list[Broker], speakers: dict, cast: Cast):
        self.ends, self.number, self.speakers, self.cast = ends, number, speakers, cast
        self.broker = brokers[number % len(brokers)] if brokers and number % 3 else None
        self.way, self.licence = WAYS[number % len(WAYS)]

    def tell(self, writing: _Written, *, follow_up: FollowUp, began: date) -> None:
        match = follow_up.match
        buyer, seller = match.demand.firm, match.achievement.institution
        deal = Deal(origin="match", follow_up=follow_up, name=match.achievement.title[:120], made_by=follow_up.owner)
        self._tell(writing, deal, seller, buyer, began + timedelta(days=12), match.achievement.industry)

    def tell_outside(self, writing: _Written) -> None:
        firms = [one for key, one in sorted(self.cast.organisations.items()) if one.kind == Organisation.Kind.FIRM]
        spoken = [one for one in firms if self.speakers.get(one.pk)]
        local = [
            one
            for key, one in sorted(self.cast.organisations.items())
            if one.kind == Organisation.Kind.INSTITUTION and one.is_local
        ]
        buyer = spoken[self.number % len(spoken)] if spoken and self.number % 2 else firms[self.number * 7 % len(firms)]
        seller = local[self.number % len(local)]
        began = timezone.localdate() - timedelta(days=1000 - self.number * 37)
        words = ("联合研发", "工艺改进", "检测方法", "装备升级", "中试放大")[self.number % 5]
        deal = Deal(origin="outside", name=f"{buyer.short_name or buyer.name}{words}（演示）", made_by=self.cast.city)
        self._tell(writing, deal, seller, buyer, began, None)

    def _tell(self, writing: _Written, deal: Deal, seller, buyer, began: date, industry) -> None:
        is_exclusive = deal.origin == "match" and not any(one.licence == "exclusive" for one in writing.deals)
        if is_exclusive and self.ends in ORDER[2:]:
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
            writing.publicities.append(self._publicity(deal, days["signed"]))
        if stage == "failed":
            deal.failed_reason = "price"
        writing.deals.append(deal)
        writing.steps += self._steps(deal, days)
        self._money(writing, deal, days, industry)

    def _days(self, began: date) -> dict[str, date]:
        """{stage: day} in order; what would lie after yesterday has not happened yet."""
        days, on = {"intent": began}, began
        wanted = ("failed",) if self.ends == "failed" else ORDER[1 : ORDER.index(self.ends) + 1]
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

    def _money(self, writing: _Written, deal: Deal, days: dict[str, date], industry) -> None:
        if "signed" in days:
            writing.contracts.append(self._contract(writing, deal, days, industry))
        if "performing" in days:
            half = (deal.signed_wan / 2).quantize(Decimal("0.01"))
            for at, note in ((days["performing"], "首期"), (days.get("reviewed"), "验收后")):
                if at:
                    paid = Payment(deal=deal, amount_wan=half, received_on=at, note=note, made_by=deal.made_by)
                    writing.payments.append(paid)
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
            writing.landings.append(landing)

    def _contract(self, writing: _Written, deal: Deal, days: dict[str, date], industry) -> Contract:
        on, seller, buyer = days.get("registered"), deal.seller, deal.buyer
        contract = Contract(
            deal=deal,
            name=deal.name,
            kind=_KINDS[deal.way],
            status="registered" if on else "submitted",
            number=f"{on.year}2102{90000000 + len(writing.contracts)}" if on else "",
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
            rule=writing.rule(on or days["signed"]),
        )
        self._confirm(contract, on or days["signed"])
        return contract

    def _confirm(self, contract: Contract, on: date) -> None:
        """By officers who can sign in; the buyer of one in five has still to do it."""
        office = self.speakers.get(contract.seller_id, ())
        firm = [one for one in self.speakers.get(contract.buyer_id, ()) if one not in office]
        at = min(_moment(on + timedelta(days=3), 10), timezone.now())
        if office:
            contract.seller_confirmed_at, contract.seller_confirmed_by = at, office[0]
            contract.seller_confirmed_broker_at = at if contract.broker else None
        if firm and self.number % 5:
            contract.buyer_confirmed_at, contract.buyer_confirmed_by = at, firm[0]
            contract.buyer_confirmed_broker_at = at if contract.broker else None


_KINDS = {
    "licence": "licence",
    "commissioned": "development",
    "joint_development": "development",
    "service": "service",
    "equity": "transfer",
}


def _moment(on: date, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(hour)))


def _hand_over(deals: list[Deal]) -> None:
    """The follow-ups are carried on by their deals, or over where the deal failed."""
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
    """What registering a contract marks, and the item that one firm has for itself alone."""
    for deal in deals:
        if deal.follow_up_id is None:
            continue
        match = deal.follow_up.match
        if deal.stage in ORDER[2:]:
            at = _moment(deal.stage_on, 17)
            note = f"{deal.get_licence_display() or deal.get_way_display()}，{deal.stage_on.year} 年"
            Achievement.objects.filter(pk=match.achievement_id, status__in=Achievement.OFFERED).update(
                status="transferred", transferred_note=note, willingness="done", status_changed_at=at
            )
            Demand.objects.filter(pk=match.demand_id, status__in=Demand.OPEN).update(
                status="solved", status_changed_at=at
            )
        if deal.exclusive_from:
            Achievement.objects.filter(pk=match.achievement_id).update(exclusive_from=deal.exclusive_from)

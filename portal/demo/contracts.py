"""Load three years of fictional contracts of the registration office; most firms in them are not on the platform.

The list of each year is stored as a source file, as an import does. Sums and names come from one seeded generator, so
each load gives the same contracts. File and firm names say that they are fictional.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.db.models import F
from django.utils import timezone

from accounts.models import Organisation, Region, SourceFile
from accounts.services.source_files import store_source_file
from audit.services import record
from deals.models import Contract, Deal, RegistrationRule
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.models import RelatedParties
from portal.demo.confirmations import answer_for_parties
from portal.demo.people import DemoContext
from taxonomy.models import Industry

SEED = 20230825
YEARS = 3
ROWS_A_YEAR = 520
TURNOVER_YI = (418, 463, 512)
"""亿元 per year, oldest first; the current year is scaled by its elapsed days."""
INSTITUTION_EVERY = 9
"""One contract in 9 is sold by an institution."""
LOCAL_SHARE = 0.55
UNCHECKED = 60
"""The latest rows of the list, of which the parties on the platform have been told and have not answered."""
HEAD = (
    *("登记编号", "合同名称", "合同类别", "卖方名称", "卖方所在地", "买方名称", "买方所在地"),
    *("合同成交额（万元）", "技术交易额（万元）", "签订日期", "登记日期"),
)
KINDS = ("development", "development", "service", "service", "service", "transfer", "licence", "consulting")
FIRST, SECOND = "瀚澄岚渤拓恒睿启凌沃辰擎", "海川宇科新达润源泰航图岳"
TRADES = ("装备工程", "能源技术", "化工科技", "软件", "海洋工程", "电子", "材料", "环保工程", "生物科技", "船舶设计")
ELSEWHERE = ("沈阳", "上海", "北京", "青岛", "深圳", "武汉")
WORKS = (
    "成套技术开发",
    "产线改造技术服务",
    "关键部件研制",
    "工艺包许可",
    "数字化系统开发",
    "检测技术服务",
    "工程设计咨询",
)


def load_contracts(demo: DemoContext) -> int:
    """Load the lists of this year and the two years before. Returns how many contracts were created."""
    if SourceFile.objects.filter(kind=SourceFile.Kind.CONTRACTS).exists():
        return 0
    rng, today = Random(SEED), timezone.localdate()  # noqa: S311  (not security relevant)
    regions = list(Region.objects.reporting().order_by("pk"))
    weights = [max(1, 14 - 2 * index) for index in range(len(regions))]
    generator = _ContractGenerator(
        rng=rng,
        regions=rng.choices(regions, weights, k=400),
        industries=list(Industry.objects.active()),
        institutions=[
            organisation
            for organisation in demo.organisations.values()
            if organisation.kind == Organisation.Kind.INSTITUTION
        ],
        rules=list(RegistrationRule.objects.all()),
    )
    contracts: list[Contract] = []
    for index, total in enumerate(TURNOVER_YI):
        year = today.year - YEARS + 1 + index
        last = today - timedelta(days=1) if year == today.year else date(year, 12, 31)
        if last.year == year:
            contracts += _year_contracts(generator, year, last, total, demo)
    _mark_doubtful_rows(contracts)
    Contract.objects.bulk_create(contracts, batch_size=500)
    Contract.objects.filter(source_file__isnull=False).update(official_hash=F("list_hash"))
    _declare_related(demo)
    latest = Contract.objects.filter(pk__in=[contract.pk for contract in contracts[-UNCHECKED:]])
    answer_for_parties(latest, asked_by=demo.city, at=lambda row: timezone.now(), waits=lambda row, role: True)
    return len(contracts)


def _declare_related(demo: DemoContext) -> None:
    """The city declares the parties of the largest counted contract of a deal as related: 其中关联 is not empty."""
    counted = Contract.objects.turnover().filter(deal__isnull=False, seller__isnull=False, buyer__isnull=False)
    if contract := counted.order_by("-registered_on__year", "-amount_wan", "pk").first():
        why = "买方是卖方参股的企业（演示）"
        related = RelatedParties.objects.create(one=contract.buyer, other=contract.seller, why=why)
        ask_named_parties(related, by=demo.city)
        record("登记关联单位", related, by=demo.city)


@dataclass
class _ContractGenerator:
    """The random generator and the rows it chooses from."""

    rng: Random
    regions: list[Region]
    industries: list[Industry]
    institutions: list[Organisation]
    rules: list[RegistrationRule]

    def local_firm_name(self) -> str:
        rng = self.rng
        return f"大连{rng.choice(FIRST)}{rng.choice(SECOND)}{rng.choice(TRADES)}有限公司（演示）"

    def outside_firm_name(self) -> str:
        place = self.rng.choice(ELSEWHERE)
        return f"{place}{self.rng.choice(FIRST)}{self.rng.choice(SECOND)}集团有限公司（演示）"


def _year_contracts(
    generator: _ContractGenerator, year: int, last: date, total_yi: int, demo: DemoContext
) -> list[Contract]:
    span = (last - date(year, 1, 1)).days + 1
    count = ROWS_A_YEAR * span // 365
    weights = [min(generator.rng.paretovariate(1.25), 60) for _ in range(count)]
    turnover = Decimal(total_yi) * 10_000 * span / 365
    scale = turnover / Decimal(sum(weights))
    contracts = []
    for number, weight in enumerate(weights):
        registered = date(year, 1, 1) + timedelta(days=span * (number + 1) // (count + 1))
        amount = (Decimal(weight) * scale).quantize(Decimal("0.01"))
        contracts.append(_contract(generator, year, number, registered, amount))
    source_file = _store_list(year, contracts, demo)
    for row, contract in enumerate(contracts, start=2):
        contract.source_file, contract.source_row = source_file, row
    return contracts


def _contract(generator: _ContractGenerator, year: int, number: int, registered: date, amount: Decimal) -> Contract:
    rng = generator.rng
    institution = (
        generator.institutions[number // INSTITUTION_EVERY % len(generator.institutions)]
        if number % INSTITUTION_EVERY == 0
        else None
    )
    if institution:
        amount = min(amount, Decimal(60_000))
    region = rng.choice(generator.regions)
    is_local = rng.random() < LOCAL_SHARE
    outside_firm = generator.outside_firm_name()
    buyer_region = rng.choice(generator.regions) if is_local else None
    signed = registered - timedelta(days=rng.randrange(8, 45))
    return Contract(
        number=f"{year}2102{number + 1:08}",
        name=f"{rng.choice(WORKS)}（演示{year}-{number + 1}）",
        kind=rng.choice(KINDS),
        status="registered",
        seller=institution,
        seller_name=institution.name if institution else generator.local_firm_name(),
        seller_region=institution.stat_region if institution else region,
        is_seller_local=institution.is_local if institution else True,
        buyer_name=generator.local_firm_name() if is_local else outside_firm,
        buyer_region=buyer_region,
        is_buyer_local=is_local,
        industry=rng.choice(generator.industries),
        amount_wan=amount,
        tech_amount_wan=(amount * Decimal(rng.randrange(62, 98)) / 100).quantize(Decimal("0.01")),
        signed_on=signed,
        registered_on=registered,
        rule=next((rule for rule in generator.rules if rule.covers(registered)), None),
    )


def _store_list(year: int, contracts: list[Contract], demo: DemoContext) -> SourceFile:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(HEAD)
    for contract in contracts:
        seller_region = contract.seller_region.name if contract.seller_region else ""
        buyer_region = contract.buyer_region.name if contract.buyer_region else ""
        writer.writerow(
            [
                *(contract.number, contract.name, contract.get_kind_display(), contract.seller_name, seller_region),
                *(contract.buyer_name, buyer_region, contract.amount_wan, contract.tech_amount_wan),
                *(contract.signed_on, contract.registered_on),
            ]
        )
    content = stream.getvalue().encode("utf-8-sig")
    name = f"技术合同登记名单_{year}（演示，虚构）.csv"
    stored = store_source_file("contracts", content=content, name=name, by=demo.city)
    written_at = (
        timezone.make_aware(timezone.datetime(year, 12, 31, 17)) if year < timezone.localdate().year else timezone.now()
    )
    SourceFile.objects.filter(pk=stored.pk).update(
        written_at=written_at, uploaded_at=written_at, created_rows=len(contracts)
    )
    record("导入表格", stored, by=demo.city, changes={"created": [None, len(contracts)]})
    return stored


def _mark_doubtful_rows(contracts: list[Contract]) -> None:
    """Cancel some contracts, and make some possible duplicates of others or of deals."""
    for contract in contracts[40::180]:
        cancelled_on = contract.registered_on + timedelta(days=30)
        if cancelled_on < timezone.localdate():
            contract.status, contract.cancelled_on = "cancelled", cancelled_on
            contract.cancelled_reason = "双方协商解除合同"
    latest = [contract for contract in contracts[-60:] if contract.status == "registered"]
    for contract, duplicate in zip(latest[:2], latest[10:12], strict=False):
        for name in ("seller", "seller_name", "seller_region", "buyer_name", "buyer_region", "amount_wan", "signed_on"):
            setattr(duplicate, name, getattr(contract, name))
        duplicate.tech_amount_wan, duplicate.is_buyer_local = contract.tech_amount_wan, contract.is_buyer_local
        duplicate.doubt = Contract.Doubt.DUPLICATE
    deals = Deal.objects.active().exclude(stage="intent").select_related("seller__stat_region", "buyer__stat_region")
    for deal, contract in zip(deals.order_by("pk")[:2], latest[20:22], strict=False):
        for side in ("seller", "buyer"):
            organisation = getattr(deal, side)
            setattr(contract, side, organisation)
            setattr(contract, f"{side}_name", organisation.name)
            setattr(contract, f"{side}_region", organisation.stat_region)
            setattr(contract, f"is_{side}_local", organisation.is_local)
        contract.amount_wan = contract.tech_amount_wan = (deal.signed_wan or Decimal(30)) + 5
        contract.doubt = Contract.Doubt.DEAL

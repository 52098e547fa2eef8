"""Three years of the registration office's list, invented: most of the city's turnover is of nobody on the platform.

The list of each year is kept as a file, as an import would keep it. Sums and names come from one seeded generator: the
same city every time. That they are invented stands in the names of the files and of the firms.
"""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from accounts.models import Organisation, Region, SourceFile
from accounts.services.source_files import store_source_file
from audit.services import record
from deals.models import Contract, Deal, RegistrationRule
from portal.demo.people import Cast
from taxonomy.models import Industry

SEED = 20230825
YEARS = 3
ROWS_A_YEAR = 520
TURNOVER_YI = (418, 463, 512)
"""亿元 of a whole year, the oldest first; this year's grows with its days."""
OF_INSTITUTIONS = 9
"""One contract in so many is sold by an institution."""
LOCAL_SHARE = 0.55
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


def load_contracts(cast: Cast) -> int:
    """The lists of this and the two years before. Returns how many contracts are new."""
    if SourceFile.objects.filter(kind=SourceFile.Kind.CONTRACTS).exists():
        return 0
    dice, today = Random(SEED), timezone.localdate()  # noqa: S311 a story, not a secret
    regions = list(Region.objects.reporting().order_by("pk"))
    weights = [max(1, 14 - 2 * at) for at in range(len(regions))]
    city = _City(
        dice=dice,
        regions=dice.choices(regions, weights, k=400),
        industries=list(Industry.objects.active()),
        offices=[one for one in cast.organisations.values() if one.kind == Organisation.Kind.INSTITUTION],
        rules=list(RegistrationRule.objects.all()),
    )
    made = []
    for at, total in enumerate(TURNOVER_YI):
        year = today.year - YEARS + 1 + at
        last = today - timedelta(days=1) if year == today.year else date(year, 12, 31)
        if last.year == year:
            made += _year(city, year, last, total, cast)
    _doubtful(made, city)
    Contract.objects.bulk_create(made, batch_size=500)
    return len(made)


class _City:
    def __init__(self, **what):
        self.__dict__.update(what)

    def firm(self) -> str:
        dice = self.dice
        return f"大连{dice.choice(FIRST)}{dice.choice(SECOND)}{dice.choice(TRADES)}有限公司（演示）"

    def stranger(self) -> str:
        place = self.dice.choice(ELSEWHERE)
        return f"{place}{self.dice.choice(FIRST)}{self.dice.choice(SECOND)}集团有限公司（演示）"


def _year(city: _City, year: int, last: date, total_yi: int, cast: Cast) -> list[Contract]:
    span = (last - date(year, 1, 1)).days + 1
    count = ROWS_A_YEAR * span // 365
    weights = [min(city.dice.paretovariate(1.25), 60) for _ in range(count)]
    whole = Decimal(total_yi) * 10_000 * span / 365
    scale = whole / Decimal(sum(weights))
    contracts = []
    for number, weight in enumerate(weights):
        registered = date(year, 1, 1) + timedelta(days=span * (number + 1) // (count + 1))
        amount = (Decimal(weight) * scale).quantize(Decimal("0.01"))
        contracts.append(_contract(city, year, number, registered, amount))
    stored = _stored(year, contracts, cast)
    for at, contract in enumerate(contracts):
        contract.source_file, contract.source_row = stored, at + 2
    return contracts


def _contract(city: _City, year: int, number: int, registered: date, amount: Decimal) -> Contract:
    dice = city.dice
    office = city.offices[number // OF_INSTITUTIONS % len(city.offices)] if number % OF_INSTITUTIONS == 0 else None
    if office:
        amount = min(amount, Decimal(60_000))
    region = dice.choice(city.regions)
    is_local = dice.random() < LOCAL_SHARE
    stranger = city.stranger()
    buyer_region = dice.choice(city.regions) if is_local else None
    signed = registered - timedelta(days=dice.randrange(8, 45))
    return Contract(
        number=f"{year}2102{number + 1:08}",
        name=f"{dice.choice(WORKS)}（演示{year}-{number + 1}）",
        kind=dice.choice(KINDS),
        status="registered",
        seller=office,
        seller_name=office.name if office else city.firm(),
        seller_region=office.stat_region if office else region,
        is_seller_local=office.is_local if office else True,
        buyer_name=city.firm() if is_local else stranger,
        buyer_region=buyer_region,
        is_buyer_local=is_local,
        industry=dice.choice(city.industries),
        amount_wan=amount,
        tech_amount_wan=(amount * Decimal(dice.randrange(62, 98)) / 100).quantize(Decimal("0.01")),
        signed_on=signed,
        registered_on=registered,
        rule=next((rule for rule in city.rules if rule.covers(registered)), None),
    )


def _stored(year: int, contracts: list[Contract], cast: Cast) -> SourceFile:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(HEAD)
    for one in contracts:
        places = [
            one.seller_region.name if one.seller_region else "",
            one.buyer_region.name if one.buyer_region else "",
        ]
        writer.writerow(
            [
                *(one.number, one.name, one.get_kind_display(), one.seller_name, places[0], one.buyer_name, places[1]),
                *(one.amount_wan, one.tech_amount_wan, one.signed_on, one.registered_on),
            ]
        )
    content = stream.getvalue().encode("utf-8-sig")
    name = f"技术合同登记名单_{year}（演示，虚构）.csv"
    stored = store_source_file("contracts", content=content, name=name, by=cast.city)
    at = (
        timezone.make_aware(timezone.datetime(year, 12, 31, 17)) if year < timezone.localdate().year else timezone.now()
    )
    SourceFile.objects.filter(pk=stored.pk).update(written_at=at, uploaded_at=at, created_rows=len(contracts))
    record("导入表格", stored, by=cast.city, changes={"created": [None, len(contracts)]})
    return stored


def _doubtful(made: list[Contract], city: _City) -> None:
    """A few rows that nobody has looked at yet, and a few that were cancelled."""
    for at in range(40, len(made), 180):
        on = made[at].registered_on + timedelta(days=30)
        if on < timezone.localdate():
            made[at].status, made[at].cancelled_on, made[at].cancelled_reason = "cancelled", on, "双方协商解除合同"
    latest = [one for one in made[-60:] if one.status == "registered"]
    for one, like in zip(latest[:2], latest[10:12], strict=False):
        for name in ("seller", "seller_name", "seller_region", "buyer_name", "buyer_region", "amount_wan", "signed_on"):
            setattr(like, name, getattr(one, name))
        like.tech_amount_wan, like.is_buyer_local = one.tech_amount_wan, one.is_buyer_local
        like.doubt = Contract.Doubt.DOUBLE
    pairs = Deal.objects.standing().exclude(stage="intent").select_related("seller__stat_region", "buyer__stat_region")
    for deal, one in zip(pairs.order_by("pk")[:2], latest[20:22], strict=False):
        one.seller, one.seller_name, one.seller_region = deal.seller, deal.seller.name, deal.seller.stat_region
        one.buyer, one.buyer_name, one.buyer_region = deal.buyer, deal.buyer.name, deal.buyer.stat_region
        one.is_seller_local, one.is_buyer_local = deal.seller.is_local, deal.buyer.is_local
        one.amount_wan = one.tech_amount_wan = (deal.signed_wan or Decimal(30)) + 5
        one.doubt = Contract.Doubt.DEAL

"""The lists of deals and contracts: who finds what, sums, order, views and exports."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditRecord
from deals.lists import exports
from deals.models import Contract, Deal, Payment
from subscriptions.models import MAX_VIEWS, SavedView
from tests import factories as make

pytestmark = pytest.mark.django_db


def names(client, page: str, /, **query) -> list[str]:
    return [str(next(iter(row.values()))) for row in client.get(reverse(page), query).context["rows"]]


def sums(client, page: str, /, **query) -> dict[str, Decimal]:
    return {total.label: total.amount_wan for total in client.get(reverse(page), query).context["sums"]}


@pytest.fixture
def contracts():
    """Three of firms in three districts: registered and counted, registered and not counted, submitted."""
    return [
        make.contract(name="阀体联合开发", amount_wan=Decimal("120.50"), registered_on=date(2026, 3, 1)),
        make.contract(
            name="余热回收服务",
            kind="service",
            amount_wan=Decimal(30),
            tech_amount_wan=None,
            listed=False,
            buyer=make.firm("沈阳某厂", region_code="gaoxin"),
            registered_on=date(2026, 5, 1),
        ),
        make.contract(
            name="轴承检测许可",
            status="submitted",
            number="",
            registered_on=None,
            amount_wan=None,
            tech_amount_wan=None,
        ),
    ]


SELECTIONS = [
    ({}, ["轴承检测许可", "余热回收服务", "阀体联合开发"]),
    ({"sort": "amount"}, ["阀体联合开发", "余热回收服务", "轴承检测许可"]),
    ({"sort": "name; DROP TABLE", "q": "　联合 开发 "}, ["阀体联合开发"]),
    ({"q": "沈阳"}, ["余热回收服务"]),
    ({"q": "没有这样的合同"}, []),
    ({"status": "submitted"}, ["轴承检测许可"]),
    ({"status": "nonsense", "kind": "service"}, ["余热回收服务"]),
    ({"counted": "yes"}, ["阀体联合开发"]),
    ({"counted": "no"}, ["余热回收服务"]),
    ({"amount_from": "１００"}, ["阀体联合开发"]),
    ({"amount_from": "30", "amount_to": "120.49万元"}, ["余热回收服务"]),
    ({"day_from": "2026-04-01"}, ["余热回收服务"]),
    ({"q": "%_' OR 1=1 --\0"}, []),
    ({"page": "99"}, ["轴承检测许可", "余热回收服务", "阀体联合开发"]),
]


def test_contracts_are_searched_filtered_and_sorted(signed_in, contracts):
    client = signed_in(make.city_officer())
    for query, expected in SELECTIONS:
        assert names(client, "contracts", **query) == expected, query


def test_a_number_finds_its_contract_and_its_deal(signed_in, contracts):
    deal = make.deal(name="钛合金阀门", buyer_name="大连写法不同有限公司")
    Contract.objects.filter(pk=contracts[0].pk).update(deal=deal)
    client = signed_in(make.city_officer())
    assert names(client, "contracts", q=contracts[0].number[-6:]) == ["阀体联合开发"]
    assert names(client, "deals", q=contracts[0].number[-6:]) == names(client, "deals", q="写法不同") == ["钛合金阀门"]
    # The list shows the buyer as the author wrote it; a search by the name in the registry would say whom that means.
    assert names(client, "deals", q=deal.buyer.name) == []


def test_sums_are_those_of_the_filtered_rows_and_keep_kinds_apart(signed_in, contracts):
    client = signed_in(make.city_officer())
    assert sums(client, "contracts") == {
        "合同成交额": Decimal("150.50"),
        "核定技术交易额": Decimal(80),
        "其中计入统计的成交额": Decimal("120.50"),
    }
    assert sums(client, "contracts", kind="service")["其中计入统计的成交额"] == 0
    signed = make.deal(stage="signed", intent_wan=Decimal(90), signed_wan=Decimal(100))
    make.deal(intent_wan=Decimal(7))
    Contract.objects.filter(pk=contracts[0].pk).update(deal=signed)
    Contract.objects.filter(pk=contracts[1].pk).update(deal=signed)  # does not count
    Payment.objects.create(deal=signed, amount_wan=Decimal(5), received_on=timezone.localdate())  # nobody confirmed it
    assert sums(client, "deals") == {
        "意向金额": Decimal(97),
        "签约金额": Decimal(100),
        "登记成交额": Decimal("120.50"),
        "到账金额": Decimal(0),
    }
    assert sums(client, "deals", show="intent") == dict.fromkeys(("签约金额", "登记成交额", "到账金额"), 0) | {
        "意向金额": Decimal(7)
    }


def test_what_cannot_be_read_is_named_and_narrows_nothing(signed_in, contracts):
    html = signed_in(make.city_officer()).get(
        reverse("contracts"), {"amount_from": "一百", "day_to": "昨天", "q": "<script>alert(1)</script>"}
    )
    assert "“一百”不是金额，请填数字，例如 120 或 120.5。" in html.text
    assert "到哪天：“昨天”不是日期，请写成 2026-01-31 的样子。" in html.text
    assert "<script>alert(1)" not in html.text
    client = signed_in(make.city_officer())
    assert len(names(client, "contracts", amount_from="一百", day_to="2026-02-30", amount_to="-1")) == 3


def test_each_sees_only_its_own(signed_in, contracts):
    """The list, its sums and its export start from the rows that the user may see."""
    buyer = signed_in(make.firm_officer(contracts[1].buyer))
    assert names(buyer, "contracts") == ["余热回收服务"]
    assert sums(buyer, "contracts")["合同成交额"] == 30
    assert [row[1] for row in exported(buyer, "contracts")] == ["余热回收服务"]
    assert names(signed_in(make.district_officer("gaoxin")), "contracts") == ["余热回收服务"]
    stranger = signed_in(make.firm_officer(make.firm("大连旁观有限公司")))
    assert names(stranger, "contracts", q="阀体") == [] == exported(stranger, "contracts")
    assert "还没有技术合同" in stranger.get(reverse("contracts")).text


def exported(client, page: str, **data) -> list[tuple]:
    answer = client.post(reverse(f"{page}_export"), data)
    rows = list(load_workbook(BytesIO(b"".join(answer)), read_only=True).active.iter_rows(values_only=True))
    head = next(index for index, row in enumerate(rows) if row[0] in ("登记编号", "项目名称"))
    return [row for row in rows[head + 1 :] if any(row)]


def test_an_export_has_the_filtered_rows_is_recorded_and_runs_no_formula(signed_in, contracts, monkeypatch):
    Contract.objects.filter(pk=contracts[0].pk).update(name='=HYPERLINK("http://x.cn","阀体")')
    city = make.city_officer()
    client = signed_in(city)
    ((number, name, kind, status, *_parties, amount, _tech, counted, _signed, _day),) = exported(
        client, "contracts", q="阀体"
    )
    assert name.startswith("'=") and (kind, status, counted) == (
        "技术开发",
        "已认定登记",
        "否",
    )  # renamed: as no list states it
    assert (number, amount) == (contracts[0].number, 120.5)
    entry = AuditRecord.objects.get(action="导出技术合同")
    assert (entry.actor, entry.changes["rows"]) == (city, [None, 1])
    monkeypatch.setattr(exports, "MAX_ROWS", 2)
    refused = client.post(reverse("contracts_export"), follow=True)
    assert "符合条件的有 3 项，一次最多导出 2 项" in refused.text
    assert client.get(reverse("contracts_export")).status_code == 405


def test_a_view_is_kept_for_its_user_alone(signed_in, contracts):
    city = make.city_officer()
    client, other = signed_in(city), signed_in(make.city_officer())
    save, page = reverse("contracts_view_save"), reverse("contracts")
    client.post(save, {"name": " 大额 <b> ", "amount_from": "100", "page": "7", "evil": "1", "next": "//x.cn"})
    view = SavedView.objects.get()
    assert (view.name, view.query, view.user) == ("大额 <b>", "amount_from=100", city)
    html = client.get(page).text
    assert f"?{view.query}" in html and "大额 &lt;b&gt;" in html
    assert "大额" not in other.get(page).text
    for data, message in [
        ({"name": "大额 <b>", "amount_from": "1"}, "您已有同名的视图"),
        ({"name": " ", "amount_from": "1"}, "请写视图的名称"),
        ({"name": "空"}, "请先查找或选一个条件"),
        ({"name": "长" * 31, "q": "轴承"}, "最多 30 个字"),
    ]:
        assert message in client.post(save, data, follow=True).text
    assert other.post(reverse("view_remove", args=[view.public_id])).status_code == 404
    SavedView.objects.bulk_create(
        SavedView(user=city, page="contracts", name=f"视图{number}", query="q=a") for number in range(MAX_VIEWS - 1)
    )
    assert f"最多保存 {MAX_VIEWS} 个视图" in client.post(save, {"name": "再来", "q": "轴承"}, follow=True).text
    client.post(reverse("view_remove", args=[view.public_id]))
    assert not SavedView.objects.filter(pk=view.pk).exists()


@pytest.mark.long
def test_lists_cost_as_much_with_200_rows(signed_in):
    client, costs = signed_in(make.city_officer()), {}
    firm, seller = make.firm(), make.institution()
    for number in (2, 200):
        deals = Deal.objects.bulk_create(
            Deal(name="长" * 120, origin="outside", stage="signed", buyer=firm, seller=seller) for _ in range(number)
        )
        Contract.objects.bulk_create(
            Contract(
                name="宽" * 150, deal=deal, seller_name="卖" * 100, buyer_name="买" * 100, signed_on=date(2026, 1, 2)
            )
            for deal in deals
        )
        for page in ("deals", "contracts"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(page), {"q": "长" if page == "deals" else "宽"}).status_code == 200
            costs.setdefault(page, []).append(len(queries))
    assert all(first == second <= 20 for first, second in costs.values()), costs
    last = client.get(reverse("deals"), {"page": 11})
    assert last.context["page"].number == 11 and "show=" not in last.text.split("pager")[1].split("</nav>")[0]


def test_the_late_ones_are_a_filter_of_the_list(signed_in):
    late = make.deal(name="久未登记", stage="signed", stage_on=timezone.localdate() - timedelta(days=91))
    make.deal(name="刚签", stage="signed")
    client = signed_in(make.city_officer())
    assert names(client, "deals", late="registration") == [late.name]
    assert "只看签约超过 90 天还没有登记合同的成交" in client.get(reverse("deals"), {"late": "registration"}).text

"""Row 10 of issue 16: 平台促成, 未到账 and 关联 stand beside turnover wherever it is shown, and cannot be talked up."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from deals.models import Confirmation, Deal, Payment
from mechanism.kpi.counting import count_figure, split_figure
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.models import RelatedParties
from tests import factories as make
from tests.mechanism.kpi.fixtures import make_complete_case

pytestmark = pytest.mark.django_db
TURNOVER = FIGURES["turnover"]


def parts(key: str = "turnover") -> dict[str, tuple[int, Decimal]]:
    counted = count_figure(FIGURES[key], FigureScope(parse_period("")))
    return {value.part.key: (value.totals.rows, value.totals.total) for value in counted.parts}


def pay(deal: Deal, wan: int, **fields) -> Payment:
    return make.confirmed(Payment.objects.create(deal=deal, amount_wan=wan, received_on=timezone.localdate(), **fields))


@pytest.mark.long
def test_parts_stand_beside_turnover_everywhere(signed_in):
    case = make_complete_case()
    pay(case.deal, 120)
    pay(case.deal, 100, struck_at=timezone.now(), struck_reason="重复")
    RelatedParties.objects.create(one=case.firm, other=case.institution, why="参股")
    client = signed_in(make.city_officer())
    shown = ("300 万元（100.00%，1 条）", "180 万元（60.00%，1 条）")
    out = io.StringIO()
    call_command("kpi", "turnover", stdout=out)
    book = load_workbook(io.BytesIO(client.get(reverse("board_export")).content))
    texts = {
        "command": out.getvalue(),
        "workbook": "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row),
    }
    for name, url in {
        "board": reverse("board_tables"),
        "figure": reverse("figure", args=["turnover"]) + "?by=region",
        "tasks": "/admin/mechanism/task/board/",
    }.items():
        texts[name] = client.get(url).text
    for name, text in texts.items():
        for words in ("平台促成", "未到账", "关联", *shown):
            assert words in text, (name, words)
    assert TURNOVER.version in texts["workbook"] and "数据读取于" in texts["workbook"]
    for name in ("command", "figure"):
        assert f"口径 {TURNOVER.version}" in texts[name] and "数据 20" in texts[name], name
    answer = client.get("/api/v1/figures/turnover/", {"by": "region"}).json()
    assert {part["key"]: (part["value"], part["rows"]) for part in answer["parts"]} == {
        "platform": ("0.0300", 1), "unpaid": ("0.0180", 1), "unrecorded": ("0.0000", 0), "related": ("0.0300", 1),
    }  # fmt: skip
    assert answer["definition_version"] == TURNOVER.version and answer["latest_on"] and answer["read_at"]
    assert [line["parts"][1]["value"] for line in answer["lines"] if line["rows"]] == ["0.0180"]
    for part in ("platform", "unpaid", "related"):
        assert case.contract.name in client.get(reverse("figure_rows", args=["turnover"]), {"part": part}).text
    assert case.contract.name not in client.get(reverse("figure_rows", args=["turnover"]), {"part": "unrecorded"}).text


def test_payments_of_a_deal_pay_its_contracts_in_the_order_of_registration():
    deal, today = make.deal(stage="registered"), timezone.localdate()
    for wan, days in ((100, 2), (50, 1)):
        make.contract(
            deal=deal, amount_wan=Decimal(wan), tech_amount_wan=None, registered_on=today - timedelta(days=days)
        )
    make.contract(amount_wan=Decimal(7), tech_amount_wan=None)
    assert parts()["unpaid"] == (3, 157)
    pay(deal, 120)
    Payment.objects.create(deal=deal, amount_wan=30, received_on=today)  # one side's word
    assert parts()["unpaid"] == (2, 37)
    assert parts()["unrecorded"] == (1, 7)
    pay(deal, 500)
    assert parts()["unpaid"] == (1, 7)
    lines = split_figure(TURNOVER, FigureScope(parse_period("")), "kind")
    assert sum(value.totals.total for line in lines for value in line.parts if value.part.key == "unpaid") == 7


def test_linking_a_contract_to_a_deal_that_nobody_confirmed_is_not_from_the_platform():
    follow_up = make.follow_up()
    deal = make.deal(follow_up=follow_up, stage="registered", is_confirmed=False)
    make.contract(deal=deal)
    make.contract(deal=make.deal(stage="registered"))  # from outside
    assert parts()["platform"] == (0, 0)
    make.confirmed(deal)
    assert parts()["platform"] == (1, 100)


def test_ending_a_relation_today_does_not_clean_earlier_contracts():
    today = timezone.localdate()
    contract = make.contract(registered_on=today - timedelta(days=1))
    assert parts()["related"] == (0, 0)
    related = RelatedParties.objects.create(one=contract.seller, other=contract.buyer, why="控股")
    assert parts()["related"] == (1, 100)
    RelatedParties.objects.update(ended_on=today)
    assert parts()["related"] == (1, 100)
    RelatedParties.objects.update(ended_on=today - timedelta(days=30))
    assert parts()["related"] == (0, 0)
    RelatedParties.objects.update(ended_on=None)
    make.confirmed(related)
    decided = {"decision": "upheld", "decided_by": make.city_officer(), "decision_text": "没有关联"}
    Confirmation.objects.of(related).filter(role="one").update(
        status="objected", objected_at=timezone.now(), reason="other", **decided
    )
    assert parts()["related"] == (0, 0)


def test_an_institution_that_buys_from_itself_is_related():
    institution = make.institution()
    make.contract(seller=institution, buyer=institution)
    assert parts()["related"] == (1, 100)

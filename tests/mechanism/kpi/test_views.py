"""The boards, the figures behind them and the way back to a match; the same numbers through every door."""

import html
import io
import json
import re
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditRecord
from audit.services import record
from mechanism.kpi.registry import FIGURES, TARGETS
from tests import factories as make
from tests.browser_client import readable
from tests.mechanism.kpi.fixtures import all_the_way

pytestmark = pytest.mark.django_db
HREF = re.compile(r'href="([^"]+)"')


@pytest.fixture
def scene():
    return all_the_way()


@pytest.fixture
def city(signed_in, scene):
    return signed_in(scene.officer)


def links(answer) -> list[str]:
    assert answer.status_code == 200
    return [html.unescape(one) for one in HREF.findall(answer.content.decode())]


@pytest.mark.parametrize("key", TARGETS)
def test_four_clicks_lead_from_each_target_to_a_match(city, scene, key):
    """The board → the figure → its rows → the match."""
    figure = next(link for link in links(city.get(reverse("board"))) if link.startswith(f"/workbench/figures/{key}/"))
    rows = next(link for link in links(city.get(figure)) if link.startswith(f"/workbench/figures/{key}/rows/"))
    match = reverse("admin:matching_match_change", args=[scene.match.pk])
    assert match in links(city.get(rows))
    assert str(scene.match.demand.title) in readable(city.get(match))


def test_a_contract_leads_back_over_its_deal(city, scene):
    text = readable(city.get(reverse("figure_rows", args=["turnover"])))
    assert scene.deal.name in text
    assert scene.contract.number in text


def test_every_figure_and_its_rows_can_be_read(city, scene):
    for key, figure in FIGURES.items():
        assert str(figure.formula) in readable(city.get(reverse("figure", args=[key])))
        assert city.get(reverse("figure_rows", args=[key])).status_code == 200
        for by in (*figure.dimensions, "month"):
            assert city.get(reverse("figure", args=[key]), {"by": by}).status_code == 200, (key, by)


def test_a_board_of_a_district_and_of_an_institution(signed_in, scene):
    other = all_the_way(region_code="210283")
    district = signed_in(make.district_officer("jinpu"))
    board = readable(district.get(reverse("board")))
    assert "金普新区科技成果转化成效" in board
    assert "庄河市" not in board
    rows = readable(district.get(reverse("figure_rows", args=["absorbed"])))
    assert scene.contract.number in rows
    assert other.contract.number not in rows
    assert "0.03" in board  # both contracts, as the city's sum is everybody's to know
    filters = district.get(reverse("figure_rows", args=["absorbed"]), {"region": "210283"})
    assert other.contract.number not in readable(filters)
    office = signed_in(make.institution_officer(scene.institution))
    assert f"{scene.institution.name}科技成果转化成效" in readable(office.get(reverse("board")))


@pytest.mark.parametrize(("who", "most"), [("city", 32), ("district", 46)])
def test_a_board_asks_few_questions_however_much_it_counts(signed_in, scene, who, most):
    """What rests on the same rows is one question, and the names of a dimension are looked up once."""
    all_the_way(region_code="210283")
    client = signed_in(scene.officer if who == "city" else make.district_officer("jinpu"))
    client.get(reverse("board"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("board")).status_code == 200
    assert len(queries) <= most


def test_an_office_reaches_the_follow_up_and_not_the_admin(signed_in, scene):
    office = signed_in(make.institution_officer(scene.institution))
    found = links(office.get(reverse("figure_rows", args=["turnover"])))
    assert reverse("follow_up", args=[scene.follow_up.public_id]) in found
    assert not any(link.startswith("/admin/") for link in found)


def test_the_city_looks_at_one_district_or_one_institution(city, scene):
    all_the_way(region_code="210283")
    shown = readable(city.get(reverse("board"), {"region": "jinpu"}))
    assert "金普新区科技成果转化成效" in shown
    assert "庄河市科技" not in shown
    assert city.get(reverse("board"), {"institution": scene.institution.public_id}).status_code == 200


@pytest.mark.parametrize("query", ["period=2025Q7", "region=nowhere", "institution=x", "period=%00", "region=%00"])
def test_a_question_that_cannot_be_read_is_no_page(city, query):
    assert city.get(reverse("board") + "?" + query).status_code == 404


def test_what_if_the_target_were_another(city):
    text = readable(city.get(reverse("figure", args=["turnover"]), {"wanted": "0.02"}))
    assert "已达到目标" in text
    assert "如果目标是 1,000 亿元：差" in readable(city.get(reverse("figure", args=["turnover"]), {"wanted": "1,000"}))
    for wrong in ("许多", "-1", "NaN", "1e99"):
        assert "设想的目标要" in readable(city.get(reverse("figure", args=["turnover"]), {"wanted": wrong}))


def test_a_changed_figure_says_who(city, scene):
    before = scene.contract.amount_wan
    scene.contract.amount_wan = Decimal(400)
    scene.contract.save()
    record("更正合同", scene.contract, by=scene.officer, changes={"amount_wan": [str(before), "400.00"]})
    text = readable(city.get(reverse("figure_changes", args=["turnover"])))
    assert "按当时的记录，这项合计为 300 万元，现在为 400 万元" in text
    assert scene.officer.name in text
    assert "+100" in text
    wrong = readable(city.get(reverse("figure_changes", args=["turnover"]), {"since": "昨天"}))
    assert "日期请写成" in wrong


def test_every_door_tells_the_same(city, scene):
    told = city.get("/api/v1/figures/").json()
    assert {one["key"] for one in told} == set(FIGURES)
    out = io.StringIO()
    call_command("kpi", "all", "--json", stdout=out)
    said = {one["key"]: one for one in map(json.loads, out.getvalue().splitlines())}
    sheet = load_workbook(io.BytesIO(city.get(reverse("board_export")).content)).active
    cells = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    for one in told:
        page = city.get(reverse("figure", args=[one["key"]])).context["counted"]
        assert said[one["key"]] == one
        assert str(page.value) == str(one["value"])
        written = cells[one["label"]][1]
        assert (written is None) == (page.value is None)
        assert written is None or Decimal(str(written)) == Decimal(str(page.value))
    turnover = next(one for one in told if one["key"] == "turnover")
    assert Decimal(turnover["value"]) == Decimal("0.03")
    assert turnover["target"]["value"] == "500.00"


def test_api_splits_and_refuses(city, scene):
    lines = city.get("/api/v1/figures/absorbed/", {"by": "region"}).json()["lines"]
    assert {line["name"]: line["value"] for line in lines}["jinpu"] == "0.0300"
    assert city.get("/api/v1/figures/absorbed/", {"by": "moon"}).status_code == 400
    assert city.get("/api/v1/figures/absorbed/", {"region": "moon"}).json()["errors"].keys() == {"region"}
    assert city.get("/api/v1/figures/nothing/").status_code == 404


def test_the_command_says_it_in_words_and_refuses_what_it_does_not_know(scene):
    out = io.StringIO()
    call_command("kpi", "absorbed", "--by", "region", stdout=out)
    assert "吸纳技术成交额：0.03 亿元" in out.getvalue()
    assert "金普新区\t0.03\t1" in out.getvalue()
    for wrong in (["moon"], ["turnover", "--period", "2025Q9"]):
        with pytest.raises(CommandError):
            call_command("kpi", *wrong)


def test_rows_and_splits_go_out_as_workbooks_and_into_the_trail(city, scene):
    rows = readable(city.get(reverse("figure_export", args=["turnover"])))
    assert scene.contract.name in rows
    assert "匹配：" in rows
    assert "各行" not in rows
    assert "金普新区" in readable(city.get(reverse("figure_export", args=["absorbed"]), {"by": "region"}))
    assert AuditRecord.objects.filter(action="导出成效数据", actor=scene.officer).count() == 2


@pytest.mark.parametrize("key", sorted(FIGURES))
def test_more_rows_ask_no_more_questions(city, scene, key):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert city.get(reverse("figure_rows", args=[key])).status_code == 200
        return len(queries)

    one = asked()
    all_the_way()
    all_the_way(region_code="210283")
    assert asked() == one


def test_the_public_page_has_no_board_and_no_rows(client, scene):
    text = readable(client.get(reverse("public_figures")))
    assert scene.contract.number not in text
    assert scene.firm.name not in text
    assert f"{timezone.localdate().year}" in text

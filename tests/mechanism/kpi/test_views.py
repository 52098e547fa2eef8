"""Dashboards, figures, records and their links to matches; all interfaces show the same numbers."""

import html
import io
import json
import re
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import AuditRecord
from audit.services import record
from deals.models import Contract
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES, TARGETS
from mechanism.kpi.unconfirmed import count_all_unconfirmed, count_unconfirmed
from tests import factories as make
from tests.browser_client import readable
from tests.kept_rows import kept_rows
from tests.mechanism.closing.closed_city import close
from tests.mechanism.kpi.fixtures import make_complete_case

pytestmark = [pytest.mark.django_db, pytest.mark.long]
HREF = re.compile(r'href="([^"]+)"')


@pytest.fixture(scope="module")
def kept_case(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        yield make_complete_case()


@pytest.fixture
def case(db, kept_case):
    """The case of the module, with objects of its own for each test."""
    return deepcopy(kept_case)


@pytest.fixture
def city(signed_in, case):
    return signed_in(case.officer)


def links(answer) -> list[str]:
    assert answer.status_code == 200
    return [html.unescape(href) for href in HREF.findall(answer.content.decode())]


def test_four_clicks_lead_from_each_target_to_a_match(city, case):
    """Dashboard → figure → records → match."""
    board, match = links(city.get(reverse("board"))), reverse("admin:matching_match_change", args=[case.match.pk])
    for key in TARGETS:
        figure = next(link for link in board if link.startswith(f"/workbench/figures/{key}/"))
        rows = next(link for link in links(city.get(figure)) if link.startswith(f"/workbench/figures/{key}/rows/"))
        assert match in links(city.get(rows)), key
    assert str(case.match.demand.title) in readable(city.get(match))


def test_a_contract_links_to_its_deal(city, case):
    text = readable(city.get(reverse("figure_rows", args=["turnover"])))
    assert case.deal.name in text
    assert case.contract.number in text


def test_dashboards_of_a_district_and_an_institution(signed_in, case):
    other = make_complete_case(region_code="210283")
    district = signed_in(make.district_officer("jinpu"))
    board = readable(district.get(reverse("board_tables")))
    assert "金普新区科技成果转化成效" in board
    assert "庄河市" not in board
    rows = readable(district.get(reverse("figure_rows", args=["absorbed"])))
    assert case.contract.number in rows
    assert other.contract.number not in rows
    assert "0.03" in board  # both contracts: the sum of the city is visible to all dashboards
    filters = district.get(reverse("figure_rows", args=["absorbed"]), {"region": "210283"})
    assert other.contract.number not in readable(filters)
    office = signed_in(make.institution_officer(case.institution))
    assert f"{case.institution.name}科技成果转化成效" in readable(office.get(reverse("board_tables")))


@pytest.mark.parametrize(("who", "most"), [("city", 50), ("district", 69)])
def test_dashboard_query_count(signed_in, case, who, most):
    """Figures of the same rows share a query; names of a dimension are loaded once."""
    make_complete_case(region_code="210283")
    client = signed_in(case.officer if who == "city" else make.district_officer("jinpu"))
    client.get(reverse("board_tables"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("board_tables")).status_code == 200
    assert len(queries) <= most


def test_what_figures_leave_out_is_counted_together(case):
    """For each figure what is counted for it alone; the kept totals of all are asked for and kept at once."""
    make.contract(registered_on=timezone.localdate(), is_seller_local=None)
    scope = FigureScope(parse_period(""))
    alone = {key: count_unconfirmed(figure, scope) for key, figure in FIGURES.items()}
    with CaptureQueriesContext(connection) as queries:
        together = count_all_unconfirmed(FIGURES.values(), scope)
    assert together == alone
    assert [left.state for left in together["turnover"]] == ["unplaced"]
    assert sum("mechanism_kepttotals" in query["sql"] for query in queries) == 1


def test_an_institution_gets_links_to_follow_ups_not_to_the_admin(signed_in, case):
    office = signed_in(make.institution_officer(case.institution))
    hrefs = links(office.get(reverse("figure_rows", args=["turnover"])))
    assert reverse("follow_up", args=[case.follow_up.public_id]) in hrefs
    assert not any(link.startswith("/admin/") for link in hrefs)


def test_city_staff_filter_by_district_or_institution(city, case):
    make_complete_case(region_code="210283")
    shown = readable(city.get(reverse("board_tables"), {"region": "jinpu"}))
    assert "金普新区科技成果转化成效" in shown
    assert "庄河市科技" not in shown
    assert city.get(reverse("board_tables"), {"institution": case.institution.public_id}).status_code == 200


@pytest.mark.parametrize("query", ["period=2025Q7", "region=nowhere", "institution=x", "period=%00", "region=%00"])
def test_an_invalid_scope_is_404(city, query):
    assert city.get(reverse("board") + "?" + query).status_code == 404


def test_hypothetical_target(city):
    text = readable(city.get(reverse("figure", args=["turnover"]), {"wanted": "0.02"}))
    assert "已达到目标" in text
    assert "如果目标是 1,000 亿元：差" in readable(city.get(reverse("figure", args=["turnover"]), {"wanted": "1,000"}))
    for wrong in ("许多", "-1", "NaN", "1e99"):
        assert "设想的目标要" in readable(city.get(reverse("figure", args=["turnover"]), {"wanted": wrong}))


def test_changes_of_a_figure_name_the_user(city, case):
    before = case.contract.amount_wan
    case.contract.amount_wan = Decimal(400)
    case.contract.save()
    Contract.objects.filter(pk=case.contract.pk).update(official_hash=F("list_hash"))
    record("更正合同", case.contract, by=case.officer, changes={"amount_wan": [str(before), "400.00"]})
    text = readable(city.get(reverse("figure_changes", args=["turnover"])))
    assert "按当时的记录，这项合计为 300 万元，现在为 400 万元" in text
    assert case.officer.name in text
    assert "+100" in text
    wrong = readable(city.get(reverse("figure_changes", args=["turnover"]), {"since": "昨天"}))
    assert "日期请写成" in wrong


def test_page_api_workbook_and_command_agree(city, case):
    api_figures = city.get("/api/v1/figures/").json()
    assert {figure["key"] for figure in api_figures} == set(FIGURES)
    out = io.StringIO()
    call_command("kpi", "all", "--json", stdout=out)
    command_figures = {figure["key"]: figure for figure in map(json.loads, out.getvalue().splitlines())}
    sheet = load_workbook(io.BytesIO(city.get(reverse("board_export")).content)).active
    cells = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    opened = set()
    for number, figure in enumerate(api_figures):
        # With one of its splits, by turns: test_counting counts all of them.
        splits = (*FIGURES[figure["key"]].dimensions, "month", "")
        opened.add(by := next((by for by in splits if by not in opened), splits[number % len(splits)]))
        answer = city.get(reverse("figure", args=[figure["key"]]), {"by": by})
        page = answer.context["counted"]
        assert str(page.figure.formula) in readable(answer)
        assert command_figures[figure["key"]].pop("read_at") >= figure.pop("read_at")
        assert command_figures[figure["key"]] == figure
        assert str(page.value) == str(figure["value"])
        written = cells[figure["label"]][1]
        assert (written is None) == (page.value is None)
        assert written is None or Decimal(str(written)) == Decimal(str(page.value))
    assert opened == {"month", "", *(by for figure in FIGURES.values() for by in figure.dimensions)}
    turnover = next(figure for figure in api_figures if figure["key"] == "turnover")
    assert Decimal(turnover["value"]) == Decimal("0.03")
    assert turnover["target"]["value"] == "500.00"


def test_api_splits_and_rejects(city, case):
    lines = city.get("/api/v1/figures/absorbed/", {"by": "region"}).json()["lines"]
    assert {line["name"]: line["value"] for line in lines}["jinpu"] == "0.0300"
    assert city.get("/api/v1/figures/absorbed/", {"by": "moon"}).status_code == 400
    assert city.get("/api/v1/figures/absorbed/", {"region": "moon"}).json()["errors"].keys() == {"region"}
    assert city.get("/api/v1/figures/nothing/").status_code == 404


def test_command_output_and_errors(case):
    out = io.StringIO()
    call_command("kpi", "absorbed", "--by", "region", stdout=out)
    assert "吸纳技术成交额：0.03 亿元" in out.getvalue()
    assert "金普新区\t0.03\t1" in out.getvalue()
    for wrong in (["moon"], ["turnover", "--period", "2025Q9"]):
        with pytest.raises(CommandError):
            call_command("kpi", *wrong)


def test_exports_are_workbooks_recorded_in_the_audit_trail(city, case):
    rows = readable(city.get(reverse("figure_export", args=["turnover"])))
    assert case.contract.name in rows
    assert "匹配：" in rows
    assert "各行" not in rows
    assert "金普新区" in readable(city.get(reverse("figure_export", args=["absorbed"]), {"by": "region"}))
    assert AuditRecord.objects.filter(action="导出成效数据", actor=case.officer).count() == 2


def test_records_query_count_is_independent_of_rows(city, case):
    def asked(key: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert city.get(reverse("figure_rows", args=[key])).status_code == 200
        return len(queries)

    asked("turnover")  # the process learns which tables are watched
    before = {key: asked(key) for key in FIGURES}
    make_complete_case()
    make_complete_case(region_code="210283")
    assert {key: asked(key) for key in FIGURES} == before


def test_the_public_page_names_no_contract_or_firm(client, case):
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    type(case.contract).objects.filter(pk=case.contract.pk).update(registered_on=last)
    type(case.contract).objects.filter(pk=case.contract.pk).update(official_hash=F("list_hash"))
    officers = SimpleNamespace(checker=make.city_officer(), signer=make.city_officer())
    close(officers, f"{last:%Y-%m}")
    text = readable(client.get(reverse("public_figures")))
    assert case.contract.number not in text
    assert case.firm.name not in text
    assert f"{last.year}" in text

"""The cockpit, its pages, the briefing and the workbook: what they say is what was counted."""

import io
import re
import zipfile
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from audit.services import record
from deals.models import Contract, FigureEffect
from mechanism.kpi.allocation import build_allocation
from mechanism.kpi.briefing import build_briefing
from mechanism.kpi.charts import bars, trend_chart
from mechanism.kpi.cockpit import build_cockpit
from mechanism.kpi.counting import count_figure
from mechanism.kpi.forecast import Forecast
from mechanism.kpi.lights import LightState
from mechanism.kpi.period import parse_period, week_period, year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.models import AllocatedTarget
from mechanism.services.target_allocation import give_target
from tests import factories as make
from tests.browser_client import readable
from tests.kept_rows import kept_rows
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


def city_scope(user, year: int | None = None) -> FigureScope:
    return FigureScope(year_period(year or timezone.localdate().year), user)


def registered(days_ago: int, amount: int, **values) -> Contract:
    day = timezone.localdate() - timedelta(days=days_ago)
    return make.contract(amount_wan=Decimal(amount), tech_amount_wan=None, registered_on=day, **values)


# --- The screen ------------------------------------------------------------------------------------------------------
def test_figures_lights_and_reasons_of_the_city(case, city):
    cockpit = build_cockpit(city_scope(case.officer))
    by_key = {item.key: item for item in cockpit.figures}
    assert list(by_key) == ["turnover", "local_rate", "funds", "agencies", "items"]
    assert by_key["turnover"].counted.value == Decimal("0.03")
    assert by_key["turnover"].goal == 500
    assert sum(number for _light, number in cockpit.verdict) == 5
    for item in cockpit.figures:
        assert item.light.reason
        assert item.forecast.is_known or item.forecast.missing
    page = readable(city.get(reverse("board")))
    assert "五项里" in page
    assert by_key["turnover"].light.reason in page
    assert "平台促成" in page


def test_a_district_and_an_institution_have_their_own_target(case, signed_in):
    year = timezone.localdate().year
    for assignee in (case.region, case.institution):
        give_target(figure="turnover", year=year, assignee=assignee, value=Decimal("0.02"), by=case.officer)
    give_target(figure="turnover", year=year, assignee=make.region("210283"), value=Decimal("7654.25"), by=case.officer)
    for user in (make.district_officer("jinpu"), make.institution_officer(case.institution)):
        cockpit = build_cockpit(city_scope(user))
        turnover = next(item for item in cockpit.figures if item.key == "turnover")
        assert turnover.goal == Decimal("0.02")
        assert turnover.allocated is not None
        assert cockpit.regions == []
        page = readable(signed_in(user).get(reverse("board")))
        assert "待答复" in page
        assert "7,654.25" not in readable(signed_in(user).get(reverse("target_allocation")))
    row = next(row for row in build_cockpit(city_scope(case.officer)).regions if row.assignee == make.region("210283"))
    assert row.figures["turnover"].light.state is LightState.UNKNOWN
    assert row.figures["turnover"].share == 0


def test_the_number_of_queries_does_not_depend_on_the_rows(case, city):
    city.get(reverse("board"))
    with CaptureQueriesContext(connection) as before:
        city.get(reverse("board"))
    for number in range(3):
        registered(2, 100 + number, seller=make.institution(), buyer=make.firm(region_code="210283"))
    with CaptureQueriesContext(connection) as after:
        assert city.get(reverse("board")).status_code == 200
    assert len(after) <= len(before) + 1  # one more kind of row of the week is described
    assert len(after) <= 130


def test_a_quarter_and_other_filters_are_shown_by_the_tables(city):
    for query in ("period=2026Q3", "agency=none", "period=2026W30"):
        answer = city.get(f"{reverse('board')}?{query}")
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("board_tables"))


def test_the_wall_shows_the_same_screen_without_navigation_and_alone_as_a_part(city):
    whole, part = city.get(reverse("board_wall")), city.get(reverse("board_wall"), {"part": "1"})
    assert "主导航" not in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert "五项里" in readable(part)
    assert "数到" in readable(whole)


# --- What moved ------------------------------------------------------------------------------------------------------
def test_rows_that_came_went_and_changed_add_up(case, city):
    gone, changed, late, new = (registered(*row) for row in ((30, 1_000), (30, 2_500), (20, 70), (2, 400)))
    cancelled = {"status": "cancelled", "cancelled_on": timezone.localdate(), "cancelled_reason": "x"}
    Contract.objects.filter(pk=gone.pk).update(**cancelled)
    record("注销", gone, by=case.officer, changes={"status": ["已认定登记", "已注销"]})
    record("更正", changed, by=case.officer, changes={"amount_wan": ["2000.00", "2500.00"]})
    record("登记名单导入", late, by=case.officer, changes={"number": [None, late.number]})
    movement = build_cockpit(city_scope(case.officer)).turnover.movement
    assert movement.came.total == 300 + 400  # the case's own contract was registered today
    assert movement.delta == Decimal(700 - 1_000 + 500 + 70) / 10_000
    assert [row.pk for row in movement.gone] == [gone.pk]
    assert [row.pk for row in movement.changed] == [changed.pk]
    assert [row.pk for row in movement.late] == [late.pk]
    page = readable(city.get(reverse("board")))
    for word in (new.name, "退出", "更正", "补登记"):
        assert word in page


# --- Charts ----------------------------------------------------------------------------------------------------------
def test_a_missing_value_is_a_gap_and_not_its_neighbour():
    assert [bar.width for bar in bars([4, None, 2])] == ["100.0", None, "50.0"]
    chart = trend_chart({1: 5.0, 2: 5.0}, {10: 3.0, 11: 4.0, 12: 5.0}, 2, 1.0, None, Forecast(), 2026)
    assert chart.last_year[:9] == [None] * 9
    assert chart.wide.last_year.count("M") == 1
    assert chart.wide.last_year.startswith("M423")  # October
    assert chart.this_year[2:] == [None] * 10
    assert "2026 年到 2 月 10.00" in chart.label


def test_suppressed_cells_of_the_public_page_are_named(client, case):
    page = client.get(reverse("public_figures")).content.decode()
    assert "echarts" not in page
    assert 'style="' not in page


# --- Targets ---------------------------------------------------------------------------------------------------------
def test_suggestions_follow_last_years_shares(case):
    year = timezone.localdate().year
    for code, amount in (("jinpu", 30_000), ("210283", 10_000)):
        seller = make.organisation("firm", f"卖方{code}", stat_region=make.region(code), is_local=True)
        make.contract(
            seller=seller, amount_wan=Decimal(amount), tech_amount_wan=None, registered_on=date(year - 1, 6, 1)
        )
    rows = {row.name: row for row in build_allocation("turnover", "region", year, case.officer).rows}
    assert (rows["jinpu"].suggested, rows["210283"].suggested) == (375, 125)
    assert rows["210202"].suggested is None


def test_the_city_gives_and_the_district_counters_on_their_pages(city, case, signed_in):
    year = timezone.localdate().year
    page = reverse("target_allocation")
    wrong = city.post(page, {"value-jinpu": "许多", "value-210283": "20"})
    assert wrong.status_code == 422
    assert "金普新区：“许多”不是数字" in readable(wrong)
    assert 'value="许多"' in wrong.content.decode()
    assert city.post(page, {"value-jinpu": "30", "value-210283": "20"}).status_code == 302
    district = signed_in(make.district_officer("jinpu"))
    own = district.get(page)
    assert "同意 30" in readable(own)
    answer = re.search(rf'action="({page}[^"]+)"', own.content.decode())[1]
    refused = district.post(answer, {"step": "counter", "revision": "0", "proposed": "25", "reason": ""})
    assert refused.status_code == 422
    assert 'value="25"' in refused.content.decode()
    assert district.post(answer, {"step": "agree", "revision": "0"}).status_code == 302
    assert district.post(page, {"value-jinpu": "1"}).status_code == 403
    shown = readable(city.get(page, {"year": str(year)}))
    assert "已商定 1，待答复 1" in shown
    for bad in ({"step": "steal", "revision": "0"}, {"step": "agree", "revision": "x"}):
        assert district.post(answer, bad).status_code == 404
    assert city.get(page, {"year": "20x6"}).status_code == 404
    assert city.get(page, {"figure": "funds"}).status_code == 404


def test_what_a_decision_leaves_out_stands_apart_with_number_sum_and_link(case, city):
    left_out = registered(10, 700)
    FigureEffect.objects.create(contract=left_out, effect="excluded")
    for address in (reverse("board"), reverse("board_tables"), reverse("figure", args=["turnover"])):
        assert "诚信核查后决定不计入 1 条，700.00 万元" in readable(city.get(address)), address
    rows = readable(city.get(reverse("figure_rows", args=["turnover"]), {"state": "excluded"}))
    assert left_out.name in rows
    assert case.contract.name not in rows


def test_the_export_of_a_part_has_its_rows_and_an_unknown_part_is_no_export_of_all(case, city):
    related = registered(5, 900)
    FigureEffect.objects.create(contract=related, effect="related")
    address = reverse("figure_export", args=["turnover"])
    answer = city.get(address, {"part": "related"})
    sheet = load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content)).active
    cells = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row}
    assert related.name in cells
    assert case.contract.name not in cells
    assert city.get(address, {"part": "everything"}).status_code == 404
    page = city.get(reverse("figure_rows", args=["turnover"]), {"part": "related"}).content.decode()
    assert f"{address}?period=" in page
    assert '&amp;part=related"' in page


# --- The briefing ----------------------------------------------------------------------------------------------------
def text_of(briefing) -> str:
    return "\n".join(
        "".join(piece.text for piece in paragraph) for section in briefing.sections for paragraph in section.paragraphs
    )


def test_the_weekly_briefing_says_what_was_counted_and_links_each_number(case, city):
    registered(0, 12_000)
    week = week_period(timezone.localdate())
    briefing = build_briefing(week, user=case.officer)
    text = text_of(briefing)
    counted = count_figure(FIGURES["contracts"], FigureScope(week, case.officer))
    turnover = count_figure(FIGURES["turnover"], FigureScope(week, case.officer))
    assert (
        f"本周新增技术合同{counted.totals.rows}份、{turnover.totals.total / 10_000:.2f}亿元，其中平台促成1份、300万元"
        in text
    )
    assert [section.title[:2] for section in briefing.sections] == ["一、", "二、", "三、", "四、"]
    pieces = [piece for section in briefing.sections for paragraph in section.paragraphs for piece in paragraph]
    linked = [piece for piece in pieces if piece.url]
    assert len(linked) > 8
    for piece in linked:
        assert city.get(piece.url).status_code == 200, piece
    number = next(piece for piece in linked if piece.text == f"{counted.totals.rows}份")
    assert city.get(number.url).context["counted"].totals.rows == counted.totals.rows
    assert week.label in briefing.notes[0]
    assert "没有双方确认的到账" in text


def test_a_briefing_of_an_earlier_month_judges_nothing_and_an_empty_one_says_so(case):
    month = parse_period(f"{timezone.localdate().year - 1}-02")
    text = text_of(build_briefing(month, user=case.officer))
    assert "本月没有新登记的技术合同" in text
    assert "没有可以计算的记录" in text
    for invented in ("年底预计", "难达到", "已达到", "None", "—"):
        assert invented not in text


def test_a_district_reads_its_own_briefing_and_no_other(client, case):
    """Numbers are those of the district; funds and the city's other districts are not in it."""
    make.contract(amount_wan=Decimal(300), tech_amount_wan=None, seller_region=make.region("jinpu"))
    elsewhere = make.contract(
        amount_wan=Decimal(77_000), tech_amount_wan=None, seller_region=make.region("gaoxin"), is_buyer_local=False
    )
    AllocatedTarget.objects.create(figure="turnover", year=elsewhere.registered_on.year, region=case.region, value=3)
    officer = make.district_officer("jinpu")
    client.force_login(officer)
    assert "金普新区科技成果转化工作周报" in readable(client.get(reverse("briefing")))
    week = week_period(timezone.localdate())
    text = text_of(build_briefing(week, user=officer, region=case.region))
    for words in ("今年累计0.03亿元", "目标达到3亿元", "待答复"):
        assert words in text
    assert "基金" not in text
    assert "7.7" not in text
    assert client.get(reverse("briefing"), {"region": "gaoxin"}).status_code == 404
    assert "今年累计7.7" in text_of(build_briefing(week, user=case.officer, region=make.region("gaoxin")))


def test_the_word_file_is_an_official_document_with_links(city, case):
    make.firm("大连{{ 7 }}<b>&公司")
    answer = city.get(reverse("briefing_file"))
    assert answer.status_code == 200
    content = b"".join(answer) if answer.streaming else answer.content
    document = Document(io.BytesIO(content))
    styles = {paragraph.style.name for paragraph in document.paragraphs if paragraph.text}
    assert {"公文标题", "公文一级标题", "公文正文"} <= styles
    assert document.paragraphs[0].text == "科技成果转化工作周报"
    assert "市科技局" in [paragraph.text for paragraph in document.paragraphs[-4:]], (
        "without an organiser in the settings its office signs"
    )
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert "仿宋_GB2312" in zipfile.ZipFile(io.BytesIO(content)).read("word/styles.xml").decode()
    links = re.findall(r'HYPERLINK &quot;([^&]+)|HYPERLINK "([^"]+)"', xml)
    assert len(links) > 8
    assert all((quoted or plain).startswith("http://testserver/workbench/figures/") for quoted, plain in links)
    assert xml.count('w:fldCharType="begin"') == xml.count('w:fldCharType="end"') == len(links)
    assert "{{" not in xml
    assert city.get(reverse("briefing"), {"period": "2026"}).status_code == 404
    assert city.get(reverse("briefing"), {"period": "2090-01"}).status_code == 404


# --- The workbook ----------------------------------------------------------------------------------------------------
def test_every_split_has_a_sheet_whose_numbers_are_those_of_the_pages(city, case):
    book = load_workbook(io.BytesIO(city.get(reverse("board_export")).content))
    assert book.sheetnames[0] == "成效数据"
    assert book.sheetnames[-1] == "口径"
    expected = {
        "按区市县",
        "按产业链",
        "按高校院所",
        "按服务机构",
        "按对接活动",
        "按类别",
        "按年度",
        "按季度",
        "按月份",
    }
    assert expected <= set(book.sheetnames)
    for sheet in book:
        assert "数到" in sheet["A2"].value
        assert str(case.officer) in sheet["A3"].value
        assert sheet.freeze_panes == "B5"
        assert sheet.print_title_rows == "$4:$4"
        assert sheet.page_setup.orientation == "landscape"
    sheet = book["按区市县"]
    column = next(cell.column for cell in sheet[4] if cell.value == "吸纳技术成交额（亿元）")
    row = next(row for row in sheet.iter_rows(min_row=5) if row[0].value == "金普新区")
    cell = row[column - 1]
    target = cell.hyperlink.target.removeprefix("http://testserver")
    page = city.get(target)
    assert Decimal(str(cell.value)) == page.context["counted"].value
    assert cell.number_format == "#,##0.00"
    definitions = {row[0].value: row for row in book["口径"].iter_rows(min_row=5)}
    assert definitions["技术合同成交额"][3].value == FIGURES["turnover"].version

"""The annual report of an institution: its numbers, checks, review, versions and files."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from annual_reports.contents import content_of
from annual_reports.layouts import LayoutError, _load, layouts, report_questions
from annual_reports.models import AnnualReport
from annual_reports.services.reports import (
    hand_in,
    numbers_hash,
    return_report,
    review_report,
    save_answers,
    start_report,
    submit_report,
    take_last_answers,
)
from deals.models import Contract, IncomeCase, IncomeShare
from deals.services.deal_parts import receive_payment
from mechanism.kpi.contract_figures import CONTRACTS, TURNOVER
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.institution_report import REPORT_FIGURES, count_institution_year, rows_behind
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from tests import factories as make

pytestmark = pytest.mark.django_db
YEAR = 2025
DAY = date(YEAR, 5, 20)


@pytest.fixture
def office():
    return make.institution_officer(make.institution("大连年报大学"))


@pytest.fixture
def school(office):
    return office.memberships.get().organisation


def sell(school, kind="transfer", amount=100, *, on=DAY, way="", **fields) -> Contract:
    deal = make.deal(seller=school, way=way) if way else None
    return make.contract(
        seller=school, seller_name=school.name, kind=kind, amount_wan=Decimal(amount), registered_on=on, deal=deal,
        **{"is_seller_local": True, "is_buyer_local": True, "tech_amount_wan": None} | fields,
    )  # fmt: skip


@pytest.fixture
def contracts(school):
    """Of each class one; a licence of 1.2 亿 to elsewhere; one for equity; others that do not count."""
    rows = [
        sell(school, "transfer", 100),
        sell(school, "licence", 12000, is_buyer_local=False),
        sell(school, "transfer", 6000, way="equity", is_buyer_local=None),
        sell(school, "development", 300),
        sell(school, "service", 40),
    ]
    sell(school, "transfer", 777, on=date(YEAR - 1, 12, 31))
    sell(make.institution("大连别的大学"), "transfer", 888)
    sell(school, "transfer", 999, listed=False)
    return rows


def listed_again(contract, amount):
    """With another amount, on a later list of the registration office."""
    Contract.objects.filter(pk=contract.pk).update(amount_wan=amount)
    Contract.objects.filter(pk=contract.pk).update(official_hash=F("list_hash"))


def answered(report, office, **changes):
    """All questions: 0 and 无, but the receivers of table 5, which have to add up."""
    rows = report_questions().values()
    values = {row.key: "无" if row.kind == "text" else "0" for row in rows}
    values |= {"to_small_contracts": "3", "to_small_amount": "18100"} | changes
    save_answers(report, values, revision=report.revision, by=office)
    return report


def cells_of(word):
    return [[cell.text for cell in row.cells] for table in word.tables for row in table.rows]


def reviewed(report, office):
    """Handed on to a colleague, who reviews."""
    submit_report(report, by=office)
    colleague = make.institution_officer(report.institution)
    review_report(report, shown=numbers_hash(content_of(report).figures), by=colleague)
    return colleague


# --- Numbers ----------------------------------------------------------------------------------------------------------
def test_numbers_are_those_of_the_counting_engine_and_lead_to_their_rows(school, contracts):
    numbers = count_institution_year(school, YEAR)
    scope = FigureScope(year_period(YEAR), None, (("institution", school),))
    queries = {figure: FigureQuery(figure, scope) for figure in (TURNOVER, CONTRACTS)}
    results = FigureResults(queries.values())
    assert numbers["all_amount"] == results.count(queries[TURNOVER]).totals.total == 18440
    assert numbers["all_contracts"] == results.count(queries[CONTRACTS]).totals.rows == 5
    assert (numbers["transfer_amount"], numbers["licence_amount"], numbers["equity_amount"]) == (100, 12000, 6000)
    assert (numbers["over_10000_contracts"], numbers["over_5000_contracts"], numbers["over_1000_contracts"]) == (
        1,
        1,
        0,
    )
    assert (numbers["in_city_amount"], numbers["elsewhere_amount"], numbers["unplaced_amount"]) == (440, 12000, 6000)
    for key, figure in REPORT_FIGURES.items():
        if not figure.is_money and "income" not in key:
            assert rows_behind(key, school, YEAR).count() == numbers[key], key
    assert list(rows_behind("equity_amount", school, YEAR)) == [contracts[2]]


def test_received_money_counts_only_once_checked_and_in_its_year(school, office):
    contract = sell(school, "licence", 500, way="licence")
    make.confirmed(contract.deal)
    deal, city = contract.deal, make.city_officer()
    type(deal).objects.filter(pk=deal.pk).update(stage="signed", signed_wan=500, stage_on=DAY)
    deal.refresh_from_db()
    make.confirmed(deal)
    payment = receive_payment(deal, amount_wan=Decimal(80), received_on=timezone.localdate(), by=city)
    year = payment.received_on.year
    assert count_institution_year(school, year)["licence_received"] == 0
    make.checked(make.confirmed(payment))
    numbers = count_institution_year(school, year)
    assert numbers["licence_received"] == numbers["three_received"] == numbers["all_received"] == 80
    assert list(rows_behind("licence_received", school, year)) == [payment]


def test_rewards_count_from_decided_cases_without_naming_persons(school, office, client):
    case = IncomeCase.objects.create(
        institution=school, title="许可收入", way="licence", income_on=DAY, gross_wan=100, costs_wan=20,
        status="decided", decided_at=timezone.now(), evidence="x.pdf",
    )  # fmt: skip
    IncomeCase.objects.create(
        institution=school, title="没定的", way="licence", income_on=DAY, gross_wan=999, made_by=office
    )
    IncomeShare.objects.create(case=case, name="欧阳一", amount_wan=30, paid_on=DAY)
    IncomeShare.objects.create(case=case, name="欧阳二", amount_wan=Decimal("20.5"))
    numbers = count_institution_year(school, YEAR)
    keys = ("income_net", "income_reward", "income_persons", "income_paid")
    assert [numbers[key] for key in keys] == [80, Decimal("50.5"), 2, 30]
    report = start_report(school, YEAR, by=office)
    client.force_login(office)
    page = client.get(reverse("annual_report_rows", args=[report.public_id]), {"figure": "income_reward"})
    assert "许可收入" in page.text
    assert "50.5" in page.text
    assert "欧阳" not in page.text


# --- Answers and checks -----------------------------------------------------------------------------------------------
def test_answers_are_read_as_people_type_and_refused_with_the_label(school, office):
    report = start_report(school, YEAR, by=office)
    save_answers(report, {"staff": "１２", "to_large_amount": "1,200.50"}, revision=1, by=office)
    assert report.answers == {"staff": "12", "to_large_amount": "1200.5"}
    with pytest.raises(ValidationError) as refused:
        save_answers(report, {"staff": "三人", "offices": "1.5", "on_leave": "-1"}, revision=2, by=office)
    assert set(refused.value.message_dict) == {"staff", "offices", "on_leave"}
    assert "专职从事转化的人员（人）" in refused.value.message_dict["staff"][0]
    with pytest.raises(ValidationError, match="刚刚保存过"):
        save_answers(report, {"staff": "13"}, revision=1, by=office)
    with pytest.raises(ValidationError, match="身份证"):
        save_answers(report, {"achieved": "张三 11010519491231002X"}, revision=2, by=office)


@pytest.mark.long
def test_a_report_is_not_submitted_before_it_is_whole_and_adds_up(school, office, contracts):
    report = start_report(school, YEAR, by=office)
    with pytest.raises(ValidationError, match="个问题没有填"):
        submit_report(report, by=office)
    answered(report, office, to_small_amount="18000", central_contracts="5", public_contracts="2")
    with pytest.raises(ValidationError) as refused:
        submit_report(report, by=office)
    text = "".join(refused.value.messages)
    assert "各行相加是 18000，“合计”是 18100" in text
    assert "比“财政资金资助项目的成果转化合同项数”的 2 还大" in text
    answered(report, office)
    submit_report(report, by=office)
    assert report.status == "checking"


def test_a_contract_without_class_breaks_the_total_and_is_told(school, office):
    sell(school, "", 5)
    report = start_report(school, YEAR, by=office)
    answered(report, office, to_small_contracts="0", to_small_amount="0")
    content = content_of(report)
    assert any("没有类别" in text for text in content.warnings)
    assert any("各行相加是 0，“全部”是 1" in text for text in content.errors)


def test_last_years_numbers_stand_beside_with_a_flag(school, office, contracts):
    before = start_report(school, YEAR - 1, by=office)
    answered(before, office, staff="9", to_small_contracts="1", to_small_amount="777")
    report = start_report(school, YEAR, by=office)
    assert take_last_answers(report, by=office) > 10
    assert report.answers["staff"] == "9"
    assert "achieved" not in report.answers  # a text is written anew
    cells = {
        cell.key: cell for table in content_of(report).layouts[0].tables for line in table.lines for cell in line.cells
    }
    assert (cells["transfer_amount"].last_text, cells["transfer_amount"].flag) == ("777", "比去年少 87%")
    assert cells["licence_amount"].flag == "去年是 0"
    assert cells["staff"].flag == ""


# --- Review and versions ----------------------------------------------------------------------------------------------
@pytest.mark.long
def test_another_person_reviews_and_only_what_was_shown(school, office, contracts):
    report = answered(start_report(school, YEAR, by=office), office)
    colleague = make.institution_officer(school)
    submit_report(report, by=office)
    shown = numbers_hash(content_of(report).figures)
    with pytest.raises(PermissionDenied, match="另一位专员"):
        review_report(report, shown=shown, by=office)
    with pytest.raises(PermissionDenied):
        review_report(report, shown=shown, by=make.institution_officer(make.institution("外校")))
    Contract.objects.filter(pk=contracts[3].pk).update(amount_wan=301)
    with pytest.raises(ValidationError, match="有数变了"):
        review_report(report, shown=shown, by=colleague)
    Contract.objects.filter(pk=contracts[3].pk).update(amount_wan=300)
    review_report(report, shown=shown, by=colleague)
    assert (report.status, report.reviewed_by, report.is_self_reviewed) == ("reviewed", colleague, False)


@pytest.mark.long
def test_who_is_alone_reviews_and_the_paper_says_so(school, office, contracts):
    report = answered(start_report(school, YEAR, by=office), office)
    submit_report(report, by=office)
    review_report(report, shown=numbers_hash(content_of(report).figures), by=office)
    version = hand_in(report, by=office)
    assert version.is_self_reviewed
    with version.files.get(layout="national", name__endswith="docx").file.open() as file:
        word = Document(file)
    assert any("填报和审核是同一人" in paragraph.text for paragraph in word.paragraphs)


@pytest.mark.long
def test_what_was_handed_in_stays_and_a_correction_is_another_version(school, office, contracts):
    report = answered(start_report(school, YEAR, by=office), office)
    colleague = reviewed(report, office)
    Contract.objects.filter(pk=contracts[4].pk).update(amount_wan=41)
    with pytest.raises(ValidationError, match="个数变了"):
        hand_in(report, by=colleague)
    assert not report.versions.exists()
    Contract.objects.filter(pk=contracts[4].pk).update(amount_wan=40)
    first = hand_in(report, by=colleague)
    with pytest.raises(ValidationError, match="审核以后才能报送"):
        hand_in(report, by=colleague)
    listed_again(contracts[4], 50)
    return_report(report, reason="服务合同金额更正", by=office)
    assert (report.status, report.reviewed) == ("draft", {})
    answered(report, office)
    submit_report(report, by=office)
    review_report(report, shown=numbers_hash(content_of(report).figures), by=colleague)
    second = hand_in(report, by=colleague)
    first.refresh_from_db()
    assert (first.content["figures"]["service_amount"], second.content["figures"]["service_amount"]) == ("40", "50")
    assert [row.number for row in report.versions.all()] == [2, 1]


@pytest.mark.long
def test_the_files_reopen_with_the_numbers_and_links(school, office, contracts):
    report = answered(start_report(school, YEAR, by=office), office, experience="=1+1 先评价 & 后定价 <b>")
    version = hand_in(report, by=reviewed(report, office))
    files = {}
    for row in version.files.all():
        with row.file.open() as file:
            files[row.layout, row.name.rpartition(".")[2]] = file.read()
    assert set(files) == {(layout.key, kind) for layout in layouts() for kind in ("docx", "xlsx")}
    sheet = load_workbook(io.BytesIO(files["national", "xlsx"])).worksheets[0]
    rows = {row[0].value: row for row in sheet.iter_rows() if row[0].value}
    assert [cell.value for cell in rows["许可"][1:4]] == [1, 12000, 0]
    link = reverse("annual_report_rows", args=[report.public_id])
    assert rows["许可"][2].hyperlink.target == f"{settings.SITE_ADDRESS}{link}?figure=licence_amount"
    assert rows["主要经验"][1].value == "'=1+1 先评价 & 后定价 <b>"
    word = Document(io.BytesIO(files["national", "docx"]))
    cells = cells_of(word)
    assert ["许可", "1", "12,000.00", "0.00"] in cells
    assert ["主要经验", "=1+1 先评价 & 后定价 <b>"] in cells
    assert school.name in "".join(paragraph.text for paragraph in word.paragraphs)
    provincial = Document(io.BytesIO(files["provincial", "docx"]))
    assert ["全部", "5", "18,440.00", "0.00"] in [
        [c.text for c in row.cells] for t in provincial.tables for row in t.rows
    ]


@pytest.mark.long
def test_the_city_reads_what_was_handed_in_and_not_the_draft(school, office, contracts, client):
    report = answered(start_report(school, YEAR, by=office), office, achieved="先前的话")
    client.force_login(make.city_officer())
    address = reverse("annual_report", args=[report.public_id])
    assert client.get(address).status_code == 404
    hand_in(report, by=reviewed(report, office))
    return_report(report, reason="再补充", by=office)
    answered(report, office, achieved="还没有审核的话")
    page = client.get(address).text
    assert "先前的话" in page
    assert "还没有审核的话" not in page
    assert client.get(reverse("annual_report_rows", args=[report.public_id])).status_code == 404


# --- Forms as data ----------------------------------------------------------------------------------------------------
def test_a_city_without_a_form_has_the_national_one_and_a_faulty_one_is_named(tmp_path):
    assert [layout.key for layout in _load(tmp_path / "annual_report.toml")[0]] == ["national"]
    own = tmp_path / "own.toml"
    own.write_text(
        'title="省表"\nname="省"\n[[tables]]\ntitle="表1"\ncolumns=["数"]\nrows=[{label="甲", cells=["nothing"]}]\n',
        "utf-8",
    )
    with pytest.raises(LayoutError, match="的“表1”第“甲”行的“nothing”不认得"):
        _load(own)


def test_one_report_a_year(school, office):
    start_report(school, YEAR, by=office)
    with pytest.raises(ValidationError, match="已经建立"):
        start_report(school, YEAR, by=office)
    with pytest.raises(ValidationError, match="年度请填"):
        start_report(school, timezone.localdate().year + 1, by=office)
    assert AnnualReport.objects.count() == 1

"""The registration office's list: checks, import, linking to deals, and the worklist."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum
from django.utils import timezone

from accounts.services.source_files import store_source_file
from deals.models import Confirmation, Contract
from deals.registration.columns import contract_columns
from deals.registration.imports import check_contract_list, contract_list_template
from deals.services.contract_checks import candidates_of, confirm_outside, link_contract, mark_duplicate, set_party
from deals.services.contract_imports import import_contracts
from deals.services.contracts import cancel_contract, draft_contract
from deals.services.deals import fail_deal, sign_deal
from sheets.archive import UnreadableSheet
from sheets.reading import read_workbook
from tests import factories as make
from tests.deals.contract_lists import numbered, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.long]
WAN = Decimal("120.00")


@pytest.fixture
def city():
    return make.city_officer()


def stored(city, *changes):
    return store_source_file("contracts", content=workbook(*changes), name="登记名单.xlsx", by=city)


def imported(city, *changes):
    return import_contracts(stored(city, *changes), by=city)


def signed(city, **fields):
    """A deal between the two of the list's first row."""
    firm = make.organisation("firm", "大连示例轴承有限公司", stat_region=make.region())
    deal = make.deal(buyer=firm, seller=make.institution(), stage_on=date(2026, 2, 1), **fields)
    sign_deal(deal, on=date(2026, 3, 1), signed_wan=WAN, way="commissioned", by=city)
    return make.confirmed(deal)


# --- Checked ----------------------------------------------------------------------------------------------------------
WRONG_ROWS = [
    ({"技术交易额（万元）": "121"}, "第3行“技术交易额（万元）”填的是“121”，大于合同成交额"),
    ({"合同成交额（万元）": "-5"}, "不能是负数"),
    ({"合同成交额（万元）": "面议"}, "确定的数"),
    ({"合同成交额（万元）": "50-100"}, "确定的数"),
    ({"合同成交额（万元）": "100美元"}, "不是人民币"),
    ({"登记日期": "2026-02-01"}, "早于签订日期"),
    ({"登记日期": "2099-01-01"}, "晚于今天"),
    ({"买方名称": "大连理工大学 "}, "与卖方相同"),
    ({"卖方名称": ""}, "没有填写"),
    ({"登记编号": "2.02621E+15"}, "科学计数法"),
    ({"登记编号": "ABC-1"}, "第3行“登记编号”填的是“ABC-1”，登记编号“ABC1”的格式不对"),
    ({"登记编号": "2024210200000001"}, "年份是 2024 年，登记日期是 2026-03-20"),
    ({"登记编号": "2026110100000001"}, "卖方在大连的合同应为 2102"),
    ({"登记编号": "2026990100000001", "卖方名称": "某研究所", "卖方所在地": "沈阳"}, "没有 99 这个省级区划"),
]


def test_an_error_names_its_row_and_nothing_is_imported(city):
    for change, message in WRONG_ROWS:
        report = check_contract_list(workbook(change), "名单.xlsx", by=city)
        assert message in "；".join(map(str, report.errors)), change
        with pytest.raises(ValidationError, match="第3行"):
            imported(city, change)
        assert not Contract.objects.exists(), change


def test_amounts_in_yuan_are_converted(city):
    content = workbook({"合同成交额（万元）": "1200000元"})
    assert check_contract_list(content, "名单.xlsx", by=city).rows[0].values["amount_wan"] == WAN


def test_duplicates_are_warnings(city):
    rows = ({"登记编号": "2026210200000009", "合同成交额（万元）": "90"}, {}, {}, {"登记编号": "2026210200000002"})
    report = check_contract_list(workbook(*rows), "名单.xlsx", by=city)
    message = "；".join(map(str, report.warnings))
    assert report.ok and "与第4行完全相同" in message and "可能重复" in message
    assert "不在平台上" in "".join(report.notices)


def test_one_number_with_different_contents_is_an_error(city):
    report = check_contract_list(workbook({}, {"合同成交额（万元）": "130"}), "名单.xlsx", by=city)
    assert "与第3行编号相同、内容不同" in str(report.errors[0])


def test_only_the_city_imports_the_list(city):
    for person in (make.district_officer(), make.auditor(), make.institution_officer()):
        with pytest.raises(PermissionDenied):
            check_contract_list(workbook({}), "名单.xlsx", by=person)
        with pytest.raises(PermissionDenied):
            import_contracts(stored(city, {}), by=person)


def test_the_template_has_the_columns_and_no_rows(db):
    with pytest.raises(UnreadableSheet, match="表头（第 1 行）下面没有数据"):  # so its header was understood
        read_workbook(contract_list_template(), contract_columns(), filename="模板.xlsx")


# --- Written and matched ----------------------------------------------------------------------------------------------
def test_a_row_with_unknown_parties_is_registered_with_its_names(city):
    result = imported(city, numbered(7))
    contract = Contract.objects.get()
    assert (result.created, contract.status, contract.deal, contract.doubt) == (1, "registered", None, "")
    assert (contract.seller, contract.seller_name, contract.is_seller_local) == (None, "沈阳甲方7研究所", False)
    assert (contract.buyer_region.code, contract.is_buyer_local) == ("jinpu", True)
    assert (contract.amount_wan, contract.tech_amount_wan, contract.source_row) == (107, 80, 3)
    assert contract.rule.valid_from == date(2026, 1, 23)


def test_an_organisation_is_found_with_any_kind_of_brackets(city):
    make.organisation("firm", "示例（大连）轴承有限公司", stat_region=make.region("gaoxin"))
    imported(city, {"买方名称": "示例(大连) 轴承有限公司"})
    contract = Contract.objects.get()
    assert (contract.buyer_name, contract.buyer_region.code) == ("示例（大连）轴承有限公司", "gaoxin")


def test_an_open_contract_is_registered_by_parties_and_amount(city):
    deal = signed(city)
    draft = draft_contract(deal, by=city)
    imported(city, {})
    draft.refresh_from_db(), deal.refresh_from_db()
    assert (draft.status, draft.number, draft.registered_on) == ("registered", "2026210200000001", date(2026, 3, 20))
    assert (deal.stage, Contract.objects.count()) == ("registered", 1)


def test_a_deal_without_a_draft_gets_the_contract_and_marks_its_achievement(city):
    item = make.achievement()
    deal = signed(city, outside_achievement=item)
    imported(city, {})
    deal.refresh_from_db(), item.refresh_from_db()
    assert (Contract.objects.get().deal, deal.stage, item.status) == (deal, "registered", "transferred")


def test_another_amount_between_the_same_parties_is_a_doubt(city):
    deal = signed(city)
    draft_contract(deal, by=city)
    imported(city, {"合同成交额（万元）": "125"})
    contract = Contract.objects.registered().get()
    assert (contract.doubt, contract.deal) == ("deal", None)
    assert candidates_of(contract).deals == [deal]


def test_a_failed_deal_gets_no_contract(city):
    deal = signed(city)
    fail_deal(deal, reason="price", note="没有谈拢", on=timezone.localdate(), by=city)
    imported(city, {})
    assert (Contract.objects.get().deal, Contract.objects.get().doubt) == (None, "")


def test_importing_twice_changes_nothing_and_a_later_list_corrects(city):
    make.institution()
    imported(city, {}, numbered(5))
    again = imported(city, {}, numbered(5))
    assert (again.created, again.unchanged, again.updated) == (0, 2, 0)
    make.confirmed(Contract.objects.get(number="2026210200000001"))
    corrected = imported(city, {"合同成交额（万元）": "119"}, numbered(5))
    contract = Contract.objects.get(number="2026210200000001")
    assert (corrected.updated, corrected.unchanged) == (1, 1)
    assert (contract.amount_wan, contract.is_officially_listed) == (119, True)
    assert [row.status for row in Confirmation.objects.of(contract).order_by("pk")] == [
        "expired",
        "expired",
        "pending",
    ]


def test_a_cancelled_contract_stays_cancelled(city):
    imported(city, {})
    contract = Contract.objects.get()
    cancel_contract(contract, on=timezone.localdate(), reason="合同解除", by=city)
    assert imported(city, {}).skipped == 1
    contract.refresh_from_db()
    assert contract.status == "cancelled"


# --- The worklist -----------------------------------------------------------------------------------------------------
def test_a_contract_is_linked_by_hand_and_replaces_the_draft(city):
    deal = signed(city)
    draft = draft_contract(deal, by=city)
    imported(city, {"合同成交额（万元）": "125"})
    contract = Contract.objects.registered().get()
    link_contract(contract, deal, by=city)
    draft.refresh_from_db(), deal.refresh_from_db()
    assert (contract.deal, contract.doubt, deal.stage) == (deal, "", "registered")
    assert (draft.status, draft.duplicate_of) == ("double", contract)
    with pytest.raises(ValidationError, match="已经处理过"):
        link_contract(contract, deal, by=city)


def test_a_duplicate_is_kept_and_not_counted(city):
    imported(city, {}, {"登记编号": "2026210200000002"})
    second = Contract.objects.get(doubt="double")
    assert candidates_of(second).duplicates == [Contract.objects.get(doubt="")]
    with pytest.raises(ValidationError, match="另一份"):
        mark_duplicate(second, second, by=city)
    mark_duplicate(second, candidates_of(second).duplicates[0], by=city)
    assert Contract.objects.registered().count() == 1 and Contract.objects.count() == 2
    assert not Contract.objects.to_check().exists()


def test_a_similar_name_is_a_doubt_that_staff_settle(city):
    firm = make.organisation("firm", "大连远洋密封件有限公司", stat_region=make.region("gaoxin"))
    imported(city, {"买方名称": "远洋密封件公司", "买方所在地": ""})
    contract = Contract.objects.get()
    assert (contract.doubt, contract.is_buyer_local) == ("party", None)
    assert candidates_of(contract).buyers == [firm]
    set_party(contract, side="buyer", organisation=firm, by=city)
    assert (contract.buyer, contract.buyer_region.code, contract.doubt) == (firm, "gaoxin", "")


def test_a_doubt_is_settled_once(city):
    imported(city, {}, {"登记编号": "2026210200000002"})
    second = Contract.objects.get(doubt="double")
    confirm_outside(second, by=city)
    assert Contract.objects.registered().count() == 2
    with pytest.raises(ValidationError, match="已经核对过"):
        confirm_outside(second, by=city)
    for person in (make.district_officer(), make.auditor()):
        with pytest.raises(PermissionDenied):
            confirm_outside(second, by=person)


# --- A long list ------------------------------------------------------------------------------------------------------
def long_list() -> list[dict]:
    """1,900 contracts of unknown parties, of which 40 are repeated and 40 similar, and 20 of known parties."""
    rows = [numbered(number) for number in range(1000, 2900)]
    same = [dict(row) for row in rows[:40]]
    alike = [row | {"登记编号": f"{2026210200500000 + at}"} for at, row in enumerate(rows[40:80])]
    known = [{"登记编号": f"{2026210200600000 + at}", "合同成交额（万元）": f"{130 + at}"} for at in range(20)]
    return [*rows, *same, *alike, *known]


def test_two_thousand_rows_with_duplicates_and_unknown_parties(city, django_assert_max_num_queries):
    deal = signed(city)
    rows = long_list()
    assert len(rows) == 2000
    file = stored(city, *rows)
    with django_assert_max_num_queries(110):  # four parts
        result = import_contracts(file, by=city)
    assert (result.created, result.unchanged) == (1960, 0)
    doubts = dict(Contract.objects.to_check().values_list("doubt").order_by("doubt").annotate(n=Sum(1)))
    assert doubts == {"double": 40, "deal": 20}
    total = Contract.objects.registered().aggregate(total=Sum("amount_wan"))["total"]
    wanted = sum(Decimal(row["合同成交额（万元）"]) for row in [*rows[:1900], *rows[1940:]])
    assert total == wanted
    assert not deal.contracts.exists()


def test_wrong_amounts_of_a_long_list_are_all_reported_and_nothing_is_imported(city):
    rows = long_list()[:500]
    for at in range(5, 500, 25):
        rows[at] = rows[at] | {"合同成交额（万元）": "10", "技术交易额（万元）": "11"}
    content = workbook(*rows)
    report = check_contract_list(content, "名单.xlsx", by=city)
    wrong = [problem.row for problem in report.errors if problem.key == "tech_amount_wan"]
    assert wrong == [at + 3 for at in range(5, 500, 25)]
    with pytest.raises(ValidationError, match="第8行"):
        import_contracts(store_source_file("contracts", content=content, name="登记名单.xlsx", by=city), by=city)
    assert not Contract.objects.exists()

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from accounts.services.contacts import ContactDetails, save_contacts
from audit.models import AuditRecord
from demands.models import Demand, DemandIndicator
from demands.services.exporting import HEADERS, export_demands
from tests import factories

pytestmark = pytest.mark.django_db
NAME = "大连精诚泰科轴承有限公司"


@pytest.fixture
def anonymous():
    firm = factories.firm(NAME)
    details = ContactDetails(firm.pk, "示例联系人", "13800001234", "someone@example.com", True)
    demand = factories.demand(
        firm=firm,
        title="=精诚泰科的主轴",
        problem=f"{NAME}需要",
        is_anonymous=True,
        public_alias="金普新区某轴承企业",
        contact=save_contacts([details])[details],
    )
    DemandIndicator.objects.create(demand=demand, name="精诚泰科台架寿命", value="5000", unit="h")
    return demand


def lines(by, queryset=None):
    content = export_demands(Demand.objects.all() if queryset is None else queryset, by=by)
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert rows[1] == HEADERS
    return rows[0], [dict(zip(HEADERS, row, strict=True)) for row in rows[2:]]


@pytest.mark.parametrize("role", ["district_officer", "city_officer", "auditor"])
def test_managing_users_export_the_firm_name_and_a_masked_contact(role, anonymous):
    by = getattr(factories, role)()
    watermark, (line,) = lines(by)
    assert str(by) in watermark[0] and "仅供对接工作使用" in watermark[0]
    assert (line["企业名称"], line["联系电话"], line["邮箱"]) == (NAME, "138****1234", "s***@example.com")
    assert line["联系人"] == "示****"
    assert line["需求名称"].lstrip("'").startswith("=精诚泰科")
    assert AuditRecord.objects.filter(action="导出技术需求", actor=by, changes__rows=[None, 1]).exists()


@pytest.mark.parametrize("role", ["institution_officer", "firm_officer", "district elsewhere"])
def test_other_users_do_not_find_the_firm_in_any_cell(role, anonymous):
    by = factories.district_officer("gaoxin") if role == "district elsewhere" else getattr(factories, role)()
    _watermark, (line,) = lines(by)
    text = " ".join(str(value) for value in line.values())
    assert "精诚" not in text and "示" not in text and not re.search(r"138.{4}1234", text)
    assert line["企业名称"] == "金普新区某轴承企业"


def test_invisible_rows_are_not_exported():
    draft = factories.demand(published=False)
    assert lines(factories.district_officer("gaoxin"))[1] == []
    assert len(lines(factories.district_officer("jinpu"), Demand.objects.filter(pk=draft.pk))[1]) == 1


def test_queries_do_not_grow_with_rows(django_assert_num_queries, anonymous):
    by = factories.city_officer()
    assert by.scope.is_city
    for count in (1, 3):
        while Demand.objects.count() < count:
            factories.demand()
        with django_assert_num_queries(4):  # rows, indicators, whose names are known, trail
            export_demands(Demand.objects.all(), by=by)

from io import BytesIO

import pytest
from openpyxl import load_workbook

from accounts.services.contacts import ContactDetails, save_contacts
from audit.models import AuditRecord
from brokers.models import Agency, Broker
from brokers.services.exporting import AGENCY_HEADERS, BROKER_HEADERS, export_agencies, export_brokers
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory():
    organisation = factories.organisation("agency", "=示例中心")
    details = ContactDetails(organisation.pk, "示例联系人", "13800001234", "someone@example.com")
    contact = save_contacts([details])[details]
    agency = Agency.objects.create(organisation=organisation, kind="transfer", services=["platform"], contact=contact)
    return agency, Broker.objects.create(
        name="示例甲", agency=agency, level="junior", certificate_number="A-1", contact=contact, is_active=False
    )


def lines(content, headers):
    rows = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert rows[1] == headers
    return rows[0][0], [dict(zip(headers, row, strict=True)) for row in rows[2:]]


def test_contacts_are_masked_formulas_escaped_and_the_export_recorded(directory):
    by = factories.city_officer()
    watermark, (agency,) = lines(export_agencies(Agency.objects.all(), by=by), AGENCY_HEADERS)
    assert str(by) in watermark
    assert agency["机构名称"] == "'=示例中心"
    assert (agency["联系电话"], agency["联系人"], agency["服务类型"]) == ("138****1234", "示****", "信息网络平台服务")
    _watermark, (broker,) = lines(export_brokers(Broker.objects.all(), by=by), BROKER_HEADERS)
    assert (broker["邮箱"], broker["执业中"]) == ("s***@example.com", "否")
    assert AuditRecord.objects.filter(action__startswith="导出", actor=by).count() == 2


def test_invisible_rows_are_not_exported(directory):
    by = factories.institution_officer()
    assert lines(export_agencies(Agency.objects.all(), by=by), AGENCY_HEADERS)[1] == []
    assert lines(export_brokers(Broker.objects.all(), by=by), BROKER_HEADERS)[1] == []

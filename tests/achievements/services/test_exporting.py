import io

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook

from accounts.models import Contact
from achievements.models import Achievement
from achievements.services.exporting import export_achievements
from audit.models import AuditRecord
from tests import factories

pytestmark = pytest.mark.django_db


def exported(queryset, by):
    sheet = load_workbook(io.BytesIO(export_achievements(queryset, by=by))).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.fixture
def rows():
    contact = Contact.objects.create(organisation=factories.institution(), name="示例联系人", phone="13800000000")
    return [
        factories.achievement(contact=contact, title="=1+1 的证明"),
        factories.achievement(registered=False, title="尚未公开的草稿"),
    ]


def test_contacts_are_masked_and_the_exporting_user_is_named(rows):
    city = factories.city_officer(name="张示例")
    lines = exported(Achievement.objects.all(), city)
    assert "张示例" in lines[0][0]
    assert "共 2 项" in lines[0][0]
    text = str(lines)
    assert "示****" in text
    assert "138****0000" in text
    assert "示例联系人" not in text
    assert "13800000000" not in text
    assert lines[2][1] == "'=1+1 的证明"
    assert AuditRecord.objects.get(action="导出成果").changes == {"count": [None, 2]}


def test_exports_contain_only_visible_rows(rows):
    titles = [line[1] for line in exported(Achievement.objects.all(), factories.district_officer())[2:]]
    assert titles == ["'=1+1 的证明"]
    own = exported(Achievement.objects.all(), factories.institution_officer())[2:]
    assert len(own) == 2
    with pytest.raises(PermissionDenied):
        export_achievements(Achievement.objects.all(), by=AnonymousUser())


def test_the_number_of_queries_does_not_grow(rows, django_assert_num_queries):
    city = factories.city_officer()
    city.scope  # noqa: B018 (read once before counting)
    for _ in range(2):
        with django_assert_num_queries(6):
            export_achievements(Achievement.objects.all(), by=city)
        factories.achievement()

"""科技成果登记表: every item of an institution, one as Word, several as a zip, missing values marked."""

import io
import zipfile

import pytest
from django.urls import reverse
from docx import Document

from achievements.models import Completer, IntellectualProperty
from achievements.registration_form import MISSING
from tests import factories as make

pytestmark = pytest.mark.django_db


def rows_of(content: bytes) -> dict[str, str]:
    (table,) = Document(io.BytesIO(content)).tables
    return {row.cells[0].text: row.cells[1].text for row in table.rows}


def test_the_form_of_one_and_of_several(client):
    office = make.institution_officer(make.institution("大连登记大学"))
    school = office.memberships.get().organisation
    item = make.achievement(institution=school, title="高压/管道 <检测> & 评估", keywords=["管道", "检测"])
    Completer.objects.create(achievement=item, name="司空甲", unit="机械学院")
    IntellectualProperty.objects.create(achievement=item, kind="invention", number="ZL202310000001.0", state="授权")
    draft = make.achievement(institution=school, title="还是草稿", registered=False)
    foreign = make.achievement(institution=make.institution("外校"))
    client.force_login(office)
    rows = rows_of(b"".join(client.get(reverse("registration_form", args=[item.public_id]))))
    assert rows["成果名称"] == "高压/管道 <检测> & 评估"
    assert rows["主要完成人（按顺序）"] == "司空甲（机械学院）"
    assert rows["关键词（最多 3 个）"] == "管道；检测"
    assert "ZL202310000001.0" in rows["知识产权"]
    assert (rows["成果密级"], rows["研究起始年月"]) == ("公开", MISSING)
    page = client.post(reverse("registration_forms"), {"chosen": [item.public_id, draft.public_id]})
    with zipfile.ZipFile(io.BytesIO(page.content)) as packed:
        assert packed.testzip() is None
        assert len(packed.namelist()) == 2
        assert all("/" not in name for name in packed.namelist())
        titles = {rows_of(packed.read(name))["成果名称"] for name in packed.namelist()}
    assert titles == {item.title, draft.title}
    assert client.get(reverse("registration_form", args=[foreign.public_id])).status_code == 404
    assert client.post(reverse("registration_forms"), {"chosen": [foreign.public_id]}).status_code == 404

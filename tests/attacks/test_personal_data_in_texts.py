"""Personal data in public texts: refused by form, sheet and admin; masked and not found where they are stored."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Organisation
from achievements.imports import check_achievements
from achievements.models import Achievement
from brokers.imports import check_agencies
from demands.imports import check_demands
from demands.models import Demand
from tests import factories
from tests.achievements.sheets import workbook as achievement_sheet
from tests.brokers.sheets import AGENCY
from tests.brokers.sheets import workbook as agency_workbook
from tests.demands.sheets import workbook as demand_sheet

pytestmark = pytest.mark.django_db
IDENTITY = "11010519491231002X"
MOBILE = "13804112233"
NUMBERS = [IDENTITY, MOBILE, "6222021001116245702", "zhang@dlut.edu.cn", "0411-84708000"]


@pytest.mark.parametrize("number", NUMBERS)
def test_sheets_name_the_cell(number):
    city = factories.city_officer()
    reports = {
        "成果简介": check_achievements(achievement_sheet({"成果简介": f"负责人{number}负责"}), "a.xlsx", by=city),
        "主要问题": check_demands(demand_sheet({"主要问题": f"请找{number}"}), "a.xlsx", by=city),
        "机构简介": check_agencies(agency_workbook(AGENCY, {"机构简介": f"请找{number}"}), "a.xlsx", by=city),
    }
    for label, report in reports.items():
        errors = [error for error in report.errors if "不能有个人信息" in error.message]
        assert [(error.label, error.column != "", error.row > 1) for error in errors] == [(label, True, True)]
        assert number not in errors[0].message, "the message does not repeat the number in full"


def test_a_row_that_names_its_anonymous_firm_is_an_error_of_the_cell():
    row = {"是否匿名发布": "是", "技术指标": "示例轴承台架寿命≥5000 h"}
    report = check_demands(demand_sheet(row), "a.xlsx", by=factories.city_officer())
    [error] = [error for error in report.errors if "企业名称" in error.message]
    assert error.label == "技术指标" and "示例轴承" in error.message


def test_a_row_that_leads_to_its_firm_is_a_warning_of_the_cell():
    row = {"是否匿名发布": "是", "主要问题": "厂址在金州区龙湾路88号，shilizhoucheng"}
    report = check_demands(demand_sheet(row), "a.xlsx", by=factories.city_officer())
    warnings = [warning.message for warning in report.warnings if warning.label == "主要问题"]
    assert len(warnings) == 2 and "地址" in warnings[0] and "拼音" in warnings[1]


@pytest.mark.parametrize("field", ["title", "summary", "innovation", "wanted_partner", "keywords"])
def test_models_refuse_numbers_in_each_public_field(field):
    achievement = factories.achievement()
    setattr(achievement, field, [MOBILE] if field == "keywords" else f"请找{MOBILE}")
    with pytest.raises(ValidationError) as caught:
        achievement.full_clean()
    assert field in caught.value.message_dict


def test_only_what_an_office_publishes_of_itself_is_permitted():
    institution = factories.institution()
    institution.public_contacts = ["0411-84708000", "office@dlut.edu.cn"]
    institution.full_clean()
    institution.save()
    achievement = factories.achievement(institution=institution, summary="转化处电话0411 8470 8000，office@dlut.edu.cn")
    achievement.full_clean()
    for number in (IDENTITY, "6222021001116245702", MOBILE, "zhang@dlut.edu.cn"):
        achievement.summary = number
        with pytest.raises(ValidationError, match="个人信息"):
            achievement.full_clean()


@pytest.mark.parametrize("contact", [MOBILE, IDENTITY, "6222021001116245702", "王老师", "微信 wang2020"])
def test_an_office_cannot_publish_a_persons_number(contact):
    institution = factories.institution()
    institution.public_contacts = ["0411-84708000", contact]
    with pytest.raises(ValidationError, match="办公电话，也不是邮箱"):
        institution.full_clean()


@pytest.mark.long
def test_what_is_stored_is_not_found_and_not_shown(client, capsys):
    """Texts from before the check: an import of another system, a restored backup."""
    achievement = factories.achievement(summary=f"由{IDENTITY}完成，电话{MOBILE}")
    demand = factories.demand(problem=f"由１１０１０５ １９４９１２３１ ００２Ｘ提出，{MOBILE}")
    for q in (IDENTITY, IDENTITY[:10], IDENTITY[6:14], MOBILE, "138-0411-2233", "110105 19491231"):
        for name in ("achievement_list", "demand_list"):
            page = client.get(reverse(name), {"q": q}).text
            assert achievement.public_id not in page and demand.public_id not in page, (name, q)
        for kind in ("achievements", "demands"):
            assert client.get(f"/api/v1/{kind}/", {"q": q}).json()["count"] == 0
    pages = [
        client.get(reverse("achievement_detail", args=[achievement.public_id])).text,
        client.get(reverse("demand_detail", args=[demand.public_id])).text,
        json.dumps(client.get(f"/api/v1/achievements/{achievement.public_id}/").json()),
        client.get(reverse("demand_list")).text,
    ]
    assert all("19491231" not in page and "１９４９１２３１" not in page for page in pages)
    with pytest.raises(SystemExit):
        call_command("find_personal_data")
    listed = capsys.readouterr().out
    assert achievement.public_id in listed and demand.public_id in listed and IDENTITY not in listed
    Achievement.objects.update(summary="干净")
    Demand.objects.update(problem="干净")
    call_command("find_personal_data")


def test_the_office_profile_of_an_agency_is_checked():
    agency = factories.organisation("agency", "样本服务机构", profile=f"找王经理{MOBILE}")
    with pytest.raises(ValidationError, match="个人信息"):
        agency.full_clean()
    assert Organisation.objects.filter(kind="agency").exists()

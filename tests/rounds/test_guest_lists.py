import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from openpyxl import Workbook

from accounts.services.source_files import store_source_file
from rounds.imports import check_guests
from rounds.models import Party
from rounds.services.guest_imports import import_guests
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def docking_round():
    return make.docking_round()


@pytest.fixture
def district():
    return make.district_officer("jinpu")


def sheet(*rows: dict) -> bytes:
    headers = list(dict.fromkeys(key for row in rows for key in row))
    book = Workbook()
    book.active.append(headers)
    for row in rows:
        book.active.append([row.get(header) for header in headers])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def guest(firm, person="王五", **more) -> dict:
    return {"企业名称": firm.name, "姓名": person, "职务": "总工"} | more


def written(content, by):
    stored = store_source_file("guests", content=content, name="名单.xlsx", by=by)
    return import_guests(stored, by=by)


def faults(content, by, **options) -> list[str]:
    return [str(problem) for problem in check_guests(content, "名单.xlsx", by=by, **options).errors]


def test_import_adds_parties_and_people_without_inviting(docking_round, district):
    firm = make.firm()
    result = written(sheet(guest(firm), guest(firm, "赵六")), district)
    party = docking_round.parties.get()
    assert (result.created, party.answer) == (1, "listed")
    assert [attendee.name for attendee in party.attendees.order_by("pk")] == ["王五", "赵六"]


def test_importing_the_same_list_twice_changes_nothing(docking_round, district):
    content = sheet(guest(make.firm()))
    written(content, district)
    result = written(content, district)
    assert (result.created, result.unchanged, result.updated) == (0, 1, 0)
    assert docking_round.parties.get().attendees.count() == 1


def test_existing_answers_stay(docking_round, district):
    party = make.party(docking_round, answer="declined")
    result = written(sheet(guest(party.organisation)), district)
    assert (result.skipped, party.attendees.count()) == (1, 0)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"企业名称": "平台上没有的公司"}, "名录中没有这家企业"),
        ({"企业名称": ""}, "不能为空"),
        ({"姓名": "", "职务": "总工"}, "姓名也填上"),
        ({"姓名": "长" * 2000}, "30"),
        ({"团队": "二队"}, "企业请留空"),
        ({"统一社会信用代码": "123"}, "信用代码"),
    ],
)
def test_faults_are_reported_and_nothing_is_written(docking_round, district, row, words):
    content = sheet(guest(make.firm()), guest(make.firm()) | row)
    assert any(words in fault or "没有填写" in fault for fault in faults(content, district))
    with pytest.raises(ValidationError):
        written(content, district)
    assert not Party.objects.exists()


def test_firms_of_another_district_are_faults_or_left_out(docking_round, district):
    content = sheet(guest(make.firm()), guest(make.firm(region_code="gaoxin")))
    assert "本区市县的名录中没有这家企业" in faults(content, district)[0]
    assert faults(content, district, only_own=True) == []


def test_duplicate_people_and_too_many_people_are_faults(docking_round, district):
    firm = make.firm()
    assert "同一个人" in faults(sheet(guest(firm), guest(firm)), district)[0]
    many = [guest(firm, f"人{number}") for number in range(11)]
    assert "最多登记 10 人" in faults(sheet(*many), district)[0]


def test_sheet_must_name_the_round_if_two_are_open(docking_round, district):
    other = make.docking_round()
    firm = make.firm()
    assert faults(sheet(guest(firm)), district)
    written(sheet(guest(firm, 活动名称=other.name)), district)
    assert other.parties.count() == 1
    assert docking_round.parties.count() == 0


@pytest.mark.parametrize("who", [make.auditor, lambda: make.firm_officer(make.firm())])
def test_only_district_and_city_staff_import(docking_round, who):
    with pytest.raises(PermissionDenied):
        check_guests(sheet(guest(make.firm())), "名单.xlsx", by=who())

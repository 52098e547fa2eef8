"""What is read of documents of many layouts: a field is read, proposed, left as a gap, or wrong."""

import pytest

from drafting.extraction.pasted import read_pasted
from drafting.field_readings import SecretDocument, check_not_secret, personal_finds
from tests import factories
from tests.drafting.corpus import DEVELOPMENT
from tests.drafting.held_out import HELD_OUT
from tests.drafting.held_out_second import HELD_OUT_SECOND
from tests.drafting.making import UNIVERSITY
from tests.drafting.measuring import document_of, measure, readings_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture
def office():
    return factories.institution_officer(factories.institution(UNIVERSITY))


@pytest.mark.parametrize("cases", [DEVELOPMENT, HELD_OUT, HELD_OUT_SECOND], ids=["development", "held_out", "second"])
def test_at_least_nine_of_ten_fields_are_read_and_none_is_silently_wrong(office, cases):
    measured = measure(cases, office)

    assert not measured.silent
    assert not measured.wrong
    assert measured.share >= 0.9, measured.missed


def test_each_field_has_its_place_and_quotation_without_numbers_of_persons(office):
    case = next(case for case in DEVELOPMENT if case.name == "form_docx")
    document = document_of(case)
    readings = readings_of(document, office)

    assert readings["title"].place == "第 2 段"
    assert "船舶低温固化环氧涂料用潜伏型固化剂" in readings["title"].quotation
    assert "110101197503071230" not in "".join(row.quotation + row.text for row in readings.values())
    kinds = {find.kind for find in personal_finds(document)}
    assert {"手机号", "身份证号"} <= kinds
    assert all("13812345678" not in find.shown for find in personal_finds(document))


def test_a_number_of_a_person_inside_a_text_is_left_out(office):
    text = (
        "成果名称：海带加工废水净化装置\n成果简介：装置已在三家企业使用，详情请致电 13912345678 咨询，出水浊度"
        "小于 1 NTU，运行成本下降三成。"
    )
    row = readings_of(read_pasted(text), office)["summary"]

    assert "13912345678" not in row.text + row.quotation
    assert row.status == "proposed"
    assert "手机号" in row.message


def test_what_is_not_written_is_not_invented(office):
    text = (
        "学校领导一行调研科技园，听取了关于成果转化工作的汇报，并与师生座谈。会议强调要加强合作，推动更多项目落"
        "地，促进地方发展。"
    )

    readings = readings_of(read_pasted(text), office)

    assert not {"price", "stage", "lead_person", "intellectual_property", "industry", "institution"} & readings.keys()


@pytest.mark.parametrize(
    ("text", "is_secret"),
    [
        ("成果密级：机密\n成果名称：某装置", True),
        ("成果名称：某装置（秘密级）", True),
        ("成果密级：□秘密级 □机密级 ☑公开\n成果名称：某装置", False),
        ("成果密级：☑秘密级 □公开\n成果名称：某装置", True),
        ("技术秘密与秘密共享算法", False),
    ],
)
def test_a_secret_document_is_refused_and_an_empty_box_is_not_secret(text, is_secret):
    document = read_pasted(text)
    if is_secret:
        with pytest.raises(SecretDocument, match="涉密文件不能上传"):
            check_not_secret(document)
    else:
        check_not_secret(document)

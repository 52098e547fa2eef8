"""No contact leaves the house, wherever it stands in a text."""

import json

import pytest

from accounts.models import Contact
from matching.reader.masking import mask_contacts
from matching.readings.texts import DemandTexts
from matching.services.reading import read_waiting
from matching.services.runs import execute_chunk, start_run
from tests import factories as make


@pytest.mark.parametrize(
    "contact",
    [
        "13812345678", "138 1234 5678", "138-1234-5678", "１３８１２３４５６７８", "+86 13812345678", "(86)13812345678",
        "0411-84706000", "0411 84706000", "（0411）84706000", "０４１１—８４７０６０００",
        "0411-84706000转802", "010-62345678",
        "400-810-8888", "8008100000", "电话84706000", "Tel: 84706000", "传真：8470 6000",
        "wang.gang@jingda-bearing.com", "WangGang＠jingda．com．cn", "a_b@x.cn",
        "http://www.jingda.com/contact", "www.jingda-bearing.com.cn",
        "微信：jingda2020", "QQ 84706000", "微信号 wg_1980",
        "91210200MA0XYZ1234", "210211198001011234",
        "联系人：王刚", "联系人是王小刚经理", "法定代表人：欧阳建国",
        "地址：高新园区凌工路2号A座", "大连市甘井子区凌工路2号", "开发区振鹏大街73号",
        "金马路 195号3楼",
    ],
)  # fmt: skip
def test_contact_is_masked(contact):
    masked = mask_contacts(f"轴承寿命不足，{contact}，希望提高。")
    assert masked.startswith("轴承寿命不足，") and masked.endswith("，希望提高。") and "〔" in masked
    digits = [character for character in masked if character.isdigit()]
    assert len(digits) <= 1 and "@" not in masked and "＠" not in masked and "王" not in masked
    for part in ("jingda", "凌工路", "建国", "wg_1980"):
        assert part not in masked


@pytest.mark.parametrize(
    "text",
    [
        "转速 12000 r/min，寿命 20000 h，压力 0.35～0.45 MPa",
        "循环 10000000000 次",
        "电路12号引脚接地，油路3号阀",
        "国标 GB/T 35273-2020，IEC 61508-2010",
        "2026年1月至2027年12月，预算 100-200 万元",
        "地址总线宽度 32 位，微信息处理",
        "联系人员培训，负责人员不足",
        "通信地址编码方式",
    ],
)
def test_technical_text_stays(text):
    assert mask_contacts(text) == text


def test_real_texts_are_hardly_changed(shared_data):
    lines = [
        json.loads(line)["text"]
        for name in ("real_registry.jsonl", "real_needs.jsonl")
        for line in (shared_data / name).read_text(encoding="utf-8").splitlines()
    ]
    assert sum(mask_contacts(text) != text for text in lines) <= 3


@pytest.fixture
def anonymous_demand(db):
    firm = make.firm("大连精诚泰科轴承有限公司")
    firm.credit_code = "91210200MA0XYZ123Q"
    firm.short_name = "精诚泰科"
    firm.save()
    contact = Contact.objects.create(organisation=firm, name="欧阳明月", phone="84790000", email="oy@jctk.example")
    demand = make.demand(
        firm=firm,
        contact=contact,
        is_anonymous=True,
        public_alias="金普新区某轴承企业",
        title="精诚泰科轧机轴承正极材料包覆",
        problem="大连精诚泰科轴承有限公司（精 诚 泰 科）高镍三元正极材料表面包覆，"
        "请找欧阳明月，84790000，或发 oy@jctk.example。",
        goal="统一社会信用代码91210200MA0XYZ123Q，地址：开发区某某路12号，循环寿命提高。",
        conditions="精诚泰科现有窑炉，电话 0411-84790000。",
        keywords=["精诚泰科", "包覆"],
    )
    demand.indicators.create(
        name="精诚泰科循环寿命", comparison="ge", value="2000", unit="次", condition="欧阳明月确认"
    )
    make.achievement(
        title="高镍三元正极材料表面包覆技术",
        summary="已在精诚泰科应用，联系人：赵六，13812345678。在正极颗粒表面生成包覆层，提高循环寿命。",
    )
    return demand


SECRETS = ("精诚", "泰科", "精 诚", "欧阳", "8479", "oy@", "jctk", "XYZ123", "某某路", "赵六", "138123")


def test_anonymous_firm_does_not_leave(anonymous_demand):
    texts = DemandTexts(anonymous_demand)
    left = f"{texts.need.title}\n{texts.need.text}"
    assert not [secret for secret in SECRETS if secret in left]
    assert "现有基础：本企业现有窑炉" in left and "2000" in left and "表面包覆" in left


def test_nothing_of_the_firm_is_in_any_request_or_stored_answer(anonymous_demand, reader):
    reader.respond = reader.grading(lambda need, achievement: 3)
    run = start_run("一轮", by=None)
    execute_chunk(run.chunks.get().pk)
    read_waiting()
    [request] = reader.requests
    sent = json.dumps(request, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in sent]
    assert "包覆层" in sent
    stored = json.dumps(list(run.pair_readings.values_list("statements", flat=True)), ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in stored] and "quotation" in stored

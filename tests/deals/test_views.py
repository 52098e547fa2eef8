"""Pages of deals and contracts: their forms, refusals, files and exports, and the worklist."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from accounts.models import Role
from accounts.services.source_files import store_source_file
from audit.models import AuditRecord
from deals.models import Confirmation, Contract, Deal
from deals.services.contract_imports import import_contracts
from deals.services.contracts import draft_contract, register_contract
from deals.services.deals import open_deal, sign_deal
from tests import factories as make
from tests.achievements import uploads
from tests.deals.contract_lists import numbered, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.long]
TODAY = timezone.localdate


@pytest.fixture
def city(db):
    return make.city_officer(name="周市")


@pytest.fixture
def deal(city):
    return open_deal(make.follow_up(owner=city), by=city, intent_wan=Decimal(90))


def send(client, deal, action, **fields):
    path = reverse("deal_do", args=[deal.public_id])
    return client.post(path, {"action": action} | {f"{action}-{name}": value for name, value in fields.items()})


def test_a_deal_is_taken_through_all_stages_on_its_pages(signed_in, city):
    """From the page of the follow-up to the review, with the requests that officers send."""
    follow_up = make.follow_up(owner=city)
    client = signed_in(city)
    page = client.get(reverse("follow_up", args=[follow_up.public_id])).text
    assert "转入成交" in page
    client.post(reverse("deal_open", args=[follow_up.public_id]))
    deal = Deal.objects.get()
    page = client.get(reverse("deal", args=[deal.public_id])).text
    assert reverse("follow_up", args=[follow_up.public_id]) in page
    assert reverse("demand_detail", args=[deal.demand.public_id]) in page
    assert reverse("achievement_detail", args=[deal.achievement.public_id]) in page
    send(client, deal, "sign", on=TODAY(), signed_wan="120.5", way="licence", licence="plain", pricing="listed")
    client.post(reverse("deal_do", args=[deal.public_id]), {"action": "contract"})
    assert not Contract.objects.exists()  # nobody but the city has said that it is signed
    for officer in (make.institution_officer(deal.seller), make.firm_officer(deal.buyer)):
        browser, waiting = signed_in(officer), Confirmation.objects.addressed_to(officer).pending().get()
        assert "有 1 项写着贵单位的记录等您确认。" in browser.get(reverse("workbench")).text
        assert waiting.title in browser.get(reverse("confirmations")).text
        browser.post(reverse("confirmation", args=[waiting.public_id]), {"action": "confirm"})
    client.post(reverse("deal_do", args=[deal.public_id]), {"action": "contract"})
    contract = Contract.objects.get()
    page = client.get(reverse("contract", args=[contract.public_id])).text
    assert "待填：" in page and "有效期限" in page
    at = reverse("contract_do", args=[contract.public_id])
    client.post(at, {"action": "submit"})
    for officer in (make.institution_officer(deal.seller), make.firm_officer(deal.buyer)):
        browser = signed_in(officer)
        assert "有 1 项写着贵单位的记录等您确认。" in browser.get(reverse("workbench")).text
        assert deal.name in browser.get(reverse("deals"), {"show": "mine"}).text
        browser.post(at, {"action": "confirm"})
        assert "的记录等您确认" not in browser.get(reverse("workbench")).text
    sums = {"amount_wan": "120.5", "tech_amount_wan": "100"}
    values = {"number": "2026-1", "registered_on": TODAY()} | sums
    for number, message in (("2026-1", "格式不对"), (make.registration_number(on=TODAY()), "已记为认定登记")):
        sent = {"action": "register"} | {f"register-{key}": v for key, v in (values | {"number": number}).items()}
        answer = client.post(at, sent, follow=True)
        assert message in answer.text
    assert answer.text.count("已确认") >= 2
    send(client, deal, "payment", amount_wan="60", received_on=TODAY())
    send(client, deal, "landing", kind="line", name="中试线", landed_on=TODAY())
    send(client, deal, "stage", target="landed", on=TODAY())
    send(client, deal, "stage", target="reviewed", on=TODAY(), note="样品试用安排得早，少走了弯路。")
    page = client.get(reverse("deal", args=[deal.public_id])).text
    assert "已复盘" in page and "60" in page and "120.5" in page
    assert "看成交项目" in client.get(reverse("follow_up", args=[follow_up.public_id])).text


def test_a_refused_form_keeps_its_input(signed_in, city, deal):
    client = signed_in(city)
    answer = send(client, deal, "sign", on=TODAY(), signed_wan="-1", way="licence", note="已写的说明")
    assert answer.status_code == 422 and "还没有保存" in answer.text and "已写的说明" in answer.text
    answer = send(client, deal, "sign", on=TODAY(), signed_wan="1", way="licence")
    assert answer.status_code == 422 and "技术许可请选择许可方式" in answer.text
    answer = send(client, deal, "fail", reason="", note="", on=TODAY())
    assert answer.status_code == 422
    deal.refresh_from_db()
    assert deal.stage == "intent"


def test_the_owner_of_a_follow_up_fills_in_the_contract(signed_in, city):
    """A broker who took the pair, named neither in the deal nor in its contract."""
    person = make.user(Role.BROKER, make.organisation("agency"))
    deal = open_deal(make.follow_up(owner=person), by=city)
    client = signed_in(person)
    send(client, deal, "sign", on=TODAY(), signed_wan="120.5", way="licence", licence="plain", pricing="listed")
    make.confirmed(deal)
    sent = client.post(reverse("deal_do", args=[deal.public_id]), {"action": "contract"}, follow=True)
    page = reverse("contract", args=[Contract.objects.get().public_id])
    assert (sent.status_code, sent.redirect_chain[-1][0]) == (200, page)
    assert page in client.get(reverse("deal", args=[deal.public_id])).text
    assert signed_in(make.user(Role.BROKER, make.organisation("agency"))).get(page).status_code == 404


def test_a_form_that_does_not_fit_the_stage_is_refused_with_a_message(signed_in, city, deal):
    client, before = signed_in(city), deal.steps.count()
    for action in ("payment", "landing", "contract", "settle"):
        answer = client.post(reverse("deal_do", args=[deal.public_id]), {"action": action}, follow=True)
        assert answer.status_code == 200, action
        assert "现在不能这样做" in answer.text or "签约以后" in answer.text, action
    deal.refresh_from_db()
    assert (deal.stage, deal.steps.count()) == ("intent", before)


def test_evidence_is_checked_downloaded_and_removed(signed_in, deal):
    office = signed_in(make.institution_officer(deal.seller))
    bad = SimpleUploadedFile("合同.pdf", b"<script>alert(1)</script>")
    assert send(office, deal, "evidence", file=bad).status_code == 422
    send(office, deal, "evidence", file=SimpleUploadedFile("意向书.pdf", uploads.PDF), step=deal.steps.get().pk)
    evidence = deal.files.get()
    answer = office.get(reverse("deal_file", args=[evidence.public_id]))
    assert answer["Content-Type"] == "application/pdf" and "attachment" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == uploads.PDF
    assert "意向书.pdf" in office.get(reverse("deal", args=[deal.public_id])).text
    office.post(reverse("deal_file_remove", args=[evidence.public_id]))
    assert office.get(reverse("deal_file", args=[evidence.public_id])).status_code == 404


def test_an_outside_deal_is_entered_with_full_names(signed_in, city):
    firm = make.firm("大连甲乙轴承有限公司")
    client, path = signed_in(make.firm_officer(firm)), reverse("deal_new")
    values = {"name": "检测服务", "buyer": "大连甲乙轴承有限公司", "on": TODAY(), "note": "老客户续约"}
    assert "写单位的全称" in client.post(path, values | {"seller": "大学"}).text
    seller = make.institution()
    client.post(path, values | {"seller": f" {seller.name} "})
    deal = Deal.objects.get()
    assert (deal.origin, deal.seller, deal.buyer) == ("outside", seller, firm)


def test_lists_have_a_constant_number_of_queries(signed_in, city):
    client = signed_in(city)

    def questions(path):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    def one_more():
        open_deal(make.follow_up(owner=city), by=city)
        make.contract(doubt="party", buyer_name="大连示例密封件公司")

    one_more()
    paths = [reverse("deals"), reverse("contract_worklist"), reverse("admin:deals_deal_changelist")]
    paths.append(reverse("admin:deals_contract_changelist"))
    [questions(path) for path in paths]
    at_one = [questions(path) for path in paths]
    one_more(), one_more()
    assert [questions(path) for path in paths] == at_one


# --- The registration form --------------------------------------------------------------------------------------------
@pytest.fixture
def contract(city, deal):
    sign_deal(deal, on=TODAY(), signed_wan=Decimal(120), way="service", by=city)
    make.confirmed(deal)
    return draft_contract(deal, by=city)


def test_the_registration_form_is_exported_with_missing_values_marked(signed_in, city, contract):
    client = signed_in(city)
    word = client.get(reverse("contract_word", args=[contract.public_id]))
    cells = [cell.text for row in Document(io.BytesIO(word.content)).tables[0].rows for cell in row.cells]
    known = dict(zip(cells[::2], cells[1::2], strict=True))
    assert known["卖方名称"] == contract.seller_name and known["卖方性质"] == "022 高等学校"
    assert known["买方性质"] == "【待填】" and known["合同成交额（万元）"] == "120"
    sheet = load_workbook(io.BytesIO(client.get(reverse("contract_sheet", args=[contract.public_id])).content)).active
    marked = {row[0].value for row in sheet.iter_rows(min_row=3) if row[2].value == "【待填】"}
    assert {"买方性质", "有效期限", "计划来源"} <= marked and "卖方名称" not in marked


def test_the_word_form_marks_missing_values_in_red_and_says_who_exported_it(signed_in, city, contract):
    hostile = "{{ 7*7 }}{% for x in y %}<w:p>&"
    contract.name = hostile
    contract.save()
    word = signed_in(city).get(reverse("contract_word", args=[contract.public_id]))
    document = Document(io.BytesIO(word.content))
    runs = [run for row in document.tables[0].rows for run in row.cells[1].paragraphs[0].runs if run.text]
    red = {run.text for run in runs if str(run.font.color.rgb) == "B42318"}
    assert red == {"【待填】"} and hostile in {run.text for run in runs}
    assert document.paragraphs[-1].text.startswith(f"{city} 于 ")


def test_a_faulty_word_template_of_the_office_is_named_and_nothing_is_recorded(
    signed_in, city, contract, settings, tmp_path
):
    settings.WORD_TEMPLATES = str(tmp_path)
    own = Document()
    own.add_paragraph("{% for row in rows %}{{ watermark }}")
    own.save(tmp_path / "form_template.docx")
    answer = signed_in(city).get(reverse("contract_word", args=[contract.public_id]))
    assert answer.status_code == 503 and "Word 模板 form_template.docx 有问题：标签写得不对" in answer.text
    assert not AuditRecord.objects.filter(action="导出登记表").exists()


def test_only_a_side_fills_in_the_registration_form(signed_in, contract):
    path = reverse("contract", args=[contract.public_id])
    values = {
        "name": "检测服务合同",
        "kind": "service",
        "amount_wan": "110",
        "plan": "city",
        "valid_until": "至 2027 年",
    }
    values |= {"seller_name": contract.seller_name, "buyer_name": contract.buyer_name, "signed_on": TODAY()}
    signed_in(make.firm_officer(contract.buyer)).post(path, values)
    contract.refresh_from_db()
    assert (contract.name, contract.amount_wan, contract.form["plan"]) == ("检测服务合同", 110, "city")
    assert signed_in(make.firm_officer()).post(path, values).status_code == 404
    assert signed_in(make.auditor()).post(path, values).status_code == 403
    wrong = signed_in(make.firm_officer(contract.buyer)).post(path, values | {"tech_amount_wan": "111"})
    assert wrong.status_code == 422 and "不能大于合同成交额" in wrong.text


def test_a_registration_is_cancelled_on_its_page(signed_in, city, contract):
    register = {
        "number": make.registration_number(on=TODAY()),
        "registered_on": TODAY(),
        "amount_wan": Decimal(120),
        "by": city,
    }
    register_contract(contract, **register)
    client, path = signed_in(city), reverse("contract_do", args=[contract.public_id])
    assert client.post(path, {"action": "cancel", "cancel-on": TODAY(), "cancel-reason": " "}).status_code == 422
    page = client.post(path, {"action": "cancel", "cancel-on": TODAY(), "cancel-reason": "合同解除"}, follow=True).text
    assert "合同解除" in page and "已注销" in page
    assert client.post(path, {"action": "submit"}, follow=True).status_code == 200
    assert Contract.objects.get().status == "cancelled"


# --- The worklist -----------------------------------------------------------------------------------------------------
def test_an_imported_list_is_settled_on_the_worklist(signed_in, city):
    client = signed_in(city)
    upload = SimpleUploadedFile("名单.xlsx", workbook(numbered(1), numbered(1, 登记编号="2026210200009999")))
    report = client.post(reverse("import_start", args=["contracts"]), {"file": upload}, follow=True)
    assert "可能重复" in report.text
    path = report.redirect_chain[-1][0].split("?")[0]
    assert "去核对名单" in client.post(f"{path}write/", follow=True).text
    page = client.get(reverse("contract_worklist"))
    second = Contract.objects.get(doubt="double")
    assert "待核对 1 份" in page.text and "2026210200000001" in page.text
    at = reverse("contract_check", args=[second.public_id])
    first = Contract.objects.get(doubt="")
    assert client.post(at, {"action": "double", "double-of": second.pk}).status_code == 422
    done = client.post(at, {"action": "double", "double-of": first.pk}, follow=True)
    assert "不再计入成交额" in done.text and "没有要核对的合同" in done.text


def test_the_worklist_settles_a_similar_name_and_links_a_deal(signed_in, city):
    firm = make.organisation("firm", "大连远洋密封件有限公司", stat_region=make.region())
    deal = make.deal(buyer=firm, stage_on=TODAY() - timedelta(days=400))
    sign_deal(deal, on=TODAY() - timedelta(days=390), signed_wan=Decimal(99), way="service", by=city)
    content = workbook({"买方名称": "远洋密封件公司", "签订日期": "2026-03-01"})
    import_contracts(store_source_file("contracts", content=content, name="x.xlsx", by=city), by=city)
    contract, client = Contract.objects.get(), signed_in(city)
    at = reverse("contract_check", args=[contract.public_id])
    assert "卖方" not in client.get(reverse("contract_worklist")).text.split("单位就是")[1].split("</form>")[0]
    client.post(at, {"action": "party", "party-chosen": f"buyer-{firm.pk}"})
    contract.refresh_from_db()
    assert (contract.buyer, contract.doubt) == (firm, "deal")
    client.post(at, {"action": "link", "link-deal": deal.pk})
    contract.refresh_from_db(), deal.refresh_from_db()
    assert (contract.deal, deal.stage) == (deal, "registered")

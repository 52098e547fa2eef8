"""Pages of honours: public list, breakdown for candidates, staff page, objection form."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mechanism.models import Honour, Objection
from mechanism.services.honours import answer_objection, score_honour
from tests import factories as make
from tests.browser_client import readable
from tests.mechanism.services.test_honours import brought_about, past_objections, publicised

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def honour():
    today = timezone.localdate()
    return Honour.objects.create(
        name="年度优秀技术经纪人", kind="broker", rule_text="按登记合同计分。", least_pairs=1,
        first_on=today - timedelta(days=365), last_on=today - timedelta(days=1),
    )  # fmt: skip


def test_visitors_see_points_and_rule_but_no_contracts(honour, city, client):
    broker = make.broker(name="示例经纪人")
    contract = brought_about(broker)
    assert client.get(reverse("honour_detail", args=[honour.public_id])).status_code == 404
    publicised(honour, city)
    page = readable(client.get(reverse("honour_detail", args=[honour.public_id])))
    assert "示例经纪人" in page and "80" in page and "按登记合同计分" in page and "登录后可以提出异议" in page
    assert contract.buyer_name not in page and contract.number not in page
    assert "年度优秀技术经纪人" in readable(client.get(reverse("honour_list")))


def test_objection_form(honour, city, client):
    contract = brought_about(make.broker())
    publicised(honour, city)
    address = reverse("honour_object", args=[honour.public_id])
    sent = {"candidate": honour.candidates.get().public_id, "text": "合同没有实际履行，请核实。"}
    assert client.post(address, sent).status_code == 302 and not Objection.objects.exists()
    client.force_login(make.user())  # sees no contract, so the form has no contract field
    page = readable(client.get(reverse("honour_detail", args=[honour.public_id])))
    assert "针对哪位候选" in page and contract.number not in page
    assert client.post(address, sent | {"contract": contract.public_id}).status_code == 302
    assert Objection.objects.get().contract is None
    client.force_login(make.firm_officer(contract.buyer))
    assert contract.number in readable(client.get(reverse("honour_detail", args=[honour.public_id])))
    wrong = client.post(address, sent | {"contract": "nothing"})
    assert wrong.status_code == 422 and "有 1 处需要修改" in readable(wrong)
    assert client.post(address, sent | {"contract": contract.public_id}).status_code == 302
    assert Objection.objects.exclude(contract=None).get().contract == contract


@pytest.mark.long
def test_candidates_see_the_breakdown_of_their_own_points_only(honour, city, client):
    agency = make.agency("大连示例技术转移有限公司")
    broker = make.broker(user=make.user("broker", agency.organisation), agency=agency)
    counted, refused = brought_about(broker), brought_about(broker, confirmed=False)
    other = make.broker(user=make.user("broker", make.agency("大连另一家技术转移有限公司").organisation))
    foreign = brought_about(other)
    mine = reverse("honour_mine", args=[honour.public_id])
    client.force_login(broker.user)
    assert client.get(mine).status_code == 404  # drafts are not visible
    publicised(honour, city)
    assert honour.name in readable(client.get(reverse("workbench")))
    page = readable(client.get(mine))
    assert "80.00 分" in page and counted.number in page and "全额计" in page
    assert refused.number in page and "买卖双方没有都确认" in page and foreign.number not in page
    assert "查看我的计分" in readable(client.get(reverse("honour_detail", args=[honour.public_id])))
    client.force_login(other.user)
    assert counted.number not in readable(client.get(mine))
    client.force_login(city)
    assert client.get(mine).status_code == 404


def test_members_of_an_agency_see_its_breakdown(city, client):
    today = timezone.localdate()
    agency = make.agency("大连示例技术转移有限公司")
    colleague = make.user("broker", agency.organisation)
    contract = brought_about(make.broker(agency=agency), agency=agency)
    honour = Honour.objects.create(
        name="年度优秀服务机构", kind="agency", rule_text="按登记合同计分。", least_pairs=1,
        first_on=today - timedelta(days=365), last_on=today - timedelta(days=1),
    )  # fmt: skip
    publicised(honour, city)
    client.force_login(colleague)
    page = client.get(reverse("honour_mine", args=[honour.public_id]))
    assert contract.number in readable(page)  # part of the own score, although the user cannot open the contract
    assert reverse("contract", args=[contract.public_id]) not in page.content.decode()


def test_an_objection_by_the_candidate_excludes_nothing(honour, city, client):
    broker = make.broker(user=make.user("broker", make.agency("大连示例技术转移有限公司").organisation))
    contract = brought_about(broker)
    publicised(honour, city)
    client.force_login(broker.user)
    mine = reverse("honour_mine", args=[honour.public_id])
    sent = {"candidate": honour.candidates.get().public_id, "contract": contract.public_id}
    assert client.post(mine, sent | {"text": "短"}).status_code == 422
    assert client.post(mine, sent | {"text": "还有一笔到账没有计入，请核实。"}).status_code == 302
    objection = Objection.objects.get()
    assert objection.is_own and objection.contract == contract
    answer_objection(objection, upheld=True, answer="已补记到账。", by=city)
    assert [score.points for score in score_honour(honour, as_of=timezone.localdate())] == [80]
    past_objections(honour)
    assert "对计分有异议" not in readable(client.get(mine))
    assert client.post(mine, sent | {"text": "还有一笔到账没有计入，请核实。"}).status_code == 422


def test_staff_see_every_line_of_draft_and_publicised_list(honour, city, client):
    contract = brought_about(make.broker())
    refused = brought_about(make.broker(), confirmed=False)
    client.force_login(city)
    page = reverse("admin:mechanism_honour_list", args=[honour.public_id])
    before = readable(client.get(page))
    assert contract.name in before and "买卖双方没有都确认" in before and refused.name in before
    publicised(honour, city)
    assert contract.name in readable(client.get(page))
    client.force_login(make.district_officer("jinpu"))
    assert client.get(page).status_code == 403

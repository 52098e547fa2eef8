"""The pages of honours: what everybody reads, what staff read, the form of an objection."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mechanism.models import Honour, Objection
from tests import factories as make
from tests.doors import readable
from tests.mechanism.services.test_honours import brought_about, publicised

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


def test_the_public_reads_points_and_rule_but_no_contract(honour, city, client):
    broker = make.broker(name="示例经纪人")
    contract = brought_about(broker)
    assert client.get(reverse("honour_detail", args=[honour.public_id])).status_code == 404
    publicised(honour, city)
    page = readable(client.get(reverse("honour_detail", args=[honour.public_id])))
    assert "示例经纪人" in page and "80" in page and "按登记合同计分" in page and "登录后可以提出异议" in page
    assert contract.buyer_name not in page and contract.number not in page
    assert "年度优秀技术经纪人" in readable(client.get(reverse("honour_list")))


def test_an_objection_by_the_form(honour, city, client):
    contract = brought_about(make.broker())
    publicised(honour, city)
    address = reverse("honour_object", args=[honour.public_id])
    sent = {"candidate": honour.candidates.get().public_id, "text": "合同没有实际履行，请核实。"}
    assert client.post(address, sent).status_code == 302 and not Objection.objects.exists()
    client.force_login(make.user())
    wrong = client.post(address, sent | {"contract_number": "123"})
    assert wrong.status_code == 422 and "没有登记编号为“123”的合同" in readable(wrong)
    assert client.post(address, sent | {"contract_number": contract.number}).status_code == 302
    assert Objection.objects.get().contract == contract


def test_staff_read_every_line_before_and_after(honour, city, client):
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

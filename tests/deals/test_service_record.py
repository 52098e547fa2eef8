import pytest
from django.urls import reverse
from django.utils import timezone

from deals.service_record import contract_count_of_agency, contract_counts_of_brokers
from tests import factories as make
from tests.browser_client import readable

pytestmark = pytest.mark.django_db


def confirmed(**fields):
    without = fields.pop("without", ())
    return make.confirmed(make.contract(**fields), confirms_broker=True, without=without)


def test_only_registered_contracts_that_both_sides_confirmed_count(client):
    agency = make.agency("大连演示技术转移中心")
    broker, other = make.broker(agency=agency), make.broker()
    confirmed(broker=broker), confirmed(broker=broker)
    for role in ("seller", "buyer", "broker"):
        confirmed(broker=broker, without=(role,))
    make.confirmed(make.contract(broker=broker))  # the sides say nothing of the broker
    confirmed(agency=agency, without=("agency",))
    confirmed(broker=broker, status="cancelled", cancelled_on=timezone.localdate(), cancelled_reason="解除")
    confirmed(agency=agency)
    confirmed(broker=other)
    make.contract(agency=agency)
    assert contract_counts_of_brokers([broker, other]) == {broker.pk: 2, other.pk: 1}
    assert contract_count_of_agency(agency) == 3
    assert ">3</b> 份，买卖双方均已确认" in readable(client.get(reverse("agency_detail", args=[agency.public_id])))
    assert "2 份" in readable(client.get(reverse("broker_list")))

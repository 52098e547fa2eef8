"""A city officer takes a contract over, with a reason; 待办 names the owner."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from audit.models import AuditRecord
from deals.models import Contract
from deals.open_work import deal_work
from deals.services.contract_owners import take_over_contract
from tests import factories as make

pytestmark = pytest.mark.django_db


def owner_in_open_work(contract: Contract, user) -> str:
    [work] = [work for work in deal_work(user) if work.key == "contracts-to-register"]
    return work.owner_of(work.waiting().get(pk=contract.pk))


def test_a_colleague_takes_a_contract_over_with_a_reason_and_only_one_of_two(client):
    contract = make.contract(status="submitted", number="", registered_on=None)
    first, second = make.city_officer(), make.city_officer()
    assert owner_in_open_work(contract, first) == "市级专员"
    stale = Contract.objects.get(pk=contract.pk)
    client.force_login(first)
    answer = client.post(
        reverse("contract_do", args=[contract.public_id]), {"action": "take", "take-reason": "本周由我登记"}
    )
    assert answer.status_code == 302
    assert owner_in_open_work(contract, second) == str(first)
    with pytest.raises(ValidationError, match=f"刚由{first}接手"):
        take_over_contract(stale, reason="本周由我登记", by=second)
    contract.refresh_from_db()
    with pytest.raises(ValidationError, match="请写明原因"):
        take_over_contract(contract, reason=" \u200b", by=second)
    take_over_contract(contract, reason="原经办人出差", by=second)
    entry = AuditRecord.objects.filter(action="接手合同").latest("pk")
    assert entry.changes == {"owner": [str(first), str(second)], "reason": [None, "原经办人出差"]}
    for other in (make.district_officer("jinpu"), make.institution_officer(contract.seller), make.auditor()):
        with pytest.raises(PermissionDenied):
            take_over_contract(contract, reason="试一试", by=other)

"""Confirmations of a contract at the same moment, and before the other one is committed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from audit.models import AuditRecord
from deals.models import Contract
from deals.services.contracts import confirm_contract, draft_contract, submit_contract
from deals.services.deals import sign_deal
from tests import factories as make
from tests.concurrency import run_beside_uncommitted, run_both

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
TOGETHER = pytest.mark.parametrize("run", [run_beside_uncommitted, run_both])


@pytest.fixture
def contract() -> Contract:
    city, today = make.city_officer(), timezone.localdate()
    deal = make.deal(stage_on=today - timedelta(days=3))
    sign_deal(deal, on=today - timedelta(days=2), signed_wan=Decimal(120), way="service", by=city)
    make.confirmed(deal)
    contract = draft_contract(deal, by=city)
    submit_contract(contract, by=city)
    return contract


def confirm(contract, side, person) -> str:
    try:
        confirm_contract(Contract.objects.get(pk=contract.pk), side=side, by=person)
    except ValidationError as error:
        return error.messages[0]
    return "done"


@TOGETHER
def test_both_sides_may_confirm_at_the_same_time(contract, run):
    seller, buyer = make.institution_officer(contract.seller), make.firm_officer(contract.buyer)
    answers = run(lambda: confirm(contract, "seller", seller), lambda: confirm(contract, "buyer", buyer))
    assert list(answers) == ["done", "done"]
    assert Contract.objects.get().is_confirmed


@TOGETHER
def test_of_two_officers_of_one_side_only_one_confirms(contract, run):
    first, second = make.firm_officer(contract.buyer), make.firm_officer(contract.buyer)
    answers = run(lambda: confirm(contract, "buyer", first), lambda: confirm(contract, "buyer", second))
    assert sorted(answers) == ["done", "这一方已经确认过了。"]
    assert AuditRecord.objects.filter(action="答复当事方确认").count() == 1

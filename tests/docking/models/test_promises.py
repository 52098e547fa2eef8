"""What the database itself refuses, whoever writes."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from docking.models import Contract, Deal, Outcome, Payment, Timetable
from tests import factories as make

pytestmark = pytest.mark.django_db


def refused(write, constraint: str):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


@pytest.fixture
def meeting():
    docking_round = make.docking_round()
    return make.meeting(make.party(docking_round), make.party(docking_round, make.institution()))


def test_a_party_meets_another_not_itself(meeting):
    refused(lambda: make.meeting(meeting.firm_party, meeting.firm_party), "meeting_has_two_sides")


def test_two_parties_meet_once_about_the_same(meeting):
    refused(lambda: make.meeting(meeting.firm_party, meeting.office_party), "meeting_once_per_pair")


def test_one_timetable_is_published_at_most(meeting):
    def publish(number):
        Timetable.objects.create(
            docking_round=meeting.docking_round, number=number, status="published", published_at=timezone.now()
        )

    publish(1)
    refused(lambda: publish(2), "timetable_one_published_per_round")


def test_a_meeting_that_did_not_fit_says_why(meeting):
    refused(
        lambda: Outcome.objects.create(meeting=meeting, side="firm", verdict="no_fit"), "outcome_no_fit_with_reason"
    )


def test_a_sum_of_intent_needs_an_intent(meeting):
    refused(
        lambda: Outcome.objects.create(meeting=meeting, side="firm", verdict="go_on", intent_wan=Decimal(5)),
        "outcome_intent_sum_with_intent",
    )


def test_money_of_contracts_is_never_negative():
    contract = make.contract()
    refused(lambda: Contract.objects.update(amount_wan=Decimal("-0.01")), "contract_money_not_negative")
    refused(lambda: Contract.objects.update(tech_amount_wan=Decimal("100.01")), "contract_technology_within_sum")
    refused(lambda: make.contract(number=contract.number), "contract_number_once")
    refused(lambda: make.contract(number=""), "contract_registered_has_number_and_day")


def test_a_deal_continues_a_follow_up_or_is_from_outside():
    refused(lambda: Deal.objects.create(name="项目", origin="match"), "deal_comes_from_where_it_says")
    deal = Deal.objects.create(name="项目", origin="outside")
    refused(
        lambda: Payment.objects.create(deal=deal, amount_wan=Decimal(0), received_on=timezone.localdate()),
        "payment_is_positive",
    )

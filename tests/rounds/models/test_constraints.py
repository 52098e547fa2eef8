"""Database constraints."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from deals.models import Contract, Deal, Payment
from rounds.models import AgendaItem, Outcome, Paper, Slot, Timetable
from tests import factories as make

pytestmark = pytest.mark.django_db


def refused(write, constraint: str):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


@pytest.fixture
def meeting():
    docking_round = make.docking_round()
    return make.meeting(make.party(docking_round), make.party(docking_round, make.institution()))


def test_party_cannot_meet_itself(meeting):
    refused(lambda: make.meeting(meeting.firm_party, meeting.firm_party), "meeting_has_two_sides")


def test_pair_meets_once_about_the_same_match(meeting):
    refused(lambda: make.meeting(meeting.firm_party, meeting.institution_party), "meeting_once_per_pair")


def test_at_most_one_timetable_is_published(meeting):
    def publish(number):
        Timetable.objects.create(
            docking_round=meeting.docking_round, number=number, status="published", published_at=timezone.now()
        )

    publish(1)
    refused(lambda: publish(2), "timetable_one_published_per_round")


def test_no_fit_outcome_needs_a_reason(meeting):
    refused(
        lambda: Outcome.objects.create(meeting=meeting, side="firm", verdict="no_fit"), "outcome_no_fit_with_reason"
    )


def test_intent_sum_needs_an_intent(meeting):
    refused(
        lambda: Outcome.objects.create(meeting=meeting, side="firm", verdict="go_on", intent_wan=Decimal(5)),
        "outcome_intent_sum_with_intent",
    )


def test_contract_amounts_are_not_negative():
    contract = make.contract()
    refused(lambda: Contract.objects.update(amount_wan=Decimal("-0.01")), "contract_money_not_negative")
    refused(lambda: Contract.objects.update(tech_amount_wan=Decimal("100.01")), "contract_technology_within_sum")
    refused(lambda: make.contract(number=contract.number), "contract_number_once")
    refused(lambda: make.contract(number=""), "contract_registered_has_number_and_day")


def test_deal_has_a_follow_up_or_is_from_outside():
    refused(lambda: Deal.objects.create(name="项目", origin="match"), "deal_comes_from_where_it_says")
    deal = Deal.objects.create(name="项目", origin="outside")
    refused(
        lambda: Payment.objects.create(deal=deal, amount_wan=Decimal(0), received_on=timezone.localdate()),
        "payment_is_positive",
    )


def test_agenda_items_never_overlap_in_a_hall():
    docking_round = make.docking_round()
    hall = make.hall(docking_round)
    item = make.agenda_item(docking_round, hall=hall)
    refused(lambda: make.agenda_item(docking_round, after=29, hall=hall), "agenda_one_item_per_hall")
    make.agenda_item(docking_round, after=30, hall=hall)
    make.agenda_item(docking_round, hall=make.hall(docking_round))
    make.agenda_item(docking_round)
    AgendaItem.objects.filter(pk=item.pk).update(dropped_at=timezone.now(), dropped_reason="改期")
    make.agenda_item(docking_round, hall=hall)


def test_slots_of_a_round_never_overlap():
    docking_round = make.docking_round()
    first, _second = make.slots(docking_round, 2)
    refused(
        lambda: Slot.objects.create(
            docking_round=docking_round,
            starts_at=first.starts_at + timedelta(minutes=1),
            ends_at=first.ends_at + timedelta(minutes=1),
        ),
        "slots_do_not_overlap",
    )
    make.slots(make.docking_round(), 2)


def test_failed_paper_needs_a_problem_text():
    docking_round, by = make.docking_round(), make.city_officer()

    def failed(**fields):
        Paper.objects.create(
            docking_round=docking_round,
            kind="booklet",
            made_by=by,
            status="failed",
            finished_at=timezone.now(),
            **fields,
        )

    refused(failed, "paper_says_why_it_failed")
    failed(problem="没有字体")

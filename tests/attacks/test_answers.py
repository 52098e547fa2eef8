"""Attacks on answers to demands over HTTP: names of anonymous firms, offers of competitors, hostile texts, races."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from enquiries.models import Approach, Offer
from enquiries.services.answers import OfferDetails, answer_demand
from enquiries.services.thread import post_message
from notices.models import Notice
from tests import factories as make
from tests.browser_client import Browser
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db
HOSTILE = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)> 能做。"


@pytest.mark.long
def test_an_institution_that_answers_an_anonymous_demand_reads_no_name_anywhere():
    firm_user, office = make.firm_officer(make.firm("大连澜溯泵业有限公司")), make.institution_officer()
    firm = firm_user.memberships.get().organisation
    demand = make.demand(firm=firm, is_anonymous=True, public_alias="大连市某企业（代号云帆）")
    approach = answer_demand(demand, institution=make.institution(), text="能做，先打样。", by=office)
    post_message(approach, text="要停机多久？", by=firm_user)
    reader = Browser(office)
    pages = [
        reader.read(reverse("approach", args=[approach.public_id])),
        reader.read(reverse("demand_answer", args=[demand.public_id])),
        reader.read(reverse("demand_detail", args=[demand.public_id])),
        reader.read(f"{reverse('approaches')}?box=sent"),
        reader.read(reverse("notices")),
        "".join(Notice.objects.filter(recipient=office).values_list("text", flat=True)),
    ]
    for text in pages:
        assert not [word for word in ("澜溯", firm.public_id, firm_user.name, firm_user.username) if word in text]
    assert approach.public_id not in reader.read(f"{reverse('approaches')}?box=sent&q=澜溯")


def test_offers_and_steps_of_others_are_out_of_reach():
    firm_user, office = make.firm_officer(), make.institution_officer()
    demand = make.demand(firm=firm_user.memberships.get().organisation)
    details = OfferDetails(method="只给这家企业看的办法")
    approach = answer_demand(demand, institution=make.institution(), text="能做。", details=details, by=office)
    competitor = Browser(make.institution_officer(make.institution("大连海事大学")))
    stranger = Browser(make.firm_officer())
    for name in ("approach", "answer_decline", "answer_achievement", "approach_message"):
        for reader in (competitor, stranger):
            assert reader.post(reverse(name, args=[approach.public_id]), {"reason": "price"}).status_code in (404, 405)
    assert competitor.get(reverse("demand_answers", args=[demand.public_id])).status_code == 404
    assert "只给这家企业看的办法" not in competitor.read(reverse("demand_answer", args=[demand.public_id]))
    approach.refresh_from_db()
    assert approach.status == "sent"


def test_a_hostile_offer_is_shown_as_text_to_the_firm():
    firm_user, office = make.firm_officer(), make.institution_officer()
    demand = make.demand(firm=firm_user.memberships.get().organisation)
    form = {"item": "free", "text": HOSTILE, "method": HOSTILE, "strength": HOSTILE, "duration": "<i>半年</i>"}
    assert Browser(office).post(reverse("demand_answer", args=[demand.public_id]), form).status_code == 302
    for address in (
        reverse("demand_answers", args=[demand.public_id]),
        reverse("approach", args=[Approach.objects.get().public_id]),
    ):
        raw = Browser(firm_user).get(address).content.decode()
        assert "能做。" in raw
        assert not [part for part in ("<script>alert", "<img src=x", "<i>半年") if part in raw]


@pytest.mark.django_db(transaction=True)
def test_of_two_colleagues_at_the_same_moment_one_counts():
    demand, item = make.demand(), make.achievement()
    users = [make.institution_officer(), make.institution_officer()]

    def send(by):
        try:
            return answer_demand(
                demand, institution=item.institution, achievement=item, text=f"能做{by.pk}。", by=by
            ).pk
        except ValidationError:
            return "refused"

    results = run_both(*(lambda by=by: send(by) for by in users))
    assert results.count("refused") == 1 and Approach.objects.count() == Offer.objects.count() == 1

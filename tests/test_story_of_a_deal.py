"""From an accepted match over a meeting to the city's turnover, and from that figure back to the match."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals.models import Confirmation
from deals.services.confirmations import confirm
from deals.services.contracts import confirm_contract, draft_contract, edit_contract, register_contract
from deals.services.deals import open_deal, sign_deal
from matching.models import FollowUp
from matching.services.review import accept_match
from matching.services.side_responses import answer_willing
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from rounds.models import Attendee, Placement
from rounds.services.check_in import check_in
from rounds.services.meeting_status import begin_meeting, end_meeting
from rounds.services.meetings import gather_meetings
from rounds.services.outcomes import OutcomeInput, record_outcome
from rounds.services.publishing import publish_timetable
from rounds.services.timetables import run_planning, start_planning
from tests import factories as make

pytestmark = pytest.mark.django_db


def figures() -> dict:
    this_year = FigureScope(parse_period(str(timezone.localdate().year)))
    return {
        key: count_figure(FIGURES[key], this_year)
        for key in ("turnover", "local_rate", "intents", "signed", "meetings")
    }


@pytest.mark.long
def test_from_the_accepted_match_to_the_citys_turnover(monkeypatch):
    monkeypatch.setattr("rounds.services.timetables.enqueue", lambda *_args: True)
    city, today = make.city_officer(), timezone.localdate()
    institution = make.institution("大连理工大学")
    firm = make.firm("演示轴承有限公司", region_code="jinpu")
    officers = {"firm": make.firm_officer(firm), "office": make.institution_officer(institution)}
    before = {key: counted.totals.rows for key, counted in figures().items()}

    # 匹配：采纳，双方愿意
    match = make.match(achievement=make.achievement(institution=institution), demand=make.demand(firm=firm), score=88.0)
    accept_match(match, by=make.district_officer("jinpu"))
    for side in match.follow_up.responses.all():
        contact = make.contact(side.organisation)
        answer_willing(side, contact=contact, consents=True, by=officers[side.side])
    follow_up = FollowUp.objects.get(match=match)
    assert follow_up.status == "talks"

    # 洽谈：排期、发布、签到、结果
    docking_round = make.docking_round(starts_at=timezone.now() - timedelta(hours=2))
    make.hall(docking_round), make.slots(docking_round, 3)
    parties = [make.party(docking_round, firm), make.party(docking_round, institution)]
    people = [Attendee.objects.create(party=party, name=f"来宾{n}") for n, party in enumerate(parties)]
    gather_meetings(docking_round, by=city)
    timetable = start_planning(docking_round, by=city, seconds=5)
    run_planning(timetable.pk)
    timetable.refresh_from_db()
    publish_timetable(timetable, revision=timetable.revision, by=city)
    placement = Placement.objects.current().get()
    meeting = placement.meeting
    assert meeting.match == match
    type(docking_round).objects.filter(pk=docking_round.pk).update(status="running")
    for person in people:
        check_in(person, by=city)
    meeting.refresh_from_db()
    begin_meeting(meeting, by=city)
    end_meeting(meeting, by=city)
    for side in ("firm", "office"):
        record_outcome(
            meeting,
            OutcomeInput(
                "intent", next_step="签技术开发合同", next_on=today + timedelta(days=20), intent_wan=Decimal(300)
            ),
            side=side,
            by=officers[side],
        )
        follow_up.refresh_from_db()
        assert follow_up.status == ("talks" if side == "firm" else "intent")

    # 成交：意向、签约、登记、双方确认
    follow_up.refresh_from_db()
    deal = open_deal(follow_up, by=city, intent_wan=Decimal(300))
    sign_deal(deal, on=today, signed_wan=Decimal(280), way="commissioned", by=city)
    assert figures()["signed"].totals.rows == before["signed"]  # the city's word alone
    for officer in officers.values():
        confirm(Confirmation.objects.addressed_to(officer).pending().get(), by=officer)
    contract = draft_contract(deal, by=city)
    edit_contract(contract, by=city, kind="development")
    register_contract(
        contract, number=make.registration_number(on=today), registered_on=today, amount_wan=Decimal(260), by=city
    )
    assert figures()["turnover"].totals.rows == before["turnover"]
    confirm_contract(contract, side="buyer", by=officers["firm"])
    confirm_contract(contract, side="seller", by=officers["office"])

    # 数字：每一个都数到了它，而且能回到匹配
    counted = figures()
    assert {key: figure.totals.rows - before[key] for key, figure in counted.items()} == dict.fromkeys(before, 1)
    assert counted["turnover"].totals.total == Decimal(260)
    assert counted["local_rate"].totals.by_amount == 100
    contract.refresh_from_db()
    assert contract.is_confirmed
    assert contract.deal.follow_up.match == match and contract.deal.meeting == meeting
    match.achievement.refresh_from_db()
    match.demand.refresh_from_db()
    assert (match.achievement.status, match.demand.status) == ("transferred", "solved")

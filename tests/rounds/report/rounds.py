"""A finished round, small enough to count by hand."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.utils import timezone

from deals.models import Deal
from matching.models import FollowUp
from rounds.models import Attendee, DockingRound, FeaturedAchievement, Outcome, Placement, Timetable
from tests import factories as make

NOW = timezone.now()


def came(party, *names: str) -> list[Attendee]:
    return [Attendee.objects.create(party=party, name=name, checked_in_at=timezone.now()) for name in names]


def outcome(meeting, side: str, verdict: str, **fields) -> Outcome:
    if verdict == "no_fit":
        fields.setdefault("reason", "field")
    return Outcome.objects.create(meeting=meeting, side=side, verdict=verdict, **fields)


def matched(achievement, firm):
    return make.match(achievement=achievement, demand=make.demand(firm=firm))


def held_round(**fields) -> SimpleNamespace:
    """Three firms invited, two came (one of 金普新区, one of 高新园区), two teams, five talks of which four were held:
    有意向 with 100 万元, 有意向 of one side and 继续谈 of the other, 不合适, and one of which nobody said anything."""
    values = {"name": "冬季专场", "status": DockingRound.Status.RUNNING, "themes": "洁净能源"} | fields
    s = SimpleNamespace(round=make.docking_round(**values))
    s.east, s.west = make.firm("大连东轴承有限公司"), make.firm("大连西软件有限公司", region_code="gaoxin")
    s.away = make.firm("大连未到有限公司")
    s.university, s.institute = make.institution("甲大学"), make.institution("乙研究所")
    s.firms = [make.party(s.round, firm) for firm in (s.east, s.west)]
    make.party(s.round, s.away, answer="declined")
    make.party(s.round, make.firm("大连待邀有限公司"), answer="listed")
    s.teams = [make.party(s.round, institution) for institution in (s.university, s.institute)]
    first = came(s.firms[0], "甲经理", "乙经理")[0]
    came(s.firms[1], "丙经理")
    came(s.teams[0], "丁教授")
    Attendee.objects.create(party=s.teams[1], name="丁教授", same_as=first, checked_in_at=timezone.now())
    s.achievement = make.achievement(institution=s.university)
    FeaturedAchievement.objects.create(docking_round=s.round, achievement=s.achievement, rank=1)
    _talks(s)
    return s


def _talks(s: SimpleNamespace) -> None:
    (east, west), (first_team, other) = s.firms, s.teams
    match = matched(s.achievement, s.east)
    s.sure = make.meeting(east, first_team, match=match, status="held")
    outcome(s.sure, "firm", "intent", intent_wan=Decimal(120), is_signed=True)
    outcome(s.sure, "office", "intent", intent_wan=Decimal(100), is_signed=True)
    outcome(s.sure, "host", "intent", intent_wan=Decimal(90), is_signed=True)
    s.doubtful = make.meeting(west, first_team, status="held")
    outcome(s.doubtful, "firm", "intent", intent_wan=Decimal(50))
    outcome(s.doubtful, "office", "go_on")
    s.no = make.meeting(east, other, status="held", origin="on_site")
    outcome(s.no, "office", "no_fit")
    s.silent = make.meeting(west, other, status="held")
    s.missed = make.meeting(west, other, topic="第二项", match=matched(s.achievement, s.west), status="missed")
    hall, slots = make.hall(s.round), make.slots(s.round, 4)
    old, new = (
        Timetable.objects.create(docking_round=s.round, number=number, status=status, published_at=NOW)
        for number, status in ((1, "replaced"), (2, "published"))
    )
    for slot, meeting in zip(slots, (s.sure, s.doubtful, s.silent, s.missed), strict=True):
        for timetable in (old, new):
            Placement.objects.create(timetable=timetable, meeting=meeting, slot=slot, hall=hall, table=1)
    follow_up = FollowUp.objects.create(match=match, owner=make.city_officer())
    s.deal = Deal.objects.create(
        origin="meeting", follow_up=follow_up, meeting=s.sure, name="包覆技术合作", buyer=s.east, seller=s.university,
        signed_wan=Decimal("88.50"),
    )  # fmt: skip
    make.confirmed(s.deal)


def later(docking_round, days: int = 60) -> dict:
    """When a round that many days later is."""
    return {
        "starts_at": docking_round.starts_at + timedelta(days=days),
        "ends_at": docking_round.ends_at + timedelta(days=days),
    }

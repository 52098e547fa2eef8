"""One transfer for the home page, from the firm's own words to the contract, told with what is public already.

By rule, in this order: the latest contract that both parties agree to publish as a case, whose demand names its firm
and is public in full, as is the achievement; else the latest call (揭榜挂帅) with a deal that goes on.
Nothing if neither is.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from achievements.models import Achievement
from brokerage.models import ProfileCase
from challenges.models import BidMember, Challenge
from challenges.presentation import Scale, scales
from deals.models import Deal
from demands.models import Demand
from portal.institutions import listed_institutions
from portal.problem_examples import plain_passage
from portal.public_copies.reading import unchanging
from taxonomy.money import wan_text

LONGEST_VOICE = 90
READ_ROWS = 10
MOST_SCALES = 3


@dataclass(frozen=True)
class Party:
    """`url`: its public page; empty if it has none."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class Step:
    """A station on the way. `when`: as exact as it is public."""

    when: str
    label: str
    words: str = ""


@dataclass(frozen=True)
class TransferStory:
    """`ending`: how far it has come. `item_title`, `item_url`: what was transferred, or the call that was answered."""

    ending: str
    title: str
    title_url: str
    voice: str
    firm_name: str
    givers: tuple[Party, ...]
    item_title: str
    item_url: str
    steps: tuple[Step, ...]
    scales: tuple[Scale, ...] = ()


def transfer_story() -> TransferStory | None:
    return _published_case() or _signed_call()


def _published_case() -> TransferStory | None:
    cases = (
        ProfileCase.objects.all().published().filter(contract__deal__isnull=False).select_related("contract__seller")
    )
    rows = list(cases.order_by("-contract__registered_on", "-pk")[:READ_ROWS])
    pairs = _pairs_of({case.contract.deal_id for case in rows})
    if not pairs:
        return None
    readable = Demand.objects.published().filter(is_anonymous=False, disclosure=Demand.Disclosure.FULL)
    demands = readable.select_related("firm").in_bulk([demand for demand, _achievement in pairs.values()])
    achievements = Achievement.objects.published().select_related("institution")
    offered = achievements.in_bulk([achievement for _demand, achievement in pairs.values()])
    for case in rows:
        demand_id, achievement_id = pairs.get(case.contract.deal_id, (0, 0))
        demand, achievement = demands.get(demand_id), offered.get(achievement_id)
        if demand is None or achievement is None or demand.firm_id != case.contract.buyer_id:
            continue
        if voice := plain_passage(demand.public_text("problem"), longest=LONGEST_VOICE):
            return _case_story(case, demand, achievement, voice)
    return None


def _pairs_of(deals: set[int | None]) -> dict[int | None, tuple[int, int]]:
    """{deal: (demand, achievement)} of deals that continue a match. Both sides of a match never change."""
    if not deals:
        return {}
    with unchanging():
        rows = Deal.objects.filter(pk__in=deals, follow_up__isnull=False).order_by()
        return {
            pk: (demand, achievement)
            for pk, demand, achievement in rows.values_list(
                "pk", "follow_up__match__demand", "follow_up__match__achievement"
            )
        }


def _case_story(case: ProfileCase, demand: Demand, achievement: Achievement, voice: str) -> TransferStory:
    contract = case.contract
    registered = f"{contract.registered_on:%Y}年" if contract.registered_on else ""
    return TransferStory(
        ending="合同",
        title=demand.public_text("title"),
        title_url=reverse("demand_detail", args=[demand.public_id]),
        voice=voice,
        firm_name=demand.public_firm_name,
        givers=(_institution_party(achievement.institution),),
        item_title=achievement.title,
        item_url=reverse("achievement_detail", args=[achievement.public_id]),
        steps=(
            Step(_day_text(demand.published_at), "说出难题", "区里核过，公开成需求"),
            Step(_day_text(achievement.published_at), "成果公开", achievement.get_stage_display()),
            Step(registered, "合同登记", case.text),
        ),
    )


def _institution_party(institution: Organisation) -> Party:
    return Party(institution.name, reverse("institution_detail", args=[institution.public_id]))


def _signed_call() -> TransferStory | None:
    calls = Challenge.objects.public().filter(status=Challenge.Status.SIGNED).exclude(opened_at=None).with_firm()
    calls = calls.exclude(deal__stage=Deal.Stage.FAILED)
    rows = calls.order_by(F("awarded_at").desc(nulls_last=True), "-pk")[:READ_ROWS]
    for call in rows:
        if voice := plain_passage(call.public_text("problem"), longest=LONGEST_VOICE):
            return _call_story(call, voice)
    return None


def _call_story(call: Challenge, voice: str) -> TransferStory:
    with unchanging():  # the terms of a call since its publication, and who won it
        drawn = tuple(scale for scale in scales(call) if scale.is_drawn)[:MOST_SCALES]
        members = BidMember.objects.active().filter(bid=call.winner_id)
        winners = list(members.values_list("organisation", flat=True))
    organisations = Organisation.objects.in_bulk(winners)
    pages = set(listed_institutions().filter(pk__in=winners).values_list("pk", flat=True))
    givers = tuple(
        _institution_party(organisations[pk]) if pk in pages else Party(organisations[pk].name) for pk in winners
    )
    url = reverse("challenge_detail", args=[call.public_id])
    return TransferStory(
        ending="签约" if call.is_signed else "立项",
        title=call.public_title,
        title_url=url,
        voice=voice,
        firm_name=call.public_firm_name,
        givers=givers,
        item_title=f"揭榜挂帅 {call.list_number}",
        item_url=url,
        steps=(
            Step(_day_text(call.demand.published_at), "说出难题", "区里核过，公开成需求"),
            Step(_day_text(call.published_at), "张榜征集", f"榜金 {wan_text(call.prize_wan)} 万元"),
            Step(_day_text(call.opened_at), "开标", f"收到 {call.opened_count} 份方案"),
            Step(_day_text(call.chosen_at), "选定揭榜方", "专家评审，结果公示"),
            Step(_day_text(call.awarded_at), "签约立项" if call.is_signed else "立项", "按里程碑付款"),
        ),
        scales=drawn,
    )


def _day_text(moment: date | None) -> str:
    if moment is None:
        return ""
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return f"{day.year}年{day.month}月{day.day}日"

"""A call as its firm, its district and the city bring it about, and bids as institutions hand them in."""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from challenges.models import Addendum, Bid, Challenge
from challenges.services.bidding import accept_part, invite_member, read_draft, save_bid, start_bid, submit_bid
from challenges.services.drafting import (
    TEXTS,
    approve_challenge,
    publish_challenge,
    save_challenge,
    start_challenge,
    submit_challenge,
)
from challenges.services.opening import ask_opening, open_bids
from mechanism.models import Expert
from mechanism.services.challenge_reviews import (
    declare_no_relation,
    finish_challenge_review,
    give_scores,
    invite_challenge_reviewers,
    readable_bids,
)
from tests import factories as make

INDICATORS = [
    {
        "name": "拆锁时间",
        "comparison": "le",
        "value": "70",
        "unit": "秒",
        "present": "240",
        "acceptance": "现场连续 200 箱",
    }
]
MILESTONES = [
    {"month": 4, "title": "认得出", "standard": "八种转锁识别正确率 98%", "percent": 40},
    {"month": 12, "title": "拧得开", "standard": "台架四把锁 100 秒", "percent": 60},
]


def city(**demand) -> SimpleNamespace:
    """The people of a call about a demand, which is not written yet."""
    people = SimpleNamespace(demand=make.demand(**{"title": "岸桥下拆装转锁", "budget_min_wan": 150} | demand))
    people.firm = people.demand.firm
    people.owner = make.firm_officer(people.firm)
    people.district = make.district_officer("jinpu")
    people.city, people.colleague = make.city_officer(), make.city_officer()
    return people


def draft(people: SimpleNamespace, **values) -> Challenge:
    challenge = start_challenge(people.demand, by=people.owner)
    terms = {name: getattr(challenge, name) for name in TEXTS} | values
    save_challenge(challenge, values=terms, indicators=INDICATORS, milestones=MILESTONES, by=people.owner)
    return challenge


def published(people: SimpleNamespace, **values) -> Challenge:
    challenge = draft(people, **values)
    submit_challenge(challenge, agrees=True, by=people.owner)
    approve_challenge(challenge, by=people.district)
    publish_challenge(challenge, by=people.city)
    return challenge


def written(bid: Bid, by, **values) -> Bid:
    """The draft with everything that a bid needs."""
    challenge = bid.challenge
    content = read_draft(bid, by) | {
        "team": "三名骨干", "basis": "有样机", "route": "视觉识别加柔顺抓取",
        "budget": "设备 60，人工 40", "price_wan": "140",
        "promises": {str(row.pk): "≤ 65 秒" for row in challenge.indicators.all()},
        "plan": {str(row.pk): "按期完成" for row in challenge.milestones.all()},
    }  # fmt: skip
    save_bid(bid, values=content | values, revision=bid.revision, by=by)
    return bid


def handed_in(challenge: Challenge, officer=None, **values) -> Bid:
    officer = officer or make.institution_officer(make.institution(f"院校{timezone.now().timestamp()}"))
    lead = officer.memberships.get().organisation
    bid = start_bid(challenge, lead=lead, by=officer)
    submit_bid(written(bid, officer, **values), by=officer)
    return bid


def joint(challenge: Challenge, officer, agent) -> Bid:
    """A draft of an institution and an agency, of which each has accepted its own part."""
    lead, agency = officer.memberships.get().organisation, agent.memberships.get().organisation
    bid = start_bid(challenge, lead=lead, by=officer)
    invite_member(bid, organisation=agency, by=officer)
    parts = {unit.public_id: {"work": f"{unit.name}承担的部分", "share_wan": ""} for unit in (lead, agency)}
    written(bid, officer, parts=parts)
    accept_part(bid, organisation=lead, by=officer)
    accept_part(bid, organisation=agency, by=agent)
    return bid


def past_deadline(challenge: Challenge) -> None:
    """As if the deadline had been a minute ago."""
    passed = timezone.now() - timedelta(minutes=1)
    Challenge.objects.filter(pk=challenge.pk).update(closes_at=passed, announced_closes_at=passed)
    Addendum.objects.filter(challenge=challenge).delete()
    challenge.refresh_from_db()


def opened(people: SimpleNamespace, challenge: Challenge) -> None:
    past_deadline(challenge)
    ask_opening(challenge, by=people.city)
    open_bids(challenge, by=people.colleague)


def experts(number: int = 3) -> list[Expert]:
    """The same for each call, as in the city's list of experts."""
    return [Expert.objects.get_or_create(name=f"评审专家{n}", unit=f"沈阳某研究院{n}")[0] for n in range(number)]


def reviewed(
    people: SimpleNamespace, challenge: Challenge, marks: int = 80, recommended: list[int] | None = None
) -> None:
    """Three experts declare, score all bids and the city recommends them all, or those `recommended`."""
    invite_challenge_reviewers(challenge, experts=experts(), by=people.city)
    for review in challenge.reviews.all():
        declare_no_relation(review)
        bids = [opened_bid.bid.pk for opened_bid in readable_bids(review)]
        score = dict.fromkeys(("industry", "basis", "technology", "finance"), marks)
        give_scores(review, scores=dict.fromkeys(bids, score), comments=dict.fromkeys(bids, "路线可行，指标可以考核。"))
    if recommended is None:
        recommended = list(challenge.bids.filter(submissions__isnull=False).values_list("pk", flat=True).distinct())
    finish_challenge_review(challenge, recommended=recommended, conclusion="推荐。", by=people.city)

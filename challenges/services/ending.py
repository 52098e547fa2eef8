"""How a challenge ends: in a contract, without a winner (流标) with or without a new call, or by a reasoned close."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from brokers.models import Agency
from challenges.models import Bid, Challenge
from challenges.permissions import owns_challenge, require_city, require_writer
from challenges.sent_texts import write_call_sentence
from challenges.services.drafting import start_challenge
from challenges.services.notifications import notify_bid, notify_bidders, notify_city, notify_district, notify_firm
from challenges.services.opening import read_opened
from challenges.services.publication import check_anonymous
from challenges.services.steps import lock_challenge, move_challenge
from core.plain_text import clean_reason
from deals.models import Deal
from deals.services.challenge_deals import open_challenge_deal
from demands.models import Demand
from demands.services.lifecycle import return_from_challenge

Status = Challenge.Status


@transaction.atomic
def sign_challenge(challenge: Challenge, *, by: User) -> Deal:
    """签约立项: a deal between the firm and the winner, with the terms of the call as its instrument.

    It begins with the price of the bid: the prize is only the most that the firm offered.

    By the firm or city staff. Raises PermissionDenied, ValidationError.
    """
    if not owns_challenge(by, challenge):
        require_city(by, challenge)
    row = lock_challenge(challenge)
    if row.status != Status.AWARDED or row.winner is None:
        raise ValidationError(f"这一榜现在是“{row.state_label}”，公示期满确认以后才能签约。")
    content = read_opened(row.winner).content or {}
    offered_wan = content.get("price_wan")
    achievement = Achievement.objects.filter(
        public_id__in=content.get("achievements", []), institution=row.winner.lead
    ).first()
    deal = open_challenge_deal(
        row.demand,
        seller=row.winner.lead,
        name=row.title,
        intent_wan=Decimal(offered_wan) if offered_wan else row.prize_wan,
        terms=instrument_terms(row),
        by=by,
        achievement=achievement,
        agency=_agency_of(row.winner),
    )
    move_challenge(
        challenge,
        Status.AWARDED,
        Status.SIGNED,
        action="签约立项",
        by=by,
        changes={"deal": [None, deal.public_id]},
        deal=deal,
    )
    _tell_winners(row.winner, deal)
    text = f"榜单 {row.list_number} 已建立成交项目，双方签约以后请在成交项目里记录签约。"
    notify_district(challenge, text, f"signed {deal.public_id}")
    return deal


def _tell_winners(winner: Bid, deal: Deal) -> None:
    """The lead confirms the deal; an agency that the deal names hears of it with the deal; the others only hear."""
    number = winner.challenge.list_number
    notify_bid(winner, write_call_sentence("signed", 榜单号=number), "signed", only=[winner.lead_id])
    members = set(winner.members.active().values_list("organisation", flat=True))
    others = members - {winner.lead_id, deal.agency.organisation_id if deal.agency else None}
    text = write_call_sentence("signed_by_lead", 榜单号=number, 牵头单位=str(winner.lead))
    notify_bid(winner, text, "signed by the lead", only=others)


def _agency_of(bid: Bid) -> Agency | None:
    """The agency that has bid with the institution; of several none, the parties name it in the contract."""
    members = bid.members.active().values("organisation")
    agencies = list(Agency.objects.filter(organisation__in=members)[:2])
    return agencies[0] if len(agencies) == 1 else None


def instrument_terms(challenge: Challenge) -> dict[str, object]:
    """What `deals.OpenChallenge` keeps of a call."""
    aims = [f"{row}{'（' + row.acceptance + '）' if row.acceptance else ''}" for row in challenge.indicators.all()]
    steps = [
        f"第 {row.month} 个月 {row.title}：{row.standard}，付 {row.percent}%" for row in challenge.milestones.all()
    ]
    return {
        "list_number": challenge.list_number,
        "aims": "\n".join(aims)[:1000],
        "prize_wan": challenge.prize_wan,
        "total_wan": challenge.total_wan,
        "conditions": challenge.conditions[:500],
        "closes_on": timezone.localdate(challenge.closes_at),
        "publicity_from": timezone.localdate(challenge.chosen_at) if challenge.chosen_at else None,
        "publicity_to": challenge.public_until,
        "milestones": "\n".join(steps)[:1000],
    }


@transaction.atomic
def fail_challenge(challenge: Challenge, *, reason: str, by: User) -> None:
    """流标: no bid, or none that is good enough, after the opening. Raises PermissionDenied, ValidationError."""
    require_city(by, challenge)
    reason = clean_reason(reason, "收到的方案都达不到指标")
    before = challenge.status
    if before not in (Status.REVIEW, Status.RECOMMENDED):
        raise ValidationError("开标以后才能按流标结束；还没有开标的请撤榜。")
    _end(challenge, before, Status.FAILED, "流标", reason, by)


@transaction.atomic
def close_challenge(challenge: Challenge, *, reason: str, by: User) -> None:
    """撤榜 with a reason: a draft by its writers, a published one by the city before its opening.

    Raises PermissionDenied, ValidationError.
    """
    reason = clean_reason(reason, "企业的项目取消")
    before = challenge.status
    if before in Challenge.BEFORE_PUBLICATION:
        require_writer(by, challenge)
    elif before == Status.PUBLISHED:
        require_city(by, challenge)
    else:
        raise ValidationError(f"这一榜现在是“{challenge.state_label}”，不能撤榜。")
    _end(challenge, before, Status.CLOSED, "撤榜", reason, by)


def _end(challenge: Challenge, before: str, after: str, action: str, reason: str, by: User) -> None:
    was_published = challenge.published_at is not None
    if was_published:
        check_anonymous(challenge, reason)
    move_challenge(
        challenge,
        before,
        after,
        action=action,
        by=by,
        changes={"reason": [None, reason]},
        ended_by=by,
        ended_at=timezone.now(),
        end_reason=reason,
    )
    demand = Demand.objects.select_related("firm").get(pk=challenge.demand_id)
    if demand.status == Demand.Status.CHALLENGE and was_published:
        return_from_challenge(demand, by=by, reason=reason)
    title, event = challenge.public_title[:60], f"ended {after}"
    text = write_call_sentence("ended", 榜单=title, 结果=action, 原因=reason[:200])
    notify_firm(challenge, text, event)
    if was_published:
        notify_bidders(challenge, text, event)
    else:
        notify_city(challenge, f"“{title}”{action}：{reason[:200]}", event)


@transaction.atomic
def start_again(challenge: Challenge, *, by: User) -> Challenge:
    """再发榜: a draft of a new call from one that ended without a winner. Raises PermissionDenied, ValidationError."""
    require_writer(by, challenge)
    if challenge.status not in (Status.FAILED, Status.CLOSED):
        raise ValidationError("流标或撤榜以后才能再发榜。")
    if Challenge.objects.filter(previous=challenge).exists():
        raise ValidationError("这一榜已经再发过，请打开新的一榜。")
    if not (owns_challenge(by, challenge) or by.scope.is_city or by.scope.is_district):
        raise PermissionDenied("这一榜不在您的管理范围内。")
    return start_challenge(challenge.demand, by=by, previous=challenge)

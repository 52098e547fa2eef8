"""What has become of a bid after the deadline, as its own members read it."""

from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from challenges.models import Bid, Challenge
from challenges.models.bid import own_organisations
from deals.models import Deal

Status = Challenge.Status


@dataclass(frozen=True)
class BidOutcome:
    """`deal`: for members who may open it; `may_give_up`: the lead of a chosen bid, before there is a deal."""

    text: str
    is_winner: bool = False
    deal: Deal | None = None
    may_give_up: bool = False


def bid_outcome(bid: Bid, user: User) -> BidOutcome | None:
    """None before the deadline, and for a draft that was not handed in."""
    challenge = bid.challenge
    if challenge.takes_bids or bid.current is None:
        return None
    if bid.excluded_reason:
        return BidOutcome(f"贵单位的方案不再参与：{bid.excluded_reason}")
    if challenge.winner_id == bid.pk:
        return _won(bid, challenge, user)
    if challenge.status in Challenge.CHOSEN:
        until = f"，公示到{challenge.public_until:%Y-%m-%d}" if _is_publicity(challenge) else ""
        return BidOutcome(f"企业选定了其他单位的方案{until}。结果和理由在榜单页公开。")
    waiting = {
        Status.PUBLISHED: "揭榜已经截止，等两个人一起开标。开标以前谁都看不到方案。",
        Status.REVIEW: "已经开标，专家正在评审。",
        Status.RECOMMENDED: "专家评审已经结束，等企业在推荐的方案里选定。",
    }
    text = waiting.get(Status(challenge.status), f"这一榜{challenge.state_label}：{challenge.end_reason}")
    return BidOutcome(text)


def _won(bid: Bid, challenge: Challenge, user: User) -> BidOutcome:
    is_lead = bid.lead_id in own_organisations(user)
    if challenge.status == Status.PUBLICISED:
        text = (
            f"企业选定了贵单位的方案，公示到{challenge.public_until:%Y-%m-%d}。公示期满、没有未处理的异议，"
            "市里确认以后签约。"
        )
        return BidOutcome(text, is_winner=True, may_give_up=is_lead)
    if challenge.status == Status.AWARDED:
        text = "公示期满，已确认贵单位为揭榜方。请与企业商定合同；企业或市里建立成交项目以后，会请贵单位确认。"
        return BidOutcome(text, is_winner=True, may_give_up=is_lead)
    deal = Deal.objects.visible_to(user).filter(pk=challenge.deal_id or 0).first()
    text = "已经建立成交项目：签约、合同登记、按里程碑付款和验收都在成交项目里办。"
    return BidOutcome(text, is_winner=True, deal=deal)


def _is_publicity(challenge: Challenge) -> bool:
    until = challenge.public_until
    return challenge.status == Status.PUBLICISED and until is not None and timezone.localdate() <= until

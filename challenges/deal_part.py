"""The call that a deal came from, on the page of the deal: its terms, milestones and acceptance."""

from accounts.models import User
from challenges.models import Bid, Challenge
from challenges.presentation import payment_steps
from deals.models import Deal
from deals.page_parts import PagePart


def challenge_part(deal: Deal, user: User) -> PagePart | None:
    if deal.origin != Deal.Origin.CHALLENGE:
        return None
    challenge = Challenge.objects.filter(deal=deal).with_firm().first()
    if challenge is None:
        return None
    data = {
        "challenge": challenge,
        "steps": payment_steps(challenge, user),
        "terms": getattr(deal, "open_challenge", None),
        "waits_for_signing": deal.stage == Deal.Stage.INTENT,
        "manages": Challenge.objects.managed_by(user).filter(pk=challenge.pk).exists(),
        "bid": Bid.objects.of(user).filter(pk=challenge.winner_id or 0).first(),
    }
    return PagePart("challenges/workbench/_deal_part.html", data)

from challenges.models.bid import Bid, BidFile, BidMember, Submission
from challenges.models.challenge import Challenge, ChallengeIndicator, ChallengeMilestone
from challenges.models.thread import Addendum, ChallengeObjection, ChallengeQuestion

__all__ = [
    "Addendum",
    "Bid",
    "BidFile",
    "BidMember",
    "Challenge",
    "ChallengeIndicator",
    "ChallengeMilestone",
    "ChallengeObjection",
    "ChallengeQuestion",
    "Submission",
]

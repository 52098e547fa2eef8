"""What a candidate's contracts are worth for an honour. Pure: no Django, no database."""

from mechanism.honours.points import Claim, Rule, Standing, standings

__all__ = ["Claim", "Rule", "Standing", "standings"]

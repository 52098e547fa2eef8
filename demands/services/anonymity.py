"""Check that a demand does not name its anonymous firm."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from demands.masking import find_leaks
from demands.models import Demand, DemandIndicator


def anonymity_problem(demand: Demand, indicators: Iterable[DemandIndicator] | None = None) -> str:
    """A message with the fields in which an anonymous demand names its firm; empty if there are none.

    `indicators`: unsaved indicators to check instead of the stored ones.
    """
    places = "、".join(f"{field}（“{mention}”）" for field, mention in find_leaks(demand, indicators))
    if not places:
        return ""
    return "匿名需求里出现了能认出企业的文字：%(places)s。请改成“本企业”等说法，或改为不匿名。" % {"places": places}


def check_anonymity(demand: Demand, indicators: Iterable[DemandIndicator] | None = None) -> None:
    """Raise ValidationError if a published demand names its anonymous firm.

    `indicators`: unsaved indicators to check instead of the stored ones.
    """
    if demand.status in Demand.SHOWN and (problem := anonymity_problem(demand, indicators)):
        raise ValidationError(problem)

"""What the city has declared about related parties, for the signal of affiliates."""

from datetime import date

from mechanism.models import RelatedParties


def declared_pairs(day: date) -> dict[frozenset[int], str]:
    """{the two organisations: why} of the declarations in effect on a day."""
    rows = RelatedParties.objects.in_effect(day).order_by("pk").values_list("one_id", "other_id", "why")
    return {frozenset((party, other)): why for party, other, why in rows}

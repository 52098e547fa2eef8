"""Which demands contain a text, in what the public reads of them.

Each way in which a demand can contain it is a subquery with one condition on an indexed text: joined by OR, they would
be computed again for each row that the index returns, at a fifth of a millisecond.
"""

import re

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.models import Organisation
from demands import masking
from search.bigrams import NO_KEYWORDS, FoldedText, contains, shares_pairs

HEADLINE_FIELDS = ("keywords", "title")
SEARCH_FIELDS = (*HEADLINE_FIELDS, "problem", "goal", "conditions", "applied_industry")
"""Fields that the text search covers: public fields only."""
WITHOUT_INDUSTRY = SEARCH_FIELDS[:-1]
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\s]+")


def keys_with(q: str, demands: QuerySet) -> QuerySet:
    """The primary keys of those with `q` in a public text, in the keywords or, unless anonymous, in the firm's name.

    The details of a demand of which only the teaser is public are not searched: hits would tell their words. What an
    anonymous demand does not say of its industry is not searched either. `demands`: all, without an order; whoever may
    read which of them is the caller's condition.
    """
    exact_industry = demands.model.EXACT_INDUSTRY
    says_industry = Q(is_anonymous=False) | Q(public_detail__in=exact_industry)
    # The texts have no index: they are computed only where an industry is stated, and where it could have made the hit.
    is_elsewhere = Q(applied_industry="") | ~shares_pairs(q, "applied_industry") | contains(q, *WITHOUT_INDUSTRY)
    full = demands.filter(contains(q, *SEARCH_FIELDS), disclosure=demands.model.Disclosure.FULL)
    teasers = demands.filter(disclosure=demands.model.Disclosure.TEASER)
    # Evaluated here: for a subquery the planner overestimates the rows.
    firms = list(Organisation.objects.firms().named(q).order_by().values_list("pk", flat=True))
    parts = [
        full.filter(says_industry),
        full.filter(is_elsewhere, is_anonymous=True).exclude(public_detail__in=exact_industry),
        teasers.filter(contains(q, *HEADLINE_FIELDS)),
        teasers.filter(teaser__icontains=q),
    ]
    if firms:
        parts.append(demands.filter(firm__in=firms, is_anonymous=False))
    first, *others = (part.values("pk") for part in parts)
    return first.union(*others, all=True)


def keys_by_hidden_name(q: str, demands: QuerySet, fields: tuple[str, ...] = SEARCH_FIELDS) -> list[int]:
    """Anonymous demands with `q` only where the public reads 本企业, as after the firm took that name."""
    hits = demands.filter(contains(q, *fields), is_anonymous=True).select_related("firm").order_by()
    if _HAN.fullmatch(q):  # such characters are folded to themselves: without one of them a name is no part of a hit
        names = FoldedText(
            NO_KEYWORDS, "firm__name", "firm__short_name",
            Cast("firm__former_names", TextField()), output_field=TextField(),
        )  # fmt: skip
        hits = hits.alias(names=names).filter(names__regex=f"[{''.join(sorted(set(q) - set(' \n\t')))}]")
    return [
        demand.pk
        for demand in hits
        if masking.is_mentioned(demand, fields)
        and not any(q.casefold() in demand.public_text(field).casefold() for field in fields)
    ]

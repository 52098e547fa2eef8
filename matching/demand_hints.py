"""What a stored demand should say in addition to be matched well, as a hint for its author and its officer."""

from demands.models import Demand
from matching.engine.completeness import industry_details, industry_sentence, missing_details, missing_sentence
from matching.items import DEMAND_TEXTS, row_item


def missing_hint(demand: Demand) -> str:
    """Return 请补充：要解决的问题、指标数值。写得越具体，匹配越准。, or "" if nothing is missing."""
    has_indicators = bool(demand.indicators.all())
    return missing_sentence(missing_details(row_item(demand, DEMAND_TEXTS), has_indicators=has_indicators))


def industry_hint(demand: Demand) -> str:
    """Return 这个产业的院校通常还会问：使用温度、用量。, or "" if the demand says it all or has no industry."""
    if demand.industry is None:
        return ""
    rows = [f"{row} {row.condition}" for row in demand.indicators.all()]
    text = "\n".join([demand.title, demand.problem, demand.goal, demand.conditions, *rows])
    slug = demand.industry.parent.slug if demand.industry.parent else demand.industry.slug
    return industry_sentence(industry_details(text, slug))

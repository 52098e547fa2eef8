"""What a stored demand should say in addition to be matched well, as a hint for its author and its officer."""

from demands.models import Demand
from matching.engine.completeness import missing_details, missing_sentence
from matching.items import DEMAND_TEXTS, row_item


def missing_hint(demand: Demand) -> str:
    """Return 请补充：要解决的问题、指标数值。写得越具体，匹配越准。, or "" if nothing is missing."""
    has_indicators = bool(demand.indicators.all())
    return missing_sentence(missing_details(row_item(demand, DEMAND_TEXTS), has_indicators=has_indicators))

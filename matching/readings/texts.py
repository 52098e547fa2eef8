"""What the second reader gets to read of a demand and an achievement: no firm, no contact, no order to the model."""

from collections.abc import Iterable, Sequence

from accounts.models import Organisation
from achievements.models import Achievement
from demands.masking import identifying_names, mask_firm
from demands.models import Demand
from matching.reader.embedded_orders import remove_orders
from matching.reader.masking import mask_contacts
from matching.reader.questions import Text, achievement_text, need_text
from taxonomy.models import IndicatorBase

DEMAND_PARTS = (("problem", ""), ("goal", "预期目标："), ("conditions", "现有基础："))
ACHIEVEMENT_PARTS = (("summary", ""), ("innovation", "创新点："), ("scenario", "应用场景："))


class DemandTexts:
    """The texts of one demand and of its candidates, as they leave the house.

    The firm's name is masked whether the demand is anonymous or not, in the candidates too: the reader needs no name.
    """

    def __init__(self, demand: Demand) -> None:
        self._names = identifying_names(demand)
        self._contacts = contact_values(demand.firm)
        self.need = need_text(self._masked(demand.title), self._masked(_joined(demand, DEMAND_PARTS)))

    def candidate(self, achievement: Achievement) -> Text:
        return achievement_text(self._masked(achievement.title), self._masked(_joined(achievement, ACHIEVEMENT_PARTS)))

    def _masked(self, text: str) -> str:
        return masked(text, self._names, self._contacts)


def masked(text: str, names: Sequence[str] = (), contacts: Iterable[str] = ()) -> str:
    """Return a text without the firm's names, contacts, and sentences that give orders to a model."""
    return remove_orders(mask_contacts(mask_firm(text, names), contacts))[0]


def contact_values(firm: Organisation) -> list[str]:
    """Names, telephone numbers and addresses of the firm's contacts. One query."""
    return [value for row in firm.contacts.values_list("name", "phone", "email") for value in row if value]


def _joined(row: Demand | Achievement, parts: Iterable[tuple[str, str]]) -> str:
    texts = [f"{label}{value}" for field, label in parts if (value := getattr(row, field).strip())]
    if row.keywords:
        texts.append("关键词：" + "、".join(row.keywords))
    if indicators := [_indicator(indicator) for indicator in row.indicators.all()]:
        texts.append("技术指标：" + "；".join(indicators))
    return "\n".join(texts)


def _indicator(indicator: IndicatorBase) -> str:
    return f"{indicator}（{indicator.condition}）" if indicator.condition else str(indicator)

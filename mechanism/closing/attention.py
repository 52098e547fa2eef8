"""What deserves a look before a month is checked and signed. Nothing of it forbids the close: a person decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from deals.models import Contract
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import Period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.unconfirmed import count_all_unconfirmed

UNCONFIRMED_FIGURES = ("turnover", "absorbed", "signed_money", "paid")
GAP_FIGURES = ("turnover", "local_rate", "absorbed")


@dataclass(frozen=True)
class Attention:
    """One sentence about records that need a look, with the page that lists them."""

    text: str
    url: str = ""


def attention_of(month: Period) -> list[Attention]:
    return [*_unconfirmed(month), *_doubtful(month), *_incomplete(month)]


def _unconfirmed(month: Period) -> Iterator[Attention]:
    """Records without the word of their parties, and those with an open objection: they do not count."""
    left_out = count_all_unconfirmed((FIGURES[key] for key in UNCONFIRMED_FIGURES), FigureScope(month))
    for key, states in left_out.items():
        for left in states:
            query = urlencode({"period": month.name, "state": left.state})
            yield Attention(f"{FIGURES[key].label}：{left.text}", f"{reverse('figure_rows', args=[key])}?{query}")


def _doubtful(month: Period) -> Iterator[Attention]:
    rows = Contract.objects.to_check().filter(registered_on__range=(month.first, month.last))
    if number := rows.count():
        yield Attention(
            f"登记名单中有 {number} 份合同待核对（可能重复、可能是平台成交或单位名称相近）",
            f"{reverse('admin:deals_contract_changelist')}?{urlencode({'doubt__isempty': '0'})}",
        )


def _incomplete(month: Period) -> Iterator[Attention]:
    for key in GAP_FIGURES:
        counted = count_figure(FIGURES[key], FigureScope(month))
        lacking = [f"{label} {number} 条" for label, number in counted.gaps if number]
        if lacking:
            query = urlencode({"period": month.name})
            yield Attention(
                f"{FIGURES[key].label}：{'，'.join(lacking)}", f"{reverse('figure_rows', args=[key])}?{query}"
            )

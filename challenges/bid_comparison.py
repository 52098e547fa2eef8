"""Opened bids of one call beside each other, line by line, for those who decide about them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from challenges.bid_view import BidView, bid_view
from challenges.models import Bid, Challenge, Submission
from challenges.services.opening import opened_bids
from core.comparison_table import ComparisonCell, ComparisonRow
from taxonomy.money import wan_text

UNREADABLE = ComparisonCell("与回执不一致，不能评阅", is_missing=True)
LONGEST = 160
"""Characters of a long text; the whole is on the page of the bid."""


@dataclass(frozen=True)
class ComparedBid:
    """A column. `view` is None if the seal is broken."""

    bid: Bid
    submission: Submission
    view: BidView | None

    @property
    def price_wan(self) -> Decimal | None:
        return Decimal(self.view.price_wan) if self.view and self.view.price_wan else None


type SortKey = Callable[[ComparedBid], tuple[bool, Decimal | int]]
ORDERS: dict[str, tuple[str, SortKey]] = {
    "score": ("得分从高到低", lambda row: (row.bid.score is None, -(row.bid.score or 0))),
    "price": ("报价从低到高", lambda row: (row.price_wan is None, row.price_wan or 0)),
    "sealed": ("按递交先后", lambda row: (False, int(row.submission.sealed_at.timestamp() * 1000))),
}
"""Key → label and sort key: without a value last."""


def compared_bids(challenge: Challenge, user: User) -> list[ComparedBid]:
    """The bids that the user may read."""
    prefetch_related_objects([challenge], "indicators", "milestones")
    rows = []
    for opened in opened_bids(challenge, user):
        opened.bid.challenge = challenge  # with its lines, for all bids once
        rows.append(ComparedBid(opened.bid, opened.submission, bid_view(opened)))
    return rows


def in_order(rows: list[ComparedBid], order: str) -> list[ComparedBid]:
    """By an order of ORDERS; those that no longer take part come last."""
    key = ORDERS[order][1]
    return sorted(rows, key=lambda row: (bool(row.bid.excluded_reason), key(row)))


def possible_orders(rows: list[ComparedBid]) -> dict[str, str]:
    """Key → label; by score only once there is one."""
    has_scores = any(row.bid.score is not None for row in rows)
    return {key: label for key, (label, _key) in ORDERS.items() if key != "score" or has_scores}


def groups(challenge: Challenge, bids: list[ComparedBid]) -> list[tuple[str, list[ComparisonRow]]]:
    """(heading, its rows). The first group has no heading."""
    return [
        ("", _facts(challenge, bids)),
        ("指标承诺", _listed(bids, lambda view: view.promises)),
        ("每个里程碑怎样做到（完成的月份由榜单规定）", _listed(bids, lambda view: view.plan)),
        ("方案（前面一部分，全文打开方案看）", _listed(bids, lambda view: view.texts, longest=LONGEST)),
    ]


def _facts(challenge: Challenge, bids: list[ComparedBid]) -> list[ComparisonRow]:
    texts: dict[str, Callable[[BidView], str]] = {
        "联合单位": lambda view: "、".join(view.units[1:]) or "没有，独立揭榜",
        "附件": lambda view: f"{len(view.files)} 个" if view.files else "没有",
        "相关成果": lambda view: "；".join(item.title for item in view.achievements) or "没有",
    }
    has_scores = any(bid.bid.score is not None for bid in bids)
    return [
        *([ComparisonRow("得分", [_score(bid.bid.score) for bid in bids])] if has_scores else []),
        ComparisonRow("报价", [_price(bid.price_wan, challenge.prize_wan) for bid in bids]),
        *(
            ComparisonRow(label, [_cell(text_of(bid.view)) if bid.view else UNREADABLE for bid in bids])
            for label, text_of in texts.items()
        ),
        ComparisonRow("递交时间", [_cell(_minute(bid.submission.sealed_at)) for bid in bids]),
    ]


def _listed(
    bids: list[ComparedBid], pairs_of: Callable[[BidView], list[tuple[str, str]]], *, longest: int | None = None
) -> list[ComparisonRow]:
    """A row for each label of the lists of (label, text), in the order in which the bids name them."""
    texts = [dict(pairs_of(bid.view)) if bid.view else None for bid in bids]
    labels = dict.fromkeys(label for of_bid in texts if of_bid for label in of_bid)
    return [
        ComparisonRow(
            label, [UNREADABLE if of_bid is None else _cell(of_bid.get(label, ""), longest) for of_bid in texts]
        )
        for label in labels
    ]


def _cell(text: str, longest: int | None = None) -> ComparisonCell:
    if longest is not None and len(text) > longest:
        text = f"{text[:longest]}……"
    return ComparisonCell(text or "没有写", is_missing=not text)


def _score(score: Decimal | None) -> ComparisonCell:
    """Of a hundred."""
    return ComparisonCell("没有得分") if score is None else ComparisonCell(str(score), bar=score)


def _price(price_wan: Decimal | None, prize_wan: Decimal) -> ComparisonCell:
    """On the scale of the prize, which no bid may exceed."""
    if price_wan is None:
        return UNREADABLE
    saved = prize_wan - price_wan
    note = f"比榜金少 {wan_text(saved)} 万元" if saved > 0 else "与榜金相同"
    return ComparisonCell(f"{wan_text(price_wan)} 万元", note, bar=price_wan / prize_wan * 100)


def _minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"

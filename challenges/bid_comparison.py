"""Opened bids of one call beside each other, line by line, for those who decide about them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from challenges.bid_view import BidView, bid_view
from challenges.models import Bid, Challenge, Submission
from challenges.services.opening import opened_bids
from taxonomy.money import wan_text

UNREADABLE = "与回执不一致，不能评阅"
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


@dataclass(frozen=True)
class Cell:
    """`bar`: percent of the scale of its line."""

    text: str
    bar: Decimal | None = None
    note: str = ""

    @property
    def is_missing(self) -> bool:
        return not self.text or self.text == UNREADABLE


@dataclass(frozen=True)
class Line:
    label: str
    cells: list[Cell]

    @property
    def differs(self) -> bool:
        return len({cell.text for cell in self.cells}) > 1


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


def groups(challenge: Challenge, rows: list[ComparedBid]) -> list[tuple[str, list[Line]]]:
    """(heading, its lines). The first group has no heading."""
    views = [row.view for row in rows]

    def line(label: str, text_of: Callable[[BidView], str]) -> Line:
        return Line(label, [Cell(text_of(view)) if view else Cell(UNREADABLE) for view in views])

    def listed(name: str) -> list[Line]:
        """A line for each label of a list of (label, text)."""
        labels = list(dict.fromkeys(label for view in views if view for label, _text in getattr(view, name)))
        texts = [dict(getattr(view, name)) if view else None for view in views]
        return [
            Line(label, [Cell(UNREADABLE) if of_bid is None else Cell(of_bid.get(label, "")) for of_bid in texts])
            for label in labels
        ]

    short = line("联合单位", lambda view: "、".join(view.units[1:]) or "没有，独立揭榜")
    facts = [_scores(rows), _prices(challenge, rows), short]
    facts += [line("附件", lambda view: f"{len(view.files)} 个" if view.files else "没有")]
    facts += [line("相关成果", lambda view: "；".join(item.title for item in view.achievements) or "没有")]
    facts += [
        Line("递交时间", [Cell(f"{timezone.localtime(row.submission.sealed_at):%Y-%m-%d %H:%M}") for row in rows])
    ]
    return [
        ("", [fact for fact in facts if fact.cells]),
        ("指标承诺", listed("promises")),
        ("每个里程碑怎样做到（完成的月份由榜单规定）", listed("plan")),
        ("方案（前面一部分，全文打开方案看）", [_shortened(text) for text in listed("texts")]),
    ]


def _shortened(line: Line) -> Line:
    cells = [cell if len(cell.text) <= LONGEST else Cell(f"{cell.text[:LONGEST]}……") for cell in line.cells]
    return Line(line.label, cells)


def _scores(rows: list[ComparedBid]) -> Line:
    """Of a hundred. No cells before the review has ended."""
    if all(row.bid.score is None for row in rows):
        return Line("得分", [])
    return Line("得分", [Cell("没有得分") if row.bid.score is None else _score(row.bid.score) for row in rows])


def _score(score: Decimal) -> Cell:
    return Cell(str(score), bar=score)


def _prices(challenge: Challenge, rows: list[ComparedBid]) -> Line:
    """On the scale of the prize, which no bid may exceed."""
    cells = []
    for row in rows:
        price = row.price_wan
        if price is None:
            cells.append(Cell(UNREADABLE))
            continue
        saved = challenge.prize_wan - price
        note = f"比榜金少 {wan_text(saved)} 万元" if saved > 0 else "与榜金相同"
        cells.append(Cell(f"{wan_text(price)} 万元", bar=price / challenge.prize_wan * 100, note=note))
    return Line("报价", cells)

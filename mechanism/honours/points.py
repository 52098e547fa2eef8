"""Points from registered contracts, so that only real trade between strangers pays.

A candidate's point is one 万元 of a contract that both sides confirmed, up to a cap for each pair of groups. Related
organisations are one group, so a firm cannot be split into several; a pair's contracts are added before the cap, which
all its candidates share, so a contract cannot be split either, nor handed out among friends. Money that goes round
(甲 sells to 乙, 乙 back to 甲, over however many stations and candidates) earns nobody anything, and neither does what
was cancelled or is too young to be known.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

type Id = Hashable
type Relation = tuple[Id, Id]
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rule:
    """As published. Sums in 万元, `settled_days`: so long a contract must have been registered by the day asked."""

    cap_per_pair_wan: Decimal = Decimal(500)
    settled_days: int = 90
    least_pairs: int = 2
    received_only: bool = True
    """Count no more than the money that came in."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A contract, and which candidate says to have brought it about. `value_wan`: 核定技术交易额 of it."""

    contract: Id
    candidate: Id
    seller: Id | None
    buyer: Id | None
    value_wan: Decimal
    received_wan: Decimal
    registered_on: date | None
    is_registered: bool
    confirmed: bool
    """By seller and buyer both."""
    objected: bool = False
    """An objection to it was upheld."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one contract came to: `counted_wan` of it, and in words why not (all of) it."""

    contract: Id
    counted_wan: Decimal
    why: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    candidate: Id
    points: Decimal
    pairs: int
    qualifies: bool
    lines: tuple[Line, ...] = field(default=())


def standings(
    rule: Rule,
    claims: Collection[Claim],
    *,
    first: date,
    last: date,
    as_of: date,
    related: Iterable[Relation] = (),
    own: Mapping[Id, Collection[Id]] | None = None,
) -> list[Standing]:
    """Every candidate with a claim, best first, each with a line for each of its contracts.

    `first` to `last`: the days of registration that count. `related`: organisations declared to belong together.
    `own`: of each candidate the organisations it is, works for or speaks for.
    """
    group = _groups(related)
    own_groups = {one: {group(organisation) for organisation in of} for one, of in (own or {}).items()}
    reasons = {
        claim.contract: _objection(rule, claim, group, own_groups.get(claim.candidate, set()), first, last, as_of)
        for claim in claims
    }
    round_trips = _circles([claim for claim in claims if not reasons[claim.contract]], group)
    pairs: dict[tuple, list[Claim]] = defaultdict(list)
    lines: dict[Id, list[Line]] = defaultdict(list)
    for claim in sorted(claims, key=lambda one: (str(one.registered_on), str(one.contract))):
        why = reasons[claim.contract]
        if not why and round_trips[group(claim.seller)] == round_trips[group(claim.buyer)]:
            why = "资金在这几个单位之间循环"
        if why:
            lines[claim.candidate].append(Line(claim.contract, NOTHING, why))
        else:
            pairs[group(claim.seller), group(claim.buyer)].append(claim)
    totals: dict[Id, Decimal] = defaultdict(Decimal)
    partners: dict[Id, set] = defaultdict(set)
    for pair, of_pair in pairs.items():
        for claim, line in zip(of_pair, _capped(rule, of_pair), strict=True):
            lines[claim.candidate].append(line)
            totals[claim.candidate] += line.counted_wan
            if line.counted_wan:
                partners[claim.candidate].add(pair)
    found = [
        Standing(one, totals[one], len(partners[one]), len(partners[one]) >= rule.least_pairs, tuple(of_one))
        for one, of_one in lines.items()
    ]
    return sorted(found, key=lambda one: (not one.qualifies, -one.points, str(one.candidate)))


def _objection(rule: Rule, claim: Claim, group, own: set, first: date, last: date, as_of: date) -> str:
    """Why this contract counts for nothing whatever the others are; empty if it may count."""
    if not claim.is_registered or claim.registered_on is None:
        return "没有有效的登记（未登记或已注销）"
    if not first <= claim.registered_on <= last:
        return "登记日期不在评选期内"
    if claim.registered_on > as_of - timedelta(days=rule.settled_days):
        return f"登记未满 {rule.settled_days} 天"
    if not claim.confirmed:
        return "买卖双方没有都确认"
    if claim.objected:
        return "异议成立"
    if claim.seller is None or claim.buyer is None:
        return "当事方不明"
    if group(claim.seller) == group(claim.buyer):
        return "买卖双方是同一单位或关联单位"
    if {group(claim.seller), group(claim.buyer)} & own:
        return "当事方与候选人有关联"
    if rule.received_only and claim.received_wan <= 0:
        return "还没有到账"
    return ""


def _capped(rule: Rule, claims: list[Claim]) -> list[Line]:
    """A pair's contracts; above the cap each counts its share of it, cut to two places."""
    worths = [min(one.value_wan, one.received_wan) if rule.received_only else one.value_wan for one in claims]
    together = sum(worths, NOTHING)
    found = []
    for claim, worth in zip(claims, worths, strict=True):
        if together > rule.cap_per_pair_wan:
            counted = (100 * worth * rule.cap_per_pair_wan // together) / 100
            why = f"同一对单位最多计 {rule.cap_per_pair_wan:f} 万元，按比例计"
        else:
            counted, why = worth, "按到账金额计" if worth < claim.value_wan else ""
        found.append(Line(claim.contract, counted, why))
    return found


def _groups(related: Iterable[Relation]):
    """organisation → whom it stands for: those declared related, directly or through others, are one."""
    parent: dict[Id, Id] = {}

    def root(one: Id) -> Id:
        while parent.get(one, one) != one:
            one = parent[one]
        return one

    for one, other in related:
        ends = sorted((root(one), root(other)), key=str)
        parent[ends[1]] = ends[0]
    return root


def _circles(claims: Collection[Claim], group) -> dict[Id, int]:
    """group → number of its circle: two groups have the same number iff money could go from one to the other and
    back by these contracts (strongly connected components)."""
    trades = [(group(claim.seller), group(claim.buyer)) for claim in claims]
    number = {one: position for position, one in enumerate(dict.fromkeys(chain.from_iterable(trades)))}
    if not number:
        return {}
    ends = [[number[seller] for seller, _buyer in trades], [number[buyer] for _seller, buyer in trades]]
    graph = coo_array(([1] * len(trades), ends), shape=(len(number), len(number)))
    _count, labels = connected_components(graph, directed=True, connection="strong")
    return {one: int(labels[position]) for one, position in number.items()}

"""Points from registered contracts, such that only real trade between unrelated parties counts.

A point is 1 万元 of a contract that both parties confirmed, up to a cap for each pair of seller and buyer.

- Related organisations form one group, so a firm cannot be split into several.
- The contracts of a pair share its cap across all candidates, so neither splitting a contract nor attributing parts
  to different candidates gains anything.
- Contracts within a cycle of payments (甲 sells to 乙, 乙 back to 甲, over any number of groups) count nothing.
- Cancelled contracts and contracts registered too recently count nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain

type Id = Hashable  # of an organisation
type Relation = tuple[Id, Id]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ScoringRule:
    """The published rule. Sums in 万元. `settled_days`: minimum age of a registration on the day of scoring."""

    cap_per_pair_wan: Decimal = Decimal(500)
    settled_days: int = 90
    least_pairs: int = 2
    received_only: bool = True
    """Count no more than the money received."""
    needs_work_record: bool = False
    """Count only contracts for which the platform has a mandate or a followed pair."""


@dataclass(frozen=True, slots=True)
class AttributedContract:
    """A contract and the candidate to whom it is attributed. `value_wan`: its 核定技术交易额."""

    contract: int
    candidate: int
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
    has_work_record: bool = False
    """The platform recorded a mandate or a followed pair before it was signed."""


@dataclass(frozen=True, slots=True)
class ContractScore:
    """The points of one contract, and the reason if it counts less than its value."""

    contract: int
    counted_wan: Decimal
    why: str = ""


@dataclass(frozen=True, slots=True)
class CandidateScore:
    """`pairs`: number of different pairs of seller and buyer with points."""

    candidate: int
    points: Decimal
    pairs: int
    qualifies: bool
    lines: tuple[ContractScore, ...] = field(default=())


def score_candidates(
    rule: ScoringRule,
    contracts: Collection[AttributedContract],
    *,
    first: date,
    last: date,
    as_of: date,
    related: Iterable[Relation] = (),
    own: Mapping[int, Collection[Id]] | None = None,
) -> list[CandidateScore]:
    """All candidates with a contract, best first, each with a line for each contract.

    first, last: the registration dates that count. related: pairs of organisations declared as related.
    own: candidate → organisations that it is, works for or represents.
    """
    group_of = _group_finder(related)
    own_groups = {
        candidate: {group_of(organisation) for organisation in organisations}
        for candidate, organisations in (own or {}).items()
    }
    reasons = {
        item.contract: _exclusion_reason(
            rule, item, group_of, own_groups.get(item.candidate, set()), first, last, as_of
        )
        for item in contracts
    }
    cycles = _payment_cycles([item for item in contracts if not reasons[item.contract]], group_of)
    pairs: dict[tuple, list[AttributedContract]] = defaultdict(list)
    lines: dict[int, list[ContractScore]] = defaultdict(list)
    for item in sorted(contracts, key=lambda item: (str(item.registered_on), str(item.contract))):
        why = reasons[item.contract]
        if not why and cycles[group_of(item.seller)] == cycles[group_of(item.buyer)]:
            why = "资金在这几个单位之间循环"
        if why:
            lines[item.candidate].append(ContractScore(item.contract, ZERO, why))
        else:
            pairs[group_of(item.seller), group_of(item.buyer)].append(item)
    return _candidate_scores(rule, pairs, lines)


def _candidate_scores(
    rule: ScoringRule,
    pairs: Mapping[tuple, list[AttributedContract]],
    lines: dict[int, list[ContractScore]],
) -> list[CandidateScore]:
    """Add the capped points of each pair to `lines`, which already has the excluded contracts, and sum them up."""
    points: dict[int, Decimal] = defaultdict(Decimal)
    pairs_with_points: dict[int, set] = defaultdict(set)
    for pair, contracts in pairs.items():
        for item, line in zip(contracts, _capped(rule, contracts), strict=True):
            lines[item.candidate].append(line)
            points[item.candidate] += line.counted_wan
            if line.counted_wan:
                pairs_with_points[item.candidate].add(pair)
    scores = []
    for candidate, candidate_lines in lines.items():
        number = len(pairs_with_points[candidate])
        qualifies = number >= rule.least_pairs
        scores.append(CandidateScore(candidate, points[candidate], number, qualifies, tuple(candidate_lines)))
    return sorted(scores, key=lambda score: (not score.qualifies, -score.points, str(score.candidate)))


def _exclusion_reason(
    rule: ScoringRule,
    item: AttributedContract,
    group_of: Callable[[Id], Id],
    own: set,
    first: date,
    last: date,
    as_of: date,
) -> str:
    """Why this contract counts nothing, independent of other contracts; empty if it may count."""
    if not item.is_registered or item.registered_on is None:
        return "没有有效的登记（未登记或已注销）"
    if not first <= item.registered_on <= last:
        return "登记日期不在评选期内"
    if item.registered_on > as_of - timedelta(days=rule.settled_days):
        return f"登记未满 {rule.settled_days} 天"
    if not item.confirmed:
        return "买卖双方没有都确认"
    if item.objected:
        return "异议成立"
    if item.seller is None or item.buyer is None:
        return "当事方不明"
    if group_of(item.seller) == group_of(item.buyer):
        return "买卖双方是同一单位或关联单位"
    if {group_of(item.seller), group_of(item.buyer)} & own:
        return "当事方与候选人有关联"
    return _missing(rule, item)


def _missing(rule: ScoringRule, item: AttributedContract) -> str:
    """What the rule asks for beside the contract; empty if it is there."""
    if rule.needs_work_record and not item.has_work_record:
        return "平台上没有签约以前的委托或跟进记录"
    return "还没有到账" if rule.received_only and item.received_wan <= 0 else ""


def _capped(rule: ScoringRule, contracts: list[AttributedContract]) -> list[ContractScore]:
    """Scores of the contracts of a pair. Above the cap each contract gets its proportion, cut to two places."""
    values = [min(item.value_wan, item.received_wan) if rule.received_only else item.value_wan for item in contracts]
    total = sum(values, ZERO)
    scores = []
    for item, value in zip(contracts, values, strict=True):
        if total > rule.cap_per_pair_wan:
            counted = (100 * value * rule.cap_per_pair_wan // total) / 100
            why = f"同一对单位最多计 {rule.cap_per_pair_wan:f} 万元，按比例计"
        else:
            counted, why = value, "按到账金额计" if value < item.value_wan else ""
        scores.append(ContractScore(item.contract, counted, why))
    return scores


def _group_finder(related: Iterable[Relation]) -> Callable[[Id], Id]:
    """A function organisation → representative of its group of directly or indirectly related organisations."""
    parent: dict[Id, Id] = {}

    def root(organisation: Id) -> Id:
        while parent.get(organisation, organisation) != organisation:
            organisation = parent[organisation]
        return organisation

    for first, second in related:
        roots = sorted((root(first), root(second)), key=str)
        parent[roots[1]] = roots[0]
    return root


def _payment_cycles(contracts: Collection[AttributedContract], group_of: Callable[[Id], Id]) -> dict[Id, int]:
    """Group → number of its strongly connected component.

    Two groups have the same number if and only if money could go from one to the other and back by these contracts.
    """
    edges = [(group_of(item.seller), group_of(item.buyer)) for item in contracts]
    index = {group: position for position, group in enumerate(dict.fromkeys(chain.from_iterable(edges)))}
    if not index:
        return {}
    from scipy.sparse import coo_array  # slow to load; most processes never score
    from scipy.sparse.csgraph import connected_components

    coordinates = [[index[seller] for seller, _buyer in edges], [index[buyer] for _seller, buyer in edges]]
    graph = coo_array(([1] * len(edges), coordinates), shape=(len(index), len(index)))
    _count, labels = connected_components(graph, directed=True, connection="strong")
    return {group: int(labels[position]) for group, position in index.items()}

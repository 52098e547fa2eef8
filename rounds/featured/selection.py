"""The selection: the list with the greatest total score that all rules allow, in order, with reasons."""

import hashlib
from dataclasses import dataclass, replace

from rounds.featured.candidate import Candidate, ManualDecisions
from rounds.featured.constraints import (
    RuleRelaxation,
    SelectionConstraint,
    build_constraints,
    group_counts,
    relaxations,
    smallest_conflict,
    solve,
)
from rounds.featured.rules import SIDES, SelectionRules
from rounds.featured.scoring import ScoredCandidate, SelectionReason, score_candidate, score_text


@dataclass(frozen=True, slots=True)
class RankedCandidate:
    """A candidate with its result. `rank` counts from 1; 0 is not selected, and `reasons` then begins with the
    cause. `is_excluded`: could not be selected at all (banned, or featured recently)."""

    candidate: Candidate
    rank: int
    score: int
    reasons: tuple[SelectionReason, ...]
    is_pinned: bool = False
    is_placed: bool = False
    is_excluded: bool = False

    @property
    def key(self) -> str:
        return self.candidate.key

    @property
    def score_words(self) -> str:
        return score_text(self.score)


@dataclass(frozen=True, slots=True)
class FeaturedProposal:
    """`chosen` in order; `reserve` the next ones, best first; `excluded`; `missing_pins` pins without a candidate."""

    chosen: tuple[RankedCandidate, ...]
    reserve: tuple[RankedCandidate, ...]
    excluded: tuple[RankedCandidate, ...]
    missing_pins: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Hash of the items in their order: identifies the list that an officer has seen."""
        return hashlib.sha256("\n".join(ranked.key for ranked in self.chosen).encode()).hexdigest()[:16]

    def reason_left_out(self, key: str) -> str:
        """Return why a candidate is not in the list; empty if it is no candidate."""
        return next((ranked.reasons[0].words for ranked in (*self.reserve, *self.excluded) if ranked.key == key), "")


class InfeasibleRulesError(Exception):
    """No list meets the rules. `conflict` is irreducible, `ways` are tested relaxations; `note` says what the
    candidates lack."""

    def __init__(self, conflict: list[SelectionConstraint], ways: list[RuleRelaxation], note: str) -> None:
        super().__init__(f"规则不能同时满足：{'；'.join(constraint.words for constraint in conflict)}。{note}")
        self.conflict = conflict
        self.ways = ways
        self.note = note


def select_featured(
    candidates,
    rules: SelectionRules,
    decided: ManualDecisions | None = None,
    names: dict[str, dict[str, str]] | None = None,
) -> FeaturedProposal:
    """Return the best list for these candidates; their order does not matter.

    `names` is {side: {key: name}} of groups named by the rules that may have no candidate. Pinned candidates are
    selected even if featured recently; banned ones and those featured recently are not. Among lists of equal score
    the one with the earlier keys wins. Raises InvalidRulesError, InfeasibleRulesError.
    """
    rules.checked()
    decided = decided or ManualDecisions()
    everyone = sorted((score_candidate(candidate, rules) for candidate in candidates), key=lambda entry: entry.order)
    eligible, excluded = [], []
    for entry in everyone:
        why = _exclusion_reason(entry.candidate, rules, decided)
        if why:
            excluded.append(_not_chosen(entry, why, is_excluded=True))
        else:
            eligible.append(entry)
    chosen, left = _select(eligible, rules, decided, excluded, names or {})
    in_order = _ordered(chosen, decided.places)
    ranking = tuple(_ranked(rank, entry, chosen, left, rules, decided) for rank, entry in enumerate(in_order, start=1))
    reserve = tuple(_not_chosen(entry, _reason_left_out(entry, chosen, rules)) for entry in left)
    known = {entry.candidate.key for entry in everyone}
    return FeaturedProposal(ranking, reserve, tuple(excluded), tuple(key for key in decided.pins if key not in known))


def _exclusion_reason(candidate: Candidate, rules: SelectionRules, decided: ManualDecisions) -> SelectionReason | None:
    if candidate.key in decided.pins:
        return None
    if candidate.key in decided.bans:
        return SelectionReason("ban", f"不选：{decided.bans[candidate.key]}")
    shown = candidate.resting(rules.rest)
    return SelectionReason("rest", f"“{shown}”刚推介过") if shown else None


def _select(
    eligible: list[ScoredCandidate],
    rules: SelectionRules,
    decided: ManualDecisions,
    excluded,
    names: dict[str, dict[str, str]],
) -> tuple[list[ScoredCandidate], list[ScoredCandidate]]:
    """Return the selected and the remaining candidates, each best first."""
    offered = [entry.candidate for entry in eligible]
    constraints = build_constraints(offered, rules, decided.pins, names)
    scale = sum(range(len(eligible) + 1)) + 1  # exceeds the sum of all tie-breakers
    values = [entry.score * scale + len(eligible) - at for at, entry in enumerate(eligible)]
    taken = solve(offered, constraints, values)
    if taken is None:
        conflict = smallest_conflict(offered, constraints)
        ways = relaxations(offered, rules, constraints, conflict)
        ways += _shorter_rest(eligible, rules, decided, excluded, names)
        raise InfeasibleRulesError(conflict, ways, _note(offered, conflict, excluded))
    marked = set(taken)
    return [eligible[at] for at in taken], [entry for at, entry in enumerate(eligible) if at not in marked]


def _shorter_rest(eligible, rules: SelectionRules, decided: ManualDecisions, excluded, names) -> list[RuleRelaxation]:
    """Return the longest feasible rest that is shorter than the rules'."""
    if not any(ranked.reasons[0].kind == "rest" for ranked in excluded):
        return []
    for rest in range(rules.rest - 1, -1, -1):
        fewer = replace(rules, rest=rest)
        back = [ranked.candidate for ranked in excluded if not _exclusion_reason(ranked.candidate, fewer, decided)]
        offered = [*(entry.candidate for entry in eligible), *back]
        if solve(offered, build_constraints(offered, fewer, decided.pins, names), [0] * len(offered)) is not None:
            words = f"只避开前 {rest} 场推介过的成果" if rest else "不避开前几场推介过的成果"
            return [RuleRelaxation(words, fewer, cost="前几场推介过的成果会再次出现")]
    return []


def _note(offered, conflict: list[SelectionConstraint], excluded) -> str:
    sentences = []
    for constraint in conflict:
        if constraint.kind == "number":
            sentences.append(f"可选的成果共 {len(offered)} 项")
        elif constraint.kind == "least":
            there = group_counts(offered, constraint.side)[constraint.key]
            sentences.append(f"{constraint.name}可选的有 {there} 项")
    kinds = [ranked.reasons[0].kind for ranked in excluded]
    for kind, words in (("rest", "前几场推介过"), ("ban", "设为不选")):
        if number := kinds.count(kind):
            sentences.append(f"{number} 项因{words}不参加")
    return f"{'，'.join(sentences)}。" if sentences else ""


def _ordered(chosen: list[ScoredCandidate], places: dict[str, int]) -> list[ScoredCandidate]:
    """Order by score, except candidates with a manual place."""
    by_hand = sorted(
        (entry for entry in chosen if entry.candidate.key in places),
        key=lambda entry: (places[entry.candidate.key], entry.order),
    )
    in_order = sorted((entry for entry in chosen if entry.candidate.key not in places), key=lambda entry: entry.order)
    for entry in by_hand:
        in_order.insert(places[entry.candidate.key] - 1, entry)
    return in_order


def _ranked(
    rank: int, entry: ScoredCandidate, chosen, left, rules: SelectionRules, decided: ManualDecisions
) -> RankedCandidate:
    key = entry.candidate.key
    reasons = list(entry.reasons)
    if key in decided.pins:
        reasons.insert(0, SelectionReason("pin", f"必选：{decided.pins[key]}"))
        if shown := entry.candidate.resting(rules.rest):
            reasons.append(SelectionReason("rest", f"“{shown}”推介过，因必选仍入选"))
    elif left and left[0].order < entry.order and (why := _minimum_met_by(entry, chosen, rules)):
        reasons.append(SelectionReason("limit", why))
    if key in decided.places:
        reasons.append(SelectionReason("place", f"手动放在第 {decided.places[key]} 位"))
    return RankedCandidate(
        entry.candidate, rank, entry.score, tuple(reasons), key in decided.pins, key in decided.places
    )


def _minimum_met_by(entry: ScoredCandidate, chosen, rules: SelectionRules) -> str:
    """Return the minimum that required this candidate although better ones were left out; empty if none did."""
    taken = [other.candidate for other in chosen]
    for side in SIDES:
        key, name = entry.candidate.group(side), entry.candidate.group_name(side)
        least = getattr(rules, side).of(key).least
        if least and group_counts(taken, side)[key] <= least:
            return f"按规则{name}至少 {least} 项"
    return ""


def _reason_left_out(entry: ScoredCandidate, chosen: list[ScoredCandidate], rules: SelectionRules) -> SelectionReason:
    taken = [other.candidate for other in chosen]
    for side in SIDES:
        key, name = entry.candidate.group(side), entry.candidate.group_name(side)
        most = getattr(rules, side).of(key).most
        if most is not None and group_counts(taken, side)[key] >= most:
            return SelectionReason("limit", f"{name}已选满 {most} 项")
    lowest = max(chosen, key=lambda other: other.order) if chosen else None
    if lowest is None or lowest.order < entry.order:
        least = score_text(lowest.score) if lowest else "—"
        return SelectionReason("score", f"{score_text(entry.score)} 分，入选最低 {least} 分")
    return SelectionReason("limit", "名额先给了必选的和未达下限的院校、产业")


def _not_chosen(entry: ScoredCandidate, why: SelectionReason, *, is_excluded: bool = False) -> RankedCandidate:
    return RankedCandidate(entry.candidate, 0, entry.score, (why, *entry.reasons), is_excluded=is_excluded)

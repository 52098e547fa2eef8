"""The choice itself: the worthiest list that all rules allow, in order, each item with its reasons."""

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
    """One candidate where the choice has put it. `rank` counts from 1; 0 is not chosen, and `reasons` then begins with
    why not. `is_barred`: could not be chosen at all (banned, or shown lately)."""

    candidate: Candidate
    rank: int
    score: int
    reasons: tuple[SelectionReason, ...]
    is_pinned: bool = False
    is_placed: bool = False
    is_barred: bool = False

    @property
    def key(self) -> str:
        return self.candidate.key

    @property
    def score_words(self) -> str:
        return score_text(self.score)


@dataclass(frozen=True, slots=True)
class FeaturedProposal:
    """`chosen` in order; `bench` those that come next, best first; `barred`; `lost` pins that are no candidates."""

    chosen: tuple[RankedCandidate, ...]
    bench: tuple[RankedCandidate, ...]
    barred: tuple[RankedCandidate, ...]
    lost: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What an officer has seen when they say "this list": the same for the same items in the same order."""
        return hashlib.sha256("\n".join(seat.key for seat in self.chosen).encode()).hexdigest()[:16]

    def why_not(self, key: str) -> str:
        """Why a candidate is not in the list; empty for those that are none."""
        return next((seat.reasons[0].words for seat in (*self.bench, *self.barred) if seat.key == key), "")


class InfeasibleRulesError(Exception):
    """No list meets the rules. `conflict` cannot hold together (leaving any one out would do), `ways` are changes that
    were tried; `note` says what is missing from the candidates."""

    def __init__(self, conflict: list[SelectionConstraint], ways: list[RuleRelaxation], note: str) -> None:
        super().__init__(f"规则不能同时满足：{'；'.join(limit.words for limit in conflict)}。{note}")
        self.conflict = conflict
        self.ways = ways
        self.note = note


def select_featured(
    candidates,
    rules: SelectionRules,
    decided: ManualDecisions | None = None,
    names: dict[str, dict[str, str]] | None = None,
) -> FeaturedProposal:
    """The list for these candidates, in whichever order they come. Raises BadRules, CannotMeet.

    `names` is {side: {key: name}} of those which the rules name and which may have no candidate.

    What is pinned is in it, though it was shown lately; what is banned or was shown lately is not. Among equally worthy
    lists the one with the earlier keys wins.
    """
    rules.checked()
    decided = decided or ManualDecisions()
    everyone = sorted((score_candidate(candidate, rules) for candidate in candidates), key=lambda entry: entry.order)
    open_ones, barred = [], []
    for entry in everyone:
        why = _exclusion_reason(entry.candidate, rules, decided)
        if why:
            barred.append(_not_chosen(entry, why, is_barred=True))
        else:
            open_ones.append(entry)
    chosen, left = _select(open_ones, rules, decided, barred, names or {})
    in_order = _ordered(chosen, decided.places)
    seats = tuple(_ranked(rank, entry, chosen, left, rules, decided) for rank, entry in enumerate(in_order, start=1))
    bench = tuple(_not_chosen(entry, _reason_left_out(entry, chosen, rules)) for entry in left)
    known = {entry.candidate.key for entry in everyone}
    return FeaturedProposal(seats, bench, tuple(barred), tuple(key for key in decided.pins if key not in known))


def _exclusion_reason(candidate: Candidate, rules: SelectionRules, decided: ManualDecisions) -> SelectionReason | None:
    if candidate.key in decided.pins:
        return None
    if candidate.key in decided.bans:
        return SelectionReason("ban", f"不选：{decided.bans[candidate.key]}")
    shown = candidate.resting(rules.rest)
    return SelectionReason("rest", f"“{shown}”刚推介过") if shown else None


def _select(
    open_ones: list[ScoredCandidate],
    rules: SelectionRules,
    decided: ManualDecisions,
    barred,
    names: dict[str, dict[str, str]],
) -> tuple[list[ScoredCandidate], list[ScoredCandidate]]:
    """Those chosen and those left, each best first."""
    offered = [entry.candidate for entry in open_ones]
    limits = build_constraints(offered, rules, decided.pins, names)
    step = sum(range(len(open_ones) + 1)) + 1  # more than all tie-breakers together: they never outweigh a tenth
    worth = [entry.score * step + len(open_ones) - at for at, entry in enumerate(open_ones)]
    taken = solve(offered, limits, worth)
    if taken is None:
        conflict = smallest_conflict(offered, limits)
        ways = relaxations(offered, rules, limits, conflict)
        ways += _shorter_rest(open_ones, rules, decided, barred, names)
        raise InfeasibleRulesError(conflict, ways, _note(offered, conflict, barred))
    marked = set(taken)
    return [open_ones[at] for at in taken], [entry for at, entry in enumerate(open_ones) if at not in marked]


def _shorter_rest(open_ones, rules: SelectionRules, decided: ManualDecisions, barred, names) -> list[RuleRelaxation]:
    """The longest rest, shorter than the rules', with which a list exists."""
    if not any(seat.reasons[0].kind == "rest" for seat in barred):
        return []
    for rest in range(rules.rest - 1, -1, -1):
        fewer = replace(rules, rest=rest)
        back = [seat.candidate for seat in barred if not _exclusion_reason(seat.candidate, fewer, decided)]
        offered = [*(entry.candidate for entry in open_ones), *back]
        if solve(offered, build_constraints(offered, fewer, decided.pins, names), [0] * len(offered)) is not None:
            words = f"只避开前 {rest} 场推介过的成果" if rest else "不避开前几场推介过的成果"
            return [RuleRelaxation(words, fewer)]
    return []


def _note(offered, conflict: list[SelectionConstraint], barred) -> str:
    sentences = []
    for limit in conflict:
        if limit.kind == "number":
            sentences.append(f"可选的成果共 {len(offered)} 项")
        elif limit.kind == "least":
            there = group_counts(offered, limit.side)[limit.key]
            sentences.append(f"{limit.name}可选的有 {there} 项")
    kinds = [seat.reasons[0].kind for seat in barred]
    for kind, words in (("rest", "前几场推介过"), ("ban", "设为不选")):
        if number := kinds.count(kind):
            sentences.append(f"{number} 项因{words}不参加")
    return f"{'，'.join(sentences)}。" if sentences else ""


def _ordered(chosen: list[ScoredCandidate], places: dict[str, int]) -> list[ScoredCandidate]:
    """Best first, but those with a place by hand at that place (or the last)."""
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
    """Some that score higher were left out: the minimum that wanted this one, in words; empty if none did."""
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


def _not_chosen(entry: ScoredCandidate, why: SelectionReason, *, is_barred: bool = False) -> RankedCandidate:
    return RankedCandidate(entry.candidate, 0, entry.score, (why, *entry.reasons), is_barred=is_barred)

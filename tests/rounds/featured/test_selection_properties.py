"""Random candidates and rules: the list meets all rules and is optimal, or the refusal is true."""

from collections import Counter
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rounds.featured import (
    Candidate,
    GroupQuotas,
    InfeasibleRulesError,
    ManualDecisions,
    Quota,
    SelectionRules,
    select_featured,
)
from tests.rounds.featured.offers import keys

INSTITUTIONS, INDUSTRIES = ("甲", "乙", "丙"), ("材料", "装备", "食品")


@st.composite
def quotas(draw) -> Quota:
    least = draw(st.integers(0, 3))
    return Quota(least, draw(st.one_of(st.none(), st.integers(least, 5))))


@st.composite
def group_quotas(draw, names) -> GroupQuotas:
    return GroupQuotas(draw(quotas()), draw(st.dictionaries(st.sampled_from(names), quotas(), max_size=2)))


@st.composite
def candidate_lists(draw, most: int) -> list[Candidate]:
    row = st.tuples(
        st.sampled_from(INSTITUTIONS),
        st.sampled_from(INDUSTRIES),
        st.sampled_from(["industrial", "pilot", "lab", "concept", ""]),
        st.integers(0, 4),
        st.sampled_from([(), (), (), ((1, "上一场"),), ((3, "前三场"),)]),
    )
    return [
        Candidate(f"{at:02}", f"成果{at}", unit, unit, trade, trade, maturity=maturity, waiting=waiting, shown=shown)
        for at, (unit, trade, maturity, waiting, shown) in enumerate(draw(st.lists(row, max_size=most)))
    ]


@st.composite
def cases(draw, most: int):
    offered = draw(candidate_lists(most))
    names = [candidate.key for candidate in offered]
    some = st.sets(st.sampled_from(names), max_size=2) if names else st.just(set())
    pins = draw(some)
    bans = draw(some) - pins
    rules = SelectionRules(
        number=draw(st.integers(1, max(1, len(offered)))),
        rest=draw(st.integers(0, 3)),
        institutions=draw(group_quotas(INSTITUTIONS)),
        industries=draw(group_quotas(INDUSTRIES)),
    )
    return offered, rules, ManualDecisions(dict.fromkeys(pins, "点名"), dict.fromkeys(bans, "不合适"))


def meets_rules(
    chosen: list[Candidate], everyone: list[Candidate], rules: SelectionRules, decided: ManualDecisions
) -> bool:
    """Independent implementation: whether a list meets every rule."""
    names = {candidate.key for candidate in chosen}
    free = [
        candidate
        for candidate in everyone
        if candidate.key in decided.pins or not is_excluded(candidate, rules, decided)
    ]
    if len(chosen) != rules.number or not set(decided.pins) <= names:
        return False
    if any(is_excluded(candidate, rules, decided) and candidate.key not in decided.pins for candidate in chosen):
        return False
    for side, of in (
        ("institutions", lambda candidate: candidate.institution),
        ("industries", lambda candidate: candidate.industry),
    ):
        quotas, counted = getattr(rules, side), Counter(map(of, chosen))
        for key in {of(candidate) for candidate in free} | quotas.special.keys():
            span = quotas.of(key)
            if counted[key] < span.least or (span.most is not None and counted[key] > span.most):
                return False
    return True


def is_excluded(candidate: Candidate, rules: SelectionRules, decided: ManualDecisions) -> bool:
    return candidate.key in decided.bans or any(back <= rules.rest for back, _name in candidate.shown)


@given(cases(most=24))
def test_list_meets_all_rules_or_the_refusal_names_the_conflict(case):
    offered, rules, decided = case
    try:
        proposal = select_featured(offered, rules, decided)
    except InfeasibleRulesError as refusal:
        assert refusal.conflict
        assert all(limit.words in str(refusal) for limit in refusal.conflict)
        for way in refusal.ways:
            pins = {key: why for key, why in decided.pins.items() if key != way.key}
            after = ManualDecisions(pins, decided.bans) if way.rules is None else decided
            asked = way.rules or rules
            chosen = [seat.candidate for seat in select_featured(offered, asked, after).chosen]
            assert meets_rules(chosen, offered, asked, after)
        return
    assert meets_rules([seat.candidate for seat in proposal.chosen], offered, rules, decided)
    assert sorted(keys(proposal)) == sorted({*keys(proposal)})
    everywhere = [seat.key for seat in (*proposal.chosen, *proposal.reserve, *proposal.excluded)]
    assert sorted(everywhere) == [candidate.key for candidate in offered]
    assert all(seat.reasons and all(reason.words for reason in seat.reasons) for seat in proposal.chosen)
    assert select_featured(list(reversed(offered)), rules, decided) == proposal


@given(cases(most=9))
def test_list_is_optimal_and_a_refusal_means_infeasible(case):
    offered, rules, decided = case
    allowed = [
        list(some) for some in combinations(offered, rules.number) if meets_rules(list(some), offered, rules, decided)
    ]
    try:
        proposal = select_featured(offered, rules, decided)
    except InfeasibleRulesError:
        assert not allowed
        return
    worth = {seat.key: seat.score for seat in (*proposal.chosen, *proposal.reserve, *proposal.excluded)}
    best = max(sum(worth[candidate.key] for candidate in some) for some in allowed)
    assert sum(seat.score for seat in proposal.chosen) == best

"""The planner, with the checker and exhaustive search as oracles."""

import pytest
from hypothesis import HealthCheck, given, settings

from scheduling import Event, Hall, Lock, NoPlan, Party, Slot, Wish, check, exact, figures, solve
from scheduling.exact import guided, improved, rising
from scheduling.explain import feasible
from scheduling.problem import all_rules, compile_event
from tests.scheduling.worlds import events, fewest_gaps

QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60, derandomize=True)


@QUIET
@given(events(must=True, most_wishes=6, rich=False))
def test_all_searches_find_the_fewest_gaps(monkeypatch, event):
    problem = compile_event(event)
    truth = fewest_gaps(event)
    monkeypatch.setattr(exact, "SHIFTS", 500)
    for search in (guided, improved, rising):
        found = list(search(problem))
        if truth is None:
            assert found[-1].infeasible
        else:
            assert min(one.gaps for one in found if one.cells) == truth
            assert max(one.bound for one in found) <= truth


@QUIET
@given(events(must=True, rich=False))
def test_a_conflict_is_minimal(event):
    """Dropping any one of it makes the rest possible; and it is a conflict of limits the event has."""
    from scheduling.explain import conflict_of

    problem = compile_event(event)
    if feasible(event, all_rules(event)):
        assert conflict_of(event, problem) is None
        return
    found = conflict_of(event, problem, known=True)
    assert set(found.conflict) <= set(all_rules(event))
    assert feasible(event, found.conflict) is False
    assert found.minimal
    for rule in found.conflict:
        assert feasible(event, [one for one in found.conflict if one != rule]) is True


@settings(QUIET, max_examples=10)
@given(events())
def test_every_plan_on_the_way_is_sound(event):
    from scheduling import planner

    told = []
    planner.WEIGHT_MOVES, kept = 2000, planner.WEIGHT_MOVES
    try:
        best = solve(event, seconds=20, progress=told.append)
    except NoPlan as problem:
        assert feasible(event, problem.conflict) is False
        assert str(problem)
        return
    finally:
        planner.WEIGHT_MOVES = kept
    for step in told:
        assert check(event, step.plan) == []
        assert step.figures == figures(event, step.plan)
        assert step.figures.served <= step.served_bound
        assert step.figures.weight <= step.weight_bound + 1e-6
        assert step.figures.gaps >= step.gaps_bound or step is not told[-1]
    ranks = [(step.figures.served, step.figures.weight, -step.figures.gaps) for step in told]
    assert ranks == sorted(ranks)
    assert best == told[-1]


def event(**changes) -> Event:
    parts = {
        "slots": tuple(Slot(540 + 30 * n, 560 + 30 * n) for n in range(4)),
        "halls": (Hall("A", 2),),
        "parties": (Party("F1", "甲公司"), Party("F2", "乙公司"), Party("T1", "示例大学")),
        "wishes": (Wish(1, ("F1", "T1"), 2.0), Wish(2, ("F2", "T1"), 1.0)),
    }
    return Event(**(parts | changes))


def test_the_same_seed_gives_the_same_plan():
    assert solve(event(), seed=3).plan == solve(event(), seed=3).plan


def test_a_party_that_is_never_there_is_left_out_with_the_reason():
    parties = (Party("F1", "甲公司"), Party("F2", "乙公司", present=()), Party("T1", "示例大学"))
    step = solve(event(parties=parties))
    assert [meeting.wish for meeting in step.plan.meetings] == [1]
    assert "乙公司全天不在场" in step.plan.left_out[2]
    assert step.proven


def test_more_wishes_than_places_are_cut_to_the_heaviest():
    parties = (*(Party(f"F{n}") for n in range(9)), Party("T1"))
    wishes = tuple(Wish(n, (f"F{n}", "T1"), weight=n + 1.0) for n in range(9))
    step = solve(event(parties=parties, wishes=wishes))
    assert {meeting.wish for meeting in step.plan.meetings} == {5, 6, 7, 8}
    assert "更合适" in step.plan.left_out[0]
    assert (step.figures.weight, step.weight_bound, step.proven) == (30.0, 30.0, True)


def test_serving_one_more_party_counts_more_than_weight():
    parties = (Party("F1"), Party("F2"), Party("T1"))
    wishes = (Wish(1, ("F1", "T1"), 9.0), Wish(2, ("F1", "T1"), 9.0), Wish(3, ("F2", "T1"), 0.1))
    step = solve(event(slots=(Slot(0, 20), Slot(20, 40)), parties=parties, wishes=wishes))
    assert step.figures.served == 3


def test_a_party_has_at_most_as_many_meetings_as_it_wants():
    parties = (Party("F1", "甲公司", most=1), Party("T1"), Party("T2"))
    wishes = (Wish(1, ("F1", "T1"), 1.0), Wish(2, ("F1", "T2"), 2.0))
    step = solve(event(parties=parties, wishes=wishes))
    assert [meeting.wish for meeting in step.plan.meetings] == [2]
    assert step.plan.left_out[1] == "甲公司已排满最多 1 场"


def test_stopping_keeps_the_best_so_far():
    step = solve(event(), stopped=lambda: True)
    assert check(event(), step.plan) == []


def test_people_keep_their_table():
    wishes = tuple(Wish(n, ("F1" if n < 2 else "F2", "T1")) for n in range(4))
    step = solve(event(wishes=wishes))
    assert step.figures.moves == 0


def test_no_plan_is_told_in_words_with_what_helps():
    from scheduling.explain import relaxations

    parties = (Party("F1", "甲公司", present=((540, 560),)), Party("F2", "乙公司"), Party("T1", "示例大学"))
    wishes = (Wish(1, ("F1", "T1"), must=True), Wish(2, ("F2", "T1"), slots=(0,), must=True))
    clash = event(parties=parties, wishes=wishes)
    with pytest.raises(NoPlan) as raised:
        solve(clash)
    assert "甲公司有 3 个时段不在场" in str(raised.value)
    assert "乙公司 与 示例大学只能安排在 09:00" in str(raised.value)
    tried = relaxations(clash, raised.value)
    assert [one.works for one in tried] == [True] * 4
    assert "请甲公司全程在场" in [one.words for one in tried]


def test_if_no_single_limit_helps_the_fewest_that_do_are_named():
    """Two firms, each locked against a locked neighbour: one of each pair has to give way."""
    from scheduling.explain import smallest_relaxation

    parties = tuple(Party(name) for name in ("F1", "F2", "T1", "T2"))
    wishes = tuple(Wish(n, pair) for n, pair in enumerate([("F1", "T1"), ("F1", "T2"), ("F2", "T1"), ("F2", "T2")]))
    locks = (Lock(0, 0), Lock(1, 0), Lock(2, 1), Lock(3, 1))
    clash = event(parties=parties, wishes=wishes, locks=locks)
    everything = all_rules(clash)
    given_up = smallest_relaxation(clash)
    assert len(given_up) == 2
    assert feasible(clash, [rule for rule in everything if rule not in given_up]) is True
    for rule in given_up:
        assert feasible(clash, [one for one in everything if one != rule]) is False

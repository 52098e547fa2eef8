"""The solver, with the checker and exhaustive search as oracles."""

import pytest
from hypothesis import HealthCheck, given, settings

from scheduling import (
    Event,
    InfeasibleError,
    Lock,
    MeetingHall,
    MeetingParty,
    RequestedMeeting,
    TimeSlot,
    check,
    exact_search,
    measure,
    solve,
    solver,
)
from scheduling.exact_search import core_guided, lower_bounding, solution_improving
from scheduling.infeasibility import (
    explain_infeasible,
    find_overload_conflict,
    is_feasible,
    minimum_relaxation,
    suggest_relaxations,
)
from scheduling.problem import all_constraints, compile_event
from tests.scheduling.random_events import events, fewest_gaps

QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60, derandomize=True)


@QUIET
@given(events(required=True, max_count=6, rich=False))
def test_all_searches_find_the_fewest_gaps(monkeypatch, event):
    problem = compile_event(event)
    fewest = fewest_gaps(event)
    monkeypatch.setattr(exact_search, "LOCAL_SEARCH_MOVES", 500)
    for search in (core_guided, solution_improving, lower_bounding):
        results = list(search(problem))
        if fewest is None:
            assert results[-1].infeasible
        else:
            assert min(result.objective for result in results if result.cells) == fewest
            assert max(result.bound for result in results) <= fewest


@QUIET
@given(events(required=True, rich=False))
def test_a_conflict_is_minimal(event):
    """It contains only constraints of the event, and without any one of them the rest is feasible."""
    problem = compile_event(event)
    if is_feasible(event, all_constraints(event)):
        assert find_overload_conflict(event, problem) is None
        return
    error = explain_infeasible(event, problem)
    assert set(error.conflict) <= set(all_constraints(event))
    assert is_feasible(event, error.conflict) is False
    assert error.minimal
    for constraint in error.conflict:
        assert is_feasible(event, [other for other in error.conflict if other != constraint]) is True


@settings(QUIET, max_examples=10)
@given(events())
def test_every_intermediate_schedule_is_valid(event):
    reported = []
    solver.WEIGHT_MOVES, kept = 2000, solver.WEIGHT_MOVES
    try:
        best = solve(event, seconds=20, progress=reported.append)
    except InfeasibleError as error:
        assert is_feasible(event, error.conflict) is False
        assert str(error)
        return
    finally:
        solver.WEIGHT_MOVES = kept
    for progress in reported:
        assert check(event, progress.schedule) == []
        assert progress.metrics == measure(event, progress.schedule)
        assert progress.metrics.served <= progress.served_bound
        assert progress.metrics.weight <= progress.weight_bound + 1e-6
        assert progress.metrics.gaps >= progress.gaps_bound or progress is not reported[-1]
    ranks = [(progress.metrics.served, progress.metrics.weight, -progress.metrics.gaps) for progress in reported]
    assert ranks == sorted(ranks)
    assert best == reported[-1]


def event(**changes) -> Event:
    parts = {
        "slots": tuple(TimeSlot(540 + 30 * n, 560 + 30 * n) for n in range(4)),
        "halls": (MeetingHall("A", 2),),
        "parties": (MeetingParty("F1", "甲公司"), MeetingParty("F2", "乙公司"), MeetingParty("T1", "示例大学")),
        "meetings": (RequestedMeeting(1, ("F1", "T1"), 2.0), RequestedMeeting(2, ("F2", "T1"), 1.0)),
    }
    return Event(**(parts | changes))


def test_the_same_seed_gives_the_same_schedule():
    assert solve(event(), seed=3).schedule == solve(event(), seed=3).schedule


def test_meetings_of_an_absent_party_are_left_out_with_the_reason():
    parties = (
        MeetingParty("F1", "甲公司"),
        MeetingParty("F2", "乙公司", availability=()),
        MeetingParty("T1", "示例大学"),
    )
    progress = solve(event(parties=parties))
    assert [assignment.meeting for assignment in progress.schedule.assignments] == [1]
    assert "乙公司全天不在场" in progress.schedule.left_out[2]
    assert progress.proven


def test_the_heaviest_meetings_are_selected_if_not_all_fit():
    parties = (*(MeetingParty(f"F{n}") for n in range(9)), MeetingParty("T1"))
    meetings = tuple(RequestedMeeting(n, (f"F{n}", "T1"), weight=n + 1.0) for n in range(9))
    progress = solve(event(parties=parties, meetings=meetings))
    assert {assignment.meeting for assignment in progress.schedule.assignments} == {5, 6, 7, 8}
    assert "更合适" in progress.schedule.left_out[0]
    assert (progress.metrics.weight, progress.weight_bound, progress.proven) == (30.0, 30.0, True)


def test_serving_one_more_party_counts_more_than_weight():
    parties = (MeetingParty("F1"), MeetingParty("F2"), MeetingParty("T1"))
    meetings = (
        RequestedMeeting(1, ("F1", "T1"), 9.0),
        RequestedMeeting(2, ("F1", "T1"), 9.0),
        RequestedMeeting(3, ("F2", "T1"), 0.1),
    )
    progress = solve(event(slots=(TimeSlot(0, 20), TimeSlot(20, 40)), parties=parties, meetings=meetings))
    assert progress.metrics.served == 3


def test_a_party_gets_at_most_its_maximum_number_of_meetings():
    parties = (MeetingParty("F1", "甲公司", max_meetings=1), MeetingParty("T1"), MeetingParty("T2"))
    meetings = (RequestedMeeting(1, ("F1", "T1"), 1.0), RequestedMeeting(2, ("F1", "T2"), 2.0))
    progress = solve(event(parties=parties, meetings=meetings))
    assert [assignment.meeting for assignment in progress.schedule.assignments] == [2]
    assert progress.schedule.left_out[1] == "甲公司已排满最多 1 场"


def test_a_stopped_solver_returns_the_best_schedule_so_far():
    progress = solve(event(), stopped=lambda: True)
    assert check(event(), progress.schedule) == []


def test_people_keep_their_table():
    meetings = tuple(RequestedMeeting(n, ("F1" if n < 2 else "F2", "T1")) for n in range(4))
    progress = solve(event(meetings=meetings))
    assert progress.metrics.moves == 0


def test_infeasibility_is_described_and_relaxations_are_suggested():
    parties = (
        MeetingParty("F1", "甲公司", availability=((540, 560),)),
        MeetingParty("F2", "乙公司"),
        MeetingParty("T1", "示例大学"),
    )
    meetings = (
        RequestedMeeting(1, ("F1", "T1"), required=True),
        RequestedMeeting(2, ("F2", "T1"), slots=(0,), required=True),
    )
    infeasible = event(parties=parties, meetings=meetings)
    with pytest.raises(InfeasibleError) as raised:
        solve(infeasible)
    assert "甲公司有 3 个时段不在场" in str(raised.value)
    assert "乙公司 与 示例大学只能安排在 09:00" in str(raised.value)
    relaxations = suggest_relaxations(infeasible, raised.value)
    assert [relaxation.works for relaxation in relaxations] == [True] * 4
    assert "请甲公司全程在场" in [relaxation.text for relaxation in relaxations]


def test_the_minimum_relaxation_is_found_if_no_single_constraint_helps():
    """Each firm has two meetings locked in the same slot: one lock of each firm must be given up."""
    parties = tuple(MeetingParty(name) for name in ("F1", "F2", "T1", "T2"))
    meetings = tuple(
        RequestedMeeting(n, pair) for n, pair in enumerate([("F1", "T1"), ("F1", "T2"), ("F2", "T1"), ("F2", "T2")])
    )
    locks = (Lock(0, 0), Lock(1, 0), Lock(2, 1), Lock(3, 1))
    infeasible = event(parties=parties, meetings=meetings, locks=locks)
    constraints = all_constraints(infeasible)
    relaxed = minimum_relaxation(infeasible)
    assert len(relaxed) == 2
    assert is_feasible(infeasible, [constraint for constraint in constraints if constraint not in relaxed]) is True
    for constraint in relaxed:
        assert is_feasible(infeasible, [other for other in constraints if other != constraint]) is False


def test_weight_before_parties_is_an_option_and_its_price_is_known():
    """One slot: either the heavy meeting of two parties, or two light ones that serve four."""
    parties = (MeetingParty("F1"), MeetingParty("F2"), MeetingParty("T1"), MeetingParty("T2"))
    contest = Event(
        (TimeSlot(540, 565),),
        (MeetingHall("A", 2),),
        parties,
        (
            RequestedMeeting("heavy", ("F1", "T1"), weight=10.0),
            RequestedMeeting("light", ("F1", "T2"), weight=2.0),
            RequestedMeeting("other", ("F2", "T1"), weight=3.0),
        ),
    )
    served, weight = solve(contest), solve(contest, serve_first=False)
    assert set(served.schedule.by_meeting) == {"light", "other"}
    assert set(weight.schedule.by_meeting) == {"heavy"}
    assert served.proven and weight.proven
    price = {name: (plan.served, plan.weight, plan.meetings) for name, plan in weight.outlook.items()}
    assert price == {"served_first": (4, 5.0, 2), "weight_first": (2, 10.0, 1)}

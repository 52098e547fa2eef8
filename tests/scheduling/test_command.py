"""`python -m scheduling solve`; on instances of real events if the shared data is present."""

import json

import pytest

from scheduling import check, dzn, measure
from scheduling.__main__ import main
from scheduling.errors import InstanceFileError
from scheduling.schedule import Assignment, Schedule

TINY = """
nBusiness = 3; nMeetings = 3; nTables = {tables}; nTotalSlots = 4; nMorningSlots = 2;  % a comment
requested = [|1,2,3
|1,3,1
|2,3,{half}
|];
nMeetingsBusiness = [2,2,2];
meetingsxBusiness = [{{1,2}},{{1,3}},{{2,3}}];
forbidden = [{{0}},{forbidden},{{}}];
fixed = [0,0,{fixed}];
precedences = [{precedences},{{}},{{}}];
"""
PLAIN = {"tables": 2, "half": 3, "forbidden": "{0}", "fixed": 0, "precedences": "{}"}


def write_instance(tmp_path, **changes):
    file = tmp_path / "tiny.dzn"
    file.write_text(TINY.format(**(PLAIN | changes)))
    return file


def solve_instance(file, capsys) -> dict:
    assert main(["solve", str(file), "--seconds", "50", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def is_valid(file, answer: dict) -> bool:
    """With any tables, the answer violates no constraint and has the number of gaps it reports."""
    event = dzn.read(file)
    used: dict = {}
    assignments = []
    for meeting, slot in zip(event.meetings, answer["slots"], strict=True):
        used[slot] = used.get(slot, 0) + 1
        assignments.append(Assignment(meeting.id, slot - 1, 1, used[slot]))
    schedule = Schedule(tuple(assignments))
    return check(event, schedule) == [] and measure(event, schedule).gaps == answer["cost"]


def test_a_small_instance(tmp_path, capsys):
    file = write_instance(tmp_path)
    answer = solve_instance(file, capsys)
    assert set(answer) == {"cost", "bound", "proven", "seconds", "slots"}
    assert (answer["cost"], answer["bound"], answer["proven"]) == (
        1,
        1,
        True,
    )  # the third meeting leaves one person idle
    assert is_valid(file, answer)


def test_constraints_of_the_file_are_satisfied(tmp_path, capsys):
    file = write_instance(tmp_path, forbidden="{1,2}", fixed=4, precedences="{2}", half=2)
    answer = solve_instance(file, capsys)
    assert answer["slots"][2] == 4
    assert answer["slots"][1] < answer["slots"][0] == 3
    assert is_valid(file, answer)


@pytest.mark.parametrize(
    "changes, conflict",
    [
        ({"forbidden": "1..4"}, [{"participant": 2, "absent": [1, 2, 3, 4]}]),
        ({"precedences": "{3}", "fixed": 4}, [{"order": [3, 1]}, {"meeting": 3, "participants": [2, 3], "fixed": 4}]),
        ({"tables": 0}, None),
    ],
)
def test_infeasibility_is_reported_with_the_numbers_of_the_file(tmp_path, capsys, changes, conflict):
    file = write_instance(tmp_path, **changes)
    if conflict is None:
        assert main(["solve", str(file), "--json"]) == 2
        assert "没有洽谈桌" in capsys.readouterr().err
        return
    answer = solve_instance(file, capsys)
    assert answer["infeasible"] is True
    assert answer["minimal"] is True
    assert all(constraint in answer["conflict"] for constraint in conflict)


@pytest.mark.parametrize(
    "text, message",
    [("", "缺少 nBusiness"), ("nBusiness = x;" + TINY.format(**PLAIN).replace("nBusiness = 3;", ""), "应是整数")],
)
def test_an_invalid_file_is_rejected_with_a_message(tmp_path, text, message):
    file = tmp_path / "bad.dzn"
    file.write_text(text)
    with pytest.raises(InstanceFileError, match=message):
        dzn.read(file)
    assert main(["solve", str(file)]) == 2


def test_the_message_counts_missing_rows(tmp_path):
    file = tmp_path / "bad.dzn"
    file.write_text(TINY.format(**PLAIN).replace("|2,3,3\n", ""))
    with pytest.raises(InstanceFileError, match="requested 有 2 项，应有 3 项"):
        dzn.read(file)


@pytest.mark.parametrize("name", ["tic-12.dzn", "forumt-14crafe.dzn"])
def test_real_events_reach_their_proven_optimum(shared_data, capsys, name):
    """Two instances; `benchmarks.timetable --instances` runs all."""
    folder = shared_data / "b2b_instances"
    best = json.loads((folder / "optima.json").read_text())[name]
    answer = solve_instance(folder / name, capsys)
    assert (answer["cost"], answer["bound"], answer["proven"]) == (best, best, True)
    assert is_valid(folder / name, answer)

"""`python -m scheduling solve`, on instances of real events where they are at hand."""

import json

import pytest

from scheduling import check, dzn, figures
from scheduling.__main__ import main
from scheduling.errors import BadFile
from scheduling.plan import Meeting, Plan

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


def written(tmp_path, **changes):
    file = tmp_path / "tiny.dzn"
    file.write_text(TINY.format(**(PLAIN | changes)))
    return file


def solved(file, capsys) -> dict:
    assert main(["solve", str(file), "--seconds", "50", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def is_sound(file, answer: dict) -> bool:
    """The answer, seated anyhow, keeps every limit and has as many gaps as it says."""
    event = dzn.read(file)
    used: dict = {}
    meetings = []
    for wish, slot in zip(event.wishes, answer["slots"], strict=True):
        used[slot] = used.get(slot, 0) + 1
        meetings.append(Meeting(wish.id, slot - 1, 1, used[slot]))
    plan = Plan(tuple(meetings))
    return check(event, plan) == [] and figures(event, plan).gaps == answer["cost"]


def test_a_small_instance(tmp_path, capsys):
    file = written(tmp_path)
    answer = solved(file, capsys)
    assert set(answer) == {"cost", "bound", "proven", "seconds", "slots"}
    assert (answer["cost"], answer["bound"], answer["proven"]) == (1, 1, True)  # of three in a row, two share one
    assert is_sound(file, answer)


def test_limits_of_the_file_are_kept(tmp_path, capsys):
    file = written(tmp_path, forbidden="{1,2}", fixed=4, precedences="{2}", half=2)
    answer = solved(file, capsys)
    assert answer["slots"][2] == 4
    assert answer["slots"][1] < answer["slots"][0] == 3
    assert is_sound(file, answer)


@pytest.mark.parametrize(
    "changes, conflict",
    [
        ({"forbidden": "1..4"}, [{"participant": 2, "absent": [1, 2, 3, 4]}]),
        ({"precedences": "{3}", "fixed": 4}, [{"order": [3, 1]}, {"meeting": 3, "participants": [2, 3], "fixed": 4}]),
        ({"tables": 0}, None),
    ],
)
def test_no_plan_is_told_by_number(tmp_path, capsys, changes, conflict):
    file = written(tmp_path, **changes)
    if conflict is None:
        assert main(["solve", str(file), "--json"]) == 2
        assert "没有洽谈桌" in capsys.readouterr().err
        return
    answer = solved(file, capsys)
    assert answer["infeasible"] is True
    assert answer["minimal"] is True
    assert all(one in answer["conflict"] for one in conflict)


@pytest.mark.parametrize(
    "text, words",
    [("", "缺少 nBusiness"), ("nBusiness = x;" + TINY.format(**PLAIN).replace("nBusiness = 3;", ""), "应是整数")],
)
def test_a_bad_file_is_refused_in_words(tmp_path, text, words):
    file = tmp_path / "bad.dzn"
    file.write_text(text)
    with pytest.raises(BadFile, match=words):
        dzn.read(file)
    assert main(["solve", str(file)]) == 2


def test_rows_that_are_missing_are_counted(tmp_path):
    file = tmp_path / "bad.dzn"
    file.write_text(TINY.format(**PLAIN).replace("|2,3,3\n", ""))
    with pytest.raises(BadFile, match="requested 有 2 项，应有 3 项"):
        dzn.read(file)


@pytest.mark.parametrize("name", ["tic-12.dzn", "forumt-14crafe.dzn"])
def test_real_events_reach_their_proven_optimum(shared_data, capsys, name):
    """Two of them; `benchmarks.timetable --instances` takes all."""
    folder = shared_data / "b2b_instances"
    best = json.loads((folder / "optima.json").read_text())[name]
    answer = solved(folder / name, capsys)
    assert (answer["cost"], answer["bound"], answer["proven"]) == (best, best, True)
    assert is_sound(folder / name, answer)

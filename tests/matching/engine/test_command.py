"""The command `python -m matching.engine`: its answers, and that it needs neither Django settings nor a database."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pytest

from matching.engine.__main__ import main

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
PAIR = {"achievement_terms": "碳纤维 预浸料", "demand_title": "碳纤维预浸料国产化", "demand_text": "寻求工艺"}
ITEMS = [{"id": 7, "title": "碳纤维预浸料", "text": ""}, {"id": 3, "title": "海参育苗", "text": "水质监测"}]


def run_alone(*arguments, code=0):
    """In a process of its own."""
    bare = {name: value for name, value in os.environ.items() if "DJANGO" not in name and "_URL" not in name}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "matching.engine", *map(str, arguments)],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def run(*arguments, code=0):
    """The same in this process, which has the thesaurus already."""
    with redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as errors:
        try:
            returned = main([*map(str, arguments)])
        except SystemExit as ended:  # an argument that argparse refuses
            returned = ended.code
    assert returned == code, errors.getvalue()
    return SimpleNamespace(stdout=output.getvalue(), stderr=errors.getvalue())


def output_lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def write(tmp_path):
    def write(*lines, name="lines.jsonl"):
        path = tmp_path / name
        path.write_text("".join(f"{json.dumps(line) if isinstance(line, dict) else line}\n" for line in lines), "utf-8")
        return path

    return write


def test_score_prints_a_line_for_each_pair_in_order(write):
    other = PAIR | {"achievement_terms": "海参 育苗"}
    scores = [line["score"] for line in output_lines(run("score", "--pairs", write(other, PAIR, PAIR, other)))]
    assert scores[0] == scores[3] == 0 and scores[1] == scores[2] > 60


def test_topk_prints_a_line_for_each_demand_in_order_without_a_threshold(write):
    achievements = write(*ITEMS, name="a.jsonl")
    demands = write({"id": "z", "title": "海参", "text": ""}, {"id": "b", "title": "", "text": ""}, name="d.jsonl")
    first, second = output_lines(run("topk", "--achievements", achievements, "--demands", demands, "-k", 5))
    assert first["demand_id"] == "z" and [match[0] for match in first["matches"]] == [3, 7]
    assert second == {"demand_id": "b", "matches": [[3, 0.0], [7, 0.0]]}


def test_topk_output_is_reproducible(write):
    arguments = ["topk", "--achievements", write(*ITEMS, name="a.jsonl"), "--demands", write(*ITEMS, name="d.jsonl")]
    assert run_alone(*arguments).stdout == run_alone(*arguments).stdout != ""


def test_evaluate_prints_metrics_with_intervals(write):
    lines = [
        PAIR | {"level": level, "demand_id": demand, "group": demand, "achievement_terms": terms}
        for demand in ("d1", "d2")
        for level, terms in ((4, "碳纤维 预浸料"), (2, "碳纤维"), (1, "海参"))
    ]
    (report,) = output_lines(run("evaluate", "--pairs", write(*lines)))
    assert report["auc"] == {"value": 1, "low": 1, "high": 1, "needs": 2}
    assert (report["engine"], report["pairs"], report["groups"]) == ("p3", 6, 2)


def test_evaluate_compares_two_engines(write):
    lines = [
        PAIR | {"level": level, "demand_id": 1, "achievement_terms": t} for level, t in ((4, "碳纤维"), (1, "海参"))
    ]
    first, second, difference = output_lines(
        run("evaluate", "--pairs", write(*lines), "--engine", "p2", "--engine", "p0")
    )
    assert (first["engine"], second["engine"]) == ("p2", "p0")
    assert (difference["engine"], difference["better_than"]) == ("p2", "p0")
    assert difference["auc"] == {"value": 0, "low": 0, "high": 0}


def test_empty_files_and_blank_lines_give_no_output(write):
    assert run("score", "--pairs", write()).stdout == ""
    assert len(output_lines(run("score", "--pairs", write("", PAIR, "  ")))) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "第 2 行：不是完整的 JSON"),
        ("[" * 100_000, "第 2 行：不是完整的 JSON"),
        ("[1]", "第 2 行：应是一个 JSON 对象"),
        ({"achievement_terms": "甲"}, "第 2 行：缺少字段 demand_title"),
        (PAIR | {"demand_text": None}, "第 2 行：字段 demand_text 应是文字"),
        (PAIR | {"demand_title": 5}, "第 2 行：字段 demand_title 应是文字"),
    ],
)
def test_an_invalid_line_is_named_and_nothing_is_printed(write, line, message):
    done = run("score", "--pairs", write(PAIR, line), code=2)
    assert message in done.stderr and "Traceback" not in done.stderr and done.stdout == ""


def test_other_encodings_missing_files_repeated_ids_and_wrong_levels_are_named(write, tmp_path):
    (tmp_path / "gbk.jsonl").write_bytes(json.dumps(PAIR, ensure_ascii=False).encode("gbk"))
    assert "第 1 行：不是 UTF-8 编码" in run("score", "--pairs", tmp_path / "gbk.jsonl", code=2).stderr
    assert "nowhere.jsonl" in run("score", "--pairs", tmp_path / "nowhere.jsonl", code=2).stderr
    repeated = write(*ITEMS, ITEMS[0])
    assert "第 3 行：编号“7”" in run("topk", "--achievements", repeated, "--demands", repeated, code=2).stderr
    graded = write(PAIR | {"level": 5, "demand_id": "d"})
    assert "第 1 行：字段 level" in run("evaluate", "--pairs", graded, code=2).stderr


def test_an_unknown_engine_and_a_k_below_one_are_refused(write):
    assert "p0" in run("score", "--pairs", write(PAIR), "--engine", "p9", code=2).stderr
    items = write(*ITEMS)
    assert "-k" in run("topk", "--achievements", items, "--demands", items, "-k", "0", code=2).stderr


def test_a_byte_order_mark_and_surrogates_are_read(tmp_path):
    path = tmp_path / "bom.jsonl"
    path.write_text("\ufeff" + json.dumps(PAIR | {"demand_text": "\ud800 \x00 😀"}), "utf-8")
    assert output_lines(run("score", "--pairs", path))[0]["score"] > 60


def test_propose_prints_at_most_five_candidates_with_levels_and_probabilities(write):
    achievements = write(*({"id": n, "title": f"碳纤维预浸料第{n}种", "text": ""} for n in range(8)), name="a.jsonl")
    demands = write(
        {"id": "z", "title": "碳纤维预浸料", "text": "需要国产化工艺。"}, {"id": "b", "title": "", "text": ""},
        name="d.jsonl",
    )  # fmt: skip
    first, second = output_lines(run("propose", "--achievements", achievements, "--demands", demands))
    assert (first["demand_id"], first["silent"], len(first["matches"])) == ("z", False, 5)
    for _achievement, score, level, probability in first["matches"]:
        assert 0 < score < 100 and 0 < probability < 1 and level == ("high" if probability >= 0.5 else "candidate")
    assert second == {"demand_id": "b", "silent": True, "matches": []}


def test_importing_the_engine_imports_neither_numpy_nor_django():
    script = (
        "import sys, matching.engine, matching.engine.facts, matching.engine.methods;"
        "print(sorted({'numpy', 'scipy', 'django'} & set(sys.modules)))"
    )
    assert subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True).strip() == "[]"


def test_the_thesaurus_can_be_read(write):
    (counts,) = output_lines(run("thesaurus"))
    assert counts["terms"] > counts["groups"] > 1000


@pytest.mark.parametrize(
    ("engine", "figures", "level_2_up"),
    [
        ("p0", {"spearman": 0.4723, "ndcg@10": 0.6855, "auc": 0.7691}, 0.9027),
        ("p2", {"spearman": 0.5242, "ndcg@10": 0.7007, "auc": 0.7908}, 0.9106),
        ("p3", {"spearman": 0.5203, "ndcg@10": 0.7042, "auc": 0.7850}, 0.9052),
    ],
)
def test_the_measured_figures(shared_data, engine, figures, level_2_up):
    """Metrics of docs/matching.md on pairs graded by staff of a technology market."""
    (report,) = output_lines(run("evaluate", "--pairs", shared_data / "matching_pairs.jsonl", "--engine", engine))
    assert {name: report[name]["value"] for name in figures} == pytest.approx(figures, abs=0.0005)
    assert report["shown"]["level_2_up"] == pytest.approx(level_2_up, abs=0.005)

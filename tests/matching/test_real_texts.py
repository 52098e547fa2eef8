"""What a run would show: `propose`, `evaluate_matching --real`, and that a run with default settings shows the same."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from matching.engine import Item, build
from matching.engine.candidates import PRIOR_INTERCEPT, PRIOR_SLOPE, candidates_of
from matching.evaluation.finding import measure_engine
from matching.evaluation.real_texts import read_real_texts
from matching.models import Match
from matching.services.runs import execute_chunk, start_run
from tests import factories as make

OFFERS = {
    "a1": ("海参育苗池氨氮在线监测", "育苗池水的氨氮与溶解氧在线监测，检出限低。"),
    "a2": ("轴承滚道磨削烧伤涡流检测", "磨削后滚道烧伤用涡流法检测。"),
    "a3": ("镁合金微弧氧化膜封孔", "镁合金表面微弧氧化膜的封孔处理，耐盐雾。"),
    "a4": ("企业管理信息化综述", "综述企业管理信息化的现状。"),
}
NEEDS = {
    "n1": ("育苗池氨氮总超标", "氨氮等人化验出来，苗已经死了。检测时间不超过 2 分钟。"),
    "n2": ("壳体盐雾试验不过", "镁合金壳体微弧氧化膜有微孔。公司成立于一九九八年。"),
    "n3": ("想上一套管理软件", "管理信息化程度不高。"),
}
GRADES = [("n1", "a1", 3), ("n1", "a2", 0), ("n2", "a3", 2), ("n2", "a2", 1), ("n3", "a4", 1)]


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("evaluate_matching", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path):
    for name, items in (("registry", OFFERS), ("needs", NEEDS)):
        lines = [{"id": key, "title": title, "text": text} for key, (title, text) in items.items()]
        write(tmp_path / f"real_{name}.jsonl", lines)
    write(tmp_path / "real_judgements.jsonl", [{"need": n, "item": a, "grade": grade} for n, a, grade in GRADES])
    return tmp_path


def write(path, lines):
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def test_the_report_counts_what_is_shown(folder):
    (report,) = json.loads(run("--real", str(folder), "--json"))
    assert (report["engine"], report["needs"], report["achievements"]) == ("p3", 3, 4)
    assert report["found"]["1"] == {"value": 1.0, "low": 0.3424, "high": 1.0, "number": 2}
    assert report["good_shown"] == 2 <= report["shown"] <= 12
    assert (report["served"]["value"], report["wrong_silence"]["value"], report["right_silence"]["number"]) == (1, 0, 1)
    assert report["auc"]["value"] == pytest.approx(0.9, abs=0.1)
    assert report["gap"]["value"] == pytest.approx(
        report["probability"]["value"] - report["worth_sending"]["value"], abs=2e-4
    )


def test_the_table_has_a_column_for_each_engine(folder):
    text = run("--real", str(folder), "--engine", "p2", "--engine", "p3")
    assert "p2" in text and "p3" in text and "2/2 = 100%（34%–100%）" in text and "AUC" in text


def test_files_that_cannot_be_used_are_named(folder, tmp_path):
    write(folder / "real_judgements.jsonl", [{"need": "n1", "item": "a1", "grade": "3"}])
    with pytest.raises(CommandError, match=r"real_judgements.jsonl 第 1 行：字段 grade 应是整数"):
        run("--real", str(folder))
    write(folder / "real_judgements.jsonl", [{"need": "n1", "item": "a1", "grade": 1}])
    with pytest.raises(CommandError, match="没有值得发送的配对"):
        run("--real", str(folder))
    with pytest.raises(CommandError, match="nowhere"):
        run("--real", str(tmp_path / "nowhere"))


@pytest.mark.django_db
def test_propose_shows_what_a_run_with_default_settings_proposes():
    """A run also compares facts. These rows state the same few (price negotiable, district), which hardly count."""
    bare = {"stage": "", "transfer_ways": [], "institution": make.institution()}
    achievements = {
        make.achievement(title=title, summary=text, **bare).pk: (title, text) for title, text in OFFERS.values()
    }
    demands = {make.demand(title=title, problem=text).pk: (title, text) for title, text in NEEDS.values()}
    match_run = start_run("一轮", by=None)
    for chunk in match_run.chunks.all():
        execute_chunk(chunk.pk)
    as_items = [[Item(pk, *texts) for pk, texts in side.items()] for side in (achievements, demands)]
    for ranking in build(*as_items).rank(as_items[1], k=5):
        proposed = Match.objects.filter(run=match_run, demand=ranking.demand_id).order_by("rank")
        for candidate, match in zip(candidates_of(ranking), proposed, strict=True):
            assert (candidate.achievement_id, candidate.level) == (match.achievement_id, match.level)
            assert candidate.probability == pytest.approx(match.probability, abs=0.02)


@pytest.mark.long
def test_the_measured_figures(shared_data):
    """Figures of docs/matching.md, and that the prior is the one that these judgements give."""
    texts = read_real_texts(shared_data)
    report = measure_engine(texts, "p3")
    within = {depth: round(share["value"] * share["number"]) for depth, share in report["found"].items()}
    assert within == {1: 10, 5: 23, 20: 31, 50: 33} and report["served"]["number"] == 35
    assert (report["shown"], report["good_shown"], report["wrong_silence"]["value"]) == (320, 27, 0)
    assert abs(report["gap"]["value"]) <= 0.05 and abs(report["held_out"]["gap"]["value"]) <= 0.05
    assert report["auc"]["value"] == pytest.approx(0.68, abs=0.01)
    assert report["prior"] == {
        "intercept": pytest.approx(PRIOR_INTERCEPT, abs=0.02), "slope": pytest.approx(PRIOR_SLOPE, abs=0.02),
    }  # fmt: skip

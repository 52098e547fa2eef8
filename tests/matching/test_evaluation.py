"""Evaluation of a file, of decisions and of the demo city, as a table and as JSON."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from matching.evaluation.decisions import AS_DECIDED, DISTRICT, judgments_from_decisions
from matching.evaluation.demo_city import judgments_from_demo_city
from matching.evaluation.judgments import group_by_part, subset
from matching.models import Match
from matching.services.review import accept_match, mark_duplicate, reject_match, reopen_match
from tests import factories as make

pytestmark = pytest.mark.long

SUBJECTS = ["镁合金微弧氧化", "海参苗种选育", "轴承磨削烧伤检测", "液流电池隔膜", "船舶压载水处理"]


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("evaluate_matching", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def pairs(tmp_path):
    """Five demands, each with one pair of its own subject, graded 4, and four of other subjects, graded 1."""
    lines = [
        {
            "achievement_terms": f"{achievement} 工艺 装置",
            "demand_title": f"{demand}怎么做",
            "demand_text": f"我们想做{demand}，现在的办法不行。",
            "demand_id": number,
            "group": f"g{number}",
            "level": 4 if achievement == demand else 1,
        }
        for number, demand in enumerate(SUBJECTS)
        for achievement in SUBJECTS
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return str(path)


def test_a_file_as_table(pairs):
    text = run("--pairs", pairs)
    assert "25 对，5 项需求，5 组" in text and "前十排序（NDCG@10）" in text and "1.000（1.000–1.000）" in text
    assert "级别未经校准" in text  # five demands are too few


def test_a_file_as_json_with_two_engines(pairs):
    result = json.loads(run("--pairs", pairs, "--engine", "p0", "--engine", "p0", "--json"))
    assert [report["engine"] for report in result["reports"]] == ["p0", "p0"]
    assert result["reports"][0]["figures"]["first_good"]["value"] == 1
    assert result["differences"]["p0"]["auc"] == {"value": 0.0, "low": 0.0, "high": 0.0, "number": 25, "wins": ""}


@pytest.mark.parametrize(
    ("line", "message"),
    [("{}", "缺少字段"), ("[1]", "JSON 对象"), ('{"achievement_terms": 1}', "应是文字"), ("{", "不是完整的 JSON")],
)
def test_an_invalid_line_is_reported(tmp_path, line, message):
    path = tmp_path / "wrong.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        run("--pairs", str(path))


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(CommandError):
        run("--pairs", str(tmp_path / "none.jsonl"))


def test_an_unknown_engine_is_reported(pairs):
    with pytest.raises(CommandError, match="nobody"):
        run("--pairs", pairs, "--engine", "nobody")


def test_the_demo_city_needs_no_database():
    """Grades 0–3 become levels 1–4, and words and facts order them."""
    judgments = judgments_from_demo_city()
    assert len(judgments) >= 60 and {row.level for row in judgments.rows} <= {1, 2, 3, 4}
    result = json.loads(run("--demo-city", "--json"))
    assert result["reports"][0]["pairs"] == len(judgments)
    assert result["reports"][0]["figures"]["auc"]["value"] > 0.7


@pytest.mark.django_db
class TestDecisions:
    def decide(self, number=4):
        officer = make.district_officer()
        matches = [make.match(demand=make.demand(title=f"{SUBJECTS[n]}怎么做")) for n in range(number)]
        accept_match(matches[0], by=officer)
        reject_match(matches[1], by=officer, reason="field")
        reject_match(matches[2], by=officer, reason="price", note="高出一倍")
        return officer, matches

    def test_without_decisions_there_is_a_message(self):
        with pytest.raises(CommandError, match="还没有"):
            run("--decisions")

    def test_verdicts_become_levels(self):
        _officer, matches = self.decide()
        judgments = judgments_from_decisions()
        assert {row.match: (row.level, row.reason) for row in judgments.rows} == {
            matches[0].pk: (4, ""),
            matches[1].pk: (1, "领域不符"),
            matches[2].pk: (2, "价格或合作方式不合"),
        }
        assert judgments.score_with(AS_DECIDED).scores == [match.score for match in matches[:3]]

    def test_reopened_matches_and_duplicates_are_left_out(self):
        officer, matches = self.decide()
        reopen_match(matches[0], by=officer, reason="看错")
        duplicate = make.match(demand=matches[1].demand)
        mark_duplicate(duplicate, other=matches[1], by=officer)
        assert {row.match for row in judgments_from_decisions().rows} == {matches[1].pk, matches[2].pk}

    def test_the_latest_verdict_counts(self):
        officer, matches = self.decide()
        reopen_match(matches[0], by=officer, reason="看错")
        matches[0].refresh_from_db()
        reject_match(matches[0], by=officer, reason="field")
        judgments = judgments_from_decisions(Match.objects.filter(pk=matches[0].pk))
        assert {row.level for row in judgments.rows} == {1}

    def test_an_engine_scores_the_decided_pairs_again(self):
        self.decide()
        result = json.loads(run("--decisions", "--engine", "p0", "--json"))
        assert (result["of"], result["pairs"], result["reports"][0]["engine"]) == ("审核决定", 3, "p0")

    def test_near_duplicates_are_one_group(self):
        officer = make.district_officer()
        for _ in range(2):
            demand = make.demand(title="轴承磨削烧伤检测", problem="套圈磨削烧伤靠酸洗抽检，想在线全检。")
            accept_match(make.match(demand=demand), by=officer)
        assert len({row.group for row in judgments_from_decisions().rows}) == 1

    def test_judgments_are_grouped_by_part(self):
        self.decide()
        judgments = judgments_from_decisions()
        groups = group_by_part(judgments.rows, DISTRICT)
        assert {name: len(rows) for name, rows in groups.items()} == {"金普新区": 3}
        assert subset(judgments.score_with(AS_DECIDED), [1]).levels == [1]

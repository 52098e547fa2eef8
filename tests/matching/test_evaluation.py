"""The evaluation: from a file, from decisions, from the demo city; as a table and as JSON."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from matching.evaluation.cases import by_part, some
from matching.evaluation.decided import AS_DECIDED, DISTRICT, decided
from matching.evaluation.demo_city import demo_city
from matching.models import Match
from matching.services.review import accept_match, mark_duplicate, reject_match, reopen_match
from tests import factories as make

SUBJECTS = ["镁合金微弧氧化", "海参苗种选育", "轴承磨削烧伤检测", "液流电池隔膜", "船舶压载水处理"]


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("evaluate_matching", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def pairs(tmp_path):
    """Five needs; each has one pair of its own subject, graded high, and four of others, graded low."""
    lines = [
        {
            "achievement_terms": f"{offer} 工艺 装置",
            "demand_title": f"{need}怎么做",
            "demand_text": f"我们想做{need}，现在的办法不行。",
            "demand_id": number,
            "group": f"g{number}",
            "level": 4 if offer == need else 1,
        }
        for number, need in enumerate(SUBJECTS)
        for offer in SUBJECTS
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return str(path)


def test_a_file_in_words(pairs):
    text = run("--pairs", pairs)
    assert "25 对，5 项需求，5 组" in text and "前十排序（NDCG@10）" in text and "1.000（1.000–1.000）" in text
    assert "级别未经校准" in text  # five needs cannot calibrate anything


def test_a_file_as_json_with_two_engines(pairs):
    result = json.loads(run("--pairs", pairs, "--engine", "p0", "--engine", "p0", "--json"))
    assert [report["engine"] for report in result["reports"]] == ["p0", "p0"]
    assert result["reports"][0]["figures"]["first_good"]["value"] == 1
    assert result["differences"]["p0"]["auc"] == {"value": 0.0, "low": 0.0, "high": 0.0, "number": 25, "wins": ""}


@pytest.mark.parametrize(
    ("line", "says"),
    [("{}", "缺少字段"), ("[1]", "JSON 对象"), ('{"achievement_terms": 1}', "应是文字"), ("{", "不是完整的 JSON")],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path, line, says):
    path = tmp_path / "wrong.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(CommandError, match=says):
        run("--pairs", str(path))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError):
        run("--pairs", str(tmp_path / "none.jsonl"))


def test_an_engine_nobody_knows(pairs):
    with pytest.raises(CommandError, match="nobody"):
        run("--pairs", pairs, "--engine", "nobody")


def test_the_demo_city_needs_no_database():
    """Its grades 0–3 become levels 1–4, and words and facts put the grades in order."""
    cases = demo_city()
    judged = cases.ask("p0")
    assert len(judged) == len(cases) >= 60 and set(judged.levels) <= {1, 2, 3, 4}
    result = json.loads(run("--demo-city", "--json"))
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

    def test_nothing_decided_yet(self):
        with pytest.raises(CommandError, match="还没有"):
            run("--decisions")

    def test_verdicts_become_levels(self):
        _officer, matches = self.decide()
        cases = decided()
        found = {case.match: (case.level, case.reason) for case in cases.rows}
        assert found == {
            matches[0].pk: (4, ""),
            matches[1].pk: (1, "领域不符"),
            matches[2].pk: (2, "价格或合作方式不合"),
        }
        assert cases.ask(AS_DECIDED).scores == [match.score for match in matches[:3]]

    def test_a_verdict_taken_back_and_a_double_count_for_nothing(self):
        officer, matches = self.decide()
        reopen_match(matches[0], by=officer, reason="看错")
        double = make.match(demand=matches[1].demand)
        mark_duplicate(double, other=matches[1], by=officer)
        assert {case.match for case in decided().rows} == {matches[1].pk, matches[2].pk}

    def test_the_last_verdict_counts(self):
        officer, matches = self.decide()
        reopen_match(matches[0], by=officer, reason="看错")
        matches[0].refresh_from_db()
        reject_match(matches[0], by=officer, reason="field")
        assert {case.level for case in decided(Match.objects.filter(pk=matches[0].pk)).rows} == {1}

    def test_scores_of_today_instead_of_those_officers_saw(self):
        self.decide()
        result = json.loads(run("--decisions", "--engine", "p0", "--json"))
        assert (result["of"], result["pairs"], result["reports"][0]["engine"]) == ("审核决定", 3, "p0")

    def test_near_copies_of_a_need_are_one_group(self):
        officer = make.district_officer()
        for _ in range(2):
            demand = make.demand(title="轴承磨削烧伤检测", problem="套圈磨削烧伤靠酸洗抽检，想在线全检。")
            accept_match(make.match(demand=demand), by=officer)
        assert len({case.group for case in decided().rows}) == 1

    def test_parts(self):
        self.decide()
        cases = decided()
        assert {name: len(rows) for name, rows in by_part(cases.rows, DISTRICT).items()} == {"金普新区": 3}
        assert some(cases.ask(AS_DECIDED), [1]).levels == [1]

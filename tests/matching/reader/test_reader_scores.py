"""The command that scores a model on judged pairs, end to end with recorded answers; a strong model is played by the
judgements themselves. The texts are no part of the project, so the answers are made when the test runs."""

import json

import pytest
from django.core.management import CommandError, call_command

from matching.evaluation.reader_scores import score_reader
from matching.evaluation.real_texts import read_real_texts
from matching.evaluation.resampling import share_with_interval, with_interval
from matching.reader.agreement import quadratic_kappa
from matching.reader.recordings import FunctionAnswerer
from matching.services.reading import read_waiting
from matching.services.runs import execute_chunk, start_run
from taxonomy.models import Industry
from tests import factories as make
from tests.matching.reader.played_model import answer

FILES = ("real_registry.jsonl", "real_needs.jsonl", "real_judgements.jsonl")


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def judged_grade(folder):
    """A function from the texts of a question to the judged grade; texts are cut, so their beginning names them."""
    registry, needs, judgements = (lines(folder / name) for name in FILES)

    def key(text):
        return text["title"], "".join(text["text"].split())[:30]

    need_of, item_of = ({key(row): row["id"] for row in rows} for rows in (needs, registry))
    grades = {(row["need"], row["item"]): row["grade"] for row in judgements}
    return lambda need, achievement: grades[need_of[key(need)], item_of[key(achievement)]]


def fill(folder, grade):
    """Answer the recorded questions."""
    for path in folder.glob("*.json"):
        stored = json.loads(path.read_text(encoding="utf-8"))
        stored["answer"] = answer(json.loads(stored["messages"][1]["content"]), grade)
        stored["usage"] = {"prompt_tokens": 2000, "completion_tokens": 300, "seconds": 1.5}
        path.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")


def evaluate(*arguments, capsys) -> str:
    call_command("evaluate_matching", *map(str, arguments))
    return capsys.readouterr().out


@pytest.fixture
def small_folder(tmp_path):
    """Two needs with something worth sending, one without."""
    registry = [{"id": f"A{n}", "title": f"成果{n}", "text": f"第{n}项成果的内容很具体"} for n in range(6)]
    needs = [{"id": f"V{n}", "title": f"需求{n}", "text": f"第{n}项需求的内容很具体"} for n in range(3)]
    judgements = [
        {"need": f"V{need}", "item": f"A{item}", "grade": grade}
        for need, grades in enumerate(([3, 1, 0, 0], [0, 2, 2, 1], [1, 0, 0, 0]))
        for item, grade in enumerate(grades)
    ]
    folder = tmp_path / "real"
    folder.mkdir()
    for name, rows in zip(FILES, (registry, needs, judgements), strict=True):
        (folder / name).write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return folder


@pytest.mark.long
def test_recorded_answers_on_the_real_needs(shared_data, tmp_path, capsys):
    """Write the questions, answer them with the judged grades, replay: the whole path adds and loses nothing."""
    recorded = tmp_path / "recorded"
    assert "161 个问题" in evaluate("--real", shared_data, "--reader", "--record", recorded, capsys=capsys)
    fill(recorded, judged_grade(shared_data))
    out = evaluate("--real", shared_data, "--reader", "--replay", recorded, "--json", capsys=capsys)
    scores = json.loads(out)
    figures = scores["figures"]
    assert (scores["pairs"], scores["needs"], scores["incomplete_needs"], scores["requests"]) == (691, 64, 0, 161)
    assert figures["kappa"]["value"] == figures["precision"]["value"] == figures["recall"]["value"] == 1
    assert (figures["served"]["value"], figures["served"]["number"]) == (1, 35)
    assert (figures["silent_when_empty"]["value"], figures["silent_when_empty"]["number"]) == (1, 29)
    assert figures["silent_otherwise"]["value"] == figures["void"]["value"] == 0
    assert 0 < figures["served_of_first"]["value"] <= 1
    assert scores["prompt_tokens"] == 161 * 2000 and scores["void_statements"] == 0 and scores["statements"] == 691


@pytest.mark.long
def test_a_model_that_finds_everything_worth_sending_is_seen_through(shared_data):
    texts = read_real_texts(shared_data)

    def generous(question):
        return json.dumps(answer(json.loads(question.messages[1]["content"]), lambda need, achievement: 3))

    figures = score_reader(texts, FunctionAnswerer(generous), "generous").figures
    assert figures["precision"]["value"] == pytest.approx(56 / 691, abs=0.001)
    assert figures["kappa"]["value"] == pytest.approx(0, abs=1e-9) and figures["silent_when_empty"]["value"] == 0


def test_configured_model_is_scored_and_recorded(small_folder, tmp_path, reader, capsys):
    reader.respond = reader.grading(judged_grade(small_folder))
    recorded = tmp_path / "recorded"
    out = evaluate("--real", small_folder, "--reader", "--record", recorded, capsys=capsys)
    assert "第二读者 played-72b：3 项需求，12 对有人工判断；0 对没有合格的答案" in out
    assert "输入 3000，输出 600" in out and "1.00（1.00–1.00）" in out
    assert len(reader.requests) == 3
    replayed = evaluate("--real", small_folder, "--reader", "--replay", recorded, capsys=capsys)
    assert len(reader.requests) == 3 and "1.00（1.00–1.00）" in replayed


def test_figures_of_a_model_that_errs(small_folder, reader, capsys):
    """It overrates one achievement of the first need, finds nothing for the second, one thing for the third."""
    grades = {"需求0": [3, 2, 0, 0], "需求1": [0, 1, 1, 1], "需求2": [2, 0, 0, 0]}
    reader.respond = reader.grading(lambda need, achievement: grades[need["title"]][int(achievement["title"][-1])])
    scores = json.loads(evaluate("--real", small_folder, "--reader", "--json", capsys=capsys))
    values = {name: (figure["value"], figure["number"]) for name, figure in scores["figures"].items()}
    assert values["precision"] == (0.3333, 3) and values["recall"] == (0.3333, 3)
    assert values["served"] == (0.5, 2) and values["silent_when_empty"] == (0, 1)
    assert values["silent_otherwise"] == (0.5, 2)
    assert scores["confusion"] == [[6, 0, 0, 0], [0, 1, 2, 0], [0, 2, 0, 0], [0, 0, 0, 1]]
    judged_and_given = [
        (judged, given)
        for judged, row in enumerate(scores["confusion"])
        for given, number in enumerate(row)
        for _ in range(number)
    ]
    assert values["kappa"] == (pytest.approx(quadratic_kappa(judged_and_given), abs=1e-4), 12)


def test_a_lying_model_is_neither_silent_nor_serving(small_folder, reader, capsys):
    reader.respond = reader.grading(lambda need, achievement: 3, quote=lambda need, achievement: "两边都没有写的话")
    scores = json.loads(evaluate("--real", small_folder, "--reader", "--json", capsys=capsys))
    assert (scores["incomplete_needs"], scores["unanswered_pairs"]) == (3, 12)
    assert scores["figures"]["void"]["value"] == 1 and scores["problems"]["unsupported"] > 0
    assert scores["figures"]["served"]["value"] == scores["figures"]["silent_when_empty"]["value"] == 0
    assert scores["figures"]["kappa"]["value"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--decisions", "--reader"], "要和 --real FOLDER 一起写"),
        (["--real", "{folder}", "--reader"], "没有配置模型"),
        (["--real", "{folder}", "--reader", "--record", "a", "--replay", "b"], "只能写一个"),
        (["--real", "{folder}", "--reader", "--replay", "/nowhere"], "没有文件夹"),
        (["--real", "/nowhere", "--reader", "--replay", "{folder}"], "real_registry.jsonl"),
    ],
)
def test_options_that_do_not_go_together(small_folder, options, message, db):
    with pytest.raises(CommandError, match=message):
        call_command("evaluate_matching", *[option.format(folder=small_folder) for option in options])


def test_unknown_id_and_bad_grade_name_the_line(small_folder):
    path = small_folder / FILES[2]
    path.write_text(path.read_text(encoding="utf-8") + '\n{"need": "V0", "item": "A99", "grade": 1}', encoding="utf-8")
    with pytest.raises(CommandError, match="第 13 行"):
        call_command("evaluate_matching", "--real", str(small_folder), "--reader", "--replay", str(small_folder))


def test_intervals():
    assert share_with_interval(0, 0)["value"] is None
    assert share_with_interval(5, 10) == {"value": 0.5, "low": 0.2366, "high": 0.7634, "number": 10}
    groups = [[0, 1], [1, 1], [0, 0], [1, 0]]
    figure = with_interval(groups, lambda rows: sum(rows) / len(rows) if rows else None)
    assert figure == with_interval(groups, lambda rows: sum(rows) / len(rows))
    assert figure["value"] == 0.5 and figure["low"] < 0.5 < figure["high"] and figure["number"] == 8
    assert with_interval([], lambda rows: None)["value"] is None


@pytest.mark.long
@pytest.mark.django_db
def test_a_run_on_the_real_needs_with_a_played_strong_model(shared_data, reader):
    """Every judged achievement and a quarter of the others, 64 needs, the engine's first 20 candidates, real requests
    to a local server.

    What nobody has judged gets grade 0. Served is every need that has something good among the 20, and no other.
    """
    grade_of_texts = judged_grade(shared_data)
    registry, needs, judgements = (lines(shared_data / name) for name in FILES)
    judged, institution, industry = {row["item"] for row in judgements}, make.institution(), Industry.objects.first()
    chosen = [row for number, row in enumerate(registry) if row["id"] in judged or number % 4 == 0]
    common = {"institution": institution, "industry": industry}
    stored = make.achievements({"title": row["title"], "summary": row["text"]} | common for row in chosen)
    achievement_ids = {row["id"]: achievement.pk for row, achievement in zip(chosen, stored, strict=True)}
    firm = make.firm()
    demand_ids = {row["id"]: make.demand(title=row["title"], problem=row["text"], firm=firm).pk for row in needs}
    grades = {(demand_ids[row["need"]], achievement_ids[row["item"]]): row["grade"] for row in judgements}

    def grade(need, achievement):
        try:
            return grade_of_texts(need, achievement)
        except KeyError:
            return 0

    reader.respond = reader.grading(grade)
    run = start_run("真实需求", by=None)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    while read_waiting():
        continue
    run.refresh_from_db()
    assert (run.status, run.reading.stopped) == ("done", "")
    assert run.demand_readings.filter(outcome="read").count() == 64
    assert run.pair_readings.count() == 64 * 20 and len(reader.requests) == run.reading.requests == 256
    read = {(row.demand_id, row.achievement_id) for row in run.pair_readings.all()}
    good = {pair for pair, given in grades.items() if given >= 2}
    shown = set(run.matches.values_list("demand", "achievement"))
    assert shown and shown <= good and shown == good & read  # no need has more than five good ones
    served = {demand for demand, _achievement in shown}
    silent = set(run.demand_results.filter(has_no_match=True).values_list("demand", flat=True))
    assert silent == set(demand_ids.values()) - served

"""A run with a second reader ends, whatever the reader does, and says which proposals come from where."""

import json
from datetime import timedelta

import pytest
from django.db import connections

from matching.models import DemandReading, DemandResult, Match, PairReading, ReaderAnswer, RunReading
from matching.services import reading
from matching.services.reading import read_waiting
from matching.services.review import accept_match
from matching.services.runs import execute_chunk, finish_run, start_run, sweep_runs
from tests import factories as make
from tests.matching.reader.played_model import answer

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def registry(demands: int = 2):
    """Seven achievements on coating and one on brines that shares the needs' field; needs on coating."""
    for number in range(7):
        make.achievement(title=f"正极材料包覆技术第{number}号")
    return [make.demand() for _ in range(demands)]


def run_chunks(**parameters):
    run = start_run("一轮", by=None, **parameters)
    for chunk in run.chunks.all():
        execute_chunk(chunk.pk)
    return run


def grade_by_number(need, achievement):
    """3 for the second, 2 for the third achievement, otherwise 1."""
    return {"第1号": 3, "第2号": 2}.get(achievement["title"][-3:], 1)


def titles(demand) -> list[str]:
    return [match.achievement.title[-3:] for match in Match.objects.filter(demand=demand).order_by("rank")]


def test_without_a_configuration_nothing_changes():
    registry()
    run = run_chunks()
    run.refresh_from_db()
    assert run.status == "done" and Match.objects.count() == 10
    assert not RunReading.objects.exists() and not DemandReading.objects.exists()


def test_proposals_are_those_that_the_reader_finds_worth_sending(reader):
    demands = registry()
    reader.respond = reader.grading(grade_by_number)
    run = run_chunks()
    assert Match.objects.count() == 0 and not finish_run(run.pk)
    assert read_waiting() == 2
    run.refresh_from_db()
    assert run.status == "done"
    assert [titles(demand) for demand in demands] == [["第1号", "第2号"]] * 2
    best, second = Match.objects.filter(demand=demands[0]).order_by("rank")
    assert (best.level, best.probability, second.probability) == ("high", 0.7, 0.45)
    read = run.pair_readings.get(demand=demands[0], achievement=best.achievement)
    assert (read.grade, read.model, read.statements[0]["kind"]) == (3, "played-72b", "fits")
    assert run.pair_readings.count() == 14
    assert run.reading.requests == 4 and run.reading.prompt_tokens == 4000 and run.reading.stopped == ""


def test_a_need_without_anything_worth_sending_is_silent(reader):
    [demand] = registry(1)
    reader.respond = reader.grading(lambda need, achievement: 1)
    run_chunks()
    read_waiting()
    result = DemandResult.objects.get(demand=demand)
    assert result.has_no_match and len(result.nearest) == 3 and result.no_match_probability == pytest.approx(0.92)
    assert Match.objects.count() == 0


def test_texts_that_are_read_already_cost_nothing(reader):
    registry()
    reader.respond = reader.grading(grade_by_number)
    run_chunks()
    read_waiting()
    asked = len(reader.requests)
    again = run_chunks()
    read_waiting()
    again.refresh_from_db()
    assert len(reader.requests) == asked == 4
    assert again.status == "done" and again.reading.requests == 0 and again.pair_readings.count() == 14
    assert ReaderAnswer.objects.count() == 14


def test_only_new_texts_are_asked_about(reader):
    registry(1)
    reader.respond = reader.grading(grade_by_number)
    run_chunks()
    read_waiting()
    make.achievement(title="正极材料包覆技术第8号")
    run_chunks()
    reader.requests.clear()
    read_waiting()
    [request] = reader.requests
    assert [a["title"][-3:] for a in json.loads(request["messages"][1]["content"])["achievements"]] == ["第8号"]


@pytest.mark.parametrize(
    "trouble", ["status_500", "garbage", "closing", "refused", "no_completion", "prose", "invented"]
)
def test_a_broken_model_leaves_the_run_to_the_engine(reader, trouble):
    demands = registry(8)
    reader.respond = {
        "status_500": reader.status(500),
        "garbage": reader.garbage(),
        "closing": reader.closing(),
        "refused": reader.status(401),
        "no_completion": reader.garbage(b'{"choices": []}'),
        "prose": reader.saying(lambda data: "好的，结果如下：" + json.dumps(answer(data, grade_by_number))),
        "invented": reader.grading(lambda need, achievement: 3, quote=lambda need, achievement: "这句话两边都没有写"),
    }[trouble]
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert (run.status, run.reading.stopped) == ("done", "broken")
    assert set(run.demand_readings.values_list("outcome", "reason")) == {("engine", "broken")}
    assert [len(titles(demand)) for demand in demands] == [5] * 8
    assert not PairReading.objects.exists()
    assert len(reader.requests) <= 12


def test_a_refused_key_is_tried_once_for_each_connection(reader):
    registry(3)
    reader.respond = reader.status(401)
    run_chunks()
    read_waiting()
    assert len(reader.requests) <= 4


def test_a_slow_model_leaves_the_run_to_the_engine(reader, settings):
    registry(2)
    settings.READER_TIMEOUT = 1
    reader.respond = reader.hanging()
    run = run_chunks()
    read_waiting(0.5)
    run.refresh_from_db()
    assert (run.status, run.reading.fruitless) == ("queued", 1)
    read_waiting(0.5)
    run.refresh_from_db()
    assert (run.status, run.reading.stopped) == ("done", "broken")
    assert Match.objects.count() == 10


def test_a_model_that_gets_stuck_in_the_middle_is_given_up(reader, settings):
    """Stored answers of the same needs do not count as a sign of life."""
    registry(2)
    settings.READER_TIMEOUT, settings.READER_CONCURRENCY = 1, 1
    good, answered = reader.grading(grade_by_number), []

    def stuck(handler, request):
        if answered:
            reader.released.wait(60)
        answered.append(request)
        good(handler, request)

    reader.respond = stuck
    run = run_chunks()
    for _ in range(4):
        read_waiting(0.5)
    run.refresh_from_db()
    assert (run.status, run.reading.stopped) == ("done", "broken")
    assert Match.objects.count() == 10 and ReaderAnswer.objects.count() == 5


def test_the_time_of_a_run_is_limited(reader, settings):
    registry(2)
    settings.READER_MINUTES_PER_RUN = 0
    reader.respond = reader.grading(grade_by_number)
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert (run.status, run.reading.stopped, len(reader.requests)) == ("done", "deadline", 0)


def test_the_requests_of_a_run_are_limited(reader, settings, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 1)
    registry(3)
    settings.READER_REQUESTS_PER_RUN = 3
    reader.respond = reader.grading(grade_by_number)
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert (run.status, run.reading.stopped, run.reading.requests, len(reader.requests)) == ("done", "budget", 3, 3)
    outcomes = list(run.demand_readings.order_by("pk").values_list("outcome", "reason"))
    assert outcomes == [("read", ""), ("engine", "budget"), ("engine", "budget")]


def test_stored_answers_are_used_when_nothing_more_may_be_asked(reader, settings):
    registry(1)
    reader.respond = reader.grading(grade_by_number)
    run_chunks()
    read_waiting()
    settings.READER_REQUESTS_PER_RUN = 0
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert (run.status, run.reading.stopped, run.demand_readings.get().outcome) == ("done", "", "read")


def test_one_bad_answer_is_asked_again_and_costs_its_need_only(reader):
    """The model never answers about the fourth achievement; two needs, of which one has it among its candidates."""
    first, second = registry(2)

    def forgetful(data):
        rows = answer(data, grade_by_number)["achievements"]
        forgets = data["need"]["title"] == first.title
        titles = {row["id"]: row["title"] for row in data["achievements"]}
        return json.dumps({"achievements": [r for r in rows if not (forgets and titles[r["id"]].endswith("第3号"))]})

    reader.respond = reader.saying(forgetful)
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert run.status == "done" and run.reading.stopped == ""
    assert dict(run.demand_readings.values_list("demand", "reason")) == {first.pk: "answer", second.pk: ""}
    assert titles(second) == ["第1号", "第2号"] and len(titles(first)) == 5
    assert run.reading.requests == 5
    assert run.pair_readings.filter(demand=first).count() == 6


def test_a_model_that_always_fails_at_one_text_is_not_given_up(reader):
    """Asked again it fails again, for need after need: that is no outage."""
    registry(12)

    def forgetful(data):
        rows = answer(data, grade_by_number)["achievements"]
        titles = {row["id"]: row["title"] for row in data["achievements"]}
        return json.dumps({"achievements": [row for row in rows if not titles[row["id"]].endswith("第3号")]})

    reader.respond = reader.saying(forgetful)
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert (run.status, run.reading.stopped) == ("done", "")
    assert set(run.demand_readings.values_list("reason", flat=True)) == {"answer"}
    assert run.pair_readings.count() == 12 * 6


def test_a_question_that_the_server_rejects_costs_its_need_only(reader):
    first, second = registry(2)
    good = reader.grading(grade_by_number)

    def filtered(handler, request):
        if first.title in request["messages"][1]["content"]:
            handler.send(400, {"error": "content filter"})
        else:
            good(handler, request)

    reader.respond = filtered
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert (run.status, run.reading.stopped) == ("done", "")
    assert dict(run.demand_readings.values_list("demand", "reason")) == {first.pk: "fault", second.pk: ""}
    assert run.reading.requests == 4


def test_a_reader_that_is_no_longer_configured_leaves_the_run_to_the_engine(reader, settings):
    registry(1)
    run = run_chunks()
    settings.READER_URL = ""
    read_waiting()
    run.refresh_from_db()
    assert (run.status, run.reading.stopped, Match.objects.count()) == ("done", "unconfigured", 5)


def test_an_unforeseen_error_leaves_the_run_to_the_engine(reader, monkeypatch, caplog):
    registry(1)

    def fail(*args):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(reading.Reader, "read", fail)
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert (run.status, run.reading.stopped, Match.objects.count()) == ("done", "broken", 5)


def test_a_task_whose_time_is_over_leaves_the_rest_to_the_next(reader, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 1)
    registry(3)
    reader.respond = reader.grading(grade_by_number)
    run = run_chunks()
    assert read_waiting(0.0) == 0
    run.refresh_from_db()
    assert (run.status, run.reading.stopped, DemandReading.objects.waiting().count()) == ("queued", "", 3)
    assert read_waiting() == 3
    run.refresh_from_db()
    assert run.status == "done" and run.demand_readings.filter(outcome="read").count() == 3


def test_a_run_can_leave_the_reader_out(reader):
    registry(1)
    run = run_chunks(reader=False)
    run.refresh_from_db()
    assert run.status == "done" and not RunReading.objects.exists()


def test_a_decision_is_kept_when_a_later_run_reads_the_pair(reader):
    [demand] = registry(1)
    reader.respond = reader.grading(grade_by_number)
    run_chunks()
    read_waiting()
    match = Match.objects.get(demand=demand, rank=1)
    accept_match(match, by=make.district_officer())
    run = run_chunks()
    read_waiting()
    match.refresh_from_db()
    assert (match.status, match.run) == ("accepted", run)


def test_the_sweeper_sends_the_task_again(reader, monkeypatch):
    registry(1)
    run_chunks()
    sent = []
    monkeypatch.setattr("matching.services.reading_queue.enqueue", lambda name, *args: bool(sent.append(name) or 1))
    sweep_runs(older_than=timedelta(0))
    assert sent == ["matching.tasks.read_candidates"]


@pytest.mark.django_db(transaction=True)
def test_only_one_task_reads_at_a_time(reader):
    registry(1)
    run_chunks()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [reading.READER_LOCK])
            assert read_waiting() == 0 and reader.requests == []
            cursor.execute("SELECT pg_advisory_unlock(%s)", [reading.READER_LOCK])
    finally:
        other.close()
    assert read_waiting() == 1


def test_no_more_questions_at_a_time_than_configured(reader, settings):
    registry(6)
    settings.READER_CONCURRENCY = 2
    reader.respond = reader.grading(grade_by_number)
    run_chunks()
    read_waiting()
    assert len(reader.requests) == 12 and reader.most_at_once <= 2


def test_the_key_is_sent_and_stands_nowhere_else(reader, caplog):
    registry(1)
    reader.respond = reader.status(500)
    run = run_chunks()
    read_waiting()
    run.refresh_from_db()
    assert all(headers["Authorization"] == "Bearer sk-secret" for headers in reader.headers)
    assert "sk-secret" not in caplog.text and "secret of the server" not in caplog.text
    assert "sk-secret" not in json.dumps([run.parameters, run.counts], ensure_ascii=False)

"""A chunk that cannot be computed is tried five times, given up with its cause, told to the city, and retried by it."""

from datetime import timedelta
from types import SimpleNamespace

import psycopg2
import pytest
from celery.exceptions import Retry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.db.models.functions import Now
from django.urls import reverse

from audit.models import AuditRecord
from dalian_techtransfer import health_checks
from matching import tasks
from matching.models import MatchChunk, MatchRun
from matching.services import chunk_failures, runs
from matching.services.run_preparation import prepare_run
from matching.services.run_retries import retry_run
from matching.services.runs import execute_chunk, start_run, sweep_runs
from notices.models import Notice
from open_work.sources import summarise
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch) -> MatchRun:
    """A run of two chunks, the first of which is poisoned."""
    monkeypatch.setattr(runs, "CHUNK_SIZE", 1)
    make.achievement()
    make.demand()
    make.demand()
    run = start_run("第七轮", by=None)
    prepare_run(run.pk)
    poisoned = run.chunks.first().pk
    propose = runs.propose

    def fail(of_run, demand_ids, **options):
        if MatchChunk.objects.get(pk=poisoned).demand_ids == list(demand_ids) and not of_run.parameters.get("repaired"):
            raise KeyError("threshold")
        return propose(of_run, demand_ids, **options)

    monkeypatch.setattr(runs, "propose", fail)
    return run


def attempt(chunk: MatchChunk, times: int) -> list[bool]:
    """Whether each attempt raised, so that the task would be sent again."""
    raised = []
    for _ in range(times):
        try:
            execute_chunk(chunk.pk)
            raised.append(False)
        except KeyError:
            raised.append(True)
    chunk.refresh_from_db()
    return raised


def test_a_poisoned_chunk_fails_its_run_after_five_attempts_and_a_retry_completes_it(run, client):
    city, district = make.city_officer(), make.district_officer()
    poisoned, other = run.chunks.all()
    assert attempt(poisoned, 4) == [True] * 4
    assert (poisoned.attempts, poisoned.error, poisoned.failed_at) == (4, "KeyError: 'threshold'", None)
    assert attempt(poisoned, 3) == [False] * 3  # the fifth gives up, the later ones do nothing
    assert (poisoned.attempts, poisoned.failed_at is None, poisoned.finished_at) == (5, False, None)
    run.refresh_from_db()
    assert run.status == "queued"  # the other chunk is still open
    execute_chunk(other.pk)
    run.refresh_from_db()
    assert (run.status, run.finished_at) == ("failed", None)
    assert (sweep_runs(older_than=timedelta(0)), AuditRecord.objects.filter(action="批量匹配失败").count()) == (0, 1)

    (notice,) = Notice.objects.for_user(city)
    assert "“第七轮”有 1 组需求没有匹配成" in notice.text
    work = next(work for work in tasks_of(city) if work.key == "failed-runs")
    assert (summarise(work).number, tasks_of(district)) == (1, [])
    assert not health_checks._runs(MatchRun.objects.failed().count()).ok
    client.force_login(city)
    page = client.get(notice.path).text
    assert "第 1 组（1 项需求）：试过 5 次，已放弃。原因：KeyError: &#x27;threshold&#x27;" in page
    assert "重试" in page
    assert run.title in client.get(work.url).text

    with pytest.raises(PermissionDenied):
        retry_run(run, by=district)
    run.parameters |= {"repaired": True}
    run.save()
    address = reverse("admin:matching_matchrun_retry", args=[run.pk])
    client.post(address, {"_form_submitted": "1"})
    run.refresh_from_db()
    assert (run.status, run.chunks.open().count(), Notice.objects.for_user(city).count()) == ("queued", 1, 0)
    assert execute_chunk(poisoned.pk) == 1
    run.refresh_from_db()
    assert (run.status, run.counts["matches"]) == ("done", 2)
    assert "重试匹配批次" in AuditRecord.objects.values_list("action", flat=True)
    with pytest.raises(ValidationError, match="现在是“已完成”"):
        retry_run(run, by=city)


def tasks_of(user) -> list:
    from matching.open_work import failed_run_work

    return failed_run_work(user)


def test_attempts_that_end_with_their_process_are_counted_and_a_lost_database_is_not(run):
    chunk = run.chunks.first()
    for _ in range(4):
        assert not chunk_failures.count_killed_attempt(chunk.pk)
    assert execute_chunk(chunk.pk, was_killed=True) == 0
    chunk.refresh_from_db()
    assert (chunk.attempts, chunk.error, chunk.failed_at is None) == (5, chunk_failures.KILLED, False)

    chunk = run.chunks.last()
    lost = OperationalError("server closed the connection")
    lost.__cause__ = psycopg2.OperationalError()
    assert not chunk_failures.count_failure(chunk.pk, lost)
    chunk.refresh_from_db()
    assert chunk.attempts == 0


def test_the_task_tells_a_redelivered_message_from_a_new_one(run, monkeypatch):
    """The broker marks a message whose process died. Without the mark the attempt would never be counted."""
    calls = []
    monkeypatch.setattr(runs, "execute_chunk", lambda pk, was_killed: calls.append(was_killed))
    for delivery in ({"redelivered": True}, {"redelivered": None}, {}):
        tasks.match_chunk.push_request(delivery_info=delivery)
        try:
            tasks.match_chunk.run(1)
        finally:
            tasks.match_chunk.pop_request()
    assert calls == [True, False, False]


def test_a_failed_attempt_sends_the_task_again(run, monkeypatch):
    monkeypatch.setattr(tasks.match_chunk, "retry", lambda **_options: Retry())
    chunk = run.chunks.first()
    tasks.match_chunk.push_request(delivery_info={}, called_directly=False, retries=0)
    try:
        with pytest.raises(Retry):
            tasks.match_chunk.run(chunk.pk)
    finally:
        tasks.match_chunk.pop_request()
    chunk.refresh_from_db()
    assert chunk.attempts == 1


def test_a_message_is_lost_also_if_the_clock_was_ahead_when_it_was_sent(run, monkeypatch):
    sent = []
    monkeypatch.setattr(runs, "enqueue", lambda name, pk: sent.append(pk) or True)
    MatchRun.objects.update(sent_at=Now() + timedelta(hours=1))
    assert sweep_runs() == 1
    assert sent == [chunk.pk for chunk in run.chunks.all()]
    assert sweep_runs() == 0  # just sent


def test_waiting_chunks_are_not_sent_again_while_others_are_done(run, monkeypatch):
    """Every message sent twice makes the row of waiting messages longer: a pulse once waited behind sixty of them."""
    sent = []
    monkeypatch.setattr(runs, "enqueue", lambda name, pk: sent.append(pk) or True)
    MatchRun.objects.update(sent_at=Now() - timedelta(minutes=3))
    MatchChunk.objects.filter(pk=run.chunks.last().pk).update(finished_at=Now() - timedelta(seconds=5))
    assert sweep_runs() == 0
    MatchChunk.objects.filter(pk=run.chunks.last().pk).update(finished_at=Now() - timedelta(minutes=2))
    assert sweep_runs() == 1
    assert sent == [run.chunks.first().pk]


def test_one_run_that_cannot_be_finished_does_not_keep_the_sweeper_from_the_others(run, monkeypatch):
    later = start_run("第八轮", by=None)
    MatchRun.objects.update(sent_at=None)
    monkeypatch.setattr(runs, "send_chunks", lambda pk: 1 / (pk - run.pk))
    monkeypatch.setattr(runs, "log", SimpleNamespace(exception=lambda *_: None, warning=print))
    assert sweep_runs() == 2
    assert later.pk != run.pk


def test_a_preparation_that_always_fails_ends_the_run_with_its_cause(monkeypatch):
    make.achievement()
    make.demand()
    run = start_run("第八轮", by=None)

    def fail(_run_id):
        raise KeyError("corpus")

    monkeypatch.setattr(runs, "prepare_run", fail)
    for _ in range(chunk_failures.MAX_ATTEMPTS - 1):
        with pytest.raises(KeyError):
            runs.prepare_and_send(run.pk)
    assert not runs.prepare_and_send(run.pk), "nothing is left to try"
    run.refresh_from_db()
    assert run.status == MatchRun.Status.FAILED
    assert run.chunks.get().error == "KeyError: 'corpus'"


def test_a_preparation_killed_with_its_process_counts_until_it_is_done():
    make.achievement()
    make.demand()
    run = start_run("第八轮", by=None)
    assert runs.prepare_and_send(run.pk, was_killed=True)
    assert run.chunks.get().attempts == 1
    assert runs.prepare_and_send(run.pk, was_killed=True), "delivered again after its work"
    assert run.chunks.get().attempts == 1

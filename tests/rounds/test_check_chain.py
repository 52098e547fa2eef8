"""The self-check runs the real matching chain and leaves the data unchanged."""

import json
import threading
import time
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from audit.models import AuditRecord
from matching.models import Match, MatchChunk, MatchRun
from matching.services.review import accept_match
from matching.services.runs import execute_chunk
from rounds import self_check
from rounds.models import DockingRound
from rounds.self_check import ChainCheckError, check_chain
from rounds.services.rounds import close_round
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def worker(*, then=None):
    """A thread that takes every chunk it finds, as a worker would; `then` is called after each."""
    over = threading.Event()

    def work():
        try:
            while not over.is_set():
                for chunk in MatchChunk.objects.filter(finished_at=None):
                    execute_chunk(chunk.pk)
                    if then:
                        then()
                time.sleep(0.02)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def everything() -> dict:
    return {
        "rounds": list(DockingRound.objects.order_by("pk").values()),
        "runs": list(MatchRun.objects.order_by("pk").values()),
        "matches": list(Match.objects.order_by("pk").values()),
        "chunks": MatchChunk.objects.count(),
    }


def a_round_of_before():
    """A match of a real round, and one more pair that only the check will find."""
    make.achievement()
    make.demand()
    docking_round = close_round(make.ended_round(), by=make.city_officer())
    for chunk in docking_round.match_run.chunks.all():
        execute_chunk(chunk.pk)
    make.demand(title="动力电池正极材料表面包覆与循环寿命")


def test_command_reports_the_run_and_removes_its_data(capsys):
    a_round_of_before()
    before = everything()
    assert len(before["matches"]) == 1
    with worker():
        call_command("check_chain", timeout=120)
    lines = capsys.readouterr().out.splitlines()
    report = json.loads(lines[-1])
    assert {key: report[key] for key in ("achievements", "demands", "matches")} == {
        "achievements": 1,
        "demands": 2,
        "matches": 2,
    }
    assert report["run_seconds"] > 0
    assert everything() == before
    assert "自检" not in Client().get("/rounds/").content.decode()


def test_audit_trail_keeps_the_check_without_a_user():
    make.city_officer()
    with worker():
        check_chain(timeout=120)
    lines = AuditRecord.objects.filter(object_type="rounds.dockinground")
    assert [line.action for line in lines.order_by("pk")] == ["结束对接活动", "清除自检活动"]
    assert {(line.actor, line.actor_name) for line in lines} == {(None, "系统")}


def test_without_a_worker_it_fails_in_time_and_removes_its_data():
    a_round_of_before()
    before = everything()
    with pytest.raises(CommandError, match=r"等了 0\.3 秒，匹配仍未完成（还有 1 个分片）。请查看 /healthz"):
        call_command("check_chain", timeout=0.3)
    assert everything() == before


def test_late_task_after_the_timeout_does_nothing(monkeypatch):
    a_round_of_before()
    before, sent = everything(), []
    monkeypatch.setattr("matching.services.runs.enqueue", lambda _task, chunk: sent.append(chunk) or True)
    with pytest.raises(ChainCheckError):
        check_chain(timeout=0.1)
    assert len(sent) == 1
    assert execute_chunk(sent[0]) == 0
    assert everything() == before


def test_decisions_made_during_the_check_are_kept(monkeypatch):
    make.achievement()
    make.demand()
    officer = make.district_officer()
    decided, report = threading.Event(), self_check._report
    monkeypatch.setattr(self_check, "_report", lambda run: decided.wait(120) and report(run))

    def decide():
        accept_match(Match.objects.get(), by=officer)
        decided.set()

    with worker(then=decide):
        check_chain(timeout=120)
    assert Match.objects.get().status == Match.Status.ACCEPTED
    assert DockingRound.objects.get().status == DockingRound.Status.ARCHIVED


def test_match_proposed_again_by_a_real_round_belongs_to_it():
    make.achievement()
    make.demand()
    real = []

    def close_another():
        if not real:
            real.append(make.docking_round())
            close_round(real[0], by=None)

    def wait_for_it():
        close_another()
        for chunk in MatchChunk.objects.filter(finished_at=None):
            execute_chunk(chunk.pk)

    with worker(then=wait_for_it):
        check_chain(timeout=120)
    match, docking_round = Match.objects.get(), DockingRound.objects.get()
    assert docking_round == real[0]
    assert match.run_id == match.first_run_id == docking_round.match_run_id


def test_match_proposed_by_a_real_run_after_the_snapshot_belongs_to_it(monkeypatch):
    """As after a crash: the queue still held a run when the check began."""
    monkeypatch.setattr(self_check, "snapshot_matches", dict)
    a_round_of_before()
    real = MatchRun.objects.get()
    with worker():
        check_chain(timeout=120)
    assert MatchRun.objects.get() == real
    assert {(match.run_id, match.first_run_id) for match in Match.objects.all()} == {(real.pk, real.pk)}

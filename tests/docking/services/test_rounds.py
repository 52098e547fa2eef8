import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from docking.models import DockingRound
from docking.services import archive_round, begin_round, close_ended_rounds, close_round, open_round
from matching.models import MatchRun
from tests import factories as make


@pytest.fixture
def city(db):
    return make.city_officer()


def test_a_round_walks_through_its_states(city):
    docking_round = make.docking_round(status=DockingRound.Status.PREPARING)
    states = []
    for step in (open_round, begin_round, close_round, archive_round):
        step(docking_round, by=city)
        states.append(docking_round.status)
    assert states == ["gathering", "running", "closed", "archived"]


def test_a_step_out_of_order_is_refused_with_the_present_state(city):
    docking_round = make.docking_round(status=DockingRound.Status.PREPARING, name="冬季专场")
    with pytest.raises(ValidationError) as refusal:
        begin_round(docking_round, by=city)
    assert refusal.value.message == "“冬季专场”现在是“筹备中”，不能改为“进行中”。"


def test_only_the_city_closes(db):
    docking_round = make.docking_round()
    with pytest.raises(PermissionDenied):
        close_round(docking_round, by=make.district_officer())
    docking_round.refresh_from_db()
    assert docking_round.status == DockingRound.Status.GATHERING
    assert MatchRun.objects.count() == 0


def test_closing_queues_the_run_with_what_takes_part(city):
    achievement, demand = make.achievement(), make.demand()
    make.achievement(registered=False)
    make.achievement(expires_on=timezone.localdate() - timedelta(days=1))
    make.demand(published=False)
    docking_round = close_round(make.docking_round(), by=city)
    run = docking_round.match_run
    assert (run.achievement_ids, run.demand_ids, run.status) == ([achievement.pk], [demand.pk], "queued")
    assert [chunk.demand_ids for chunk in run.chunks.all()] == [[demand.pk]]


def test_a_round_without_needs_is_done_at_once(city):
    run = close_round(make.docking_round(), by=city).match_run
    assert (run.status, run.counts["matches"]) == ("done", 0)


def test_beat_closes_what_has_ended_and_nothing_else(db):
    now = timezone.now()
    ended = make.docking_round(starts_at=now - timedelta(hours=5), ends_at=now - timedelta(minutes=1))
    running = make.docking_round()
    assert close_ended_rounds() == 1
    assert close_ended_rounds() == 0
    ended.refresh_from_db()
    running.refresh_from_db()
    assert (ended.status, ended.closed_by, running.status) == ("closed", None, "gathering")


@pytest.mark.django_db(transaction=True)
def test_two_closings_at_once_leave_one_run():
    city, docking_round = make.city_officer(), make.docking_round()
    make.achievement()
    make.demand()
    barrier, outcomes = threading.Barrier(4), []

    def close():
        try:
            barrier.wait()
            close_round(DockingRound.objects.get(pk=docking_round.pk), by=city)
            outcomes.append("closed")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["closed", "refused", "refused", "refused"]
    assert MatchRun.objects.count() == 1

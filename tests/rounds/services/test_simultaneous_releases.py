"""Two officers release the same report at the same moment."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from rounds.services.report import draft_report, release_report
from tests import factories as make
from tests.rounds.report.rounds import held_round


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_simultaneous_releases_refuse_one():
    city, docking_round = make.city_officer(), held_round()
    report = draft_report(docking_round.round, by=city)
    barrier, outcomes = threading.Barrier(2), []

    def release():
        try:
            barrier.wait()
            release_report(report, revision=0, by=city)
            outcomes.append("released")
        except ValidationError as error:
            outcomes.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=release) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["released", "这一版已经发布，不能再改。需要改的话，请起草新的一版。"]

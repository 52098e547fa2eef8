"""The real processes of the platform are killed one after the other in the middle of a matching run.

`bootstrap.py test --drills` kills all ten parts with 2,000 achievements and 400 needs, by hand before a release. Here
is one kill for each way to recover, with few rows, in each run of `.ci/run`. What may not depend on the number of rows
is counted: nothing is lost, nothing doubled, every start succeeds.
"""

import os
import signal

import pytest

from benchmarks import chaos
from benchmarks.chaos_platform import Platform, prepared

pytestmark = pytest.mark.long

ACHIEVEMENTS, DEMANDS, CHUNK = 200, 120, 3
KILLS = ("worker child", "postmaster", "supervisor", "FLUSHALL")
"""A process that its parent replaces, one that the launcher starts again, all at once, and messages that are lost."""
TOTAL_SECONDS = 720


@pytest.fixture
def platform(data):
    """Prepared, not started."""
    prepared(data, ACHIEVEMENTS, DEMANDS, CHUNK)
    platform = Platform(data, total_seconds=TOTAL_SECONDS)
    yield platform
    platform.stop()


def test_a_run_is_completed_once_through_kills(platform):
    """The supervisor's kill is the one after which three starts in a row were refused: they waited for the queue."""
    kills = [kill for kill in chaos.KILLS if kill.name in KILLS]
    carried_out = [line["kill"] for line in chaos.carry_out(platform, CHUNK, kills, completion_seconds=120)]
    assert carried_out == ["none", *KILLS]
    result = chaos.outcome(platform)
    assert result["runs"] >= 1 and result["chunks"] >= DEMANDS / CHUNK and result["proposals"] > 0
    assert {key: result[key] for key in chaos.WRONG} == dict.fromkeys(chaos.WRONG, 0)

    pages_answer_while_postgresql_is_stopped(platform)


def pages_answer_while_postgresql_is_stopped(platform: Platform) -> None:
    """It accepts connections and answers nothing. Each request would wait as long as it is stopped: here, for ever."""
    page = "/api/v1/achievements/"  # the others need collected static files
    platform.wait(lambda: platform.status(page) == 200, 120)
    stopped = [*platform.pids("bin/postgres"), *platform.pids("bin/postgres", children=True)]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert [platform.status(page, patience=60) for _ in range(2)] == [503, 503]
        assert (platform.status("/livez"), platform.status("/readyz"), platform.status("/healthz")) == (200, 503, 503)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    platform.wait(lambda: platform.status(page) == 200, 120)

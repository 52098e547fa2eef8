"""What matching at once costs a worker: `python -m benchmarks.immediate_runs [--achievements N] [--demands N]`.

Prints one JSON line, in seconds of the processor without those of the database, because the machine may be busy:
`first_tick`, which notes what the last batch has read; `idle_tick`, nothing is new; `need` and `achievement`, from the
tick that finds it to the written proposals, `start` of it in the tick, `index` to build the engine's index of the run,
and queries; `page_index`, the index of 试配 built anew after one item was added. Peak memory in MB.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from benchmarks import environment
from benchmarks.registry import fill_achievements, fill_demands


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=int, default=10_000)
    parser.add_argument("--demands", type=int, default=2_000)
    options = parser.parse_args()
    with environment.database():
        fill_achievements(options.achievements + 1)
        fill_demands(options.demands + 2)
        measured = measure()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"benchmark": "immediate_runs", **vars(options), **measured, "peak_mb": peak}))


def measure() -> dict[str, Any]:
    from achievements.models import Achievement
    from demands.models import Demand
    from matching.models import MatchChunk, MatchRun
    from matching.registry_indexes import MATCHING_INDEX
    from matching.services.immediate_runs import start_immediate_run
    from matching.services.runs import start_run

    demands, achievements = Demand.objects.order_by("pk"), Achievement.objects.order_by("pk")
    first, second = list(demands[:2])
    later = achievements[0]
    _hide([first, second, later])
    hour_ago = _now() - timedelta(hours=1)
    for rows in (demands, achievements):
        rows.update(updated_at=hour_ago)
    batch = start_run("对接会 会后匹配", by=None)
    MatchChunk.objects.update(finished_at=_now())
    MatchRun.objects.filter(pk=batch.pk).update(status="done", finished_at=_now())
    measured: dict[str, Any] = {"first_tick": _seconds(start_immediate_run), "idle_tick": _seconds(start_immediate_run)}
    MATCHING_INDEX.current()
    for name, item in (("need", first), ("second_need", second), ("achievement", later)):
        _publish(item)
        measured[name] = _match(start_immediate_run)
    MATCHING_INDEX.clear()  # a small registry is rebuilt at once, a large one beside the requests
    measured["page_index"] = _seconds(MATCHING_INDEX.current)
    return measured


def _match(start: Callable) -> dict[str, float]:
    from matching.services.run_preparation import prepare_run
    from matching.services.runs import execute_chunk

    with _counted() as queries:
        begun = time.process_time()
        run = start()
        started = time.process_time()
        prepare_run(run.pk)
        indexed = time.process_time()
        chunks = list(run.chunks.values_list("pk", flat=True))
        execute_chunk(chunks[0])
        new = time.process_time()
        for chunk in chunks[1:]:
            execute_chunk(chunk)
    run.refresh_from_db()
    done = time.process_time()
    return {
        "start": round(started - begun, 2),
        "index": round(indexed - started, 2),
        "first_chunk": round(new - indexed, 2),
        "all": round(done - begun, 2),
        "chunks": len(chunks),
        "queries": len(queries),
        "matches": run.counts["matches"],
    }


@contextmanager
def _counted() -> Iterator[list]:
    from django.db import connection

    queries: list = []

    def count(execute, sql, params, many, context):
        queries.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield queries


def _hide(items: list) -> None:
    for item in items:
        type(item).objects.filter(pk=item.pk).update(expires_on=_today() - timedelta(days=1))


def _publish(item) -> None:
    type(item).objects.filter(pk=item.pk).update(expires_on=_today() + timedelta(days=90), updated_at=_now())


def _today():
    from django.utils import timezone

    return timezone.localdate()


def _now():
    from django.utils import timezone

    return timezone.now()


def _seconds(call: Callable) -> float:
    begun = time.process_time()
    call()
    return round(time.process_time() - begun, 3)


if __name__ == "__main__":
    main()

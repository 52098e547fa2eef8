"""A batch from the database to stored matches: `python -m benchmarks.batch 524x200 10000x2000 [--new 1000]`.

Two processes take the chunks of each run, as two workers do. Prints one JSON line for each size: seconds of the clock
and of the processor (without those of PostgreSQL); seconds of the processor in each phase (`read`, `index` and
`effects` of decisions in the task that prepares the run, `rank`, `explain` with the facts, `store`); memory in MB:
`shared` the files of the newest index, `worker` the most that one of the two processes has had for itself, `preparing`
the same of the process that prepares the run, looked at once a second and without pages of files. `bare`:
TfidfVectorizer and a sparse product over the same texts. `--new N`: afterwards N new achievements are matched at once;
`share` is the part of the processor's seconds of the batch.

The last line has the growth between the sizes: exponents of the processor's seconds, for `index` by the number of
texts, for `run` by the number of pairs. Above 500,000 achievements the texts of 20,000 are repeated with other words.
"""

import argparse
import gc
import itertools
import json
import math
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

from benchmarks import environment
from benchmarks.registry import fill_achievements, fill_demands
from benchmarks.texts import CHARACTERS, texts

WORKERS = 2
REPEATED_FROM, DIFFERENT = 500_000, 20_000
FACTOR_OF_GROWTH = 1.5
PHASES = ("read", "index", "effects", "rank", "explain", "store")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="+", help="achievements x demands, such as 10000x2000")
    parser.add_argument("--new", type=int, default=0)
    parser.add_argument("--decisions", type=int, default=0, help="rejected matches whose effects the run computes")
    parser.add_argument("--no-bare", action="store_true")
    options = parser.parse_args()
    if len(options.sizes) > 1:
        lines = [_in_own_process(size) for size in options.sizes]
        print(json.dumps({"benchmark": "batch growth", **growth(lines)}))
        return
    achievements, demands = map(int, options.sizes[0].split("x"))
    with environment.database():
        line = measure(achievements, demands, options)
    print(json.dumps({"benchmark": "batch", "achievements": achievements, "demands": demands, **line}), flush=True)


def _in_own_process(size: str) -> dict[str, Any]:
    """Measure one size in a new process, because Django opens one database; print its line and return it."""
    options = [argument for argument in sys.argv[1:] if "x" not in argument or argument.startswith("--")]
    command = [sys.executable, "-m", "benchmarks.batch", size, *options]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    line: dict[str, Any] = json.loads(output.splitlines()[-1])
    print(json.dumps(line), flush=True)
    return line


def measure(achievements: int, demands: int, options: argparse.Namespace) -> dict[str, Any]:
    from matching.services.runs import start_run

    fork = multiprocessing.get_context("fork")
    # In processes that end: a worker would have their heap, too.
    _in_processes(fork, [lambda: _fill(achievements, demands, options.decisions)])
    bare = {} if options.no_bare else {"bare": _in_processes(fork, [bare_product])[0]["bare"]}
    begun = time.process_time()
    run = start_run("批次", by=None)
    started = time.process_time() - begun
    line = execute(run) | {"request": round(started, 2)} | bare
    if options.new:
        line["new"] = increment(options.new, line["processor"])
    return line


def _fill(achievements: int, demands: int, decisions: int) -> dict[str, Any]:
    bodies = repeated(achievements) if achievements > REPEATED_FROM else None
    fill_achievements(achievements, bodies, searchable=False)
    fill_demands(demands, searchable=False)
    if decisions:
        _decide(decisions)
    return {}


def execute(run) -> dict[str, Any]:
    """Prepare a run and execute its chunks in WORKERS processes; return what it took."""
    from django.core.checks import run_checks
    from django.db import connections

    from matching.shared_indexes import _root

    run_checks()  # Celery does so when a worker starts, and with it imports what answers each address

    chunks = list(run.chunks.values_list("pk", flat=True))
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    begun = time.monotonic()
    prepared = _in_processes(fork, [lambda: _prepare(run.pk)])
    ready = time.monotonic()
    newest = max((folder for folder in _root().iterdir() if folder.is_dir()), key=lambda folder: folder.stat().st_mtime)
    shared = sum(file.stat().st_size for file in newest.iterdir())
    numbers = fork.Value("i", 0)
    reports = _in_processes(fork, [lambda: _work(chunks, numbers)] * WORKERS)
    seconds = time.monotonic() - begun
    run.refresh_from_db()
    processor = sum(report["processor"] for report in (*prepared, *reports))
    phases = {name: sum(report["phases"].get(name, 0) for report in (*prepared, *reports)) for name in PHASES}
    return {
        "seconds": round(seconds, 1),
        "first_chunk": round(ready - begun + min(report["first"] for report in reports), 1),
        "processor": round(processor, 1),
        "phases": {name: round(value, 2) for name, value in phases.items()},
        "matches": run.counts["matches"],
        "shared_mb": shared >> 20,
        "worker_mb": max(report["private_mb"] for report in reports),
        "preparing_mb": prepared[0]["private_mb"],
    }


def increment(number: int, batch: float) -> dict[str, Any]:
    """Publish new achievements, match them at once, and return what it took."""
    from datetime import timedelta

    from django.utils import timezone

    from achievements.models import Achievement
    from demands.models import Demand
    from matching.models import MatchRun
    from matching.services.immediate_runs import start_immediate_run

    hour_ago = timezone.now() - timedelta(hours=1)
    for rows in (Achievement.objects.all(), Demand.objects.all()):
        rows.update(updated_at=hour_ago)
    MatchRun.objects.exclude(title="旧").update(queued_at=timezone.now() - timedelta(minutes=30))
    MatchRun.objects.filter(title="旧").update(queued_at=timezone.now() - timedelta(days=1))
    start_immediate_run()  # notes what the batch has read, which a tick after each batch does once
    newest = list(Achievement.objects.order_by("-pk")[:number])
    for row in newest:
        row.registry_number, row.title, row.summary = f"N-{row.pk}", f"{row.title}新", row.summary[::-1]
        row.pk = None
        row.public_id, row.updated_at = Achievement._meta.get_field("public_id").get_default(), timezone.now()
    Achievement.objects.bulk_create(newest, batch_size=1000)
    run = start_immediate_run()
    measured = execute(run)
    return {**measured, "achievements": number, "share": round(measured["processor"] / batch, 3)}


def bare_product() -> dict[str, Any]:
    """The same texts by TfidfVectorizer and a product of sparse matrices, the twenty best of each demand."""
    from benchmarks.batch_peers import sparse_product
    from matching.engine.tokeniser import tokenise
    from matching.items import achievement_items, demand_items

    begun = time.process_time()
    offers, needs = _items(achievement_items, demand_items)
    sparse_product([item.full_text for item in offers], [item.full_text for item in needs], tokenise)
    return {"bare": {"processor": round(time.process_time() - begun, 1)}}


def growth(lines: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Exponents between sizes that follow each other and are far enough apart: a second of noise between 11,000 and
    12,000 texts would be an exponent of two.
    """
    exponents: dict[str, list[float]] = {"index": [], "run": []}
    for first, second in itertools.pairwise(lines):
        sizes = {
            "index": (first["achievements"] + first["demands"], second["achievements"] + second["demands"]),
            "run": (first["achievements"] * first["demands"], second["achievements"] * second["demands"]),
        }
        seconds = {
            "index": (first["phases"]["index"], second["phases"]["index"]),
            "run": (first["processor"], second["processor"]),
        }
        for name, (then, now) in sizes.items():
            if now >= FACTOR_OF_GROWTH * then:
                exponents[name].append(_exponent(*seconds[name], then, now))
    return exponents


def repeated(number: int) -> Iterator[str]:
    """Texts of which every fifth character is another one than in the text that is repeated."""
    originals = list(texts(DIFFERENT, length=120))
    bits = random.Random(7).getrandbits

    def below(limit: int, size: int) -> int:
        """What `Random.randrange` returns, without its checks."""
        value = bits(size)
        while value >= limit:
            value = bits(size)
        return value

    characters_bits = len(CHARACTERS).bit_length()
    for n in range(number):
        characters = list(originals[n % DIFFERENT])
        for place in range(below(5, 3), len(characters), 5):
            characters[place] = CHARACTERS[below(len(CHARACTERS), characters_bits)]
        yield "".join(characters)


def _exponent(then: float, now: float, size_then: int, size_now: int) -> float:
    return round(math.log(max(now, 1e-3) / max(then, 1e-3)) / math.log(size_now / size_then), 2)


def _items(achievement_items: Callable, demand_items: Callable) -> tuple[list, list]:
    from achievements.models import Achievement
    from demands.models import Demand

    return list(achievement_items(Achievement.objects.available())), list(demand_items(Demand.objects.open()))


def _decide(number: int) -> None:
    """Write rejections of invented matches, one for each of the first demands."""
    from django.utils import timezone

    from accounts.models import User
    from achievements.models import Achievement
    from demands.models import Demand
    from matching.models import Decision, Match, MatchRun

    now = timezone.now()
    run = MatchRun.objects.create(title="旧", engine="p3", snapshot_hash="0" * 64, status="done", finished_at=now)
    officer = User.objects.create(username="officer")
    pairs = zip(Demand.objects.order_by("pk")[:number], Achievement.objects.order_by("pk")[:number], strict=False)
    matches = Match.objects.bulk_create(
        Match(
            demand=demand,
            achievement=offer,
            run=run,
            first_run=run,
            score=50,
            rank=1,
            status="rejected",
            reject_reason="field",
            reviewed_by=officer,
            reviewed_at=now,
        )
        for demand, offer in pairs
    )
    Decision.objects.bulk_create(
        Decision(match=match, kind="reject", reason="field", by=officer, run=run, engine="p3", score=50, revision=1)
        for match in matches
    )


def _prepare(run_id: int) -> dict[str, Any]:
    from matching.services.run_preparation import prepare_run

    with _phases() as phases:
        prepare_run(run_id)
    return {"phases": phases}


def _work(chunks: list[int], numbers: Any) -> dict[str, Any]:
    from matching.services.runs import execute_chunk

    begun, first = time.monotonic(), math.inf
    with _phases() as phases:
        while True:
            with numbers.get_lock():
                number = numbers.value
                numbers.value += 1
            if number >= len(chunks):
                break
            execute_chunk(chunks[number])
            first = min(first, time.monotonic() - begun)
    return {"phases": phases, "first": first}


@contextmanager
def _phases() -> Iterator[dict[str, float]]:
    """Measure the seconds of the processor in the functions of each phase, without those of the phases they call."""
    from matching import proposals
    from matching.engine import index_files
    from matching.learning import decision_effects
    from matching.services import runs

    seconds: dict[str, float] = {}
    within = [0.0]  # of each function that runs: the seconds of the measured functions that it calls

    def timed(name: str, function: Callable) -> Callable:
        def call(*args, **options):
            begun = time.process_time()
            within.append(0.0)
            try:
                return function(*args, **options)
            finally:
                spent = time.process_time() - begun
                seconds[name] = seconds.get(name, 0) + spent - within.pop()
                within[-1] += spent

        return call

    measured = [
        (index_files, "write_texts", "read"),
        (index_files, "write_index", "index"),
        (decision_effects, "effects_for", "effects"),
        (proposals, "_rankings", "rank"),
        (runs, "propose", "explain"),
        (runs, "write_proposals", "store"),
    ]
    originals = [getattr(module, function) for module, function, _name in measured]
    for (module, function, name), original in zip(measured, originals, strict=True):
        setattr(module, function, timed(name, original))
    try:
        yield seconds
    finally:
        for (module, function, _name), original in zip(measured, originals, strict=True):
            setattr(module, function, original)


def _in_processes(fork: Any, works: list[Callable[[], dict[str, Any]]]) -> list[dict[str, Any]]:
    """Run each in a process of its own; return what they return, with seconds of the processor and memory."""
    from django.db import connections

    connections.close_all()  # a connection is of one process
    gc.collect()
    gc.freeze()  # as the parent of the workers does (`dalian_techtransfer.celery`)

    def child(work: Callable[[], dict[str, Any]], end: Any) -> None:
        report = work()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        report["processor"] = usage.ru_utime + usage.ru_stime
        report["private_mb"] = private_mb("self")
        end.send(report)
        end.close()
        os._exit(0)

    processes = {}
    for work in works:
        own, other = fork.Pipe(duplex=False)
        process = fork.Process(target=child, args=(work, other))
        process.start()
        other.close()
        processes[own] = process
    reports: dict[Any, dict[str, Any]] = {}
    most = dict.fromkeys(processes, 0)
    while len(reports) < len(processes):
        for end in wait([end for end in processes if end not in reports], timeout=1):
            reports[end] = end.recv()  # raises EOFError if the process has failed
        for end, process in processes.items():
            if end not in reports:
                most[end] = max(most[end], private_mb(process.pid))
    for end, process in processes.items():
        process.join()
        reports[end]["private_mb"] = max(reports[end]["private_mb"], most[end])
    return [reports[end] for end in processes]


def private_mb(process: int | str) -> int:
    """The memory that only this process has: neither pages of files nor what it shares with its parent."""
    total = anonymous = private = 0
    try:
        with open(f"/proc/{process}/smaps", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("Private_Dirty:"):
                    private = int(line.split()[1])
                elif line.startswith("Anonymous:"):
                    anonymous = int(line.split()[1])
                    total += min(private, anonymous)
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0
    return total >> 10


if __name__ == "__main__":
    main()

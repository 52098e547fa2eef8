"""Ten kills in the middle of a matching run: `python -m benchmarks.chaos [--achievements N] [--demands N] [--chunk N]`.

Starts the product as `bootstrap.py demo` does, in a folder of its own, with a queued run, kills one part after the
other with SIGKILL (FLUSHALL empties the broker), and waits after each until the platform works again. Then the worker
is stopped with TERM in the middle of an import, and the clock of all processes jumps an hour ahead and back, each time
with all messages lost (Debian's libfaketime; without it these lines are left out). Prints one JSON line per fault with
the seconds until a chunk was done again (for parts of the site: until the site answered; for the import: until each row
was written), and one at the end: whether every chunk, run and proposal is there once. Exit code 1 if not.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.chaos_platform import Platform, prepared
from launcher import reaper

RECOVERY_SECONDS = 400
COMPLETION_SECONDS = 3600
WRONG = (
    "unfinished",
    "open_chunks",
    "doubled_proposals",
    "runs_without_one_record",
    "demands_without_result",
    "given_up",
)
"""Keys of `outcome` that are zero when nothing was lost or doubled."""
FAKETIME = "faketime/libfaketimeMT.so.1"
HOUR = 3600
BATCH, WEB, BEAT = ("celery", "-Q batch"), ("gunicorn",), ("celery", " beat ")
INTERACTIVE = ("celery", "interactive")


@dataclass(frozen=True)
class Kill:
    """strike: does it. works_again: called until True, with the number of done chunks before the kill."""

    name: str
    strike: Callable[[Platform], None]
    works_again: Callable[[Platform, int], bool]


def kill_processes(*pids: int) -> None:
    """SIGKILL; a process that has just ended by itself is as good."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _advances(platform: Platform, done: int) -> bool:
    return platform.chunks_done() > done


def _advances_by_new_messages(platform: Platform, done: int) -> bool:
    """More than what its two processes were computing when the queue was lost."""
    return platform.chunks_done() > done + 2 or platform.chunks_open() == 0


def advances_or_is_done(platform: Platform, done: int) -> bool:
    return _advances(platform, done) or platform.chunks_open() == 0


def _answers(platform: Platform, done: int) -> bool:
    return platform.status("/readyz") == 200


def _answers_anew(platform: Platform, done: int) -> bool:
    """By processes of a new master: those of the killed one still answer for a moment."""
    return bool(platform.pids(*WEB, children=True)) and _answers(platform, done)


def _beats(platform: Platform, done: int) -> bool:
    return bool(platform.pids(*BEAT)) and (platform.data / "ready/beat").exists()


def _kill_beat(platform: Platform) -> None:
    (platform.data / "ready/beat").unlink()
    kill_processes(*platform.pids(*BEAT))


def _kill_backend(platform: Platform) -> None:
    """A session that is computing a chunk, or any other of the platform."""
    sql = """SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
             ORDER BY xact_start IS NULL LIMIT 1"""
    platform.wait(lambda: bool(platform.rows(sql)), RECOVERY_SECONDS)
    kill_processes(platform.rows(sql)[0][0])


def _flush(platform: Platform) -> None:
    import redis

    redis.Redis.from_url(platform.environment()["REDIS_URL"]).flushall()


def _kill_supervisor(platform: Platform) -> None:
    """And start again at once, while its processes still end and their messages are in the broker."""
    platform.supervisor.kill()
    platform.supervisor.wait()
    platform.start()


KILLS = (
    Kill("worker child", lambda platform: kill_processes(platform.pids(*BATCH, children=True)[0]), _advances),
    Kill("worker master", lambda platform: kill_processes(*platform.pids(*BATCH)), _advances),
    Kill("beat", _kill_beat, _beats),
    Kill("gunicorn worker", lambda platform: kill_processes(platform.pids(*WEB, children=True)[0]), _answers),
    Kill("gunicorn master", lambda platform: kill_processes(*platform.pids(*WEB)), _answers_anew),
    Kill("PostgreSQL backend", _kill_backend, _advances),
    Kill("postmaster", lambda platform: kill_processes(*platform.pids("bin/postgres")), _advances),
    Kill("valkey", lambda platform: kill_processes(*platform.pids("valkey-server")), _advances_by_new_messages),
    Kill("supervisor", _kill_supervisor, _advances),
    Kill("FLUSHALL", _flush, _advances_by_new_messages),
)


def carry_out(
    platform: Platform, chunk: int, kills: Sequence[Kill] = KILLS, *, completion_seconds: float = COMPLETION_SECONDS
) -> Iterator[dict[str, Any]]:
    """Start the platform and carry out the kills, each while chunks are open; yield what each cost.

    Raises TimeoutError with the state of the runs when the platform does not work again in time, or when not every run
    is over `completion_seconds` after the last kill. A run that was given up is over: `outcome` counts it.
    """
    yield {"kill": "none", "seconds": round(platform.start(), 1)}
    for kill in kills:
        if platform.chunks_open() == 0:
            platform.queue_again(chunk)
        done = platform.chunks_done()
        platform.wait(lambda done=done: advances_or_is_done(platform, done), RECOVERY_SECONDS)
        if platform.chunks_open() == 0:
            platform.queue_again(chunk)
        platform.count_cpu()
        done, begun = platform.chunks_done(), time.monotonic()
        kill.strike(platform)
        platform.wait(lambda kill=kill, done=done: kill.works_again(platform, done), RECOVERY_SECONDS)
        yield {"kill": kill.name, "seconds": round(time.monotonic() - begun, 1)}
    platform.wait(lambda: still_queued(platform) == 0, completion_seconds)


def stop_in_an_import(platform: Platform, rows: int) -> Iterator[dict[str, Any]]:
    """Stop the worker as a deployment does, TERM and then KILL, while it writes a sheet; it goes on by itself.

    Raises AssertionError if a row was lost or doubled.
    """

    def status() -> str:
        return str(platform.rows("SELECT status FROM achievements_sheetimport WHERE id = %s", number)[0][0])

    def written() -> int:
        return platform.number(
            "SELECT count(*) FROM achievements_sheetimportrow WHERE state = 'written' AND sheet_import_id = %s", number
        )

    number = int(platform.call(f"start_import({rows})"))
    before = platform.number("SELECT count(*) FROM achievements_achievement")
    platform.wait(lambda: status() == "open", RECOVERY_SECONDS)
    platform.call(f"write_import({number})")
    platform.wait(lambda: written() > 0, RECOVERY_SECONDS)
    done, begun = written(), time.monotonic()
    reaper.stop_groups(dict.fromkeys(platform.pids(*INTERACTIVE), signal.SIGTERM))
    platform.wait(lambda: status() == "open", RECOVERY_SECONDS)
    added = platform.number("SELECT count(*) FROM achievements_achievement") - before
    titles = platform.number(
        """SELECT count(DISTINCT title) FROM achievements_achievement
           WHERE source_file_id = (SELECT source_file_id FROM achievements_sheetimport WHERE id = %s)""",
        number,
    )
    assert done < rows and (written(), added, titles) == (rows, rows, rows), (done, written(), added, titles)
    seconds = round(time.monotonic() - begun, 1)
    yield {"kill": "TERM in an import", "seconds": seconds, "rows": rows, "written_before": done}


def jump_clocks(data: Path, chunk: int) -> Iterator[dict[str, Any]]:
    """Start the platform with a clock that can be set; set it an hour ahead and back, each time without messages."""
    library = next(Path("/usr/lib").glob(f"*/{FAKETIME}"), None)
    if library is None:
        yield {"kill": "clock", "left_out": "libfaketime is not installed (apt-get install libfaketime)"}
        return
    with tempfile.NamedTemporaryFile("w", dir="/var/tmp", prefix="chaos-clock-") as clock:
        os.chmod(clock.name, 0o644)
        _set_clock(Path(clock.name), 0)
        own_monotonic = {"FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        platform = Platform(data, LD_PRELOAD=str(library), FAKETIME_TIMESTAMP_FILE=clock.name, **own_monotonic)
        try:
            platform.start()
            for seconds, name in ((HOUR, "clock an hour ahead, FLUSHALL"), (0, "clock an hour back, FLUSHALL")):
                if platform.chunks_open() == 0:
                    platform.queue_again(chunk)
                done = platform.chunks_done()
                platform.wait(lambda done=done: platform.chunks_done() > done, RECOVERY_SECONDS)
                if platform.chunks_open() == 0:
                    platform.queue_again(chunk)
                before = platform.clock()
                begun = time.monotonic()
                _set_clock(Path(clock.name), seconds)
                platform.wait(lambda before=before: abs(platform.clock() - before) > HOUR / 2, RECOVERY_SECONDS)
                _flush(platform)
                done = platform.chunks_done()
                platform.wait(lambda done=done: _advances_by_new_messages(platform, done), RECOVERY_SECONDS)
                yield {"kill": name, "seconds": round(time.monotonic() - begun, 1)}
            platform.wait(lambda: still_queued(platform) == 0, COMPLETION_SECONDS)
            yield {"kill": "after the clocks", **outcome(platform)}
        finally:
            platform.stop()


def _set_clock(file: Path, seconds: int) -> None:
    file.write_text(f"+{seconds}\n", encoding="ascii")


def still_queued(platform: Platform) -> int:
    return platform.number("SELECT count(*) FROM matching_matchrun WHERE status = 'queued'")


def unfinished(platform: Platform) -> int:
    return platform.number("SELECT count(*) FROM matching_matchrun WHERE status <> 'done'")


def outcome(platform: Platform) -> dict[str, int]:
    """What must be zero for nothing to be lost or doubled, and how much there is."""
    number = platform.number
    return {
        "runs": number("SELECT count(*) FROM matching_matchrun"),
        "unfinished": unfinished(platform),
        "chunks": number("SELECT count(*) FROM matching_matchchunk"),
        "open_chunks": platform.chunks_open(),
        "proposals": number("SELECT count(*) FROM matching_match"),
        "doubled_proposals": number(
            "SELECT count(*) - count(DISTINCT (achievement_id, demand_id)) FROM matching_match"
        ),
        "runs_without_one_record": number(
            """SELECT count(*) FROM matching_matchrun run WHERE 1 <> (
                   SELECT count(*) FROM audit_auditrecord record
                   WHERE object_type = 'matching.matchrun' AND object_id = run.id::text
                     AND action IN ('批量匹配完成', '即时匹配完成'))"""
        ),
        "demands_without_result": number(
            """SELECT count(*) FROM matching_matchrun run, unnest(run.demand_ids) demand
               WHERE run.id = (SELECT max(id) FROM matching_matchrun)
                 AND NOT EXISTS (SELECT FROM matching_demandresult result WHERE result.demand_id = demand)"""
        ),
        "given_up": number("SELECT count(*) FROM matching_matchchunk WHERE failed_at IS NOT NULL"),
        "most_attempts": number("SELECT max(attempts) FROM matching_matchchunk"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=int, default=10_000)
    parser.add_argument("--demands", type=int, default=2_000)
    parser.add_argument("--chunk", type=int, default=40)
    parser.add_argument("--import-rows", type=int, default=5_000)
    options = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="chaos-"))
    external = prepared(data, options.achievements, options.demands, options.chunk)
    platform = Platform(data)
    try:
        try:
            for line in chain(carry_out(platform, options.chunk), stop_in_an_import(platform, options.import_rows)):
                print(json.dumps(line), flush=True)
            result = outcome(platform)
            print(json.dumps({**vars(options), **result, "cpu_seconds": round(platform.count_cpu())}), flush=True)
        finally:
            platform.stop()
        results = [result]
        for line in jump_clocks(data, options.chunk):
            print(json.dumps(line), flush=True)
            results.append(line)
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(external, ignore_errors=True)
    if lost_or_doubled := [result for result in results if any(result.get(key) for key in WRONG)]:
        raise SystemExit(f"lost or doubled: {lost_or_doubled}")


if __name__ == "__main__":
    main()

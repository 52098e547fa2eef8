"""Quality and run time of the scheduler: `python -m benchmarks.timetable [--grow] [--first] | --instances FOLDER`.

Prints one JSON line per case. By default a synthetic docking day of 300 firms, 80 institutions, 12 slots, 60 tables
and 2,500 requested meetings, compared with first come, first served; then the plan is repaired after a party stays
away, one comes late and a table is lost. `--grow`: the same for 100 to 1,000 firms. `--first`: only the first plan and
its repairs. `--instances`: every .dzn file of a folder, compared with the known optimum (`optima.json` in the folder,
if any).
"""

import argparse
import json
import random
import resource
import time
from collections import Counter
from pathlib import Path

from scheduling import (
    Assignment,
    Event,
    InfeasibleError,
    MeetingHall,
    MeetingParty,
    RequestedMeeting,
    Schedule,
    SolverProgress,
    TimeSlot,
    check,
    dzn,
    improving_schedules,
    measure,
)
from scheduling.disruptions import late_arrival, no_show, table_lost
from scheduling.repair import repair

LENGTH, BREAK = 25, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grow", action="store_true")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--instances", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.instances:
        for path in sorted(options.instances.glob("*.dzn")):
            print(json.dumps(instance(path, options.seconds)), flush=True)
        return
    for firms in (100, 300, 600, 1000) if options.grow else (300,):
        print(json.dumps(day(firms, options.seconds, options.seed, first_only=options.first)), flush=True)


def day(firms: int, seconds: float, seed: int, *, first_only: bool = False) -> dict:
    event = invented(firms, seed=seed)
    first = last = None
    start = time.process_time()
    for last in improving_schedules(event, seconds=seconds, seed=seed):
        if first is None:
            first, first_processor = last, time.process_time() - start
        if problems := check(event, last.schedule):
            raise AssertionError(problems[:3])
        if first_only:
            break
    served = first_come_first_served(event)
    before = measure(event, served)
    if problems := check(event, served):
        raise AssertionError(problems[:3])
    return {
        "benchmark": "timetable",
        "firms": firms,
        "teams": len(event.parties) - firms,
        "tables": event.halls[0].tables,
        "wishes": len(event.meetings),
        "first_plan_seconds": first.seconds,
        "first_plan_processor_seconds": round(first_processor, 2),
        "first_plan_below_bound_percent": below(first),
        "seconds": last.seconds,
        "processor_seconds": round(time.process_time() - start, 1),
        "below_bound_percent": below(last),
        "more_weight_than_first_come_percent": round(100 * (last.metrics.weight / before.weight - 1), 1),
        "planned": row(event, last.schedule),
        "first_come": row(event, served),
        "repairs": repairs(event, last.schedule),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def repairs(event: Event, schedule: Schedule) -> dict:
    """Clock and processor seconds of a repair before the first slot, and the meetings that it cancels and moves."""
    now = event.slots[0].start
    busy = Counter(party for placed in schedule.assignments for party in event.meeting(placed.meeting).parties)
    (party, _), *_ = busy.most_common(1)
    disruptions = {
        "no_show": no_show(event, party, now),
        "late_arrival": late_arrival(event, party, now, event.slots[3].start),
        "table_lost": table_lost(event, event.halls[0].id, 1, now),
    }
    rows = {}
    for name, changed in disruptions.items():
        clock, processor = time.perf_counter(), time.process_time()
        result = repair(changed, schedule, now=now, seconds=4.0)
        rows[name] = {
            "seconds": round(time.perf_counter() - clock, 2),
            "processor_seconds": round(time.process_time() - processor, 2),
            "cancelled": len(result.difference.cancelled),
            "moved": len(result.difference.moved),
        }
        if problems := check(result.event, result.schedule):
            raise AssertionError(problems[:3])
    return rows


def below(progress: SolverProgress) -> float:
    return round(100 * (1 - progress.metrics.weight / progress.weight_bound), 2)


def row(event: Event, schedule: Schedule) -> dict:
    metrics = measure(event, schedule)
    return {
        "meetings": len(schedule.assignments),
        "parties_served": metrics.served,
        "weight": round(metrics.weight, 1),
        "gaps": metrics.gaps,
        "unevenness": metrics.unevenness,
        "table_moves": metrics.moves,
    }


def instance(path: Path, seconds: float) -> dict:
    optima = path.parent / "optima.json"
    best = json.loads(optima.read_text()).get(path.name) if optima.exists() else None
    event = dzn.read(path)
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    first = last = None
    try:
        for last in improving_schedules(event, seconds=seconds):
            first = first or last
    except InfeasibleError as error:
        spent = round(time.perf_counter() - start, 1)
        return {"instance": path.name, "infeasible": True, "conflict": len(error.conflict), "seconds": spent}
    if last is None:
        return {"instance": path.name, "optimum": best, "gaps": None}
    if problems := check(event, last.schedule):
        raise AssertionError(problems[:3])
    return {
        "instance": path.name,
        "optimum": best,
        "gaps": last.metrics.gaps,
        "bound": last.gaps_bound,
        "proven": last.proven,
        "first_plan_seconds": first.seconds,
        "seconds": last.seconds,
        "processor_seconds": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 1),
    }


def invented(firms: int, *, seed: int) -> Event:
    """A day of 12 slots. Per 300 firms: 80 institutions, 60 tables, 2,500 requested meetings.

    A third of the firms and a sixth of the institutions attend for a part of the day only; requests concentrate on
    popular institutions.
    """
    source = random.Random(seed)
    institutions, tables, requests = firms * 80 // 300, firms * 60 // 300, firms * 2500 // 300
    slots = tuple(
        TimeSlot(540 + n * (LENGTH + BREAK) + 90 * (n >= 6), 540 + n * (LENGTH + BREAK) + LENGTH + 90 * (n >= 6))
        for n in range(12)
    )

    def present(share: float) -> tuple | None:
        if source.random() >= share:
            return None
        start = source.randrange(0, 9)
        return ((slots[start].start, slots[min(11, start + source.randrange(2, 9))].end),)

    parties = [MeetingParty(f"F{n}", availability=present(1 / 3)) for n in range(firms)]
    parties += [MeetingParty(f"T{n}", availability=present(1 / 6)) for n in range(institutions)]
    popular = [1 / (n + 5) ** 0.5 for n in range(institutions)]
    pairs: dict[tuple[str, str], float] = {}
    while len(pairs) < requests:
        pair = (f"F{source.randrange(firms)}", f"T{source.choices(range(institutions), popular)[0]}")
        priority = source.choice([1.0, 1.0, 0.7, 0.4])
        pairs.setdefault(pair, round(priority * source.uniform(60, 100), 1))
    return Event(
        slots,
        (MeetingHall("A", tables),),
        tuple(parties),
        tuple(RequestedMeeting(n, pair, weight) for n, (pair, weight) in enumerate(pairs.items())),
    )


def first_come_first_served(event: Event) -> Schedule:
    """Each meeting, in the order of requests, gets the first slot in which both parties and a table are free."""
    taken: dict[int, int] = dict.fromkeys(range(len(event.slots)), 0)
    busy: set[tuple] = set()
    assignments, left_out = [], {}
    for meeting in event.meetings:
        for n, slot in enumerate(event.slots):
            available = all(
                party.availability is None or any(a <= slot.start and slot.end <= b for a, b in party.availability)
                for party in map(event.party, meeting.parties)
            )
            free = taken[n] < event.halls[0].tables and not any((party, n) in busy for party in meeting.parties)
            if available and free:
                taken[n] += 1
                busy |= {(party, n) for party in meeting.parties}
                assignments.append(Assignment(meeting.id, n, event.halls[0].id, taken[n]))
                break
        else:
            left_out[meeting.id] = "来得晚"
    return Schedule(tuple(assignments), left_out)


if __name__ == "__main__":
    main()

"""How good the planner is and how long it takes: `python -m benchmarks.timetable [--grow | --instances FOLDER]`.

One JSON line per case. By default an invented docking day of 300 firms, 80 teams of institutions, 12 slots, 60 tables
and 2,500 wishes, beside first come, first served on the same day. `--grow` the same up to 1,000 firms. `--instances`
every .dzn of a folder, beside the fewest gaps known (`optima.json` there, if any).
"""

import argparse
import json
import random
import resource
import time
from pathlib import Path

from scheduling import Event, Hall, Meeting, NoPlan, Party, Plan, Slot, Wish, check, dzn, figures, steps

LENGTH, BREAK = 25, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grow", action="store_true")
    parser.add_argument("--instances", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.instances:
        for path in sorted(options.instances.glob("*.dzn")):
            print(json.dumps(instance(path, options.seconds)), flush=True)
        return
    for firms in (100, 300, 600, 1000) if options.grow else (300,):
        print(json.dumps(day(firms, options.seconds, options.seed)), flush=True)


def day(firms: int, seconds: float, seed: int) -> dict:
    event = invented(firms, seed=seed)
    first = found = None
    start = time.process_time()
    for found in steps(event, seconds=seconds, seed=seed):
        if first is None:
            first, first_processor = found, time.process_time() - start
        if problems := check(event, found.plan):
            raise AssertionError(problems[:3])
    served = first_come_first_served(event)
    before = figures(event, served)
    if problems := check(event, served):
        raise AssertionError(problems[:3])
    return {
        "benchmark": "timetable",
        "firms": firms,
        "teams": len(event.parties) - firms,
        "tables": event.halls[0].tables,
        "wishes": len(event.wishes),
        "first_plan_seconds": first.seconds,
        "first_plan_processor_seconds": round(first_processor, 2),
        "first_plan_below_bound_percent": below(first),
        "seconds": found.seconds,
        "processor_seconds": round(time.process_time() - start, 1),
        "below_bound_percent": below(found),
        "more_weight_than_first_come_percent": round(100 * (found.figures.weight / before.weight - 1), 1),
        "planned": row(event, found.plan),
        "first_come": row(event, served),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def below(step) -> float:
    return round(100 * (1 - step.figures.weight / step.weight_bound), 2)


def row(event: Event, plan: Plan) -> dict:
    got = figures(event, plan)
    return {
        "meetings": len(plan.meetings),
        "parties_served": got.served,
        "weight": round(got.weight, 1),
        "gaps": got.gaps,
        "unevenness": got.unevenness,
        "table_moves": got.moves,
    }


def instance(path: Path, seconds: float) -> dict:
    optima = path.parent / "optima.json"
    best = json.loads(optima.read_text()).get(path.name) if optima.exists() else None
    event = dzn.read(path)
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    first = found = None
    try:
        for found in steps(event, seconds=seconds):
            first = first or found
    except NoPlan as problem:
        spent = round(time.perf_counter() - start, 1)
        return {"instance": path.name, "infeasible": True, "conflict": len(problem.conflict), "seconds": spent}
    if found is None:
        return {"instance": path.name, "optimum": best, "gaps": None}
    if problems := check(event, found.plan):
        raise AssertionError(problems[:3])
    return {
        "instance": path.name,
        "optimum": best,
        "gaps": found.figures.gaps,
        "bound": found.gaps_bound,
        "proven": found.proven,
        "first_plan_seconds": first.seconds,
        "seconds": found.seconds,
        "processor_seconds": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 1),
    }


def invented(firms: int, *, seed: int) -> Event:
    """A day of 12 slots in proportion to 300 firms: 80 teams, 60 tables, 2,500 wishes. A third of the firms and a
    sixth of the teams are there for a part of the day; popular teams are wished for more often.
    """
    source = random.Random(seed)
    teams, tables, wishes = firms * 80 // 300, firms * 60 // 300, firms * 2500 // 300
    slots = tuple(
        Slot(540 + n * (LENGTH + BREAK) + 90 * (n >= 6), 540 + n * (LENGTH + BREAK) + LENGTH + 90 * (n >= 6))
        for n in range(12)
    )

    def present(share: float) -> tuple | None:
        if source.random() >= share:
            return None
        start = source.randrange(0, 9)
        return ((slots[start].start, slots[min(11, start + source.randrange(2, 9))].end),)

    parties = [Party(f"F{n}", present=present(1 / 3)) for n in range(firms)]
    parties += [Party(f"T{n}", present=present(1 / 6)) for n in range(teams)]
    popular = [1 / (n + 5) ** 0.5 for n in range(teams)]
    pairs: dict[tuple[str, str], float] = {}
    while len(pairs) < wishes:
        pair = (f"F{source.randrange(firms)}", f"T{source.choices(range(teams), popular)[0]}")
        priority = source.choice([1.0, 1.0, 0.7, 0.4])
        pairs.setdefault(pair, round(priority * source.uniform(60, 100), 1))
    return Event(
        slots,
        (Hall("A", tables),),
        tuple(parties),
        tuple(Wish(n, pair, weight) for n, (pair, weight) in enumerate(pairs.items())),
    )


def first_come_first_served(event: Event) -> Plan:
    """Each wish, in the order they came, gets the first slot in which both are there and free and a table is left."""
    taken: dict[int, int] = dict.fromkeys(range(len(event.slots)), 0)
    busy: set[tuple] = set()
    meetings, left_out = [], {}
    for wish in event.wishes:
        for n, slot in enumerate(event.slots):
            there = all(
                party.present is None or any(a <= slot.start and slot.end <= b for a, b in party.present)
                for party in map(event.party, wish.parties)
            )
            free = taken[n] < event.halls[0].tables and not any((party, n) in busy for party in wish.parties)
            if there and free:
                taken[n] += 1
                busy |= {(party, n) for party in wish.parties}
                meetings.append(Meeting(wish.id, n, event.halls[0].id, taken[n]))
                break
        else:
            left_out[wish.id] = "来得晚"
    return Plan(tuple(meetings), left_out)


if __name__ == "__main__":
    main()

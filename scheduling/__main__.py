"""The planner from the command line: `python -m scheduling solve INSTANCE.dzn [--seconds N] [--json]`."""

import argparse
import json
import sys
import time
from collections.abc import Sequence

from scheduling import dzn
from scheduling.errors import TimetableError
from scheduling.event import Event
from scheduling.plan import NoPlan
from scheduling.planner import solve
from scheduling.rules import Rule, absent_slots, words


def main(arguments: Sequence[str] | None = None) -> int:
    """0: a plan, or the proof that there is none; 2: the input cannot be used; 3: neither within the time."""
    options = _parser().parse_args(arguments)
    start = time.monotonic()
    try:
        event = dzn.read(options.instance)
        step = solve(event, seconds=options.seconds, seed=options.seed, progress=None if options.json else _tell)
    except NoPlan as problem:
        print(_infeasible(problem, options.json, time.monotonic() - start))
        return 0
    except TimeoutError as problem:
        print(problem, file=sys.stderr)
        return 3
    except (TimetableError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    if options.json:
        slots = [step.plan.by_wish[wish.id].slot + 1 for wish in event.wishes]
        answer = {"cost": step.figures.gaps, "bound": step.gaps_bound, "proven": step.proven}
        print(json.dumps(answer | {"seconds": round(time.monotonic() - start, 3), "slots": slots}))
    return 0


def _tell(step) -> None:
    end = "，已证明最优" if step.proven else f"，下界 {step.gaps_bound}"
    print(f"{step.seconds:7.2f} 秒  空档 {step.figures.gaps}{end}", flush=True)


def _infeasible(problem: NoPlan, as_json: bool, seconds: float) -> str:
    if not as_json:
        return str(problem)
    conflict = [_numbered(problem.event, rule) for rule in problem.conflict]
    answer = {"infeasible": True, "conflict": conflict, "minimal": problem.minimal}
    return json.dumps(answer | {"seconds": round(seconds, 3), "words": str(problem)}, ensure_ascii=False)


def _numbered(event: Event, rule: Rule) -> dict:
    """A limit of an instance by the numbers of its file; slots counted from 1."""
    if rule.kind == "tables":
        return {"tables": event.halls[0].tables}
    if rule.kind == "order":
        return {"order": list(rule.subject)}
    if rule.kind == "presence":
        party = next(party.id for party in event.parties if f"party {party.id}" == rule.subject)
        return {"participant": party, "absent": [slot + 1 for slot in absent_slots(event, rule.subject)]}
    wish = event.wish(rule.subject)
    numbered = {"meeting": wish.id, "participants": list(wish.parties)}
    if rule.kind == "lock":
        return numbered | {"fixed": next(lock.slot for lock in event.locks if lock.wish == wish.id) + 1}
    if rule.kind == "slots":
        return numbered | {"slots": [slot + 1 for slot in wish.slots or ()]}
    if rule.kind == "hold":
        return numbered
    return numbered | {"limit": words(event, rule)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scheduling", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("solve", help="plan all meetings of an instance with the fewest gaps")
    command.add_argument("instance", metavar="INSTANCE.dzn")
    command.add_argument("--seconds", type=float, default=60.0)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())

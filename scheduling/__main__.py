"""Command line of the solver: `python -m scheduling solve INSTANCE.dzn [--seconds N] [--json]`."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from scheduling import dzn
from scheduling.constraints import Constraint, InfeasibleError, absent_slots, describe
from scheduling.errors import SchedulingError
from scheduling.event import Event
from scheduling.schedule import SolverProgress
from scheduling.solver import solve


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0: a schedule or a proof of infeasibility; 2: invalid input; 3: neither within the time limit."""
    options = _parser().parse_args(arguments)
    start = time.monotonic()
    try:
        event = dzn.read(options.instance)
        progress = solve(
            event, seconds=options.seconds, seed=options.seed, progress=None if options.json else _print_progress
        )
    except InfeasibleError as error:
        print(_infeasible_text(error, options.json, time.monotonic() - start))
        return 0
    except TimeoutError as error:
        print(error, file=sys.stderr)
        return 3
    except (SchedulingError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        slots = [progress.schedule.by_meeting[meeting.id].slot + 1 for meeting in event.meetings]
        answer = {"cost": progress.metrics.gaps, "bound": progress.gaps_bound, "proven": progress.proven}
        print(json.dumps(answer | {"seconds": round(time.monotonic() - start, 3), "slots": slots}))
    return 0


def _print_progress(progress: SolverProgress) -> None:
    end = "，已证明最优" if progress.proven else f"，下界 {progress.gaps_bound}"
    print(f"{progress.seconds:7.2f} 秒  空档 {progress.metrics.gaps}{end}", flush=True)


def _infeasible_text(error: InfeasibleError, as_json: bool, seconds: float) -> str:
    if not as_json:
        return str(error)
    conflict = [_numbered(error.event, constraint) for constraint in error.conflict]
    answer = {"infeasible": True, "conflict": conflict, "minimal": error.minimal}
    return json.dumps(answer | {"seconds": round(seconds, 3), "words": str(error)}, ensure_ascii=False)


def _numbered(event: Event, constraint: Constraint) -> dict[str, Any]:
    """A constraint as JSON with the numbers of the instance file; slots are numbered from 1."""
    if constraint.kind == "tables":
        return {"tables": event.halls[0].tables}
    if constraint.kind == "precedence":
        return {"order": list(constraint.subject)}
    if constraint.kind == "availability":
        party = next(party.id for party in event.parties if f"party {party.id}" == constraint.subject)
        return {"participant": party, "absent": [slot + 1 for slot in absent_slots(event, constraint.subject)]}
    meeting = event.meeting(constraint.subject)
    numbered: dict[str, Any] = {"meeting": meeting.id, "participants": list(meeting.parties)}
    if constraint.kind == "lock":
        return numbered | {"fixed": next(lock.slot for lock in event.locks if lock.meeting == meeting.id) + 1}
    if constraint.kind == "slots":
        return numbered | {"slots": [slot + 1 for slot in meeting.slots or ()]}
    if constraint.kind == "required":
        return numbered
    return numbered | {"limit": describe(event, constraint)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scheduling", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("solve", help="schedule all meetings of an instance with the fewest gaps")
    command.add_argument("instance", metavar="INSTANCE.dzn")
    command.add_argument("--seconds", type=float, default=60.0)
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""Planning of a timetable: queued, solved by a worker, stopped, resumed.

PostgreSQL holds the state and the broker is only a hint: a task may run twice, and the work of a dead worker is started
again.
"""

import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from core.task_queue import enqueue
from rounds.models import DockingRound, Placement, Timetable
from rounds.planning import problems
from rounds.planning.hand_moves import hand_moves_of
from rounds.planning.snapshot import RoundSnapshot, read_snapshot
from rounds.planning.stored_plans import missed_placements, placements_of, save_plan
from scheduling import InfeasibleError, InvalidEventError, SolverProgress, improving_schedules

log = logging.getLogger(__name__)

Status = Timetable.Status
DEFAULT_SECONDS, MAX_SECONDS = 60, 300
"""Default and maximum time limit of the solver."""
DEAD_AFTER = timedelta(seconds=90)
"""A worker without a heartbeat for this long counts as dead."""
HEARTBEAT_SECONDS = 1.0
"""Interval at which the worker checks for a stop request."""
SAVE_INTERVAL_SECONDS = 0.8
"""Minimum interval between saved improvements; the first and the last are always saved."""


@transaction.atomic
def start_planning(
    docking_round: DockingRound,
    *,
    by: User,
    seconds: int = DEFAULT_SECONDS,
    seed: int = 0,
    based_on: Timetable | None = None,
    released: Collection[int] = (),
    serve_first: bool = True,
) -> Timetable:
    """Queue a new version of the timetable; a worker solves it for at most `seconds`.

    Meetings that have begun, and those locked or moved by hand in `based_on` (default: the published version), keep
    their places, those removed by hand stay out, except meetings in `released`. `serve_first`: more parties with a
    meeting come before more weight. Raises PermissionDenied, ValidationError.
    """
    check_city(by)
    row = DockingRound.objects.select_for_update().get(pk=docking_round.pk)
    if row.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束，不能再排期。" % {"round": row})
    if missing := problems.missing_inputs(row):
        raise ValidationError([problem["text"] + "。" for problem in missing])
    if based_on is not None and based_on.docking_round_id != row.pk:
        raise ValidationError("所依据的版本不属于这次活动。")
    base = based_on or row.timetables.published().first()
    timetable = new_version(
        row,
        by=by,
        based_on=base,
        status=Status.SOLVING,
        parameters={
            "seconds": max(1, min(int(seconds), MAX_SECONDS)),
            "seed": int(seed),
            "released": sorted(released),
            "serve_first": serve_first,
        },
    )
    record("开始排期", timetable, by=by)
    transaction.on_commit(partial(send_planning, timetable.pk), robust=True)
    return timetable


def new_version(docking_round: DockingRound, *, by: User | None, **fields: Any) -> Timetable:
    """Create the next version. The caller has locked the round's row, so the numbers are consecutive."""
    number = 1 + (docking_round.timetables.aggregate(most=Max("number"))["most"] or 0)
    try:
        with transaction.atomic():
            return Timetable.objects.create(docking_round=docking_round, number=number, made_by=by, **fields)
    except IntegrityError as error:
        raise ValidationError("这次活动正在排期，请等它完成或先停止。") from error


def send_planning(timetable_id: int) -> bool:
    """Send the version to a worker; if the broker is lost, the sweeper sends it later."""
    is_sent = enqueue("rounds.tasks.run_planning", timetable_id)
    if not is_sent:
        log.warning("timetable %s: broker lost, the sweeper will send it again", timetable_id)
    return is_sent


@transaction.atomic
def stop_planning(timetable: Timetable, *, by: User) -> None:
    """Ask the worker to stop and keep the best plan so far. Raises PermissionDenied, ValidationError."""
    check_city(by)
    transition(
        timetable,
        when={"status": Status.SOLVING},
        values={"stop_asked_at": timezone.now()},
        refusal="这一版已经排完，不需要停止。",
        action="停止排期",
        by=by,
    )


@transaction.atomic
def discard_timetable(timetable: Timetable, *, by: User) -> None:
    """草稿 or 排不出 → 已放弃. Raises PermissionDenied, ValidationError."""
    check_city(by)
    transition(
        timetable,
        when={"status__in": [Status.DRAFT, Status.IMPOSSIBLE]},
        values={"status": Status.DISCARDED},
        refusal=lambda row: (
            "第 %(number)d 版现在是“%(now)s”，不能放弃。" % {"number": row.number, "now": row.get_status_display()}
        ),
        action="放弃排期草稿",
        by=by,
    )


def run_planning(timetable_id: int) -> bool:
    """Solve a queued version and save each improvement. Returns True if this call did the work.

    A second delivery returns at once while the first is alive; the work of a dead worker is started again, and the same
    rows give the same plan.
    """
    if not _claim(timetable_id):
        return False
    timetable = Timetable.objects.select_related("docking_round", "based_on").get(pk=timetable_id)
    base = placements_of(timetable.based_on)
    released = set(timetable.parameters.get("released", ()))
    moves = [move for move in hand_moves_of(timetable.based_on) if move.meeting.pk not in released]
    by_hand = {move.meeting.pk for move in moves if move.place}
    locked = {place.meeting_id for place in base if place.is_locked} - released
    is_running = timetable.docking_round.status == DockingRound.Status.RUNNING
    try:
        snapshot = read_snapshot(
            timetable.docking_round,
            locked=[place for place in base if place.meeting_id not in released],
            kept=by_hand,
            removed={move.meeting.pk for move in moves if not move.place},
            upcoming_only=is_running,
        )
    except InvalidEventError as error:
        _finish(timetable, Status.IMPOSSIBLE, problems=problems.event_problems(error))
        return True
    Timetable.objects.filter(pk=timetable_id).update(event_hash=snapshot.fingerprint)
    carried = missed_placements(base)
    keep = partial(_save_progress, timetable, snapshot, carried=carried, locked=locked, by_hand=by_hand)
    try:
        _solve(timetable, snapshot, keep)
    except InfeasibleError as error:
        _finish(timetable, Status.IMPOSSIBLE, problems=problems.infeasibility_problems(snapshot.event, error))
    except TimeoutError as error:
        _finish(timetable, Status.IMPOSSIBLE, problems=[{"kind": "conflict", "text": str(error), "minimal": False}])
    return True


def _dead(now: datetime) -> Q:
    """A heartbeat far in the future was written by a wrong clock: a process that lives has written since."""
    return Q(heartbeat_at__lt=now - DEAD_AFTER) | Q(heartbeat_at__gt=now + DEAD_AFTER)


def _claim(timetable_id: int) -> bool:
    now = timezone.now()
    free = Q(heartbeat_at=None) | _dead(now)
    return bool(Timetable.objects.solving().filter(free, pk=timetable_id).update(heartbeat_at=now))


def _solve(timetable: Timetable, snapshot: RoundSnapshot, keep: Callable[[SolverProgress], bool]) -> None:
    schedules = improving_schedules(
        snapshot.event,
        seconds=timetable.parameters["seconds"],
        seed=timetable.parameters["seed"],
        stopped=_StopSignal(timetable.pk),
        serve_first=timetable.parameters.get("serve_first", True),
    )
    last, kept_at, unsaved = None, 0.0, False
    for last in schedules:
        unsaved = time.monotonic() - kept_at < SAVE_INTERVAL_SECONDS
        if not unsaved:
            if not keep(last):
                return
            kept_at = time.monotonic()
    if last is None:
        raise TimeoutError("在给定时间内没有得到完整日程，请延长时间后重试。")
    if unsaved and not keep(last):
        return
    _finish(timetable, Status.DRAFT)


class _StopSignal:
    """Whether a stop was requested; each check also writes the worker's heartbeat."""

    def __init__(self, timetable_id: int) -> None:
        self.timetable_id = timetable_id
        self.asked_at, self.answer = time.monotonic(), False

    def __call__(self) -> bool:
        if not self.answer and time.monotonic() - self.asked_at >= HEARTBEAT_SECONDS:
            self.asked_at = time.monotonic()
            going_on = Timetable.objects.solving().filter(pk=self.timetable_id, stop_asked_at=None)
            self.answer = not going_on.update(heartbeat_at=timezone.now())
        return self.answer


def _save_progress(
    timetable: Timetable,
    snapshot: RoundSnapshot,
    step: SolverProgress,
    *,
    carried: list[Placement],
    locked: set[int],
    by_hand: set[int],
) -> bool:
    """Replace the version's rows by a better plan in one transaction; False if it is no longer being planned."""
    with transaction.atomic():
        row = Timetable.objects.select_for_update().solving().filter(pk=timetable.pk).first()
        if row is None:
            return False
        save_plan(row, snapshot, step.schedule, carried=carried, locked=locked, by_hand=by_hand)
        row.best = progress_of(step, snapshot)
        row.heartbeat_at = timezone.now()
        row.save(update_fields=["best", "heartbeat_at"])
    return True


def progress_of(step: SolverProgress, snapshot: RoundSnapshot) -> dict[str, Any]:
    """Return what the page shows of a plan: its values and their upper bounds."""
    got = step.metrics
    return {
        "served": got.served,
        "served_bound": step.served_bound,
        "weight": round(got.weight, 1),
        "weight_bound": round(step.weight_bound, 1),
        "gaps": got.gaps,
        "gaps_bound": step.gaps_bound,
        "moves": got.moves,
        "placed": len(step.schedule.assignments),
        "wanted": len(snapshot.event.meetings) + len(snapshot.excluded),
        "proven": step.proven,
        "outlook": {name: [plan.served, round(plan.weight, 1), plan.meetings] for name, plan in step.outlook.items()},
        "seconds": step.seconds,
        "stage": step.stage,
    }


def _finish(timetable: Timetable, status: str, *, problems: list[dict[str, Any]] | None = None) -> None:
    with transaction.atomic():
        ended = Timetable.objects.solving().filter(pk=timetable.pk).update(status=status, problems=problems or [])
        if ended:
            timetable.refresh_from_db()
            record("排期完成" if status == Status.DRAFT else "排不出日程", timetable, by=None)


def sweep_plannings() -> int:
    """Send versions again that no worker works on; return how many."""
    now = timezone.now()
    waiting = Q(heartbeat_at=None) & (Q(made_at__lt=now - timedelta(seconds=30)) | Q(made_at__gt=now + DEAD_AFTER))
    lost = Timetable.objects.solving().filter(_dead(now) | waiting)
    return sum(send_planning(pk) for pk in list(lost.values_list("pk", flat=True)))


def check_city(by: User | None) -> None:
    if by is not None and not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以排期和发布日程。")

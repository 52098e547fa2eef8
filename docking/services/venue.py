"""Where and when people sit down: turns of a day made in one go, the ways between the halls."""

from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import record
from docking.models import DockingRound, HallWalk, Slot
from docking.services.rounds import check_city
from docking.slots import breaks_of, turns

MOST_MINUTES = 120


@transaction.atomic
def make_slots(
    docking_round: DockingRound, *, day: date, begin: time, end: time, length: int, pause: int, breaks: str, by
) -> list[Slot]:
    """The turns of one day in place of those it had. `breaks` as people write them: 10:30-10:45、12:00-13:30.

    Refused where a timetable already uses a turn of that day: its meetings would lose their time. Raises
    PermissionDenied, ValidationError.
    """
    check_city(by)
    row = open_for_changes(docking_round)
    at = lambda clock: timezone.make_aware(datetime.combine(day, clock))  # noqa: E731
    spans = turns(
        at(begin),
        at(end),
        length=length,
        pause=pause,
        breaks=[(at(start), at(stop)) for start, stop in breaks_of(breaks)],
    )
    if spans[0][0] < row.starts_at or spans[-1][1] > row.ends_at:
        raise ValidationError(
            _("洽谈时段要在活动时间（%(from)s 至 %(to)s）之内，请改时段或先改活动时间。")
            % {
                "from": timezone.localtime(row.starts_at).strftime("%Y-%m-%d %H:%M"),
                "to": timezone.localtime(row.ends_at).strftime("%Y-%m-%d %H:%M"),
            }
        )
    old = row.slots.filter(starts_at__date=day)
    if old.filter(placements__isnull=False).exists():
        raise ValidationError(_("这一天的时段已经排了洽谈，不能重新生成。需要增减时段请在下面逐个修改，再改期重排。"))
    before = old.count()
    old.delete()
    made = Slot.objects.bulk_create([Slot(docking_round=row, starts_at=start, ends_at=stop) for start, stop in spans])
    record(_("生成洽谈时段"), row, by=by, changes={"slots": [before, len(made)], "day": [None, str(day)]})
    return made


@transaction.atomic
def keep_walks(docking_round: DockingRound, minutes: dict[tuple[int, int], int | None], *, by) -> None:
    """Minutes on foot between two halls, by the pair of their ids; None or 0 takes a way away."""
    check_city(by)
    row = open_for_changes(docking_round)
    halls = set(row.halls.values_list("pk", flat=True))
    for pair, number in minutes.items():
        one, other = sorted(pair)
        if one == other or not {one, other} <= halls:
            raise ValidationError(_("步行时间应在本次活动的两个不同场地之间。"))
        if not number:
            HallWalk.objects.filter(one=one, other=other).delete()
            continue
        if not 1 <= number <= MOST_MINUTES:
            raise ValidationError(_("步行时间应在 1 到 %d 分钟之间。") % MOST_MINUTES)
        HallWalk.objects.update_or_create(one_id=one, other_id=other, defaults={"minutes": number})
    words = [f"{walk.one} – {walk.other}：{walk.minutes}" for walk in walks_of(row)]
    record(_("修改步行时间"), row, by=by, changes={"walks": [None, words]})


def walks_of(docking_round: DockingRound):
    return HallWalk.objects.filter(one__docking_round=docking_round).select_related("one", "other").order_by("pk")


def open_for_changes(docking_round: DockingRound) -> DockingRound:
    """The round's row, locked. Raises ValidationError once it is over: what was held is history."""
    row = DockingRound.objects.select_for_update(of=["self"]).get(pk=docking_round.pk)
    if row.status not in DockingRound.OPEN:
        raise ValidationError(_("“%s”已经结束，不能再改。") % row)
    return row

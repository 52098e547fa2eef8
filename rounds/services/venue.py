"""Venue of a round: meeting slots of a day and walking times between halls."""

from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.services import record
from rounds.models import DockingRound, Hall, HallWalk, Placement, Slot, Timetable
from rounds.planning.changes import place_text
from rounds.services.rounds import check_city
from rounds.slots import generate_slots, parse_breaks

MAX_WALKING_MINUTES = 120
MAX_NAMED = 3


@transaction.atomic
def make_slots(
    docking_round: DockingRound, *, day: date, begin: time, end: time, length: int, pause: int, breaks: str, by: User
) -> list[Slot]:
    """Replace the meeting slots of one day. `breaks` as text: 10:30-10:45、12:00-13:30.

    Refused if a timetable uses a slot of that day. Raises PermissionDenied, ValidationError.
    """
    check_city(by)
    row = lock_open_round(docking_round)

    def at(clock: time) -> datetime:
        return timezone.make_aware(datetime.combine(day, clock))

    spans = generate_slots(
        at(begin),
        at(end),
        length=length,
        pause=pause,
        breaks=[(at(start), at(stop)) for start, stop in parse_breaks(breaks)],
    )
    if spans[0][0] < row.starts_at or spans[-1][1] > row.ends_at:
        raise ValidationError(
            "洽谈时段要在活动时间（%(from)s 至 %(to)s）之内，请改时段或先改活动时间。"
            % {
                "from": timezone.localtime(row.starts_at).strftime("%Y-%m-%d %H:%M"),
                "to": timezone.localtime(row.ends_at).strftime("%Y-%m-%d %H:%M"),
            }
        )
    old = row.slots.filter(starts_at__date=day)
    if old.filter(placements__isnull=False).exists():
        used = list(_used_placements(row).filter(slot__in=old)) if plan_in_force(row) else []
        raise ValidationError(
            "这一天的时段已经排了洽谈%(which)s，不能重新生成。需要增加时段请在“修改场地和时段”里逐个添加，再重新排期。"
            % {"which": f"（{_placement_names(used)}）" if used else ""}
        )
    before = old.count()
    old.delete()
    made = Slot.objects.bulk_create([Slot(docking_round=row, starts_at=start, ends_at=stop) for start, stop in spans])
    record("生成洽谈时段", row, by=by, changes={"slots": [before, len(made)], "day": [None, str(day)]})
    return made


def check_hall(hall: Hall) -> None:
    """Raise ValidationError if the hall's reduced number of tables would remove tables that the timetable in force
    uses; the message names the meetings and how to move them. Call it while the round is locked."""
    plan = plan_in_force(hall.docking_round)
    used = list(_used_placements(hall.docking_round).filter(hall=hall, table__gt=hall.tables))
    if plan is None or not used:
        return
    values = {"hall": hall.name, "tables": hall.tables, "number": plan.number, "which": _placement_names(used)}
    if plan.status == Timetable.Status.PUBLISHED:
        words = (
            "“%(hall)s”不能减到 %(tables)d 张桌：已发布的第 %(number)d 版日程里，要减掉的桌上还有%(which)s。"
            "请先到洽谈日程页点“现场有变化”，选“一张桌不能用”或“一个场地不能用”，重排并发布后再来减。"
        )
    else:
        words = (
            "“%(hall)s”不能减到 %(tables)d 张桌：第 %(number)d 版草稿里，要减掉的桌上还有%(which)s。"
            "请先在洽谈日程页移开它们或放弃这一版，再来减。"
        )
    raise ValidationError(words % values)


def check_slot(slot: Slot) -> None:
    """Raise ValidationError if a changed slot has meetings in the timetable in force; the message names them. Call it
    while the round is locked."""
    was = Slot.objects.get(pk=slot.pk)
    if (was.starts_at, was.ends_at) == (slot.starts_at, slot.ends_at):
        return
    plan = plan_in_force(slot.docking_round)
    used = list(_used_placements(slot.docking_round).filter(slot=slot))
    if plan is None or not used:
        return
    values = {"slot": was, "number": plan.number, "which": _placement_names(used)}
    if plan.status == Timetable.Status.PUBLISHED:
        words = (
            "%(slot)s 这个时段不能改时间：已发布的第 %(number)d 版日程里有%(which)s，双方已收到通知。"
            "请另加一个时段，到洽谈日程页重新排期并发布；这个时段空出来以后就能改。"
        )
    else:
        words = "%(slot)s 这个时段不能改时间：第 %(number)d 版草稿里有%(which)s。请先在洽谈日程页放弃这一版，改完再排。"
    raise ValidationError(words % values)


def plan_in_force(docking_round: DockingRound) -> Timetable | None:
    """Return the published timetable, else the newest draft."""
    drafts = docking_round.timetables.filter(status=Timetable.Status.DRAFT).order_by("-number")
    return docking_round.timetables.published().first() or drafts.first()


def _used_placements(docking_round: DockingRound) -> QuerySet[Placement]:
    """Placements of the timetable in force by time, with the names of both sides."""
    return (
        Placement.objects.filter(timetable=plan_in_force(docking_round))
        .exclude(meeting__status="dropped")
        .select_related("slot", "hall", "meeting__firm_party__organisation", "meeting__institution_party__organisation")
        .order_by("slot__starts_at", "hall__order", "table")
    )


def _placement_names(places: list[Placement]) -> str:
    """“13:30 一号厅 3 号桌 甲公司 × 甲大学、……等 5 场洽谈”."""
    names = "、".join(f"{place_text(place)} {place.meeting}" for place in places[:MAX_NAMED])
    return " %(names)s%(etc)s %(count)d 场洽谈" % {
        "names": names,
        "etc": "等" if len(places) > MAX_NAMED else "，共",
        "count": len(places),
    }


@transaction.atomic
def save_walking_times(docking_round: DockingRound, minutes: dict[tuple[int, int], int | None], *, by: User) -> None:
    """Set minutes on foot between two halls by the pair of their ids; None or 0 removes a pair."""
    check_city(by)
    row = lock_open_round(docking_round)
    halls = set(row.halls.values_list("pk", flat=True))
    for pair, number in minutes.items():
        first, other = sorted(pair)
        if first == other or not {first, other} <= halls:
            raise ValidationError("步行时间应在本次活动的两个不同场地之间。")
        if not number:
            HallWalk.objects.filter(hall=first, other_hall=other).delete()
            continue
        if not 1 <= number <= MAX_WALKING_MINUTES:
            raise ValidationError("步行时间应在 1 到 %d 分钟之间。" % MAX_WALKING_MINUTES)
        HallWalk.objects.update_or_create(hall_id=first, other_hall_id=other, defaults={"minutes": number})
    words = [f"{walk.hall} – {walk.other_hall}：{walk.minutes}" for walk in walking_times(row)]
    record("修改步行时间", row, by=by, changes={"walks": [None, words]})


def walking_times(docking_round: DockingRound) -> QuerySet[HallWalk]:
    return (
        HallWalk.objects.filter(hall__docking_round=docking_round).select_related("hall", "other_hall").order_by("pk")
    )


def lock_open_round(docking_round: DockingRound) -> DockingRound:
    """Return the round's row, locked. Raises ValidationError if the round is over."""
    row = DockingRound.objects.select_for_update(of=["self"]).get(pk=docking_round.pk)
    if row.status not in DockingRound.OPEN:
        raise ValidationError("“%s”已经结束，不能再改。" % row)
    return row

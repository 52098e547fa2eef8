"""Ways out of an impossible plan: staff adopt one, and planning starts again with it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.timezone import localtime

from accounts.models import User
from audit.services import record
from notices.texts.writing import TextWriter
from rounds.models import Hall, Meeting, MeetingOrder, Party, Timetable
from rounds.services.answer_messages import answer_text, send_answer_texts
from rounds.services.meeting_orders import lift_order
from rounds.services.meetings import set_priority
from rounds.services.timetables import check_city, start_planning
from rounds.services.venue import check_hall, lock_open_round

type WayOut = dict[str, Any]
GONE = "这条改法对应的内容已经变了，请重新排期后再选。"


@transaction.atomic
def adopt_relaxation(timetable: Timetable, number: int, *, by: User) -> Timetable:
    """Apply the way out with this position in `problems` and plan again from the same base. Returns the new version.

    Raises PermissionDenied, ValidationError if the version has no such way out or what it changes is gone.
    """
    check_city(by)
    docking_round = lock_open_round(timetable.docking_round)
    row = Timetable.objects.select_related("based_on").get(pk=timetable.pk)
    problems = row.problems if row.status == Timetable.Status.IMPOSSIBLE else []
    way = problems[number].get("adopt") if 0 <= number < len(problems) else None
    if way is None:
        raise ValidationError("没有这条改法，请刷新页面后再选。")
    released = set(row.parameters.get("released", ()))
    for step in way["ways"] if way["kind"] == "several" else [way]:
        if step["kind"] == "lock":
            released.add(step["meeting"])
        else:
            ADOPTION[step["kind"]](row, step, by)
    record("采用放宽", row, by=by, changes={"relaxation": [None, problems[number]["text"][:200]]})
    return start_planning(
        docking_round,
        by=by,
        seconds=row.parameters.get("seconds", 0),
        seed=row.parameters.get("seed", 0),
        based_on=row.based_on,
        released=released,
        serve_first=row.parameters.get("serve_first", True),
    )


def _make_optional(row: Timetable, way: WayOut, by: User) -> None:
    meeting = Meeting.objects.filter(docking_round=row.docking_round_id, pk=way["meeting"]).first()
    if meeting is None:
        raise ValidationError(GONE)
    set_priority(meeting, priority=meeting.priority, is_must=False, by=by)


def _lift_order(row: Timetable, way: WayOut, by: User) -> None:
    orders = MeetingOrder.objects.active().of_round(row.docking_round)
    order = orders.filter(before=way["before"], after=way["after"]).first()
    if order is None:
        raise ValidationError(GONE)
    lift_order(order, by=by)


def _add_tables(row: Timetable, way: WayOut, by: User) -> None:
    hall = Hall.objects.filter(docking_round=row.docking_round_id, pk=way["hall"]).first()
    if hall is None:
        raise ValidationError(GONE)
    before, hall.tables = hall.tables, hall.tables + way["more"]
    hall.clean_fields(exclude=["docking_round"])
    check_hall(hall)
    hall.save(update_fields=["tables"])
    record("增加洽谈桌", hall, by=by, changes={"tables": [before, hall.tables]})


def _raise_limit(row: Timetable, way: WayOut, by: User) -> None:
    party = _party(row, way)
    _change_party(party, by, most_meetings=way["most"])


def _lift_absence(row: Timetable, way: WayOut, by: User) -> None:
    party = _party(row, way)
    if party.absent_at or party.aways.exists():
        raise ValidationError("“%s”已在现场记为不在，请先在现场页恢复到场。" % party)
    _change_party(party, by, arrives_at=None, leaves_at=None)


def _party(row: Timetable, way: WayOut) -> Party:
    party = Party.objects.coming().filter(docking_round=row.docking_round_id, pk=way["party"]).first()
    if party is None:
        raise ValidationError(GONE)
    return party


def _change_party(party: Party, by: User, **columns: Any) -> None:
    """Change what the party answered; staff have agreed it with the party, which is told of it."""
    before = {name: getattr(party, name) for name in columns}
    Party.objects.filter(pk=party.pk).update(**columns, revision=F("revision") + 1)
    changes = {name: [_text(before[name]), _text(value)] for name, value in columns.items()}
    record("与单位商定到场条件", party, by=by, changes=changes)
    party.refresh_from_db()
    _tell_party(party, by)


def _tell_party(party: Party, by: User) -> None:
    """The party had answered otherwise: it reads what now counts, and can still answer anew."""
    most = "最多洽谈 %d 场" % party.most_meetings if party.most_meetings else "洽谈场数不限"
    agreed = {"商定": f"{_presence(party)}，{most}"}
    text = answer_text(TextWriter("rounds.agreed"), party, agreed, topic="agreed", version=party.revision)
    send_answer_texts({party: text}, by=by)


def _presence(party: Party) -> str:
    times = [
        f"{localtime(moment):%H:%M} {word}"
        for moment, word in ((party.arrives_at, "到场"), (party.leaves_at, "离场"))
        if moment
    ]
    return "、".join(times) or "全程在场"


def _text(value: object) -> object:
    return value if value is None or isinstance(value, int) else str(value)


ADOPTION: dict[str, Callable[[Timetable, WayOut, User], None]] = {
    "required": _make_optional,
    "precedence": _lift_order,
    "tables": _add_tables,
    "max_meetings": _raise_limit,
    "availability": _lift_absence,
}

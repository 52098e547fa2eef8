"""What became of each planned meeting. Report, checklists and overview all count by these rules.

A planned meeting has exactly one fate, because one CASE with a default assigns it: therefore
planned = held + not held + cancelled, whatever the staff recorded or forgot to record.
"""

from django.db.models import Case, CharField, Exists, F, Min, OuterRef, Q, TextChoices, Value, When
from django.utils import timezone

from rounds.models import Attendee, DockingRound, Meeting, Party, Placement, Timetable

Status = Meeting.Status


class Fate(TextChoices):
    """The value is the key of the report's figure."""

    HELD = "planned_held", "如期举行"
    UNFINISHED = "unfinished", "已开始，没有记录结束"
    ABSENT = "side_absent", "一方没有到场"
    MISSED = "missed", "未能进行"
    PENDING = "pending", "还没有到时间"
    UNRECORDED = "unrecorded", "未举行（没有记录）"
    LEFT_OUT = "left_out", "改期后没有再安排"
    CANCELLED = "cancelled", "已取消"


TOOK_PLACE = (Fate.HELD, Fate.UNFINISHED)
NOT_HELD = (Fate.ABSENT, Fate.MISSED, Fate.UNRECORDED)
CALLED_OFF = (Fate.LEFT_OUT, Fate.CANCELLED)
REASONS: dict[str, str] = {
    Fate.UNFINISHED: "记录了开始，没有记录结束",
    Fate.ABSENT: "至少一方记为未到",
    Fate.MISSED: "双方都没有记为未到，洽谈桌记为“没有进行”",
    Fate.PENDING: "活动还在进行，时段还没有结束",
    Fate.UNRECORDED: "双方都没有记为未到，洽谈桌也没有记录开始",
    Fate.LEFT_OUT: "发布过时间，后来的日程里没有再安排",
    Fate.CANCELLED: "发布之后取消，原因见各场记录",
}


def with_fate(meetings):
    """Annotate `is_planned`: whether a published timetable, the present or an earlier one, had a place for the meeting;
    and `fate`, which says what became of it, planned or not."""
    placed = Placement.objects.filter(meeting=OuterRef("pk"))
    present = placed.filter(timetable__status=Timetable.Status.PUBLISHED)
    is_absent = Q(firm_party__absent_at__isnull=False) | Q(institution_party__absent_at__isnull=False)
    return meetings.annotate(
        is_planned=Exists(placed.filter(timetable__status__in=Timetable.PUBLIC)),
        is_placed=Exists(present),
        is_still_to_come=Exists(present.filter(slot__ends_at__gt=timezone.now())),
    ).annotate(
        fate=Case(
            When(status=Status.HELD, then=Value(Fate.HELD)),
            When(status=Status.BEGUN, then=Value(Fate.UNFINISHED)),
            When(status=Status.DROPPED, then=Value(Fate.CANCELLED)),
            When(is_absent, then=Value(Fate.ABSENT)),
            When(status=Status.MISSED, then=Value(Fate.MISSED)),
            When(is_placed=False, then=Value(Fate.LEFT_OUT)),
            When(docking_round__status__in=DockingRound.OPEN, is_still_to_come=True, then=Value(Fate.PENDING)),
            default=Value(Fate.UNRECORDED),
            output_field=CharField(),
        )
    )


def planned_by_fate(docking_round: DockingRound) -> dict[str, int]:
    """Return {fate: number of planned meetings}, every fate included."""
    counts = dict.fromkeys(Fate.values, 0)
    rows = with_fate(Meeting.objects.filter(docking_round=docking_round)).filter(is_planned=True).order_by()
    for fate in rows.values_list("fate", flat=True):
        counts[fate] += 1
    return counts


def with_arrival(parties):
    """Annotate whether a party has come, and whether it had confirmed before it came.

    A party with a meeting in progress or held has come, even if nobody checked it in. Who comes without an answer is
    recorded as coming at that moment (`services.check_in`): its answer is not earlier than its first check-in.
    """
    signed_in = Attendee.objects.filter(party=OuterRef("pk"), checked_in_at__isnull=False)
    first = signed_in.order_by().values("party").annotate(first=Min("checked_in_at")).values("first")
    sat_down = Meeting.objects.filter(status__in=Meeting.SAT_DOWN)
    met = Exists(sat_down.filter(Q(firm_party=OuterRef("pk")) | Q(institution_party=OuterRef("pk"))))
    return parties.annotate(has_signed_in=Exists(signed_in), first_check_in=first[:1]).annotate(
        has_come=Q(has_signed_in=True) | Q(met),
        has_confirmed=Case(
            When(~Q(answer=Party.Answer.COMING) | Q(is_walk_in=True), then=Value(False)),
            When(first_check_in__isnull=False, answered_at__gte=F("first_check_in"), then=Value(False)),
            default=Value(True),
        ),
    )

"""Talks that both sides have accepted after a version was planned: placed in its free places, without a new plan."""

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts.models import User
from rounds.models import Meeting, Party, Timetable
from rounds.planning.snapshot import NOT_ACCEPTED
from rounds.services.unserved_parties import FilledPlaces, fill_free_places

WHY = "补排双方已接受的洽谈"


def accepted_talks(timetable: Timetable) -> QuerySet[Meeting]:
    """Wanted meetings of two present parties that both sides accept and that this version neither places nor leaves
    out for another reason than the missing word of a side."""
    asked, coming = Meeting.Word.ASKED, Party.Answer.COMING
    known = timetable.left_out.exclude(reason__endswith=NOT_ACCEPTED).values("meeting")
    return (
        Meeting.objects.filter(docking_round=timetable.docking_round_id, status=Meeting.Status.WANTED)
        .exclude(Q(firm_word=asked) | Q(institution_word=asked))
        .filter(firm_party__answer=coming, institution_party__answer=coming)
        .filter(firm_party__absent_at=None, institution_party__absent_at=None)
        .exclude(pk__in=timetable.placements.values("meeting"))
        .exclude(pk__in=known)
        .select_related("firm_party__organisation", "institution_party__organisation")
        .order_by("-is_must", "-priority", "pk")
    )


def place_accepted_talks(timetable: Timetable, public_id: str = "", *, by: User) -> tuple[int, FilledPlaces]:
    """Place all accepted talks, or one. Returns how many were to be placed, and the draft. Raises PermissionDenied,
    ValidationError."""
    talks = accepted_talks(timetable)
    chosen = list(talks.filter(public_id=public_id) if public_id else talks)
    if not chosen:
        raise ValidationError("没有双方都接受、还没有安排的洽谈，请刷新页面。")
    return len(chosen), fill_free_places(timetable, chosen, by=by, why=WHY)

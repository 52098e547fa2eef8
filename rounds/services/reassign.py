"""Reassign the place of an absent party to another meeting: creates a draft to be checked and published."""

from django.core.exceptions import ValidationError

from accounts.models import User
from rounds.day.tables import is_given_up
from rounds.models import Meeting, Placement, Timetable
from rounds.planning.changes import place_text
from rounds.services.meeting_moves import move_meeting
from rounds.services.replanning import NoShow, replan
from rounds.services.timetables import check_city


def reassign_place(place: Placement, meeting: Meeting, *, by: User) -> tuple[Timetable, str]:
    """Repair the published timetable without the absent side of `place` and put `meeting` there. Returns the draft and
    a sentence that says where the meeting is, or why it could not be placed.

    Raises PermissionDenied, ValidationError if no side is absent or nothing is published.
    """
    check_city(by)
    sides = (place.meeting.firm_party, place.meeting.institution_party)
    absent = next((party for party in sides if party.absent_at), None)
    if absent is None or not is_given_up(place):
        raise ValidationError("“%(meeting)s”的双方都没有记为未到，位置没有空出来。" % {"meeting": place.meeting})
    if meeting.docking_round_id != absent.docking_round_id:
        raise ValidationError("这场洽谈不属于这次活动。")
    draft = replan(meeting.docking_round, NoShow(absent), by=by)
    if draft is None:
        raise ValidationError("日程刚被改动，请刷新后再试。")
    values = {"meeting": meeting, "place": place_text(place), "number": draft.number}
    there = draft.placements.select_related("slot", "hall").filter(meeting=meeting).first()
    if there is not None:
        values["place"] = place_text(there)
        return draft, "第 %(number)d 版草稿已把“%(meeting)s”排在 %(place)s。" % values
    try:
        draft = move_meeting(
            draft, meeting, slot=place.slot, hall=place.hall, table=place.table, revision=draft.revision, by=by
        )
    except ValidationError as refusal:
        values["why"] = "".join(refusal.messages)
        return draft, "已按未到改期，但“%(meeting)s”没能换到 %(place)s：%(why)s" % values
    return draft, "第 %(number)d 版草稿：%(place)s换上“%(meeting)s”。核对变化后发布，只通知有变化的单位。" % values

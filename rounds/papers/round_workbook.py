"""All data of a round in one workbook: guests, agenda, meetings with place and time, outcomes.

Names are masked, notes of outcomes are left out, each sheet carries the reader's name, and the export is audited.
"""

from collections.abc import Iterator

from django.utils import timezone

from accounts.models import User
from audit.exports import watermark
from audit.services import record
from core.masking import mask_name
from rounds.models import AgendaItem, DockingRound, Meeting, Outcome, Party, Placement
from rounds.papers.content import meeting_topic
from sheets.writing import write_sheets

PARTIES = (
    *("单位", "团队", "参会方", "区市县", "答复", "邀请时间", "答复时间", "到场", "离场", "最多洽谈场数", "参会人员"),
    "未到",
)
AGENDA = ("类型", "内容", "场地", "开始", "结束", "发言人", "应到单位", "公开", "取消原因")
MEETINGS = ("企业", "院校", "洽谈内容", "来源", "优先级", "状态", "时段", "场地", "桌号", "取消原因")
OUTCOMES = (
    *("企业", "院校", "洽谈内容", "记录方", "结果", "原因", "下一步", "下次联系"),
    *("意向金额（万元）", "当场签约"),
)


def export_round(docking_round: DockingRound, *, by: User) -> bytes:
    """Return an .xlsx with the rows of the round that `by` may see."""
    sheets = [
        ("参会单位", PARTIES, list(_parties(docking_round, by))),
        ("议程", AGENDA, list(_agenda(docking_round, by))),
        ("洽谈", MEETINGS, list(_meetings(docking_round, by))),
        ("洽谈结果", OUTCOMES, list(_outcomes(docking_round, by))),
    ]
    record("导出对接活动", docking_round, by=by, changes={"rows": [None, sum(len(rows) for _t, _h, rows in sheets)]})
    return write_sheets(sheets, watermark=watermark(by), notes=[docking_round.name])


def _parties(docking_round: DockingRound, by: User) -> Iterator[tuple]:
    parties = Party.objects.managed_by(by).filter(docking_round=docking_round)
    for party in parties.select_related("organisation__stat_region").prefetch_related("attendees"):
        yield (
            party.organisation.name,
            party.team,
            party.get_side_display(),
            str(party.organisation.stat_region or ""),
            party.get_answer_display(),
            *(_local(at) for at in (party.invited_at, party.answered_at, party.arrives_at, party.leaves_at)),
            party.most_meetings,
            [f"{mask_name(attendee.name)} {attendee.position}".strip() for attendee in party.attendees.all()],
            _local(party.absent_at),
        )


def _agenda(docking_round: DockingRound, by: User) -> Iterator[tuple]:
    for item in AgendaItem.objects.visible_to(by).filter(docking_round=docking_round).with_people():
        yield (
            item.get_kind_display(),
            item.title,
            item.hall.name if item.hall else "",
            _local(item.starts_at),
            _local(item.ends_at),
            item.speaker_names,
            [str(party) for party in item.parties.all()],
            item.is_public,
            item.dropped_reason,
        )


def _meetings(docking_round: DockingRound, by: User) -> Iterator[tuple]:
    placed = Placement.objects.filter(timetable__docking_round=docking_round, timetable__status="published")
    where = {place.meeting_id: place for place in placed.select_related("slot", "hall")}
    for meeting in _of(Meeting.objects.managed_by(by).filter(docking_round=docking_round)):
        place = where.get(meeting.pk)
        yield (
            meeting.firm_party.full_name,
            meeting.institution_party.full_name,
            meeting_topic(meeting),
            meeting.get_origin_display(),
            meeting.priority,
            meeting.get_status_display(),
            str(place.slot) if place else "",
            place.hall.name if place else "",
            place.table if place else None,
            meeting.dropped_reason,
        )


def _outcomes(docking_round: DockingRound, by: User) -> Iterator[tuple]:
    meetings = {
        meeting.pk: meeting for meeting in _of(Meeting.objects.managed_by(by).filter(docking_round=docking_round))
    }
    for outcome in Outcome.objects.filter(meeting__in=meetings.keys()).order_by("meeting", "side"):
        meeting = meetings[outcome.meeting_id]
        yield (
            meeting.firm_party.full_name,
            meeting.institution_party.full_name,
            meeting_topic(meeting),
            outcome.get_side_display(),
            outcome.get_verdict_display(),
            outcome.get_reason_display(),
            outcome.next_step,
            outcome.next_on,
            outcome.intent_wan,
            outcome.is_signed,
        )


def _of(meetings):
    return meetings.select_related(
        "firm_party__organisation", "institution_party__organisation", "match__achievement"
    ).order_by("pk")


def _local(at):
    return timezone.localtime(at) if at else None

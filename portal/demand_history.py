"""What has happened to a demand, in plain sentences for its firm: from the audit trail, matches, talks and deals.

Officers are shown by their office, not by name. Steps that only the platform's staff need are left out.
"""

from dataclasses import dataclass
from datetime import datetime, time

from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone

from accounts.models import Membership, Role, User
from accounts.names import name_for
from audit.models import AuditRecord
from audit.revisions import field_label
from deals.models import Deal
from demands.models import Demand
from demands.services.review_deadlines import REMINDER
from enquiries.models import Approach
from matching.models import FollowUp, FollowUpCheck, Match
from rounds.models import Meeting

MOST_AUDIT_RECORDS = 500


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """`who` did it: a colleague by name, an office, or 系统. `note`: a reason, or what was changed."""

    at: datetime
    text: str
    who: str = ""
    note: str = ""
    follow_up: str = ""
    """Public id of the follow-up whose page tells more."""


SENTENCES = {
    "填报需求": "填报了需求",
    "导入需求": "用表格导入了需求",
    "新建": "填报了需求",
    "修改需求": "修改了内容",
    "修改": "修改了内容",
    "提交初审": "提交初审",
    "撤回提交": "撤回了提交",
    "退回": "退回修改",
    "退回企业确认": "退回企业确认匿名发布",
    "确认匿名发布的风险": "确认匿名发布",
    "进入诊断": "开始需求诊断",
    "转需求诊断": "转回需求诊断，暂不公开",
    "初审通过并发布": "初审通过并发布",
    "提交修改待审": "提交了修改，等区县核对",
    "批准修改": "批准了修改，公开的内容已更新",
    "退回修改": "退回了修改，公开的仍是原文",
    "撤回修改": "撤回了修改",
    "延长有效期": "延长了有效期",
    "暂停": "暂停，不公开也不参与匹配",
    "恢复": "恢复公开",
    "开始对接": "开始对接",
    "转长期跟踪": "转为长期跟踪",
    "转揭榜挂帅": "转为揭榜挂帅",
    "恢复原来的状态": "恢复原来的状态",
    "标为已解决": "标为已解决",
    "撤回已解决": "撤回“已解决”",
    "关闭": "关闭了需求",
    "重新打开": "重新打开，回到草稿",
    "改名后遮盖新名称": "单位改名后，遮盖了文字里的新名称",
    "改名后暂停公开": "单位改名后，暂停公开",
    "上传需求附件": "上传了附件",
    "移除需求附件": "移除了附件",
    "签署保密协议": "签署了保密协议",
    "上传保密协议": "上传了保密协议",
    REMINDER: "已过处理期限，提醒了区县",
}
"""Audit action of a demand → what its firm reads."""
EXTRA_LABELS = {"demandindicator": "技术指标"}
MANDATE = "mandate"
WITH_CHANGES = ("修改需求", "修改", "批准修改")


def history_of(demand: Demand, reader: User) -> list[HistoryEvent]:
    """Newest first. The caller has checked that the reader is of the firm. About ten queries."""
    events = [
        *_audited(demand),
        *_matched(demand, reader),
        *_talked(demand, reader),
        *_dealt(demand, reader),
        *_approached(demand, reader),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def edits_of(demand: Demand) -> list[HistoryEvent]:
    """What was done to the text and the status of a demand, for the firm's agent. Newest first."""
    return sorted(_audited(demand), key=lambda event: event.at, reverse=True)


def _audited(demand: Demand) -> list[HistoryEvent]:
    rows = list(
        AuditRecord.objects.filter(object_type="demands.demand", object_id=str(demand.pk), action__in=SENTENCES)[
            :MOST_AUDIT_RECORDS
        ]
    )
    who = _actors(demand, rows)
    return [HistoryEvent(row.at, SENTENCES[row.action], _who(row, who), _note(row)) for row in rows]


def _who(row: AuditRecord, names: dict[int, str]) -> str:
    """系统, a colleague, an office, or the agent, who is named: 刘洋（受托）."""
    if row.actor_id is None:
        return "系统"
    return f"{row.actor_name}（受托）" if MANDATE in row.changes else names[row.actor_id]


def _actors(demand: Demand, rows: list[AuditRecord]) -> dict[int, str]:
    """{user: a colleague's name, or the office of staff}."""
    names = {row.actor_id: row.actor_name for row in rows if row.actor_id}
    colleagues, offices = set(), {}
    for user, role, organisation, name in Membership.objects.filter(user__in=names).values_list(
        "user_id", "role", "organisation_id", "organisation__name"
    ):
        if organisation == demand.firm_id:
            colleagues.add(user)
        elif role in (Role.DISTRICT, Role.CITY):
            offices[user] = name
    return {user: name if user in colleagues else offices.get(user, "工作人员") for user, name in names.items()}


def _note(row: AuditRecord) -> str:
    changes = row.changes
    if row.action in WITH_CHANGES:
        return "、".join(_label(name) for name in changes if name not in ("status", MANDATE))
    for name in ("reason", "fields", "file", "expires_on"):
        if name in changes and (value := changes[name][1]):
            return "、".join(value) if isinstance(value, list) else str(value)
    return ""


def _label(name: str) -> str:
    try:
        return EXTRA_LABELS.get(name) or field_label(Demand, name)
    except FieldDoesNotExist:  # a field of an earlier version
        return name


def _matched(demand: Demand, reader: User) -> list[HistoryEvent]:
    accepted = Match.objects.visible_to(reader).accepted().filter(demand=demand, reviewed_at__isnull=False)
    return [
        HistoryEvent(match.reviewed_at, "采纳了一项匹配", "区县", _achievement(match))
        for match in accepted.select_related("achievement__institution")
        if match.reviewed_at
    ]


def _talked(demand: Demand, reader: User) -> list[HistoryEvent]:
    events = []
    follow_ups = FollowUp.objects.visible_to(reader).not_withdrawn().filter(match__demand=demand)
    for row in follow_ups.select_related("match__achievement__institution"):
        url = row.public_id
        what = _achievement(row.match)
        events.append(HistoryEvent(row.opened_at, "征询双方是否愿意对接", "区县", what, url))
        if row.agreed_at:
            events.append(HistoryEvent(row.agreed_at, "双方都愿意对接，互留了联系方式", "双方", what, url))
        if row.closed_at:
            note = f"{what}：{row.get_closed_reason_display()}"
            events.append(HistoryEvent(row.closed_at, "这次对接结束", "", note, url))
    checks = FollowUpCheck.objects.filter(follow_up__in=follow_ups, answered_at__isnull=False)
    events += [
        HistoryEvent(check.answered_at, "答复了会后回访", "", "", check.follow_up.public_id)
        for check in checks.select_related("follow_up")
        if check.answered_at
    ]
    meetings = Meeting.objects.visible_to(reader).held().filter(match__demand=demand, ended_at__isnull=False)
    for meeting in meetings.select_related("docking_round", "institution_party__organisation"):
        if meeting.ended_at:
            partner = name_for(meeting.institution_party.organisation, reader, meeting)
            events.append(HistoryEvent(meeting.ended_at, "洽谈了一次", str(meeting.docking_round), partner))
    return events


def _dealt(demand: Demand, reader: User) -> list[HistoryEvent]:
    deals = Deal.objects.visible_to(reader).filter(follow_up__match__demand=demand).prefetch_related("steps")
    return [
        HistoryEvent(
            timezone.make_aware(datetime.combine(step.on, time(12))),
            f"成交进展：{step.get_stage_display()}",
            "",
            str(deal),
        )
        for deal in deals
        for step in deal.steps.all()
    ]


def _approached(demand: Demand, reader: User) -> list[HistoryEvent]:
    """Answers of institutions, and enquiries of the firm that were continued with this demand."""
    approaches = Approach.objects.visible_to(reader).filter(demand=demand).select_related("institution", "achievement")
    events = []
    for approach in approaches:
        about = f"：{approach.achievement}" if approach.achievement else ""
        if approach.is_enquiry:
            who = name_for(approach.firm, reader, approach)
            events.append(HistoryEvent(approach.sent_at, f"向院所询问{about}", who))
        else:
            who = name_for(approach.institution, reader, approach)
            events.append(HistoryEvent(approach.sent_at, f"院所应答了这项需求{about}", who))
        if approach.ended_at:
            events.append(HistoryEvent(approach.ended_at, "这次主动对接已结束", "", approach.end_note))
    return events


def _achievement(match: Match) -> str:
    return f"{match.achievement.title}（{match.achievement.institution}）"

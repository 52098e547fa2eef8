"""What has happened to an achievement, for its institution: from the audit trail, enquiries, matches and deals.

Officers of the city and the districts are shown by their office. Firms by the name that the reader may know.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership, Role, User
from accounts.names import name_for
from achievements.models import Achievement, AchievementRevision
from audit.models import AuditRecord
from audit.revisions import ChangedField
from audit.wording import describe_records
from deals.models import Deal
from enquiries.models import Approach
from matching.models import FollowUp, Match
from portfolio.counts import DEAL_PATHS

MOST_RECORDS = 200
REASONS_FOR = timedelta(days=365)
ARROW = " → "


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """`who` did it: a colleague by name, an office, a firm, or 系统. `fields`: texts compared clause by clause."""

    at: datetime
    text: str
    who: str = ""
    changes: list[Change] = field(default_factory=list)
    note: str = ""
    fields: list[ChangedField] = field(default_factory=list)


def history_of(achievement: Achievement, reader: User) -> list[HistoryEvent]:
    """Newest first. The caller has checked that the reader manages the achievement. About ten queries."""
    events = [
        *_audited(achievement, reader),
        *_proposed(achievement),
        *_approached(achievement, reader),
        *_matched(achievement, reader),
        *_dealt(achievement, reader),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def rejection_reasons(achievement: Achievement) -> list[tuple[str, int]]:
    """(reason, how often) of the districts' rejections of the last year, most first. Names no demand and no firm."""
    rows = Match.objects.filter(
        achievement=achievement, status=Match.Status.REJECTED, reviewed_at__gte=timezone.now() - REASONS_FOR
    )
    reasons = Counter(rows.order_by().values_list("reject_reason", flat=True))
    return [(str(Match.RejectReason(reason).label), number) for reason, number in reasons.most_common()]


def _audited(achievement: Achievement, reader: User) -> list[HistoryEvent]:
    records = list(
        AuditRecord.objects.filter(object_type="achievements.achievement", object_id=str(achievement.pk))[:MOST_RECORDS]
    )
    lines, who = describe_records(records, reader), _actors(achievement, records)
    return [
        HistoryEvent(
            row.at,
            row.action,
            "系统" if row.actor_id is None else who[row.actor_id],
            [_change(line) for line in lines[row.pk]],
        )
        for row in records
    ]


def _change(line: str) -> Change:
    label, _, values = line.partition("：")
    before, arrow, after = values.partition(ARROW)
    return Change(label, before if arrow and before != "空" else "", after if arrow else values)


def _actors(achievement: Achievement, records: list[AuditRecord]) -> dict[int, str]:
    """{user: a colleague's name, or the office of staff}."""
    names = {row.actor_id: row.actor_name for row in records if row.actor_id}
    colleagues, offices = set(), {}
    for user, role, organisation, name in Membership.objects.filter(user__in=names).values_list(
        "user_id", "role", "organisation_id", "organisation__name"
    ):
        if organisation == achievement.institution_id:
            colleagues.add(user)
        elif role in (Role.DISTRICT, Role.CITY):
            offices[user] = name
    return {user: name if user in colleagues else offices.get(user, "工作人员") for user, name in names.items()}


def _proposed(achievement: Achievement) -> list[HistoryEvent]:
    """What was proposed to the city, field by field."""
    rows: QuerySet[AchievementRevision] = achievement.revisions.select_related("proposed_by")
    return [
        HistoryEvent(
            row.proposed_at,
            f"修改待核对：{row.get_status_display()}",
            str(row.proposed_by),
            fields=row.changed_fields,
            note=row.reason,
        )
        for row in rows
    ]


def _approached(achievement: Achievement, reader: User) -> list[HistoryEvent]:
    rows = Approach.objects.visible_to(reader).enquiries().filter(achievement=achievement).select_related("firm")
    return [HistoryEvent(row.sent_at, "企业询问", name_for(row.firm, reader, row)) for row in rows]


def _matched(achievement: Achievement, reader: User) -> list[HistoryEvent]:
    accepted = Match.objects.visible_to(reader).accepted().filter(achievement=achievement, reviewed_at__isnull=False)
    events = [
        HistoryEvent(row.reviewed_at, "区县采纳了一项匹配", "区县", note=row.demand.public_text("title"))
        for row in accepted.select_related("demand")
        if row.reviewed_at
    ]
    follow_ups = FollowUp.objects.visible_to(reader).not_withdrawn().filter(match__achievement=achievement)
    for row in follow_ups.select_related("match__demand"):
        title = row.match.demand.public_text("title")
        if row.agreed_at:
            events.append(HistoryEvent(row.agreed_at, "双方都愿意对接", "双方", note=title))
        if row.closed_at:
            note = f"{title}：{row.get_closed_reason_display()}"
            events.append(HistoryEvent(row.closed_at, "这次对接结束", note=note))
    return events


def _dealt(achievement: Achievement, reader: User) -> list[HistoryEvent]:
    return [
        HistoryEvent(
            timezone.make_aware(datetime.combine(step.on, time(12))),
            f"成交进展：{step.get_stage_display()}",
            note=str(deal),
        )
        for path in DEAL_PATHS
        for deal in Deal.objects.visible_to(reader).filter(**{path: achievement}).prefetch_related("steps")
        for step in deal.steps.all()
    ]

"""What firms and districts said about an achievement, for its office and its completer.

What a firm told the institution itself stands in its words. What firms told the city alone (a survey, the result of a
meeting, 不适合) is shown as a reason without a number, and only if at least MIN_FIRMS firms gave it and others did not:
else it would say what a firm that is known to have been there has said.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from achievements.models import Achievement
from demands.masking import identifying_names, mask_firm
from enquiries.answering_times import MIN_FIRMS
from enquiries.models import Approach
from enquiries.models.approach import Side
from matching.models import FollowUpCheck, Match, SideFeedback, SideResponse
from mechanism.models import TrialResult
from rounds.models import Meeting, Outcome

PERIOD = timedelta(days=365)
MOST_REMARKS = 20


@dataclass(frozen=True, slots=True)
class Remark:
    """What was told to the institution itself. It names no firm."""

    at: datetime
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """remarks: newest first. shared: reasons that several firms gave the city. rejected: reasons of the districts."""

    remarks: list[Remark]
    shared: list[str]
    rejected: list[str]

    def __bool__(self) -> bool:
        return bool(self.remarks or self.shared or self.rejected)


def feedback_of(achievement: Achievement, *, since: datetime | None = None, until: datetime | None = None) -> Feedback:
    """Of the last PERIOD; `remarks` and `rejected` only between `since` and `until`, if they are given."""
    start, end = since or timezone.now() - PERIOD, until or timezone.now()
    rows = [*_ended(achievement, start, end), *_unwilling(achievement, start, end), *_trials(achievement, start, end)]
    rows.sort(key=lambda row: row.at, reverse=True)
    return Feedback(rows[:MOST_REMARKS], _shared(achievement), _rejected(achievement, start, end))


def _ended(achievement: Achievement, start: datetime, end: datetime) -> list[Remark]:
    """Enquiries and answers that the firm ended: both sides read the reason."""
    rows = achievement.approaches.filter(ended_side=Side.FIRM, ended_at__gte=start, ended_at__lt=end)
    rows = rows.exclude(end_reason=Approach.EndReason.WITHDRAWN)
    return [
        Remark(
            row.ended_at,
            "企业结束询问" if row.is_enquiry else "企业谢绝应答",
            _joined(row.get_end_reason_display(), row.end_note),
        )
        for row in rows
        if row.ended_at
    ]


def _unwilling(achievement: Achievement, start: datetime, end: datetime) -> list[Remark]:
    """Refusals whose reason the firm lets the other side read, without words that lead to an anonymous firm."""
    rows = SideResponse.objects.filter(
        side=Side.FIRM,
        status=SideResponse.Status.UNWILLING,
        is_reason_shared=True,
        follow_up__match__achievement=achievement,
        answered_at__gte=start,
        answered_at__lt=end,
    ).select_related("follow_up__match__demand__firm")
    lines = []
    for row in rows:
        text = _joined(row.get_reason_display(), row.note)
        demand = row.follow_up.match.demand
        if row.answered_at:
            shown = mask_firm(text, identifying_names(demand)) if demand.is_anonymous else text
            lines.append(Remark(row.answered_at, "企业不愿对接", shown))
    return lines


def _trials(achievement: Achievement, start: datetime, end: datetime) -> list[Remark]:
    rows = TrialResult.objects.filter(
        request__achievement=achievement,
        request__organisation=achievement.institution_id,
        status=TrialResult.Status.CONFIRMED,
        finished_on__gte=timezone.localdate(start),
        finished_on__lte=timezone.localdate(end),
    ).select_related("request__base")
    return [
        Remark(
            timezone.make_aware(datetime.combine(row.finished_on, time(12))),
            "中试结果",
            f"{row.get_outcome_display()}（{row.request.base}）",
        )
        for row in rows
    ]


def _shared(achievement: Achievement) -> list[str]:
    start = timezone.now() - PERIOD
    firms: defaultdict[str, set[int]] = defaultdict(set)
    unfit = SideFeedback.objects.in_force().filter(achievement=achievement, side=Side.FIRM, made_at__gte=start)
    for reason, firm in unfit.values_list("reason", "demand__firm"):
        firms[f"觉得不适合：{Match.RejectReason(reason).label}"].add(firm)
    checks = FollowUpCheck.objects.filter(follow_up__match__achievement=achievement, answered_at__gte=start).exclude(
        answer=""
    )
    asked = set()
    for answer, reason, firm in checks.values_list("answer", "reason", "follow_up__match__demand__firm"):
        asked.add(firm)
        words = FollowUpCheck.Reason(reason).label if reason else FollowUpCheck.Answer(answer).label
        firms[f"会后回访说：{words}"].add(firm)
    outcomes = Outcome.objects.filter(side=Side.FIRM, meeting__match__achievement=achievement, recorded_at__gte=start)
    met = set(
        Meeting.objects.filter(match__achievement=achievement, status=Meeting.Status.HELD).values_list(
            "firm_party__organisation", flat=True
        )
    )
    for verdict, reason, firm in outcomes.values_list("verdict", "reason", "meeting__firm_party__organisation"):
        words = Match.RejectReason(reason).label if reason else ""
        firms[f"洽谈后说：{_joined(Outcome.Verdict(verdict).label, words)}"].add(firm)
    # All of them would tell what each of them said.
    complete = {frozenset(asked), frozenset(met)}
    return sorted(
        label for label, speakers in firms.items() if len(speakers) >= MIN_FIRMS and frozenset(speakers) not in complete
    )


def _rejected(achievement: Achievement, start: datetime, end: datetime) -> list[str]:
    rows = Match.objects.filter(
        achievement=achievement, status=Match.Status.REJECTED, reviewed_at__gte=start, reviewed_at__lt=end
    )
    reasons = rows.order_by("reject_reason").values_list("reject_reason", flat=True).distinct()
    return [str(Match.RejectReason(reason).label) for reason in reasons if reason]


def _joined(reason: str, note: str) -> str:
    return f"{reason}。{note}" if note else str(reason)

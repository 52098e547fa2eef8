"""After a round: its follow-ups by owner and district, overdue checks, and meetings without a known match."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Region, User
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.permissions import oversight_required
from deals.models import Deal
from demands.models import Demand
from matching.models import FollowUp, FollowUpCheck
from rounds.models import DockingRound, Meeting, MeetingRequest, Outcome
from rounds.report.figures import ONE_SIDED, with_own_verdict
from rounds.services.meeting_follow_up import pair_meeting

MAX_UNPAIRED = 30
MAX_ROUNDS_OFFERED = 30


@require_safe
@oversight_required
def meeting_follow_up(request: UserRequest) -> HttpResponse:
    """For the round of `?round=`, or the latest with an outcome."""
    user = request.user
    docking_round = _requested_round(request)
    meetings = Meeting.objects.managed_by(user).filter(docking_round=docking_round)
    meetings = meetings if docking_round else meetings.none()
    follow_ups = FollowUp.objects.managed_by(user).filter(match__in=meetings.exclude(match=None).values("match"))
    verdicts = _verdict_counts(meetings.held())
    rounds = DockingRound.objects.visible_to(user).order_by("-starts_at").only("name", "public_id")
    context = {
        "round": docking_round,
        "rounds": rounds[:MAX_ROUNDS_OFFERED],
        "counts": [
            ("已洽谈", meetings.held().count(), "held"),
            ("双方有意向", verdicts["intent"], "intent"),
            ("双方继续谈", verdicts["go_on"], "go_on"),
            ("一方表示、待对方确认", verdicts["one_sided"], "one_sided"),
            ("不合适", verdicts["no_fit"], "no_fit"),
            ("正在跟进", follow_ups.filter(status__in=FollowUp.FOLLOWED).count(), ""),
            ("回访逾期", follow_ups.late_to_report().count(), ""),
        ],
        "reads_rows": docking_round is not None and user.scope.sees_all and user.has_perm("rounds.view_roundreport"),
        "owners": _counts_by(follow_ups, "owner", name=F("owner__name")),
        "districts": _counts_by_district(follow_ups),
        "unpaired": _unpaired_meetings(meetings, user),
        "may_pair": user.scope.is_city or user.scope.is_district,
    }
    return render(request, "deals/staff/meeting_follow_up.html", context)


@require_POST
@oversight_required
def pair(request: UserRequest, public_id: str) -> HttpResponse:
    """Set the demand and achievement that a meeting was about."""
    if not (request.user.scope.is_city or request.user.scope.is_district):
        raise PermissionDenied
    meeting = get_object_or_404(Meeting.objects.managed_by(request.user), public_id=public_id)
    demands = Demand.objects.managed_by(request.user)
    demand = demands.filter(public_id=request.POST.get("demand", "")[:10]).first()
    achievement = Achievement.objects.filter(public_id=request.POST.get("achievement", "")[:10]).first()
    if demand is None or achievement is None:
        messages.error(request, "请选择洽谈的需求和成果。")
    else:
        try:
            pair_meeting(meeting, achievement=achievement, demand=demand, by=request.user)
            messages.success(request, "已指明洽谈内容，转入对接跟进。")
        except ValidationError as error:
            messages.error(request, error.messages[0])
    query = urlencode({"round": DockingRound.objects.get(pk=meeting.docking_round_id).public_id})
    return redirect(reverse("admin:deals_after") + "?" + query)


def _requested_round(request: UserRequest) -> DockingRound | None:
    rounds = DockingRound.objects.visible_to(request.user)
    if public_id := request.GET.get("round"):
        docking_round = rounds.filter(public_id=public_id[:10]).first()
        if docking_round is None:
            raise Http404
        return docking_round
    with_outcome = Meeting.objects.filter(docking_round=OuterRef("pk"), outcomes__isnull=False)
    return rounds.filter(Exists(with_outcome)).order_by("-starts_at").first()


def _verdict_counts(meetings: QuerySet[Meeting]) -> dict[str, int]:
    """Held meetings by what both sides recorded themselves: no_fit if one says so, intent only if both do."""
    rows = with_own_verdict(meetings).order_by()
    return {verdict: rows.filter(verdict=verdict).count() for verdict in ("intent", "go_on", "no_fit", ONE_SIDED)}


def _counts_by(follow_ups: QuerySet[FollowUp], key: str, **annotations) -> list[dict]:
    """A row for each value of `key`, with the most overdue first."""
    late = FollowUpCheck.objects.late().filter(follow_up=OuterRef("pk"))
    groups = follow_ups.annotate(has_late_check=Exists(late)).order_by().values(key, **annotations)
    return list(
        groups.annotate(
            followed=Count("pk", filter=Q(status__in=FollowUp.FOLLOWED)),
            intent=Count("pk", filter=Q(status="intent")),
            closed=Count("pk", filter=Q(status="closed")),
            late=Count("pk", filter=Q(has_late_check=True, status__in=FollowUp.FOLLOWED)),
        ).order_by("-late", "-followed", key)
    )


def _counts_by_district(follow_ups: QuerySet[FollowUp]) -> list[dict]:
    key = "match__demand__firm__stat_region"
    rows = _counts_by(follow_ups, key)
    regions = Region.objects.in_bulk([row[key] for row in rows])
    return [row | {"region": regions.get(row[key])} for row in rows]


def _unpaired_meetings(meetings: QuerySet[Meeting], user: User) -> list[dict]:
    """Promising meetings without a match and without a deal, with the demands and achievements they may be about.

    A fixed number of queries.
    """
    no_fit = Outcome.objects.own().filter(meeting=OuterRef("pk"), verdict="no_fit")
    unpaired = meetings.filter(match=None, outcomes__isnull=False).filter(~Exists(no_fit)).distinct()
    unpaired = unpaired.exclude(deals__in=Deal.objects.active())
    unpaired = with_own_verdict(unpaired)
    unpaired = list(
        unpaired.select_related("firm_party__organisation", "institution_party__organisation")[:MAX_UNPAIRED]
    )
    demands: dict[int, list[Demand]] = {}
    firms = {meeting.firm_party.organisation_id for meeting in unpaired}
    for demand in Demand.objects.managed_by(user).open().filter(firm__in=firms).order_by("title"):
        demands.setdefault(demand.firm_id, []).append(demand)
    achievements: dict[int, list[Achievement]] = {}
    institutions = {meeting.institution_party.organisation_id for meeting in unpaired}
    offered = Achievement.objects.filter(institution__in=institutions, status__in=Achievement.OFFERED)
    for achievement in offered.only("title", "public_id", "institution").order_by("title"):
        achievements.setdefault(achievement.institution_id, []).append(achievement)
    wished = _wished(unpaired)
    return [
        {
            "meeting": meeting,
            "achievement": wished.get((meeting.pk, "achievement")),
            "demand": meeting.unmatched_demand_id or wished.get((meeting.pk, "demand")),
            "may_open_deal": meeting.status == Meeting.Status.HELD and meeting.verdict == Outcome.Verdict.INTENT,
            "demands": demands.get(meeting.firm_party.organisation_id, []),
            "achievements": achievements.get(meeting.institution_party.organisation_id, []),
        }
        for meeting in unpaired
    ]


def _wished(meetings: list[Meeting]) -> dict[tuple[int, str], int]:
    """{(meeting, achievement or demand): its id} of what a side asked to talk about; none if it asked about several."""
    rows = MeetingRequest.objects.active().filter(meeting__in=meetings).values_list("meeting", "achievement", "demand")
    wished: dict[tuple[int, str], set[int]] = {}
    for meeting, achievement, demand in rows:
        for name, row in (("achievement", achievement), ("demand", demand)):
            if row:
                wished.setdefault((meeting, name), set()).add(row)
    return {key: next(iter(ids)) for key, ids in wished.items() if len(ids) == 1}

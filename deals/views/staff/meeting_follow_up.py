"""One page for heads: the talks of a round, their follow-ups by owner and by district, and what is overdue."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Region
from achievements.models import Achievement
from core.permissions import oversight_required
from deals.models import Deal
from demands.models import Demand
from matching.models import FollowUp, FollowUpCheck
from rounds.models import DockingRound, Meeting, Outcome
from rounds.services.meeting_follow_up import pair_meeting

MOST_UNPAIRED = 30


def after_urls(admin_site):
    guard = admin_site.admin_view
    return [
        path("after/", guard(after), name="deals_after"),
        path("after/<slug:public_id>/pair/", guard(pair), name="deals_after_pair"),
    ]


def round_of(request) -> DockingRound | None:
    """The round of the address; without one, the latest of which somebody has said something."""
    rounds = DockingRound.objects.visible_to(request.user)
    if wanted := request.GET.get("round"):
        found = rounds.filter(public_id=wanted[:10]).first()
        if found is None:
            raise Http404
        return found
    talked = Meeting.objects.filter(docking_round=OuterRef("pk"), outcomes__isnull=False)
    return rounds.filter(Exists(talked)).order_by("-starts_at").first()


@require_safe
@oversight_required
def after(request):
    user = request.user
    held = round_of(request)
    talks = Meeting.objects.managed_by(user).filter(docking_round=held) if held else Meeting.objects.none()
    rows = FollowUp.objects.managed_by(user).filter(match__in=talks.exclude(match=None).values("match"))
    verdicts = _verdicts(talks)
    context = {
        "held": held,
        "rounds": DockingRound.objects.visible_to(user).order_by("-starts_at").only("name", "public_id")[:30],
        "counts": [
            ("已洽谈", talks.held().count()),
            ("有意向", verdicts["intent"]),
            ("继续谈", verdicts["go_on"]),
            ("不合适", verdicts["no_fit"]),
            ("正在跟进", rows.filter(status__in=FollowUp.FOLLOWED).count()),
            ("回访逾期", rows.late_to_report().count()),
        ],
        "owners": _grouped(rows, "owner", name=F("owner__name")),
        "districts": _by_district(rows),
        "unpaired": _unpaired(talks, user),
        "may_pair": user.scope.is_city or user.scope.is_district,
    }
    return render(request, "deals/staff/meeting_follow_up.html", context)


@require_POST
@oversight_required
def pair(request, public_id):
    """Staff name what a talk was about."""
    if not (request.user.scope.is_city or request.user.scope.is_district):
        raise PermissionDenied
    meeting = get_object_or_404(Meeting.objects.managed_by(request.user), public_id=public_id)
    need = Demand.objects.managed_by(request.user).filter(public_id=request.POST.get("demand", "")[:10]).first()
    item = Achievement.objects.filter(public_id=request.POST.get("achievement", "")[:10]).first()
    if need is None or item is None:
        messages.error(request, "请选择洽谈的需求和成果。")
    else:
        try:
            pair_meeting(meeting, achievement=item, demand=need, by=request.user)
            messages.success(request, "已指明洽谈内容，转入对接跟进。")
        except ValidationError as error:
            messages.error(request, error.messages[0])
    query = urlencode({"round": DockingRound.objects.get(pk=meeting.docking_round_id).public_id})
    return redirect(reverse("admin:deals_after") + "?" + query)


def _verdicts(talks: QuerySet[Meeting]) -> dict[str, int]:
    """How many talks ended how: one word against it is enough, an intent needs all."""
    said = Outcome.objects.filter(meeting=OuterRef("pk"))
    no, going = said.filter(verdict="no_fit"), said.filter(verdict="go_on")
    rows = talks.filter(Exists(said)).annotate(is_no=Exists(no), is_going=Exists(going)).order_by()
    return rows.aggregate(
        no_fit=Count("pk", filter=Q(is_no=True)),
        go_on=Count("pk", filter=Q(is_no=False, is_going=True)),
        intent=Count("pk", filter=Q(is_no=False, is_going=False)),
    )


def _grouped(rows: QuerySet[FollowUp], key: str, **named) -> list[dict]:
    late = FollowUpCheck.objects.late().filter(follow_up=OuterRef("pk"))
    found = rows.annotate(is_late=Exists(late)).order_by().values(key, **named)
    return list(
        found.annotate(
            followed=Count("pk", filter=Q(status__in=FollowUp.FOLLOWED)),
            intent=Count("pk", filter=Q(status="intent")),
            closed=Count("pk", filter=Q(status="closed")),
            late=Count("pk", filter=Q(is_late=True, status__in=FollowUp.FOLLOWED)),
        ).order_by("-late", "-followed", key)
    )


def _by_district(rows: QuerySet[FollowUp]) -> list[dict]:
    found = _grouped(rows, "match__demand__firm__stat_region")
    regions = Region.objects.in_bulk([row["match__demand__firm__stat_region"] for row in found])
    return [row | {"region": regions.get(row["match__demand__firm__stat_region"])} for row in found]


def _unpaired(talks: QuerySet[Meeting], user) -> list[dict]:
    """Talks with something to follow of which nobody knows what they were about, with the needs and achievements they
    can have been about. Four questions, however many there are."""
    against = Outcome.objects.filter(meeting=OuterRef("pk"), verdict="no_fit")
    wanted = talks.filter(match=None, outcomes__isnull=False).filter(~Exists(against)).distinct()
    wanted = wanted.exclude(deals__in=Deal.objects.standing())
    found = list(wanted.select_related("firm_party__organisation", "institution_party__organisation")[:MOST_UNPAIRED])
    needs, items = {}, {}
    firms = {one.firm_party.organisation_id for one in found}
    for need in Demand.objects.managed_by(user).open().filter(firm__in=firms).order_by("title"):
        needs.setdefault(need.firm_id, []).append(need)
    offices = {one.institution_party.organisation_id for one in found}
    offered = Achievement.objects.filter(institution__in=offices, status__in=Achievement.OFFERED)
    for item in offered.only("title", "public_id", "institution").order_by("title"):
        items.setdefault(item.institution_id, []).append(item)
    return [
        {
            "meeting": one,
            "needs": needs.get(one.firm_party.organisation_id, []),
            "items": items.get(one.institution_party.organisation_id, []),
        }
        for one in found
    ]

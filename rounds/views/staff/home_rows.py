"""The rows behind numbers of a round's home that no other page of the round lists: featured achievements, expected and
arrived people, matches after the round."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from core.permissions import oversight_required
from matching.models import Match
from rounds import home_lists as lists
from rounds.models import Attendee, FeaturedAchievement
from rounds.views.staff.checklist_links import checklist_link
from rounds.views.staff.report_rows import party_address
from rounds.views.staff.round_access import VIEW_ROUND, is_city_or_district, round_or_404

PER_PAGE = 100


@dataclass(frozen=True)
class HomeRows:
    """`where`: key of the page on which staff work with these rows. `address`: of the page of one row."""

    label: str
    heads: tuple[str, ...]
    rows: Callable[[Any, Any], QuerySet]
    cells: Callable[[Any], tuple]
    address: Callable[[Any], str]
    where: str
    page_name: str


def _person(person: Attendee) -> tuple:
    arrived = f"{localtime(person.checked_in_at):%H:%M}" if person.checked_in_at else "未签到"
    return (person.party, person.name, person.position or "—", arrived)


def _needs(person: Attendee) -> tuple:
    return (person.party, person.name, person.dietary or "—", person.access or "—")


def _feature(feature: FeaturedAchievement) -> tuple:
    return (feature.rank, feature.achievement, feature.achievement.institution)


def _match(match: Match) -> tuple:
    achievement, region = match.achievement, match.demand.firm.stat_region or "—"
    return (match.demand.title, region, achievement.title, achievement.institution, match.whole_score)


def _achievement(feature: FeaturedAchievement) -> str:
    return reverse("achievement_detail", args=[feature.achievement.public_id])


def _party(person: Attendee) -> str:
    return party_address(person.party_id)


PEOPLE = ("单位", "姓名", "职务", "签到")
ROWS = {
    "featured": HomeRows(
        "推介成果", ("顺序", "成果", "院校"), lists.featured_rows, _feature, _achievement, "featured", "推介名单"
    ),
    "expected": HomeRows("应到人员", PEOPLE, lists.expected_people, _person, _party, "day", "现场"),
    "needs": HomeRows(
        "饮食和无障碍需要",
        ("单位", "姓名", "饮食要求", "无障碍需要"),
        lists.people_with_needs,
        _needs,
        _party,
        "guests",
        "邀请",
    ),
    "matches": HomeRows(
        "待审核的会后匹配",
        ("需求", "区市县", "成果", "院校", "匹配度"),
        lists.open_matches,
        _match,
        lambda match: reverse("admin:matching_match_change", args=[match.pk]),
        "matches",
        "匹配列表",
    ),
    "here": HomeRows("已签到人员", PEOPLE, lists.people_here, _person, _party, "day", "现场"),
}


@require_safe
@oversight_required
def home_rows(request: UserRequest, pk: int) -> HttpResponse:
    """`?of=` a key of ROWS."""
    docking_round = round_or_404(request, VIEW_ROUND, pk=pk)
    name = request.GET.get("of", "")
    if name not in ROWS:
        raise Http404
    chosen = ROWS[name]
    page = Paginator(chosen.rows(docking_round, request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "round": docking_round,
        "chosen": chosen,
        "name": name,
        "page": page,
        "lines": [(chosen.address(row), list(zip(chosen.heads, chosen.cells(row), strict=True))) for row in page],
        "may_change": is_city_or_district(request.user),
        "work_link": checklist_link(chosen.where, docking_round),
    }
    return render(request, "rounds/staff/home_rows.html", context)

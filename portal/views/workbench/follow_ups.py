"""After the nod: the list of pairs, one pair's page, and the forms on it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Region, User
from achievements.models import Achievement
from core.pagination import PAGE_SIZE
from deals.models import Deal
from demands.models import Demand
from demands.permissions import manages
from matching.forms import RESPONSE_FORMS, STEP_FORMS, ReplyForm
from matching.models import FollowUp, Inquiry, SideResponse
from matching.services.follow_up_status import may_manage_follow_up
from matching.services.follow_ups import reveal_side_contact
from mechanism.policy_hints import facts_of_follow_up, policy_hints
from portal.follow_ups import TABS, firm_name, follow_ups_of, in_tab, sides_shown, tab_counts

DONE = {
    "willing": "已记下：愿意对接。",
    "unwilling": "已记下：不愿意对接。",
    "more": "问题已发给工作人员，答复后会显示在这里。",
    "note": "已记录进展。",
    "close": "这项对接已结束。",
    "give": "已交给同事跟进。",
}


@login_required
@require_safe
def follow_ups(request):
    """Everything this user may see, by state; staff also by owner and district."""
    user, scope = request.user, request.user.scope
    rows = follow_ups_of(user).not_withdrawn()
    is_staff = scope.sees_all or scope.is_district
    chosen = {"owner": "", "region": ""}
    owners = regions = ()
    if is_staff:
        owners = User.objects.filter(pk__in=rows.order_by().values("owner")).order_by("name", "pk")
        regions = Region.objects.reporting() if scope.sees_all else ()
        owner = next((one for one in owners if str(one.pk) == request.GET.get("owner")), None)
        region = next((one for one in regions if one.code == request.GET.get("region")), None)
        if owner:
            rows, chosen["owner"] = rows.filter(owner=owner), str(owner.pk)
        if region:
            rows, chosen["region"] = rows.filter(match__demand__firm__stat_region=region), region.code
    counts = tab_counts(rows, user)
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else ""
    paginator = Paginator(in_tab(rows, tab, user), PAGE_SIZE)
    paginator.count = counts[tab]
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"one": one, "firm": firm_name(one, user), "sides": sides_shown(one, user)} for one in page],
        "tab": tab,
        "tabs": [(value, label, counts[value]) for value, label in TABS.items() if counts[value] or value == tab],
        "total": counts[""],
        "owners": owners,
        "regions": regions,
        "chosen": chosen,
        "narrowed": urlencode({name: value for name, value in chosen.items() if value}),
        "is_staff": is_staff,
    }
    return render(request, "portal/workbench/follow_ups.html", context)


@login_required
@require_safe
def follow_up(request, public_id):
    return _page(request, _found(request, public_id))


@login_required
@require_POST
def answer(request, public_id):
    """A side answers, or staff write down its telephone answer."""
    found = _found(request, public_id)
    side = _side(found, request.POST.get("side", ""))
    kind = request.POST.get("answer", "")
    own = SideResponse.objects.spoken_for_by(request.user).filter(pk=side.pk).exists()
    if kind not in RESPONSE_FORMS:
        messages.error(request, "请选择愿意、不愿意或想了解更多。")
        return redirect("follow_up", public_id)
    if not own and not manages(request.user, found.match.demand.firm):
        raise PermissionDenied("只有被征询的单位可以答复。")
    form = RESPONSE_FORMS[kind](request.POST, response=side, by=request.user, on_behalf=not own)
    return _saved(request, found, form, kind)


@login_required
@require_POST
def reply(request, public_id):
    """Staff answer what a side wanted to know."""
    found = _found(request, public_id)
    number = _number(request.POST.get("inquiry"))
    inquiry = Inquiry.objects.filter(response__in=found.responses.all(), pk=number).first()
    if not manages(request.user, found.match.demand.firm):
        raise PermissionDenied("对接咨询由本区县专员或市级专员答复。")
    if inquiry is None:
        raise Http404
    form = ReplyForm(request.POST, inquiry=inquiry, by=request.user)
    return _saved(request, found, form, "reply")


@login_required
@require_POST
def step(request, public_id):
    """Whoever follows it notes progress, gives it away or ends it."""
    found = _found(request, public_id)
    kind = request.POST.get("step", "")
    if not may_manage_follow_up(found, request.user):
        raise PermissionDenied("这项对接不由您跟进。")
    if kind not in STEP_FORMS:
        raise Http404
    return _saved(request, found, STEP_FORMS[kind](request.POST, follow_up=found, by=request.user), kind)


@login_required
@require_POST
def contact(request, public_id):
    """The other side's contact, shown once and written down."""
    found = _found(request, public_id)
    side = _side(found, request.POST.get("side", ""))
    try:
        revealed = reveal_side_contact(side, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("follow_up", public_id)
    response = _page(request, found, revealed=(side.side, revealed))
    add_never_cache_headers(response)
    return response


def _found(request, public_id) -> FollowUp:
    return get_object_or_404(follow_ups_of(request.user), public_id=public_id)


def _side(found: FollowUp, name: str) -> SideResponse:
    side = next((one for one in found.responses.all() if one.side == name), None)
    if side is None:
        raise Http404
    side.follow_up = found
    return side


def _number(text) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _saved(request, found: FollowUp, form, kind: str):
    if form.is_valid() and form.save():
        messages.success(request, DONE.get(kind, "答复已发出。"))
        return redirect("follow_up", found.public_id)
    return _page(request, found, faulty=form, status=422)


def _page(request, found: FollowUp, *, faulty=None, revealed=None, status: int = 200):
    """`faulty`: the form that came back; `revealed`: (side, contact) just asked for."""
    user = request.user
    found = follow_ups_of(user).get(pk=found.pk)
    follows = may_manage_follow_up(found, user)
    sides = sides_shown(found, user)
    is_staff = manages(user, found.match.demand.firm)
    is_asking = found.status == FollowUp.Status.ASKING

    def form(made):
        return faulty if faulty and faulty.prefix == made.prefix else made

    for shown in sides:
        shown.row.asked = list(shown.row.inquiries.all()) if shown.is_known else []
        may_answer = is_asking and shown.row.is_open and (shown.is_own or is_staff)
        shown.row.forms = [
            form(made(response=shown.row, by=user, on_behalf=not shown.is_own))
            for made in (RESPONSE_FORMS.values() if may_answer else ())
            if not (made.answer == "more" and any(one.replied_at is None for one in shown.row.asked))
        ]
        for one in shown.row.asked:
            one.form = form(ReplyForm(inquiry=one, by=user)) if is_staff and one.replied_at is None else None
    step_forms = STEP_FORMS.values() if follows and found.is_running else ()
    steps = [form(made(follow_up=found, by=user)) for made in step_forms]
    context = {
        "one": found,
        "match": found.match,
        "firm": firm_name(found, user),
        "shows_achievement": Achievement.objects.visible_to(user).filter(pk=found.match.achievement_id).exists(),
        "shows_demand": Demand.objects.visible_to(user).filter(pk=found.match.demand_id).exists(),
        "sides": sides,
        "own": next((shown for shown in sides if shown.is_own and shown.row.forms), None),
        "steps": [made for made in steps if made.step != "note" or found.is_agreed],
        "history": found.steps.select_related("by") if follows or user.scope.sees_all else (),
        "checks": found.checks.filter(dropped_at=None) if follows or user.scope.sees_all else (),
        "follows": follows,
        "deal": Deal.objects.visible_to(user).filter(follow_up=found).first(),
        "may_open_deal": follows and found.status in FollowUp.FOLLOWED,
        "revealed": revealed,
        "faulty": faulty,
        "hints": policy_hints(facts_of_follow_up(found)) if found.is_agreed else [],
    }
    return render(request, "portal/workbench/follow_up.html", context, status=status)

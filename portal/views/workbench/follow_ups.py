"""Follow-ups of accepted matches: the list, the page of one follow-up, and the forms on it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Region, User
from accounts.requests import UserRequest
from accounts.services.contacts import RevealedContact
from achievements.models import Achievement
from core.forms import ServiceForm
from core.pagination import PAGE_SIZE
from deals.models import Deal
from demands.models import Demand, DemandReading
from demands.permissions import manages
from demands.services.reading_records import record_reading
from enquiries.models import Approach
from matching.forms import RESPONSE_FORMS, STEP_FORMS, ReplyForm
from matching.models import ConfirmationRequest, FollowUp, Inquiry, SideResponse, SideStatement
from matching.services.confirmation_requests import is_reachable, masked_addresses, question_sentence, send_link_again
from matching.services.confirmations import state_stance, statements_of
from matching.services.follow_up_status import may_manage_follow_up
from matching.services.follow_ups import reveal_side_contact
from mechanism.policy_hints import facts_of_follow_up, policy_hints
from portal.agreements import agreement_section
from portal.follow_ups import (
    TABS,
    VisibleSide,
    in_tab,
    tab_counts,
    visible_firm_name,
    visible_follow_ups,
    visible_sides,
    waiting_words,
)
from rounds.forms.confirmations import ConfirmationForm

SUCCESS_MESSAGES = {
    "willing": "已记下：愿意对接。",
    "unwilling": "已记下：不愿意对接。",
    "more": "问题已发给工作人员，答复后会显示在这里。",
    "note": "已记录进展。",
    "close": "这项对接已结束。",
    "give": "已交给同事跟进。",
    "reopen": "已重新征询双方意愿。",
    "confirm": "已收到您单位的答复。",
}


@login_required
@require_safe
def follow_up_list(request: UserRequest) -> HttpResponse:
    """The follow-ups that the user may see, by tab; staff can also filter by owner and region."""
    user = request.user
    is_staff = user.scope.sees_all or user.scope.is_district
    rows = visible_follow_ups(user).not_withdrawn()
    filters: dict[str, Any] = {}
    if is_staff:
        rows, filters = _staff_filters(request, rows)
    counts = tab_counts(rows, user)
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else ""
    paginator = Paginator(in_tab(rows, tab, user), PAGE_SIZE)
    paginator.count = counts[tab]
    page = paginator.get_page(request.GET.get("page"))
    chosen = filters.get("chosen", {"owner": "", "region": ""})
    context = {
        "page": page,
        "rows": [
            {"follow_up": row, "firm_name": visible_firm_name(row, user), "sides": visible_sides(row, user)}
            for row in page
        ],
        "tab": tab,
        "tabs": [(value, label, counts[value]) for value, label in TABS.items() if counts[value] or value == tab],
        "total": counts[""],
        "owners": filters.get("owners", ()),
        "regions": filters.get("regions", ()),
        "chosen": chosen,
        "filter_query": urlencode({name: value for name, value in chosen.items() if value}),
        "is_staff": is_staff,
    }
    return render(request, "portal/workbench/follow_ups.html", context)


def _staff_filters(request: UserRequest, rows: QuerySet[FollowUp]) -> tuple[QuerySet[FollowUp], dict]:
    """The rows filtered by the parameters `owner` and `region`, and the choices of both filters."""
    chosen = {"owner": "", "region": ""}
    owners = User.objects.filter(pk__in=rows.order_by().values("owner")).order_by("name", "pk")
    regions = Region.objects.reporting() if request.user.scope.sees_all else ()
    owner = next((owner for owner in owners if str(owner.pk) == request.GET.get("owner")), None)
    region = next((region for region in regions if region.code == request.GET.get("region")), None)
    if owner:
        rows, chosen["owner"] = rows.filter(owner=owner), str(owner.pk)
    if region:
        rows, chosen["region"] = rows.filter(match__demand__firm__stat_region=region), region.code
    return rows, {"owners": owners, "regions": regions, "chosen": chosen}


@login_required
@require_safe
def follow_up_detail(request: UserRequest, public_id: str) -> HttpResponse:
    return _render_detail(request, _visible_follow_up(request, public_id))


@login_required
@require_POST
def side_answer(request: UserRequest, public_id: str) -> HttpResponse:
    """A side answers, or staff record its answer by telephone."""
    follow_up = _visible_follow_up(request, public_id)
    side = _side(follow_up, request.POST.get("side", ""))
    answer = request.POST.get("answer", "")
    is_own = SideResponse.objects.represented_by(request.user).filter(pk=side.pk).exists()
    if answer not in RESPONSE_FORMS:
        messages.error(request, "请选择愿意、不愿意或想了解更多。")
        return redirect("follow_up", public_id)
    if not is_own and not manages(request.user, follow_up.match.demand.firm):
        raise PermissionDenied("只有被征询的单位可以答复。")
    form = RESPONSE_FORMS[answer](request.POST, response=side, by=request.user, on_behalf=not is_own)
    return _save_form(request, follow_up, form, answer)


@login_required
@require_POST
def side_confirm(request: UserRequest, public_id: str) -> HttpResponse:
    """A side confirms or contradicts what was said about it, signed in."""
    follow_up = _visible_follow_up(request, public_id)
    questions = ConfirmationRequest.objects.open().represented_by(request.user).filter(follow_up=follow_up)
    question = questions.filter(pk=_row_number(request.POST.get("request"))).first()
    if question is None:
        messages.error(request, "这一项已经答复过，或者不由您单位答复。")
        return redirect("follow_up", public_id)
    question.follow_up = follow_up
    return _save_form(request, follow_up, ConfirmationForm(request.POST, request=question, by=request.user), "confirm")


@login_required
@require_POST
def side_stance(request: UserRequest, public_id: str) -> HttpResponse:
    """A side says by itself that it has an intent."""
    follow_up = _visible_follow_up(request, public_id)
    side = _side(follow_up, request.POST.get("side", ""))
    try:
        state_stance(follow_up, side=side.side, stance=SideStatement.Stance.INTENT, by=request.user)
        is_intent = follow_up.status == FollowUp.Status.INTENT
        messages.success(request, "双方都已表示有意向。" if is_intent else "已记下您单位有意向，等对方确认。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("follow_up", public_id)


@login_required
@require_POST
def side_link(request: UserRequest, public_id: str) -> HttpResponse:
    """A new link for the open question of a side: mailed, or shown once to be passed on if nobody can be reached."""
    follow_up = _visible_follow_up(request, public_id)
    side = _side(follow_up, request.POST.get("side", ""))
    try:
        address = send_link_again(follow_up, side.side, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("follow_up", public_id)
    if not address:
        messages.success(request, "已重新发送；只有对方自己能打开。")
        return redirect("follow_up", public_id)
    response = _render_detail(request, follow_up, link=(side.side, address))
    add_never_cache_headers(response)
    return response


@login_required
@require_POST
def inquiry_reply(request: UserRequest, public_id: str) -> HttpResponse:
    """Staff reply to the inquiry of a side."""
    follow_up = _visible_follow_up(request, public_id)
    inquiries = Inquiry.objects.filter(response__in=follow_up.responses.all())
    inquiry = inquiries.filter(pk=_row_number(request.POST.get("inquiry"))).first()
    if not manages(request.user, follow_up.match.demand.firm):
        raise PermissionDenied("对接咨询由本区县专员或市级专员答复。")
    if inquiry is None:
        raise Http404
    return _save_form(request, follow_up, ReplyForm(request.POST, inquiry=inquiry, by=request.user), "reply")


@login_required
@require_POST
def owner_step(request: UserRequest, public_id: str) -> HttpResponse:
    """The owner records progress, hands the follow-up over or closes it."""
    follow_up = _visible_follow_up(request, public_id)
    step = request.POST.get("step", "")
    if not may_manage_follow_up(follow_up, request.user):
        raise PermissionDenied("这项对接不由您跟进。")
    if step not in STEP_FORMS:
        raise Http404
    return _save_form(request, follow_up, STEP_FORMS[step](request.POST, follow_up=follow_up, by=request.user), step)


@login_required
@require_POST
def side_contact(request: UserRequest, public_id: str) -> HttpResponse:
    """The contact of the other side, shown once; the audit trail records it."""
    follow_up = _visible_follow_up(request, public_id)
    side = _side(follow_up, request.POST.get("side", ""))
    try:
        contact = reveal_side_contact(side, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("follow_up", public_id)
    response = _render_detail(request, follow_up, revealed=(side.side, contact))
    add_never_cache_headers(response)
    return response


def _visible_follow_up(request: UserRequest, public_id: str) -> FollowUp:
    return get_object_or_404(visible_follow_ups(request.user), public_id=public_id)


def _side(follow_up: FollowUp, name: str) -> SideResponse:
    side = next((row for row in follow_up.responses.all() if row.side == name), None)
    if side is None:
        raise Http404
    side.follow_up = follow_up
    return side


def _row_number(text: str | None) -> int:
    """A posted primary key; 0, which no row has, for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _save_form(request: UserRequest, follow_up: FollowUp, form: ServiceForm, step: str) -> HttpResponse:
    if form.is_valid() and form.save():
        messages.success(request, SUCCESS_MESSAGES.get(step, "答复已发出。"))
        return redirect("follow_up", follow_up.public_id)
    return _render_detail(request, follow_up, invalid_form=form, status=422)


def _render_detail(
    request: UserRequest,
    follow_up: FollowUp,
    *,
    invalid_form: ServiceForm | None = None,
    revealed: tuple[str, RevealedContact] | None = None,
    link: tuple[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`invalid_form`: the posted form with its errors; `revealed`: (side, contact) of a contact just revealed; `link`:
    (side, address) of a link to pass on."""
    user = request.user
    follow_up = visible_follow_ups(user).get(pk=follow_up.pk)
    match, is_owner = follow_up.match, may_manage_follow_up(follow_up, user)
    if follow_up.is_agreed:
        record_reading(match.demand, DemandReading.Step.IDENTITY, by=user)
    sees_history = is_owner or user.scope.sees_all
    sides = visible_sides(follow_up, user)
    for side in sides:
        _add_forms(side, follow_up, user, invalid_form)
    context = {
        "follow_up": follow_up,
        "match": match,
        "firm_name": visible_firm_name(follow_up, user),
        "shows_achievement": Achievement.objects.visible_to(user).filter(pk=match.achievement_id).exists(),
        "shows_demand": Demand.objects.visible_to(user).filter(pk=match.demand_id).exists(),
        "sides": sides,
        "own_side": next((side for side in sides if side.is_own and side.row.forms), None),
        "questions": _questions(follow_up, user, invalid_form),
        "pending": _pending_questions(follow_up, link) if is_owner else [],
        "statements": _visible_statements(follow_up, sides, sees_history),
        "agreement": [] if any(side.is_own for side in sides) or not sees_history else _agreement(follow_up),
        "steps": _step_forms(follow_up, user, invalid_form) if is_owner else [],
        "history": follow_up.steps.select_related("by") if sees_history else (),
        "checks": follow_up.checks.filter(dropped_at=None) if sees_history else (),
        "is_owner": is_owner,
        "approaches": Approach.objects.visible_to(user).filter(match=match, status=Approach.Status.DOCKING),
        "deal": Deal.objects.visible_to(user).filter(follow_up=follow_up).first(),
        "may_open_deal": is_owner and follow_up.status == FollowUp.Status.INTENT,
        "revealed": revealed,
        "invalid_form": invalid_form,
        "hints": policy_hints(facts_of_follow_up(follow_up)) if follow_up.is_agreed else [],
        "confidentiality": agreement_section(follow_up, user),
    }
    return render(request, "portal/workbench/follow_up.html", context, status=status)


def _questions(follow_up: FollowUp, user: User, invalid_form: ServiceForm | None) -> list[dict]:
    """The open questions that this user answers for a side."""
    rows = ConfirmationRequest.objects.open().represented_by(user).filter(follow_up=follow_up)
    questions = []
    for row in rows:
        row.follow_up = follow_up
        form = _or_invalid(ConfirmationForm(request=row, by=user), invalid_form)
        questions.append({"row": row, "sentence": question_sentence(row), "form": form})
    return questions


def _pending_questions(follow_up: FollowUp, link: tuple[str, str] | None) -> list[dict]:
    """The open questions for the owner: to whom the link went, and the link itself if it has to be passed on."""
    rows = [row for row in follow_up.requests.all() if row.is_open]
    for row in rows:
        row.follow_up = follow_up
    waiting = waiting_words(follow_up)
    return [
        {
            "row": row,
            "words": waiting.get(row.side, ""),
            "addresses": masked_addresses(row),
            "is_reachable": is_reachable(row),
            "link": link[1] if link and link[0] == row.side else "",
        }
        for row in rows
    ]


def _visible_statements(follow_up: FollowUp, sides: list[VisibleSide], sees_history: bool) -> list[SideStatement]:
    """What was said: all of it for the owner and for staff, a side's own words for its users."""
    own = {side.row.side for side in sides if side.is_own}
    rows = statements_of(follow_up.match)
    if sees_history and not own:
        return rows
    return [row for row in rows if row.side in own]


def _agreement(follow_up: FollowUp) -> list[SideStatement]:
    """The two statements on which the agreement rests."""
    return [row for row in (follow_up.firm_statement, follow_up.institution_statement) if row is not None]


def _add_forms(side: VisibleSide, follow_up: FollowUp, user: User, invalid_form: ServiceForm | None) -> None:
    """Give the side's row its `inquiries_shown`, each with a reply `form` or None, and its answer `forms`."""
    is_staff = manages(user, follow_up.match.demand.firm)
    row = side.row
    row.inquiries_shown = list(row.inquiries.all()) if side.shows_details else []
    has_open_inquiry = any(inquiry.replied_at is None for inquiry in row.inquiries_shown)
    forms = [
        RESPONSE_FORMS[answer](response=row, by=user, on_behalf=not side.is_own)
        for answer in _possible_answers(side, follow_up, is_staff)
        if answer != "more" or not has_open_inquiry
    ]
    row.forms = [_or_invalid(form, invalid_form) for form in forms]
    for inquiry in row.inquiries_shown:
        may_reply = is_staff and inquiry.replied_at is None
        inquiry.form = _or_invalid(ReplyForm(inquiry=inquiry, by=user), invalid_form) if may_reply else None


def _possible_answers(side: VisibleSide, follow_up: FollowUp, is_staff: bool) -> tuple[str, ...]:
    """The answers of RESPONSE_FORMS that may be given now: by the side, or by staff who record a call."""
    row = side.row
    if follow_up.status == FollowUp.Status.ASKING and row.is_open and (side.is_own or is_staff):
        return tuple(RESPONSE_FORMS)
    if not side.is_own:
        return ()
    if follow_up.status in FollowUp.FOLLOWED:
        return ("unwilling",)
    is_own_refusal = follow_up.status == FollowUp.Status.CLOSED and follow_up.closed_by_side == row.side
    return ("willing",) if is_own_refusal else ()


def _step_forms(follow_up: FollowUp, user: User, invalid_form: ServiceForm | None) -> list[ServiceForm]:
    forms = [form_class(follow_up=follow_up, by=user) for form_class in STEP_FORMS.values()]
    forms = [_or_invalid(form, invalid_form) for form in forms]
    possible = _possible_steps(follow_up)
    return [form for form in forms if form.step in possible]


def _possible_steps(follow_up: FollowUp) -> tuple[str, ...]:
    if follow_up.status == FollowUp.Status.CLOSED:
        return () if follow_up.closed_by_side else ("reopen",)
    if not follow_up.is_running:
        return ()
    return ("note", "close", "give") if follow_up.is_agreed else ("close", "give")


def _or_invalid(form: ServiceForm, invalid_form: ServiceForm | None) -> ServiceForm:
    """The posted form in the place of the blank form with the same prefix."""
    return invalid_form if invalid_form and invalid_form.prefix == form.prefix else form

"""应答: an institution answers a demand; the firm compares and declines; the institution names the achievement."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import UserRequest
from core.workdays import workdays_text
from demands.masking import detail_indicators
from demands.models import Demand
from enquiries.answer_forms import AnswerForm, DeclineForm, NameAchievementForm
from enquiries.comparison import compare_answers
from enquiries.models import Approach
from enquiries.services.answers import decline_answer, lacks_undertaking, refusal_of

SIDE_BY_SIDE = 4
"""Answers on one page of the comparison."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def demand_answer(request: UserRequest, public_id: str) -> HttpResponse:
    """The form; POST sends the answer, or with `find` only searches own achievements, keeping what was typed.

    A demand that was public and is no more gets a sentence instead of a 404, so that a text being typed is not lost.
    """
    if not request.user.scope.institution_ids:
        raise PermissionDenied("需求由高校院所的专员应答。")
    demands = Demand.objects.filter(published_at__isnull=False, is_private=False)
    demand = get_object_or_404(demands.select_related("firm__stat_region", "industry__parent"), public_id=public_id)
    if request.method == "POST":
        form = AnswerForm(request.POST, demand=demand, by=request.user)
        if "find" in request.POST:
            form = AnswerForm(demand=demand, by=request.user, initial=request.POST.dict())
            return _render(request, demand, form)
        if form.is_valid() and (approach := form.save()):
            messages.success(
                request,
                f"应答已送达企业，企业在{workdays_text(settings.APPROACH_ANSWER_WORKDAYS)}内答复；有动静会发消息给您。",
            )
            return redirect("approach", public_id=approach.public_id)
        return _render(request, demand, form, status=422)
    initial = {"item": request.GET.get("item", "")[:10]}
    return _render(request, demand, AnswerForm(demand=demand, by=request.user, initial=initial))


def _render(request: UserRequest, demand: Demand, form: AnswerForm, status: int = 200) -> HttpResponse:
    """Without the text of the demand for readers who may not read it (any more)."""
    is_readable = Demand.objects.visible_to(request.user).filter(pk=demand.pk).exists()
    refusal = refusal_of(demand, by_firms=request.user.scope.firm_ids)
    needs_undertaking = not refusal and lacks_undertaking(demand, by=request.user)
    shows_details = is_readable and not needs_undertaking
    own = Approach.objects.answers().filter(demand=demand).sent_by(request.user)
    context = {
        "demand": demand if is_readable else None,
        "shows_details": shows_details,
        "indicators": detail_indicators(demand) if shows_details else (),
        "form": form,
        "refusal": refusal,
        "needs_undertaking": needs_undertaking,
        # What was typed stays on the page when the demand takes no answers any more.
        "shows_form": form.is_bound or not (refusal or needs_undertaking),
        "own_answers": own.select_related("achievement").order_by("sent_at"),
    }
    return render(request, "enquiries/workbench/answer_form.html", context, status=status)


@login_required
@require_safe
def demand_answers(request: UserRequest, public_id: str) -> HttpResponse:
    """All answers to a demand side by side, for its firm and for the staff in charge; `?show=` open, ended or all."""
    demands = Demand.objects.managed_by(request.user).select_related("firm__stat_region", "industry")
    demand = get_object_or_404(demands.prefetch_related("indicators"), public_id=public_id)
    every = Approach.objects.visible_to(request.user).answers().filter(demand=demand)
    counts = {
        "open": every.exclude(status=Approach.Status.ENDED).count(),
        "ended": every.filter(status=Approach.Status.ENDED).count(),
    }
    show = "ended" if request.GET.get("show") == "ended" else "open"
    is_ended = Q(status=Approach.Status.ENDED)
    rows = (
        every.filter(is_ended if show == "ended" else ~is_ended)
        .select_related("institution", "achievement__institution", "offer", "match__follow_up")
        .prefetch_related("achievement__indicators")
        .order_by("sent_at", "pk")
    )
    page = Paginator(rows, SIDE_BY_SIDE).get_page(request.GET.get("page"))
    context = {
        "demand": demand,
        "page": page,
        "show": show,
        "counts": counts,
        "comparison": compare_answers(demand, page),
        "is_firm": demand.firm_id in request.user.scope.firm_ids,
    }
    return render(request, "enquiries/workbench/answers.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer_decline(request: UserRequest, public_id: str) -> HttpResponse:
    """谢绝 with a reason, by the firm."""
    received = Approach.objects.received_by(request.user).answers().with_pair()
    approach = get_object_or_404(received, public_id=public_id)
    assert approach.demand is not None  # every answer has one
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decline_answer(approach, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已谢绝，对方会看到原因。")
            return redirect("demand_answers", public_id=approach.demand.public_id)
    status = 422 if form.is_bound else 200
    context = {"approach": approach, "form": form}
    return render(request, "enquiries/workbench/answer_decline.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer_achievement(request: UserRequest, public_id: str) -> HttpResponse:
    """Before a free offer goes on to a follow-up, the institution names one of its achievements or writes a draft."""
    own = Approach.objects.sent_by(request.user).answers().with_pair()
    approach = get_object_or_404(own, public_id=public_id)
    form = NameAchievementForm(request.POST or None, approach=approach, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "已指明成果，可以转入对接了。")
        return redirect("approach", public_id=approach.public_id)
    status = 422 if form.is_bound else 200
    context = {"approach": approach, "form": form}
    return render(request, "enquiries/workbench/answer_achievement.html", context, status=status)

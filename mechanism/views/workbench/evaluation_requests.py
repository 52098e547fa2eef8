"""评价申请: the office asks and sees its requests; city staff answers them here, too."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.forms import PlainField, ServiceForm
from core.pagination import PAGE_SIZE
from mechanism.models import VALUES, EvaluationRequest, Expert
from mechanism.services.evaluation_requests import (
    ANSWER_WORKDAYS,
    accept_request,
    declared_reasons,
    decline_request,
    request_evaluation,
    withdraw_request,
)
from mechanism.services.evaluations import default_weights, find_recusal_reasons


class EvaluationRequestForm(ServiceForm):
    purpose = PlainField(label="评价用途", max_length=200, help_text="如作价投资前、申报奖励、验收")
    evidence = forms.CharField(
        label="依据材料",
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text="逐条写：检测报告、用户证明、查新、专利等；文件放在成果的附件里",
    )
    relations = forms.CharField(
        label="应当回避的人和单位",
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="完成人的近亲属、合作者和有利益关系的单位，每行一个。只有市科技局看得到；同单位和共同完成人平台自己查",
    )

    def __init__(self, *args, achievement: Achievement, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.achievement, self.by = achievement, by
        weights = default_weights(achievement.category)
        for value, label in VALUES.items():
            self.fields[value] = forms.IntegerField(
                label=f"{label}的权重（%）",
                min_value=0,
                max_value=100,
                initial=weights[value],
                widget=forms.TextInput({"inputmode": "numeric", "maxlength": 3, "class": "input-s"}),
            )

    def clean(self) -> dict:
        values = super().clean() or {}
        weights = [values.get(value) for value in VALUES]
        if None not in weights and (total := sum(weights)) != 100:
            raise ValidationError(f"五项权重合计应为 100，现在是 {total}。")
        return values

    def _save(self, values: dict) -> None:
        weights = {value: values.pop(value) for value in VALUES}
        request_evaluation(self.achievement, weights=weights, by=self.by, **values)


@login_required
@require_safe
def evaluation_requests(request: UserRequest) -> HttpResponse:
    rows = EvaluationRequest.objects.visible_to(request.user).select_related(
        "achievement__institution", "asked_by", "evaluation"
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "mechanism/workbench/evaluation_requests.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evaluation_ask(request: UserRequest, public_id: str) -> HttpResponse:
    """The request for one of the own achievements."""
    own = Achievement.objects.managed_by(request.user).filter(institution__in=request.user.scope.institution_ids)
    achievement = get_object_or_404(own.select_related("institution"), public_id=public_id)
    form = EvaluationRequestForm(request.POST or None, achievement=achievement, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, f"已申请，市科技局在 {ANSWER_WORKDAYS} 个工作日内答复。")
        return redirect("evaluation_requests")
    context = {"achievement": achievement, "form": form, "days": ANSWER_WORKDAYS}
    status = 422 if request.method == "POST" else 200
    return render(request, "mechanism/workbench/evaluation_ask.html", context, status=status)


@login_required
@require_safe
def evaluation_request(request: UserRequest, public_id: str) -> HttpResponse:
    return _page(request, _request_or_404(request, public_id))


@login_required
@require_POST
def evaluation_request_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: withdraw (office); accept with `expert` (city), decline with `reason` (city)."""
    asked, step, user = _request_or_404(request, public_id), request.POST.get("step", ""), request.user
    try:
        if step == "withdraw":
            withdraw_request(asked, by=user)
            messages.success(request, "已撤回申请。")
        elif step == "decline":
            decline_request(asked, reason=request.POST.get("reason", ""), by=user)
            messages.success(request, "已答复。")
        elif step == "accept":
            return _accept(request, asked)
        else:
            raise Http404
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    return redirect("evaluation_request", public_id)


def _accept(request: UserRequest, asked: EvaluationRequest) -> HttpResponse:
    if not request.user.has_perm("mechanism.run_evaluation"):
        raise PermissionDenied
    chosen = {int(text) for text in request.POST.getlist("expert")[:50] if text.isdecimal() and len(text) < 10}
    experts = list(Expert.objects.filter(pk__in=chosen, is_active=True).select_related("organisation"))
    evaluation = accept_request(asked, experts=experts, by=request.user)
    messages.success(request, "已受理。请把各位专家的网址发给本人。")
    return redirect(reverse("admin:mechanism_evaluation_page", args=[evaluation.public_id]))


def _request_or_404(request: UserRequest, public_id: str) -> EvaluationRequest:
    rows = EvaluationRequest.objects.visible_to(request.user)
    rows = rows.select_related("achievement__institution", "asked_by", "answered_by", "evaluation")
    return get_object_or_404(rows, public_id=public_id)


def _page(request: UserRequest, asked: EvaluationRequest) -> HttpResponse:
    """With the experts for who may open evaluations: those with a reason for recusal cannot be chosen."""
    may_answer = asked.is_waiting and request.user.has_perm("mechanism.run_evaluation")
    experts = []
    if may_answer:
        rows = Expert.objects.filter(is_active=True).select_related("organisation")
        rows = rows.order_by("name", "unit")
        experts = [
            (expert, [*declared_reasons(asked, expert), *find_recusal_reasons(expert, asked.achievement)])
            for expert in rows
        ]
    context = {
        "asked": asked,
        "weights": [(label, getattr(asked, f"{value}_weight")) for value, label in VALUES.items()],
        "experts": experts,
        "may_answer": may_answer,
        "may_withdraw": asked.is_waiting and asked.achievement.institution_id in request.user.scope.institution_ids,
        "sees_relations": request.user.scope.sees_all or request.user.pk == asked.asked_by_id,
        "files": asked.achievement.attachments.kept(),
    }
    return render(request, "mechanism/workbench/evaluation_request.html", context)

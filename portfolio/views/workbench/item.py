"""履历 of one achievement: its history, numbers, gaps, patents and consents."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from portfolio.counts import item_counts
from portfolio.gaps import completeness_of
from portfolio.history import history_of, rejection_reasons
from portfolio.item_slots import links_of, panels_of
from portfolio.models import PatentStatus
from portfolio.own_items import own_item
from portfolio.services.consents import consents_of, give_consent, revoke_consent
from portfolio.services.patents import note_patent, patents_of
from portfolio.trend import trend_of


class PatentForm(forms.ModelForm):
    class Meta:
        model = PatentStatus
        fields = ["state", "fee_due_on"]
        widgets = {"fee_due_on": forms.DateInput({"type": "date", "class": "input-s"}, format="%Y-%m-%d")}


@login_required
@require_safe
def achievement_file(request: UserRequest, public_id: str) -> HttpResponse:
    """The whole page, or with `X-Part: history` only the history, for the table's drawer."""
    achievement = own_item(request.user, public_id)
    history = history_of(achievement, request.user)
    if request.headers.get("X-Part") == "history":
        return render(
            request,
            "portfolio/workbench/_history.html",
            {"achievement": achievement, "history": history[:20], "is_part": True},
        )
    counts = item_counts([achievement], request.user)[achievement.pk]
    context = {
        "achievement": achievement,
        "history": history,
        "counts": counts,
        "trend": trend_of(achievement, request.user),
        "reasons": rejection_reasons(achievement),
        "completeness": completeness_of(achievement),
        "patents": [(number, row, PatentForm(instance=row, auto_id=False)) for number, row in patents_of(achievement)],
        "consents": consents_of(achievement),
        "links": links_of(achievement),
        "panels": panels_of(achievement, request.user, request),
    }
    return render(request, "portfolio/workbench/achievement_file.html", context)


@login_required
@require_POST
def patent_note(request: UserRequest, public_id: str) -> HttpResponse:
    achievement = own_item(request.user, public_id)
    form = forms.modelform_factory(PatentStatus, fields=["state", "fee_due_on"])(request.POST)
    form.full_clean()
    number = request.POST.get("number", "")[:40]
    try:
        if "fee_due_on" in form.errors:
            raise ValidationError("下次年费缴纳日请写成 2027-01-31 的样子。")
        if "state" in form.errors:
            raise ValidationError("请选择法律状态。")
        note_patent(
            achievement,
            number,
            state=form.cleaned_data["state"],
            fee_due_on=form.cleaned_data["fee_due_on"],
            by=request.user,
        )
        messages.success(request, f"已记录 {number} 的状态。")
    except ValidationError as error:
        messages.error(request, f"{number}：{'；'.join(error.messages)}")
    return redirect(f"{reverse('achievement_file', args=[public_id])}#patents")


@login_required
@require_POST
def consent_note(request: UserRequest, public_id: str) -> HttpResponse:
    """`who`: place of the completer in the list; `step`: give or revoke."""
    achievement = own_item(request.user, public_id)
    names = [name for name, _consent in consents_of(achievement)]
    place = request.POST.get("who", "")
    try:
        if not place.isdecimal() or int(place[:4]) >= len(names):
            raise ValidationError("请选择完成人。")
        name = names[int(place[:4])]
        if request.POST.get("name") != name:
            raise ValidationError("完成人刚刚被改过，请核对后再登记。")
        if request.POST.get("step") == "revoke":
            revoke_consent(achievement, name, by=request.user)
            messages.success(request, "已登记撤回同意，成果已暂停对接。")
        else:
            give_consent(achievement, name, by=request.user)
            messages.success(request, "已登记同意。请保存好本人签字的材料。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(f"{reverse('achievement_file', args=[public_id])}#consents")

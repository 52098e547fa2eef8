"""An evaluation on one page: who was asked and has answered, what it came to once finished, and the steps on."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from core.downloads import send_download
from mechanism import services
from mechanism.models import VALUES, Evaluation, Expert
from mechanism.papers import evaluation_report

DONE = {"another": _("已增加专家。"), "finish": _("评价已完成。"), "cancel": _("评价已取消。")}


class AnotherForm(forms.Form):
    expert = forms.ModelChoiceField(Expert.objects.filter(is_active=True), label=_("增加专家"))


class WordsForm(forms.Form):
    words = forms.CharField(label=_("结论或原因"), max_length=2000, widget=forms.Textarea({"rows": 4}))


@require_safe
def page(request, public_id):
    return _page(request, _found(request, public_id))


@require_POST
def step(request, public_id):
    if not request.user.has_perm("mechanism.run_evaluation"):
        raise PermissionDenied
    evaluation, name = _found(request, public_id), request.POST.get("step")
    if name not in DONE:
        raise Http404
    form = AnotherForm(request.POST) if name == "another" else WordsForm(request.POST)
    if form.is_valid():
        try:
            _do(evaluation, name, form.cleaned_data, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, DONE[name])
            return redirect("admin:mechanism_evaluation_page", public_id)
    return _page(request, evaluation, faulty=form, status=422)


def _do(evaluation: Evaluation, name: str, values: dict, by) -> None:
    if name == "another":
        services.ask_another(evaluation, expert=values["expert"], by=by)
    elif name == "finish":
        services.finish_evaluation(evaluation, conclusion=values["words"], by=by)
    else:
        services.cancel_evaluation(evaluation, reason=values["words"], by=by)


@require_safe
def paper(request, public_id):
    """The report as PDF, once it is finished."""
    evaluation = _found(request, public_id)
    if evaluation.status != Evaluation.Status.FINISHED:
        raise Http404
    return as_pdf(evaluation)


def as_pdf(evaluation: Evaluation) -> HttpResponse:
    return send_download(evaluation_report(evaluation), f"evaluation-{evaluation.public_id}.pdf", "application/pdf")


def _found(request, public_id) -> Evaluation:
    if not request.user.has_perm("mechanism.view_evaluation"):
        raise PermissionDenied
    rows = Evaluation.objects.managed_by(request.user).select_related("achievement__institution")
    return get_object_or_404(rows, public_id=public_id)


def _page(request, evaluation: Evaluation, faulty=None, status=200):
    result = services.result_of(evaluation)
    opinions = evaluation.opinions.select_related("expert").order_by("pk")
    context = {
        "one": evaluation,
        "opinions": [
            {
                "opinion": opinion,
                "address": request.build_absolute_uri(reverse("evaluate", args=[opinion.code])),
                "marks": [opinion.marks[value] for value in VALUES] if result and opinion.status == "marked" else [],
            }
            for opinion in opinions
        ],
        "result": result,
        "values": [(VALUES[value], result.values[value]) for value in VALUES] if result else [],
        "labels": list(VALUES.values()),
        "may_run": evaluation.status == "asking" and request.user.has_perm("mechanism.run_evaluation"),
        "another": AnotherForm(),
        "words": WordsForm(),
        "faulty": faulty,
    }
    return render(request, "admin/mechanism/evaluation.html", context, status=status)

"""An expert's own page, opened by a code: the item, five marks each with a reason, or 回避. No account is needed."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core.throttling import against_guessing
from mechanism.desk.evaluations import as_pdf
from mechanism.models import VALUES, Evaluation, Opinion
from mechanism.services import give_marks, recuse


class MarksForm(forms.Form):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for value, label in VALUES.items():
            self.fields[value] = forms.IntegerField(
                label=label, min_value=0, max_value=100, help_text=_("0–100 分"),
                widget=forms.TextInput({"inputmode": "numeric", "maxlength": 3}),
            )  # fmt: skip
            self.fields[f"{value}_reason"] = forms.CharField(
                label=_("%(value)s：理由") % {"value": label}, min_length=5, max_length=500,
                widget=forms.Textarea({"rows": 2}),
            )  # fmt: skip


class RecuseForm(forms.Form):
    reason = forms.CharField(label=_("回避原因"), max_length=200)


@against_guessing
@require_http_methods(["GET", "HEAD", "POST"])
def evaluate(request, public_id):
    rows = Opinion.objects.select_related("evaluation__achievement__institution", "expert")
    opinion = get_object_or_404(rows.exclude(evaluation__status=Evaluation.Status.CANCELLED), code=public_id)
    form, recusing = MarksForm(), RecuseForm()
    status = 200
    if request.method == "POST":
        is_recusal = request.POST.get("step") == "recuse"
        sent = RecuseForm(request.POST) if is_recusal else MarksForm(request.POST)
        if sent.is_valid() and _saved(opinion, sent, is_recusal):
            return redirect("evaluate", public_id)
        form, recusing = (form, sent) if is_recusal else (sent, recusing)
        status = 422
    context = {
        "opinion": opinion,
        "item": opinion.evaluation.achievement,
        "is_open": opinion.status == Opinion.Status.ASKED and opinion.evaluation.status == Evaluation.Status.ASKING,
        "form": form,
        "recusing": recusing,
        "faulty": form if form.is_bound else recusing if recusing.is_bound else None,
    }
    response = render(request, "portal/evaluate.html", context, status=status)
    add_never_cache_headers(response)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the expert's key
    return response


def _saved(opinion: Opinion, form, is_recusal: bool) -> bool:
    values = form.cleaned_data
    try:
        if is_recusal:
            recuse(opinion, reason=values["reason"])
        else:
            give_marks(
                opinion,
                marks={value: values[value] for value in VALUES},
                reasons={value: values[f"{value}_reason"] for value in VALUES},
            )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@login_required
@require_safe
def evaluation_report(request, public_id):
    """The finished report, for the institution's office and those who see all."""
    evaluation = get_object_or_404(Evaluation.objects.visible_to(request.user), public_id=public_id)
    if evaluation.status != Evaluation.Status.FINISHED:
        raise Http404
    return as_pdf(evaluation)

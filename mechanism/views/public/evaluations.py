"""The page of an invited expert, opened by a secret code without an account: five marks with reasons, or recusal."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core.throttling import throttle_guessing
from mechanism.forms.evaluations import MarksForm, RecusalForm
from mechanism.models import VALUES, Evaluation, Opinion
from mechanism.services.evaluations import recuse_expert, submit_marks


@throttle_guessing
@require_http_methods(["GET", "HEAD", "POST"])
def evaluate(request: HttpRequest, code: str) -> HttpResponse:
    rows = Opinion.objects.select_related("evaluation__achievement__institution", "expert")
    opinion = get_object_or_404(rows.exclude(evaluation__status=Evaluation.Status.CANCELLED), code=code)
    marks_form, recusal_form, faulty = MarksForm(), RecusalForm(), None
    if request.method == "POST":
        if request.POST.get("step") == "recuse":
            faulty = recusal_form = RecusalForm(request.POST)
        else:
            faulty = marks_form = MarksForm(request.POST)
        if faulty.is_valid() and _save(opinion, faulty):
            return redirect("evaluate", code)
    is_asking = opinion.evaluation.status == Evaluation.Status.ASKING
    context = {
        "opinion": opinion,
        "achievement": opinion.evaluation.achievement,
        "is_open": opinion.status == Opinion.Status.ASKED and is_asking,
        "marks_form": marks_form,
        "recusal_form": recusal_form,
        "faulty": faulty,
    }
    response = render(request, "mechanism/public/evaluate.html", context, status=422 if faulty else 200)
    add_never_cache_headers(response)
    return response


def _save(opinion: Opinion, form: forms.Form) -> bool:
    """False if the service rejects the answer; its message becomes a form error."""
    values = form.cleaned_data
    try:
        if isinstance(form, RecusalForm):
            recuse_expert(opinion, reason=values["reason"])
        else:
            marks = {value: values[value] for value in VALUES}
            reasons = {value: values[f"{value}_reason"] for value in VALUES}
            submit_marks(opinion, marks=marks, reasons=reasons)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True

"""One measure: what is asked, how it stands, what shows it, and the steps on from here."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.downloads import send_stored
from mechanism import services
from mechanism.desk.board import BADGES, for_workers
from mechanism.desk.forms import STEPS, steps_for
from mechanism.models import Evidence, Measure

SHOWN = 100


@require_safe
@for_workers
def page(request, public_id):
    return _page(request, _found(request, public_id))


@require_POST
@for_workers
def step(request, public_id):
    """A form of the page, or one of its buttons (`reach`: a milestone, `remove`: a piece of evidence)."""
    found = _found(request, public_id)
    if not services.may_report(found, request.user):
        raise PermissionDenied
    name = request.POST.get("step", "")
    if name in {"reach", "remove"}:
        return _press(request, found, name)
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST, request.FILES, measure=found, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("admin:mechanism_measure_page", public_id)
    return _page(request, found, faulty=form, status=422)


@require_safe
@for_workers
def download(request, public_id):
    """A file of a measure the user may see, always as a download of the type it was checked to be."""
    kept = Evidence.objects.kept().exclude(file="").filter(measure__in=Measure.objects.visible_to(request.user))
    evidence = get_object_or_404(kept, public_id=public_id)
    return send_stored(evidence.file, evidence.name, evidence.content_type)


def _found(request, public_id) -> Measure:
    rows = Measure.objects.visible_to(request.user).stated()
    return get_object_or_404(
        rows.select_related("task", "organisation", "owner", "minutes", "done_by"), public_id=public_id
    )


def _press(request, found: Measure, name: str):
    chosen = request.POST.get("which", "")
    try:
        if name == "reach":
            rows = found.milestones.filter(pk=int(chosen) if chosen.isascii() and chosen.isdecimal() else 0)
            milestone = get_object_or_404(rows.select_related("measure"))
            services.reach_milestone(milestone, by=request.user)
            messages.success(request, "已记为达到。")
        else:
            evidence = get_object_or_404(found.evidence.kept().select_related("measure"), public_id=chosen)
            services.remove_evidence(evidence, by=request.user)
            messages.success(request, "已移除。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("admin:mechanism_measure_page", found.public_id)


def _page(request, found: Measure, *, faulty=None, status: int = 200):
    user = request.user
    forms = {name: STEPS[name](measure=found, by=user) for name in steps_for(found, user)}
    if faulty and faulty.step in forms:
        forms[faulty.step] = faulty
    context = {
        "one": found,
        "badge": BADGES[found.state],
        "milestones": found.milestones.select_related("reached_by"),
        "evidence": found.evidence.kept().select_related("added_by"),
        "remarks": found.remarks.select_related("by")[:SHOWN],
        "forms": forms,
        "faulty": faulty,
        "may_report": services.may_report(found, user),
        "may_change": user.has_perm("mechanism.change_measure"),
        "sees_all": user.scope.sees_all,
    }
    return render(request, "admin/mechanism/measure.html", context, status=status)

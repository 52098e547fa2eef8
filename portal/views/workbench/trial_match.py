"""What the engine says of a text that is not in the registry: likely doubles while typing, and 试配."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from matching.duplicates import likely_duplicates
from matching.trial_match import MOST_CHARS, run_trial_match
from portal.item_kinds import ItemKind

TEXTS = {"achievement": ("summary", "innovation", "scenario"), "demand": ("problem", "goal")}


@login_required
@require_POST
def doubles(request, kind: ItemKind):
    """A part of the form: what the user may see that may be the same as what they are writing; empty if nothing is."""
    if not kind.may_enter(request.user.scope):
        raise PermissionDenied(f"录入{kind.noun}需要{kind.role}的账号。")
    itself = kind.managed(request.user).filter(public_id=request.POST.get("itself", "")[:10]).first()
    text = "\n".join(request.POST.get(field, "") for field in TEXTS[kind.name])
    found = likely_duplicates(
        kind.name,
        request.POST.get("title", "")[:200],
        text[:MOST_CHARS],
        user=request.user,
        itself=itself.pk if itself else None,
    )
    return render(request, "portal/workbench/_duplicates.html", {"kind": kind, "found": found})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request):
    """试配: for staff and for the offices of institutions. Nothing that is typed here is kept."""
    scope = request.user.scope
    if not (scope.sees_all or scope.is_district or scope.institution_ids):
        raise PermissionDenied("试配供各级科技部门和院校专员使用。")
    text = request.POST.get("text", "")[:MOST_CHARS].strip()
    is_asked = request.method == "POST"
    found = run_trial_match(text, user=request.user) if text else None
    context = {"text": text, "found": found, "is_empty": is_asked and not text, "most": MOST_CHARS}
    template = "portal/workbench/_trial_match.html" if request.htmx else "portal/workbench/trial_match.html"
    return render(request, template, context, status=422 if is_asked and not text and not request.htmx else 200)

"""Steps with ticked records of the user's own list: first a page that says what will happen to which, then the step."""

from collections import Counter, defaultdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Model, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Membership, User
from accounts.requests import UserRequest
from core.downloads import send_download
from core.plain_text import REASON_LENGTH
from portal.record_kinds import RecordKind
from portal.record_list import RecordListFilter
from portal.record_steps import MOST_AT_ONCE, STEPS, RecordStep, apply_step
from sheets.cells import clean_text

MOST_SHOWN = 50
MOST_SENTENCES = 10


@login_required
@require_POST
def record_steps(request: UserRequest, kind: RecordKind) -> HttpResponse:
    """One of `portal.record_steps.STEPS` with the ticked records (`chosen`, public ids). Asks unless `confirmed`."""
    step = STEPS[kind.name].get(request.POST.get("step", ""))
    if step is None:
        raise Http404
    public_ids = set(request.POST.getlist("chosen"))
    records = kind.owned_by(request.user).filter(public_id__in=public_ids)
    if records.count() != len(public_ids):
        raise Http404
    if not public_ids:
        messages.warning(request, f"请先勾选要{step.label}的{kind.noun}。")
        return redirect(kind.list_url)
    if len(public_ids) > MOST_AT_ONCE:
        messages.warning(request, f"一次最多处理 {MOST_AT_ONCE} 项，请分几次勾选。")
        return redirect(kind.list_url)
    reason = clean_text(request.POST.get("reason", ""))[: REASON_LENGTH + 1]
    if "confirmed" not in request.POST:
        return _ask(request, kind, step, records)
    if step.reason_label and not (reason and len(reason) <= REASON_LENGTH):
        problem = f"请写明{step.reason_label}，最多 {REASON_LENGTH} 个字。"
        return _ask(request, kind, step, records, reason=reason, problem=problem, status=422)
    result = apply_step(step, list(records), by=request.user, reason=reason)
    if result.done:
        messages.success(request, f"{step.done} {result.done} 项{kind.noun}。")
    for sentence in result.refused[:MOST_SENTENCES]:
        messages.error(request, sentence)
    if len(result.refused) > MOST_SENTENCES:
        messages.error(request, f"另有 {len(result.refused) - MOST_SENTENCES} 项没有处理。")
    return redirect(kind.list_url)


@login_required
@require_safe
def record_export(request: UserRequest, kind: RecordKind) -> HttpResponse:
    """The user's own records as the list shows them, as a workbook."""
    records = RecordListFilter.of(kind, request.GET).apply(kind.owned_by(request.user))
    return send_download(kind.export(records, by=request.user), f"我的{kind.noun}.xlsx")


def confirm_submission(request: UserRequest, kind: RecordKind, records: QuerySet, status: str) -> HttpResponse:
    """Ask before everything with a status is submitted: what goes, and which drafts of colleagues go as well."""
    step = STEPS[kind.name]["submit"]
    own = without_colleagues(kind, records, request.user, [])
    others = records.exclude(pk__in=own.order_by().values("pk")).select_related("created_by")
    colleagues: dict[str, list[Model]] = defaultdict(list)
    for record in others.order_by("created_by__name", "title", "pk")[:MOST_AT_ONCE]:
        colleagues[str(record.created_by)].append(record)
    return _ask(
        request,
        kind,
        step,
        own,
        action=kind.submit_all_url,
        hidden=[("all", status)],
        colleagues=list(colleagues.items()),
        left_out=max(0, others.count() - MOST_AT_ONCE),
    )


def without_colleagues(kind: RecordKind, records: QuerySet, user: User, also: list[str]) -> QuerySet:
    """Without what other members of the user's organisations entered, except the records with these public ids.

    What staff have imported for the organisation is nobody's draft: it stays.
    """
    members = Membership.objects.filter(organisation__in=kind.organisations_of(user)).exclude(user=user)
    foreign = Q(created_by__in=members.values("user")) & ~Q(public_id__in=also)
    return records.exclude(pk__in=records.order_by().filter(foreign).values("pk"))


def _ask(
    request: UserRequest,
    kind: RecordKind,
    step: RecordStep,
    records: QuerySet,
    *,
    action: str = "",
    hidden: list[tuple[str, str]] | None = None,
    reason: str = "",
    problem: str = "",
    status: int = 200,
    colleagues: list[tuple[str, list[Model]]] | None = None,
    left_out: int = 0,
) -> HttpResponse:
    """The page that asks. `hidden`: what the second request says instead of the ticked records.

    colleagues: (who, their records), which go only if they are ticked; `left_out` of them are not shown.
    """
    rows = list(records[:MOST_AT_ONCE])
    number = records.count()
    fitting = [row for row in rows if row.status in step.statuses]
    context: dict[str, Any] = {
        "kind": kind,
        "step": step,
        "number": number,
        "rows": [(row, kind.edit_url(row)) for row in rows[:MOST_SHOWN]],
        "is_cut": number > MOST_SHOWN,
        "unfit": dict(Counter(row.get_status_display() for row in rows if row not in fitting)) if not hidden else {},
        "authors": _authors(records),
        "colleagues": colleagues or [],
        "left_out": left_out,
        "action": action or kind.steps_url,
        "hidden": hidden or [("chosen", row.public_id) for row in rows] + [("step", step.name)],
        "reason": reason,
        "problem": problem,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "portal/workbench/record_steps.html", context, status=status)


def _authors(records: QuerySet) -> list[tuple[str, int]]:
    """(who entered them, how many), most first."""
    rows = records.order_by().values_list("created_by__name").annotate(number=Count("pk")).order_by("-number")
    return [(name or "没有记下录入人", number) for name, number in rows]

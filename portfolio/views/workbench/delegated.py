"""What a college office or a completer sees: the achievements given to them, and the form to propose changes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest
from achievements.models import Achievement
from achievements.services.revisions import pending_revision
from audit.exports import recorded_workbook
from core.downloads import send_download
from core.pagination import PAGE_SIZE
from members.services.delegations import held_by
from portfolio.delegated_items import delegated_item, delegated_items
from portfolio.gaps import completeness_of
from portfolio.history import rejection_reasons
from portfolio.models import ItemProposal
from portfolio.renewal_form import ProposalForm
from portfolio.services.item_proposals import OPEN, propose, withdraw_proposal
from portfolio.trend import public_trend

MOST_PROPOSALS = 20
HEADERS = ("成果名称", "入库编号", "学院", "负责人", "状态", "所处阶段", "意向价格", "有效期至", "完整度（%）")


def _rows(request: UserRequest) -> tuple[QuerySet[Achievement], str]:
    """The user's achievements that match the words of the query string, and these words."""
    if not held_by(request.user):
        raise Http404
    words = request.GET.get("q", "").replace("\0", "").strip()[:60]
    rows = delegated_items(request.user)
    if words:
        rows = rows.filter(
            Q(title__icontains=words) | Q(lead_person__icontains=words) | Q(registry_number__icontains=words)
        )
    details = ("indicators", "intellectual_property", "completers")
    return rows.order_by("title", "pk").prefetch_related(*details), words


@login_required
@require_safe
def delegated_list(request: UserRequest) -> HttpResponse:
    rows, words = _rows(request)
    waiting = ItemProposal.objects.of(request.user).pending().filter(achievement=OuterRef("pk"))
    page = Paginator(rows.annotate(waits=Exists(waiting)), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, completeness_of(row)) for row in page],
        "query": words,
        "held": held_by(request.user),
    }
    return render(request, "portfolio/workbench/delegated_list.html", context)


@login_required
@require_safe
def delegated_export(request: UserRequest) -> HttpResponse:
    rows, _words = _rows(request)
    lines = [
        (
            *(row.title, row.registry_number or "", row.college, row.lead_person, row.get_status_display()),
            *(row.get_stage_display(), row.price_text, row.expires_on, completeness_of(row).percent),
        )
        for row in rows
    ]
    content = recorded_workbook("导出授权的成果", "我的成果", HEADERS, lines, by=request.user)
    return send_download(content, "我的成果.xlsx")


@login_required
@require_http_methods(["GET", "POST"])
def delegated_item_page(request: UserRequest, public_id: str) -> HttpResponse:
    """POST proposes what differs from the stored values."""
    achievement = delegated_item(request.user, public_id)
    form, status = None, 200
    if request.method == "POST":
        form = ProposalForm(request.POST, instance=delegated_item(request.user, public_id), prefix="p")
        if form.is_valid():
            try:
                propose(achievement, form.corrections, note=form.cleaned_data["note"], by=request.user)
                messages.success(request, "已提交给单位。单位采纳以前，成果不变；在那以前还可以再改或撤回。")
                return redirect("delegated_item", public_id)
            except ValidationError as error:
                form.add_error(None, error.messages)
        status = 422
    proposals = ItemProposal.objects.of(request.user).filter(achievement=achievement)
    pending = proposals.pending().first()
    if form is None:
        item = delegated_item(request.user, public_id)
        initial = pending.after | {"note": pending.note} if pending else None
        form = ProposalForm(instance=item, initial=initial, prefix="p")
    context = {
        "achievement": achievement,
        "form": form if achievement.status in OPEN else None,
        "completeness": completeness_of(achievement),
        "pending": pending,
        "decided": proposals.exclude(status=ItemProposal.Status.PENDING)[:MOST_PROPOSALS],
        "revision": pending_revision(achievement),
        "reasons": rejection_reasons(achievement),
        "trend": public_trend(achievement),
        "is_expired": achievement.expires_on is not None and achievement.expires_on < timezone.localdate(),
    }
    return render(request, "portfolio/workbench/delegated_item.html", context, status=status)


@login_required
@require_POST
def proposal_withdraw(request: UserRequest, public_id: str) -> HttpResponse:
    proposal = get_object_or_404(ItemProposal.objects.of(request.user), public_id=public_id)
    try:
        withdraw_proposal(proposal, by=request.user)
        messages.success(request, "已撤回。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    if delegated_items(request.user).filter(pk=proposal.achievement_id).exists():
        return redirect("delegated_item", proposal.achievement.public_id)
    return redirect("workbench")

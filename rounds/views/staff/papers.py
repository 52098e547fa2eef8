"""Printed papers of a round: request one, wait for it, download it; all data of the round as a workbook."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_download, send_stored
from rounds.models import Paper
from rounds.papers.round_workbook import export_round as round_workbook
from rounds.services.papers import mark_fetched_letters_printed, request_paper
from rounds.views.staff.round_access import round_or_404

VIEW_PAPER = "rounds.view_paper"
MAX_SHOWN = 40
DESCRIPTIONS = {
    Paper.Kind.BOOKLET: "封面、议程、推介成果、参加的院校、场地图，一册",
    Paper.Kind.PLANS: "每个参加的单位一页：几点在哪张桌见谁，另有必须到场的议程",
    Paper.Kind.TABLE_CARDS: "每张桌一张，写着桌号和当天的洽谈",
    Paper.Kind.BADGES: "每人一枚，A4 一页八枚，带签到用的二维码",
    Paper.Kind.SIGN_IN: "按区市县列出，每人一行",
    Paper.Kind.LETTERS: "每个受邀单位一页，带邀请码和答复用的二维码；下载后，待打印的记为已打印",
}


@require_safe
def papers(request: UserRequest, pk: int) -> HttpResponse:
    """For htmx only the list of papers, while one is in work."""
    docking_round = round_or_404(request, VIEW_PAPER, pk=pk)
    visible = Paper.objects.visible_to(request.user).filter(docking_round=docking_round)
    papers = list(visible.select_related("made_by", "region")[:MAX_SHOWN])
    kinds = [kind for kind in Paper.Kind if request.user.scope.sees_all or kind in Paper.DISTRICTS]
    context = {
        "round": docking_round,
        "papers": papers,
        "is_waiting": any(paper.status == Paper.Status.QUEUED for paper in papers),
        "kinds": [(kind.value, kind.label, DESCRIPTIONS[kind]) for kind in kinds],
        "may_make": request.user.has_perm("rounds.add_paper"),
        "may_export": request.user.scope.sees_all,
    }
    template = "rounds/staff/_papers.html" if request.htmx else "rounds/staff/papers.html"
    return render(request, template, context)


@require_POST
def make_paper(request: UserRequest, pk: int) -> HttpResponse:
    docking_round = round_or_404(request, VIEW_PAPER, pk=pk)
    kind = request.POST.get("kind", "")
    try:
        paper = request_paper(docking_round, kind, by=request.user)
        messages.success(request, "正在生成%(kind)s，通常不到一分钟。" % {"kind": paper.get_kind_display()})
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return redirect("admin:rounds_papers", docking_round.pk)


@require_safe
def download_paper(request: UserRequest, public_id: str) -> FileResponse:
    """District staff download only the papers of their own firms."""
    if not request.user.has_perm(VIEW_PAPER):
        raise PermissionDenied
    papers = Paper.objects.visible_to(request.user).filter(status=Paper.Status.DONE).select_related("docking_round")
    paper = get_object_or_404(papers, public_id=public_id)
    response = send_stored(paper.file, f"{paper.docking_round.name}-{paper.get_kind_display()}.pdf", "application/pdf")
    mark_fetched_letters_printed(paper, by=request.user)
    return response


@require_safe
def export_round(request: UserRequest, pk: int) -> HttpResponse:
    docking_round = round_or_404(request, VIEW_PAPER, pk=pk)
    if not request.user.scope.sees_all:
        raise PermissionDenied
    return send_download(round_workbook(docking_round, by=request.user), "对接活动.xlsx")

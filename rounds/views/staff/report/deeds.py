"""The steps of the staff page of a round's report. Each parses, calls one service, and says what came of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rounds.models import RoundReport
from rounds.report.text import TITLES
from rounds.services import report as services
from rounds.views.staff.report.pages import round_of


def _draft(request, docking_round):
    services.draft_report(docking_round, by=request.user)
    return _("已按现在的数字起草。")


def _report(request, docking_round) -> RoundReport:
    mine = RoundReport.objects.visible_to(request.user).filter(docking_round=docking_round)
    return get_object_or_404(mine, public_id=request.POST.get("report", "").replace("\x00", ""))


def _revision(request) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else -1


def _edit(request, docking_round):
    texts = {key: request.POST[key] for key in TITLES if key in request.POST}
    services.edit_report(_report(request, docking_round), texts, revision=_revision(request), by=request.user)
    return _("已保存。")


def _recount(request, docking_round):
    report = _report(request, docking_round)
    to_check = services.recount_report(report, revision=_revision(request), by=request.user)
    if to_check:
        return _("数字已更新。这些段落您改过，请对照新数字检查：%(titles)s。") % {"titles": "、".join(to_check)}
    return _("数字已更新，文字也已按新数字改写。")


def _release(request, docking_round):
    report = _report(request, docking_round)
    services.release_report(report, revision=_revision(request), by=request.user)
    return _("已发布，Word 和 PDF 已保存，不能再改。")


DEEDS = {"draft": _draft, "edit": _edit, "recount": _recount, "release": _release}


@require_POST
def deed(request, pk: int):
    """One step, named by `deed`; `revision` is the draft the officer saw."""
    docking_round = round_of(request, pk)
    step = DEEDS.get(request.POST.get("deed", ""))
    try:
        if step is None:
            raise ValidationError(_("没有这样的操作，请刷新页面。"))
        messages.success(request, step(request, docking_round))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return HttpResponseRedirect(reverse("admin:rounds_report", args=[docking_round.pk]))

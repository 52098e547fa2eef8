"""Edit one cell of the table: a page of its own, or a form that a script puts into the cell."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from achievements.services.revisions import pending_revision
from audit.revisions import version_of
from portfolio.own_items import own_item
from portfolio.services.cells import CELLS, CellForm, edit_cell, may_edit_cell


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def achievement_cell(request: UserRequest, public_id: str) -> HttpResponse:
    """`cell`: a key of CELLS; `next`: the address of the table, to which a saved page returns.

    With the header `X-Cell: 1` only the form is sent, for the script of the table.
    """
    cell = request.GET.get("cell", "college")
    if cell not in CELLS:
        raise Http404
    achievement = own_item(request.user, public_id)
    is_part = request.headers.get("X-Cell") == "1"
    form = CellForm(achievement, cell, request.POST or None)
    is_editable, status = may_edit_cell(achievement, request.user), 200
    if request.method == "POST":
        if is_editable and form.is_valid():
            try:
                seen = form.cleaned_data["seen"]
                result = edit_cell(achievement, form.values(), by=request.user, seen=seen)
            except ValidationError as error:
                form.add_service_errors(error)
            else:
                waits = "，文字类的改动要等市科技局核对，批准前公开的仍是原值" if result.waits else ""
                text = f"已保存“{achievement.title}”的{form.label}{waits}。"
                if is_part:
                    return render(request, "portfolio/workbench/_cell_saved.html", {"text": text})
                messages.success(request, text)
                return redirect(_next(request))
        elif not is_editable:
            form.add_error(None, f"现在是“{achievement.get_status_display()}”，不能修改。")
        status = 422
        achievement.refresh_from_db()
        version = version_of(achievement, pending_revision(achievement))
        form.data = request.POST.copy()
        form.data["seen"] = version  # type: ignore[index]  # a copy of the posted data
    context = {
        "achievement": achievement,
        "form": form,
        "cell": cell,
        "is_editable": is_editable,
        "next": _next(request),
    }
    template = "portfolio/workbench/_cell_form.html" if is_part else "portfolio/workbench/cell.html"
    return render(request, template, context, status=status)


def _next(request: UserRequest) -> str:
    """The table as it was, if the request names it."""
    table = reverse("my_achievements")
    wanted = request.POST.get("next") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        path = wanted.partition(request.get_host())[2] if "://" in wanted else wanted
        if path.partition("?")[0] == table:
            return path
    return table

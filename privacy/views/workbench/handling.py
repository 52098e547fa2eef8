"""Handling requests of persons: the list with deadlines, one request, the copy."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import UserRequest
from audit.services import record
from core.downloads import send_download
from core.pagination import PAGE_SIZE
from privacy.copies import person_copy
from privacy.forms import CorrectionForm
from privacy.models import DataRequest
from privacy.services import handling, requests

type Action = Callable[[UserRequest, DataRequest], str]
"""Does what the posted form asks for and returns what happened, as a sentence."""


@login_required
@require_safe
def data_requests(request: UserRequest) -> HttpResponse:
    visible = DataRequest.objects.visible_to(request.user)
    show_all = request.GET.get("show") == "all"
    rows = visible.order_by("-received_at", "-pk") if show_all else visible.open().order_by("due_on", "pk")
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "show_all": show_all,
        "open_count": visible.open().count(),
        "total": visible.count(),
    }
    return render(request, "privacy/workbench/data_requests.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def data_request(request: UserRequest, public_id: str) -> HttpResponse:
    row = get_object_or_404(DataRequest.objects.visible_to(request.user), public_id=public_id)
    if request.method == "POST":
        return _act(request, row)
    scope = request.user.scope
    is_reader = scope.is_auditor and not scope.is_city
    context = {
        "data_request": row,
        "records": handling.records_for(row, request.user) if row.is_open else [],
        "steps": row.steps.select_related("by"),
        "organisations": row.organisations.order_by("name"),
        "is_city": scope.is_city,
        "may_act": row.status == DataRequest.Status.VERIFIED and not is_reader,
        "shows_person": scope.is_city or not is_reader,
        "correction": CorrectionForm(prefix="correct"),
    }
    return render(request, "privacy/workbench/data_request.html", context)


@login_required
@require_safe
def data_request_copy(request: UserRequest, public_id: str) -> HttpResponse:
    """The copy for an officer who hands it to a person whose identity the officer has verified."""
    row = get_object_or_404(DataRequest.objects.visible_to(request.user), public_id=public_id)
    if not request.user.scope.is_city:
        raise PermissionDenied("副本由市级专员交给本人。")
    if row.verified_at is None or row.kind != DataRequest.Kind.ACCESS:
        raise PermissionDenied("身份核实后，查阅请求才有副本。")
    content = person_copy(row, for_officer=True)
    record("下载个人信息副本", row, by=request.user)
    return send_download(content, "个人信息副本.xlsx")


def _act(request: UserRequest, row: DataRequest) -> HttpResponse:
    action = ACTIONS.get(request.POST.get("action", ""))
    try:
        if action is None:
            raise ValidationError("请用页面上的按钮操作。")
        messages.success(request, action(request, row))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except PermissionDenied as error:
        messages.error(request, str(error) or "您不能办理这项请求。")
    return redirect("data_request", row.public_id)


def _verify(request: UserRequest, row: DataRequest) -> str:
    requests.verify_by_officer(row, by=request.user, note=request.POST.get("note", ""))
    return "已记录身份核实。"


def _withdraw(request: UserRequest, row: DataRequest) -> str:
    count = handling.withdraw_consents(row, request.POST.getlist("record"), by=request.user)
    return f"已撤回 {count} 位联系人的同意，立即不再出示，已取得联系方式的各方会收到消息。"


def _confirm(request: UserRequest, row: DataRequest) -> str:
    count = handling.confirm_records(row, request.POST.getlist("record"), by=request.user)
    return f"已确认 {count} 条记录属于本人，列入副本。"


def _erase(request: UserRequest, row: DataRequest) -> str:
    count = handling.erase_records(row, request.POST.getlist("record"), by=request.user)
    return f"已删除 {count} 条记录中的个人信息。"


def _correct(request: UserRequest, row: DataRequest) -> str:
    form = CorrectionForm(request.POST, prefix="correct")
    if not form.is_valid():
        raise ValidationError([f"{form[name].label}：{problems[0]}" for name, problems in form.errors.items()])
    chosen = request.POST.getlist("record")
    if len(chosen) != 1:
        raise ValidationError("请勾选一条要更正的联系人记录。")
    handling.correct_record(row, chosen[0], **form.cleaned_data, by=request.user)
    return "已更正。"


def _answer(request: UserRequest, row: DataRequest) -> str:
    handling.answer_request(row, by=request.user, answer=request.POST.get("answer", ""))
    return "已办结，本人可以看到答复。"


def _refuse(request: UserRequest, row: DataRequest) -> str:
    handling.answer_request(row, by=request.user, answer=request.POST.get("answer", ""), refuse=True)
    return "已记录不予办理，核实过身份的本人可以看到理由。"


ACTIONS: dict[str, Action] = {
    "verify": _verify,
    "withdraw": _withdraw,
    "confirm": _confirm,
    "erase": _erase,
    "correct": _correct,
    "answer": _answer,
    "refuse": _refuse,
}

"""委托: the list of each side, the form to propose one, the page of one and the steps on it."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_stored
from core.pagination import PAGE_SIZE
from mandates.forms import ConfirmForm, ExtendForm, ProposeForm
from mandates.models import Mandate, MandatedAct, ReplacedDocument, Right, mandate_for
from mandates.permissions import is_responsible_staff
from mandates.services.contacts import reveal_client_contact
from mandates.services.mandates import (
    add_document,
    confirm_by_document,
    end_mandate,
    refuse_mandate,
    withdraw_mandate,
)
from mandates.services.notifications import people_of_client

TABS = {"": "有效和待确认", "closed": "已终止"}
MOST_ACTS = 100


def may_propose(request: UserRequest) -> bool:
    scope = request.user.scope
    return bool(scope.firm_ids or scope.institution_ids or scope.is_broker)


@login_required
@require_safe
def mandate_list(request: UserRequest) -> HttpResponse:
    scope = request.user.scope
    if not (may_propose(request) or scope.sees_all or scope.is_district):
        raise PermissionDenied("委托由企业、院所、技术经纪人和科技部门的账号查看。")
    show = "closed" if request.GET.get("show") == "closed" else ""
    visible = Mandate.objects.visible_to(request.user)
    counts = {
        "": visible.filter(status__in=Mandate.OPEN).count(),
        "closed": visible.exclude(status__in=Mandate.OPEN).count(),
    }
    rows = visible.exclude(status__in=Mandate.OPEN) if show else visible.filter(status__in=Mandate.OPEN)
    page = Paginator(rows.with_sides(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "show": show,
        "tabs": [(value, label, counts[value]) for value, label in TABS.items()],
        "awaiting": set(Mandate.objects.awaiting(request.user).values_list("pk", flat=True)),
        "may_propose": may_propose(request),
        "is_agent": scope.is_broker,
    }
    return render(request, "mandates/workbench/mandates.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mandate_new(request: UserRequest) -> HttpResponse:
    """Propose one; `?agent=broker:…` comes from the page of a broker or an agency."""
    if not may_propose(request):
        raise PermissionDenied("委托由企业、院所和技术经纪人的账号提出。")
    initial = {"agent": request.GET.get("agent", "")[:20], "purpose": request.GET.get("purpose", "")[:500]}
    form = ProposeForm(request.POST or None, request.FILES or None, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid() and form.save() and form.mandate:
        messages.success(request, "已送达对方，对方确认后生效。")
        return redirect("mandate", form.mandate.public_id)
    status = 422 if form.is_bound else 200
    return render(request, "mandates/workbench/mandate_new.html", {"form": form}, status=status)


@login_required
@require_safe
def mandate_detail(request: UserRequest, public_id: str) -> HttpResponse:
    return _render(request, _visible(request, public_id))


@login_required
@require_POST
def mandate_step(request: UserRequest, public_id: str, step: str) -> HttpResponse:
    mandate = _visible(request, public_id)
    form = None
    try:
        if step == "confirm":
            form = ConfirmForm(request.POST, mandate=mandate, by=request.user)
            if not (form.is_valid() and form.save()):
                return _render(request, _visible(request, public_id), confirm_form=form, status=422)
            messages.success(request, "已确认，委托生效。")
        elif step == "extend":
            extend_form = ExtendForm(request.POST, mandate=mandate, by=request.user)
            if not (extend_form.is_valid() and extend_form.save()):
                return _render(request, _visible(request, public_id), extend_form=extend_form, status=422)
            messages.success(request, "已延长，并告知了受托方。")
        else:
            messages.success(request, STEPS[step](request, mandate))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        if request.POST.get("reason"):  # what was typed stays in its field
            return _render(request, _visible(request, public_id), status=422)
    return redirect("mandate", public_id)


@login_required
@require_POST
def mandate_contact(request: UserRequest, public_id: str) -> HttpResponse:
    """The client's contact, for the agent: shown once and recorded."""
    mandate = _visible(request, public_id)
    try:
        contact = reveal_client_contact(mandate, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("mandate", public_id)
    return _render(request, mandate, contact=contact)


@login_required
@require_safe
def mandate_file(request: UserRequest, public_id: str) -> FileResponse:
    mandate = _visible(request, public_id)
    if not mandate.file:
        raise Http404
    return send_stored(mandate.file, mandate.file_name, mandate.file_type)


@login_required
@require_safe
def mandate_replaced_file(request: UserRequest, public_id: str) -> FileResponse:
    """An earlier 委托书."""
    row = get_object_or_404(ReplacedDocument.objects.visible_to(request.user), public_id=public_id)
    return send_stored(row.file, row.file_name, row.file_type)


def _refuse(request: UserRequest, mandate: Mandate) -> str:
    refuse_mandate(mandate, by=request.user, reason=request.POST.get("reason", ""))
    return "已答复对方：不同意。"


def _withdraw(request: UserRequest, mandate: Mandate) -> str:
    withdraw_mandate(mandate, by=request.user)
    return "已撤回。"


def _end(request: UserRequest, mandate: Mandate) -> str:
    end_mandate(mandate, by=request.user, reason=request.POST.get("reason", ""))
    return "委托已终止，受托方从现在起不能再以委托方名义办理。写好的内容都留着。"


def _document(request: UserRequest, mandate: Mandate) -> str:
    upload = request.FILES.get("document")
    if upload is None:
        raise ValidationError("请选择委托书的扫描件。")
    add_document(mandate, name=upload.name or "", content=upload.read(), by=request.user)
    is_told = mandate.status == Mandate.Status.CONFIRMED
    return "委托书已上传，并告知了对方。" if is_told else "委托书已上传。"


def _check(request: UserRequest, mandate: Mandate) -> str:
    confirm_by_document(mandate, by=request.user)
    return "已按委托书确认，委托生效。"


STEPS: dict[str, Callable[[UserRequest, Mandate], str]] = {
    "refuse": _refuse,
    "withdraw": _withdraw,
    "end": _end,
    "document": _document,
    "check": _check,
}
"""Steps besides the confirmation; each returns what happened, as a sentence."""


def _visible(request: UserRequest, public_id: str) -> Mandate:
    rows = Mandate.objects.visible_to(request.user).with_sides()
    mandate: Mandate = get_object_or_404(rows.select_related("contact", "closed_by"), public_id=public_id)
    return mandate


def _render(
    request: UserRequest,
    mandate: Mandate,
    *,
    status: int = 200,
    confirm_form: ConfirmForm | None = None,
    extend_form: ExtendForm | None = None,
    contact=None,
) -> HttpResponse:
    user = request.user
    side = mandate.side_of(user.scope)
    is_waiting = mandate.status == Mandate.Status.PROPOSED and not mandate.is_expired
    is_asked = is_waiting and bool(side) and side != mandate.proposed_side
    is_staff = not side and is_responsible_staff(mandate.client, user)
    has_account = bool(people_of_client(mandate.client)) if is_waiting else True
    in_force = mandate_for(user, mandate.client_id, Right.CONTACT) if side == Mandate.Side.AGENT else None
    may_extend = side == Mandate.Side.CLIENT and mandate.status == Mandate.Status.CONFIRMED and not mandate.is_expired
    is_checked = mandate.basis == Mandate.Basis.DOCUMENT  # by staff: the agent does not put another paper in its place
    is_open = mandate.status in Mandate.OPEN and not mandate.is_expired
    may_file = is_open and bool(side) and not (is_checked and side == Mandate.Side.AGENT)
    context = {
        "mandate": mandate,
        "side": side,
        "is_waiting": is_waiting,
        "is_asked": is_asked,
        "confirm_form": confirm_form or (ConfirmForm(mandate=mandate, by=user) if is_asked else None),
        "extend_form": extend_form or (ExtendForm(mandate=mandate, by=user) if may_extend else None),
        "may_withdraw": is_waiting and side == mandate.proposed_side,
        "may_file": may_file,
        "replaced": mandate.replaced_documents.select_related("filed_by"),
        "may_check": is_waiting and is_staff and bool(mandate.file) and not has_account,
        "has_account": has_account,
        "may_end": mandate.status == Mandate.Status.CONFIRMED and bool(side or is_staff),
        "is_suspended": mandate.is_in_force and not Mandate.objects.in_force().filter(pk=mandate.pk).exists(),
        "may_reveal": in_force is not None and in_force.pk == mandate.pk and mandate.contact is not None,
        "may_post": side == Mandate.Side.AGENT and mandate_for(user, mandate.client_id, Right.POST) is not None,
        "contact": contact,
        "acts": MandatedAct.objects.visible_to(user).filter(mandate=mandate).select_related("by")[:MOST_ACTS],
    }
    return render(request, "mandates/workbench/mandate.html", context, status=status)

"""Income cases of the own institution, and the shares of the user as a person."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest
from audit.services import record
from core.downloads import send_stored
from core.forms import form_messages
from core.pagination import PAGE_SIZE
from deals.forms.income import IncomeCaseForm, PlanForm, ShareForm
from deals.income_links import link_of
from deals.models import IncomeCase, IncomeShare
from deals.services import income as services


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def income_cases(request: UserRequest) -> HttpResponse:
    """POST begins a case."""
    user = request.user
    is_office = bool(user.scope.institution_ids)
    form = IncomeCaseForm(by=user, initial={"costs_wan": 0}) if is_office else None
    if request.method == "POST":
        if not is_office:
            raise Http404
        form = IncomeCaseForm(request.POST, by=user)
        if form.is_valid() and form.save() and form.case:
            return redirect("income_case", form.case.public_id)
    rows = IncomeCase.objects.visible_to(user).with_totals().select_related("institution")
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "form": form,
        "is_office": is_office,
        "has_own": IncomeShare.objects.of_person(user).exists(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "deals/workbench/income_cases.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def income_case(request: UserRequest, public_id: str) -> HttpResponse:
    """POST saves the terms of a draft."""
    case = _case_or_404(request, public_id)
    form = None
    if request.method == "POST":
        form = IncomeCaseForm(request.POST, by=request.user, case=case)
        if form.is_valid() and form.save():
            messages.success(request, "已保存。")
            return redirect("income_case", public_id)
        case.refresh_from_db()
    return _page(request, case, case_form=form)


@login_required
@require_POST
def income_case_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: a key of STEPS, or share (with `share` to change one)."""
    case, step = _case_or_404(request, public_id), request.POST.get("step", "")
    if step != "share" and step not in STEPS:
        raise Http404
    try:
        if step == "share":
            share = _share_or_404(request, case) if request.POST.get("share") else None
            share_form = _share_form(request, case, share, request.POST)
            if not (share_form.is_valid() and share_form.save()):
                return _page(request, case, share_form=share_form)
            messages.success(request, "已保存这个人的份额，请他本人确认。")
        else:
            messages.success(request, STEPS[step](request, case))
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
        if step in TYPED:
            case.refresh_from_db()
            return _page(request, case, refused=step)
    return redirect("income_case", public_id)


def _remove(request: UserRequest, case: IncomeCase) -> str:
    services.remove_share(_share_or_404(request, case), by=request.user)
    return "已删去。"


def _new_link(request: UserRequest, case: IncomeCase) -> str:
    services.replace_link(_share_or_404(request, case), by=request.user)
    return "已换新链接，原来的打不开了。"


def _upload_plan(request: UserRequest, case: IncomeCase) -> str:
    form = PlanForm(request.POST, request.FILES, case=case, by=request.user)
    if not (form.is_valid() and form.save()):
        raise ValidationError(form_messages(form))
    return "已上传分配方案。"


def _decide(request: UserRequest, case: IncomeCase) -> str:
    services.decide_case(case, by=request.user)
    return "分配已定，计入年度报告。"


def _cancel(request: UserRequest, case: IncomeCase) -> str:
    services.cancel_case(case, reason=request.POST.get("reason", ""), by=request.user)
    return "已作废。"


def _pay(request: UserRequest, case: IncomeCase) -> str:
    try:
        paid_on = parse_date(request.POST.get("paid_on", ""))
    except ValueError:
        paid_on = None
    if paid_on is None:
        raise ValidationError("发放日期请写成 2026-11-30 的样子。")
    chosen = set(request.POST.getlist("chosen"))
    shares = [share for share in case.shares.all() if share.public_id in chosen]
    number = services.record_payout(case, shares, paid_on=paid_on, by=request.user)
    return f"已记 {number} 人发放。"


STEPS = {
    "remove": _remove,
    "link": _new_link,
    "plan": _upload_plan,
    "decide": _decide,
    "pay": _pay,
    "cancel": _cancel,
}
TYPED = ("pay", "cancel")
"""Steps with something typed or ticked, which the page shows again when they are refused."""


@login_required
@require_safe
def income_plan(request: UserRequest, public_id: str) -> FileResponse:
    case = _case_or_404(request, public_id)
    if not case.evidence:
        raise Http404
    record("下载分配方案", case, by=request.user, changes={"file": [None, case.evidence_name]})
    return send_stored(case.evidence, case.evidence_name, case.evidence_type)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_shares(request: UserRequest) -> HttpResponse:
    """The user's own shares. POST `share`, `amount`, `answer`: confirm or object (with `objection`)."""
    rows = IncomeShare.objects.of_person(request.user).select_related("case__institution")
    if request.method == "POST":
        share = get_object_or_404(rows, public_id=request.POST.get("share", "")[:10])
        if answer_posted(request, share, by=True):
            return redirect("own_income_shares")
    context = {"page": Paginator(rows.order_by("-case__income_on", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))}
    status = 422 if request.method == "POST" else 200  # what was typed stays in its field
    response = render(request, "deals/workbench/own_shares.html", context, status=status)
    add_never_cache_headers(response)
    return response


def answer_posted(request: HttpRequest, share: IncomeShare, *, by: bool) -> bool:
    """Store a posted answer; the outcome becomes a message. by: whether the signed-in user answers, not the link.

    Returns whether it was stored.
    """
    objects = request.POST.get("answer") == "object"
    try:
        if not objects and request.POST.get("answer") != "confirm":
            raise ValidationError("请选择确认或提出异议。")
        services.answer_share(
            share,
            amount_wan=request.POST.get("amount", ""),
            objection=request.POST.get("objection", "") if objects else None,
            by=request.user if by else None,
        )
        messages.success(request, "已记下您的异议，单位会与您商定。" if objects else "已确认，谢谢。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return False
    return True


def _case_or_404(request: UserRequest, public_id: str) -> IncomeCase:
    rows = IncomeCase.objects.visible_to(request.user).select_related("institution", "deal", "contract", "decided_by")
    return get_object_or_404(rows, public_id=public_id)


def _share_or_404(request: UserRequest, case: IncomeCase) -> IncomeShare:
    return get_object_or_404(case.shares.select_related("case"), public_id=request.POST.get("share", "")[:10])


def _share_form(
    request: UserRequest, case: IncomeCase, share: IncomeShare | None, data: QueryDict | None = None
) -> ShareForm:
    """`share`: None to add one. Each form of the page has ids of its own."""
    auto_id = f"{share.public_id}_%s" if share else "id_%s"
    return ShareForm(data, case=case, by=request.user, share=share, auto_id=auto_id)


def _page(
    request: UserRequest,
    case: IncomeCase,
    *,
    case_form: IncomeCaseForm | None = None,
    share_form: ShareForm | None = None,
    refused: str = "",
) -> HttpResponse:
    """`refused`: the step of TYPED that was posted and not carried out."""
    shares = list(case.shares.select_related("user", "case"))
    for share in shares:
        share.link = link_of(share) if case.is_draft and share.user_id is None else ""
        share.is_faulty = share_form is not None and share_form.share == share
        share.form = share_form if share.is_faulty else _share_form(request, case, share)
        share.is_chosen = refused == "pay" and share.public_id in request.POST.getlist("chosen")
    reward = services.reward_of(case)
    faulty = share_form or case_form
    adds = share_form is not None and share_form.share is None
    context = {
        "case": case,
        "shares": shares,
        "reward": reward,
        "percent": round(reward * 100 / case.net_wan, 1) if case.net_wan else 0,
        "kept": case.net_wan - reward,
        "is_below_law": services.is_below_law(case),
        "case_form": case_form or (IncomeCaseForm(by=request.user, case=case) if case.is_draft else None),
        "share_form": share_form if adds else _share_form(request, case, None),
        "adds": adds,
        "plan_form": PlanForm(case=case, by=request.user),
        "faulty": faulty,
        "edits_terms": case_form is not None,
        "refused": refused,
    }
    status = 422 if faulty or refused else 200
    response = render(request, "deals/workbench/income_case.html", context, status=status)
    add_never_cache_headers(response)
    return response

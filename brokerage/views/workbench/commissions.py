"""佣金: agree on it for a deal, and tell what was paid. Only the two sides, city staff and auditors read it."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest
from brokerage.commission_sums import commission_sums
from brokerage.forms import CommissionChangeForm, CommissionForm, CommissionPaymentForm
from brokerage.models import Commission, CommissionPayment
from brokerage.services.commissions import (
    answer_commission,
    confirm_payment,
    is_paid,
    may_agree,
    withdraw_commission,
    withdraw_payment,
)
from deals.models import Deal
from mandates.models import Mandate


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def commission_new(request: UserRequest, public_id: str) -> HttpResponse:
    deal = get_object_or_404(Deal.objects.visible_to(request.user).with_pair(), public_id=public_id)
    mandates = may_agree(deal, request.user)
    if not mandates:
        raise Http404
    form = CommissionForm(request.POST or None, deal=deal, mandates=mandates, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save() and form.commission:
        messages.success(request, "已送达对方，对方同意后生效。")
        return redirect("commission", form.commission.public_id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "deal": deal}
    return render(request, "brokerage/workbench/commission_new.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def commission_change(request: UserRequest, public_id: str) -> HttpResponse:
    """Either side proposes other terms in place of agreed ones."""
    agreed = _visible(request, public_id)
    if not agreed.mandate.side_of(request.user.scope):
        raise PermissionDenied("佣金由委托方和受托方自己约定和记录。")
    form = CommissionChangeForm(request.POST or None, agreed=agreed, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save() and form.commission:
        messages.success(request, "已送达对方，对方同意后按新的约定。")
        return redirect("commission", form.commission.public_id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "deal": agreed.deal, "agreed": agreed}
    return render(request, "brokerage/workbench/commission_new.html", context, status=status)


@login_required
@require_safe
def commission_detail(request: UserRequest, public_id: str) -> HttpResponse:
    return _render(request, _visible(request, public_id))


@login_required
@require_POST
def commission_step(request: UserRequest, public_id: str, step: str) -> HttpResponse:
    commission = _visible(request, public_id)
    if not commission.mandate.side_of(request.user.scope):
        raise PermissionDenied("佣金由委托方和受托方自己约定和记录。")
    try:
        if step == "paid":
            form = CommissionPaymentForm(request.POST, commission=commission, by=request.user)
            if not (form.is_valid() and form.save()):
                return _render(request, commission, form=form, status=422)
            messages.success(request, "已记录，对方核对后算已付。")
        else:
            messages.success(request, STEPS[step](request, commission))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        if request.POST.get("reason"):  # what was typed stays in its field
            return _render(request, _visible(request, public_id), status=422)
    return redirect("commission", public_id)


def _agree(request: UserRequest, commission: Commission) -> str:
    answer_commission(commission, agree=True, by=request.user)
    return "双方已同意。"


def _refuse(request: UserRequest, commission: Commission) -> str:
    answer_commission(commission, agree=False, by=request.user, reason=request.POST.get("reason", ""))
    return "已答复对方：不同意。"


def _withdraw(request: UserRequest, commission: Commission) -> str:
    withdraw_commission(commission, by=request.user)
    return "已撤回。"


def _confirm(request: UserRequest, commission: Commission) -> str:
    confirm_payment(_payment_or_404(request, commission), by=request.user)
    return "已确认这一笔。"


def _take_back(request: UserRequest, commission: Commission) -> str:
    withdraw_payment(_payment_or_404(request, commission), by=request.user)
    return "已撤回这一笔。"


def _payment_or_404(request: UserRequest, commission: Commission) -> CommissionPayment:
    number = request.POST.get("payment", "")
    rows = CommissionPayment.objects.filter(commission=commission).select_related("commission__mandate__client")
    return get_object_or_404(rows, pk=int(number) if number.isascii() and len(number) < 19 and number.isdigit() else 0)


STEPS: dict[str, Callable[[UserRequest, Commission], str]] = {
    "agree": _agree,
    "refuse": _refuse,
    "withdraw": _withdraw,
    "confirm": _confirm,
    "take_back": _take_back,
}


def _visible(request: UserRequest, public_id: str) -> Commission:
    rows = Commission.objects.visible_to(request.user).select_related(
        *("deal", "previous", "mandate__client"),
        *("mandate__broker__agency__organisation", "mandate__agency__organisation"),
    )
    commission: Commission = get_object_or_404(rows, public_id=public_id)
    return commission


def _render(
    request: UserRequest, commission: Commission, *, form: CommissionPaymentForm | None = None, status: int = 200
) -> HttpResponse:
    side = commission.mandate.side_of(request.user.scope)
    is_waiting = commission.status in Commission.WAITING
    is_agreed = commission.status == Commission.Status.AGREED
    others = Commission.objects.filter(deal=commission.deal_id, mandate=commission.mandate_id).exclude(pk=commission.pk)
    change = others.filter(previous=commission.pk, status=Commission.Status.CHANGE).first()
    context = {
        "commission": commission,
        "sums": commission_sums(commission) if is_agreed else None,
        "side": side,
        "is_waiting": is_waiting,
        "is_asked": is_waiting and bool(side) and side != commission.proposed_side,
        "may_withdraw": is_waiting and side == commission.proposed_side,
        "payments": [(row, Mandate.Side(row.told_side).label) for row in commission.payments.all()],
        "form": form or (CommissionPaymentForm(commission=commission, by=request.user) if side and is_agreed else None),
        "others": others,
        "change": change,
        "valid": None if is_agreed else others.filter(status=Commission.Status.AGREED).first(),
        "may_change": is_agreed and bool(side) and change is None and not is_paid(commission),
        "shows_deal": Deal.objects.visible_to(request.user).filter(pk=commission.deal_id).exists(),
    }
    return render(request, "brokerage/workbench/commission.html", context, status=status)

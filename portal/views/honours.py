"""表彰 for everybody: the rule, the list with its points, the form for an objection; a candidate's own count."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals.models import Contract
from mechanism.models import Candidate, Honour
from mechanism.services import contracts_to_name, object_to, traces


class ContractChoice(forms.ModelChoiceField):
    def label_from_instance(self, contract):
        return f"{contract.number} {contract.name}"


class ObjectionForm(forms.Form):
    """`candidates`: whom it may be about. A contract is chosen among those that `by` may name; without any, none is."""

    candidate = forms.ModelChoiceField(
        Candidate.objects.none(), label=_("针对哪位候选"), to_field_name="public_id", empty_label=_("请选择")
    )
    contract = ContractChoice(
        Contract.objects.none(), label=_("合同"), to_field_name="public_id", required=False,
        empty_label=_("不针对某一份合同"), help_text=_("列出您能看到的、参与计算的合同"),
    )  # fmt: skip
    text = forms.CharField(
        label=_("事实和理由"), max_length=1000, min_length=10, widget=forms.Textarea({"rows": 4}),
        help_text=_("不少于 10 个字；只有市科技局能看到"),
    )  # fmt: skip

    def __init__(self, *args, candidates, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["candidate"].queryset = candidates
        self.fields["contract"].queryset = contracts = contracts_to_name(candidates, by=by).order_by("number", "pk")
        if not contracts:
            del self.fields["contract"]
        if len(candidates) == 1:
            self.fields["candidate"].empty_label = None

    def sent(self, by) -> bool:
        """Whether the objection was made; what was refused stands at the form."""
        values = self.cleaned_data
        try:
            object_to(values["candidate"], text=values["text"], contract=values.get("contract"), by=by)
        except ValidationError as error:
            self.add_error(None, error)
            return False
        return True


@require_safe
def honour_list(request):
    return render(request, "portal/honour_list.html", {"honours": Honour.objects.public()})


@require_safe
def honour_detail(request, public_id):
    return _detail(request, get_object_or_404(Honour.objects.public(), public_id=public_id))


@login_required
@require_POST
def honour_object(request, public_id):
    honour = get_object_or_404(Honour.objects.public(), public_id=public_id)
    form = ObjectionForm(request.POST, candidates=_named(honour), by=request.user)
    if form.is_valid() and form.sent(request.user):
        messages.success(request, _("异议已提交，处理后会在公布名单时体现。"))
        return redirect("honour_detail", public_id)
    return _detail(request, honour, form=form, status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def honour_mine(request, public_id):
    """How one's own points came about, contract by contract, and the form to say what is wrong with them."""
    honour = get_object_or_404(Honour.objects.public(), public_id=public_id)
    mine = _named(honour).of(request.user)
    if not mine:
        raise Http404
    form, status = ObjectionForm(request.POST or None, candidates=mine, by=request.user), 200
    if request.method == "POST":
        if form.is_valid() and form.sent(request.user):
            messages.success(request, _("已提交。核实后改正登记、确认或到账，公布前会重新计算。"))
            return redirect("honour_mine", public_id)
        status = 422
    context = {"honour": honour, "traces": traces(mine, by=request.user), "form": form, "is_open": _is_open(honour)}
    return render(request, "portal/honour_mine.html", context, status=status)


def _named(honour: Honour):
    return honour.candidates.select_related("broker", "agency__organisation")


def _is_open(honour: Honour) -> bool:
    return honour.status == Honour.Status.PUBLICISED and timezone.localdate() <= honour.objections_until


def _detail(request, honour: Honour, form=None, status=200):
    is_open, user = _is_open(honour), request.user
    if form is None and is_open and user.is_authenticated:
        form = ObjectionForm(candidates=_named(honour), by=user)
    context = {
        "honour": honour,
        "rows": _named(honour).filter(points__gt=0),
        "is_open": is_open,
        "form": form,
        "is_candidate": user.is_authenticated and honour.candidates.of(user).exists(),
    }
    return render(request, "portal/honour_detail.html", context, status=status)

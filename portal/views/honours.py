"""表彰 for everybody: the rule, the list with its points, and the form for an objection."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from docking.models import Contract
from mechanism.models import Candidate, Honour
from mechanism.services import object_to


class ObjectionForm(forms.Form):
    candidate = forms.ModelChoiceField(
        Candidate.objects.none(), label=_("针对哪位候选"), to_field_name="public_id", empty_label=_("请选择")
    )
    contract_number = forms.CharField(
        label=_("合同登记编号（选填）"), max_length=20, required=False, help_text=_("只针对一份合同时填写")
    )
    text = forms.CharField(
        label=_("事实和理由"), max_length=1000, min_length=10, widget=forms.Textarea({"rows": 4}),
        help_text=_("不少于 10 个字；只有市科技局能看到"),
    )  # fmt: skip

    def __init__(self, *args, honour: Honour, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["candidate"].queryset = honour.candidates.select_related("broker", "agency__organisation")

    def clean_contract_number(self):
        number = self.cleaned_data["contract_number"].strip()
        if not number:
            return None
        if contract := Contract.objects.filter(number=number).first():
            return contract
        raise ValidationError(_("没有登记编号为“%(number)s”的合同，请核对。") % {"number": number})


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
    form = ObjectionForm(request.POST, honour=honour)
    if form.is_valid():
        values = form.cleaned_data
        try:
            object_to(values["candidate"], text=values["text"], contract=values["contract_number"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("异议已提交，处理后会在公布名单时体现。"))
            return redirect("honour_detail", public_id)
    return _detail(request, honour, form=form, status=422)


def _detail(request, honour: Honour, form=None, status=200):
    is_open = honour.status == Honour.Status.PUBLICISED and timezone.localdate() <= honour.objections_until
    context = {
        "honour": honour,
        "rows": honour.candidates.filter(points__gt=0).select_related("broker", "agency__organisation"),
        "is_open": is_open,
        "form": (form or ObjectionForm(honour=honour)) if is_open and request.user.is_authenticated else None,
    }
    return render(request, "portal/honour_detail.html", context, status=status)

"""What is filled in on a contract's page: the registration form, and the steps of its registration."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DayInput, ServiceForm
from deals.forms.deal import wan, words
from deals.models import Contract, Deal
from deals.permissions import speaks_for, takes_part
from deals.registration.form import ANSWERS
from deals.services.contracts import (
    OPEN,
    cancel_contract,
    confirm_contract,
    edit_contract,
    register_contract,
    rule_on,
    submit_contract,
)
from deals.services.unlinked_contracts import accept_outside, candidates_of, link_contract, mark_double, name_party
from taxonomy.models import Industry


class ContractForm(ServiceForm):
    """The form's columns: those the contract keeps as fields, and the answers that stand in `form`."""

    name = forms.CharField(label=_("合同名称"), max_length=150)
    kind = forms.ChoiceField(label=_("合同类别"), required=False)
    seller_name = forms.CharField(label=_("卖方名称"), max_length=100)
    buyer_name = forms.CharField(label=_("买方名称"), max_length=100)
    amount_wan = wan(_("合同成交额（万元）"), required=False)
    tech_amount_wan = wan(
        _("核定技术交易额（万元）"), required=False, help_text=_("成交额减去设备、仪器、零部件和原材料的费用")
    )
    signed_on = forms.DateField(label=_("签订日期"), widget=DayInput(), required=False)
    industry = forms.ModelChoiceField(Industry.objects.active(), label=_("产业链"), required=False)
    FIELDS = ("name", "kind", "seller_name", "buyer_name", "amount_wan", "tech_amount_wan", "signed_on", "industry")

    def __init__(self, *args, contract: Contract, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.contract, self.by = contract, by
        rule = contract.rule or rule_on(contract.signed_on)
        kinds = [pair for pair in Contract.Kind.choices if rule is None or pair[0] in rule.kinds]
        self.fields["kind"].choices = [("", _("请选择")), *kinds]
        self.initial |= {name: getattr(contract, name) for name in self.FIELDS}
        for answer in ANSWERS:
            if answer.choices:
                choices = [("", _("请选择")), *answer.choices.items()]
                field = forms.ChoiceField(label=answer.label, choices=choices, required=False)
            else:
                field = forms.CharField(
                    label=answer.label, max_length=answer.longest, help_text=answer.help, required=False
                )
            if answer.is_asked(contract.kind):
                self.fields[answer.key] = field
                self.initial[answer.key] = contract.form.get(answer.key, "")

    def _save(self, values):
        form = {key: value for key, value in values.items() if key not in self.FIELDS}
        fields = {name: values[name] for name in self.FIELDS}
        edit_contract(self.contract, by=self.by, form=form, **fields)


class ContractStep(ServiceForm):
    action = title = button = style = ""

    def __init__(self, *args, contract: Contract, by, **kwargs):
        super().__init__(*args, prefix=self.action, **kwargs)
        self.contract, self.by = contract, by


class SubmitForm(ContractStep):
    action, title, button, style = "submit", _("提交登记"), _("已提交登记部门"), "btn-p"

    def _save(self, values):
        submit_contract(self.contract, by=self.by)


class RegisterForm(ContractStep):
    action, title, button, style = "register", _("认定登记"), _("记为已登记"), "btn-p"
    number = forms.CharField(label=_("登记编号"), max_length=20, help_text=_("一般为 14 位或 16 位数字"))
    registered_on = forms.DateField(label=_("登记日期"), widget=DayInput())
    amount_wan = wan(_("合同成交额（万元）"))
    tech_amount_wan = wan(_("核定技术交易额（万元）"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial |= {name: getattr(self.contract, name) for name in ("amount_wan", "tech_amount_wan")}

    def _save(self, values):
        register_contract(self.contract, by=self.by, **values)


class CancelForm(ContractStep):
    action, title, button, style = "cancel", _("注销登记"), _("注销登记"), "btn-no"
    on = forms.DateField(label=_("注销日期"), widget=DayInput())
    reason = words(_("原因"), 200)

    def _save(self, values):
        cancel_contract(self.contract, by=self.by, **values)


class ConfirmForm(ContractStep):
    """`side` is whose officer asks for the page."""

    action, title, button, style = "confirm", _("确认合同"), _("确认无误"), "btn-p"
    with_broker = forms.BooleanField(label=_("技术经纪人参与促成了这份合同"), required=False)

    def __init__(self, *args, side: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.side = side
        if self.contract.broker_id is None:
            del self.fields["with_broker"]
        else:
            self.fields["with_broker"].label = _("技术经纪人%(who)s参与促成了这份合同") % {"who": self.contract.broker}

    def _save(self, values):
        confirm_contract(self.contract, side=self.side, by=self.by, with_broker=values.get("with_broker", False))


class LinkForm(ContractStep):
    action, title, button, style = "link", _("对应平台成交"), _("对应这项成交"), "btn-p"
    deal = forms.ModelChoiceField(Deal.objects.none(), label=_("成交项目"), empty_label=_("请选择"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        wanted = [deal.pk for deal in candidates_of(self.contract).deals]
        self.fields["deal"].queryset = Deal.objects.filter(pk__in=wanted)

    def _save(self, values):
        link_contract(self.contract, values["deal"], by=self.by)


class OutsideForm(ContractStep):
    action, title, button = "outside", _("与平台成交无关"), _("核对无误，保留")

    def _save(self, values):
        accept_outside(self.contract, by=self.by)


class DoubleForm(ContractStep):
    action, title, button, style = "double", _("重复登记"), _("标为重复"), "btn-no"
    of = forms.ModelChoiceField(Contract.objects.none(), label=_("与哪份重复"), empty_label=_("请选择"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        wanted = [one.pk for one in candidates_of(self.contract).doubles]
        self.fields["of"].queryset = Contract.objects.filter(pk__in=wanted)
        self.fields["of"].label_from_instance = lambda one: f"{one.number} {one.name}"

    def _save(self, values):
        mark_double(self.contract, values["of"], by=self.by)


class PartyForm(ContractStep):
    action, title, button, style = "party", _("单位就是"), _("就是这家"), "btn-p"
    chosen = forms.ChoiceField(label=_("平台上的单位"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        found = candidates_of(self.contract)
        self._found = {
            f"{side}-{one.pk}": (side, one)
            for side, rows in (("seller", found.sellers), ("buyer", found.buyers))
            for one in rows
        }
        labels = {"seller": _("卖方"), "buyer": _("买方")}
        self.fields["chosen"].choices = [
            (key, f"{labels[side]}：{one.name}") for key, (side, one) in self._found.items()
        ]

    def _save(self, values):
        side, organisation = self._found[values["chosen"]]
        name_party(self.contract, side=side, organisation=organisation, by=self.by)


STEPS = {form.action: form for form in (SubmitForm, RegisterForm, CancelForm, ConfirmForm)}
CHECKS = {form.action: form for form in (LinkForm, PartyForm, DoubleForm, OutsideForm)}
OF_DOUBT = {
    Contract.Doubt.DEAL: (LinkForm, OutsideForm),
    Contract.Doubt.DOUBLE: (DoubleForm, OutsideForm),
    Contract.Doubt.PARTY: (PartyForm, OutsideForm),
}


def may_fill(contract: Contract, by) -> bool:
    """Whether the registration form is this person's to fill in now."""
    if contract.status not in OPEN:
        return False
    return takes_part(contract.deal, by) if contract.deal else by.scope.is_city


def steps_for(contract: Contract, by) -> list[ContractStep]:
    """The steps that this person may take with the contract as it stands, unfilled."""
    status, made = contract.status, {"contract": contract, "by": by}
    found: list[ContractStep] = []
    side = own_side(contract, by)
    may_confirm = status in (Contract.Status.SUBMITTED, Contract.Status.REGISTERED)
    if side and may_confirm and getattr(contract, f"{side}_confirmed_at") is None:
        found.append(ConfirmForm(side=side, **made))
    if status == Contract.Status.PREPARING and may_fill(contract, by):
        found.append(SubmitForm(**made))
    if by.scope.is_city:
        found += [RegisterForm(**made)] if status in OPEN else []
        found += [CancelForm(**made)] if status == Contract.Status.REGISTERED else []
    return found


def own_side(contract: Contract, by) -> str:
    """`seller` or `buyer` where this person speaks for one that has still to confirm, else any of theirs; or empty."""
    own = [side for side in ("seller", "buyer") if speaks_for(by, getattr(contract, side))]
    waiting = [side for side in own if getattr(contract, f"{side}_confirmed_at") is None]
    return next(iter(waiting or own), "")

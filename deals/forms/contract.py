"""The registration form of a contract, and the steps of its registration."""

from django import forms

from accounts.models import User
from core.forms import DayInput, ServiceForm, fixed_choice, model_choice
from deals.forms.base import ContractStepForm, amount_field, text_area
from deals.models import Confirmation, Contract, Instalment
from deals.permissions import may_contribute_to_deal, represents
from deals.registration.form_fields import FORM_FIELDS, FormField
from deals.registration.numbers import SCHEME
from deals.services.contract_owners import REASON_EXAMPLE, may_take_over, take_over_contract
from deals.services.contracts import (
    OPEN_STATUSES,
    cancel_contract,
    confirm_contract,
    correct_number,
    edit_contract,
    register_contract,
    rule_in_force,
    submit_contract,
)
from deals.services.instalments import may_plan, plan_instalment, withdraw_instalment
from taxonomy.models import Industry

Status = Contract.Status


class ContractForm(ServiceForm):
    """The registration form: fields of the contract (CONTRACT_FIELDS), and those stored in `Contract.form`."""

    name = forms.CharField(label="合同名称", max_length=150)
    kind = forms.ChoiceField(label="合同类别", required=False)
    seller_name = forms.CharField(label="卖方名称", max_length=100)
    buyer_name = forms.CharField(label="买方名称", max_length=100)
    amount_wan = amount_field("合同成交额（万元）", required=False)
    tech_amount_wan = amount_field(
        "核定技术交易额（万元）", required=False, help_text="成交额减去设备、仪器、零部件和原材料的费用"
    )
    signed_on = forms.DateField(label="签订日期", widget=DayInput(), required=False)
    industry = forms.ModelChoiceField(Industry.objects.active(), label="产业链", required=False)
    CONTRACT_FIELDS = (
        *("name", "kind", "seller_name", "buyer_name"),
        *("amount_wan", "tech_amount_wan", "signed_on", "industry"),
    )

    def __init__(self, *args, contract: Contract, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.contract, self.by = contract, by
        rule = contract.rule or rule_in_force(contract.signed_on)
        kinds = [choice for choice in Contract.Kind.choices if rule is None or choice[0] in rule.kinds]
        fixed_choice(self, "kind").choices = [("", "请选择"), *kinds]
        self.initial |= {name: getattr(contract, name) for name in self.CONTRACT_FIELDS}
        for field in FORM_FIELDS:
            if field.applies_to(contract.kind):
                self.fields[field.key] = _form_field(field)
                self.initial[field.key] = contract.form.get(field.key, "")

    def _save(self, values: dict) -> None:
        form = {key: value for key, value in values.items() if key not in self.CONTRACT_FIELDS}
        fields = {name: values[name] for name in self.CONTRACT_FIELDS}
        edit_contract(self.contract, by=self.by, form=form, **fields)


def _form_field(field: FormField) -> forms.Field:
    if field.choices:
        choices = [("", "请选择"), *field.choices.items()]
        return forms.ChoiceField(label=field.label, choices=choices, required=False)
    return forms.CharField(label=field.label, max_length=field.max_length, help_text=field.help, required=False)


class SubmitForm(ContractStepForm):
    action, title, button, style = "submit", "提交登记", "已提交登记部门", "btn-p"

    def _save(self, values: dict) -> None:
        submit_contract(self.contract, by=self.by)


class RegisterForm(ContractStepForm):
    action, title, button, style = "register", "认定登记", "记为已登记", "btn-p"
    number = forms.CharField(label="登记编号", max_length=30, help_text=SCHEME)
    registered_on = forms.DateField(label="登记日期", widget=DayInput())
    amount_wan = amount_field("合同成交额（万元）")
    tech_amount_wan = amount_field("核定技术交易额（万元）", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial |= {name: getattr(self.contract, name) for name in ("amount_wan", "tech_amount_wan")}

    def _save(self, values: dict) -> None:
        register_contract(self.contract, by=self.by, **values)


class PlanForm(ContractStepForm):
    action, title, button = "plan", "增加一期付款计划", "增加一期"
    due_on = forms.DateField(label="应付日期", widget=DayInput())
    amount_wan = amount_field("应付金额（万元）")
    condition = forms.CharField(
        label="付款条件", max_length=200, required=False, help_text="如合同签订后 10 日内、验收合格后"
    )

    def _save(self, values: dict) -> None:
        plan_instalment(self.contract, by=self.by, **values)


class WithdrawForm(ContractStepForm):
    action, title, button = "withdraw", "撤销一期付款计划", "撤销这一期"
    instalment = forms.ModelChoiceField(
        Instalment.objects.none(), label="哪一期", empty_label="请选择", to_field_name="public_id"
    )
    reason = forms.CharField(label="原因", max_length=200, help_text="如双方书面同意改期")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = model_choice(self, "instalment")
        field.queryset = self.contract.instalments.filter(withdrawn_at=None)
        field.label_from_instance = lambda row: f"{row.due_on:%Y-%m-%d}，{row.amount_wan:,.2f} 万元"

    def _save(self, values: dict) -> None:
        withdraw_instalment(values["instalment"], reason=values["reason"], by=self.by)


class CancelForm(ContractStepForm):
    action, title, button, style = "cancel", "注销登记", "注销登记", "btn-no"
    on = forms.DateField(label="注销日期", widget=DayInput())
    reason = text_area("原因", 200)

    def _save(self, values: dict) -> None:
        cancel_contract(self.contract, by=self.by, **values)


class ConfirmForm(ContractStepForm):
    """`side`: the side that the user represents."""

    action, title, button, style = "confirm", "确认合同", "确认无误", "btn-p"
    with_broker = forms.BooleanField(label="技术经纪人参与促成了这份合同", required=False)

    def __init__(self, *args, side: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.side = side
        if self.contract.broker_id is None:
            del self.fields["with_broker"]
        else:
            self.fields["with_broker"].label = "技术经纪人%(who)s参与促成了这份合同" % {"who": self.contract.broker}

    def _save(self, values: dict) -> None:
        confirm_contract(self.contract, side=self.side, by=self.by, with_broker=values.get("with_broker", False))


class NumberForm(ContractStepForm):
    action, title, button = "number", "更正登记编号", "更正编号"
    number = forms.CharField(label="正确的登记编号", max_length=30, help_text=SCHEME)
    reason = forms.CharField(label="更正原因", max_length=200, help_text="如手工录入有误、正式编号已下来")

    def _save(self, values: dict) -> None:
        correct_number(self.contract, by=self.by, **values)


class TakeOverForm(ContractStepForm):
    action, title, button = "take", "接手这份合同", "由我经办"
    reason = forms.CharField(label="接手原因", max_length=200, help_text=f"如{REASON_EXAMPLE}")

    def _save(self, values: dict) -> None:
        take_over_contract(self.contract, by=self.by, **values)


STEP_FORMS = {
    form.action: form
    for form in (SubmitForm, RegisterForm, CancelForm, ConfirmForm, NumberForm, PlanForm, WithdrawForm, TakeOverForm)
}
PLAN_ACTIONS = ("plan", "withdraw")
FOLDED_ACTIONS = ("cancel", "number", "take")


def may_fill_form(contract: Contract, user: User) -> bool:
    """Whether the user may fill in the registration form in the present status."""
    if contract.status not in OPEN_STATUSES:
        return False
    return may_contribute_to_deal(contract.deal, user) if contract.deal else user.scope.is_city


def available_steps(contract: Contract, user: User) -> list[ContractStepForm]:
    """Unbound forms of the steps that the user may take in the present status."""
    status, arguments = contract.status, {"contract": contract, "by": user}
    steps: list[ContractStepForm] = []
    side = represented_side(contract, user)
    is_confirmable = status in (Status.SUBMITTED, Status.REGISTERED)
    if side and is_confirmable and side in sides_to_confirm(contract):
        steps.append(ConfirmForm(side=side, **arguments))
    if status == Status.PREPARING and may_fill_form(contract, user):
        steps.append(SubmitForm(**arguments))
    if user.scope.is_city:
        steps += [RegisterForm(**arguments)] if status in OPEN_STATUSES else []
        steps += [NumberForm(**arguments), CancelForm(**arguments)] if status == Status.REGISTERED else []
    if may_take_over(contract, user):
        steps.append(TakeOverForm(**arguments))
    if may_plan(contract, user):
        steps.append(PlanForm(**arguments))
        if contract.instalments.filter(withdrawn_at=None).exists():
            steps.append(WithdrawForm(**arguments))
    return steps


def represented_side(contract: Contract, user: User) -> str:
    """The side (`seller`, `buyer`) that the user represents, first one that has not confirmed; empty for none."""
    sides = [side for side in ("seller", "buyer") if represents(user, getattr(contract, side))]
    waiting = sides_to_confirm(contract)
    return next(iter([side for side in sides if side in waiting] or sides), "")


def sides_to_confirm(contract: Contract) -> set[str]:
    """The sides that are asked and have not confirmed the present facts."""
    rows = Confirmation.objects.of(contract).current().exclude(status=Confirmation.Status.CONFIRMED)
    return set(rows.filter(role__in=["seller", "buyer"]).values_list("role", flat=True))

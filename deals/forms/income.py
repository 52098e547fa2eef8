"""Forms of income cases and of the shares of persons."""

from django import forms

from accounts.models import Organisation, User
from core.forms import DayInput, PlainField, ServiceForm, model_choice
from deals.forms.base import amount_field
from deals.models import Contract, Deal, IncomeCase, IncomeShare
from deals.services.income import FIELDS, edit_case, open_case, save_share, store_evidence


class IncomeCaseForm(ServiceForm):
    institution = forms.ModelChoiceField(Organisation.objects.none(), label="单位", empty_label=None)
    title = PlainField(label="事项名称", max_length=150, help_text="如某成果许可的第一笔收入")
    way = forms.ChoiceField(label="转化方式", choices=IncomeCase.Way)
    deal = forms.ModelChoiceField(
        Deal.objects.none(), label="成交项目", required=False, to_field_name="public_id", empty_label="不关联"
    )
    contract = forms.ModelChoiceField(
        Contract.objects.none(), label="技术合同", required=False, to_field_name="public_id", empty_label="不关联"
    )
    income_on = forms.DateField(label="取得收入的日期", widget=DayInput(), help_text="年度报告按这个日期归入年份")
    gross_wan = amount_field("收入（万元）")
    costs_wan = amount_field("可以扣除的成本（万元）", help_text="税费、评估费、中介费等，按本单位的办法；没有填 0")
    costs_note = PlainField(label="成本说明", max_length=300, required=False)
    low_reward_reason = PlainField(
        label="奖励低于 50% 的依据", max_length=300, required=False, help_text="不低于 50% 的不用填"
    )

    def __init__(self, *args, by: User, case: IncomeCase | None = None, **kwargs):
        self.by, self.case = by, case
        if case is not None:
            kwargs["initial"] = {
                **{name: getattr(case, name) for name in FIELDS if name not in ("deal", "contract")},
                "deal": case.deal.public_id if case.deal else None,
                "contract": case.contract.public_id if case.contract else None,
            }
        super().__init__(*args, **kwargs)
        own = by.scope.institution_ids
        if case is not None:
            del self.fields["institution"]
            own = frozenset({case.institution_id})
        else:
            model_choice(self, "institution").queryset = Organisation.objects.filter(pk__in=own).order_by("name")
        deals = Deal.objects.visible_to(by).active().filter(seller__in=own).order_by("name", "pk")
        model_choice(self, "deal").queryset = deals
        contracts = Contract.objects.visible_to(by).filter(seller__in=own, status__in=Contract.LIVE)
        model_choice(self, "contract").queryset = contracts.order_by("name", "pk")

    def _save(self, values: dict) -> None:
        institution = values.pop("institution", None)
        if self.case is None:
            self.case = open_case(institution, values, by=self.by)
        else:
            edit_case(self.case, values, by=self.by)


class ShareForm(ServiceForm):
    name = PlainField(label="姓名", max_length=30)
    part = PlainField(label="贡献", max_length=100, required=False, help_text="如第一完成人、转化服务")
    amount_wan = amount_field("金额（万元）")
    user = forms.ModelChoiceField(
        User.objects.none(), label="平台账号", required=False, empty_label="没有账号，用链接确认"
    )

    def __init__(self, *args, case: IncomeCase, by: User, share: IncomeShare | None = None, **kwargs):
        self.case, self.by, self.share = case, by, share
        if share is not None:
            kwargs.setdefault("initial", {name: getattr(share, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
        members = User.objects.filter(memberships__organisation=case.institution_id, is_active=True)
        model_choice(self, "user").queryset = members.distinct().order_by("name", "pk")

    def _save(self, values: dict) -> None:
        save_share(self.case, share=self.share, by=self.by, **values)


class PlanForm(ServiceForm):
    file = forms.FileField(label="分配方案", help_text="盖章的方案或会议纪要，PDF、Word 或图片，不超过 20 MB")

    def __init__(self, *args, case: IncomeCase, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.by = case, by

    def _save(self, values: dict) -> None:
        upload = values["file"]
        store_evidence(self.case, content=upload.read(), name=upload.name, by=self.by)

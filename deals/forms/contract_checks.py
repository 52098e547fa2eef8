"""Forms of the worklist of imported contracts, one for each way to settle a doubt."""

from django import forms

from accounts.models import Region
from core.forms import fixed_choice, model_choice
from deals.forms.base import ContractStepForm
from deals.forms.contract import NumberForm
from deals.models import Contract, Deal
from deals.services.contract_checks import (
    candidates_of,
    confirm_outside,
    link_contract,
    mark_duplicate,
    set_party,
    set_place,
)

Doubt = Contract.Doubt


class LinkForm(ContractStepForm):
    action, title, button, style = "link", "对应平台成交", "对应这项成交", "btn-p"
    deal = forms.ModelChoiceField(Deal.objects.none(), label="成交项目", empty_label="请选择")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        candidates = [deal.pk for deal in candidates_of(self.contract).deals]
        model_choice(self, "deal").queryset = Deal.objects.filter(pk__in=candidates)

    def _save(self, values: dict) -> None:
        link_contract(self.contract, values["deal"], by=self.by)


class OutsideForm(ContractStepForm):
    action, title, button = "outside", "与平台成交无关", "核对无误，保留"

    def _save(self, values: dict) -> None:
        confirm_outside(self.contract, by=self.by)


class DuplicateForm(ContractStepForm):
    action, title, button, style = "double", "重复登记", "标为重复", "btn-no"
    of = forms.ModelChoiceField(Contract.objects.none(), label="与哪份重复", empty_label="请选择")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        candidates = [contract.pk for contract in candidates_of(self.contract).duplicates]
        model_choice(self, "of").queryset = Contract.objects.filter(pk__in=candidates)
        model_choice(self, "of").label_from_instance = lambda contract: f"{contract.number} {contract.name}"

    def _save(self, values: dict) -> None:
        mark_duplicate(self.contract, values["of"], by=self.by)


class PartyForm(ContractStepForm):
    action, title, button, style = "party", "单位就是", "就是这家", "btn-p"
    chosen = forms.ChoiceField(label="平台上的单位")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        candidates = candidates_of(self.contract)
        self._candidates = {
            f"{side}-{organisation.pk}": (side, organisation)
            for side, organisations in (("seller", candidates.sellers), ("buyer", candidates.buyers))
            for organisation in organisations
        }
        labels = {"seller": "卖方", "buyer": "买方"}
        fixed_choice(self, "chosen").choices = [
            (key, f"{labels[side]}：{organisation.name}") for key, (side, organisation) in self._candidates.items()
        ]

    def _save(self, values: dict) -> None:
        side, organisation = self._candidates[values["chosen"]]
        set_party(self.contract, side=side, organisation=organisation, by=self.by)


class KeepForm(OutsideForm):
    """As `OutsideForm`, for a doubt about something else than the deal."""

    action, title = "keep", "核对无误"


class PlaceForm(ContractStepForm):
    action, title, button, style = "place", "所在地", "确认所在地", "btn-p"
    side = forms.ChoiceField(label="哪一方")
    region = forms.ChoiceField(label="在哪里")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        sides = (("seller", "卖方"), ("buyer", "买方"))
        fixed_choice(self, "side").choices = [
            (side, f"{label}：{getattr(self.contract, f'{side}_name')}")
            for side, label in sides
            if getattr(self.contract, f"is_{side}_local") is None
        ]
        self._regions = {region.code: region for region in Region.objects.reporting()}
        places = [(code, region.name) for code, region in self._regions.items()]
        fixed_choice(self, "region").choices = [("", "请选择"), ("outside", "外地"), *places]

    def _save(self, values: dict) -> None:
        set_place(self.contract, side=values["side"], region=self._regions.get(values["region"]), by=self.by)


CHECK_FORMS = {
    form.action: form for form in (LinkForm, PartyForm, DuplicateForm, OutsideForm, KeepForm, PlaceForm, NumberForm)
}
FORMS_BY_DOUBT: dict[str, tuple[type[ContractStepForm], ...]] = {
    Doubt.DEAL: (LinkForm, OutsideForm),
    Doubt.DUPLICATE: (DuplicateForm, OutsideForm),
    Doubt.PARTY: (PartyForm, OutsideForm),
    Doubt.PLACE: (PlaceForm, KeepForm),
    Doubt.CHANGED_PARTY: (KeepForm,),
    Doubt.NUMBER: (NumberForm,),
    Doubt.MONEY: (KeepForm,),
}
